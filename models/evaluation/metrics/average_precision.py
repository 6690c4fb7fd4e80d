"""Average precision over the full ranking; its mean over queries is MAP."""

import numpy as np

from models.evaluation.ranks import Places, Ranks

CUT = False
SUMMARY = np.mean


def score(ranks: Ranks) -> Places:
    """Average precision (queries,): the mean, over the right answers, of the precision at their places."""
    precision = ranks.number / ranks.places  # at each right answer
    return ranks.totals(precision) / ranks.relevant
