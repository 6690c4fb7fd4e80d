"""Memory that a process and its worker share: a song is laid there once, and need not go through a pipe.

A pipe copies each byte four times, and takes two processes' time for it: 256 songs of 5 MB cost two seconds.
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

SLOTS = 2
"""Contents that lie there at once: that of the item at hand, and that of the next one."""
SLOT_BYTES = 16 << 20
_BYTES = SLOTS * SLOT_BYTES
LEAST_BYTES = 1 << 18
"""Below this a pipe is as fast."""


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

    def lay(self, content: bytes) -> int | None:
        """The slot in which the content lies now; None where it does not fit or all are taken."""
        size = len(content)
        if self._memory is None or not self._free or size > SLOT_BYTES:
            return None
        slot = self._free.pop()
        place = np.frombuffer(self._memory, np.uint8, size, offset=slot * SLOT_BYTES)
        np.copyto(place, np.frombuffer(content, np.uint8))  # by numpy, which lets other threads run meanwhile
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

    def content(self, slot: int, size: int) -> bytes:
        """What lies in a slot."""
        assert self._memory is not None  # or nothing would lie there
        start = slot * SLOT_BYTES
        return self._memory[start : start + size]


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, shelf: Shelf) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._shelf = shelf
        self.taken: list[int] = []

    def persistent_id(self, value: Any) -> tuple[int, int] | None:
        """(slot, size) of what is laid on the shelf; None for what is written as usual."""
        is_bytes = type(value) is bytes  # not a subclass, which may hold more than its bytes
        if not is_bytes or len(value) < LEAST_BYTES:
            return None
        slot = self._shelf.lay(value)
        if slot is None:
            return None
        self.taken.append(slot)
        return slot, len(value)


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shelf: WorkersShelf) -> None:
        super().__init__(file)
        self._shelf = shelf

    def persistent_load(self, place: tuple[int, int]) -> bytes:
        """What lies there."""
        return self._shelf.content(*place)


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
