"""Keyboards alone: a piano at night, ragtime, a music box, a celesta's lullaby, a harpsichord."""

from numpy.random import Generator

from newwave_cli.demo.instruments import strings
from newwave_cli.demo.instruments.dsp import Sound
from newwave_cli.demo.instruments.mixer import Part, Stage
from newwave_cli.demo.instruments.theory import (
    Chord,
    above,
    any_key,
    ladder,
    one_of,
    places_of,
    stacked,
    voicing,
)


def piano(rng: Generator, seconds: float) -> Sound:
    """A slow nocturne: wide broken chords in the left hand, a sparse tune in the right."""
    stage = Stage(rng, seconds, rng.uniform(56, 68), tail_s=4)
    tonic = any_key(rng)
    numerals = ["vi7 IVmaj7 I V", "i bVI iv v", "Imaj7 iii7 IVmaj7 iv", "i iv bVII bIII"]
    choice = int(rng.integers(len(numerals)))
    is_minor = choice % 2 == 1
    chords = stage.chords(numerals[choice], tonic)
    hands = stage.part(strings.piano, 1.0, spread=0.5, send=0.3, loose_s=0.014)
    for _, beat, harmony in stage.with_chords(chords):
        root = above(harmony.root, 36)
        low, fifth, high, higher, highest = _wide(harmony, root)
        up_and_down = [low, fifth, high, higher, highest, higher, high, fifth]
        for i, pitch in enumerate(up_and_down):
            ringing = 4 - i / 2  # to the end of the bar, as under a pedal
            weight = 0.39 if i % 2 else 0.42
            touch = weight + rng.uniform(-0.04, 0.04)
            hands.note(beat + i / 2, pitch, ringing, touch)
    scale = ladder(tonic, "minor" if is_minor else "major", 65, 86)
    tune = stage.melody(scale, chords, ["-1 1 1 1", "1.5 0.5 2", "3 0.5 0.5", "2 1 1"])
    hands.tune(tune, 0.55, legato=1.15)
    home = above(chords[0].root, 36)
    third = 27 if is_minor else 28
    last = stacked(home, (0, 12, 19, third))
    hands.chord(stage.end, last, 4, 0.4, strum=0.12)
    return stage.mix(room_s=2.2, dark=4500, decibels=-21)


def _wide(harmony: Chord, root: int) -> list[int]:
    """Five pitches of a chord from its root up, farther apart than a hand reaches at once."""
    _, third, fifth, *_ = harmony.tones
    lowest = root + 9
    return [root, root + 7, above(third, lowest), above(fifth, lowest), root + 19]


def ragtime(rng: Generator, seconds: float) -> Sound:
    """Striding bass and chords under a syncopated tune, on a piano that was tuned once."""
    stage = Stage(rng, seconds, rng.uniform(176, 204), tail_s=1.5)
    tonic = any_key(rng)
    plan = one_of(rng, ["I I V7 V7 V7 V7 I I", "I I7 IV iv I VI7 II7 V7", "I VI7 II7 V7 I VI7 II7 V7"])
    chords = stage.chords(plan, tonic)
    hands = stage.part(strings.piano, 1.0, spread=0.45, send=0.12, loose_s=0.007)
    old = stage.part(_detuned_piano, 0.55, spread=0.45, send=0.12, loose_s=0.007)
    for number, beat, harmony, hand in stage.harmonized(chords, 53):
        root = above(harmony.root, 34)
        fifth = root + 7
        below = fifth - 12 if root > 40 else fifth
        for part in (hands, old):
            part.chord(beat, [root, root + 12], 0.7, 0.7)
            part.chord(beat + 1, hand, 0.4, 0.55)
            part.chord(beat + 2, [below, fifth], 0.7, 0.65)
            part.chord(beat + 3, hand, 0.4, 0.55)
        for at, pitch in _rag(rng, harmony, number):
            is_accented = at in (0, 2.5)
            octave = [pitch, pitch + 12] if is_accented else [pitch]
            hands.chord(beat + at, octave, 0.55, 0.8)
            old.note(beat + at, pitch, 0.55, 0.7)
    hands.chord(stage.end, _home(chords[0], tonic), 1.2, 0.9)
    return stage.mix(room_s=0.7, decibels=-18)


def _home(harmony: Chord, tonic: int) -> list[int]:
    """A chord in both hands, the tonic below and above it."""
    lowest = above(tonic, 36)
    highest = above(tonic, 72)
    return [lowest, *voicing(harmony, 60), highest]


_RAGS = (
    (0, 0.5, 1.5, 2, 3, 3.5),
    (0.5, 1, 1.5, 2.5, 3),
    (0, 0.5, 1, 2, 2.5, 3.5),
    (0, 1.5, 2.5, 3.5),
)
"""Four bars of syncopation: at which beats the right hand strikes."""


