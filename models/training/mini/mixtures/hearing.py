"""What the teacher hears in windows that were made for it, kept in parts, each made again exactly alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from models.networks import mini_mel
from models.training.mini.material.audioset import AudioSet
from models.training.mini.mixtures.bank import RATE_HZ, Wave

PART = 256
"""Windows in a part."""
ROUND = 16
"""Windows that the teacher hears at once."""

Make = Callable[[int, np.random.Generator], Wave]
"""The window of that number (320000,), the same whenever it is asked for."""


def part(path: Path, teacher: AudioSet, make: Make, seed: tuple[int, ...], number: int = 0) -> None:
    """Make, hear and write the windows of a part; a kill leaves nothing half.

    Writes `pictures` (256, 497, 96), `logits` (256, 527) and `embeddings` (256, 384).
    """
    made: dict[str, list[NDArray[np.float16]]] = {"pictures": [], "logits": [], "embeddings": []}
    for start in range(number * PART, (number + 1) * PART, ROUND):
        some_windows = []
        for i in range(start, start + ROUND):
            # A generator for each window, so that any one can be made again alone.
            rng = np.random.default_rng((*seed, i))
            some_windows.append(make(i, rng))
        windows = np.stack(some_windows)  # (ROUND, 320000)
        log_mels = np.stack([log_mel(window) for window in windows])
        logits, embeddings = teacher(windows)
        for rows, some in zip(made.values(), (log_mels, logits, embeddings), strict=True):
            rows.append(some.astype(np.float16))
    whole: dict[str, Any] = {name: np.concatenate(rows) for name, rows in made.items()}
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        np.savez(file, **whole)
    aside.rename(path)


def log_mel(window: Wave) -> NDArray[np.float32]:
    """Sound (320000,) at 32 kHz as log10 mel power (497, 96), as `mini` hears it."""
    sound = soxr.resample(window, RATE_HZ, mini_mel.RATE_HZ)
    power = mini_mel.mel_power(sound)
    log_power: NDArray[np.float32] = np.log10(power + 1e-11)
    return log_power
