"""Music composed by a few rules and played by fluidsynth: what can be heard in it is known exactly.

A score has a style of `styles.toml` (or one instrument alone), a tempo, a key and a mode, and words for them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


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


SECONDS = 12.0  # of a piece, of which a window of ten is cut
# General MIDI's channel for drums, counted from 0.
DRUMS = 9
# Semitones above the tonic, one for each of seven degrees.
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
# The chords' roots bar by bar, as degrees from 0: (0, 4, 5, 3) is I V vi IV.
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
    mode = table["mode"]
    if mode == "either":
        mode = str(rng.choice(["major", "minor"]))
    bpm = float(rng.uniform(*table["bpm"]))
    part = _Part(mode, _key(rng), table.get("beats", 4), bpm, rng)
    notes: list[Note] = part.drums(table["drums"]) if "drums" in table else []
    programs: dict[int, int] = {}
    for channel, role in enumerate(("bass", "chords", "lead")):
        if role not in table:
            continue
        if role == "lead" and rng.random() >= 0.85:
            continue  # some music has no melody
        figure, *choice = table[role]
        programs[channel] = int(rng.choice(choice))
        notes += part.play(role, figure, channel)
    if table.get("swing"):
        notes = part.swung(notes)
    names = [instrument_names()[program] for program in programs.values()]
    if "drums" in table:
        names.append("drums")
    return Score(
        style=style,
        notes=tuple(notes),
        programs=programs,
        bpm=bpm,
        mode=mode,
        words=tuple(table["words"]),
        moods=tuple(table["moods"]) + _mode_moods(table["mode"], mode),
        instruments=tuple(dict.fromkeys(names)),  # each once, in order
    )


def solo(program: int, rng: np.random.Generator) -> Score:
    """One instrument alone, slow or fast, in major or minor."""
    mode = str(rng.choice(["major", "minor"]))
    # Slow, medium or fast, each as often.
    tempi = [rng.uniform(50, 75), rng.uniform(80, 115), rng.uniform(130, 170)]
    bpm = float(rng.choice(tempi))
    part = _Part(mode, _key(rng), 4, bpm, rng)
    figure = str(rng.choice(["melody", "eighths", "sparse"]))
    is_bass = 32 <= program < 40  # General MIDI's eight basses
    notes = part.play("bass" if is_bass else "lead", figure, 2)
    if rng.random() < 0.4:
        accompaniment = str(rng.choice(["block", "arpeggio8"]))
        notes += part.play("chords", accompaniment, 2)
    name = instrument_names()[program]
    return Score(
        style=f"solo {name}",
        notes=tuple(notes),
        programs={2: program},
        bpm=bpm,
        mode=mode,
        words=(f"solo {name}", f"{name} solo", f"a {name} playing alone"),
        moods=_mode_moods("either", mode),
        instruments=(name,),
    )


def _key(rng: np.random.Generator) -> int:
    """Semitones that everything is moved by."""
    return int(rng.integers(-5, 7))


# MIDI pitches of degree 0. The chords' A lies on another tonic than the C below it: the weights that exist
# were trained on scores that are so, and a taught listener is asked for instruments and mood, not harmony.
_CENTERS = {"bass": 36, "chords": 57, "lead": 69}
_VELOCITIES = {"bass": 92, "chords": 72, "lead": 98}


_LENGTHS: Mapping[str, Sequence[float]] = {
    "melody": (0.5, 1, 1, 2),
    "sparse": (1, 2, 3),
    "ragtime": (0.25, 0.5, 0.25, 0.5, 0.75),
}


class _Part:
    """The figures: each fills the score's bars with notes over one progression of chords."""

    def __init__(self, mode: str, key: int, beats: int, bpm: float, rng: np.random.Generator) -> None:
        """key: semitones up. beats: in a bar."""
        self.scale = SCALES[mode]
        self.key = key
        self.beats = beats
        self.rng = rng
        beats_in_all = SECONDS * bpm / 60
        self.bars = int(np.ceil(beats_in_all / beats))
        progressions = PROGRESSIONS[_harmony(mode)]
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
        steps = self.beats * (2 if name == "bodhran" else 4)
        width = self.beats / steps  # of a step, in beats
        notes = []
        for bar in range(self.bars):
            for drum, line in BEATS[name].items():
                for step in range(steps):
                    if line[step % len(line)] != "x":
                        continue
                    start = bar * self.beats + step * width
                    velocity = int(self.rng.integers(80, 115))
                    notes.append(Note(start, 0.2, DRUMS, drum, velocity))
        return notes

    def swung(self, notes: Sequence[Note]) -> list[Note]:
        """Every second eighth late, as a triplet."""
        swung = []
        for note in notes:
            on_second_eighth = abs(note.start % 1 - 0.5) < 0.01
            swung.append(note._replace(start=note.start + 1 / 6) if on_second_eighth else note)
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
            return [Stroke(0, self.beats, chord if figure == "block" else drone)]
        if figure in ("stride", "oompah"):
            return self._stride(root, chord, every=2 if figure == "stride" else self.beats)
        if figure == "power":
            is_struck = self.rng.random(self.beats * 2) < 0.8
            fifth = [root - 7, root - 3]
            return [Stroke(eighth / 2, 0.45, fifth) for eighth in np.flatnonzero(is_struck).tolist()]
        if figure in ("arpeggio8", "arpeggio16"):
            per_beat = 2 if figure == "arpeggio8" else 4
            tones = [*chord, root + 7, *chord[::-1]]  # up and down
            held = 1.5 / per_beat  # each tone rings on into the next
            return [Stroke(i / per_beat, held, [tones[i % len(tones)]]) for i in range(self.beats * per_beat)]
        return self._rhythm(figure, root, chord)

    def _drone(self) -> list[int]:
        """A fifth that stays whatever the chord, half of the time with a tone above it."""
        held = [0, 4]
        if self.rng.random() < 0.5:
            held.append(int(self.rng.integers(7, 14)))
        return held

    def _stride(self, root: int, chord: list[int], every: int) -> list[Stroke]:
        """The root two octaves down on the beats of the left hand, the chord on the others."""
        strokes = []
        for beat in range(self.beats):
            is_low = beat % every == 0
            strokes.append(Stroke(beat, 0.6, [root - 14] if is_low else chord))
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


def _harmony(mode: str) -> str:
    """The key of PROGRESSIONS for a mode."""
    if mode == "pentatonic":
        return "major"
    return mode if mode in PROGRESSIONS else "other"


def _starts(figure: str, beats: int) -> list[float]:
    """Where in a bar the strokes of a rhythm fall, in beats."""
    each_beat = [float(beat) for beat in range(beats)]
    eighths = [i / 2 for i in range(beats * 2)]
    grids: dict[str, list[float]] = {
        "root": [0],
        "quarters": each_beat,
        "walking": each_beat,
        "fifths": [0, beats / 2],
        "eighths": eighths,
        "octaves": eighths,
        "sixteenths": [i / 4 for i in range(beats * 4)],
        "offbeat": eighths[1::2],
        "offbeats": eighths[1::2],
        "strum": [0, 1, 1.5, 2.5, 3, 3.5],
        "stabs": [0, 0.75, 2.5],
        "bossa": [0, 0.75, 1.5, 2.5, 3.25],
    }
    return [start for start in grids[figure] if start < beats]


def _mode_moods(written: str, mode: str) -> tuple[str, ...]:
    """Words for the mode, where a style leaves it open (`written` is "either")."""
    if written != "either":
        return ()
    if mode == "major":
        return ("happy", "bright", "in a major key")
    return ("sad", "melancholic", "in a minor key")
