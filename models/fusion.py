"""Two judgements of a song, by sound and by words, to one."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

POWER = 3.0


def evidence(*sides: Scores) -> Scores:
    """Scores (songs,) of several sides, in standard deviations, to one: absence costs nothing.

    The p-norm of what speaks for a song (p = 3: the stronger side leads, the other helps a little). A side
    that a song lacks is not-a-number and counts as if it had not been asked, so an instrumental ranks by its
    sound alone. A song that nothing speaks for keeps its best side, so that those too have an order.

    >>> nan = np.nan
    >>> evidence(np.array([3.0, 3.0, -1.0]), np.array([nan, 0.0, -2.0])).tolist()
    [3.0, 3.0, -1.0]
    """
    stacked = np.stack(sides)
    known = np.where(np.isnan(stacked), -np.inf, stacked)
    total = (np.maximum(known, 0) ** POWER).sum(axis=0) ** (1 / POWER)
    fused: Scores = np.where(total > 0, total, known.max(axis=0)).astype(stacked.dtype)
    return fused


def as_points(standard: Scores, *, fits_at: float, width: float) -> Scores:
    """Standard deviations above unrelated descriptions to points from 0 to 100; 50 is where a song fits well.

    >>> as_points(np.array([2.0]), fits_at=2.0, width=0.5).tolist()
    [50.0]
    """
    points: Scores = 100 / (1 + np.exp(-(standard - fits_at) / width))
    return points
