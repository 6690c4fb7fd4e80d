"""Orchestra, chamber, church and parade: strings, quartet, trumpet, harp, organ, choir, march."""

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, strings, winds
from newwave_cli.demo.instruments.dsp import Sound
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import above, any_key, ladder, one_of, stacked, voicing


def orchestra(rng: Generator, seconds: float) -> Sound:
    """Slow full strings with horns behind them, a swell of kettledrums at the ends of phrases."""
    stage = Stage(rng, seconds, rng.uniform(62, 72), tail_s=4)
    tonic = any_key(rng)
    numerals = one_of(rng, ["i bVI bIII bVII", "I V vi IV", "i iv bVI V"])
    chords = stage.chords(numerals, tonic)
    # As they sit: violins left of the conductor, cellos and basses right.
    low = stage.part(winds.ORCHESTRA, 0.6, pan=0.5, send=0.5, loose_s=0.02)
    middle = stage.part(winds.ORCHESTRA, 0.34, pan=0.1, send=0.5, loose_s=0.02)
    high = stage.part(winds.ORCHESTRA, 0.5, pan=-0.5, send=0.5, loose_s=0.02)
    horns = stage.part(winds.HORN, 0.22, pan=0.3, send=0.7, loose_s=0.02)
    drum = stage.part(drums.timpani, 0.7, pan=0.1, send=0.5)
    for number, beat, harmony, hand in stage.harmonized(chords, 53, 4):
        root = above(harmony.root, 36)
        low.chord(beat, [root, root + 12], 4, 0.75)  # double basses sound an octave below the cellos
        middle.chord(beat, hand, 4, 0.6)
        if number % 4 >= 2:
            lowest, *_, highest = hand
            horns.chord(beat, [lowest, highest], 4, 0.55)
        if number % 4 == 3:
            kettle = above(harmony.root, 40)
            for i in range(8):
                at = beat + 3 + i / 8
                louder = 0.25 + 0.07 * i
                drum.note(at, kettle, 1, louder)
    mode = "major" if numerals.startswith("I") else "minor"
    scale = ladder(tonic, mode, 69, 88)
    tune = stage.melody(scale, chords, ["2 1 1", "3 1", "1.5 0.5 2", "2 2"])
    high.tune(tune, 0.75)
    home = voicing(chords[0], 55, 4)
    octave = home[0] + 12
    middle.chord(stage.end, [*home, octave], 4, 0.7)
    low.note(stage.end, above(tonic, 36), 4, 0.8)
    drum.note(stage.end, above(tonic, 40), 2, 0.7)
    return stage.mix(room_s=2.6, dark=6000, decibels=-19, width=1.2)


def quartet(rng: Generator, seconds: float) -> Sound:
    """Two violins, viola and cello in a lively conversation."""
    stage = Stage(rng, seconds, rng.uniform(112, 128), tail_s=2)
    tonic = any_key(rng)
    minor = bool(rng.integers(2))
    numerals = "i V i iv i iv V i" if minor else "I V I IV ii V I V"
    chords = stage.chords(numerals, tonic)
    first = stage.part(winds.SOLO_VIOLIN, 0.8, pan=-0.5, send=0.3, loose_s=0.012)
    second = stage.part(winds.SOLO_VIOLIN, 0.36, pan=-0.15, send=0.3, loose_s=0.012)
    viola = stage.part(winds.SOLO_VIOLIN, 0.36, pan=0.2, send=0.3, loose_s=0.012)
    cello = stage.part(winds.SOLO_CELLO, 0.7, pan=0.5, send=0.3, loose_s=0.012)
    for number, beat, harmony, hand in stage.harmonized(chords, 57):
        low, middle, high = hand
        second.run(beat, [high, middle] * 4, 0.5, 0.42, 0.55)
        viola.note(beat + 1, low, 1.8, 0.55)
        viola.note(beat + 3, middle, 0.9, 0.5)
        root = above(harmony.root, 38)
        is_even = number % 2 == 0
        steps = (0, 7, 12, 7) if is_even else (0, 0, 7, 0)
        cello.run(beat, stacked(root, steps), 1, 0.85, 0.65)
    rhythms = ["1 0.5 0.5 1 1", "0.5 0.5 0.5 0.5 1 1", "1.5 0.5 1 1", "0.5 0.5 1 0.5 0.5 1"]
    scale = ladder(tonic, "harmonic" if minor else "major", 67, 88)
    tune = stage.melody(scale, chords, rhythms)
    first.tune(tune, 0.75, legato=0.95)
    for part, lowest in ((cello, 36), (viola, 55), (first, 79)):
        part.note(stage.end, above(tonic, lowest), 2, 0.7)
    return stage.mix(room_s=1.5, dark=6500, decibels=-19)


