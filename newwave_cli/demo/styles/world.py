"""From here and there: waltz, bossa nova, jazz, jig, drums, sitar, steel drums."""

from dataclasses import replace
from functools import partial

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, effects, strings, winds
from newwave_cli.demo.instruments.dsp import Sound, highpass, lowpass, peak
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import (
    above,
    any_key,
    chord,
    ladder,
    one_of,
    stacked,
    voicing,
    walking,
)


def waltz(rng: Generator, seconds: float) -> Sound:
    """An accordion in a Paris café: bass, chord, chord, and a tune that turns."""
    stage = Stage(rng, seconds, rng.uniform(158, 178), bar=3, tail_s=2)
    tonic = any_key(rng)
    minor = bool(rng.integers(2))
    numerals = "I I V7 V7 V7 V7 I I vi vi ii ii V7 V7 I I"
    if minor:
        numerals = "i i iv iv V7 V7 i i bVI bVI iv iv V7 V7 i V7"
    chords = stage.chords(numerals, tonic)
    right = stage.part(winds.accordion, 0.6, pan=-0.1, send=0.2, loose_s=0.01)
    left = stage.part(winds.accordion, 0.28, pan=0.2, send=0.2, loose_s=0.008)
    bass = stage.part(strings.UPRIGHT_BASS, 0.8, send=0.08)
    for number, beat, harmony, hand in stage.harmonized(chords, 55):
        root, _, fifth, *_ = harmony.tones
        low = root if number % 2 == 0 else fifth
        bass.note(beat, above(low, 31), 1.4, 0.8)
        for at in (1, 2):
            left.chord(beat + at, hand, 0.45, 0.7)
    rhythms = ["1 1 1", "0.5 0.5 0.5 0.5 0.5 0.5", "2 1", "1.5 0.5 0.5 0.5", "1 0.5 0.5 1"]
    scale = ladder(tonic, "harmonic" if minor else "major", 69, 88)
    tune = stage.melody(scale, chords, rhythms, leap=0.25)
    right.tune(tune, 0.8, legato=0.95)
    right.chord(stage.end, voicing(chords[0], 67), 3, 0.7)
    bass.note(stage.end, above(tonic, 31), 2, 0.9)
    return stage.mix(room_s=0.9, decibels=-18)


def bossa_nova(rng: Generator, seconds: float) -> Sound:
    """A nylon guitar with rich chords, a soft flute, a rim click and a shaker."""
    stage = Stage(rng, seconds, rng.uniform(124, 136), tail_s=2.5)
    tonic = any_key(rng)
    plan = one_of(rng, ["Imaj7 Imaj7 II7 II7 ii7 V7 Imaj7 V7", "i7 i7 iv7 iv7 ii7 V7 i7 V7"])
    chords = stage.chords(plan, tonic)
    body = effects.equalizer(peak(110, 5, 2), peak(240, 4, 2), highpass(70))
    guitar = stage.part(strings.NYLON, 1.0, body, pan=-0.2, send=0.2, loose_s=0.01)
    tune = stage.part(winds.flute, 0.35, pan=0.25, send=0.35, loose_s=0.015)
    click = stage.part(drums.rim, 0.28, pan=0.35, send=0.15)
    shaker = stage.part(drums.SHAKER, 0.3, pan=-0.45)
    for number, beat, harmony, hand in stage.harmonized(chords, 57, 4):
        root = above(harmony.root, 40)
        guitar.note(beat, root, 1.9, 0.75)
        fifth = root + 7
        if fifth >= 52:  # the hand above holds the chord
            fifth -= 12
        guitar.note(beat + 2, fifth, 1.9, 0.7)
        # The batida: two bars that answer each other, as the clave has them.
        is_even = number % 2 == 0
        batida = (0, 1, 1.5, 2.5, 3.5) if is_even else (0.5, 1.5, 2, 3, 3.5)
        for at in batida:
            guitar.chord(beat + at, hand, 0.45, 0.6, strum=0.012)
        click.pattern(beat, "x--x--x---x--x--" if is_even else "--x--x----x--x--")
        shaker.pattern(beat, "o.x.o.x.o.x.o.x.")
    mode = "major" if plan.startswith("I") else "dorian"
    scale = ladder(tonic, mode, 70, 86)
    melody = stage.melody(scale, chords, ["-1 1.5 0.5 1", "1.5 1.5 1", "-0.5 0.5 1 2", "3 -1"])
    tune.tune(melody, 0.7)
    lowest = above(tonic, 40)
    home = voicing(chords[0], 55, 4)
    guitar.chord(stage.end, [lowest, *home], 3, 0.65, strum=0.06)
    return stage.mix(room_s=1.1, decibels=-20)


