"""Machines: techno, drum and bass, synthwave, chiptune, ambient."""

from functools import partial

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, effects, strings, synths, winds
from newwave_cli.demo.instruments.dsp import Sound, highpass, lowpass
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import Chord, Tone, above, any_key, ladder, mixed, stacked, voicing


def techno(rng: Generator, seconds: float) -> Sound:
    """Four to the floor: kick, offbeat hats, claps, a squelching line, stabs that pump."""
    stage = Stage(rng, seconds, rng.uniform(126, 136), tail_s=1)
    tonic = any_key(rng)
    pump = partial(effects.duck, beats_s=_beats_s(stage))
    # loose_s=0 throughout: a machine is never late.
    kick = stage.part(drums.TECHNO_KICK, 1.0, send=0.02, loose_s=0)
    open_hat = stage.part(drums.OPEN_HAT, 0.4, pan=0.1, loose_s=0)
    closed_hat = stage.part(drums.HAT, 0.35, pan=-0.25, loose_s=0)
    clap = stage.part(drums.clap, 0.5, send=0.25, loose_s=0)
    overdrive = partial(effects.drive, amount=2.2)
    acid = stage.part(synths.ACID, 0.42, overdrive, pump, send=0.12, loose_s=0)
    # Of three sixteenths: repeats that never fall where the stabs do, and so weave a rhythm with them.
    dotted = partial(effects.echo, delay_s=0.75 * stage.beat_s, feedback=0.55, wet=0.5)
    stabs = stage.part(synths.PLUCK, 0.5, dotted, pump, send=0.35, loose_s=0)
    line = _acid_line(rng, above(tonic, 33))
    middle = above(tonic, 57)
    minor_seventh = stacked(middle, (0, 3, 7, 10))
    tone_below = stacked(middle, (-2, 1, 5, 8))
    for number, beat in stage.starts():
        if number >= stage.bars // 8:
            clap.pattern(beat, "----x-------x---")
        opened = min(1, 0.5 + number / stage.bars)  # velocity opens the filter: the line grows brighter
        for tone, loud in line:
            at = beat + tone.beat
            acid.note(at, tone.pitch, tone.beats, loud * opened)
        kick.pattern(beat, "X---X---X---X---")
        open_hat.pattern(beat, "--x---x---x---x-")
        closed_hat.pattern(beat, "o.o.o.o.o.o.o.o.")
        of_four = number % 4
        hand = minor_seventh if of_four < 2 else tone_below
        stabbed = (0.75, 2.25) if of_four < 3 else (0.75, 1.5, 2.25, 3.0)
        for at in stabbed:
            stabs.chord(beat + at, hand, 0.3, 0.8)
    kick.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.6, decibels=-13, width=1.2)


def _acid_line(rng: Generator, low: int) -> list[tuple[Tone, float]]:
    """A bar of sixteenths above `low`, each as loud as chance has it, some left out."""
    steps = rng.choice([0, 0, 0, 12, 3, 7, 10], 16)
    louds = rng.choice([0.35, 0.6, 1.0], 16)
    is_rest = rng.random(16) < 0.25
    line = []
    for i in range(16):
        if not is_rest[i]:
            tone = Tone(i / 4, low + int(steps[i]), 0.22)
            line.append((tone, float(louds[i])))
    return line


def _beats_s(stage: Stage) -> list[float]:
    """When each beat comes, in seconds."""
    beats = range(int(stage.end))
    return [stage.at(beat) for beat in beats]


