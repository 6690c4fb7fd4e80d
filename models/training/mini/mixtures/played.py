"""Scores for the bank, composed by rules or written by people, played by several soundfonts."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from models.training.mini.material import performance, scores
from models.training.mini.material.render import BLOCK, tones
from models.training.mini.mixtures import midi
from models.training.mini.mixtures.arrangements import arranged
from models.training.mini.mixtures.bank import RATE_HZ, Wave
from models.training.mini.mixtures.midi import Note

SOLOS, COMPOSED = 0.3, 0.2
"""The shares of scores for one instrument alone and of others made by rules; people wrote the rest."""


def block(number: int, pieces: Sequence[Sequence[Note]], font: Path) -> Iterator[tuple[str, Wave]]:
    """The scores of a block by name, as sound of twelve seconds at 32 kHz."""
    written = _written(number, pieces)
    # Without fluidsynth's own effects: rooms are added when windows are mixed.
    sounds = performance.render(written, font, rate_hz=RATE_HZ, effects=False)
    for i, (score, sound) in enumerate(zip(written, sounds, strict=True)):
        yield f"{score.style}-{i}", sound


def pieces_in(folder: Path, note: Callable[[str], None]) -> list[list[Note]]:
    """The notes of every MIDI file below a folder, and of those inside of Doom's archives of music.

    What cannot be read is noted and left out.
    """
    found: list[list[Note]] = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            pieces = [midi.read(content) for content in _midi_of(path)]
        except (OSError, ValueError, IndexError, struct.error) as problem:
            note(f"left out: {path}: {problem}")
            continue
        found += [notes for notes in pieces if notes]
    return found


def _written(number: int, pieces: Sequence[Sequence[Note]]) -> list[scores.Score]:
    """The scores of a block, the same whenever that block is asked for."""
    rng = np.random.default_rng((5, number))
    styles = list(scores.styles())
    programs = tones()
    found = []
    for _ in range(BLOCK):
        draw = rng.random()
        if draw < SOLOS:
            program = int(rng.choice(programs))
            found.append(scores.solo(program, rng))
        elif draw < SOLOS + COMPOSED or not pieces:
            style = styles[rng.integers(len(styles))]
            found.append(scores.compose(style, rng))
        else:
            found.append(arranged(pieces, rng))
    return found


def _midi_of(path: Path) -> Iterator[bytes]:
    """The MIDI files in a file: itself, or those in a WAD of Doom."""
    if path.suffix.lower() not in {".mid", ".midi", ".wad"}:
        return
    content = path.read_bytes()
    if content[1:4] == b"WAD":  # IWAD or PWAD
        yield from _midi_of_wad(content)
    elif content:
        yield content


def _midi_of_wad(content: bytes) -> Iterator[bytes]:
    """A WAD ends with a table of entries of 16 bytes: where an entry's content starts, its size, its name."""
    count, table = struct.unpack("<ii", content[4:12])
    for entry in range(table, table + 16 * count, 16):
        start, size = struct.unpack("<ii", content[entry : entry + 8])
        if content[start : start + 4] == b"MThd":
            yield content[start : start + size]
