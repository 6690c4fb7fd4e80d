"""Music composed by a few rules and played by fluidsynth: what can be heard in it is known exactly.

A score has a style of `styles.toml` (or one instrument alone), a tempo, a key and a mode, and words for them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Note = tuple[float, float, int, int, int]
"""Start and length in beats, channel, pitch, velocity."""

SECONDS = 12.0
DRUMS = 9
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 4, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10, 11),
    "jazz": (0, 2, 4, 5, 7, 9, 11),
    "pentatonic": (0, 2, 4, 7, 9, 12, 14),
    "dissonant": (0, 1, 3, 6, 7, 8, 11),
}
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 0, 3, 4)),
    "jazz": ((1, 4, 0, 0), (0, 5, 1, 4), (3, 2, 1, 0)),
    "blues": ((0, 0, 2, 0), (0, 2, 0, 4)),
    "other": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 0, 5, 6)),
}
BEATS = {
    "four": {36: "x...x...x...x...", 42: "..x...x...x...x.", 39: "....x.......x..."},
    "disco": {36: "x...x...x...x...", 46: "..x...x...x...x.", 38: "....x.......x..."},
    "rock": {36: "x.......x.x.....", 38: "....x.......x...", 42: "x.x.x.x.x.x.x.x."},
    "metal": {36: "x.xxx.xxx.xxx.xx", 38: "....x.......x...", 49: "x.......x......."},
    "blast": {36: "x.x.x.x.x.x.x.x.", 38: ".x.x.x.x.x.x.x.x", 51: "x.x.x.x.x.x.x.x."},
    "breakbeat": {36: "x.........x.....", 38: "....x..x.x..x...", 42: "x.x.x.x.x.x.x.x."},
    "hiphop": {36: "x..x......x.....", 38: "....x.......x...", 42: "x.x.x.x.x.x.x.xx"},
    "funk": {36: "x..x..x...x..x..", 38: "....x..x.x..x...", 42: "xxxxxxxxxxxxxxxx"},
    "swing": {51: "x...x.xx...xx.x.", 44: "....x.......x...", 36: "x.......x......."},
    "brushes": {51: "x...x..xx...x..x", 44: "....x.......x..."},
    "bossa": {36: "x..xx..xx..xx..x", 37: "x..x..x...x..x..", 42: "x.x.x.x.x.x.x.x."},
    "latin": {64: "x..x..x...x.x...", 62: "..x...xx..x...xx", 70: "x.xxx.xxx.xxx.xx", 56: "x...x...x...x..."},
    "reggae": {36: "........x.......", 37: "........x.......", 42: "..x...x...x...x."},
    "march": {36: "x.......x.......", 38: "x..xx.xxx..xxxxx", 49: "x..............."},
    "train": {38: "xxxxxxxxxxxxxxxx", 36: "x...x...x...x..."},
    "bodhran": {41: "x.....x.....", 45: "..x.x...x.x.", 54: "...x.....x.."},
    "claps": {39: "x..x..x...x.x..."},
    "epic": {41: "x...x.x.x...x.xx", 36: "x.......x.......", 49: "x..............."},
    "sleigh": {83: "x.x.x.x.x.x.x.x."},
    "tribal": {60: "x..x..x.x..x..x.", 61: "..x..x.x..x..x.x", 41: "x.....x...x....."},
}


@dataclass(frozen=True, slots=True)
class Score:
    """What is played and what a listener may call it. `programs`: channel to General MIDI program."""

    style: str
    notes: tuple[Note, ...]
    programs: Mapping[int, int]
    bpm: float
    mode: str
    words: tuple[str, ...]
    moods: tuple[str, ...]
    instruments: tuple[str, ...]


@cache
def styles() -> dict[str, dict[str, Any]]:
    """The table of `styles.toml`."""
    return tomllib.loads((Path(__file__).parent / "styles.toml").read_text())


@cache
def instrument_names() -> tuple[str, ...]:
    """What a listener calls each of General MIDI's 128 programs."""
    return tuple((Path(__file__).parent / "instruments.txt").read_text().splitlines())


