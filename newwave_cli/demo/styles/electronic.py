"""Machines: techno, drum and bass, synthwave, chiptune, ambient."""

from functools import partial

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, effects, strings, synths, winds
from newwave_cli.demo.instruments.dsp import Sound, filtered, highpass, lowpass
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import Chord, above, ladder, melody, progression, voicings


def techno(rng: Generator, seconds: float) -> Sound:
    """Four to the floor: kick, offbeat hats, claps, a squelching line, stabs that pump."""
    stage = Stage(rng, seconds, rng.uniform(126, 136), tail_s=1)
    tonic = int(rng.integers(0, 12))
    beats = [stage.at(beat) for beat in range(int(stage.end))]
    pump = partial(effects.duck, beats_s=beats)
    kick = stage.part(drums.TECHNO_KICK, 1.0, send=0.02, loose_s=0)
    hats = (
        stage.part(drums.OPEN_HAT, 0.4, pan=0.1, loose_s=0),
        stage.part(drums.HAT, 0.35, pan=-0.25, loose_s=0),
    )
    clap = stage.part(drums.clap, 0.5, send=0.25, loose_s=0)
    acid = stage.part(synths.ACID, 0.42, partial(effects.drive, amount=2.2), pump, send=0.12, loose_s=0)
    stabs = stage.part(
        synths.PLUCK,
        0.5,
        partial(effects.echo, delay_s=0.75 * stage.beat_s, feedback=0.55, wet=0.5),
        pump,
        send=0.35,
        loose_s=0,
    )
    low = above(tonic, 33)
    line = low + rng.choice([0, 0, 0, 12, 3, 7, 10], 16)
    loud = rng.choice([0.35, 0.6, 1.0], 16)
    rests = rng.random(16) < 0.25
    hand = [above(tonic, 57) + step for step in (0, 3, 7, 10)]
    for number, beat in stage.starts():
        if number >= stage.bars // 8:
            clap.pattern(beat, "----x-------x---")
        for i in range(16):
            if not rests[i]:
                acid.note(
                    beat + i / 4, int(line[i]), 0.22, float(loud[i]) * min(1, 0.5 + number / stage.bars)
                )
        kick.pattern(beat, "X---X---X---X---")
        hats[0].pattern(beat, "--x---x---x---x-")
        hats[1].pattern(beat, "o.o.o.o.o.o.o.o.")
        for at in (0.75, 2.25) if number % 4 < 3 else (0.75, 1.5, 2.25, 3.0):
            stabs.chord(beat + at, hand if number % 4 < 2 else [pitch - 2 for pitch in hand], 0.3, 0.8)
    kick.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.6, decibels=-13, width=1.2)


def drum_and_bass(rng: Generator, seconds: float) -> Sound:
    """A broken beat at breakneck speed over a slow growling bass and cold pads."""
    stage = Stage(rng, seconds, rng.uniform(170, 178), tail_s=1.5)
    tonic = int(rng.integers(0, 12))
    chords = [progression("i i bVI bVI iv iv bVII bVII", tonic)[i % 8] for i in range(stage.bars)]
    kick, snare = (
        stage.part(drums.ROCK_KICK, 1.0, loose_s=0.001),
        stage.part(drums.TIGHT_SNARE, 0.95, send=0.1, loose_s=0.001),
    )
    hat, ride = stage.part(drums.HAT, 0.45, pan=0.2, loose_s=0.002), stage.part(drums.RIDE, 0.25, pan=-0.3)
    bass = stage.part(
        synths.REESE, 0.75, partial(effects.drive, amount=1.8), lambda s: filtered(s, lowpass(900))
    )
    sub = stage.part(synths.sub_bass, 0.6)
    pad = stage.part(synths.SAW_PAD, 0.22, send=0.5)
    breaks = ["X-----x---x-----", "X--.--x--.X--x--", "X---------x--X--"]
    for (number, beat), harmony, hand in zip(stage.starts(), chords, voicings(chords, 57, 4), strict=True):
        kick.pattern(beat, breaks[number % 2] if number % 8 != 7 else breaks[2])
        snare.pattern(beat, "----X--.-.--X--." if number % 4 != 3 else "----X-.x-x--X.xx")
        hat.pattern(beat, "x-x.x-x.x-x.x-xx")
        ride.pattern(beat, "x---x---x---x---")
        root = above(harmony.root, 29)
        for at, step, beats in (
            (0, 0, 1.4),
            (1.5, 0, 0.9),
            (2.75, 12 if number % 2 else 7, 0.5),
            (3.25, 0, 0.7),
        ):
            bass.note(beat + at, root + step, beats, 0.9)
            sub.note(beat + at, root, beats, 0.8)
        if number % 2 == 0:
            pad.chord(beat, hand, 8, 0.7)
    _far_bells(stage, rng, tonic, chords)
    kick.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.8, decibels=-13, width=1.15)


