"""Windows that are made and labelled by the teacher, kept in parts, each made again exactly alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from catalog.atomic import written_aside
from models.networks.mini.spectra import RATE_HZ as STUDENT_HZ
from models.training.mini.material.audioset import AudioSet
from models.training.mini.mixtures.bank import FULL_SCALE, RATE_HZ, Wave

PART = 256
"""Windows in a part."""
ROUND = 16
"""Windows that the teacher labels at once."""

Make = Callable[[int, np.random.Generator], Wave]
"""The window of that number (320000,), the same whenever it is asked for."""


def label_part(path: Path, teacher: AudioSet, make: Make, seed: tuple[int, ...], number: int = 0) -> None:
    """Make, label and write the windows of a part; a kill leaves nothing half.

    Writes `sounds` (256, 160000) at 16 kHz, `logits` (256, 527) and `embeddings` (256, 384).
    """
    made: dict[str, list[NDArray[Any]]] = {"sounds": [], "logits": [], "embeddings": []}
    for start in range(number * PART, (number + 1) * PART, ROUND):
        some_windows = []
        for i in range(start, start + ROUND):
            # A generator for each window, so that any one can be made again alone.
            rng = np.random.default_rng((*seed, i))
            some_windows.append(make(i, rng))
        windows = np.stack(some_windows)  # (ROUND, 320000)
        sounds = np.stack([at_16khz(window) for window in windows])
        logits, embeddings = teacher(windows)
        made["sounds"].append(sounds)
        made["logits"].append(logits.astype(np.float16))
        made["embeddings"].append(embeddings.astype(np.float16))
    whole: dict[str, Any] = {name: np.concatenate(rows) for name, rows in made.items()}
    with written_aside(path) as aside, aside.open("wb") as file:
        np.savez(file, **whole)


def at_16khz(window: Wave) -> NDArray[np.int16]:
    """Sound (320000,) at 32 kHz at `mini`'s rate (160000,), in 16 bits."""
    sound = soxr.resample(window, RATE_HZ, STUDENT_HZ)
    scaled = np.clip(sound, -1, 1) * FULL_SCALE
    whole: NDArray[np.int16] = np.round(scaled).astype(np.int16)
    return whole
