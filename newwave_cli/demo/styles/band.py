"""Bands with guitars: metal, blues, surf, a campfire guitar."""

from functools import partial

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, effects, strings, winds
from newwave_cli.demo.instruments.dsp import Sound, filtered, highpass, lowpass, peak
from newwave_cli.demo.instruments.mixer import Part, Stage
from newwave_cli.demo.instruments.theory import (
    Chord,
    above,
    any_key,
    chord,
    ladder,
    mixed,
    one_of,
    progression,
    stacked,
)

_POWER = strings.String(place=0.1, sustain_s=2.2, bright=6000, loss=0.3, release_s=0.03, knock=0.3)
_MUTED = strings.String(place=0.1, sustain_s=0.11, bright=4200, loss=0.5, release_s=0.02, knock=0.9)
_LEAD = strings.String(place=0.14, sustain_s=3.0, bright=5000, loss=0.2, release_s=0.05)


def metal(rng: Generator, seconds: float) -> Sound:
    """Distorted guitars, doubled left and right; palm mutes, double bass drum, a wailing lead."""
    stage = Stage(rng, seconds, rng.uniform(150, 176), tail_s=2)
    # E, the lowest string of a guitar, or tuned down as far as C sharp.
    tonic = 4 - int(rng.integers(0, 4))
    chords = progression("i5 i5 bVI5 bVII5 i5 i5 bII5 iv5", tonic)
    roots = [above(one.root, 38) for one in chords]
    amp = partial(effects.amplifier, gain=26)
    # Played twice, not panned once: what differs between two takes is what makes the wall of sound wide.
    sides = []
    for pan in (-0.9, 0.9):
        ringing = stage.part(_POWER, 0.5, amp, pan=pan, send=0.05, loose_s=0.007)
        muted = stage.part(_MUTED, 0.75, amp, pan=pan, send=0.05, loose_s=0.005)
        sides.append((ringing, muted))
    overdrive = partial(effects.drive, amount=1.6)
    bass = stage.part(strings.SLAP_BASS, 1.3, overdrive, send=0.02)
    riff = one_of(rng, ["x-xxx-xxC---x-xx", "xxxxx-x-C-C-xxxx", "C---xxx-C---xxx-"])
    for number, beat in stage.starts():
        root = roots[number % 8]
        is_last_of_four = number % 4 == 3
        steps = "C-------C-C-C-C-" if is_last_of_four else riff
        for ring, mute in sides:
            _riff(ring, mute, beat, root, steps)
        octave_below = root - 12
        bass.run(beat, [octave_below] * 8, 0.5, 0.48, 0.8)
    _metal_drums(stage)
    _metal_lead(stage, tonic)
    last = stacked(roots[0], (0, 7, 12))
    for ring, _ in sides:
        ring.chord(stage.end, last, 4, 1.0)
    return stage.mix(room_s=0.9, decibels=-12)


def _riff(ring: Part, mute: Part, beat: float, root: int, steps: str) -> None:
    """A bar of sixteenths: C lets the chord ring, x is stopped with the palm."""
    # Fifths and octaves only: a third through that much distortion is mud.
    ringing_chord = [root, root + 7, root + 12]
    muted_chord = [root, root + 7]
    for i, step in enumerate(steps):
        at = beat + i / 4
        if step == "C":
            ring.chord(at, ringing_chord, 0.95, 0.9)
        elif step == "x":
            mute.chord(at, muted_chord, 0.24, 0.95)


def _metal_lead(stage: Stage, tonic: int) -> None:
    amp = partial(effects.amplifier, gain=30)
    repeats = partial(effects.echo, delay_s=0.33, feedback=0.4)
    lead = stage.part(_LEAD, 0.12, amp, repeats, pan=0.1, send=0.2)
    scale = ladder(tonic, "phrygian", 64, 86)
    ground = [chord("i", tonic)] * stage.bars
    rhythms = ["0.5 0.5 1 0.5 0.5 1", "0.25 0.25 0.25 0.25 1 2", "1 0.5 0.5 2"]
    solo = stage.melody(scale, ground, rhythms, leap=0.4)
    middle = stage.end / 2
    second_half = [tone for tone in solo if tone.beat >= middle]
    lead.tune(second_half, 0.9)


