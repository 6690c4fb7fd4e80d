"""MRR: one over the place of the first right answer, over the full ranking (never cut at 10 or 20)."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = False
SUMMARY = np.mean


def score(ranks: Ranks) -> Places:
    """Reciprocal rank (queries,) of each query's best right answer."""
    return reciprocal(ranks.first)


def reciprocal(first: Places) -> Places:
    """One over the place of each query's first relevant answer (queries,): wherever nw says MRR, its mean."""
    values: Places = 1 / first
    return values
