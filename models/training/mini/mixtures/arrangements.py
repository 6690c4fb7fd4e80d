"""Scores that people wrote, as they are, by one part alone, or by other instruments than were meant."""

from collections.abc import Sequence

import numpy as np

from models.training.mini.material.scores import SECONDS, Score
from models.training.mini.mixtures.midi import DRUMS, Note

TONES = 120
"""General MIDI's programs from here on are noises."""
FEWEST = 8
"""Notes in the twelve seconds, or another place is looked for."""


def arranged(pieces: Sequence[Sequence[Note]], rng: np.random.Generator) -> Score:
    """Twelve seconds of one of the pieces: half of the time as written, else changed by chance."""
    while True:
        piece = pieces[int(rng.integers(len(pieces)))]
        start = rng.uniform(0, max(piece[-1].start_s - SECONDS, 0.1))
        notes = [note for note in piece if start <= note.start_s < start + SECONDS]
        kind = str(rng.choice(["written", "alone", "other"], p=[0.35, 0.4, 0.25]))
        if kind == "alone":
            notes = _alone(notes, rng)
        if len(notes) >= FEWEST:
            return _score(notes, start, kind, rng)


def _alone(notes: Sequence[Note], rng: np.random.Generator) -> list[Note]:
    """One channel of them, not always the busiest; none where only drums play."""
    channels = sorted({note.channel for note in notes if note.channel != DRUMS})
    if not channels:
        return []
    only = channels[rng.integers(len(channels))]
    return [note for note in notes if note.channel == only]


def _score(notes: Sequence[Note], start: float, kind: str, rng: np.random.Generator) -> Score:
    programs = {note.channel: note.program for note in notes if note.channel != DRUMS}
    if kind != "written":
        programs = {channel: int(rng.integers(TONES)) for channel in programs}
    up = 0 if kind == "written" else int(rng.integers(-7, 8))
    played = tuple(
        (
            note.start_s - start,
            note.length_s,
            note.channel,
            note.pitch if note.channel == DRUMS else int(np.clip(note.pitch + up, 21, 108)),
            note.velocity,
        )
        for note in notes
    )
    return Score("written", played, programs, 60.0, "", (), (), ())
