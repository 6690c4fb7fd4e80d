"""Scores to ranks: at which places the right answers of each query stand, ties shared fairly.

A place is 1-based. In a tie of t songs after a better ones, of which r are right, the right ones get the
places where chance would put them: a + j (t + 1) / (r + 1) for j = 1 .. r. For one right answer that is the
mean rank of the tie, so an encoder that gives everything the same score stands at chance.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.float64]

TIE = 1e-6
"""Cosines this near are equal: the rounding of one product may differ with its place in a matrix."""

BLOCK_BYTES = 64_000_000
"""Of scores that are in memory together."""
FEW = 16
"""Up to so many right answers, counting is faster than sorting."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the right answers stand.

    places: (right answers of all queries,), ascending within a query. starts: (queries + 1,), query i has
    places[starts[i]:starts[i + 1]], at least one. candidates: how many answers each query could have had.
    """

    places: Places
    starts: NDArray[np.int64]
    candidates: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def first(self) -> Places:
        """The best place of each query (queries,)."""
        return self.places[self.starts[:-1]]

    @property
    def relevant(self) -> NDArray[np.int64]:
        """How many right answers each query has (queries,)."""
        return np.diff(self.starts)

    @property
    def number(self) -> NDArray[np.int64]:
        """For each place, the how many-th right answer of its query it is, from 1."""
        # Numbers through all queries, less what lies before each one.
        through = np.arange(1, len(self.places) + 1)
        before = np.repeat(self.starts[:-1], self.relevant)
        return through - before

    def totals(self, values: Places) -> Places:
        """Sums of a value per place over each query (queries,)."""
        sums: Places = np.add.reduceat(values, self.starts[:-1])
        return sums


def rank_vectors(
    queries: Floats,
    gallery: Floats,
    right: Sequence[Sequence[int]],
    *,
    tie: float = TIE,
    done: Callable[[int], None] = lambda queries: None,
) -> Ranks:
    """Rank a gallery (songs, dimensions) for queries (queries, dimensions) by their dot product.

    right: for each query the rows of the gallery that are right, at least one. Memory does not grow with
    queries x songs. done: told how many queries more are ranked. Raises ValueError as `rank_scores`.
    """
    if len(queries) != len(right):
        raise ValueError(f"{len(queries)} queries, but right answers for {len(right)}")
    turned = np.ascontiguousarray(gallery, np.float32).T  # (dimensions, songs)

    def score(rows: slice) -> Floats:
        scores: Floats = np.asarray(queries[rows], np.float32) @ turned
        return scores

    return rank_blocks(score, right, candidates=len(gallery), tie=tie, done=done)


def rank_blocks(
    score: Callable[[slice], Floats],
    right: Sequence[Sequence[int]],
    *,
    candidates: int,
    tie: float = TIE,
    done: Callable[[int], None] = lambda queries: None,
) -> Ranks:
    """As `rank_vectors`, for any way of scoring: `score` gives (queries of a slice, candidates)."""

    def blocks() -> Iterator[Floats]:
        # Queries whose scores, four bytes each, fill a block.
        rows = max(1, BLOCK_BYTES // (4 * max(candidates, 1)))
        for start in range(0, len(right), rows):
            end = min(start + rows, len(right))
            scores = score(slice(start, end))
            yield scores
            done(len(scores))

    return _rank(blocks(), right, candidates=candidates, tie=tie)


def rank_scores(scores: NDArray[np.floating], right: Sequence[Sequence[int]], *, tie: float = 0.0) -> Ranks:
    """Rank by a matrix of scores (queries, songs); scores no further apart than `tie` are equal.

    >>> rank_scores(np.array([[0.9, 0.5, 0.5, 0.1]]), [[1]]).places.tolist()
    [2.5]

    Raises ValueError for a score that is not finite, and for a query without a right answer.
    """
    return _rank(iter([scores]), right, candidates=scores.shape[1], tie=tie)


def _rank(
    blocks: Iterator[NDArray[np.floating]], right: Sequence[Sequence[int]], *, candidates: int, tie: float
) -> Ranks:
    """Rank by scores (queries of a block, candidates) that come one block after the other."""
    if not right or any(len(rows) == 0 for rows in right):
        raise ValueError("every query needs a right answer")
    places: list[Places] = []  # of each query
    for scores in blocks:
        # A sum is finite where every score is: eight times as fast as looking at each.
        sums = scores.sum(axis=1, dtype=np.float64)
        if not np.isfinite(sums).all():
            raise ValueError("scores that are not finite cannot be ranked")
        for row, rows in zip(scores, right[len(places) :], strict=False):
            once = np.unique(np.asarray(rows, np.int64))  # a song that is named twice is one right answer
            places.append(_places(row, row[once], tie))
    if len(places) != len(right):
        raise ValueError(f"{len(places)} queries, but right answers for {len(right)}")
    answers = [len(one) for one in places]
    starts = np.concatenate([[0], np.cumsum(answers)])
    return Ranks(np.concatenate(places), starts, candidates)


def _places(row: NDArray[np.floating], right: NDArray[np.floating], tie: float) -> Places:
    """Places of right answers, by their scores (any order), among all scores of a query."""
    width = row.dtype.type(tie)
    best_first = np.sort(right)[::-1]
    high, low = best_first + width, best_first - width  # what lies between is equal to it
    if len(right) <= FEW:
        better = np.array([np.count_nonzero(row > score) for score in high])
        as_good = np.array([np.count_nonzero(row >= score) for score in low])
    else:
        ordered = np.sort(row)
        better = len(row) - np.searchsorted(ordered, high, side="right")
        as_good = len(row) - np.searchsorted(ordered, low, side="left")
    tied = as_good - better
    right_before = np.array([np.count_nonzero(right > score) for score in high])
    right_as_good = np.array([np.count_nonzero(right >= score) for score in low])
    equal = right_as_good - right_before
    number = np.arange(1, len(right) + 1) - right_before  # the how many-th right one of its tie, j above
    # Of a tie of `tied` songs, `equal` of them right, the j-th right one stands at j (tied + 1) / (equal + 1)
    place: Places = better + number * (tied + 1) / (equal + 1)
    return np.sort(place)
