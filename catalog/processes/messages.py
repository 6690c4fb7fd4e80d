"""Values from one process to another: arrays apart from the rest, so that their contents are not copied."""

import os
import pickle
import socket
from collections.abc import Iterable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.processes.shared_memory import AnswerShelf, WorkersAnswerShelf


def send(line: Connection, value: Any, answers: WorkersAnswerShelf | None = None) -> None:
    """Send a value, and the contents of its arrays as they lie: by shared memory where there is room."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)  # PEP 574
    contents = [buffer.raw() for buffer in buffers]
    sizes = [len(content) for content in contents]
    slot = None if answers is None else answers.lay(contents)
    line.send_bytes(pickle.dumps((head, sizes, slot)))
    if slot is None:
        _write(line, contents)


def _write(line: Connection, contents: Iterable[memoryview]) -> None:
    """Contents one behind the other, without a length of their own: the receiver knows their sizes."""
    for content in contents:
        rest = content
        while rest:
            written = os.write(line.fileno(), rest)  # a socket takes what fits its buffer, seldom all of it
            rest = rest[written:]


def received(line: Connection, answers: AnswerShelf | None) -> Any:
    """A value that `send` sent."""
    head, sizes, slot = pickle.loads(line.recv_bytes())  # noqa: S301 - from our own process
    if slot is not None and answers is not None:
        return pickle.loads(head, buffers=answers.contents(slot, sizes))  # noqa: S301
    contents = _read(line, sizes)
    return pickle.loads(head, buffers=contents)  # noqa: S301


def _read(line: Connection, sizes: Iterable[int]) -> list[NDArray[np.uint8]]:
    """Contents of these sizes, as `_write` sent them. Raises EOFError where the line ends before."""
    contents = [np.empty(size, np.uint8) for size in sizes]  # unlike a bytearray, not filled with zeros first
    # By its file: `Connection` reads only what has a length in front of it.
    with socket.socket(fileno=os.dup(line.fileno())) as pipe:
        for content in contents:
            rest = content.data
            while rest:
                # In one call for all of it: a thread that receives in many pieces waits for the GIL at each.
                got = pipe.recv_into(rest, flags=socket.MSG_WAITALL)
                if not got:
                    raise EOFError
                rest = rest[got:]
    return contents
