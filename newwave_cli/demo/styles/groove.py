"""Music for the hips: funk and reggae."""

from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from newwave_cli.demo.instruments import drums, effects, strings, winds
from newwave_cli.demo.instruments.dsp import Sound, highpass, lowpass, peak
from newwave_cli.demo.instruments.mixer import Insert, Part, Stage
from newwave_cli.demo.instruments.theory import above, any_key, ladder, mixed, one_of, stacked, voicing

Ints = NDArray[np.int64]


def funk(rng: Generator, seconds: float) -> Sound:
    """A slapped bass that leads, scratching guitar through a wah, tight drums, stabs of brass."""
    stage = Stage(rng, seconds, rng.uniform(100, 110), tail_s=1.5)
    tonic = any_key(rng, [4, 9, 2])
    slap = effects.equalizer(peak(90, 4), peak(1800, 5))
    bass = stage.part(strings.SLAP_BASS, 1.1, slap, send=0.03, loose_s=0.004)
    wah = effects.equalizer(peak(1500, 12, 2.5), highpass(350))
    scratch = stage.part(strings.STEEL, 0.32, wah, pan=0.5, send=0.08)
    pickup = effects.equalizer(peak(900, 9, 2), lowpass(3500))
    clav = stage.part(strings.HARPSICHORD, 0.28, pickup, pan=-0.45, send=0.08)
    brass = stage.part(winds.TRUMPET, 0.22, pan=-0.1, send=0.2)
    low = above(tonic, 28)
    stab = stacked(above(tonic, 62), (0, 4, 10))
    line = one_of(rng, ["X--xo-X-x-ox-x-o", "X-o-X--x-xo-X-xo", "X--X--oXx-o-xoX-"])
    steps = rng.choice([0, 0, 12, 10, 7, 5, 3], 16)
    for number, beat in stage.starts():
        shift = 5 if number % 8 in (4, 5) else 0  # two bars in eight on the fourth; funk stays where it is
        _slapped(bass, beat, low + shift, line, steps)
        scratched = above(tonic, 60) + shift
        scratch.pattern(beat, "..x..x..-.x.x..x", scratched)
        scratch.pattern(beat, "..x..x..-.x.x..x", scratched + 10)
        clav.pattern(beat, "x--.x-.-x-.--x.-", above(tonic, 52) + shift)
        if number % 4 == 3:
            shifted = stacked(shift, stab)
            for at in (2.5, 3.0, 3.5):
                brass.chord(beat + at, shifted, 0.3, 0.9)
    drums.kit(stage, "x-x----x--x---x-", "----X--.-.--X--.", "x.x.x.xox.x.x.xo")
    bass.note(stage.end, low, 1, 1)
    brass.chord(stage.end, stab, 0.8, 0.9)
    return stage.mix(room_s=0.7, decibels=-16)


def _slapped(bass: Part, beat: float, low: int, line: str, steps: Ints) -> None:
    """A bar: X and x struck, o popped an octave up."""
    for i, step in enumerate(line):
        if step == "-":
            continue
        pitch = low
        if i > 0:  # on the one stands the root, always
            pitch += int(steps[i]) % 12
        if step == "o":
            pitch += 12
        loud = 0.75 if step == "x" else 0.95
        bass.note(beat + i / 4, pitch, 0.2, loud)


_RIDDIM = ((0, 0, 0.7), (1, 7, 0.4), (1.5, 12, 0.4), (2.5, 7, 0.4), (3, 0, 0.8))
"""What the bass plays in each bar: at which beat, how far above the root, for how many beats."""


def reggae(rng: Generator, seconds: float) -> Sound:
    """Chords only off the beat, a heavy bass, one drop on the third beat, echoes on everything."""
    stage = Stage(rng, seconds, rng.uniform(70, 78), swing=0.5, tail_s=2.5)
    tonic = any_key(rng)
    chords = mixed(rng, ["i iv i v", "I IV I V", "vi IV I V"], tonic, stage.bars)
    wet = partial(effects.echo, delay_s=0.75 * stage.beat_s, feedback=0.45, wet=0.25)
    # Guitar and bass share no octave.
    thin = effects.equalizer(highpass(400))
    dull = effects.equalizer(lowpass(420))
    skank = stage.part(strings.CLEAN_ELECTRIC, 0.55, thin, pan=-0.4, send=0.15)
    keys = stage.part(winds.drawbars, 0.5, pan=0.4, send=0.15)
    bass = stage.part(strings.FINGER_BASS, 1.5, dull, send=0.02)
    tune = stage.part(winds.TROMBONE, 0.34, wet, pan=0.15, send=0.2)
    for number, beat, harmony, hand in stage.harmonized(chords, 60):
        octave = hand[0] + 12
        for after in (0.5, 1.5, 2.5, 3.5):
            at = beat + after
            skank.chord(at, [*hand, octave], 0.16, 0.8, strum=0.01)
            keys.chord(at, hand, 0.14, 0.7)
        root = above(harmony.root, 31)
        for at, step, beats in _RIDDIM[number % 2 :]:  # every second bar leaves out the one
            bass.note(beat + at, root + step, beats, 0.9)
    root, third, *_ = chords[0].tones
    mode = "minor" if (third - root) % 12 == 3 else "major"
    scale = ladder(tonic, mode, 57, 74)
    melody = stage.melody(scale, chords, ["-1 1 0.5 0.5 1", "1.5 0.5 2", "-0.5 0.5 1 2"])
    tune.tune(melody, 0.75, legato=0.8)
    _one_drop(stage, wet)
    skank.chord(stage.end, voicing(chords[0], 55), 2, 0.8, strum=0.05)
    bass.note(stage.end, above(tonic, 31), 2, 0.9)
    return stage.mix(room_s=1.2, decibels=-16)


def _one_drop(stage: Stage, wet: Insert) -> None:
    """Kick and rim together on the third beat only."""
    kick = stage.part(drums.SOFT_KICK, 1.0, send=0.05)
    rim = stage.part(drums.rim, 0.7, wet, send=0.2)
    hat = stage.part(drums.HAT, 0.5, pan=0.3)
    for _, beat in stage.starts():
        kick.pattern(beat, "--------X-------")
        rim.pattern(beat, "--------X--.----")
        hat.pattern(beat, "x-o-x-o-x-o-x-oo")


STYLES = (funk, reggae)
