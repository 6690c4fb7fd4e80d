"""Scores for the bank, composed by rules or written by people, played by several soundfonts."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from models.training.mini.material import performance, scores
from models.training.mini.material.render import BLOCK, NOT_TONES
from models.training.mini.mixtures import midi
from models.training.mini.mixtures.arrangements import arranged
from models.training.mini.mixtures.bank import RATE_HZ, Wave
from models.training.mini.mixtures.midi import Note

SOLOS, COMPOSED = 0.3, 0.2
"""The shares of scores for one instrument alone and of others made by rules; people wrote the rest."""

PITCHED = 116
"""General MIDI's programs from here on are drums and noises."""


def block(number: int, pieces: Sequence[Sequence[Note]], font: Path) -> Iterator[tuple[str, Wave]]:
    """The scores of a block by name, as sound of twelve seconds at 32 kHz."""
    written = _written(number, pieces)
    sounds = performance.render(written, font, rate_hz=RATE_HZ, effects=False)
    yield from (
        (f"{score.style}-{i}", sound) for i, (score, sound) in enumerate(zip(written, sounds, strict=True))
    )


def pieces_in(folder: Path, note: Callable[[str], None]) -> list[list[Note]]:
    """The notes of every MIDI file below a folder, and of those inside of Doom's archives of music.

    What cannot be read is noted and left out.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                pieces = [midi.read(content) for content in _midi_of(path)]
            except (OSError, ValueError, IndexError, struct.error) as problem:
                note(f"left out: {path}: {problem}")
                continue
            found += [notes for notes in pieces if notes]
    return found


def _written(number: int, pieces: Sequence[Sequence[Note]]) -> list[scores.Score]:
    rng = np.random.default_rng((5, number))
    styles = list(scores.styles())
    tones = [program for program in range(PITCHED) if program not in NOT_TONES]
    found = []
    for _ in range(BLOCK):
        draw = rng.random()
        if draw < SOLOS:
            found.append(scores.solo(int(rng.choice(tones)), rng))
        elif draw < SOLOS + COMPOSED or not pieces:
            found.append(scores.compose(styles[rng.integers(len(styles))], rng))
        else:
            found.append(arranged(pieces, rng))
    return found


def _midi_of(path: Path) -> Iterator[bytes]:
    content = path.read_bytes() if path.suffix.lower() in {".mid", ".midi", ".wad"} else b""
    if content[1:4] != b"WAD":
        if content:
            yield content
        return
    count, table = struct.unpack("<ii", content[4:12])
    for entry in range(table, table + 16 * count, 16):
        start, size = struct.unpack("<ii", content[entry : entry + 8])
        if content[start : start + 4] == b"MThd":
            yield content[start : start + size]
