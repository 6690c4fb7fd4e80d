"""Recall@k: the share of a query's right answers that stand among the first k."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = True
SUMMARY = np.mean


def score(ranks: Ranks, k: int) -> Places:
    """Recall@k (queries,): right answers at place k or better / right answers there are."""
    is_among_first = ranks.places <= k
    return ranks.totals(is_among_first.astype(np.float64)) / ranks.relevant