def compose(style: str, rng: np.random.Generator) -> Score:
    """A score of 12 seconds in that style; tempo, key, chords, melody and instruments are drawn."""
    table = styles()[style]
    mode = table["mode"] if table["mode"] != "either" else str(rng.choice(["major", "minor"]))
    bpm = float(rng.uniform(*table["bpm"]))
    part = _Part(mode, int(rng.integers(-5, 7)), table.get("beats", 4), bpm, rng)
    notes: list[Note] = part.drums(table["drums"]) if "drums" in table else []
    programs: dict[int, int] = {}
    for channel, role in enumerate(("bass", "chords", "lead")):
        if role in table and (role != "lead" or rng.random() < 0.85):
            figure, *choice = table[role]
            programs[channel] = int(rng.choice(choice))
            notes += part.play(role, figure, channel)
    names = [instrument_names()[p] for p in programs.values()] + (["drums"] if "drums" in table else [])
    return Score(
        style,
        tuple(part.swung(notes) if table.get("swing") else notes),
        programs,
        bpm,
        mode,
        tuple(table["words"]),
        tuple(table["moods"]) + _mode_moods(table["mode"], mode),
        tuple(dict.fromkeys(names)),
    )


def solo(program: int, rng: np.random.Generator) -> Score:
    """One instrument alone, slow or fast, in major or minor."""
    mode = str(rng.choice(["major", "minor"]))
    bpm = float(rng.choice([rng.uniform(50, 75), rng.uniform(80, 115), rng.uniform(130, 170)]))
    part = _Part(mode, int(rng.integers(-5, 7)), 4, bpm, rng)
    figure = str(rng.choice(["melody", "eighths", "sparse"]))
    notes = part.play("lead" if not 32 <= program < 40 else "bass", figure, 2)
    if rng.random() < 0.4:
        notes += part.play("chords", str(rng.choice(["block", "arpeggio8"])), 2)
    name = instrument_names()[program]
    words = (f"solo {name}", f"{name} solo", f"a {name} playing alone")
    return Score(
        f"solo {name}", tuple(notes), {2: program}, bpm, mode, words, _mode_moods("either", mode), (name,)
    )


_LENGTHS: Mapping[str, Sequence[float]] = {
    "melody": (0.5, 1, 1, 2),
    "sparse": (1, 2, 3),
    "ragtime": (0.25, 0.5, 0.25, 0.5, 0.75),
}


