"""Several judgements of a song, by sound, by words and by exact words, to one.

All of them are in standard deviations on one scale (2 is where a song fits well), and not-a-number stands for
a side that a song lacks: it counts as if it had not been asked, so an instrumental ranks by its sound alone.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Method = Literal["evidence", "gate", "weighted", "rrf"]
METHODS: tuple[Method, ...] = get_args(Method)
DEFAULT: Method = "gate"
"""Chosen by measurement: models/EXPERIMENTS.md, "Fusion"."""
# 1 would add the sides, so that two halves beat one whole; infinity would take the best alone.
POWER = 3.0
RANK_OFFSET = 60
"""Of reciprocal rank fusion (Cormack, Clarke & Buettcher 2009)."""


def fuse(method: Method, sides: Mapping[str, Scores], weights: Mapping[str, float]) -> Scores:
    """Scores (songs,) of several sides to one; weights of sides that are not named are 1."""
    weight = np.array([weights.get(side, 1.0) for side in sides], np.float32)  # (sides,)
    stacked = np.stack(list(sides.values()))  # (sides, songs)
    if method == "weighted":
        return weighted(stacked, weight)
    if method == "rrf":
        return reciprocal_ranks(stacked, weight)
    if method == "gate":
        return evidence(stacked, weight)
    return evidence(stacked, np.ones_like(weight))


def evidence(sides: Scores, weights: Scores) -> Scores:
    """Scores (sides, songs) to one (songs,): the p-norm of what speaks for a song, each side by its weight.

    With p = 3 the stronger side leads and the other helps a little: absence costs nothing. A song that
    nothing speaks for keeps its best side, so that those too have an order.

    >>> nan = np.nan
    >>> evidence(np.array([[3.0, 3.0, -1.0], [nan, 0.0, -2.0]]), np.ones(2)).round(2).tolist()
    [3.0, 3.0, -1.0]
    """
    known = np.where(np.isnan(sides), -np.inf, sides)  # (sides, songs)
    # Below 0 a side says less than an unrelated sentence would: that is silence, not a word against the song.
    speaking = weights[:, None] * np.maximum(known, 0)  # (sides, songs)
    sum_of_powers = (speaking**POWER).sum(axis=0)  # (songs,)
    total = sum_of_powers ** (1 / POWER)
    best = known.max(axis=0)
    fused: Scores = np.where(total > 0, total, best).astype(sides.dtype)
    return fused


def weighted(sides: Scores, weights: Scores) -> Scores:
    """The weighted mean over the sides that a song has.

    >>> weighted(np.array([[3.0, 3.0], [np.nan, 0.0]]), np.array([2.0, 1.0])).tolist()
    [3.0, 2.0]
    """
    there = weights[:, None] * ~np.isnan(sides)  # (sides, songs), 0 where a side is missing
    total = (there * np.nan_to_num(sides)).sum(axis=0)
    weight = np.maximum(there.sum(axis=0), 1e-9)  # (songs,), for a song without any side has 0 / 0
    mean: Scores = total / weight
    return mean.astype(sides.dtype)


def reciprocal_ranks(sides: Scores, weights: Scores) -> Scores:
    """Reciprocal rank fusion: the mean of 1 / (60 + place) over the sides of a song, ties sharing theirs.

    Brought to the scale of the best evidence, so that the first place is as good as its best side says.

    >>> reciprocal_ranks(np.array([[3.0, 2.0, 1.0], [1.0, np.nan, 2.0]]), np.ones(2)).argsort().tolist()
    [1, 2, 0]
    """
    places = np.stack([_places(side) for side in sides])  # (sides, songs), from 1
    reciprocal = 1 / (RANK_OFFSET + places)
    order = weighted(reciprocal.astype(sides.dtype), weights)
    best = evidence(sides, np.ones_like(weights))
    fused: Scores = np.empty_like(best)
    # The best evidence to the first of the order, and so on: ranks decide, points stay comparable.
    in_order = np.argsort(-order, kind="stable")  # of equals the one with the lower id
    fused[in_order] = np.sort(best)[::-1]
    return fused


def _places(side: Scores) -> Scores:
    """1 for the best; equal scores share the mean of their places; not-a-number stays."""
    values, inverse, counts = np.unique(-side, return_inverse=True, return_counts=True, equal_nan=True)
    last = np.cumsum(counts)  # the last place of each value
    middle = last - (counts - 1) / 2  # of the places that equal scores take
    places: Scores = middle[inverse].astype(side.dtype)
    return np.where(np.isnan(side), np.nan, places)


def as_points(standard: Scores, *, fits_at: float, width: float) -> Scores:
    """Standard deviations above unrelated descriptions to points from 0 to 100; 50 is where a song fits well.

    >>> as_points(np.array([2.0]), fits_at=2.0, width=0.5).tolist()
    [50.0]
    """
    beyond = (standard - fits_at) / width
    points: Scores = 100 / (1 + np.exp(-beyond))  # the logistic function, which is half at 0
    return points
