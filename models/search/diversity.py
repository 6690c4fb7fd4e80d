"""Which of the ranked songs to show: not too many by one artist, and not one sound ten times."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from catalog.records import Hit
from catalog.vectors import Vectors
from models.search.score_fusion import Scores


def at_most_per_artist(hits: Iterable[Hit], most: int | None) -> Iterator[Hit]:
    """The hits in their order without what an artist has beyond `most`; songs of nobody known all stay."""
    seen: Counter[str] = Counter()
    for hit in hits:
        artist = hit.song.artist.casefold().strip()
        seen[artist] += 1
        if most is None or not artist or seen[artist] <= most:
            yield hit


def diverse(points: Scores, vectors: Vectors, k: int, *, balance: float = 0.5) -> list[int]:
    """Rows of the k songs that fit and differ: maximal marginal relevance (Carbonell & Goldstein 1998).

    points: (songs,), 0-100, best first. vectors: (songs, dimensions) of length 1, or of zeros.
    balance: 1 looks at the fit alone, 0 at difference alone.

    >>> diverse(np.array([90.0, 89.0, 60.0]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 2)
    [0, 2]
    """
    fit = points / 100
    nearest = np.zeros(len(points), np.float32)
    chosen: list[int] = []
    left = np.ones(len(points), bool)
    while len(chosen) < k and left.any():
        gain = np.where(left, balance * fit - (1 - balance) * nearest, -np.inf)
        best = int(np.argmax(gain))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen
