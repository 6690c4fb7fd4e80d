"""An encoder on a data set, judged: text→music and music→text apart, with intervals and what went wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Unreadable, WrongUse, quoted
from catalog.index_segment import song_scores
from catalog.values.numbers import counted
from catalog.vectors import Vectors
from models.evaluation import metrics
from models.evaluation.bootstrap import Difference, interval, paired
from models.evaluation.gallery import Gallery
from models.evaluation.protocols import Pairing, Protocol
from models.evaluation.ranks import Ranks, rank_blocks

TEXT_TO_MUSIC, MUSIC_TO_TEXT = "text→music", "music→text"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric and its 95 % bootstrap interval over queries."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Answered:
    """One query: where its relevant answers stood (from 1, ties shared), which they are, what came first.

    song: the number of the song that it is about, or that it is; equal ones rise and fall together. -1 in
    runs of an older nw.
    """

    query: str
    places: list[float]
    right: list[str]
    first: str
    song: int = -1


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of retrieval: its figures by metric name, and every query."""

    candidates: int
    figures: dict[str, Figure]
    queries: list[Answered]

    @property
    def ranks(self) -> Ranks:
        """The places of all queries again, for a paired test."""
        # A run keeps places and no scores: all metrics follow from them, whichever are added later.
        places: list[float] = []
        starts = [0]
        for query in self.queries:
            places += query.places
            starts.append(len(places))
        return Ranks(np.array(places), np.array(starts), self.candidates)

    @property
    def songs(self) -> NDArray[np.int64] | None:
        """The song of each query (queries,); None where the run does not say."""
        songs = np.array([query.song for query in self.queries], np.int64)
        return None if (songs < 0).any() else songs

    def worst(self, count: int) -> list[Answered]:
        """The queries whose first right answer stands furthest behind."""
        furthest_first = sorted(self.queries, key=lambda query: -query.places[0])
        return furthest_first[:count]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well an encoder does on a data set under a protocol.

    songs: in the gallery; captions: that are relevant to them; texts: of these the different ones that were
    asked. failed: (song, why) that could not be used.
    """

    encoder: str
    pipeline: str
    data: str
    protocol: str
    means: str
    songs: int
    texts: int
    failed: list[tuple[str, str]]
    directions: dict[str, Direction]
    captions: int = 0


def evaluate(
    gallery: Gallery,
    encode_texts: Callable[[Sequence[str]], Vectors],
    protocol: Protocol,
    *,
    encoder: str,
    pipeline: str,
) -> Evaluation:
    """Judge the songs of a data set against their captions, in both directions.

    encode_texts: the text tower whose vectors lie in the space of `gallery.vectors`. Raises WrongUse where
    no caption is left, Unreadable where no song could be used.
    """
    _require_songs(gallery)
    pairing = protocol.pair(gallery.qrels)
    texts = encode_texts(pairing.texts)  # (texts, dimensions)
    scorer = _Scorer(gallery, pairing, texts)
    names = [gallery.ids[song] for song in pairing.songs]
    relevant_captions = sum(map(len, pairing.relevant))
    to_music = _direction(
        scorer.songs_for_texts,
        pairing.relevant,
        queries=pairing.texts,
        answers=names,
        songs=pairing.songs_of_texts,
    )
    to_text = _direction(
        scorer.texts_for_songs,
        pairing.turned,
        queries=names,
        answers=pairing.texts,
        songs=pairing.songs,
    )
    return Evaluation(
        encoder=encoder,
        pipeline=pipeline,
        data=gallery.data,
        protocol=protocol.name,
        means=protocol.means,
        songs=len(pairing.songs),
        texts=len(pairing.texts),
        failed=gallery.failed,
        directions={TEXT_TO_MUSIC: to_music, MUSIC_TO_TEXT: to_text},
        captions=relevant_captions,
    )


def _require_songs(gallery: Gallery) -> None:
    # Without this the protocol would say that captions are missing, where it is the sound that is.
    if gallery.failed and not gallery.qrels:
        name, why = gallery.failed[0]
        songs = counted(len(gallery.failed), "song")
        raise Unreadable(
            f"nothing of {gallery.data} can be judged by: {songs} could not be used, the first is {name}:"
            f" {why}",
            try_this="nw evaluate …    (with the sound where the data says it is)",
        )


def compare(ours: Evaluation, theirs: Evaluation, *, direction: str, metric: str = "mrr") -> Difference:
    """A paired test between two reports on the same queries. Raises WrongUse where they are not the same."""
    a = ours.directions[direction]
    b = theirs.directions[direction]
    # One song more in the gallery, and every rank is of another task.
    if _task(ours, a) != _task(theirs, b):
        raise _not_the_same_task(ours, theirs)
    ours_by_query = metrics.per_query(a.ranks)[metric]  # (queries,)
    theirs_by_query = metrics.per_query(b.ranks)[metric]
    return paired(ours_by_query, theirs_by_query, songs=a.songs)


def _not_the_same_task(ours: Evaluation, theirs: Evaluation) -> WrongUse:
    on_ours = f"on {ours.data} under {ours.protocol}"
    on_theirs = f"on {theirs.data} under {theirs.protocol}"
    encoder, data = quoted(theirs.encoder), quoted(ours.data)
    return WrongUse(
        f"{ours.encoder} was judged {on_ours}, {theirs.encoder} {on_theirs},"
        " not by the same queries: they cannot be compared.",
        try_this=f"nw evaluate {encoder} --on {data} --protocol {ours.protocol}",
    )


def _task(report: Evaluation, direction: Direction) -> tuple[str, str, int, list[str]]:
    """What has to be the same, so that two reports can be compared query by query."""
    queries = [query.query for query in direction.queries]
    return report.data, report.protocol, direction.candidates, queries


class _Scorer:
    """Scores of both directions, a block at a time; a song of several parts counts as in a search."""

    def __init__(self, gallery: Gallery, pairing: Pairing, texts: Vectors) -> None:
        # A song of lyrics has several parts, next to each other.
        starts = gallery.starts
        ends = np.append(starts[1:], len(gallery.vectors))
        parts = []
        for song in pairing.songs:
            own = gallery.vectors[starts[song] : ends[song]]
            parts.append(own)
        lengths = [len(part) for part in parts]
        self._parts = np.concatenate(parts)  # (parts of all songs, dimensions)
        self._starts = np.cumsum([0, *lengths])  # (songs + 1,)
        self._texts = texts

    def songs_for_texts(self, rows: slice) -> Vectors:
        """Scores (texts of the slice, songs)."""
        cosines = self._parts @ self._texts[rows].T  # (parts, texts)
        scores: Vectors = self._of_songs(cosines, self._starts[:-1]).T
        return scores

    def texts_for_songs(self, rows: slice) -> Vectors:
        """Scores (songs of the slice, texts)."""
        # The parts of these songs alone; their starts count from there.
        first = self._starts[rows.start]
        end = self._starts[rows.stop]
        starts = self._starts[rows] - first
        cosines = self._parts[first:end] @ self._texts.T  # (parts, texts)
        return self._of_songs(cosines, starts)

    def _of_songs(self, cosines: Vectors, starts: Any) -> Vectors:
        """Scores (songs, columns) from the cosines of their parts (parts, columns)."""
        has_one_each = len(starts) == len(cosines)
        return cosines if has_one_each else song_scores(cosines, starts)


def _direction(
    score: Callable[[slice], Vectors],
    right: Sequence[Sequence[int]],
    queries: Sequence[str],
    answers: Sequence[str],
    songs: Sequence[int],
) -> Direction:
    """Rank all answers for all queries. right: rows of `answers`. songs: the song of each query."""
    first: list[int] = []

    def noting_the_first(rows: slice) -> Vectors:
        # Scores are seen once, a block at a time: what came first is noted on the way.
        scores = score(rows)
        first.extend(scores.argmax(axis=1).tolist())
        return scores

    ranks = rank_blocks(noting_the_first, right, candidates=len(answers))
    listed = []
    for at, query in enumerate(queries):
        start, end = ranks.starts[at : at + 2]  # the places of all queries lie one behind the other
        places = ranks.places[start:end].tolist()
        relevant = [answers[row] for row in right[at]]
        came_first = answers[first[at]]
        listed.append(Answered(query, places, relevant, came_first, songs[at]))
    values = metrics.per_query(ranks)
    # Queries about one song rise and fall together, which the intervals have to know.
    judged = figures(values, np.array(songs))
    return Direction(len(answers), judged, listed)


def figures(values: Mapping[str, Any], songs: NDArray[np.int64] | None = None) -> dict[str, Figure]:
    """Every metric's summary and interval from its values per query; songs as in `bootstrap.interval`."""
    found = {}
    for name, of_queries in values.items():
        metric, _, _ = name.partition("@")  # `recall@10` is of recall
        summary = metrics.load(metric).SUMMARY
        value = metrics.summary(name, of_queries)
        low, high = interval(of_queries, songs=songs, summary=summary)
        found[name] = Figure(value, low, high)
    return found
