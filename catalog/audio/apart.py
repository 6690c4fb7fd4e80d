"""Sound that is decoded in another process: what its file does to it costs that file alone."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from catalog.audio import waveform
from catalog.audio.container import unreadable
from catalog.audio.links import Source
from catalog.workers import ItemLost, borrowed, patience_s


def windows(source: Source, *, rate_hz: int, window_s: float, hop_s: float) -> Iterator[NDArray[np.float32]]:
    """`catalog.audio.waveform.windows`, a batch ahead in another process. Raises Unreadable."""
    try:
        with borrowed() as worker:
            yield from worker.stream(_windows, source, rate_hz, window_s, hop_s, limit_s=patience_s(source))
    except ItemLost as problem:
        raise unreadable(source, str(problem)) from problem


def _windows(source: Source, rate_hz: int, window_s: float, hop_s: float) -> Iterator[NDArray[np.float32]]:
    return waveform.windows(source, rate_hz=rate_hz, window_s=window_s, hop_s=hop_s)
