"""Figures: what an instrument does with the chords of a bar, such as a walking bass, a waltz or a melody."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SECONDS = 12.0  # of a piece, of which a window of ten is cut
# General MIDI's channel for drums, counted from 0.
DRUMS = 9

# MIDI pitches of degree 0. The chords' A lies on another tonic than the C below it: the weights that exist
# were trained on scores that are so, and a taught listener is asked for instruments and mood, not harmony.
_CENTERS = {"bass": 36, "chords": 57, "lead": 69}
_VELOCITIES = {"bass": 92, "chords": 72, "lead": 98}

_LENGTHS: Mapping[str, Sequence[float]] = {
    "melody": (0.5, 1, 1, 2),
    "sparse": (1, 2, 3),
    "ragtime": (0.25, 0.5, 0.25, 0.5, 0.75),
}
"""Of the notes of a line, in beats: one of them is drawn for each."""
_EVEN: Mapping[str, tuple[float, float]] = {
    "quarters": (0, 1),
    "walking": (0, 1),
    "eighths": (0, 1 / 2),
    "octaves": (0, 1 / 2),
    "sixteenths": (0, 1 / 4),
    "offbeat": (1 / 2, 1),
    "offbeats": (1 / 2, 1),
}
"""Rhythms of equal steps: where the first stroke falls, and how far it is to the next, in beats."""
_UNEVEN: Mapping[str, Sequence[float]] = {
    "root": (0,),
    "strum": (0, 1, 1.5, 2.5, 3, 3.5),
    "stabs": (0, 0.75, 2.5),
    "bossa": (0, 0.75, 1.5, 2.5, 3.25),
}
"""Where the strokes of other rhythms fall, in beats."""


class Note(NamedTuple):
    """A note of a score: start and length in beats, General MIDI's channel, pitch and velocity."""

    start: float
    length: float
    channel: int
    pitch: int
    velocity: int


class Stroke(NamedTuple):
    """What sounds at once in a bar: start and length in beats, and the degrees of the scale."""

    start: float
    length: float
    degrees: list[int]


