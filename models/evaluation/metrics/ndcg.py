"""nDCG@k with answers that are right or not (Järvelin & Kekäläinen 2002): gain 1 / log2(place + 1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.ranks import Places, Ranks

CUT = True
SUMMARY = np.mean


def score(ranks: Ranks, k: int) -> Places:
    """nDCG@k (queries,): the gain of the first k over the gain of the best order there could be."""
    is_among_first = ranks.places <= k
    gain = np.where(is_among_first, _gain(ranks.places), 0.0)
    best_places = np.arange(1, k + 1)
    ideal = np.cumsum(_gain(best_places))  # (k,) of 1, 2, ... right answers
    attainable = np.minimum(ranks.relevant, k)  # (queries,): more than k right answers cannot be shown
    normalized: Places = ranks.totals(gain) / ideal[attainable - 1]
    return normalized


def _gain(places: NDArray[Any]) -> Places:
    """What a right answer at a place is worth: 1 at the first, less and less further behind."""
    gain: Places = 1 / np.log2(places + 1)
    return gain
