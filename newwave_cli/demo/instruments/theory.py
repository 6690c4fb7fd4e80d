"""Scales, chords and how they follow each other: the grammar that every style shares."""

import re
from dataclasses import dataclass
from itertools import pairwise

from numpy.random import Generator

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "blues": (0, 3, 5, 6, 7, 10),
    "raga": (0, 1, 4, 5, 7, 8, 11),
    "japanese": (0, 2, 3, 7, 8),
}
_NUMERALS = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m9": (0, 3, 7, 10, 2),
    "9": (0, 4, 7, 10, 2),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "o": (0, 3, 6),
    "sus": (0, 5, 7),
    "5": (0, 7),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes (0 is C), the root first."""

    tones: tuple[int, ...]

    @property
    def root(self) -> int:
        """The pitch class of the bass."""
        return self.tones[0]


def chord(numeral: str, tonic: int) -> Chord:
    """A chord by its Roman numeral over a major scale; lower case is minor.

    >>> chord("I", 0).tones, chord("vi7", 0).tones, chord("bVII", 2).tones
    ((0, 4, 7), (9, 0, 4, 7), (0, 4, 7))

    Raises ValueError for a numeral that is none.
    """
    match = re.fullmatch(r"(b?)([iv]+|[IV]+)(maj7|7|9|6|o|sus|5|)", numeral)
    if match is None or match[2].lower() not in _NUMERALS:
        raise ValueError(f"{numeral!r} is no chord")
    flat, degree, quality = match.groups()
    minor = degree.islower() and quality in ("", "7", "9", "6")
    root = tonic + _NUMERALS[degree.lower()] - bool(flat)
    return Chord(tuple((root + step) % 12 for step in _QUALITIES["m" * minor + quality]))


def progression(numerals: str, tonic: int) -> list[Chord]:
    """Chords from numerals with spaces between."""
    return [chord(numeral, tonic) for numeral in numerals.split()]


def ladder(tonic: int, mode: str, low: int, high: int) -> list[int]:
    """All pitches of a scale from low to high."""
    classes = {(tonic + step) % 12 for step in MODES[mode]}
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]


def above(pitch_class: int, low: int) -> int:
    """The lowest pitch of that class at or above `low`.

    >>> above(0, 36), above(11, 36)
    (36, 47)
    """
    return low + (pitch_class - low) % 12


def voicing(of: Chord, low: int, count: int = 3, previous: list[int] | None = None) -> list[int]:
    """Close position within about an octave above `low`, moving as little as it can from `previous`."""
    wanted = list(of.tones[:count]) if count < len(of.tones) else list(of.tones)
    choices = []
    for start in range(low, low + 12):
        if start % 12 in wanted:
            pitches = sorted(above(tone, start) for tone in wanted)
            while len(pitches) < count:
                pitches.append(pitches[len(pitches) - len(wanted)] + 12)
            choices.append(pitches)
    if not previous or len(previous) != len(choices[0]):
        return choices[0]
    return min(choices, key=lambda c: sum(abs(a - b) for a, b in zip(c, previous, strict=True)))


def voicings(chords: list[Chord], low: int, count: int = 3) -> list[list[int]]:
    """One voicing after the other, each led from the one before."""
    out: list[list[int]] = []
    for one in chords:
        out.append(voicing(one, low, count, out[-1] if out else None))
    return out


@dataclass(frozen=True, slots=True)
class Tone:
    """A note of a melody: when and how long in beats."""

    beat: float
    pitch: int
    beats: float


def melody(
    rng: Generator,
    scale: list[int],
    chords: list[Chord],
    bar: float,
    rhythms: list[str],
    *,
    leap: float = 0.15,
) -> list[Tone]:
    """A tune over one chord a bar, in phrases of four bars: idea, answer, idea again, rest on a chord tone.

    scale: the pitches to choose from (`ladder`). bar: beats in a bar. rhythms: note lengths in beats with
    spaces between, "-1" a rest; the idea takes one of them and keeps it through the piece.
    """
    idea, answer = (rhythms[i] for i in rng.permutation(len(rhythms))[:2])
    shape = rng.choice([-2, -1, -1, 1, 1, 2], 24)
    place, out = len(scale) // 2, list[Tone]()
    for number, harmony in enumerate(chords):
        closing = number % 4 == 3 or number == len(chords) - 1
        rhythm = f"{bar * 0.75} -{bar * 0.25}" if closing else (idea, answer)[number % 2]
        beat = number * bar
        for i, length in enumerate(float(part) for part in rhythm.split()):
            if length > 0:
                step = shape[i] if number % 2 == 0 else rng.choice([-2, -1, 1, 2])
                place = _step(place, step * (1 + (rng.random() < leap)), len(scale))
                if i == 0 or closing or length >= 1.5:
                    place = _nearest(scale, place, harmony)
                out.append(Tone(beat, scale[place], length))
            beat += abs(length)
    return out


def _step(place: int, step: int, size: int) -> int:
    moved = place + step
    return moved if 0 <= moved < size else place - step if 0 <= place - step < size else place


def _nearest(scale: list[int], place: int, harmony: Chord) -> int:
    fitting = [i for i, pitch in enumerate(scale) if pitch % 12 in harmony.tones]
    return min(fitting, key=lambda i: abs(i - place)) if fitting else place


def walking(rng: Generator, chords: list[Chord], low: int) -> list[Tone]:
    """Four quarters a bar: root, two chord tones, and a half step towards the next root."""
    out = []
    for number, (here, there) in enumerate(pairwise([*chords, chords[0]])):
        root = above(here.root, low)
        inner = [above(tone, low + int(rng.integers(0, 5))) for tone in rng.permutation(here.tones[1:])[:2]]
        target = above(there.root, low)
        line = [root, *inner, target + int(rng.choice([-1, 1]))]
        out += [Tone(number * 4 + i, pitch, 0.95) for i, pitch in enumerate(line)]
    return out