def drum_and_bass(rng: Generator, seconds: float) -> Sound:
    """A broken beat at breakneck speed over a slow growling bass and cold pads."""
    stage = Stage(rng, seconds, rng.uniform(170, 178), tail_s=1.5)
    tonic = any_key(rng)
    chords = stage.chords("i i bVI bVI iv iv bVII bVII", tonic)
    kick = stage.part(drums.ROCK_KICK, 1.0, loose_s=0.001)
    snare = stage.part(drums.TIGHT_SNARE, 0.95, send=0.1, loose_s=0.001)
    hat = stage.part(drums.HAT, 0.45, pan=0.2, loose_s=0.002)
    ride = stage.part(drums.RIDE, 0.25, pan=-0.3)
    growl = partial(effects.drive, amount=1.8)
    dull = effects.equalizer(lowpass(900))
    bass = stage.part(synths.REESE, 0.75, growl, dull)
    sub = stage.part(synths.sub_bass, 0.6)
    pad = stage.part(synths.SAW_PAD, 0.22, send=0.5)
    # Rearranged from sampled drum breaks, as the style was made of them.
    breaks = ["X-----x---x-----", "X--.--x--.X--x--"]
    for number, beat, harmony, hand in stage.harmonized(chords, 57, 4):
        is_last_of_eight = number % 8 == 7
        kick.pattern(beat, "X---------x--X--" if is_last_of_eight else breaks[number % 2])
        is_last_of_four = number % 4 == 3
        snare.pattern(beat, "----X-.x-x--X.xx" if is_last_of_four else "----X--.-.--X--.")
        hat.pattern(beat, "x-x.x-x.x-x.x-xx")
        ride.pattern(beat, "x---x---x---x---")
        root = above(harmony.root, 29)
        leap = 12 if number % 2 else 7
        figure = ((0, 0, 1.4), (1.5, 0, 0.9), (2.75, leap, 0.5), (3.25, 0, 0.7))
        for after, step, beats in figure:
            at = beat + after
            bass.note(at, root + step, beats, 0.9)
            sub.note(at, root, beats, 0.8)
        if number % 2 == 0:
            pad.chord(beat, hand, 8, 0.7)
    _far_bells(stage, tonic, chords)
    kick.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.8, decibels=-13, width=1.15)


def _far_bells(stage: Stage, tonic: int, chords: list[Chord]) -> None:
    repeats = partial(effects.echo, delay_s=1.5 * stage.beat_s, feedback=0.5)
    bells = stage.part(strings.electric_piano, 0.35, repeats, send=0.4)
    scale = ladder(tonic, "minor", 69, 88)
    tune = stage.melody(scale, chords, ["-1 1 -2", "1.5 1.5 1", "-2 0.5 1.5"])
    bells.tune(tune, 0.6)


def synthwave(rng: Generator, seconds: float) -> Sound:
    """Neon: an octave bass in eighths, wide pads, gated snare, a lead with late vibrato."""
    stage = Stage(rng, seconds, rng.uniform(98, 112), tail_s=2.5)
    tonic = any_key(rng)
    chords = mixed(rng, ["vi IV I V", "i bVI bIII bVII"], tonic, stage.bars)
    pump = partial(effects.duck, beats_s=_beats_s(stage), depth=0.45)
    bass = stage.part(synths.SAW_BASS, 0.8, loose_s=0.001)
    pad = stage.part(synths.SAW_PAD, 0.3, effects.chorus, pump, send=0.4)
    three_quarters_s = 0.75 * stage.beat_s
    near = partial(effects.echo, delay_s=three_quarters_s, feedback=0.5)
    far = partial(effects.echo, delay_s=three_quarters_s, feedback=0.4, wet=0.3)
    glitter = stage.part(synths.PLUCK, 0.3, near, pan=0.3, send=0.3, loose_s=0)
    lead = stage.part(synths.SYNTH_LEAD, 0.42, far, send=0.35)
    for _, beat, harmony, hand in stage.harmonized(chords, 57, 4):
        root = above(harmony.root, 33)
        octave = root + 12
        bass.run(beat, [root, root, root, octave] * 2, 0.5, 0.4, 0.85)
        pad.chord(beat, hand, 4, 0.7)
        lowest, low, high, highest = stacked(12, hand)  # an octave above the pad
        glitter.run(beat, [lowest, high, low, highest] * 4, 0.25, 0.2, 0.6)
    first = chords[0]
    mode = "minor" if first.root == tonic else "major"  # the major progression begins on its sixth degree
    scale = ladder(tonic, mode, 67, 84)
    tune = stage.melody(scale, chords, ["1.5 0.5 2", "0.5 0.5 1 2", "3 1", "1 1 0.5 1.5"])
    lead.tune(tune, 0.8)
    pad.chord(stage.end, voicing(first, 57, 4), 3, 0.8)
    _neon_drums(stage)
    return stage.mix(room_s=2.0, decibels=-14, width=1.25)


def _neon_drums(stage: Stage) -> None:
    kick = stage.part(drums.TECHNO_KICK, 0.8, send=0.02, loose_s=0)
    snare = stage.part(drums.ROCK_SNARE, 0.75, send=0.6, loose_s=0)  # the large room of an eighties snare
    hat = stage.part(drums.HAT, 0.4, send=0.05, loose_s=0)
    for number, beat in stage.starts():
        kick.pattern(beat, "X---X---X---X---")
        is_last_of_eight = number % 8 == 7
        snare.pattern(beat, "----X---X-X-XXXX" if is_last_of_eight else "----X-------X---")
        hat.pattern(beat, "x.o.x.o.x.o.x.o.")
    kick.note(stage.end, 60, 1, 1)