def trumpet(rng: Generator, seconds: float) -> Sound:
    """One trumpet alone in a large hall."""
    stage = Stage(rng, seconds, rng.uniform(72, 84), tail_s=3)
    tonic = any_key(rng)
    chords = stage.chords("I V I IV I vi V I", tonic)
    horn = stage.part(winds.TRUMPET, 1.0, send=0.45, loose_s=0.015)
    scale = ladder(tonic, "major", 62, 81)
    rhythms = ["1.5 0.5 1 1", "2 0.5 0.5 1", "0.75 0.25 1 2", "1 1 1.5 0.5"]
    tune = stage.melody(scale, chords, rhythms, leap=0.4)
    horn.tune(tune, 0.75, legato=0.93)
    horn.note(stage.end, above(tonic, 67), 2.4, 0.8)
    return stage.mix(room_s=2.4, dark=6000, decibels=-19)


def harp(rng: Generator, seconds: float) -> Sound:
    """Broken chords that run up and down a harp, with a glissando now and then."""
    stage = Stage(rng, seconds, rng.uniform(72, 84), tail_s=4)
    tonic = any_key(rng)
    chords = stage.chords("I vi IV V I iii IV V", tonic)
    strings_ = stage.part(strings.HARP, 1.0, spread=0.7, send=0.35, loose_s=0.008)
    for number, beat, harmony in stage.with_chords(chords):
        low = above(harmony.root, 41)
        three_octaves = range(low, low + 37)
        tones = [pitch for pitch in three_octaves if pitch % 12 in harmony.tones]
        up = tones[:8]
        for i, pitch in enumerate([*up, *reversed(up)]):
            at = beat + i / 4
            accent = 0.25 if i % 8 == 0 else 0
            strings_.note(at, pitch, 2, 0.55 + accent + 0.01 * i)
        if number % 4 == 3:
            for i, pitch in enumerate(ladder(tonic, "major", 60, 93)):
                at = beat + 2 + i * 0.09
                louder = 0.4 + 0.015 * i
                strings_.note(at, pitch, 2, louder)
    scale = ladder(tonic, "major", 74, 91)
    tune = stage.melody(scale, chords, ["2 2", "1 1 2", "3 1", "4"])
    strings_.tune(tune, 0.8, legato=1.5)
    lowest = above(tonic, 36)
    last = stacked(lowest, (0, 7, 12, 16, 19, 24, 28, 31))
    strings_.chord(stage.end, last, 4, 0.7, strum=0.14)
    return stage.mix(room_s=2.2, dark=6000, decibels=-20, width=1.2)


def organ(rng: Generator, seconds: float) -> Sound:
    """A hymn on a church organ, full pedal, in a very large room."""
    stage = Stage(rng, seconds, rng.uniform(76, 88), tail_s=4)
    tonic = any_key(rng)
    numerals = one_of(rng, ["I V vi iii IV I IV V", "i V i iv bVI iv V i"])
    chords = stage.chords(numerals, tonic)
    manual = stage.part(winds.organ, 0.6, send=0.5, loose_s=0.004)
    pedal = stage.part(winds.organ, 0.8, send=0.4, loose_s=0.004)
    for _, beat, harmony, hand in stage.harmonized(chords, 55, 4):
        root, _, fifth, *_ = harmony.tones
        pedal.note(beat, above(root, 36), 2.95, 0.9)
        pedal.note(beat + 3, above(fifth, 33), 0.95, 0.85)
        manual.chord(beat, hand, 1.95, 0.6)
        manual.chord(beat + 2, hand, 1.95, 0.6)
    mode = "major" if numerals.startswith("I") else "harmonic"
    scale = ladder(tonic, mode, 67, 84)
    rhythms = ["1 1 1 1", "2 1 1", "1.5 0.5 1 1", "1 0.5 0.5 1 1"]
    hymn = stage.melody(scale, chords, rhythms, leap=0.05)  # a congregation sings it: hardly any leaps
    manual.tune(hymn, 0.85, legato=0.98)
    home = voicing(chords[0], 55, 4)
    highest = above(tonic, 72)
    manual.chord(stage.end, [*home, highest], 3, 0.8)
    pedal.note(stage.end, above(tonic, 36), 3, 1.0)
    return stage.mix(room_s=3.6, dark=5000, decibels=-18)


