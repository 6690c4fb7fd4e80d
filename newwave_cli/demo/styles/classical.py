"""Orchestra, chamber, church and parade: strings, quartet, trumpet, harp, organ, choir, march."""

from numpy.random import Generator

from newwave_cli.demo.instruments import drums, strings, winds
from newwave_cli.demo.instruments.dsp import Sound
from newwave_cli.demo.instruments.mixer import Stage
from newwave_cli.demo.instruments.theory import (
    above,
    ladder,
    melody,
    progression,
    repeated,
    stacked,
    voicings,
)


def orchestra(rng: Generator, seconds: float) -> Sound:
    """Slow full strings with horns behind them, a swell of kettledrums at the ends of phrases."""
    stage = Stage(rng, seconds, rng.uniform(62, 72), tail_s=4)
    tonic = int(rng.integers(0, 12))
    numerals = ["i bVI bIII bVII", "I V vi IV", "i iv bVI V"][int(rng.integers(3))]
    chords = repeated(progression(numerals, tonic), stage.bars)
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
            horns.chord(beat, [hand[0], hand[-1]], 4, 0.55)
        if number % 4 == 3:
            kettle = above(harmony.root, 40)
            for i in range(8):
                louder = 0.25 + 0.07 * i
                drum.note(beat + 3 + i / 8, kettle, 1, louder)
    scale = ladder(tonic, "major" if numerals[0] == "I" else "minor", 69, 88)
    high.tune(melody(rng, scale, chords, 4, ["2 1 1", "3 1", "1.5 0.5 2", "2 2"]), 0.75)
    home = voicings(chords[:1], 55, 4)[0]
    middle.chord(stage.end, [*home, home[0] + 12], 4, 0.7)
    low.chord(stage.end, [above(tonic, 36)], 4, 0.8)
    drum.note(stage.end, above(tonic, 40), 2, 0.7)
    return stage.mix(room_s=2.6, dark=6000, decibels=-19, width=1.2)


def quartet(rng: Generator, seconds: float) -> Sound:
    """Two violins, viola and cello in a lively conversation."""
    stage = Stage(rng, seconds, rng.uniform(112, 128), tail_s=2)
    tonic = int(rng.integers(0, 12))
    minor = bool(rng.integers(2))
    numerals = "i V i iv i iv V i" if minor else "I V I IV ii V I V"
    chords = repeated(progression(numerals, tonic), stage.bars)
    first = stage.part(winds.SOLO_VIOLIN, 0.8, pan=-0.5, send=0.3, loose_s=0.012)
    second = stage.part(winds.SOLO_VIOLIN, 0.36, pan=-0.15, send=0.3, loose_s=0.012)
    viola = stage.part(winds.SOLO_VIOLIN, 0.36, pan=0.2, send=0.3, loose_s=0.012)
    cello = stage.part(winds.SOLO_CELLO, 0.7, pan=0.5, send=0.3, loose_s=0.012)
    for number, beat, harmony, hand in stage.harmonized(chords, 57):
        for i in range(8):
            pitch = hand[-1 - i % 2]  # the upper two tones in turn
            second.note(beat + i / 2, pitch, 0.42, 0.55)
        viola.chord(beat + 1, [hand[0]], 1.8, 0.55)
        viola.chord(beat + 3, [hand[1]], 0.9, 0.5)
        root = above(harmony.root, 38)
        for i, step in enumerate([0, 0, 7, 0] if number % 2 else [0, 7, 12, 7]):
            cello.note(beat + i, root + step, 0.85, 0.65)
    rhythms = ["1 0.5 0.5 1 1", "0.5 0.5 0.5 0.5 1 1", "1.5 0.5 1 1", "0.5 0.5 1 0.5 0.5 1"]
    scale = ladder(tonic, "harmonic" if minor else "major", 67, 88)
    first.tune(melody(rng, scale, chords, 4, rhythms), 0.75, legato=0.95)
    for part, low in ((cello, 36), (viola, 55), (first, 79)):
        part.note(stage.end, above(tonic, low), 2, 0.7)
    return stage.mix(room_s=1.5, dark=6500, decibels=-19)


