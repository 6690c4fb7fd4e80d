"""Scales, chords and how they follow each other: the grammar that every style shares."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, pairwise
from operator import sub

from numpy.random import Generator

# Half tones above the tonic. Raga is Bhairav, japanese the Hirajoshi scale.
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
# Of a major scale, also for pieces in minor: there bIII, bVI and bVII are written out, as pop harmony does.
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
    root = tonic + _NUMERALS[degree.lower()]
    if flat:
        root -= 1
    is_minor = degree.islower() and f"m{quality}" in _QUALITIES
    steps = _QUALITIES[f"m{quality}" if is_minor else quality]
    tones = [(root + step) % 12 for step in steps]
    return Chord(tuple(tones))


def any_key(rng: Generator, among: Sequence[int] = ()) -> int:
    """A tonic as a pitch class (0 is C): any of the twelve, or one that lies well on an instrument."""
    return int(rng.choice(among) if among else rng.integers(0, 12))


def one_of(rng: Generator, choices: Sequence[str]) -> str:
    """One of several progressions or rhythms, each as likely as the others."""
    return choices[int(rng.integers(len(choices)))]


def progression(numerals: str, tonic: int) -> list[Chord]:
    """Chords from numerals with spaces between."""
    return [chord(numeral, tonic) for numeral in numerals.split()]


def repeated(chords: list[Chord], bars: int) -> list[Chord]:
    """A progression again and again, a chord a bar, for so many bars."""
    again_and_again = cycle(chords)
    return list(islice(again_and_again, bars))


def mixed(rng: Generator, progressions: list[str], tonic: int, bars: int) -> list[Chord]:
    """A chord a bar, each of one of several progressions at that place: they agree enough to make sense."""
    chords = []
    for bar in range(bars):
        harmonies = progression(one_of(rng, progressions), tonic)
        chords.append(harmonies[bar % len(harmonies)])
    return chords


def stacked(root: int, steps: Iterable[int]) -> list[int]:
    """Pitches by their half tones above a root.

    >>> stacked(60, (0, 7, 16))
    [60, 67, 76]
    """
    return [root + step for step in steps]


def ladder(tonic: int, mode: str, low: int, high: int) -> list[int]:
    """All pitches of a scale from low to high."""
    classes = {(tonic + step) % 12 for step in MODES[mode]}
    pitches = range(low, high + 1)
    return [pitch for pitch in pitches if pitch % 12 in classes]


def above(pitch_class: int, low: int) -> int:
    """The lowest pitch of that class at or above `low`.

    >>> above(0, 36), above(11, 36)
    (36, 47)
    """
    return low + (pitch_class - low) % 12


def voicing(of: Chord, low: int, count: int = 3, previous: list[int] | None = None) -> list[int]:
    """Close position within about an octave above `low`, moving as little as it can from `previous`."""
    wanted = list(of.tones[:count])
    choices = []
    # The inversions: from each tone of the chord within an octave, the others close above it.
    for start in range(low, low + 12):
        if start % 12 in wanted:
            pitches = sorted(above(tone, start) for tone in wanted)
            while len(pitches) < count:  # of a triad in four voices one tone is doubled, an octave above
                doubled = pitches[len(pitches) - len(wanted)]
                pitches.append(doubled + 12)
            choices.append(pitches)
    lowest = choices[0]
    if not previous or len(previous) != len(lowest):
        return lowest
    return min(choices, key=lambda pitches: _moved(pitches, previous))


def _moved(pitches: list[int], previous: list[int]) -> int:
    """How far all voices move together, in half tones."""
    steps = map(sub, pitches, previous)
    return sum(map(abs, steps))


def voicings(chords: list[Chord], low: int, count: int = 3) -> list[list[int]]:
    """One voicing after the other, each led from the one before."""
    hands: list[list[int]] = []
    previous = None
    for one in chords:
        previous = voicing(one, low, count, previous)
        hands.append(previous)
    return hands


@dataclass(frozen=True, slots=True)
class Tone:
    """A note of a melody: when and how long in beats."""

    beat: float
    pitch: int
    beats: float


_STEPS = (-2, -1, 1, 2)
"""On the scale, from one tone of a melody to the next."""


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
    order = rng.permutation(len(rhythms))
    idea, answer = (rhythms[drawn] for drawn in order[:2])
    shape = rng.choice([-2, -1, -1, 1, 1, 2], 24)  # of the idea, which is known again when it comes back
    last = len(chords) - 1
    place = len(scale) // 2
    tones: list[Tone] = []
    for number, harmony in enumerate(chords):
        is_idea = number % 2 == 0
        is_closing = number % 4 == 3 or number == last
        rhythm = idea if is_idea else answer
        if is_closing:
            rhythm = f"{bar * 0.75} -{bar * 0.25}"  # a long tone and a breath
        beat = number * bar
        for i, length in enumerate(map(float, rhythm.split())):
            if length > 0:
                step = shape[i] if is_idea else rng.choice(_STEPS)
                if rng.random() < leap:
                    step = step * 2
                place = _step(place, step, len(scale))
                # What is heard most belongs to the chord; the rest may pass through.
                if i == 0 or is_closing or length >= 1.5:
                    place = _nearest(scale, place, harmony)
                tone = Tone(beat, scale[place], length)
                tones.append(tone)
            beat += abs(length)
    return tones


def _step(place: int, step: int, size: int) -> int:
    """A step on the scale; where it ends, the other way."""
    for moved in (place + step, place - step):
        if 0 <= moved < size:
            return moved
    return place


def _nearest(scale: list[int], place: int, harmony: Chord) -> int:
    """The place of the nearest tone of the chord, or the same where the scale has none."""
    fitting = places_of(harmony, scale)
    return min(fitting, key=lambda i: abs(i - place), default=place)


def places_of(harmony: Chord, scale: list[int]) -> list[int]:
    """Where in a scale (`ladder`) the tones of a chord stand."""
    return [i for i, pitch in enumerate(scale) if pitch % 12 in harmony.tones]


def walking(rng: Generator, chords: list[Chord], low: int) -> list[Tone]:
    """Four quarters a bar: root, two chord tones, and a half step towards the next root."""
    tones: list[Tone] = []
    around = [*chords, chords[0]]  # the last bar leads back to the first
    for number, (here, there) in enumerate(pairwise(around)):
        line = [above(here.root, low)]
        others = rng.permutation(here.tones[1:])
        for tone in others[:2]:
            lowest = low + int(rng.integers(0, 5))
            line.append(above(tone, lowest))
        target = above(there.root, low)
        from_beside = int(rng.choice([-1, 1]))
        line.append(target + from_beside)
        for i, pitch in enumerate(line):
            beat = number * 4 + i
            tones.append(Tone(beat, pitch, 0.95))
    return tones
