"""An index opened for reading: the vectors of songs as a view of their file, scored against a query.

What is in the content of an index: keys.npy, vectors.npy, graph.usearch, background.npy and prompts.npy (what
scores are compared with), and the text encoder in tower/. See `index_manifest` for what lies around it.
"""

import os
import weakref
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog import indexes
from catalog.index_manifest import damaged, prove, read_manifest
from catalog.indexes import Halves, Index, Keys, exact

PART_BITS = 12
MOST_PARTS = 1 << PART_BITS
"""A key is `song id << 12 | part`: up to 4,096 vectors a song."""


class SongIndex:
    """An index opened for reading: scores songs against a query vector.

    A song has one vector or several; the first stands for the whole of it. Its score is the mean of the
    cosines of the whole and of the best part.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        self.content = folder / self.manifest.content
        if not self.content.is_dir():  # replaced since the manifest was read
            self.manifest = read_manifest(folder)
            self.content = folder / self.manifest.content
        prove(folder, self.manifest)
        try:
            self.keys: Keys = np.load(self.content / "keys.npy", mmap_mode="r")
            self.vectors: Halves = np.load(self.content / "vectors.npy", mmap_mode="r")
            self._descriptor = os.open(self.content / "vectors.npy", os.O_RDONLY)
            weakref.finalize(self, os.close, self._descriptor)
            self.background: NDArray[np.float32] = np.load(self.content / "background.npy", mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise damaged(self.content, str(error)) from error
        owners = self.keys >> PART_BITS
        self._starts = np.flatnonzero(np.diff(owners, prepend=-1))
        self.songs: Keys = owners[self._starts]
        shape = (len(self.keys), self.manifest.dimensions)
        if len(self.background) != len(self.songs) or self.vectors.shape != shape:
            raise damaged(self.content, "its parts are of different lengths")

    @cached_property
    def graph(self) -> Index:
        """The near-neighbour graph, as a view of its file."""
        return indexes.load().open_file(self.content / "graph.usearch")

    def nearest(self, query: NDArray[np.float32], k: int) -> Keys:
        """Songs (ids, ascending) among which the k best are nearly always found.

        Looks at every vector where k is a good part of them: the graph may miss some, a list must not.
        """
        wanted = 4 * k * max(1, round(len(self.keys) / max(len(self.songs), 1)))
        if wanted * 4 >= len(self.keys):
            return self.songs
        keys, _ = self.graph.search(query, wanted)
        return np.unique(keys >> PART_BITS)

    def score(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) of these songs, exactly; not-a-number for those the index does not hold."""
        at = self._places(songs)
        known = at >= 0
        scores = np.full(len(songs), np.nan, np.float32)
        if known.any():
            scores[known] = self._score_places(query, at[known])
        return scores

    def z_scores(self, scores: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) above what unrelated descriptions get from the same song, in deviations."""
        at = self._places(songs)
        mean = self.background[np.maximum(at, 0), 0]
        return np.where(at >= 0, (scores - mean) / self._spread, np.nan).astype(np.float32)

    @cached_property
    def _spread(self) -> np.float32:
        return common_spread(self.background)

    def among_songs(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores of songs in standard deviations above what all songs here get: for a song as the query."""
        everyone = self.score(query, self.songs)
        spread = np.float32(max(float(everyone.std()), 1e-3))
        standard: NDArray[np.float32] = (self.score(query, songs) - everyone.mean()) / spread
        return standard

    def track_embedding(self, song: int) -> NDArray[np.float32] | None:
        """The vector (dimensions,) that stands for the whole of a song, or None."""
        at = self._places(np.array([song]))[0]
        return None if at < 0 else self.vectors[self._starts[at]].astype(np.float32)

    def _places(self, songs: Keys) -> NDArray[np.int64]:
        if not len(self.songs):
            return np.full(len(songs), -1)
        at = np.minimum(np.searchsorted(self.songs, songs), len(self.songs) - 1)
        return np.where(self.songs[at] == songs, at, -1)

    def _score_places(self, query: NDArray[np.float32], at: NDArray[np.int64]) -> NDArray[np.float32]:
        if len(at) == len(self.songs):
            return song_scores(exact.cosines_to(self.vectors, query), self._starts)[at]
        ends = np.append(self._starts, len(self.keys))
        lengths = ends[at + 1] - ends[at]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.arange(lengths.sum()) + np.repeat(ends[at] - starts, lengths)
        return song_scores(exact.cosines_to(self._picked(rows), query), starts)

    def _picked(self, rows: NDArray[np.int64]) -> Halves:
        """Vectors of these rows. A few are read, for a mapped page brings fifteen others into memory."""
        if 8 * len(rows) > len(self.vectors):
            return self.vectors[rows]
        size = self.vectors.strides[0]
        first = os.fstat(self._descriptor).st_size - self.vectors.nbytes
        read = (os.pread(self._descriptor, size, first + size * row) for row in rows.tolist())
        return np.frombuffer(b"".join(read), np.float16).reshape(len(rows), -1)


def song_scores(cosines: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Cosines of parts, a song's from each start on, to scores of songs: mean of the first and the best.

    >>> song_scores(np.array([0.25, 0.75, 0.25], np.float32), np.array([0, 2])).tolist()
    [0.5, 0.25]
    """
    if not len(starts):
        return np.empty(0, np.float32)
    best: NDArray[np.float32] = np.maximum.reduceat(cosines, starts)
    return (best + cosines[starts]) * np.float32(0.5)


def common_spread(background: NDArray[np.float32]) -> np.float32:
    """One standard deviation for all songs, from each one's mean and deviation (songs, 2).

    A song's own, from few descriptions, says little of it: dividing by it lost a quarter of the right answers
    (models/EXPERIMENTS.md, "What a score is compared with").
    """
    return np.float32(
        max(float(np.sqrt(np.mean(np.square(background[:, 1])))) if len(background) else 0, 1e-3)
    )
