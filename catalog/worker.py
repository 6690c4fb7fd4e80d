"""One process that does one thing at a time, and what it may cost: time, memory, itself."""

import math
import os
import pickle
import queue
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from catalog.errors import NewWaveError
from catalog.shared_memory import SLOTS, AnswerShelf, Shelf, WorkersAnswerShelf, WorkersShelf

Result = TypeVar("Result")

IN_HAND = SLOTS
"""Items that a worker may be given before it has answered the first of them."""

LIMIT_S = 120.0
"""Without a sign of life for so long, a worker is ended."""

LIMIT_BYTES = 1 << 30
"""What one item may take beyond what its process takes before: a song takes a tenth of it."""


class ItemLost(Exception):
    """Why an item did not come back: it crashed, took too long or too much memory, or raised an error."""


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
        """Of what it was given and has not answered, in order."""
        self.greeted = False

    @property
    def line(self) -> Connection:
        """Where its answers arrive. Starts the process."""
        if self._line is None or self._process is None:
            context = get_context("spawn")  # a fork of a process with threads may deadlock
            self._line, there = context.Pipe()
            self._shelf, self._answers = Shelf(), AnswerShelf()
            given = (there, os.getpid(), self._shelf, self._answers)
            # A daemon may have no children, and is all that a parent ends that forgets to.
            daemon = not self._has_workers
            process = context.Process(target=_serve, args=given, daemon=daemon)
            with _no_interrupt():  # Ctrl-C is for the parent, which then ends its workers
                process.start()
            self._process = process  # only now: one that never started cannot be killed
            there.close()
        return self._line

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
            if not self.line.poll(None if math.isinf(patience_s) else patience_s):
                self.end()
                raise ItemLost(f"it was not done within {limit_s:.0f} s")
            kind, value = _received(self.line, self._answers)
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
        _received(self.line, self._answers)
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


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Without SIGINT, for this thread and for a process that is started in the block, which keeps it so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(line: Connection, parent: int, shelf: WorkersShelf, answers: WorkersAnswerShelf) -> None:
    """What a worker process does until its parent ends."""
    begin(parent)
    _send(line, ("begun", None))
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(line, tasks), daemon=True).start()
    while True:
        for answer in _answered(tasks.get(), shelf):
            # Parts of a stream are not waited for one by one, so that no slot is known to be free.
            is_last = answer[0] != "part"
            try:
                _send(line, answer, answers if is_last else None)
            except OSError:
                os._exit(1)  # the parent is gone
            except Exception as problem:  # it cannot be sent
                _send(line, ("error", _lost(problem)))


def _send(line: Connection, value: Any, answers: WorkersAnswerShelf | None = None) -> None:
    """Send a value, and the contents of its arrays as they lie, by shared memory where there is room."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)  # PEP 574
    contents = [buffer.raw() for buffer in buffers]
    sizes = [len(content) for content in contents]
    slot = None if answers is None else answers.lay(contents)
    line.send_bytes(pickle.dumps((head, sizes, slot)))
    for rest in contents if slot is None else ():
        while rest:
            written = os.write(line.fileno(), rest)  # a socket takes what fits its buffer, seldom all of it
            rest = rest[written:]  # noqa: PLW2901


def _received(line: Connection, answers: AnswerShelf | None) -> Any:
    """A value that `_send` sent."""
    head, sizes, slot = pickle.loads(line.recv_bytes())  # noqa: S301 - from our own process
    if slot is not None and answers is not None:
        return pickle.loads(head, buffers=answers.contents(slot, sizes))  # noqa: S301
    contents = [np.empty(size, np.uint8) for size in sizes]  # unlike a bytearray, not filled with zeros first
    with socket.socket(fileno=os.dup(line.fileno())) as pipe:
        for content in contents:
            rest = content.data
            while rest:
                # In one call for all of it: a thread that receives in many pieces waits for the GIL at each.
                got = pipe.recv_into(rest, flags=socket.MSG_WAITALL)
                if not got:
                    raise EOFError
                rest = rest[got:]
    return pickle.loads(head, buffers=contents)  # noqa: S301


def _answered(task: bytes, shelf: WorkersShelf) -> Iterator[tuple[str, Any]]:
    """In the process: what a task gives or how it failed, as ("part" | "result" | "error", ...)."""
    _allow_memory(LIMIT_BYTES + 4 * len(task))
    try:
        function, given = shelf.unpack(task)
        result = function(*given)
        if isinstance(result, Iterator):
            for part in result:
                yield "part", part
            result = None
        yield "result", result
    except NewWaveError as problem:
        yield "error", problem
    except MemoryError:
        yield "error", ItemLost(f"it takes more than {LIMIT_BYTES >> 20:,} MB of memory")
    except Exception as problem:  # whatever it is, it costs this item
        yield "error", _lost(problem)


def _lost(problem: Exception) -> ItemLost:
    return ItemLost(f"{type(problem).__name__}: {problem}")


def _take(line: Connection, tasks: "queue.SimpleQueue[bytes]") -> None:
    """Take what is given at once, so that nobody waits who gives while an answer waits for being read."""
    while True:
        try:
            tasks.put(line.recv_bytes())
        except (EOFError, OSError):
            os._exit(1)


def _allow_memory(more: int) -> None:
    """Let this process take so many bytes more than it does now, where the system can hold it to that."""
    try:
        import resource

        # The sixth number is "data + stack" (proc_pid_statm(5)), which is about what RLIMIT_DATA counts;
        # RLIMIT_AS would count what is mapped and never touched too, and torch maps tens of GB.
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]  # above which only root may go
        soft = pages * resource.getpagesize() + more
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    except (ImportError, OSError, ValueError, IndexError):
        return


@contextmanager
def without_memory_limit() -> Iterator[None]:
    """For what a worker loads once and keeps: it is no part of what an item takes."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    try:
        yield
    finally:
        if soft != resource.RLIM_INFINITY:
            _allow_memory(LIMIT_BYTES)


def begin(parent: int) -> None:
    """What a worker process does first; `parent` is the process that it ends with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its workers
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process when its parent was killed: nobody would ever give it work again."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