def choir(rng: Generator, seconds: float) -> Sound:
    """Many voices without words in a cathedral."""
    stage = Stage(rng, seconds, rng.uniform(58, 66), tail_s=4)
    tonic = any_key(rng)
    numerals = "i bVII bVI v" if rng.integers(2) else "I iii IV iv"
    chords = stage.chords(numerals, tonic)
    men = stage.part(winds.voices("o"), 0.6, pan=0.35, send=0.7, loose_s=0.03)
    women = stage.part(winds.voices("a"), 0.55, pan=-0.3, send=0.7, loose_s=0.03)
    for _, beat, harmony, hand in stage.harmonized(chords, 58):
        root, _, fifth = harmony.tones
        bass = above(root, 41)
        tenor = above(fifth, 48)
        men.chord(beat, [bass, tenor], 4, 0.7)
        women.chord(beat, hand, 4, 0.55)
    third = chords[0].tones[1] - tonic
    mode = "pentatonic" if third == 4 else "minor"
    scale = ladder(tonic, mode, 67, 81)
    tune = stage.melody(scale, chords, ["2 2", "3 1", "4", "2 1 1"])
    women.tune(tune, 0.7, legato=1.05)
    bass = above(tonic, 41)
    tenor = above(tonic + 7, 48)
    men.chord(stage.end, [bass, tenor], 3.5, 0.7)
    women.chord(stage.end, voicing(chords[0], 60), 3.5, 0.65)
    return stage.mix(room_s=3.8, dark=4500, decibels=-20)


def march(rng: Generator, seconds: float) -> Sound:
    """Brass in step: tubas on the beat, horns off it, trumpets above, snare and bass drum."""
    stage = Stage(rng, seconds, rng.uniform(112, 120), tail_s=1.5)
    tonic = any_key(rng, [10, 3, 5, 8])
    chords = stage.chords("I I V7 V7 V7 V7 I I IV IV I VI7 II7 V7 I I", tonic)
    tune = stage.part(winds.TRUMPET, 0.5, pan=-0.3, send=0.2, loose_s=0.01)
    second = stage.part(winds.TRUMPET, 0.3, pan=0.2, send=0.2, loose_s=0.01)
    horns = stage.part(winds.TROMBONE, 0.26, pan=0.35, send=0.2, loose_s=0.008)
    tuba = stage.part(winds.TUBA, 0.8, send=0.15, loose_s=0.008)
    snare = stage.part(drums.MARCH_SNARE, 0.55, pan=-0.1, send=0.15, loose_s=0.003)
    boom = stage.part(drums.BIG_DRUM, 0.7, send=0.15)
    crash = stage.part(drums.CRASH, 0.3, pan=0.2, send=0.2)
    for number, beat, harmony, hand in stage.harmonized(chords, 55):
        root = above(harmony.root, 34)
        fifth = above(harmony.tones[2], 32)
        tuba.run(beat, [root, fifth, root, fifth], 1, 0.6, 0.8)
        for i in range(4):
            is_strong = i % 2 == 0
            boom.note(beat + i, 60, 0.5, 0.8 if is_strong else 0.45)
            horns.chord(beat + i + 0.5, hand, 0.3, 0.65)
        is_last_of_four = number % 4 == 3
        snare.pattern(beat, "x.x.x.x.xxxxxxxX" if is_last_of_four else "x-.xx.x.x-.xx.x.")
        if number % 4 == 0:
            crash.note(beat, 60, 1, 0.8)
    scale = ladder(tonic, "major", 65, 82)
    rhythms = ["0.75 0.25 1 1 1", "1 0.5 0.5 1 1", "1.5 0.5 0.75 0.25 1", "1 1 0.75 0.25 1"]
    tones = stage.melody(scale, chords, rhythms, leap=0.25)
    tune.tune(tones, 0.8, legato=0.85)
    second.tune(tones, 0.6, legato=0.85, up=-12)
    tune.note(stage.end, above(tonic, 72), 1.2, 0.9)
    horns.chord(stage.end, voicing(chords[0], 55), 1.2, 0.9)
    tuba.note(stage.end, above(tonic, 34), 1.2, 0.9)
    boom.note(stage.end, 60, 1, 1)
    crash.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.3, decibels=-17)


STYLES = (orchestra, quartet, trumpet, harp, organ, choir, march)