def chiptune(rng: Generator, seconds: float) -> Sound:
    """A game on an old console: two pulses, a stepped triangle and noise, at running speed."""
    stage = Stage(rng, seconds, rng.uniform(148, 168), tail_s=1)
    tonic = any_key(rng)
    chords = mixed(rng, ["I V vi IV", "vi IV I V", "I bVII IV I"], tonic, stage.bars)
    full = synths.pulse(0.25, wobble_cents=18, hold=0.7)
    lead = stage.part(full, 0.6, send=0, loose_s=0)
    thin = synths.pulse(0.125, fall_s=0.1, hold=0.3)
    arpeggio = stage.part(thin, 0.35, pan=0.15, send=0, loose_s=0)
    bass = stage.part(synths.stepped_triangle, 0.75, send=0, loose_s=0)
    noise = stage.part(synths.console_noise, 0.5, send=0, loose_s=0)
    for _, beat, harmony in stage.with_chords(chords):
        # Consoles had too few channels for chords: one plays their tones in turn, too fast to count.
        tones = sorted(above(tone, 64) for tone in harmony.tones)
        octave_above = stacked(12, tones)
        turns = [*tones, *tones, *tones, *octave_above] * 3
        arpeggio.run(beat, turns[:32], 0.125, 0.125, 0.7)
        root = above(harmony.root, 36)
        bass.run(beat, [root, root + 12] * 4, 0.5, 0.42)
        noise.pattern(beat, "o-------o-o-----", 40)
        noise.pattern(beat, "----X-------X---", 90)
        noise.pattern(beat, "--.---.---.---.-", 124)
    rhythms = [
        "0.5 0.5 0.5 0.5 1 1",
        "0.75 0.75 0.5 1 1",
        "0.5 0.5 1 0.75 0.75 0.5",
        "0.25 0.25 0.5 1 0.5 0.5 1",
    ]
    flat_seventh = (tonic - 2) % 12
    has_flat_seventh = any(harmony.root == flat_seventh for harmony in chords)
    scale = ladder(tonic, "mixolydian" if has_flat_seventh else "major", 72, 91)
    tune = stage.melody(scale, chords, rhythms, leap=0.5)
    lead.tune(tune, 0.8, legato=0.9)
    lead.note(stage.end, above(tonic, 84), 1)
    bass.note(stage.end, above(tonic, 36), 1)
    arpeggio.note(stage.end, above(tonic + 4, 72), 1)
    return stage.mix(room_s=0.3, wet=0, decibels=-15)


def ambient(rng: Generator, seconds: float) -> Sound:
    """No beat at all: a drone that breathes, slow pads, wind, a bell far away."""
    stage = Stage(rng, seconds, 50, tail_s=5)
    tonic = any_key(rng)
    chords = stage.chords("i9 i9 bVImaj7 bVImaj7", tonic)
    ground = stage.part(winds.SYNTH_PAD, 0.6, effects.chorus, send=0.6, loose_s=0)
    breathing = partial(effects.tremolo, rate_hz=0.13, depth=0.5, across=True)
    dull = effects.equalizer(lowpass(1300))
    pad = stage.part(synths.SAW_PAD, 0.35, breathing, dull, send=0.9)
    thin = effects.equalizer(highpass(200))
    air = stage.part(synths.wind, 0.22, thin, spread=0.9, send=0.6)
    far = partial(effects.echo, delay_s=0.9, feedback=0.6, wet=0.5)
    bell = stage.part(strings.VIBRAPHONE, 0.22, far, spread=0.7, send=1.0)
    low = above(tonic, 36)
    whole = stage.end + 3
    ground.note(0, low, whole, 0.7)
    ground.note(0, low + 7, whole, 0.5)
    scale = ladder(tonic, "pentatonic", 72, 91)
    for number, beat, _, hand in stage.harmonized(chords, 55, 4):
        if number % 2 == 0:
            left = stage.end + 2 - beat
            pad.chord(beat, hand, min(8.0, left), 0.6)
        whistled = int(rng.integers(76, 90))
        air.note(beat, whistled, 4, 0.5)
        at = beat + rng.uniform(0.5, 3)
        # A minor third below the major pentatonic's tones are those of its relative minor.
        struck = int(rng.choice(scale)) - 3
        bell.note(at, struck, 2, 0.5)
    return stage.mix(room_s=5.5, dark=3500, wet=1.3, decibels=-22)


STYLES = (techno, drum_and_bass, synthwave, chiptune, ambient)