def _far_bells(stage: Stage, rng: Generator, tonic: int, chords: list[Chord]) -> None:
    bells = stage.part(
        strings.electric_piano,
        0.35,
        partial(effects.echo, delay_s=1.5 * stage.beat_s, feedback=0.5),
        send=0.4,
    )
    bells.tune(
        melody(rng, ladder(tonic, "minor", 69, 88), chords, 4, ["-1 1 -2", "1.5 1.5 1", "-2 0.5 1.5"]), 0.6
    )


def synthwave(rng: Generator, seconds: float) -> Sound:
    """Neon: an octave bass in eighths, wide pads, gated snare, a lead with late vibrato."""
    stage = Stage(rng, seconds, rng.uniform(98, 112), tail_s=2.5)
    tonic = int(rng.integers(0, 12))
    chords = [
        progression(["vi IV I V", "i bVI bIII bVII"][int(rng.integers(2))], tonic)[i % 4]
        for i in range(stage.bars)
    ]
    pump = partial(effects.duck, beats_s=[stage.at(beat) for beat in range(int(stage.end))], depth=0.45)
    bass = stage.part(synths.SAW_BASS, 0.8, loose_s=0.001)
    pad = stage.part(synths.SAW_PAD, 0.3, effects.chorus, pump, send=0.4)
    glitter = stage.part(
        synths.PLUCK,
        0.3,
        partial(effects.echo, delay_s=0.75 * stage.beat_s, feedback=0.5),
        pan=0.3,
        send=0.3,
        loose_s=0,
    )
    lead = stage.part(
        synths.SYNTH_LEAD,
        0.42,
        partial(effects.echo, delay_s=0.75 * stage.beat_s, feedback=0.4, wet=0.3),
        send=0.35,
    )
    for (_, beat), harmony, hand in zip(stage.starts(), chords, voicings(chords, 57, 4), strict=True):
        root = above(harmony.root, 33)
        for i in range(8):
            bass.note(beat + i / 2, root + (12 if i % 4 == 3 else 0), 0.4, 0.85)
        pad.chord(beat, hand, 4, 0.7)
        for i in range(16):
            glitter.note(beat + i / 4, hand[(0, 2, 1, 3)[i % 4]] + 12, 0.2, 0.6)
    scale = ladder(tonic, "minor" if chords[0].tones[0] == tonic else "major", 67, 84)
    lead.tune(melody(rng, scale, chords, 4, ["1.5 0.5 2", "0.5 0.5 1 2", "3 1", "1 1 0.5 1.5"]), 0.8)
    pad.chord(stage.end, voicings(chords[:1], 57, 4)[0], 3, 0.8)
    _neon_drums(stage)
    return stage.mix(room_s=2.0, decibels=-14, width=1.25)


def _neon_drums(stage: Stage) -> None:
    kick, snare, hat = (
        stage.part(drum, gain, send=send, loose_s=0)
        for drum, gain, send in (
            (drums.TECHNO_KICK, 0.8, 0.02),
            (drums.ROCK_SNARE, 0.75, 0.6),
            (drums.HAT, 0.4, 0.05),
        )
    )
    for number, beat in stage.starts():
        kick.pattern(beat, "X---X---X---X---")
        snare.pattern(beat, "----X-------X---" if number % 8 != 7 else "----X---X-X-XXXX")
        hat.pattern(beat, "x.o.x.o.x.o.x.o.")
    kick.note(stage.end, 60, 1, 1)