def jazz(rng: Generator, seconds: float) -> Sound:
    """A trio late at night: walking bass, brushes, a piano that comps and wanders."""
    stage = Stage(rng, seconds, rng.uniform(126, 148), swing=0.95, tail_s=2.5)
    tonic = any_key(rng)
    in_major, in_minor = "ii7 V7 Imaj7 VI7 ii7 V7 Imaj7 Imaj7", "i7 iv7 ii7 V7 i7 bVImaj7 ii7 V7"
    plan = one_of(rng, [in_major, in_minor])
    chords = stage.chords(plan, tonic)
    piano = stage.part(strings.piano, 0.9, spread=0.3, pan=-0.2, send=0.2, loose_s=0.012)
    bass = stage.part(strings.UPRIGHT_BASS, 1.5, pan=0.15, send=0.08, loose_s=0.01)
    bass.tune(walking(rng, chords, 29), 0.85)
    comping = ((0, 1.5), (0.5, 2.5), (1.5, 3.5), (0, 2.5))  # the first is the Charleston
    for number, beat, _, hand in stage.harmonized(chords, 55, 4):
        figure = (number + int(rng.integers(2))) % 4
        for at in comping[figure]:
            loud = 0.45 + 0.1 * rng.random()
            piano.chord(beat + at, hand, 0.7, loud)
    mode = "major" if plan == in_major else "dorian"
    rhythms = [
        "-0.5 0.5 0.5 0.5 1 1",
        "0.5 0.5 0.5 0.5 0.5 0.5 -1",
        "1 -0.5 0.5 0.5 0.5 1",
        "-1 0.5 0.5 1.5 0.5",
    ]
    scale = ladder(tonic, mode, 67, 87)
    solo = stage.melody(scale, chords, rhythms, leap=0.3)
    piano.tune(solo, 0.7, legato=0.95)
    _brushes(stage)
    # The major plan begins on its second degree, so its first chord is not home.
    home = chord("Imaj7" if plan == in_major else "i7", tonic)
    piano.chord(stage.end, voicing(home, 57, 4), 3, 0.5, strum=0.04)
    bass.note(stage.end, above(tonic, 29), 3, 0.8)
    return stage.mix(room_s=1.0, decibels=-20)


def _brushes(stage: Stage) -> None:
    stir = stage.part(drums.brush, 0.55, pan=0.25, send=0.1, loose_s=0.01)
    tap = stage.part(drums.brush_tap, 0.55, pan=0.25, send=0.12)
    ride = stage.part(drums.RIDE, 0.22, pan=-0.35, send=0.1)
    kick = stage.part(drums.SOFT_KICK, 0.35)
    for number, beat in stage.starts():
        for i in range(4):
            is_backbeat = i % 2 == 1
            stir.note(beat + i, 60, 0.95, 0.7 if is_backbeat else 0.5)
            kick.note(beat + i, 60, 0.5, 0.35)
        taps = {1.0: 0.7, 3.0: 0.75}
        if number % 4 == 3:
            taps = {1.0: 0.7, 2.5: 0.5, 3.0: 0.75, 3.5: 0.6}
        for at, velocity in taps.items():
            tap.note(beat + at, 60, 0.2, velocity)
        for at in (0.0, 1.0, 1.5, 2.0, 3.0, 3.5):
            is_backbeat = at in (1, 3)
            ride.note(beat + at, 60, 0.3, 0.6 if is_backbeat else 0.4)


