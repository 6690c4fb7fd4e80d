"""Z-scores of the roles to ranked songs with points, on a scale where 50 fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import once
from models.search.score_fusion import Method, Scores, as_points, fuse

EXACT: Literal["written"] = "written"
"""Exact words, beside the roles."""
FITS_AT = {"sound": 1.7, "words": 2.0, "fused": 2.0, EXACT: 2.0}
"""The z-scores from which on a song fits, where an index does not know better (`models.search.fitting`)."""
WIDTH = 0.5
"""Of the step from what does not fit to what does, in standard deviations."""
FITS = 50
"""Points from which on a song fits."""
SCALE = 2.0
"""Where a song fits well on the scale of all roles together."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Songs, best first, with points 0-100 in all and for each role; not-a-number for what a song lacks."""

    ids: NDArray[np.int64]
    points: Scores
    by_role: dict[str, Scores]

    def taken(self, rows: Sequence[int]) -> "Ranked":
        """These rows, in this order."""
        at = np.asarray(rows, np.int64)
        by_role = {role: points[at] for role, points in self.by_role.items()}
        return Ranked(self.ids[at], self.points[at], by_role)


def union(ids: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """All of these ids once, ascending; none of nothing.

    >>> union([np.array([3, 1]), np.array([1])]).tolist(), union([]).tolist()
    ([1, 3], [])
    """
    return once(np.concatenate([np.empty(0, np.int64), *ids]))


def ranked(
    ids: NDArray[np.int64],
    z_scores: Mapping[str, Scores],
    method: Method,
    weights: Mapping[str, float],
    feedback: Scores | float = 0.0,
    lines: Mapping[str, float] = FITS_AT,
) -> Ranked:
    """Songs by their fused z-scores, plus what feedback adds (songs,); ties in the order of ids.

    Without any role feedback alone decides. lines: the z-scores from which on a song fits, by role.
    """
    if not len(ids):
        return Ranked(ids, np.empty(0, np.float32), dict(z_scores))
    by_role = {}
    for role, z in z_scores.items():
        by_role[role] = as_points(z, fits_at=lines[role], width=WIDTH)
    fused = np.zeros(len(ids), np.float32)
    if z_scores:
        comparable = on_one_scale(z_scores, lines)
        fused = fuse(method, comparable, weights)
    # Feedback comes after fusion: what must not be heard costs a song the same whatever speaks for it.
    total = fused + feedback  # (songs,)
    # The last key is the first: by score, then by id, so that equal songs never change places.
    order = np.lexsort((ids, -total))
    points = as_points(total, fits_at=SCALE, width=WIDTH)
    return Ranked(ids, points, by_role).taken(order.tolist())


def by_turns(answer: Ranked, turns: NDArray[np.int64]) -> Ranked:
    """Of "piano or harp" the best of each first, then the second best, as long as they fit; then the rest.

    turns: (songs,) of the answer, which alternative each answers best; -1 for none.

    >>> answer = Ranked(np.arange(4), np.array([99.0, 98.0, 70.0, 20.0], np.float32), {})
    >>> by_turns(answer, np.array([0, 0, 1, 1])).ids.tolist()
    [0, 2, 1, 3]
    """
    count = len(answer.ids)
    fits = answer.points >= FITS
    turn = np.full(count, count)  # (songs,): in which round each comes, what does not fit behind all rounds
    alternatives = int(turns.max(initial=-1)) + 1
    for alternative in range(alternatives):
        rows = np.flatnonzero((turns == alternative) & fits)
        turn[rows] = np.arange(len(rows))
    order = np.lexsort((np.arange(count), turn))  # by round, then as they were ranked
    return answer.taken(order.tolist())


def on_one_scale(z_scores: Mapping[str, Scores], lines: Mapping[str, float] = FITS_AT) -> dict[str, Scores]:
    """The same z-scores, moved so that each role fits at the same place."""
    # A library's line may be 1.7 for sound and 3.1 for words: moved, 2 means "fits" for both.
    moved = {}
    for role, z in z_scores.items():
        too_high = np.float32(lines[role] - SCALE)  # in single precision, or numpy would widen all scores
        moved[role] = z - too_high
    return moved