def _metal_drums(stage: Stage) -> None:
    kick = stage.part(drums.METAL_KICK, 1.5, send=0.03, loose_s=0.002)
    snare = stage.part(drums.ROCK_SNARE, 1.2, send=0.2, loose_s=0.002)
    crash = stage.part(drums.CRASH, 0.5, pan=0.4, send=0.1)
    toms = stage.part(drums.skin, 0.6, spread=0.8, send=0.2)
    for number, beat in stage.starts():
        is_third_of_four = number % 4 == 2
        kick.pattern(beat, "xxxxxxxxxxxxxxxx" if is_third_of_four else "x-xxx-xxx-xxx-xx")
        snare.pattern(beat, "----X-------X---")
        is_even = number % 2 == 0
        crash.pattern(beat, "x---o---o---o---" if is_even else "o---o---o---o---")
        if number % 8 == 7:
            drums.tom_fill(toms, beat, 0.9)
    crash.note(stage.end, 60, 1, 1.2)
    kick.note(stage.end, 60, 1, 1)


_BOOGIE = (7, 7, 9, 9, 10, 9, 9, 7)
"""Fifth, sixth, seventh and back, above the root: what shuffles the blues along."""


def blues(rng: Generator, seconds: float) -> Sound:
    """Twelve bars in a slow shuffle: a guitar that bends and answers itself, organ, bass, drums."""
    stage = Stage(rng, seconds, rng.uniform(84, 98), swing=1, tail_s=2)
    tonic = any_key(rng, [4, 9, 7, 2])
    chords = stage.chords("I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", tonic)
    warm = partial(effects.drive, amount=2.2)
    rhythm = stage.part(strings.CLEAN_ELECTRIC, 0.5, warm, pan=-0.5, send=0.12, loose_s=0.008)
    rotor = partial(effects.tremolo, rate_hz=6.3, depth=0.35, across=True)  # of a Leslie loudspeaker, turning
    keys = stage.part(winds.drawbars, 0.22, rotor, pan=0.5, send=0.2)
    bass = stage.part(strings.FINGER_BASS, 1.0, send=0.04)
    for _, beat, harmony, hand in stage.harmonized(chords, 55, 4):
        root = above(harmony.root, 40)
        for i, step in enumerate(_BOOGIE):
            loud = 0.75 if i % 2 == 0 else 0.5
            at = beat + i / 2
            rhythm.chord(at, [root, root + step], 0.42, loud)
        walk = stacked(root - 12, (0, 4, 7, 9))
        bass.run(beat, walk, 1, 0.9, 0.85)
        keys.chord(beat, hand, 3.8, 0.6)
    _blues_lead(stage, tonic, chords)
    drums.kit(stage, "x-----x-x-------", "----x-------x---", "x-xx-xx-xx-x")
    lowest = above(tonic, 40)
    last = stacked(lowest, (0, 7, 10, 16, 21))
    rhythm.chord(stage.end, last, 3, 0.8, strum=0.05)
    bass.note(stage.end, above(tonic, 28), 3, 0.9)
    return stage.mix(room_s=1.1, decibels=-17)


def _blues_lead(stage: Stage, tonic: int, chords: list[Chord]) -> None:
    lead = stage.part(_bent, 0.6, _small_amplifier, pan=0.15, send=0.25, loose_s=0.012)
    scale = ladder(tonic, "blues", 62, 82)
    rhythms = ["-0.5 0.5 0.5 0.5 2", "0.5 0.5 1 -0.5 0.5 1", "-1 0.5 0.5 1 1", "1 0.5 0.5 1.5 -0.5"]
    phrases = stage.melody(scale, chords, rhythms)
    lead.tune(phrases, 0.85)


def _small_amplifier(sound: Sound) -> Sound:
    """Of a club: the middle driven, little bass and no treble from the loudspeaker."""
    middle = filtered(sound, peak(1100, 5))
    hot = effects.drive(middle, 3.0)
    return filtered(hot, highpass(120), lowpass(3800))