def _rag(rng: Generator, harmony: Chord, number: int) -> list[tuple[float, int]]:
    """When in the bar and which pitch: against the even bass, and now and then from half a tone below."""
    bar = number % 4
    start = (72, 74, 77, 74)[bar]
    tones = sorted(above(tone, start) for tone in harmony.tones)
    places = (0, 1, 2, 1, 0, 2) if number % 2 else (2, 1, 2, 0, 1, 2)
    pitches = []
    for place in places:
        pitch = tones[place % len(tones)]
        is_blue = rng.random() < 0.12
        pitches.append(pitch - 1 if is_blue else pitch)
    return list(zip(_RAGS[bar], pitches, strict=False))


def _detuned_piano(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    return strings.piano(pitch + 0.09, seconds, velocity, rng)


def music_box(rng: Generator, seconds: float) -> Sound:
    """A small comb of steel, wound up: high, thin and a little wistful."""
    stage = Stage(rng, seconds, rng.uniform(88, 104), bar=3, tail_s=3)
    tonic = any_key(rng)
    chords = stage.chords("I V vi iii IV I IV V", tonic)
    comb = stage.part(strings.MUSIC_BOX, 0.9, spread=0.3, send=0.35, loose_s=0.01)
    for _, beat, harmony in stage.with_chords(chords):
        root = above(harmony.root, 67)
        low, middle, high = sorted(above(tone, root) for tone in harmony.tones)
        comb.run(beat, [low, middle, high, middle, high, middle], 0.5, 0.5, 0.4)
    scale = ladder(tonic, "major", 82, 101)
    tune = stage.melody(scale, chords, ["1 1 1", "2 1", "1 0.5 0.5 1", "1.5 0.5 1"])
    comb.tune(tune, 0.75)
    last = stacked(above(tonic, 67), (0, 12, 24))
    comb.chord(stage.end, last, 2, 0.6, strum=0.15)
    return stage.mix(room_s=1.4, dark=9000, decibels=-20)


def lullaby(rng: Generator, seconds: float) -> Sound:
    """A celesta rocking a child to sleep over a few soft strings of a harp."""
    stage = Stage(rng, seconds, rng.uniform(66, 76), bar=3, tail_s=4)
    tonic = any_key(rng)
    numerals = one_of(rng, ["I IV I V I IV V I", "I vi IV V I vi V I"])
    chords = stage.chords(numerals, tonic)
    celesta = stage.part(strings.CELESTA, 0.9, spread=0.3, send=0.5, loose_s=0.012)
    harp = stage.part(strings.HARP, 0.4, spread=0.4, send=0.5, loose_s=0.012)
    for _, beat, harmony in stage.with_chords(chords):
        root = above(harmony.root, 43)
        _, third, fifth, *_ = harmony.tones
        broken = [root, above(fifth, root), above(third, root + 9)]
        harp.chord(beat, broken, 3, 0.6, strum=1)
    scale = ladder(tonic, "major", 72, 89)
    rhythms = ["2 1", "1 1 1", "1.5 0.5 1", "2 0.5 0.5"]
    tune = stage.melody(scale, chords, rhythms, leap=0.05)
    celesta.tune(tune, 0.6)
    lowest = above(tonic, 72)
    third = above(tonic + 4, 76)
    celesta.chord(stage.end, [lowest, third, lowest + 12], 3, 0.45, strum=0.2)
    return stage.mix(room_s=2.4, dark=5000, decibels=-22)


def harpsichord(rng: Generator, seconds: float) -> Sound:
    """A baroque prelude: two voices that chase each other in even notes."""
    stage = Stage(rng, seconds, rng.uniform(84, 98), tail_s=2.5)
    tonic = any_key(rng)
    minor = bool(rng.integers(2))
    numerals = "i iv V7 i bVI bVII bIII V7" if minor else "I IV V7 I vi II7 V V7"
    chords = stage.chords(numerals, tonic)
    keys = stage.part(strings.HARPSICHORD, 0.8, spread=0.4, send=0.3, loose_s=0.007)
    scale = ladder(tonic, "harmonic" if minor else "major", 60, 88)
    for number, beat, harmony in stage.with_chords(chords):
        _running(keys, rng, scale, harmony, beat, number)
        root = above(harmony.root, 41)
        left_hand = stacked(root, (0, 12, 7, 12, 0, 7, 12, 7))
        keys.run(beat, left_hand, 0.5, 0.5, 0.7)
    keys.chord(stage.end, _home(chords[0], tonic), 3, 0.8, strum=0.06)
    return stage.mix(room_s=1.6, decibels=-19)


_FIGURES = ((0, 1, 2, 1), (0, -1, 0, 1), (0, 2, 1, 2))
"""Four sixteenths each, in steps of the scale around one tone."""


def _running(keys: Part, rng: Generator, scale: list[int], harmony: Chord, beat: float, number: int) -> None:
    """A bar of sixteenths: a figure around one tone of the chord, then around another that is near."""
    tones = places_of(harmony, scale)
    place = tones[len(tones) // 2]
    last = len(scale) - 1
    for group in range(4):
        pitches = []
        for step in _FIGURES[number % 3]:
            within = min(max(place + step, 0), last)
            pitches.append(scale[within])
        keys.run(beat + group, pitches, 0.25, 0.25, 0.75)
        near = [i for i in tones if 0 < abs(i - place) < 5]
        place = int(rng.choice(near)) if near else place


STYLES = (piano, ragtime, music_box, lullaby, harpsichord)
