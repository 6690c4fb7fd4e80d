"""Solos as the trunk hears them: each instrument by each soundfont, composed by rules or by people.

And scores of several instruments, which are not to be heard in another way.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.networks.mini.front_end import front_end_of
from models.networks.mini.network import Mini
from models.networks.mini.spectra import RATE_HZ
from models.training.mini.material import performance, scores
from models.training.mini.material.render import BLOCK, NOT_TONES
from models.training.mini.material.windows import changed
from models.training.mini.mixtures import arrangements, midi

Floats = NDArray[np.float32]
SIZE = 10 * RATE_HZ
"""Samples of a window."""
LAST = 112
"""General MIDI's programs from here on are drums and noises, or have a name that nobody searches for."""

RULES = 0.6
"""The share of solos that are composed by rules."""
WARPED = (0, 0, 0, -4, -2, 2, 4)
"""By how many semitones a block is played faster and higher than it was performed, which moves the timbre."""
AT_ONCE = 16
"""Windows that go through the trunk together."""


def programs() -> list[int]:
    """The programs of instruments that a person may look for."""
    return [program for program in range(LAST) if program not in NOT_TONES]


def names() -> list[str]:
    """What the instruments are called, each name once."""
    called = scores.instrument_names()
    return list(dict.fromkeys(called[program] for program in programs()))


def block(number: int, pieces: Sequence[Sequence[midi.Note]]) -> list[scores.Score]:
    """The solos of a block, the same whenever it is asked for; over the blocks each program as often."""
    every = programs()
    first = number * BLOCK
    drawn = []
    for place in range(first, first + BLOCK):
        turn, at = divmod(place, len(every))
        in_turn = np.random.default_rng((8, turn)).permutation(every)
        drawn.append(int(in_turn[at]))
    rng = np.random.default_rng((9, number))
    return [_solo(program, pieces, rng) for program in drawn]


def heard(
    number: int, pieces: Sequence[Sequence[midi.Note]], font: Path, mini: Mini
) -> tuple[Floats, NDArray[np.int64]]:
    """The trunk's features of the solos of a `block`, as they are and changed, and which name each has."""
    written = block(number, pieces)
    rng = np.random.default_rng((10, number))
    faster = 2 ** (rng.choice(WARPED) / 12)
    rate = round(RATE_HZ / faster)
    sounds = performance.render(written, font, rate_hz=rate, effects=bool(rng.random() < 0.5))
    there = [place for place, sound in enumerate(sounds) if np.abs(sound).max() > 1e-3]
    windows = np.stack([np.resize(sounds[place][rate:], SIZE) for place in there])  # without the first second
    features = features_of(windows, mini, rng)
    called, every = scores.instrument_names(), names()
    named = [every.index(called[written[place].programs[CHANNEL]]) for place in there]
    return features, np.array(named * 2)


def several(number: int, pieces: Sequence[Sequence[midi.Note]]) -> list[scores.Score]:
    """Scores of several instruments, the same whenever a block of them is asked for: each style in turn."""
    rng = np.random.default_rng((11, number))
    styles = list(scores.styles())
    written = []
    for place in range(number * BLOCK, (number + 1) * BLOCK):
        if rng.random() < RULES or not pieces:
            style = styles[place % len(styles)]
            written.append(scores.compose(style, rng))
        else:
            written.append(arrangements.arranged(pieces, rng))
    return written


def several_heard(number: int, pieces: Sequence[Sequence[midi.Note]], font: Path, mini: Mini) -> Floats:
    """The trunk's features (scores, features) of a block of `several`."""
    sounds = performance.render(several(number, pieces), font)
    windows = [np.resize(sound[RATE_HZ:], SIZE) for sound in sounds]  # without the first second
    return features_of(np.stack(windows), mini)


@torch.no_grad()
def features_of(windows: Floats, mini: Mini, rng: np.random.Generator | None = None) -> Floats:
    """The trunk's features of windows (windows, features); with a generator then of the same changed."""
    front_end = front_end_of(mini.config)
    plain, other = [], []
    for start in range(0, len(windows), AT_ONCE):
        power = np.stack([front_end.mel_power(window) for window in windows[start : start + AT_ONCE]])
        plain.append(_through(power, mini))
        if rng is not None:
            other.append(_through(changed(power, rng), mini))
    return np.concatenate([*plain, *other])


def _through(power: Floats, mini: Mini) -> Floats:
    log_mels = front_end_of(mini.config).level_free(power)
    features: Floats = mini.sound.features(torch.from_numpy(log_mels)).numpy()
    return features


CHANNEL = 2
"""On which a solo is played."""


def _solo(program: int, pieces: Sequence[Sequence[midi.Note]], rng: np.random.Generator) -> scores.Score:
    """By rules at one of three heights, or a part of a score that a person wrote; softer or louder."""
    is_bass = program in scores.BASSES
    if rng.random() < RULES or not pieces:
        score = scores.solo(program, rng)
        semitones = 0 if is_bass else int(rng.choice([-12, 0, 0, 0, 12]))
    else:
        score = arrangements.part(pieces, rng)
        middle = 40 if is_bass else int(rng.choice([57, 64, 69, 76]))
        octaves = round((middle - np.median([note.pitch for note in score.notes])) / 12)
        semitones = int(rng.integers(-7, 8)) + 12 * octaves
    loudness = rng.uniform(0.6, 1.15)
    notes = []
    for note in score.notes:
        pitch = int(np.clip(note.pitch + semitones, arrangements.LOWEST, arrangements.HIGHEST))
        velocity = int(np.clip(note.velocity * loudness, 20, 127))
        notes.append(note._replace(channel=CHANNEL, pitch=pitch, velocity=velocity))
    return replace(score, notes=tuple(notes), programs={CHANNEL: program})
