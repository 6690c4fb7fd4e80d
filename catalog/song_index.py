"""An index opened for reading: songs near a query, and their scores against it.

What is in the content of an index: keys.npy, vectors.npy and the graph (or store.json, where a store keeps
both), background.npy and prompts.npy (what scores are compared with), the text encoder in tower/, and in
added/ what came since (see `index_segment`). See `index_manifest` for what lies around it.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from catalog import indexes
from catalog.index_manifest import damaged, prove, read_manifest
from catalog.index_segment import ADDED, REPLACED, Segment, opened
from catalog.indexes import PART_BITS, Halves, Index, Keys, StoredIndex, exact

SCANNED = 2
"""All vectors are looked at where they are so many times what the graph would be asked for, or fewer."""
NARROW = 8
"""The same for a filter that leaves one song in so many, where the graph cannot look among those alone."""
SAMPLE = 2_000
"""So many songs of a store say what all of them get."""


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
        self._kind = indexes.load(self.manifest.kind)
        # The graph of other kinds is opened at the first search: to list or to verify needs none.
        store = cast(StoredIndex, self.graph) if self._kind.HOLDS_VECTORS else None
        try:
            self.base = Segment(self.content, store)
            added = self.content / ADDED
            self.added = Segment(added, store) if added.is_dir() else None
            self.replaced: Keys = opened(added / REPLACED) if self.added else _no_songs()
        except (OSError, ValueError, EOFError) as error:
            raise damaged(self.content, str(error)) from error
        self._segments = [self.base] if self.added is None else [self.base, self.added]
        if not all(segment.fits(self.manifest.dimensions) for segment in self._segments):
            raise damaged(self.content, "its parts are of different lengths")
        self._join()

    def _join(self) -> None:
        """songs (songs,), ascending; for each its segment, its place there, and its background."""
        if self.added is None:
            self.songs, self.background = self.base.songs, self.base.background
            self._at = np.arange(len(self.songs))
            return
        # What was changed or removed since the graph was made stays in it, and is passed over here.
        kept = np.flatnonzero(~np.isin(self.base.songs, self.replaced, assume_unique=True))
        songs = np.concatenate([self.base.songs[kept], self.added.songs])
        order = np.argsort(songs, kind="stable")
        self.songs = songs[order]
        counts = [len(kept), len(self.added.songs)]
        segment_of = np.repeat(np.array([0, 1], np.int8), counts)
        at = np.concatenate([kept, np.arange(counts[1])])
        background = np.concatenate([self.base.background[kept], self.added.background])
        self._segment_of, self._at = segment_of[order], at[order]
        self.background = background[order]

    @cached_property
    def graph(self) -> Index:
        """The near-neighbour graph, as a view of its file, or the store. Raises Damaged, StoreError."""
        return self._kind.open_file(self.content / self._kind.FILE)

    def nearest(self, query: NDArray[np.float32], k: int, among: Keys | None = None) -> Keys:
        """Songs (ids, ascending) among which the k best are nearly always found; of `among` alone if given.

        All of them where k is a good part of them: a graph may miss some, a list must not.
        """
        songs = self.songs if among is None else self._known(among)
        a_song = self.manifest.vectors / max(len(self.songs), 1)
        # A graph counts vectors: a song of lyrics has several, and may fill the first places alone.
        parts = max(1, round(a_song))
        wanted = self._kind.WIDTH * k * parts
        scanned = 1 if self._kind.HOLDS_VECTORS else SCANNED
        if len(songs) * parts <= wanted * scanned:
            return songs
        few = among is not None and len(songs) * NARROW <= len(self.songs)
        if few and not self._kind.FILTERS:
            return songs
        within = None if among is None else songs
        keys, _ = self.graph.search(query, wanted, within)
        if self.added is not None and not self._kind.HOLDS_VECTORS:
            added = exact.build(self.added.keys, self.added.vectors.all)
            # What was added is not in the graph, and small enough to look at whole.
            keys = np.concatenate([keys, added.search(query, wanted)[0]])
        found = self._known(np.unique(keys >> PART_BITS))  # a graph may hold songs that were replaced
        return found if among is None else found[indexes.among(found, songs)]

    def far_from(self, query: NDArray[np.float32], k: int) -> Keys:
        """Songs (ids, ascending) among which the k least like a query are nearly always found.

        All of them where their vectors lie here; of a store, which would have to send every vector, those
        that are nearest to the opposite.
        """
        return self.nearest(-query, k) if self._kind.HOLDS_VECTORS else self.songs

    def _known(self, songs: Keys) -> Keys:
        """Those of these songs that are here."""
        return songs[self._places(songs) >= 0]

    def score(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) of these songs, exactly; not-a-number for those the index does not hold."""
        scores = np.full(len(songs), np.nan, np.float32)
        for segment, rows, at in self._by_segment(songs):
            scores[rows] = segment.scores(query, at)
        return scores

    def z_scores(self, scores: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) above what unrelated descriptions get from the same song, in deviations."""
        at = self._places(songs)
        # -1 (not here) would count from the end; such a song becomes not-a-number below.
        mean = self.background[np.maximum(at, 0), 0]
        above = (scores - mean) / self.spread
        return np.where(at >= 0, above, np.nan).astype(np.float32)

    @cached_property
    def spread(self) -> np.float32:
        """One standard deviation of scores, for all songs."""
        return common_spread(self.background)

    def among_songs(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores of songs in standard deviations above what all songs here get: for a song as the query."""
        everyone = self._scores_of_everyone(query)
        # Of copies of one song all scores are equal.
        spread = np.float32(max(float(everyone.std()), 1e-3))
        above = self.score(query, songs) - everyone.mean()
        standard: NDArray[np.float32] = above / spread
        return standard

    def _scores_of_everyone(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """What songs get; of a store some alone, which are fetched once."""
        if not self._kind.HOLDS_VECTORS or len(self.songs) <= SAMPLE:
            return self.score(query, self.songs)
        return exact.cosines_to(self._sample, query)

    @cached_property
    def _sample(self) -> Halves:
        evenly = np.linspace(0, len(self.songs) - 1, SAMPLE, dtype=int)
        by_segment = self._by_segment(self.songs[evenly])
        return np.concatenate([segment.track_vectors(at) for segment, _, at in by_segment])

    def track_embedding(self, song: int) -> NDArray[np.float32] | None:
        """The vector (dimensions,) that stands for the whole of a song, or None."""
        for segment, _, at in self._by_segment(np.array([song])):
            [track] = segment.track_vectors(at)
            embedding: NDArray[np.float32] = track.astype(np.float32)
            return embedding
        return None

    def held_keys(self, songs: Keys) -> Keys:
        """Keys of all vectors of these songs (ids, ascending), ascending."""
        parts = []
        for segment, _, at in self._by_segment(songs):
            rows, _ = segment.rows_of(at)
            parts.append(segment.keys[rows])
        return np.sort(np.concatenate([_no_songs(), *parts]))

    def held(self, songs: Keys) -> tuple[Keys, Halves]:
        """The same with the vectors themselves."""
        keys = [_no_songs()]
        blocks = [np.empty((0, self.manifest.dimensions), np.float16)]
        for segment, _, at in self._by_segment(songs):
            rows, _ = segment.rows_of(at)
            keys.append(segment.keys[rows])
            blocks.append(segment.vectors.picked(rows))
        order = np.argsort(np.concatenate(keys), kind="stable")
        return np.concatenate(keys)[order], np.concatenate(blocks)[order]

    def _by_segment(self, songs: Keys) -> Iterator[tuple[Segment, NDArray[np.int64], NDArray[np.int64]]]:
        """Each segment with the rows of these songs that it has, and their places in it."""
        places = self._places(songs)
        known = np.flatnonzero(places >= 0)
        if len(self._segments) == 1:
            parts = [(self.base, known)]
        else:
            owner = self._segment_of[places[known]]  # 0 for the base, 1 for what was added
            parts = []
            for number, segment in enumerate(self._segments):
                parts.append((segment, known[owner == number]))
        for segment, rows in parts:
            if len(rows):
                yield segment, rows, self._at[places[rows]]

    def _places(self, songs: Keys) -> NDArray[np.int64]:
        if not len(self.songs):
            return np.full(len(songs), -1)
        last = len(self.songs) - 1
        # For an id above all the last one, which the comparison then finds to be another.
        at = np.minimum(np.searchsorted(self.songs, songs), last)
        return np.where(self.songs[at] == songs, at, -1)


def _no_songs() -> Keys:
    return np.empty(0, np.int64)


def common_spread(background: NDArray[np.float32]) -> np.float32:
    """One standard deviation for all songs, from each one's mean and deviation (songs, 2).

    A song's own, from few descriptions, says little of it: dividing by it lost a quarter of the right answers
    (models/EXPERIMENTS.md, "What a score is compared with").
    """
    if not len(background):
        return np.float32(1e-3)
    mean_square = np.mean(np.square(background[:, 1]))
    return np.float32(max(float(np.sqrt(mean_square)), 1e-3))
