"""The shape of a song for the eye: the loudest sample of each of so many stretches."""

import json
import math
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np

from catalog.atomic import written_aside
from catalog.audio.decode import decoded
from catalog.own_files import own_file

BARS = 600  # of a waveform on the page
STEP_S = 0.01
"""The finest stretch: what a pixel of a four-minute song is in the widest window."""


def peaks(path: Path, bars: int = BARS) -> tuple[float, list[int]]:
    """(seconds, `bars` peaks from 0 to 255 for full scale) of a file, in flat memory. Raises Unreadable."""
    loudest: list[np.ndarray] = []
    seconds, held, held_hz = 0.0, np.empty(0, np.float32), 0
    with decoded(path) as stream:
        for sound, rate_hz in stream.blocks:
            if rate_hz != held_hz and len(held):
                loudest.append(held.max(keepdims=True))
                held = held[:0]
            seconds += len(sound) / rate_hz
            step = max(1, round(rate_hz * STEP_S))
            levels = np.abs(np.concatenate([held, sound]))
            end = len(levels) // step * step
            stretches = levels[:end].reshape(-1, step)  # (stretches, samples)
            loudest.append(stretches.max(axis=1))
            held, held_hz = levels[end:], rate_hz
    if len(held):
        loudest.append(held.max(keepdims=True))
    steps = np.zeros(1, np.float32)
    if loudest:
        steps = np.concatenate(loudest)
    return seconds, _folded(steps, bars)


def _folded(steps: np.ndarray, bars: int) -> list[int]:
    """Loudest of each stretch; a song of fewer steps than bars has each step several times."""
    folded = []
    edges = np.linspace(0, len(steps), bars + 1)
    for begin, end in pairwise(edges):
        first = min(int(begin), len(steps) - 1)
        last = max(math.ceil(end), first + 1)
        loudest = float(steps[first:last].max())
        folded.append(round(255 * min(1.0, loudest)))  # decoders of lossy sound go a little beyond full scale
    return folded


def cached_peaks(path: Path, key: str, folder: Path) -> bytes:
    """{"duration_s", "peaks"} as JSON, kept as folder/KEY.json: `key` names the sound. Raises Unreadable.

    Where nothing can be kept (a full disk, one that is read-only), it is made each time.
    """
    kept = folder / f"{key}.json"
    with suppress(OSError):
        return own_file(kept).read_bytes()
    seconds, found = peaks(path)
    content = {"duration_s": round(seconds, 2), "peaks": found}
    text = json.dumps(content).encode()
    with suppress(OSError), written_aside(kept) as aside:
        aside.write_bytes(text)
    return text
