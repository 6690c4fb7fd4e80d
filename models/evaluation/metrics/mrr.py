"""MRR: one over the place of the first right answer, over the full ranking (never cut at 10 or 20)."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = False
SUMMARY = np.mean


def score(ranks: Ranks) -> Places:
    """Reciprocal rank (queries,) of each query's best right answer."""
    reciprocal: Places = 1 / ranks.first
    return reciprocal
