"""Rows to sound: only the part that is asked for is decoded, in worker processes, in the rows' order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from catalog.audio import waveform
from catalog.audio.decode import Source, Waveform
from catalog.audio.packets import claimed_s
from catalog.errors import NewWaveError
from catalog.records import Clip
from catalog.shards.stream import Lost, Row
from catalog.workers import new_pool


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a sound to decode: `seconds` long, None for all of it.

    start_s: None puts it at the share `at` (0 to 1) of the room that the sound leaves.
    """

    seconds: float | None = None
    start_s: float | None = 0.0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip that was decoded, `seconds` of it from `start_s` of the song on.

    waveform: mono float32 (samples,), or what `front` made of that.
    """

    row: Row
    clip: Clip
    waveform: NDArray[Any]
    start_s: float
    seconds: float


Front = Callable[[Waveform, float], NDArray[Any]]
Decoded = tuple[NDArray[Any], float, float]


def sounds(
    rows: Iterable[tuple[Row, Clip]],
    crop: Callable[[Row, Clip], Crop],
    *,
    rate_hz: int,
    jobs: int = 1,
    front: Front | None = None,
    on_lost: Callable[[Lost], None] = lambda lost: None,
) -> Iterator[Sound]:
    """Decode the clips of rows, in their order, in `jobs` worker processes (0: in this one).

    front: a function of a module, what the workers make of a waveform and the seconds that were asked for,
    and hand over in its place.

    What does not decode, or crashes the decoder, goes to `on_lost` and is left out. At most two songs a
    worker are in memory.
    """
    with _Workers(jobs, front) as workers:
        waiting: deque[_Task] = deque()
        for row, clip in rows:
            waiting.append(workers.start(row, clip, crop(row, clip), rate_hz))
            if len(waiting) > 2 * jobs:
                yield from workers.finish(waiting, on_lost)
        while waiting:
            yield from workers.finish(waiting, on_lost)


def decode(source: Source, crop: Crop, rate_hz: int) -> tuple[Waveform, float]:
    """The part of a sound and where it starts. Raises Unreadable.

    Where the sound is shorter than what is asked for, all of it.
    """
    start_s = crop.start_s
    if start_s is None:
        start_s = 0.0
        if crop.seconds is not None:
            start_s = crop.at * max(0.0, claimed_s(source) - crop.seconds)
    seconds = crop.seconds if crop.seconds is not None else _LONGEST_S
    return waveform.crop(source, start_s, seconds, rate_hz=rate_hz), start_s


_LONGEST_S = 24 * 3600.0


@dataclass(slots=True)
class _Task:
    row: Row
    clip: Clip
    crop: Crop
    rate_hz: int
    future: "Future[Decoded | str] | None" = None


class _Workers:
    """A pool that survives a decoder that crashes: the song that did it is found and given up."""

    def __init__(self, jobs: int, front: Front | None) -> None:
        self._jobs, self._front = jobs, front
        self._pool = new_pool(jobs) if jobs else None

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self, row: Row, clip: Clip, crop: Crop, rate_hz: int) -> _Task:
        task = _Task(row, clip, crop, rate_hz)
        self._submit(task)
        return task

    def finish(self, waiting: "deque[_Task]", on_lost: Callable[[Lost], None]) -> Iterator[Sound]:
        """The oldest task's sound, or nothing where it failed."""
        task = waiting[0]
        try:
            result = self._result(task)
        except BrokenProcessPool:
            result = self._alone(waiting)
        waiting.popleft()
        if isinstance(result, str):
            on_lost(Lost(f"{task.row.place} ({task.clip.id})" if task.clip.id else task.row.place, result))
            return
        yield Sound(task.row, task.clip, *result)

    def _submit(self, task: _Task) -> None:
        if self._pool is not None:
            with suppress(BrokenProcessPool):  # found when its turn comes
                task.future = self._pool.submit(
                    _decode, task.clip.audio, task.crop, task.rate_hz, self._front
                )

    def _result(self, task: _Task) -> Decoded | str:
        if self._pool is None:
            return _decode(task.clip.audio, task.crop, task.rate_hz, self._front)
        if task.future is None:
            raise BrokenProcessPool
        return task.future.result()

    def _alone(self, waiting: "deque[_Task]") -> Decoded | str:
        """Decode the oldest with nothing beside it, so that a crash is known to be its own."""
        result = self._in_new_pool(waiting[0])
        for task in list(waiting)[1:]:
            task.future = None
            self._submit(task)
        return result

    def _in_new_pool(self, task: _Task) -> Decoded | str:
        task.future = None
        self._pool = new_pool(self._jobs)
        self._submit(task)
        try:
            return self._result(task)
        except BrokenProcessPool:
            self._pool = new_pool(self._jobs)
            return "the decoder crashed on it"


def _decode(source: Source | None, crop: Crop, rate_hz: int, front: Front | None = None) -> Decoded | str:
    if source is None:
        return "the row holds no sound"
    try:
        sound, start_s = decode(source, crop, rate_hz)
        made = sound if front is None else front(sound, crop.seconds or _LONGEST_S)
        return made, start_s, len(sound) / rate_hz
    except NewWaveError as problem:
        return str(problem)
