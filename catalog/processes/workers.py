"""Work in other processes, which survives what strangers' files do to a decoder: crash, stall, swell it.

`spread` has several workers work through a list; `borrowed` lends one to whoever wants a sound decoded. A
worker that is done rests until the next one wants it, and ends with the process that started it.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from catalog.errors import NewWaveError
from catalog.processes.worker import IN_HAND, LIMIT_S, ItemLost, Worker, working_folder

__all__ = ["ItemLost", "Worker", "borrowed", "kill_borrowed", "patience_s", "spread"]

Item = TypeVar("Item")
Result = TypeVar("Result")

A_MB = 1_000_000  # bytes that a file may take a second more for


def spread(
    function: Callable[[Any], Result],
    items: Iterable[Item],
    *,
    jobs: int,
    ordered: bool = False,
    ahead: int = IN_HAND,
    given: Callable[[Item], Any] = lambda item: item,
    limit_s: Callable[[Item], float] = lambda item: LIMIT_S,
) -> Iterator[tuple[Item, Result | NewWaveError | ItemLost]]:
    """(item, function(item)) as they are done, or in order; only `ahead` items a worker are in hand.

    given: what `function` is given of an item, where it needs less than all. `function` is a module's. What
    it raises is its result. An item that takes its process down, that gives no answer in `limit_s` or wants
    too much memory gives ItemLost, and the others go on.
    """
    with _crew(jobs) as crew:
        hands = [_Hand(worker, function, given, limit_s) for worker in crew]
        numbered = enumerate(items)
        done: dict[int, tuple[Any, Any]] = {}
        expected = 0
        while True:
            # What is done and waits for an earlier one takes room too: behind a slow one all would pile up.
            room = ahead * jobs - len(done)
            _fill(hands, numbered, room)
            at_work = any(hand.waiting for hand in hands)
            if not done and not at_work:
                return
            for number, item, result in _answers(hands):
                done[number] = item, result
            if not ordered:
                yield from done.values()
                done.clear()
            while ordered and expected in done:
                yield done.pop(expected)
                expected += 1


class _Hand:
    """What one worker has in hand: the items, in order, of which it is at the first."""

    def __init__(
        self,
        worker: Worker,
        function: Callable[[Any], Any],
        given: Callable[[Any], Any],
        limit_s: Callable[[Any], float],
    ) -> None:
        self.worker = worker
        self.waiting = deque[tuple[int, Any]]()
        self._function, self._given, self._limit_s = function, given, limit_s
        self._waited_s = 0.0

    def give(self, number: int, item: Any) -> None:
        if not self.waiting:
            self.worker.revive()
        self.waiting.append((number, item))
        self.worker.send(self._function, self._given(item))

    def left_s(self) -> float:
        """How much longer the first item may take, of the time in which somebody waited for it."""
        return self._limit_s(self.waiting[0][1]) - self._waited_s

    def waited(self, seconds: float) -> None:
        self._waited_s += seconds

    def has_begun(self) -> bool:
        """Whether what has arrived is an answer: the first message of a process says that it has begun."""
        if self.worker.greeted:
            return True
        with suppress(EOFError, OSError):  # of which the answer tells
            self.worker.greet()
            self._waited_s = 0.0
            return False
        return True

    def answer(self) -> tuple[int, Any, Any]:
        """The first item and what became of it; its process is started anew for the others where it died."""
        left_s = max(self.left_s(), 0.0)
        self._waited_s = 0.0  # for the next
        number, item = self.waiting.popleft()
        try:
            _, result = self.worker.receive(self._limit_s(item), left_s=left_s)
            return number, item, result
        except NewWaveError as problem:
            return number, item, problem
        except ItemLost as problem:
            if not self.worker.is_alive():
                for _, other in self.waiting:
                    self.worker.send(self._function, self._given(other))
            return number, item, problem


def _fill(hands: list[_Hand], items: Iterator[tuple[int, Any]], room: int) -> None:
    """Give each worker something to do, the least busy first, while there is room for what comes back."""
    room -= sum(len(hand.waiting) for hand in hands)
    while room > 0:
        idlest = min(hands, key=lambda hand: len(hand.waiting))
        if len(idlest.waiting) >= IN_HAND:
            return
        item = next(items, None)
        if item is None:
            return
        idlest.give(*item)
        room -= 1


def _answers(hands: list[_Hand]) -> Iterator[tuple[int, Any, Any]]:
    """What has arrived, after waiting for the first to arrive or for one that takes too long."""
    busy = [hand for hand in hands if hand.waiting]
    if not busy:
        return
    began = time.monotonic()
    lines = [hand.worker.line for hand in busy]
    first_late_s = min(hand.left_s() for hand in busy)
    arrived = wait(lines, max(0.0, first_late_s))
    took_s = time.monotonic() - began
    for hand in busy:
        if hand.worker.line in arrived:
            if hand.has_begun():
                yield hand.answer()
        else:
            hand.waited(took_s)
            if hand.left_s() <= 0:
                yield hand.answer()


@contextmanager
def borrowed() -> Iterator[Worker]:
    """A worker for the block: one that rests, or a new one."""
    with _crew(1) as [worker]:
        _lent().add(worker)
        try:
            yield worker
        finally:
            _lent().discard(worker)


def kill_borrowed() -> None:
    """Kill the processes of borrowed workers, so that the threads which wait for them end."""
    for worker in list(_lent()):
        worker.kill()


@contextmanager
def _crew(jobs: int) -> Iterator[list[Worker]]:
    """So many workers; after the block they rest, and where it was left by an error they end."""
    resting = _resting()
    crew = [_rested(resting) for _ in range(jobs)]
    try:
        yield crew
    except BaseException:  # what they are at would answer whoever borrows them next
        for worker in crew:
            worker.end()
        raise
    resting.extend(worker for worker in crew if worker.is_alive())


def _rested(resting: list[Worker]) -> Worker:
    """One that rests, else a new one. In one that began in another folder a path would mean another file."""
    while resting:
        worker = resting.pop()
        if worker.began_in == working_folder():
            return worker
        worker.end()
    return Worker()


@cache
def _lent() -> set[Worker]:
    """The workers of this process that are borrowed now."""
    return set()


@cache
def _resting() -> list[Worker]:
    """The workers of this process that nobody uses now."""
    return []


def patience_s(path: Path | bytes | memoryview | None) -> float:
    """How long a worker may be silent over a file: two minutes, and a second for each MB."""
    size = len(path) if isinstance(path, (bytes, memoryview)) else 0
    if isinstance(path, Path):
        with suppress(OSError):
            size = path.stat().st_size
    return LIMIT_S + size / A_MB
