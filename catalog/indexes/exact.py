"""`exact`: every vector is looked at. The truth that the faster kind is measured against."""

from pathlib import Path

import numkong
import numpy as np
from numpy.typing import NDArray

from catalog.indexes import PART_BITS, Halves, Keys, Place

FILE = "vectors.npz"
HOLDS_VECTORS = False
FILTERS = True


class ExactIndex:
    """Keys and vectors side by side."""

    def __init__(self, keys: Keys, vectors: Halves) -> None:
        self.keys, self.vectors = keys, vectors

    def search(
        self, query: NDArray[np.float32], k: int, among: Keys | None = None
    ) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest: keys and cosines, best first, ties by key."""
        keys, vectors = self.keys, self.vectors
        if among is not None:
            inside = np.isin(keys >> PART_BITS, among)
            keys, vectors = keys[inside], vectors[inside]
        cosines = cosines_to(vectors, query)
        if 0 < k < len(keys):
            # Of a large library all cosines take long to sort: first those that cannot be among the best go.
            least = np.partition(cosines, -k)[-k]
            near = np.flatnonzero(cosines >= least)
            keys, cosines = keys[near], cosines[near]
        by_cosine = np.lexsort((keys, -cosines))  # its last key counts first
        best = by_cosine[:k]
        return keys[best], cosines[best]

    def save(self, path: Path) -> None:
        """Write keys and vectors as one .npz."""
        with path.open("wb") as file:
            np.savez(file, keys=self.keys, vectors=self.vectors)

    def __len__(self) -> int:
        return len(self.keys)


def cosines_to(vectors: Halves, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines (vectors,) of f16 unit vectors with a unit query (dimensions,), itself rounded to f16.

    numkong multiplies halves as they lie; numpy, which widens them first, takes 20 times as long.
    """
    if not len(vectors):
        return np.empty(0, np.float32)
    halves = query.astype(np.float16)[None]
    products = numkong.cdist(halves, vectors, metric="dot")  # (1, vectors)
    cosines: NDArray[np.float32] = np.asarray(products, np.float32)[0]
    return cosines


def width(vectors: int) -> int:
    """1: scores are exact."""
    return 1


def build(
    keys: Keys, vectors: Halves, previous: Path | None = None, place: Place | None = None
) -> ExactIndex:
    """An index over these vectors; nothing of a previous one is worth keeping."""
    return ExactIndex(keys, vectors)


def open_file(path: Path) -> ExactIndex:
    """Read what `save` wrote."""
    with np.load(path) as saved:
        return ExactIndex(saved["keys"], saved["vectors"])
