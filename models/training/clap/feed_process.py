"""Batches made in a process of their own, so that Python there does not hold up the steps of the training.

A step on a card is thousands of pieces of work that Python hands over. A thread of the same process that
makes batches takes Python away between any two of them: on an H100 a step took nearly twice as long.
"""

import itertools
import math
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from catalog.data_sets import DataSet, Place, to_nobody
from catalog.errors import TrainingFailed
from catalog.processes.worker import ItemLost, Worker, without_memory_limit
from catalog.shards.stream import Lost
from models.training.clap.batch import Batch
from models.training.clap.feed import Feed, Lengths

OpenData = Callable[[Place], AbstractContextManager[DataSet]]


@dataclass(frozen=True, slots=True)
class Opening:
    """How another process opens the data of a feed. open_data: a module's function, or its partial."""

    open_data: OpenData
    place: Place


@dataclass(frozen=True, slots=True)
class _Order:
    """What the other process is asked for: batches from a step on, of a feed in a state.

    options: what `Feed` takes beside its data.
    """

    opening: Opening
    options: Mapping[str, Any]
    state: Mapping[str, Any]
    step: int

    @contextmanager
    def feed(self, say: Callable[[Lost | str], None]) -> Iterator[Feed]:
        """The feed; `say` is told what is lost, and notes. Raises SourceError."""
        place = replace(self.opening.place, on_lost=say, on_note=say)
        with self.opening.open_data(place) as data:
            feed = Feed(data, **self.options, on_lost=say, on_note=say)
            feed.held_out.leave_out(data)
            data.stream.on_lost = feed.lose
            feed.resume(self.state)
            yield feed


class FeedProcess:
    """Gives the batches that `feed` would give, made by another process.

    `feed` itself is not read from: it says where to begin, and is told of what is lost.
    """

    HELD = 5
    """Batches in memory: three here (`Prefetch`), one that is handed over, one in the making."""

    def __init__(self, feed: Feed, opening: Opening) -> None:
        self._feed = feed
        self._opening = opening
        self._worker = Worker(has_workers=True)
        self._parts: Iterator[Batch | Lost | str] | None = None

    @property
    def lengths(self) -> Lengths:
        """As `Feed.lengths`."""
        return self._feed.lengths

    @property
    def size(self) -> int:
        """Pairs in a batch."""
        return self._feed.size

    @property
    def asked(self) -> int:
        """As `Feed.asked`, before the first batch."""
        return self._feed.asked

    def next(self, step: int) -> Batch:
        """The batch of that step; the first call starts the process. Raises what making it raised."""
        if self._parts is None:
            # Shards that were fetched to be held out: the other process needs their room.
            self._feed.data.stream.store.begin([])
            order = _Order(self._quiet(), self._options(), self._feed.state(), step)
            # However long: there may be shards to download.
            self._parts = self._worker.stream(_batches, order, limit_s=math.inf)
        try:
            return self._next(self._parts)
        except ItemLost as problem:
            raise TrainingFailed(
                f"the process that makes batches ended: {problem}.",
                try_this="nw train … --resume    (the same command; fewer --jobs where memory ran out)",
            ) from problem

    def _quiet(self) -> Opening:
        """The opening without those who are told here: the other process says it in its stream."""
        place = replace(self._opening.place, on_lost=to_nobody, on_note=to_nobody)
        return replace(self._opening, place=place)

    def _options(self) -> dict[str, Any]:
        """What the other feed takes: it needs no sound of what is held out."""
        names = ("lengths", "size", "tokenize", "seed", "stretched", "jobs", "mel")
        options = {name: getattr(self._feed, name) for name in names}
        return {**options, "held_out": self._feed.held_out.without_sound()}

    def _next(self, parts: Iterator[Batch | Lost | str]) -> Batch:
        for part in parts:
            if isinstance(part, Batch):
                self._feed.untold = part.after["untold"]
                self._feed.data.left_out = set(part.after["left_out"])
                return part
            if isinstance(part, Lost):
                self._feed.on_lost(part)
            else:
                self._feed.on_note(part)
        raise AssertionError("a stream of batches has no end")

    def state(self) -> dict[str, Any]:
        """As `Feed.state`, before the first batch: each batch says what comes after it."""
        return self._feed.state()

    def resume(self, state: Mapping[str, Any]) -> None:
        """As `Feed.resume`. Raises Incompatible for other data."""
        self._feed.resume(state)

    def stop(self) -> None:
        """Give up the batch in the making, in whichever thread that is awaited."""
        self._worker.kill()

    def close(self) -> None:
        """End the process, and with it its workers."""
        self._worker.end()
        self._parts = None


def _batches(order: _Order) -> Iterator[Batch | Lost | str]:
    """In the other process: batch after batch, and between them what is lost and noted.

    The next batch is made while one is handed over, and none beyond it.
    """
    said: queue.SimpleQueue[Any] = queue.SimpleQueue()
    room = threading.Semaphore()  # for one batch: its maker waits until the one before is on its way

    def make() -> None:
        try:
            with order.feed(said.put) as feed:
                for step in itertools.count(order.step):
                    room.acquire()
                    said.put(feed.next(step))
        except BaseException as problem:  # raised where the batch is asked for
            said.put(problem)

    threading.Thread(target=make, name="batches", daemon=True).start()
    with without_memory_limit():  # which is for one song, and a batch is many
        while True:
            one = said.get()
            if isinstance(one, BaseException):
                raise one
            if isinstance(one, Batch):
                room.release()
            yield one
