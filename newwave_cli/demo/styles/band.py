"""Bands with guitars: metal, blues, surf, a campfire guitar."""

from functools import partial

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, effects, strings, winds
from newwave_cli.demo.instruments.dsp import Sound, filtered, highpass, lowpass, peak
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import (
    Chord,
    Tone,
    above,
    chord,
    ladder,
    melody,
    progression,
    voicings,
)

_POWER = strings.String(place=0.1, sustain_s=2.2, bright=6000, loss=0.3, release_s=0.03, knock=0.3)
_MUTED = strings.String(place=0.1, sustain_s=0.11, bright=4200, loss=0.5, release_s=0.02, knock=0.9)
_LEAD = strings.String(place=0.14, sustain_s=3.0, bright=5000, loss=0.2, release_s=0.05)


def metal(rng: Generator, seconds: float) -> Sound:
    """Distorted guitars, doubled left and right; palm mutes, double bass drum, a wailing lead."""
    stage = Stage(rng, seconds, rng.uniform(150, 176), tail_s=2)
    tonic = 4 - int(rng.integers(0, 4))
    roots = [above(one.root, 38) for one in progression("i5 i5 bVI5 bVII5 i5 i5 bII5 iv5", tonic)]
    amp = partial(effects.amplifier, gain=26)
    sides = [
        (
            stage.part(_POWER, 0.5, amp, pan=p, send=0.05, loose_s=0.007),
            stage.part(_MUTED, 0.75, amp, pan=p, send=0.05, loose_s=0.005),
        )
        for p in (-0.9, 0.9)
    ]
    bass = stage.part(strings.SLAP_BASS, 1.3, partial(effects.drive, amount=1.6), send=0.02)
    riff = ["x-xxx-xxC---x-xx", "xxxxx-x-C-C-xxxx", "C---xxx-C---xxx-"][int(rng.integers(3))]
    for number, beat in stage.starts():
        root = roots[number % 8]
        for i, step in enumerate(riff if number % 4 < 3 else "C-------C-C-C-C-"):
            for ring, mute in sides if step != "-" else ():
                if step == "C":
                    ring.chord(beat + i / 4, [root, root + 7, root + 12], 0.95, 0.9)
                else:
                    mute.chord(beat + i / 4, [root, root + 7], 0.24, 0.95)
        for i in range(8):
            bass.note(beat + i / 2, root - 12, 0.48, 0.8)
    _metal_drums(stage)
    _metal_lead(stage, rng, tonic)
    for ring, _ in sides:
        ring.chord(stage.end, [roots[0], roots[0] + 7, roots[0] + 12], 4, 1.0)
    return stage.mix(room_s=0.9, decibels=-12)


def _metal_lead(stage: Stage, rng: Generator, tonic: int) -> None:
    lead = stage.part(
        _LEAD,
        0.12,
        partial(effects.amplifier, gain=30),
        partial(effects.echo, delay_s=0.33, feedback=0.4),
        pan=0.1,
        send=0.2,
    )
    solo = melody(
        rng,
        ladder(tonic, "phrygian", 64, 86),
        [chord("i", tonic)] * stage.bars,
        4,
        ["0.5 0.5 1 0.5 0.5 1", "0.25 0.25 0.25 0.25 1 2", "1 0.5 0.5 2"],
        leap=0.4,
    )
    lead.tune([t for t in solo if t.beat >= stage.end / 2], 0.9)


def _metal_drums(stage: Stage) -> None:
    kick = stage.part(drums.METAL_KICK, 1.5, send=0.03, loose_s=0.002)
    snare = stage.part(drums.ROCK_SNARE, 1.2, send=0.2, loose_s=0.002)
    crash = stage.part(drums.CRASH, 0.5, pan=0.4, send=0.1)
    toms = stage.part(drums.skin, 0.6, spread=0.8, send=0.2)
    for number, beat in stage.starts():
        kick.pattern(beat, "xxxxxxxxxxxxxxxx" if number % 4 == 2 else "x-xxx-xxx-xxx-xx")
        snare.pattern(beat, "----X-------X---")
        crash.pattern(beat, "x---o---o---o---" if number % 2 == 0 else "o---o---o---o---")
        if number % 8 == 7:
            for i in range(8):
                toms.note(beat + 2 + i / 4, 55 - 2 * i, 0.3, 0.9)
    crash.note(stage.end, 60, 1, 1.2)
    kick.note(stage.end, 60, 1, 1)


def blues(rng: Generator, seconds: float) -> Sound:
    """Twelve bars in a slow shuffle: a guitar that bends and answers itself, organ, bass, drums."""
    stage = Stage(rng, seconds, rng.uniform(84, 98), swing=1, tail_s=2)
    tonic = int(rng.choice([4, 9, 7, 2]))
    chords = [progression("I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", tonic)[i % 12] for i in range(stage.bars)]
    rhythm = stage.part(
        strings.CLEAN_ELECTRIC, 0.5, lambda s: effects.drive(s, 2.2), pan=-0.5, send=0.12, loose_s=0.008
    )
    keys = stage.part(
        winds.drawbars,
        0.22,
        partial(effects.tremolo, rate_hz=6.3, depth=0.35, across=True),
        pan=0.5,
        send=0.2,
    )
    bass = stage.part(strings.FINGER_BASS, 1.0, send=0.04)
    for (_, beat), harmony, hand in zip(stage.starts(), chords, voicings(chords, 55, 4), strict=True):
        root = above(harmony.root, 40)
        for i, step in enumerate([7, 7, 9, 9, 10, 9, 9, 7]):
            rhythm.chord(beat + i / 2, [root, root + step], 0.42, 0.75 if i % 2 == 0 else 0.5)
        for i, step in enumerate([0, 4, 7, 9]):
            bass.note(beat + i, root - 12 + step, 0.9, 0.85)
        keys.chord(beat, hand, 3.8, 0.6)
    _blues_lead(stage, rng, tonic, chords)
    drums.kit(stage, "x-----x-x-------", "----x-------x---", "x-xx-xx-xx-x")
    rhythm.chord(stage.end, [above(tonic, 40) + step for step in (0, 7, 10, 16, 21)], 3, 0.8, strum=0.05)
    bass.note(stage.end, above(tonic, 28), 3, 0.9)
    return stage.mix(room_s=1.1, decibels=-17)