def trumpet(rng: Generator, seconds: float) -> Sound:
    """One trumpet alone in a large hall."""
    stage = Stage(rng, seconds, rng.uniform(72, 84), tail_s=3)
    tonic = int(rng.integers(0, 12))
    chords = repeated(progression("I V I IV I vi V I", tonic), stage.bars)
    horn = stage.part(winds.TRUMPET, 1.0, send=0.45, loose_s=0.015)
    rhythms = ["1.5 0.5 1 1", "2 0.5 0.5 1", "0.75 0.25 1 2", "1 1 1.5 0.5"]
    horn.tune(melody(rng, ladder(tonic, "major", 62, 81), chords, 4, rhythms, leap=0.4), 0.75, legato=0.93)
    horn.note(stage.end, above(tonic, 67), 2.4, 0.8)
    return stage.mix(room_s=2.4, dark=6000, decibels=-19)


def harp(rng: Generator, seconds: float) -> Sound:
    """Broken chords that run up and down a harp, with a glissando now and then."""
    stage = Stage(rng, seconds, rng.uniform(72, 84), tail_s=4)
    tonic = int(rng.integers(0, 12))
    chords = repeated(progression("I vi IV V I iii IV V", tonic), stage.bars)
    strings_ = stage.part(strings.HARP, 1.0, spread=0.7, send=0.35, loose_s=0.008)
    for (number, beat), harmony in zip(stage.starts(), chords, strict=True):
        low = above(harmony.root, 41)
        three_octaves = range(low, low + 37)
        tones = [pitch for pitch in three_octaves if pitch % 12 in harmony.tones]
        up_and_down = [*tones[:8], *tones[7::-1]]
        for i, pitch in enumerate(up_and_down[:16]):
            accent = 0.25 * (i % 8 == 0)
            strings_.note(beat + i / 4, pitch, 2, 0.55 + accent + 0.01 * i)
        if number % 4 == 3:
            for i, pitch in enumerate(ladder(tonic, "major", 60, 93)):
                louder = 0.4 + 0.015 * i
                strings_.note(beat + 2 + i * 0.09, pitch, 2, louder)
    scale = ladder(tonic, "major", 74, 91)
    tune = melody(rng, scale, chords, 4, ["2 2", "1 1 2", "3 1", "4"])
    strings_.tune(tune, 0.8, legato=1.5)
    last = stacked(above(tonic, 36), (0, 7, 12, 16, 19, 24, 28, 31))
    strings_.chord(stage.end, last, 4, 0.7, strum=0.14)
    return stage.mix(room_s=2.2, dark=6000, decibels=-20, width=1.2)


def organ(rng: Generator, seconds: float) -> Sound:
    """A hymn on a church organ, full pedal, in a very large room."""
    stage = Stage(rng, seconds, rng.uniform(76, 88), tail_s=4)
    tonic = int(rng.integers(0, 12))
    numerals = ["I V vi iii IV I IV V", "i V i iv bVI iv V i"][int(rng.integers(2))]
    chords = repeated(progression(numerals, tonic), stage.bars)
    manual = stage.part(winds.organ, 0.6, send=0.5, loose_s=0.004)
    pedal = stage.part(winds.organ, 0.8, send=0.4, loose_s=0.004)
    for _, beat, harmony, hand in stage.harmonized(chords, 55, 4):
        pedal.note(beat, above(harmony.root, 36), 2.95, 0.9)
        pedal.note(beat + 3, above(harmony.tones[2], 33), 0.95, 0.85)
        manual.chord(beat, hand, 1.95, 0.6)
        manual.chord(beat + 2, hand, 1.95, 0.6)
    scale = ladder(tonic, "major" if numerals[0] == "I" else "harmonic", 67, 84)
    rhythms = ["1 1 1 1", "2 1 1", "1.5 0.5 1 1", "1 0.5 0.5 1 1"]
    hymn = melody(rng, scale, chords, 4, rhythms, leap=0.05)  # a congregation sings it: hardly any leaps
    manual.tune(hymn, 0.85, legato=0.98)
    home = voicings(chords[:1], 55, 4)[0]
    manual.chord(stage.end, [*home, above(tonic, 72)], 3, 0.8)
    pedal.note(stage.end, above(tonic, 36), 3, 1.0)
    return stage.mix(room_s=3.6, dark=5000, decibels=-18)


