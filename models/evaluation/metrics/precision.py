"""Precision@k: the share of the first k answers that are right. With one right answer it is Recall@k / k."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = True
SUMMARY = np.mean


def score(ranks: Ranks, k: int) -> Places:
    """Precision@k (queries,): right answers at place k or better / k, however many there could be."""
    is_among_first = ranks.places <= k
    return ranks.totals(is_among_first.astype(np.float64)) / k