def _bent(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A lead note that is reached from a half tone below."""
    low = _LEAD(pitch - 1, 0.09, velocity * 0.7, rng)
    high = _LEAD(pitch, seconds, velocity, rng)
    bend = slice(min(len(low), len(high)))
    from_below = 0.5 * low[bend]
    high[bend] = high[bend] * 0.6 + from_below
    return high


def surf(rng: Generator, seconds: float) -> Sound:
    """A dripping wet guitar, fast picking down the low strings, drums from a garage by the beach."""
    stage = Stage(rng, seconds, rng.uniform(158, 172), tail_s=2.5)
    tonic = any_key(rng, [4, 9, 2])
    chords = stage.chords("i i iv i bVI bVII i V7", tonic)
    spring = partial(effects.tremolo, rate_hz=7.5, depth=0.35)
    lead = stage.part(strings.CLEAN_ELECTRIC, 0.9, spring, pan=-0.15, send=0.75, loose_s=0.006)
    rhythm = stage.part(strings.STEEL, 0.32, pan=0.55, send=0.4)
    bass = stage.part(strings.FINGER_BASS, 0.9, send=0.05)
    scale = ladder(tonic, "harmonic", 52, 74)
    rhythms = ["1 1 1 1", "1.5 0.5 1 1", "2 1 1", "0.5 0.5 1 2"]
    for tone in stage.melody(scale, chords, rhythms, leap=0.3):
        strokes = tone.beats * 4
        for i in range(max(1, round(strokes))):  # every note is picked in sixteenths
            is_last = i + 1 >= strokes
            length = 0.8 if is_last else 0.24
            loud = 0.85 if i % 2 == 0 else 0.65
            at = tone.beat + i / 4
            lead.note(at, tone.pitch, length, loud)
    for _, beat, harmony, hand in stage.harmonized(chords, 57, 4):
        for at in (0.5, 1.5, 2.5, 3.5):
            rhythm.chord(beat + at, hand, 0.3, 0.7, strum=0.02)
        root = above(harmony.root, 28)
        roots_and_fifths = [root] * 4 + [root + 7] * 4
        bass.run(beat, roots_and_fifths, 0.5, 0.45, 0.8)
    drums.kit(stage, "x---x-x-x---x-x-", "--x-x-----x-x---", "x-x-x-x-x-x-x-x-")
    lowest = above(tonic, 40)
    last = stacked(lowest, (0, 7, 12, 15, 19))
    lead.chord(stage.end, last, 4, 0.8, strum=0.05)
    return stage.mix(room_s=2.0, dark=4200, decibels=-17)


def campfire(rng: Generator, seconds: float) -> Sound:
    """One steel-string guitar, picked, as beside a fire."""
    stage = Stage(rng, seconds, rng.uniform(92, 108), tail_s=3)
    tonic = any_key(rng, [0, 2, 4, 7, 9])
    chords = mixed(rng, ["I V vi IV", "I IV I V", "vi IV I V"], tonic, stage.bars)
    # The air and the top of the body ring at about these two frequencies, whatever is played.
    body = effects.equalizer(peak(105, 4, 2), peak(220, 3, 2))
    guitar = stage.part(strings.STEEL, 0.9, body, spread=0.3, send=0.25, loose_s=0.01)
    for number, beat, harmony, hand in stage.harmonized(chords, 55, 4):
        root = above(harmony.root, 40)
        # Travis picking: the thumb alternates root and fifth, the fingers fill in between.
        lowest, low, high, highest = hand
        picked = [root, low, high, lowest, root + 7, high, highest, low]
        for i, pitch in enumerate(picked):
            by_thumb = i % 4 == 0
            at = beat + i / 2
            guitar.note(at, pitch, 1.6, 0.75 if by_thumb else 0.55)
        if number % 2:
            guitar.chord(beat + 3.5, hand, 0.5, 0.5, strum=0.03)
    scale = ladder(tonic, "major", 67, 81)
    tune = stage.melody(scale, chords, ["2 2", "1 1 2", "-1 1 2", "3 1"])
    guitar.tune(tune, 0.7)
    lowest = above(tonic, 40)
    last = stacked(lowest, (0, 7, 12, 16, 19, 24))
    guitar.chord(stage.end, last, 4, 0.7, strum=0.07)
    return stage.mix(room_s=1.2, decibels=-19)


STYLES = (metal, blues, surf, campfire)