def jig(rng: Generator, seconds: float) -> Sound:
    """Bagpipes and a fiddle over drones, six quick notes to the bar, feet and a frame drum below."""
    stage = Stage(rng, seconds, rng.uniform(174, 190), bar=3, tail_s=1.5)
    tonic = 9
    chords = stage.chords("I I bVII bVII I I V I", tonic)
    pipe = stage.part(winds.chanter, 0.75, send=0.15, loose_s=0.004)
    fiddle = stage.part(winds.FIDDLE, 0.2, pan=0.4, send=0.2, loose_s=0.01)
    for pitch, gain in ((45, 0.55), (57, 0.4)):  # A, the key that the pipes are built in
        pipe_below = stage.part(winds.drone, gain, pan=-0.2, send=0.15)
        pipe_below.note(0, pitch, stage.end + 2, 0.9)
    frame = stage.part(drums.skin, 0.5, pan=-0.3, send=0.15)
    rhythms = ["0.5 0.5 0.5 0.5 0.5 0.5", "1 0.5 0.5 0.5 0.5", "0.5 0.5 0.5 1 0.5", "1 0.5 1 0.5"]
    scale = ladder(tonic, "mixolydian", 67, 81)
    tune = stage.melody(scale, chords, rhythms, leap=0.3)
    # A bag cannot pause: each tone lasts until the next one.
    ends = [tone.beat for tone in tune[1:]]
    ends.append(stage.end)
    whole = []
    for tone, end in zip(tune, ends, strict=True):
        held = replace(tone, beats=end - tone.beat)
        whole.append(held)
    pipe.tune(whole, 0.85)
    for tone in whole:
        if tone.beat % 1.5 == 0:
            pipe.note(tone.beat, tone.pitch + 5, 0.09, 0.7)  # the grace note that pipers part notes with
    fiddle.tune(whole, 0.7, legato=0.9)
    for _, beat in stage.starts():
        frame.pattern(beat, "X-oX.o", 45)
    pipe.note(stage.end, above(tonic, 69), 3, 0.9)
    return stage.mix(room_s=0.9, decibels=-16)


def percussion(rng: Generator, seconds: float) -> Sound:
    """Only drums: djembes, congas, a log drum, shakers and a bell, layer on layer."""
    stage = Stage(rng, seconds, rng.uniform(104, 118), tail_s=1.5)
    deep = stage.part(drums.DEEP_DRUM, 0.95, send=0.2)
    djembe = stage.part(drums.skin, 0.6, pan=-0.5, send=0.2)
    conga = stage.part(drums.skin, 0.55, pan=0.5, send=0.2)
    tom = stage.part(drums.skin, 0.7, pan=0.0, send=0.2)
    log = stage.part(strings.MARIMBA, 0.35, pan=-0.2, send=0.2)
    clave = stage.part(drums.block, 0.3, pan=0.6, send=0.15)
    bell = stage.part(drums.cowbell, 0.2, pan=-0.6)
    shaker = stage.part(drums.SHAKER, 0.4, pan=0.3)
    patterns = ["X-.xX.x-.xX.X-x.", "X..X..X..xX.x.X.", "x.Xx.xX.x.X.xxX."]
    mine = [patterns[i] for i in rng.permutation(3)]
    logs = stacked(48, (0, 3, 5, 0, 7, 5))
    for number, beat in stage.starts():
        is_even = number % 2 == 0
        deep.pattern(beat, "X-----x-X-------" if is_even else "X-----x-X---x-x-")
        djembe.pattern(beat, mine[0], 57)
        shaker.pattern(beat, "x.o.x.o.x.o.x.o.")
        if number >= stage.bars // 6:
            conga.pattern(beat, mine[1], 62)
            conga.pattern(beat, "--x---x---x---xx", 67)
            clave.pattern(beat, "x--x--x---x-x---", 86)
        if number >= stage.bars // 3:
            bell.pattern(beat, "x-x-xx-x-x-xx-x-")
            for i, at in enumerate((0, 0.75, 1.5, 2, 2.75, 3.25)):
                pitch = logs[(i + number) % len(logs)]  # one further along in each bar
                log.note(beat + at, pitch, 0.4, 0.8)
        if number % 4 == 3:
            drums.tom_fill(tom, beat, 0.8)
    for part, pitch in ((deep, 60), (djembe, 57), (tom, 43)):
        part.note(stage.end, pitch, 1, 1.0)
    return stage.mix(room_s=1.0, decibels=-16)


