"""Strange sound in another process: what its file does to whoever opens it costs that file alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.audio import packets, waveform
from catalog.audio.container import unreadable
from catalog.audio.decode import container
from catalog.audio.links import Source
from catalog.processes.workers import ItemLost, Worker, borrowed, patience_s

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a sound says; seconds: None where it does not say."""

    seconds: float | None
    rate_hz: int
    format: str


def windows(source: Source, *, rate_hz: int, window_s: float, hop_s: float) -> Iterator[NDArray[np.float32]]:
    """`catalog.audio.waveform.windows`, a batch ahead in another process. Raises Unreadable."""
    with _worker_for(source) as worker:
        limit_s = patience_s(source)
        yield from worker.stream(_windows, source, rate_hz, window_s, hop_s, limit_s=limit_s)


def audio_hash(source: Source) -> str:
    """`catalog.audio.packets.audio_hash` in another process. Raises Unreadable."""
    return _ask(packets.audio_hash, source)


def head(source: Source) -> Head:
    """What the head of a sound says, read in another process. Raises Unreadable."""
    return _ask(_head, source)


def _ask(function: Callable[[Source], Answer], source: Source) -> Answer:
    with _worker_for(source) as worker:
        return worker.call(function, source, limit_s=patience_s(source))


@contextmanager
def _worker_for(source: Source) -> Iterator[Worker]:
    """A worker for the block; what the source does to it is said of the source. Raises Unreadable."""
    try:
        with borrowed() as worker:
            yield worker
    except ItemLost as problem:
        raise unreadable(source, str(problem)) from problem


def _windows(source: Source, rate_hz: int, window_s: float, hop_s: float) -> Iterator[NDArray[np.float32]]:
    return waveform.windows(source, rate_hz=rate_hz, window_s=window_s, hop_s=hop_s)


def _head(source: Source) -> Head:
    with container(source) as (opened, stream, _):
        of_stream_s = None
        if stream.duration:
            of_stream_s = float(stream.duration * stream.time_base)
        of_file_s = (opened.duration or 0) / 1e6 or None  # libav counts in microseconds
        form = str(opened.format.name).split(",")[0]
        return Head(of_stream_s or of_file_s, int(stream.rate), form)