def choir(rng: Generator, seconds: float) -> Sound:
    """Many voices without words in a cathedral."""
    stage = Stage(rng, seconds, rng.uniform(58, 66), tail_s=4)
    tonic = int(rng.integers(0, 12))
    numerals = "i bVII bVI v" if rng.integers(2) else "I iii IV iv"
    chords = repeated(progression(numerals, tonic), stage.bars)
    men = stage.part(winds.voices("o"), 0.6, pan=0.35, send=0.7, loose_s=0.03)
    women = stage.part(winds.voices("a"), 0.55, pan=-0.3, send=0.7, loose_s=0.03)
    for _, beat, harmony, hand in stage.harmonized(chords, 58):
        bass, tenor = above(harmony.root, 41), above(harmony.tones[2], 48)
        men.chord(beat, [bass, tenor], 4, 0.7)
        women.chord(beat, hand, 4, 0.55)
    third = chords[0].tones[1] - tonic
    scale = ladder(tonic, "pentatonic" if third == 4 else "minor", 67, 81)
    tune = melody(rng, scale, chords, 4, ["2 2", "3 1", "4", "2 1 1"])
    women.tune(tune, 0.7, legato=1.05)
    bass, tenor = above(tonic, 41), above(tonic + 7, 48)
    men.chord(stage.end, [bass, tenor], 3.5, 0.7)
    women.chord(stage.end, voicings(chords[:1], 60)[0], 3.5, 0.65)
    return stage.mix(room_s=3.8, dark=4500, decibels=-20)


def march(rng: Generator, seconds: float) -> Sound:
    """Brass in step: tubas on the beat, horns off it, trumpets above, snare and bass drum."""
    stage = Stage(rng, seconds, rng.uniform(112, 120), tail_s=1.5)
    tonic = int(rng.choice([10, 3, 5, 8]))
    chords = repeated(progression("I I V7 V7 V7 V7 I I IV IV I VI7 II7 V7 I I", tonic), stage.bars)
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
        for i, pitch in enumerate([root, fifth, root, fifth]):
            tuba.note(beat + i, pitch, 0.6, 0.8)
            boom.note(beat + i, 60, 0.5, 0.8 if i % 2 == 0 else 0.45)
            horns.chord(beat + i + 0.5, hand, 0.3, 0.65)
        snare.pattern(beat, "x-.xx.x.x-.xx.x." if number % 4 < 3 else "x.x.x.x.xxxxxxxX")
        if number % 4 == 0:
            crash.note(beat, 60, 1, 0.8)
    rhythms = ["0.75 0.25 1 1 1", "1 0.5 0.5 1 1", "1.5 0.5 0.75 0.25 1", "1 1 0.75 0.25 1"]
    tones = melody(rng, ladder(tonic, "major", 65, 82), chords, 4, rhythms, leap=0.25)
    tune.tune(tones, 0.8, legato=0.85)
    second.tune(tones, 0.6, legato=0.85, up=-12)
    tune.note(stage.end, above(tonic, 72), 1.2, 0.9)
    horns.chord(stage.end, voicings(chords[:1], 55)[0], 1.2, 0.9)
    tuba.note(stage.end, above(tonic, 34), 1.2, 0.9)
    boom.note(stage.end, 60, 1, 1)
    crash.note(stage.end, 60, 1, 1)
    return stage.mix(room_s=1.3, decibels=-17)


STYLES = (orchestra, quartet, trumpet, harp, organ, choir, march)
