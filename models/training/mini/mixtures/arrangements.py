"""Scores that people wrote, as they are, by one part alone, or by other instruments than were meant."""

from collections.abc import Sequence

import numpy as np

from models.training.mini.material.figures import DRUMS, SECONDS, Note
from models.training.mini.material.scores import Score
from models.training.mini.mixtures import midi

TONES = 120
"""General MIDI's programs from here on are noises."""
FEWEST = 8
"""Notes in the twelve seconds, or another place is looked for."""
LOWEST, HIGHEST = 21, 108
"""MIDI pitches of a piano's first and last key."""


def arranged(pieces: Sequence[Sequence[midi.Note]], rng: np.random.Generator) -> Score:
    """Twelve seconds of one of the pieces: a third of the time as written, else changed by chance."""
    while True:
        piece = pieces[int(rng.integers(len(pieces)))]
        last_start = piece[-1].start_s - SECONDS
        start = rng.uniform(0, max(last_start, 0.1))
        notes = [note for note in piece if start <= note.start_s < start + SECONDS]
        kind = str(rng.choice(["written", "alone", "other"], p=[0.35, 0.4, 0.25]))
        if kind == "alone":
            notes = _alone(notes, rng)
        if len(notes) >= FEWEST:
            return _score(notes, start, kind, rng)


def part(pieces: Sequence[Sequence[midi.Note]], rng: np.random.Generator) -> Score:
    """Twelve seconds of one part alone of one of the pieces, as written."""
    while True:
        piece = pieces[int(rng.integers(len(pieces)))]
        last_start = piece[-1].start_s - SECONDS
        start = rng.uniform(0, max(last_start, 0.1))
        notes = _alone([note for note in piece if start <= note.start_s < start + SECONDS], rng)
        if len(notes) >= FEWEST:
            return _score(notes, start, "written", rng)


def _alone(notes: Sequence[midi.Note], rng: np.random.Generator) -> list[midi.Note]:
    """One channel of them, not always the busiest; none where only drums play."""
    channels = sorted({note.channel for note in notes if note.channel != DRUMS})
    if not channels:
        return []
    only = channels[rng.integers(len(channels))]
    return [note for note in notes if note.channel == only]


def _score(notes: Sequence[midi.Note], start_s: float, kind: str, rng: np.random.Generator) -> Score:
    """The notes as a score; unless `written`, with drawn instruments and in another key."""
    programs = {note.channel: note.program for note in notes if note.channel != DRUMS}
    semitones = 0
    if kind != "written":
        programs = {channel: int(rng.integers(TONES)) for channel in programs}
        semitones = int(rng.integers(-7, 8))
    played = []
    for note in notes:
        pitch = note.pitch
        if note.channel != DRUMS:  # a drum's pitch says which drum it is
            pitch = int(np.clip(pitch + semitones, LOWEST, HIGHEST))
        start = note.start_s - start_s
        played.append(Note(start, note.length_s, note.channel, pitch, note.velocity))
    # At 60 beats a minute a second is a beat, so seconds stand as they are. Nobody said what it sounds like.
    return Score(
        style="written",
        notes=tuple(played),
        programs=programs,
        bpm=60.0,
        mode="",
        words=(),
        moods=(),
        instruments=(),
    )
