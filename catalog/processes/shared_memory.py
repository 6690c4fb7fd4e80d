"""Memory that a process and its worker share: a song, and what is made of it, need not go through a pipe.

A pipe copies each byte four times, and takes two processes' time for it: 256 songs of 5 MB cost two seconds.
What is given lies on a `Shelf`, what comes back on an `AnswerShelf`; each has an end in either process.
Where the system has no such memory, or no room is left, everything goes through the pipe.
"""

import io
import mmap
import os
import pickle
from collections.abc import Sequence
from multiprocessing import reduction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Buffer = bytes | memoryview

SLOTS = 4
"""Contents that lie there at once: `worker.IN_HAND` items have one each."""
SLOT_BYTES = 24 << 20
"""A song, or four minutes of sound at 48 kHz in 16 bits."""
_BYTES = SLOTS * SLOT_BYTES
LARGE_BYTES = 1 << 18
"""From here on a copy is worth avoiding: a song. Below it a pipe is as fast."""


class Shelf:
    """A process's end: `pack` lays large contents on it, and `free` gives their slots away again.

    Memory is taken only for slots that were used, and is gone with both processes, however they end.
    """

    def __init__(self) -> None:
        self._file = _anonymous_file(_BYTES)
        self._memory: mmap.mmap | None = None
        self._free: list[int] = []
        if self._file is not None:
            self._memory = mmap.mmap(self._file, _BYTES)
            self._free = list(range(SLOTS))

    def pack(self, value: object) -> tuple[bytes, Sequence[int]]:
        """A value as bytes that `Shelf.unpack` of the other end understands, and the slots that it takes."""
        packed = io.BytesIO()
        packer = _Packer(packed, self)
        packer.dump(value)
        return packed.getvalue(), packer.taken

    def free(self, slots: Sequence[int]) -> None:
        """Nobody needs what lies in these slots any more."""
        self._free.extend(slots)

    def lay(self, content: Buffer) -> int | None:
        """The slot in which the content lies now; None where it does not fit or all are taken."""
        size = len(content)
        if self._memory is None or not self._free or size > SLOT_BYTES:
            return None
        slot = self._free.pop()
        _copy(content, self._memory, slot * SLOT_BYTES)
        return slot

    def close(self) -> None:
        """Give the memory back."""
        if self._memory is not None and self._file is not None:
            self._memory.close()
            os.close(self._file)
        self._memory, self._file, self._free = None, None, []

    def __reduce__(self) -> tuple[Any, ...]:
        """What a process that is being started gets of it."""
        file = None if self._file is None else reduction.DupFd(self._file)
        return WorkersShelf, (file,)


class WorkersShelf:
    """The worker's end, which only reads: a decoder that writes where it must not cannot spoil it."""

    def __init__(self, file: Any) -> None:
        self._memory: mmap.mmap | None = None
        if file is not None:
            own = file.detach()
            self._memory = mmap.mmap(own, _BYTES, prot=mmap.PROT_READ)
            os.close(own)  # the mapping keeps what it maps

    def unpack(self, packed: bytes) -> Any:
        """The value that `Shelf.pack` was given."""
        return _Unpacker(io.BytesIO(packed), self).load()

    def content(self, slot: int, size: int) -> memoryview:
        """What lies in a slot, as long as the task is not answered."""
        assert self._memory is not None  # or nothing would lie there
        start = slot * SLOT_BYTES
        return memoryview(self._memory)[start : start + size]


class AnswerShelf:
    """Where the answers of a worker lie; this process's end, which only reads."""

    def __init__(self) -> None:
        self._file = _anonymous_file(_BYTES)
        self._memory: mmap.mmap | None = None
        if self._file is not None:
            self._memory = mmap.mmap(self._file, _BYTES, prot=mmap.PROT_READ)

    def contents(self, slot: int, sizes: Sequence[int]) -> list[Bytes]:
        """Copies of what lies in a slot, one after the other."""
        assert self._memory is not None  # or nothing would lie there
        found = []
        start = slot * SLOT_BYTES
        for size in sizes:
            found.append(np.frombuffer(self._memory, np.uint8, size, offset=start).copy())
            start += size
        return found

    def close(self) -> None:
        """Give the memory back."""
        if self._memory is not None and self._file is not None:
            self._memory.close()
            os.close(self._file)
        self._memory = self._file = None

    def __reduce__(self) -> tuple[Any, ...]:
        """What a process that is being started gets of it."""
        file = None if self._file is None else reduction.DupFd(self._file)
        return WorkersAnswerShelf, (file,)


class WorkersAnswerShelf:
    """The worker's end, which lays its answers there in turn.

    Nobody says when a slot is free again: a worker is not given another item before its answer to the one
    `SLOTS` items ago was taken.
    """

    def __init__(self, file: Any) -> None:
        self._memory: mmap.mmap | None = None
        self._answers = 0
        if file is not None:
            own = file.detach()
            self._memory = mmap.mmap(own, _BYTES)
            os.close(own)  # the mapping keeps what it maps

    def lay(self, contents: Sequence[Buffer]) -> int | None:
        """The slot in which the contents of an answer lie now; None where they are few, or do not fit."""
        slot = self._answers % SLOTS
        self._answers += 1
        size = sum(memoryview(content).nbytes for content in contents)
        if self._memory is None or not LARGE_BYTES <= size <= SLOT_BYTES:
            return None
        start = slot * SLOT_BYTES
        for content in contents:
            _copy(content, self._memory, start)
            start += memoryview(content).nbytes
        return slot


def _copy(content: Buffer, memory: mmap.mmap, start: int) -> None:
    """By numpy, which lets other threads run meanwhile."""
    source = np.frombuffer(content, np.uint8)
    np.copyto(np.frombuffer(memory, np.uint8, source.size, offset=start), source)


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, shelf: Shelf) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._shelf = shelf
        self.taken: list[int] = []

    def reducer_override(self, value: Any) -> Any:
        """A small view of bytes, which has no way to be pickled, is bytes in the other process."""
        return (bytes, (value.tobytes(),)) if isinstance(value, memoryview) else NotImplemented

    def persistent_id(self, value: Any) -> tuple[int, int, bool] | None:
        """(slot, size, whether it is a view) of what is laid on the shelf; None for what is not."""
        is_bytes = type(value) in (bytes, memoryview)  # not a subclass, which may hold more than its bytes
        if not is_bytes or len(value) < LARGE_BYTES:
            return None
        slot = self._shelf.lay(value)
        if slot is None:
            return None
        self.taken.append(slot)
        return slot, len(value), type(value) is memoryview


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shelf: WorkersShelf) -> None:
        super().__init__(file)
        self._shelf = shelf

    def persistent_load(self, place: tuple[int, int, bool]) -> Buffer:
        """What lies there: a copy of bytes, but a view of a view, of which a part may be all that is read."""
        slot, size, is_view = place
        content = self._shelf.content(slot, size)
        return content if is_view else bytes(content)


def _anonymous_file(size: int) -> int | None:
    """A file in memory without a name; None where the system knows no such thing.

    Not below /dev/shm: that is small in containers, and a process that writes beyond its end is killed.
    """
    if not hasattr(os, "memfd_create"):
        return None
    try:
        file = os.memfd_create("nw")
        os.ftruncate(file, size)
    except OSError:
        return None
    return file