def chiptune(rng: Generator, seconds: float) -> Sound:
    """A game on an old console: two pulses, a stepped triangle and noise, at running speed."""
    stage = Stage(rng, seconds, rng.uniform(148, 168), tail_s=1)
    tonic = int(rng.integers(0, 12))
    chords = [
        progression(["I V vi IV", "vi IV I V", "I bVII IV I"][int(rng.integers(3))], tonic)[i % 4]
        for i in range(stage.bars)
    ]
    lead = stage.part(synths.pulse(0.25, wobble_cents=18, hold=0.7), 0.6, send=0, loose_s=0)
    arpeggio = stage.part(synths.pulse(0.125, fall_s=0.1, hold=0.3), 0.35, pan=0.15, send=0, loose_s=0)
    bass = stage.part(synths.stepped_triangle, 0.75, send=0, loose_s=0)
    noise = stage.part(synths.console_noise, 0.5, send=0, loose_s=0)
    for (_, beat), harmony in zip(stage.starts(), chords, strict=True):
        tones = sorted(above(tone, 64) for tone in harmony.tones)
        for i in range(32):
            arpeggio.note(beat + i / 8, tones[i % 3] + 12 * (i % 12 > 8), 0.125, 0.7)
        for i in range(8):
            bass.note(beat + i / 2, above(harmony.root, 36) + 12 * (i % 2), 0.42)
        noise.pattern(beat, "o-------o-o-----", 40)
        noise.pattern(beat, "----X-------X---", 90)
        noise.pattern(beat, "--.---.---.---.-", 124)
    rhythms = [
        "0.5 0.5 0.5 0.5 1 1",
        "0.75 0.75 0.5 1 1",
        "0.5 0.5 1 0.75 0.75 0.5",
        "0.25 0.25 0.5 1 0.5 0.5 1",
    ]
    flat = any(harmony.root == (tonic - 2) % 12 for harmony in chords)
    scale = ladder(tonic, "mixolydian" if flat else "major", 72, 91)
    lead.tune(melody(rng, scale, chords, 4, rhythms, leap=0.5), 0.8, legato=0.9)
    for part, pitch in ((lead, above(tonic, 84)), (bass, above(tonic, 36)), (arpeggio, above(tonic + 4, 72))):
        part.note(stage.end, pitch, 1)
    return stage.mix(room_s=0.3, wet=0, decibels=-15)


def ambient(rng: Generator, seconds: float) -> Sound:
    """No beat at all: a drone that breathes, slow pads, wind, a bell far away."""
    stage = Stage(rng, seconds, 50, tail_s=5)
    tonic = int(rng.integers(0, 12))
    chords = [progression("i9 bVImaj7", tonic)[i // 2 % 2] for i in range(stage.bars)]
    ground = stage.part(winds.SYNTH_PAD, 0.6, effects.chorus, send=0.6, loose_s=0)
    pad = stage.part(
        synths.SAW_PAD,
        0.35,
        partial(effects.tremolo, rate_hz=0.13, depth=0.5, across=True),
        lambda s: filtered(s, lowpass(1300)),
        send=0.9,
    )
    air = stage.part(synths.wind, 0.22, lambda s: filtered(s, highpass(200)), spread=0.9, send=0.6)
    bell = stage.part(
        strings.VIBRAPHONE,
        0.22,
        partial(effects.echo, delay_s=0.9, feedback=0.6, wet=0.5),
        spread=0.7,
        send=1.0,
    )
    ground.note(0, above(tonic, 36), stage.end + 3, 0.7)
    ground.note(0, above(tonic, 36) + 7, stage.end + 3, 0.5)
    for (number, beat), hand in zip(stage.starts(), voicings(chords, 55, 4), strict=True):
        if number % 2 == 0:
            pad.chord(beat, hand, min(8.0, stage.end + 2 - beat), 0.6)
        air.note(beat, 76 + int(rng.integers(0, 14)), 4, 0.5)
        bell.note(
            beat + rng.uniform(0.5, 3), int(rng.choice(ladder(tonic, "pentatonic", 72, 91))) - 3, 2, 0.5
        )
    return stage.mix(room_s=5.5, dark=3500, wet=1.3, decibels=-22)


STYLES = (techno, drum_and_bass, synthwave, chiptune, ambient)