def _blues_lead(stage: Stage, rng: Generator, tonic: int, chords: list[Chord]) -> None:
    lead = stage.part(
        _bent,
        0.6,
        lambda s: effects.drive(filtered(s, peak(1100, 5)), 3.0),
        lambda s: filtered(s, highpass(120), lowpass(3800)),
        pan=0.15,
        send=0.25,
        loose_s=0.012,
    )
    phrases = melody(
        rng,
        ladder(tonic, "blues", 62, 82),
        chords,
        4,
        ["-0.5 0.5 0.5 0.5 2", "0.5 0.5 1 -0.5 0.5 1", "-1 0.5 0.5 1 1", "1 0.5 0.5 1.5 -0.5"],
    )
    lead.tune(phrases, 0.85)


def _bent(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A lead note that is reached from a half tone below."""
    low = _LEAD(pitch - 1, 0.09, velocity * 0.7, rng)
    high = _LEAD(pitch, seconds, velocity, rng)
    high[: len(low)] = high[: len(low)] * 0.6 + 0.5 * low[: len(high)]
    return high


def surf(rng: Generator, seconds: float) -> Sound:
    """A dripping wet guitar, fast picking down the low strings, drums from a garage by the beach."""
    stage = Stage(rng, seconds, rng.uniform(158, 172), tail_s=2.5)
    tonic = int(rng.choice([4, 9, 2]))
    chords = [progression("i i iv i bVI bVII i V7", tonic)[i % 8] for i in range(stage.bars)]
    spring = partial(effects.tremolo, rate_hz=7.5, depth=0.35)
    lead = stage.part(strings.CLEAN_ELECTRIC, 0.9, spring, pan=-0.15, send=0.75, loose_s=0.006)
    rhythm = stage.part(strings.STEEL, 0.32, pan=0.55, send=0.4)
    bass = stage.part(strings.FINGER_BASS, 0.9, send=0.05)
    scale = ladder(tonic, "harmonic", 52, 74)
    for tone in melody(rng, scale, chords, 4, ["1 1 1 1", "1.5 0.5 1 1", "2 1 1", "0.5 0.5 1 2"], leap=0.3):
        for i in range(max(1, round(tone.beats * 4))):  # every note is picked in sixteenths
            lead.note(
                tone.beat + i / 4,
                tone.pitch,
                0.24 if i + 1 < tone.beats * 4 else 0.8,
                0.85 if i % 2 == 0 else 0.65,
            )
    for (_, beat), harmony, hand in zip(stage.starts(), chords, voicings(chords, 57, 4), strict=True):
        for at in (0.5, 1.5, 2.5, 3.5):
            rhythm.chord(beat + at, hand, 0.3, 0.7, strum=0.02)
        for i in range(8):
            bass.note(beat + i / 2, above(harmony.root, 28) + (0, 0, 7, 7)[i // 2], 0.45, 0.8)
    drums.kit(stage, "x---x-x-x---x-x-", "--x-x-----x-x---", "x-x-x-x-x-x-x-x-")
    lead.chord(stage.end, [above(tonic, 40) + step for step in (0, 7, 12, 15, 19)], 4, 0.8, strum=0.05)
    return stage.mix(room_s=2.0, dark=4200, decibels=-17)


def campfire(rng: Generator, seconds: float) -> Sound:
    """One steel-string guitar, picked, as beside a fire."""
    stage = Stage(rng, seconds, rng.uniform(92, 108), tail_s=3)
    tonic = int(rng.choice([0, 2, 4, 7, 9]))
    chords = [
        progression(["I V vi IV", "I IV I V", "vi IV I V"][int(rng.integers(3))], tonic)[i % 4]
        for i in range(stage.bars)
    ]
    guitar = stage.part(
        strings.STEEL,
        0.9,
        lambda s: filtered(s, peak(105, 4, 2), peak(220, 3, 2)),
        spread=0.3,
        send=0.25,
        loose_s=0.01,
    )
    for (number, beat), harmony, hand in zip(stage.starts(), chords, voicings(chords, 55, 4), strict=True):
        root = above(harmony.root, 40)
        for i, pitch in enumerate([root, hand[1], hand[2], hand[0], root + 7, hand[2], hand[3], hand[1]]):
            guitar.note(beat + i / 2, pitch, 1.6, 0.75 if i % 4 == 0 else 0.55)
        if number % 2:
            guitar.chord(beat + 3.5, hand, 0.5, 0.5, strum=0.03)
    tune: list[Tone] = melody(
        rng, ladder(tonic, "major", 67, 81), chords, 4, ["2 2", "1 1 2", "-1 1 2", "3 1"]
    )
    guitar.tune(tune, 0.7)
    guitar.chord(stage.end, [above(tonic, 40) + step for step in (0, 7, 12, 16, 19, 24)], 4, 0.7, strum=0.07)
    return stage.mix(room_s=1.2, decibels=-19)


STYLES = (metal, blues, surf, campfire)