class _Part:
    """The figures: each fills the score's bars with notes over one progression of chords."""

    def __init__(self, mode: str, key: int, beats: int, bpm: float, rng: np.random.Generator) -> None:
        self.scale, self.key, self.beats, self.rng = SCALES[mode], key, beats, rng
        self.bars = int(np.ceil(SECONDS * bpm / 60 / beats))
        family = "major" if mode == "pentatonic" else mode if mode in PROGRESSIONS else "other"
        self.chords = PROGRESSIONS[family][rng.integers(len(PROGRESSIONS[family]))]
        self.size = 4 if mode == "jazz" else 3

    def play(self, role: str, figure: str, channel: int) -> list[Note]:
        """The notes of one instrument."""
        center = {"bass": 36, "chords": 57, "lead": 69}[role] + self.key
        volume = {"bass": 92, "chords": 72, "lead": 98}[role]
        notes: list[Note] = []
        for bar in range(self.bars):
            root = self.chords[bar % len(self.chords)]
            for start, length, degrees in self._bar(figure, root):
                for degree in degrees:
                    loud = int(np.clip(volume + self.rng.normal(0, 7), 30, 127))
                    notes.append(
                        (bar * self.beats + start, length, channel, self._pitch(center, degree), loud)
                    )
        return notes

    def drums(self, name: str) -> list[Note]:
        """A beat of sixteenths, the same in every bar; in three or six it ends early."""
        steps = self.beats * (2 if name == "bodhran" else 4)
        width = self.beats / steps
        return [
            (bar * self.beats + step * width, 0.2, DRUMS, drum, int(self.rng.integers(80, 115)))
            for bar in range(self.bars)
            for drum, line in BEATS[name].items()
            for step in range(steps)
            if line[step % len(line)] == "x"
        ]

    def swung(self, notes: Sequence[Note]) -> list[Note]:
        """Every second eighth late, as a triplet."""
        return [(s + 1 / 6 if abs(s % 1 - 0.5) < 0.01 else s, *rest) for s, *rest in notes]  # type: ignore[misc]

    def _pitch(self, center: int, degree: int) -> int:
        octave, step = divmod(degree, 7)
        return int(np.clip(center + 12 * octave + self.scale[step], 21, 108))

    def _bar(self, figure: str, root: int) -> list[tuple[float, float, list[int]]]:
        """One bar: (start, length, scale degrees) of each stroke."""
        chord = [root + 2 * i for i in range(self.size)]
        beats, rng = self.beats, self.rng
        if figure in ("melody", "sparse", "ragtime", "lead"):
            return self._line(figure, chord)
        if figure in ("block", "drone"):
            low = [0, 4, *([int(rng.integers(7, 14))] if rng.random() < 0.5 else [])]
            return [(0, beats, chord if figure == "block" else low)]
        if figure in ("stride", "oompah"):
            return [
                (b, 0.6, [root - 14] if b % (2 if figure == "stride" else beats) == 0 else chord)
                for b in range(beats)
            ]
        if figure == "power":
            strokes = rng.random(beats * 2) < 0.8
            return [(i / 2, 0.45, [root - 7, root - 3]) for i in range(beats * 2) if strokes[i]]
        if figure in ("arpeggio8", "arpeggio16"):
            grid = 2 if figure == "arpeggio8" else 4
            tones = [*chord, root + 7, *chord[::-1]]
            return [(i / grid, 1.5 / grid, [tones[i % len(tones)]]) for i in range(beats * grid)]
        return self._rhythm(figure, root, chord)

    def _rhythm(self, figure: str, root: int, chord: list[int]) -> list[tuple[float, float, list[int]]]:
        beats, rng = self.beats, self.rng
        grids: dict[str, list[float]] = {
            "root": [0],
            "quarters": [float(b) for b in range(beats)],
            "walking": [float(b) for b in range(beats)],
            "fifths": [0, beats / 2],
            "eighths": [b / 2 for b in range(beats * 2)],
            "octaves": [b / 2 for b in range(beats * 2)],
            "sixteenths": [b / 4 for b in range(beats * 4)],
            "offbeat": [b + 0.5 for b in range(beats)],
            "offbeats": [b + 0.5 for b in range(beats)],
            "strum": [0, 1, 1.5, 2.5, 3, 3.5],
            "stabs": [0, 0.75, 2.5],
            "bossa": [0, 0.75, 1.5, 2.5, 3.25],
        }
        starts = [s for s in grids[figure] if s < beats]
        gap = np.diff([*starts, beats])
        strokes = []
        for i, (start, room) in enumerate(zip(starts, gap, strict=True)):
            if figure in ("strum", "offbeats", "stabs", "bossa", "quarters"):
                degrees = chord
            elif figure in ("walking", "sixteenths", "eighths") and rng.random() < 0.7:
                degrees = [root + int(rng.choice([0, 2, 4, 7, 1, 3]))]
            else:
                degrees = [root + (7 if figure == "octaves" else 4 if figure == "fifths" else 0) * (i % 2)]
            strokes.append((float(start), float(min(room, 2) * 0.85), degrees))
        return strokes

    def _line(self, figure: str, chord: list[int]) -> list[tuple[float, float, list[int]]]:
        """Chord tones on the beat, steps in between; sparse ones rest a lot, ragtime ones anticipate."""
        rng, now = self.rng, 0.0
        lengths = _LENGTHS[figure]
        degree, strokes = int(rng.choice(chord)), []
        while now < self.beats:
            length = float(min(rng.choice(lengths), self.beats - now))
            if rng.random() > (0.45 if figure == "sparse" else 0.08):
                strokes.append((now, length * 0.95, [degree]))
            now += length
            degree = (
                int(rng.choice(chord))
                if now % 1 == 0 and rng.random() < 0.6
                else degree + int(rng.integers(-2, 3))
            )
            degree = int(np.clip(degree, -3, 11))
        return strokes


def _mode_moods(written: str, mode: str) -> tuple[str, ...]:
    if written == "either":
        return (
            ("happy", "bright", "in a major key")
            if mode == "major"
            else ("sad", "melancholic", "in a minor key")
        )
    return ()
