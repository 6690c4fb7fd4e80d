"""Music composed by a few rules and played by fluidsynth: what can be heard in it is known exactly.

A score has a style of `styles.toml` (or one instrument alone), a tempo, a key and a mode, and words for them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.training.mini.material.figures import Note, Part

BASSES = range(32, 40)
"""General MIDI's programs of basses."""


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
    part = Part(mode, _key(rng), table.get("beats", 4), bpm, rng)
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
    part = Part(mode, _key(rng), 4, bpm, rng)
    figure = str(rng.choice(["melody", "eighths", "sparse"]))
    role = "bass" if program in BASSES else "lead"
    notes = part.play(role, figure, 2)
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


def _mode_moods(written: str, mode: str) -> tuple[str, ...]:
    """Words for the mode, where a style leaves it open (`written` is "either")."""
    if written != "either":
        return ()
    if mode == "major":
        return ("happy", "bright", "in a major key")
    return ("sad", "melancholic", "in a minor key")
