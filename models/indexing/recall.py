"""How many of the true nearest an index finds, measured while it is made."""

import numkong
import numpy as np
from numpy.typing import NDArray

from catalog.indexes import Halves, Index, exact

PROBES = 200
"""Queries that recall is measured by, half of them descriptions."""
STORE_LOOKED_AT = 200
"""Vectors that a search for ten songs asks a store for, which knows the cosines."""
NEARLY = 1e-4
"""A neighbour as near as the k-th true one counts as found: copies of a recording are interchangeable."""


def queries_of(prompts: NDArray[np.float32], vectors: Halves) -> NDArray[np.float32]:
    """Descriptions and songs as queries (queries, dimensions)."""
    half = PROBES // 2
    # Songs as queries, for "more like this"; descriptions lie in another part of the space.
    amount = min(half, len(vectors))
    rows = np.linspace(0, len(vectors) - 1, amount, dtype=int)  # evenly over the library
    songs = vectors[rows].astype(np.float32)
    return np.concatenate([prompts[:half], songs])


def measured_recall(
    index: Index,
    truth: exact.ExactIndex,
    prompts: NDArray[np.float32],
    looked_at: int,
    k: int = 10,
) -> float:
    """The share of the true k nearest among so many that an index names, which are scored exactly."""
    vectors = truth.vectors
    found = []
    for query in queries_of(prompts, vectors):
        _, nearest = truth.search(query, k)
        keys, _ = index.search(query, looked_at)
        # What the index says of its cosines is in 8 bits; they are counted again from the vectors.
        rows = np.searchsorted(truth.keys, keys)
        cosines = exact.cosines_to(vectors[rows], query)
        best_first = np.sort(cosines)[::-1]
        threshold = nearest[-1] - NEARLY
        near_enough = best_first[: len(nearest)] >= threshold
        found.append(np.mean(near_enough))
    return float(np.mean(found))


class Truth:
    """The cosines of the true k nearest to some queries, over vectors that come in blocks."""

    def __init__(self, queries: NDArray[np.float32], k: int = 10) -> None:
        self.queries, self._k = queries, k
        self._halves = queries.astype(np.float16)
        self.nearest = np.empty((len(queries), 0), np.float32)  # (queries, k), best first

    def look(self, vectors: Halves) -> None:
        """Take in some more vectors."""
        products = numkong.cdist(self._halves, vectors, metric="dot")
        cosines = np.asarray(products, np.float32)  # (queries, vectors)
        both = np.concatenate([self.nearest, cosines], axis=1)
        best_first = -np.sort(-both, axis=1)
        self.nearest = best_first[:, : self._k]

    def recall(self, store: Index) -> float:
        """The share of them that a store finds."""
        found = []
        for query, nearest in zip(self.queries, self.nearest, strict=True):
            _, cosines = store.search(query, STORE_LOOKED_AT)
            # The store multiplies with the query as it is, not rounded to 16 bits.
            threshold = nearest[-1] - 10 * NEARLY
            near_enough = cosines[: len(nearest)] >= threshold
            found.append(np.mean(near_enough))
        return float(np.mean(found))
