"""What songs score against descriptions of nothing in particular, which a score has to stand out from."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from catalog.index_segment import song_scores
from catalog.indexes import PART_BITS, Halves, Keys
from models.indexing.rows import BLOCK


def starts_of(keys: Keys) -> NDArray[np.int64]:
    """Where the vectors of each song start (songs,), of keys that ascend."""
    new_song = np.diff(keys >> PART_BITS, prepend=-1)
    starts: NDArray[np.int64] = np.flatnonzero(new_song)
    return starts


def background_of(
    vectors: Halves, starts: NDArray[np.int64], prompts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean and standard deviation (songs, 2) of what each song scores against unrelated descriptions."""
    out = np.empty((len(starts), 2), np.float32)
    for songs, scores in scores_in_blocks(vectors, starts, prompts):
        mean = scores.mean(axis=1)
        deviation = scores.std(axis=1)
        out[songs] = np.stack([mean, deviation], axis=1)
    return out


def scores_in_blocks(
    vectors: Halves, starts: NDArray[np.int64], queries: NDArray[np.float32]
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Which songs, and their scores (songs, queries), in memory that does not grow with the library.

    vectors: (rows, dimensions), a song's from each start on. queries: (queries, dimensions).
    """
    ends = np.append(starts, len(vectors))
    for first in range(0, len(starts), BLOCK):
        last = min(first + BLOCK, len(starts))
        begin, end = ends[first], ends[last]
        block = vectors[begin:end].astype(np.float32)
        cosines = block @ queries.T  # (vectors of the block, queries)
        inside = starts[first:last] - begin  # the same starts, counted from the block's own
        yield slice(first, last), song_scores(cosines, inside)
