"""Songs that fit and differ: maximal marginal relevance."""

import numpy as np

from catalog.vectors import Vectors
from models.search.score_fusion import Scores


def maximal_marginal_relevance(
    points: Scores, embeddings: Vectors, k: int, *, balance: float = 0.5
) -> list[int]:
    """Rows of the k songs that fit and differ (Carbonell & Goldstein 1998), the first chosen first.

    points: (songs,), 0-100, best first. embeddings: (songs, dimensions) of length 1, or of zeros.
    balance: 1 looks at the fit alone, 0 at difference alone.

    >>> points, same, other = np.array([90.0, 89.0, 60.0]), [1.0, 0.0], [0.0, 1.0]
    >>> maximal_marginal_relevance(points, np.array([same, same, other]), 2)
    [0, 2]
    """
    fit = points / 100
    nearest_chosen = np.zeros(len(points), np.float32)  # (songs,) cosine to the most similar chosen one
    chosen: list[int] = []
    left = np.ones(len(points), bool)
    while len(chosen) < k and left.any():
        value = balance * fit - (1 - balance) * nearest_chosen  # (songs,)
        gain = np.where(left, value, -np.inf)
        # Of equals the first, which is the better ranked.
        best = int(np.argmax(gain))
        chosen.append(best)
        left[best] = False
        # Only against the newest: the nearest of those chosen before is known, so a choice is one product.
        cosines = embeddings @ embeddings[best]  # (songs,)
        nearest_chosen = np.maximum(nearest_chosen, cosines)
    return chosen
