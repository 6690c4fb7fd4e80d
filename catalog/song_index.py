"""An index opened for reading: songs near a query, and their scores against it.

What is in the content of an index: keys.npy, vectors.npy and what finds those near a query (or store.json,
where a store does both), background.npy and prompts.npy (what scores are compared with), the text encoder in
tower/, and in added/ what came since (see `index_segment`). See `index_manifest` for what lies around it.
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
"""All vectors are scored where they are so many times what the index would be asked for, or fewer."""
NARROW = 8
"""The same for a filter that leaves one song in so many, where the index cannot look among those alone."""
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
        # That of other kinds is opened at the first search: to list or to verify needs none.
        store = cast(StoredIndex, self.vector_index) if self._kind.HOLDS_VECTORS else None
        try:
            self.base = Segment(self.content, store)
            self._segments = [self.base]
            self.added: Segment | None = None
            self.replaced: Keys = _no_songs()
            added = self.content / ADDED
            if added.is_dir():
                self.added = Segment(added, store)
                self.replaced = opened(added / REPLACED)
                self._segments.append(self.added)
        except (OSError, ValueError, EOFError) as error:
            raise damaged(self.content, str(error)) from error
        dimensions = self.manifest.dimensions
        if not all(segment.fits(dimensions) for segment in self._segments):
            raise damaged(self.content, "its parts are of different lengths")
        self._join()

    def _join(self) -> None:
        """songs (songs,), ascending; for each its segment, its place there, and its background."""
        base, added = self.base, self.added
        if added is None:
            self.songs = base.songs
            self.background = base.background
            self._at = np.arange(len(self.songs))
            return
        # What was changed or removed since the base was made stays in it, and is passed over here.
        is_replaced = indexes.among(base.songs, self.replaced)
        kept = np.flatnonzero(~is_replaced)
        songs = np.concatenate([base.songs[kept], added.songs])
        order = np.argsort(songs, kind="stable")
        self.songs = songs[order]
        counts = [len(kept), len(added.songs)]
        segment_of = np.repeat(np.array([0, 1], np.int8), counts)  # (songs,): 0 base, 1 added
        at = np.concatenate([kept, np.arange(len(added.songs))])
        background = np.concatenate([base.background[kept], added.background])
        self._segment_of = segment_of[order]
        self._at = at[order]
        self.background = background[order]

    @cached_property
    def vector_index(self) -> Index:
        """What finds vectors near a query: a view of its file, or the store. Raises Damaged, StoreError."""
        return self._kind.open_file(self.content / self._kind.FILE)

    def nearest(self, query: NDArray[np.float32], k: int, among: Keys | None = None) -> Keys:
        """Songs (ids, ascending) among which the k best are nearly always found; of `among` alone if given.

        All of them where k is a good part of them: an index may miss some, a list must not.
        """
        songs = self.songs if among is None else self._known(among)
        # An index counts vectors: a song of lyrics has several, and may fill the first places alone.
        vectors_a_song = self.manifest.vectors / max(len(self.songs), 1)
        parts = max(1, round(vectors_a_song))
        wanted = self._kind.width(self.manifest.vectors) * k * parts
        scanned = 1 if self._kind.HOLDS_VECTORS else SCANNED
        if len(songs) * parts <= wanted * scanned:
            return songs
        are_few = len(songs) * NARROW <= len(self.songs)
        if among is not None and are_few and not self._kind.FILTERS:
            return songs
        within = None if among is None else songs
        keys, _ = self.vector_index.search(query, wanted, within)
        if self.added is not None and not self._kind.HOLDS_VECTORS:
            # What was added is not in that of the base, and small enough to look at whole.
            added = exact.build(self.added.keys, self.added.vectors.all)
            near, _ = added.search(query, wanted)
            keys = np.concatenate([keys, near])
        found = self._known(indexes.once(keys >> PART_BITS))  # it may hold songs that were replaced
        if among is None:
            return found
        return found[indexes.among(found, songs)]

    def far_from(self, query: NDArray[np.float32], k: int) -> Keys:
        """Songs (ids, ascending) among which the k least like a query are nearly always found.

        All of them where their vectors lie here; of a store, which would have to send every vector, those
        that are nearest to the opposite.
        """
        if not self._kind.HOLDS_VECTORS:
            return self.songs
        return self.nearest(-query, k)

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
        known = np.where(at >= 0, above, np.nan)
        return known.astype(np.float32)

    @cached_property
    def spread(self) -> np.float32:
        """One standard deviation of scores, for all songs."""
        return common_spread(self.background)

    def among_songs(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores of songs in standard deviations above what all songs here get: for a song as the query."""
        everyone = self._scores_of_everyone(query)
        # Of copies of one song all scores are equal, and nothing may be divided by 0.
        deviation = float(everyone.std())
        spread = np.float32(max(deviation, 1e-3))
        above = self.score(query, songs) - everyone.mean()
        standard: NDArray[np.float32] = above / spread
        return standard

    def _scores_of_everyone(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """What songs get; of a store some alone, which are fetched once."""
        are_few = len(self.songs) <= SAMPLE
        if are_few or not self._kind.HOLDS_VECTORS:
            return self.score(query, self.songs)
        return exact.cosines_to(self._sample, query)

    @cached_property
    def _sample(self) -> Halves:
        last = len(self.songs) - 1
        evenly = np.linspace(0, last, SAMPLE, dtype=int)
        vectors = []
        for segment, _, at in self._by_segment(self.songs[evenly]):
            vectors.append(segment.track_vectors(at))
        return np.concatenate(vectors)  # (SAMPLE, dimensions)

    def track_embedding(self, song: int) -> NDArray[np.float32] | None:
        """The vector (dimensions,) that stands for the whole of a song, or None."""
        only = np.array([song])
        for segment, _, at in self._by_segment(only):
            [track] = segment.track_vectors(at)
            embedding: NDArray[np.float32] = track.astype(np.float32)
            return embedding
        return None

    def held_keys(self, songs: Keys) -> Keys:
        """Keys of all vectors of these songs (ids, ascending), ascending."""
        parts = [_no_songs()]
        for segment, _, at in self._by_segment(songs):
            rows, _ = segment.rows_of(at)
            parts.append(segment.keys[rows])
        return np.sort(np.concatenate(parts))

    def held(self, songs: Keys) -> tuple[Keys, Halves]:
        """The same with the vectors themselves."""
        parts = [_no_songs()]
        no_vectors = np.empty((0, self.manifest.dimensions), np.float16)
        blocks = [no_vectors]
        for segment, _, at in self._by_segment(songs):
            rows, _ = segment.rows_of(at)
            parts.append(segment.keys[rows])
            blocks.append(segment.vectors.picked(rows))
        keys = np.concatenate(parts)
        vectors = np.concatenate(blocks)
        order = np.argsort(keys, kind="stable")
        return keys[order], vectors[order]

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
        """Where each of these songs stands in `self.songs`; -1 for one that is not here."""
        if not len(self.songs):
            return np.full(len(songs), -1)
        last = len(self.songs) - 1
        # For an id above all the last one, which the comparison then finds to be another.
        at = np.minimum(np.searchsorted(self.songs, songs), last)
        is_here = self.songs[at] == songs
        return np.where(is_here, at, -1)


def _no_songs() -> Keys:
    return np.empty(0, np.int64)


def common_spread(background: NDArray[np.float32]) -> np.float32:
    """One standard deviation for all songs, from each one's mean and deviation (songs, 2).

    A song's own, from few descriptions, says little of it: dividing by it lost a quarter of the right answers
    (models/EXPERIMENTS.md, "What a score is compared with").
    """
    if not len(background):
        return np.float32(1e-3)
    deviations = background[:, 1]
    root_mean_square = float(np.sqrt(np.mean(np.square(deviations))))
    return np.float32(max(root_mean_square, 1e-3))
