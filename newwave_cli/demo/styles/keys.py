"""Keyboards alone: a piano at night, ragtime, a music box, a celesta's lullaby, a harpsichord."""

from numpy.random import Generator

from newwave_cli.demo.instruments import strings
from newwave_cli.demo.instruments.dsp import Sound
from newwave_cli.demo.instruments.mixer import Part, Stage
from newwave_cli.demo.instruments.theory import (
    Chord,
    above,
    ladder,
    melody,
    progression,
    repeated,
    stacked,
    voicings,
)


def piano(rng: Generator, seconds: float) -> Sound:
    """A slow nocturne: wide broken chords in the left hand, a sparse tune in the right."""
    stage = Stage(rng, seconds, rng.uniform(56, 68), tail_s=4)
    tonic = int(rng.integers(0, 12))
    numerals = ["vi7 IVmaj7 I V", "i bVI iv v", "Imaj7 iii7 IVmaj7 iv", "i iv bVII bIII"]
    choice = int(rng.integers(len(numerals)))
    chords = repeated(progression(numerals[choice], tonic), stage.bars)
    hands = stage.part(strings.piano, 1.0, spread=0.5, send=0.3, loose_s=0.014)
    for (_, beat), harmony in zip(stage.starts(), chords, strict=True):
        root = above(harmony.root, 36)
        _, third, fifth, *_ = harmony.tones
        broken = [root, root + 7, above(third, root + 9), above(fifth, root + 9), root + 19]
        up_and_down = [*broken, *broken[-2:0:-1]]
        for i, pitch in enumerate(up_and_down):
            ringing = 4 - i / 2  # to the end of the bar, as under a pedal
            touch = 0.42 - 0.03 * (i % 2) + rng.uniform(-0.04, 0.04)
            hands.note(beat + i / 2, pitch, ringing, touch)
    scale = ladder(tonic, "major" if choice in (0, 2) else "minor", 65, 86)
    tune = melody(rng, scale, chords, 4, ["-1 1 1 1", "1.5 0.5 2", "3 0.5 0.5", "2 1 1"])
    hands.tune(tune, 0.55, legato=1.15)
    home = above(chords[0].root, 36)
    third = 28 - choice % 2  # the odd choices are in minor
    hands.chord(stage.end, stacked(home, (0, 12, 19, third)), 4, 0.4, strum=0.12)
    return stage.mix(room_s=2.2, dark=4500, decibels=-21)


def ragtime(rng: Generator, seconds: float) -> Sound:
    """Striding bass and chords under a syncopated tune, on a piano that was tuned once."""
    stage = Stage(rng, seconds, rng.uniform(176, 204), tail_s=1.5)
    tonic = int(rng.integers(0, 12))
    plans = ["I I V7 V7 V7 V7 I I", "I I7 IV iv I VI7 II7 V7", "I VI7 II7 V7 I VI7 II7 V7"]
    plan = plans[int(rng.integers(3))]
    chords = repeated(progression(plan, tonic), stage.bars)
    hands = stage.part(strings.piano, 1.0, spread=0.45, send=0.12, loose_s=0.007)
    old = stage.part(_detuned_piano, 0.55, spread=0.45, send=0.12, loose_s=0.007)
    for number, beat, harmony, hand in stage.harmonized(chords, 53):
        root = above(harmony.root, 34)
        for part in (hands, old):
            part.chord(beat, [root, root + 12], 0.7, 0.7)
            part.chord(beat + 1, hand, 0.4, 0.55)
            below = 12 if root > 40 else 0
            part.chord(beat + 2, [root + 7 - below, root + 7], 0.7, 0.65)
            part.chord(beat + 3, hand, 0.4, 0.55)
        for at, pitch in _rag(rng, harmony, number):
            octave = [pitch, pitch + 12] if at in (0, 2.5) else [pitch]
            hands.chord(beat + at, octave, 0.55, 0.8)
            old.note(beat + at, pitch, 0.55, 0.7)
    home = voicings(chords[:1], 60)[0]
    hands.chord(stage.end, [above(tonic, 36), *home, above(tonic, 72)], 1.2, 0.9)
    return stage.mix(room_s=0.7, decibels=-18)


def _rag(rng: Generator, harmony: Chord, number: int) -> list[tuple[float, int]]:
    """When in the bar and which pitch: against the even bass, and now and then from half a tone below."""
    rhythms = [(0, 0.5, 1.5, 2, 3, 3.5), (0.5, 1, 1.5, 2.5, 3), (0, 0.5, 1, 2, 2.5, 3.5), (0, 1.5, 2.5, 3.5)]
    start = [72, 74, 77, 74][number % 4]
    tones = sorted(above(tone, start) for tone in harmony.tones)
    pitches = []
    for place in [0, 1, 2, 1, 0, 2] if number % 2 else [2, 1, 2, 0, 1, 2]:
        blue = 1 if rng.random() < 0.12 else 0
        pitches.append(tones[place % len(tones)] - blue)
    return list(zip(rhythms[number % 4], pitches, strict=False))


