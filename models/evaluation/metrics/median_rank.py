"""Median rank: the median, over queries, of the place of the first right answer. 1 is best."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = False
SUMMARY = np.median


def score(ranks: Ranks) -> Places:
    """The best place (queries,), from 1."""
    return ranks.first
