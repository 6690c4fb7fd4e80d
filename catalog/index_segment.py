"""Songs that were indexed together: keys, vectors and background side by side, scored against a query.

An index is its base, and what was added since in the folder `added/` of its content. `added/replaced.npy` has
the songs of the base that count no more, because they changed or are gone.
"""

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import PART_BITS, Halves, Keys, StoredIndex, exact, ranges

ADDED, REPLACED = "added", "replaced.npy"
_HEADER = 128
"""Bytes of a .npy without rows, which cannot be mapped."""


class VectorFile:
    """Vectors of a .npy file, as a view of it."""

    def __init__(self, path: Path) -> None:
        self.all: Halves = opened(path)
        self._descriptor = os.open(path, os.O_RDONLY)
        # A published index is replaced, never changed, so the open file stays what it was.
        weakref.finalize(self, os.close, self._descriptor)

    def picked(self, rows: NDArray[np.int64]) -> Halves:
        """Vectors of these rows. A few are read, for a mapped page brings fifteen others into memory."""
        if 8 * len(rows) > len(self.all):
            return self.all[rows]
        size = self.all.strides[0]
        # The header of a .npy file comes first, so the vectors begin as far from its end as they are long.
        first = os.fstat(self._descriptor).st_size - self.all.nbytes
        starts = first + size * rows
        read = [os.pread(self._descriptor, size, start) for start in starts.tolist()]
        values = np.frombuffer(b"".join(read), np.float16)
        return values.reshape(len(rows), self.all.shape[1])

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines (rows,) of a query and the vectors of these rows, exactly."""
        return exact.cosines_to(self.picked(rows), query)


class VectorsElsewhere:
    """Vectors that a store keeps, fetched by their keys."""

    def __init__(self, store: StoredIndex, keys: Keys) -> None:
        self._store, self._keys = store, keys

    @property
    def all(self) -> Halves:
        """All of them; for libraries of a few thousand."""
        return self._store.vectors(self._keys)

    def picked(self, rows: NDArray[np.int64]) -> Halves:
        """Vectors of these rows."""
        return self._store.vectors(self._keys[rows])

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines (rows,) of a query and the vectors of these rows, as the store computes them."""
        return self._store.cosines(query, self._keys[rows])


class Segment:
    """Keys (vectors,), ascending; songs and where each one's vectors start (songs,); background (songs, 2).

    store: what keeps the vectors, where they are not in the folder. Raises OSError, ValueError or EOFError.
    """

    def __init__(self, folder: Path, store: StoredIndex | None = None) -> None:
        self.keys: Keys = opened(folder / "keys.npy")
        self.background: NDArray[np.float32] = opened(folder / "background.npy")
        self.vectors: VectorFile | VectorsElsewhere
        if store is None:
            self.vectors = VectorFile(folder / "vectors.npy")
        else:
            self.vectors = VectorsElsewhere(store, self.keys)
        owners = self.keys >> PART_BITS
        # Keys ascend, so the parts of a song lie together; a new song begins where the owner changes.
        is_first = np.ones(len(owners), bool)
        is_first[1:] = owners[1:] != owners[:-1]
        # Where each song ends is where the next one starts; so many numbers are not copied for a query.
        self._bounds = np.append(np.flatnonzero(is_first), len(owners))
        self.starts = self._bounds[:-1]
        self.songs: Keys = owners[self.starts]  # (songs,), ascending

    def fits(self, dimensions: int) -> bool:
        """Whether its parts are of one length."""
        if len(self.background) != len(self.songs):
            return False
        if isinstance(self.vectors, VectorsElsewhere):  # the store says how many it has
            return True
        return self.vectors.all.shape == (len(self.keys), dimensions)

    def rows_of(self, at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of all vectors of the songs at these places, and where each song's begin among them."""
        return ranges(self._bounds[at], self._bounds[at + 1])

    def scores(self, query: NDArray[np.float32], at: NDArray[np.int64]) -> NDArray[np.float32]:
        """Scores (places,) of the songs at these places, exactly."""
        if len(at) == len(self.songs):
            # In one pass over the file, without gathering rows.
            cosines = exact.cosines_to(self.vectors.all, query)
            return song_scores(cosines, self.starts)[at]
        rows, starts = self.rows_of(at)
        return song_scores(self.vectors.cosines(query, rows), starts)

    def track_vectors(self, at: NDArray[np.int64]) -> Halves:
        """The vectors (places, dimensions) that stand for the whole of the songs at these places."""
        return self.vectors.picked(self.starts[at])


def opened(path: Path) -> Any:
    """An array as a view of its file."""
    can_be_mapped = path.stat().st_size > _HEADER
    return np.load(path, mmap_mode="r" if can_be_mapped else None)


def song_scores(cosines: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Cosines of parts, a song's from each start on, to scores of songs: mean of the first and the best.

    >>> song_scores(np.array([0.25, 0.75, 0.25], np.float32), np.array([0, 2])).tolist()
    [0.5, 0.25]
    """
    if not len(starts):
        return np.empty(0, np.float32)
    # The first part stands for the whole song, the best for its moment: both count alike.
    best: NDArray[np.float32] = np.maximum.reduceat(cosines, starts)
    return (best + cosines[starts]) * np.float32(0.5)