def _detuned_piano(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    return strings.piano(pitch + 0.09, seconds, velocity, rng)


def music_box(rng: Generator, seconds: float) -> Sound:
    """A small comb of steel, wound up: high, thin and a little wistful."""
    stage = Stage(rng, seconds, rng.uniform(88, 104), bar=3, tail_s=3)
    tonic = int(rng.integers(0, 12))
    chords = repeated(progression("I V vi iii IV I IV V", tonic), stage.bars)
    comb = stage.part(strings.MUSIC_BOX, 0.9, spread=0.3, send=0.35, loose_s=0.01)
    for (_, beat), harmony in zip(stage.starts(), chords, strict=True):
        root = above(harmony.root, 67)
        tones = sorted(above(tone, root) for tone in harmony.tones)
        for i, step in enumerate([0, 1, 2, 1, 2, 1]):
            comb.note(beat + i / 2, tones[step], 0.5, 0.4)
    tune = melody(
        rng, ladder(tonic, "major", 82, 101), chords, 3, ["1 1 1", "2 1", "1 0.5 0.5 1", "1.5 0.5 1"]
    )
    comb.tune(tune, 0.75)
    comb.chord(stage.end, stacked(above(tonic, 67), (0, 12, 24)), 2, 0.6, strum=0.15)
    return stage.mix(room_s=1.4, dark=9000, decibels=-20)


def lullaby(rng: Generator, seconds: float) -> Sound:
    """A celesta rocking a child to sleep over a few soft strings of a harp."""
    stage = Stage(rng, seconds, rng.uniform(66, 76), bar=3, tail_s=4)
    tonic = int(rng.integers(0, 12))
    numerals = ["I IV I V I IV V I", "I vi IV V I vi V I"][int(rng.integers(2))]
    chords = repeated(progression(numerals, tonic), stage.bars)
    celesta = stage.part(strings.CELESTA, 0.9, spread=0.3, send=0.5, loose_s=0.012)
    harp = stage.part(strings.HARP, 0.4, spread=0.4, send=0.5, loose_s=0.012)
    for (_, beat), harmony in zip(stage.starts(), chords, strict=True):
        root = above(harmony.root, 43)
        _, third, fifth, *_ = harmony.tones
        for i, pitch in enumerate([root, above(fifth, root), above(third, root + 9)]):
            harp.note(beat + i, pitch, 3 - i, 0.6)
    tune = melody(
        rng, ladder(tonic, "major", 72, 89), chords, 3, ["2 1", "1 1 1", "1.5 0.5 1", "2 0.5 0.5"], leap=0.05
    )
    celesta.tune(tune, 0.6)
    third = above(tonic + 4, 76)
    celesta.chord(stage.end, [above(tonic, 72), third, above(tonic, 84)], 3, 0.45, strum=0.2)
    return stage.mix(room_s=2.4, dark=5000, decibels=-22)


def harpsichord(rng: Generator, seconds: float) -> Sound:
    """A baroque prelude: two voices that chase each other in even notes."""
    stage = Stage(rng, seconds, rng.uniform(84, 98), tail_s=2.5)
    tonic = int(rng.integers(0, 12))
    minor = bool(rng.integers(2))
    numerals = "i iv V7 i bVI bVII bIII V7" if minor else "I IV V7 I vi II7 V V7"
    chords = repeated(progression(numerals, tonic), stage.bars)
    keys = stage.part(strings.HARPSICHORD, 0.8, spread=0.4, send=0.3, loose_s=0.007)
    scale = ladder(tonic, "harmonic" if minor else "major", 60, 88)
    for (number, beat), harmony in zip(stage.starts(), chords, strict=True):
        _running(keys, rng, scale, harmony, beat, number)
        root = above(harmony.root, 41)
        for i, step in enumerate([0, 12, 7, 12, 0, 7, 12, 7]):
            keys.note(beat + i / 2, root + step, 0.5, 0.7)
    home = voicings(chords[:1], 60)[0]
    keys.chord(stage.end, [above(tonic, 36), *home, above(tonic, 72)], 3, 0.8, strum=0.06)
    return stage.mix(room_s=1.6, decibels=-19)


def _running(keys: Part, rng: Generator, scale: list[int], harmony: Chord, beat: float, number: int) -> None:
    """A bar of sixteenths: a figure around one tone of the chord, then around another that is near."""
    tones = [i for i, pitch in enumerate(scale) if pitch % 12 in harmony.tones]
    place = tones[len(tones) // 2]
    figure = [[0, 1, 2, 1], [0, -1, 0, 1], [0, 2, 1, 2]][number % 3]
    for group in range(4):
        for i, step in enumerate(figure):
            within = min(max(place + step, 0), len(scale) - 1)
            keys.note(beat + group + i / 4, scale[within], 0.25, 0.75)
        near = [i for i in tones if 0 < abs(i - place) < 5]
        place = int(rng.choice(near)) if near else place


STYLES = (piano, ragtime, music_box, lullaby, harpsichord)
