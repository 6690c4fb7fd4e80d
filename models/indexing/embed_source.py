"""A sound to its window vectors and track vector, as `nw index` keeps them; several sounds at once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.audio import apart, waveform
from catalog.audio.container import name_of, unreadable
from catalog.audio.links import Source
from catalog.errors import NewWaveError, Unreadable
from catalog.library.embeddings import Missing
from catalog.processes.worker import without_memory_limit
from catalog.processes.workers import kill_borrowed
from catalog.vectors import Vectors
from models import encoders
from models.encoders import SoundEncoder
from models.networks.threads import stay_on_one_core

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TrackVectors:
    """What a sound is embedded as: windows (windows, dimensions), track (dimensions,); float32."""

    windows: Vectors
    track: Vectors

    def halves(self) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        """Both as they are kept."""
        return self.windows.astype(np.float16), self.track.astype(np.float16)


def embed_source(encoder: SoundEncoder, source: Source) -> TrackVectors:
    """Decode a file or its bytes in another process, and embed it here. Raises Unreadable.

    Memory does not grow with the length of the sound beyond its vectors.
    """
    # (windows, samples) a block
    blocks = apart.windows(source, rate_hz=encoder.rate_hz, window_s=encoder.window_s, hop_s=encoder.hop_s)
    return embed_windows(encoder, blocks, source)


def embed_here(encoder: str, source: Source) -> TrackVectors:
    """The same by the encoder of that name, decoded in this process: for one that is a worker itself."""
    ready = encoder_here(encoder)
    blocks = waveform.windows(source, rate_hz=ready.rate_hz, window_s=ready.window_s, hop_s=ready.hop_s)
    return embed_windows(ready, blocks, source)


@cache
def encoder_here(name: str) -> SoundEncoder:
    """The encoder of that name, loaded once in a process and ready to encode."""
    with without_memory_limit():
        encoder: SoundEncoder = encoders.load(name)
        samples = round(encoder.rate_hz * encoder.window_s)
        silence = np.zeros((1, samples), np.float32)
        encoder.encode_windows(silence)  # what is loaded at the first use
    return encoder


def embed_windows(encoder: SoundEncoder, blocks: Iterable[Vectors], source: Source) -> TrackVectors:
    """Blocks of windows (windows, samples) of one sound to its vectors. Raises Unreadable for no windows."""
    encoded = [encoder.encode_windows(block) for block in blocks]
    if not encoded:
        raise unreadable(source, "has no sound in it (0 s)")
    windows = np.concatenate(encoded)  # (windows, dimensions)
    track = encoder.pool(windows)
    return TrackVectors(windows, track)


def embed_or_error(encoder: SoundEncoder, source: Source) -> TrackVectors | NewWaveError:
    """The vectors of a sound, or what is wrong with it.

    Raises what is wrong with the encoder, for that is no fault of the sound.
    """
    try:
        return embed_source(encoder, source)
    except Unreadable as problem:
        return problem
    except NewWaveError:
        raise
    except OSError as problem:  # gone, or no longer to be read, since it was ingested
        why = f"{name_of(source)} cannot be read ({problem.strerror or problem})."
        return Unreadable(why, try_this="nw ingest --prune")
    except Exception as problem:  # whatever it is, it costs this song
        return unreadable(source, f"{type(problem).__name__}: {problem}")


def one_by_one(
    encoder: SoundEncoder, songs: Iterable[Missing], *, jobs: int
) -> Iterator[tuple[Missing, TrackVectors | NewWaveError]]:
    """Songs in order with their vectors, or what is wrong with them, `jobs` at once."""
    return in_threads(lambda song: embed_or_error(encoder, path_of(song)), songs, jobs=jobs)


def path_of(song: Missing) -> Path:
    """The file of a song whose sound is missing."""
    assert song.path is not None  # `embeddings.missing` gives songs with a file
    return song.path


def in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], *, jobs: int
) -> Iterator[tuple[Item, Result]]:
    """(item, function(item)), in order, `jobs` at once; only a few items are ahead of the caller.

    Each thread computes on one core, and has a process that decodes for it.
    """
    rest = iter(items)
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    with _threads(jobs) as threads:
        while True:
            # Twice as many as threads, so that none waits while the caller keeps what is done.
            free = 2 * jobs - len(waiting)
            for item in islice(rest, free):
                waiting.append((item, threads.submit(function, item)))
            if not waiting:
                return
            item, future = waiting.popleft()
            yield item, future.result()


@contextmanager
def _threads(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """So many threads; where the block is left by an error or a signal, what they are at is given up."""
    threads = ThreadPoolExecutor(jobs, "embed", initializer=stay_on_one_core)
    try:
        yield threads
    except BaseException:
        threads.shutdown(wait=False, cancel_futures=True)
        kill_borrowed()
        raise
    threads.shutdown()
