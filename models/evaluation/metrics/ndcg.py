"""nDCG@k with answers that are right or not (Järvelin & Kekäläinen 2002): gain 1 / log2(place + 1)."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = True
SUMMARY = np.mean


def score(ranks: Ranks, k: int) -> Places:
    """nDCG@k (queries,): the gain of the first k over the gain of the best order there could be."""
    gain = np.where(ranks.places <= k, 1 / np.log2(ranks.places + 1), 0.0)
    best_places = np.arange(1, k + 1)
    ideal = np.cumsum(1 / np.log2(best_places + 1))  # (k,) of 1, 2, ... right answers
    attainable = np.minimum(ranks.relevant, k)  # (queries,): more than k right answers cannot be shown
    normalized: Places = ranks.totals(gain) / ideal[attainable - 1]
    return normalized
