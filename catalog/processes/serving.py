"""What a worker process does: it takes tasks, answers them one by one, and ends with its parent."""

import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from catalog.errors import NewWaveError
from catalog.processes.memory_limit import LIMIT_BYTES, allow_memory
from catalog.processes.messages import send
from catalog.processes.shared_memory import WorkersAnswerShelf, WorkersShelf


class ItemLost(Exception):
    """Why an item did not come back: it crashed, took too long or too much memory, or raised an error."""


def serve(line: Connection, parent: int, shelf: WorkersShelf, answers: WorkersAnswerShelf) -> None:
    """What a worker process does until its parent ends."""
    _begin(parent)
    send(line, ("begun", None))
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(line, tasks), daemon=True).start()
    while True:
        task = tasks.get()
        for kind, value in _answered(task, shelf):
            # Parts of a stream are not waited for one by one, so that no slot is known to be free.
            room = None if kind == "part" else answers
            try:
                send(line, (kind, value), room)
            except OSError:
                os._exit(1)  # the parent is gone
            except Exception as problem:  # it cannot be sent
                send(line, ("error", _lost(problem)))


def _answered(task: bytes, shelf: WorkersShelf) -> Iterator[tuple[str, Any]]:
    """What a task gives or how it failed, as ("part" | "result" | "error", ...)."""
    # Beside what the task itself holds, which is here several times over while its bytes become values.
    allow_memory(LIMIT_BYTES + 4 * len(task))
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


def _begin(parent: int) -> None:
    """What a worker process does first; `parent` is the process that it ends with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its workers
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process when its parent was killed: nobody would ever give it work again."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