@cache
def _tables() -> dict[str, Any]:
    """Scales, progressions, drums and beats: the tables of `figures.toml`."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


class Part:
    """One piece's scale and chords, over which each figure fills the bars with notes."""

    def __init__(self, mode: str, key: int, beats: int, bpm: float, rng: np.random.Generator) -> None:
        """key: semitones up. beats: in a bar."""
        self.scale: list[int] = _tables()["scales"][mode]
        self.key = key
        self.beats = beats
        self.rng = rng
        beats_in_all = SECONDS * bpm / 60
        self.bars = int(np.ceil(beats_in_all / beats))
        progressions = _progressions(mode)
        self.chords = progressions[rng.integers(len(progressions))]
        self.size = 4 if mode == "jazz" else 3  # tones in a chord: jazz has sevenths

    def play(self, role: str, figure: str, channel: int) -> list[Note]:
        """The notes of one instrument. role: `bass`, `chords` or `lead`."""
        center = _CENTERS[role] + self.key
        notes: list[Note] = []
        for bar in range(self.bars):
            root = self.chords[bar % len(self.chords)]
            for stroke in self._bar(figure, root):
                start = bar * self.beats + stroke.start
                for degree in stroke.degrees:
                    touch = _VELOCITIES[role] + self.rng.normal(0, 7)  # no two notes as hard
                    velocity = int(np.clip(touch, 30, 127))
                    pitch = self._pitch(center, degree)
                    notes.append(Note(start, stroke.length, channel, pitch, velocity))
        return notes

    def drums(self, name: str) -> list[Note]:
        """A beat of sixteenths, the same in every bar; in three or six it ends early."""
        per_beat = 2 if name == "bodhran" else 4
        keys = _tables()["drums"]
        beat = _tables()["beats"][name]
        notes = []
        for bar in range(self.bars):
            for drum, line in beat.items():
                for step in range(self.beats * per_beat):
                    if line[step % len(line)] != "x":
                        continue
                    start = bar * self.beats + step / per_beat
                    velocity = int(self.rng.integers(80, 115))
                    notes.append(Note(start, 0.2, DRUMS, keys[drum], velocity))
        return notes

    def swung(self, notes: Sequence[Note]) -> list[Note]:
        """Every second eighth late, as a triplet."""
        swung = []
        for note in notes:
            is_on_second_eighth = abs(note.start % 1 - 0.5) < 0.01
            late = 1 / 6 if is_on_second_eighth else 0
            swung.append(note._replace(start=note.start + late))
        return swung

    def _pitch(self, center: int, degree: int) -> int:
        """A MIDI pitch on a piano's keys (21 to 108). degree: 7 is the first one an octave up."""
        octave, step = divmod(degree, 7)
        pitch = center + 12 * octave + self.scale[step]
        return int(np.clip(pitch, 21, 108))

    def _bar(self, figure: str, root: int) -> list[Stroke]:
        """One bar of a figure over the chord on `root`."""
        chord = [root + 2 * i for i in range(self.size)]  # stacked thirds
        if figure in _LENGTHS:
            return self._line(figure, chord)
        if figure in ("block", "drone"):
            drone = self._drone()  # drawn for both: scores stay what they were
            held = chord if figure == "block" else drone
            return [Stroke(0, self.beats, held)]
        if figure == "stride":
            return self._stride(root, chord, every=2)
        if figure == "oompah":
            return self._stride(root, chord, every=self.beats)
        if figure == "power":
            return self._power(root)
        if figure == "arpeggio8":
            return self._arpeggio(root, chord, per_beat=2)
        if figure == "arpeggio16":
            return self._arpeggio(root, chord, per_beat=4)
        return self._rhythm(figure, root, chord)

    def _drone(self) -> list[int]:
        """A fifth that stays whatever the chord, half of the time with a tone above it."""
        held = [0, 4]
        if self.rng.random() < 0.5:
            held.append(int(self.rng.integers(7, 14)))
        return held

    def _power(self, root: int) -> list[Stroke]:
        """A low fifth on most eighths."""
        fifth = [root - 7, root - 3]
        is_struck = self.rng.random(self.beats * 2) < 0.8  # (eighths,)
        struck = np.flatnonzero(is_struck).tolist()
        return [Stroke(eighth / 2, 0.45, fifth) for eighth in struck]

    def _arpeggio(self, root: int, chord: list[int], per_beat: int) -> list[Stroke]:
        """The tones of the chord one by one, up to the octave and down again."""
        tones = [*chord, root + 7, *chord[::-1]]
        held = 1.5 / per_beat  # each tone rings on into the next
        strokes = []
        for i in range(self.beats * per_beat):
            tone = tones[i % len(tones)]
            strokes.append(Stroke(i / per_beat, held, [tone]))
        return strokes

    def _stride(self, root: int, chord: list[int], every: int) -> list[Stroke]:
        """The root two octaves down on the beats of the left hand, the chord on the others."""
        strokes = []
        for beat in range(self.beats):
            is_low = beat % every == 0
            struck = [root - 14] if is_low else chord
            strokes.append(Stroke(beat, 0.6, struck))
        return strokes

    def _rhythm(self, figure: str, root: int, chord: list[int]) -> list[Stroke]:
        """Strokes at the starts that a figure has, each held until the next."""
        starts = _starts(figure, self.beats)
        rooms = np.diff([*starts, self.beats])
        strokes = []
        for i, (start, room) in enumerate(zip(starts, rooms, strict=True)):
            degrees = self._struck(figure, i, root, chord)
            length = float(min(room, 2) * 0.85)
            strokes.append(Stroke(float(start), length, degrees))
        return strokes

    def _struck(self, figure: str, i: int, root: int, chord: list[int]) -> list[int]:
        """The degrees of a rhythm's stroke `i`: the chord, a bass that wanders, or root and one other."""
        if figure in ("strum", "offbeats", "stabs", "bossa", "quarters"):
            return chord
        if figure in ("walking", "sixteenths", "eighths") and self.rng.random() < 0.7:
            step = int(self.rng.choice([0, 2, 4, 7, 1, 3]))
            return [root + step]
        other = {"octaves": 7, "fifths": 4}.get(figure, 0)
        return [root + other * (i % 2)]

    def _line(self, figure: str, chord: list[int]) -> list[Stroke]:
        """Chord tones on the beat, steps in between; sparse ones rest a lot, ragtime ones anticipate."""
        rng = self.rng
        lengths = _LENGTHS[figure]
        rest = 0.45 if figure == "sparse" else 0.08  # chance that a note is left out
        now = 0.0  # beats
        degree = int(rng.choice(chord))
        strokes = []
        while now < self.beats:
            length = float(min(rng.choice(lengths), self.beats - now))
            if rng.random() > rest:
                strokes.append(Stroke(now, length * 0.95, [degree]))
            now += length
            on_beat = now % 1 == 0
            if on_beat and rng.random() < 0.6:
                degree = int(rng.choice(chord))
            else:
                degree += int(rng.integers(-2, 3))
            degree = int(np.clip(degree, -3, 11))
        return strokes


def _progressions(mode: str) -> list[list[int]]:
    """The progressions of chords for a mode."""
    progressions: dict[str, list[list[int]]] = _tables()["progressions"]
    if mode == "pentatonic":
        return progressions["major"]
    return progressions.get(mode, progressions["other"])


def _starts(figure: str, beats: int) -> list[float]:
    """Where in a bar the strokes of a rhythm fall, in beats."""
    if figure == "fifths":
        return [0, beats / 2]
    if figure in _EVEN:
        first, step = _EVEN[figure]
        return np.arange(first, beats, step).tolist()
    return [start for start in _UNEVEN[figure] if start < beats]  # a short bar cuts them off
