"""One process that does one thing at a time, and what it may cost: time, memory, itself."""

import math
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from catalog.errors import NewWaveError
from catalog.processes.memory_limit import without_memory_limit
from catalog.processes.messages import received
from catalog.processes.serving import ItemLost, serve
from catalog.processes.shared_memory import SLOTS, AnswerShelf, Shelf

__all__ = ["IN_HAND", "LIMIT_S", "ItemLost", "Worker", "without_memory_limit"]

Result = TypeVar("Result")

IN_HAND = SLOTS
"""Items that a worker may be given before it has answered the first of them."""

LIMIT_S = 120.0
"""Without a sign of life for so long, a worker is ended."""


class Worker:
    """One process, started when it is given something, and anew when it died.

    `call` gives back what a module's function returns, `stream` what it yields, one after the other. Both
    raise ItemLost, or the NewWaveError that the function raised.
    """

    def __init__(self, *, has_workers: bool = False) -> None:
        """has_workers: what it is given has workers of its own, which end with it."""
        self._has_workers = has_workers
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._shelf: Shelf | None = None
        self._answers: AnswerShelf | None = None
        self._slots = deque[Sequence[int]]()
        """Places on the shelf of what it was given and has not answered, in order."""
        self.greeted = False
        self.began_in: Path | None = None
        """The folder that relative paths begin from in its process."""

    @property
    def line(self) -> Connection:
        """Where its answers arrive. Starts the process."""
        if self._line is None or self._process is None:
            self._line = self._start()
        return self._line

    def _start(self) -> Connection:
        """Start the process; this end of the line to it."""
        self.began_in = working_folder()
        context = get_context("spawn")  # a fork of a process with threads may deadlock
        here, there = context.Pipe()
        self._shelf, self._answers = Shelf(), AnswerShelf()
        given = (there, os.getpid(), self._shelf, self._answers)
        # A daemon may have no children, and is all that a parent ends that forgets to.
        daemon = not self._has_workers
        process = context.Process(target=serve, args=given, daemon=daemon)
        with _no_interrupt():  # Ctrl-C is for the parent, which then ends its workers
            process.start()
        self._process = process  # only now: one that never started cannot be killed
        there.close()  # the process has its own: a line whose other end nobody holds is at its end
        return here

    def is_alive(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.is_alive()

    def call(self, function: Callable[..., Result], *given: object, limit_s: float = LIMIT_S) -> Result:
        """function(*given) in the other process."""
        self.revive()
        self.send(function, *given)
        result: Result = self.receive(limit_s)[1]
        return result

    def stream(
        self, function: Callable[..., Iterator[Result]], *given: object, limit_s: float = LIMIT_S
    ) -> Iterator[Result]:
        """What function(*given) yields in the other process; `limit_s` is for each, and may be infinite."""
        self.revive()
        self.send(function, *given)
        done = False
        try:
            while True:
                done, part = self.receive(limit_s)
                if done:
                    return
                yield part
        except NewWaveError:
            done = True
            raise
        finally:
            if not done:  # nobody wants the rest
                self.end()

    def revive(self) -> None:
        """Before it is given something new: forget a process that died while it rested."""
        if not self.is_alive():
            self.end()

    def send(self, function: Callable[..., Any], *given: object) -> None:
        """Give it something to do; it begins when it is done with what it was given before.

        No more than `IN_HAND` may be without an answer.
        """
        line = self.line
        assert self._shelf is not None  # it came with the line
        content, slots = self._shelf.pack((function, given))
        self._slots.append(slots)
        with suppress(OSError):  # it died meanwhile, which `receive` says
            line.send_bytes(content)

    def receive(self, limit_s: float, *, left_s: float | None = None) -> tuple[bool, Any]:
        """(whether that was all, part or result). Raises ItemLost, and what the function raised.

        left_s: what is left of `limit_s`, where it has been waited for before.
        """
        try:
            if not self.greeted:
                self.greet()
            patience_s = limit_s if left_s is None else left_s
            wait_s = None if math.isinf(patience_s) else patience_s  # None waits for ever
            if not self.line.poll(wait_s):
                self.end()
                raise ItemLost(f"it was not done within {limit_s:.0f} s")
            kind, value = received(self.line, self._answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise ItemLost(self._last_words()) from None
        # After a part not yet: for the next one it may still read what it was given.
        if kind != "part" and self._shelf is not None:
            self._shelf.free(self._slots.popleft())
        if kind == "error":
            raise value
        return kind == "result", value

    def greet(self) -> None:
        """Wait until it has begun, which on a busy machine takes a while. Raises EOFError where it cannot."""
        if not self.line.poll(LIMIT_S):
            raise EOFError
        received(self.line, self._answers)
        self.greeted = True

    def kill(self) -> None:
        """Kill the process, whatever it is at; whoever waits for its answer gets ItemLost."""
        process = self._process  # which the thread that waits for it may forget meanwhile
        if process is not None:
            process.kill()

    def end(self) -> None:
        """Kill the process and forget it."""
        process, line = self._process, self._line
        shelves = self._shelf, self._answers
        self._process = self._line = self._shelf = self._answers = None
        if process is not None:
            process.kill()
            process.join()
        if line is not None:
            with suppress(OSError):  # closed already, where both are collected as garbage
                line.close()
        for shelf in shelves:
            if shelf is not None:
                shelf.close()
        self._slots.clear()
        self.greeted = False

    def _last_words(self) -> str:
        """Why the process died."""
        code = None
        process = self._process
        if process is not None:
            # Its end of the line closes a moment before the process has an exit code.
            process.join(5)
            code = process.exitcode
        self.end()
        if code == -signal.SIGKILL:
            return "its process was killed, most likely because memory ran out"
        died_of = ""
        if code is not None and code < 0:  # so a process says which signal ended it
            died_of = f" ({signal.Signals(-code).name})"
        return f"the decoder crashed on it{died_of}"


def working_folder() -> Path | None:
    """The folder that relative paths begin from here; None where it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Without SIGINT, for this thread and for a process that is started in the block, which keeps it so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