def sitar(rng: Generator, seconds: float) -> Sound:
    """A raga: sitar over a tanpura's drone, tabla joining in."""
    stage = Stage(rng, seconds, rng.uniform(84, 100), tail_s=3)
    tonic = int(rng.integers(0, 5))
    soft = effects.equalizer(lowpass(5000))
    drone = stage.part(strings.sitar, 0.32, soft, pan=-0.3, send=0.3)
    gourd = effects.equalizer(peak(1800, 5, 1))
    lead = stage.part(strings.sitar, 0.8, gourd, pan=0.15, send=0.25, loose_s=0.012)
    high = stage.part(drums.skin, 0.55, pan=0.3, send=0.15)
    low = stage.part(drums.skin, 0.7, pan=-0.1, send=0.15)
    ground_tone = above(tonic, 43)
    tanpura = stacked(ground_tone, (7, 12, 12, 0))  # as it is tuned
    for number, beat in stage.starts():
        drone.run(beat, tanpura, 1, 4, 0.6)
        if number >= stage.bars // 4:
            high.pattern(beat, "x.-xx.x-x.-xx.xx", 69)
            low.pattern(beat, "x-----x-o-------", 46)
    ground = [chord("I5", tonic)] * stage.bars
    rhythms = [
        "1.5 0.25 0.25 1 1",
        "0.5 0.5 0.5 0.5 2",
        "2 0.25 0.25 0.5 1",
        "0.25 0.25 0.25 0.25 1 0.5 0.5 1",
    ]
    scale = ladder(tonic, "raga", 58, 79)
    tune = stage.melody(scale, ground, rhythms)
    lead.tune(tune, 0.8, legato=1.2)
    lead.note(stage.end, above(tonic, 55), 4, 0.8)
    return stage.mix(room_s=1.6, decibels=-18)


def calypso(rng: Generator, seconds: float) -> Sound:
    """Steel drums on a sunny island, with bass, shaker and congas."""
    stage = Stage(rng, seconds, rng.uniform(112, 124), tail_s=2)
    tonic = any_key(rng)
    chords = stage.chords("I I IV V I vi ii V", tonic)
    two_pans = partial(effects.chorus, depth_ms=1.2, wet=0.3)
    pans = stage.part(strings.STEEL_DRUM, 0.7, two_pans, spread=0.4, send=0.2, loose_s=0.008)
    bass = stage.part(strings.FINGER_BASS, 1.0, send=0.04)
    conga = stage.part(drums.skin, 0.4, pan=0.4, send=0.1)
    shaker = stage.part(drums.SHAKER, 0.4, pan=-0.4)
    kick = stage.part(drums.SOFT_KICK, 0.6)
    for number, beat, harmony, hand in stage.harmonized(chords, 60):
        is_even = number % 2 == 0
        struck = (0.5, 1.5, 2.5, 3.5) if is_even else (0.5, 1.5, 2, 3.5)
        for at in struck:
            pans.chord(beat + at, hand, 0.4, 0.45)
        root, third, fifth = (above(tone, 33) for tone in harmony.tones)
        for at, pitch in ((0, root), (1.5, fifth), (2, root), (3, third)):
            bass.note(beat + at, pitch, 0.8, 0.8)
        conga.pattern(beat, "x-.x-.xxx-.x-.xX", 64)
        shaker.pattern(beat, "o.x.o.x.o.x.o.x.")
        kick.pattern(beat, "X-----x-X-----x-")
    rhythms = ["0.5 0.5 1 0.5 0.5 1", "0.75 0.75 0.5 1 1", "1 0.5 0.5 -0.5 0.5 1", "1.5 0.5 1 1"]
    scale = ladder(tonic, "major", 72, 89)
    tune = stage.melody(scale, chords, rhythms, leap=0.3)
    pans.tune(tune, 0.85)
    lowest = above(tonic, 60)
    third = above(tonic + 4, 64)
    pans.chord(stage.end, [lowest, third, lowest + 12], 2, 0.8)
    return stage.mix(room_s=1.0, decibels=-17)


STYLES = (waltz, bossa_nova, jazz, jig, percussion, sitar, calypso)
