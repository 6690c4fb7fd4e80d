"""Encoder + data set -> Report: text→music and music→text apart, with intervals and what went wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.errors import WrongUse
from catalog.song_index import song_scores
from catalog.vectors import Vectors
from models.evaluation import metrics
from models.evaluation.bootstrap import Difference, interval, paired
from models.evaluation.datasets import Judged
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
    """One query: where its right answers stood (from 1, ties shared), which they are, what came first."""

    query: str
    places: list[float]
    right: list[str]
    first: str


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of retrieval: its figures by metric name, and every query."""

    candidates: int
    figures: dict[str, Figure]
    queries: list[Answered]

    @property
    def ranks(self) -> Ranks:
        """The places of all queries again, for a paired test."""
        starts = np.cumsum([0, *(len(query.places) for query in self.queries)])
        places = np.array([place for query in self.queries for place in query.places])
        return Ranks(places, starts, self.candidates)

    def worst(self, count: int) -> list[Answered]:
        """The queries whose first right answer stands furthest behind."""
        return sorted(self.queries, key=lambda query: -query.places[0])[:count]


@dataclass(frozen=True, slots=True)
class Report:
    """How well an encoder does on a data set under a protocol. failed: (song, why) that could not be used."""

    encoder: str
    pipeline: str
    data: str
    protocol: str
    means: str
    songs: int
    texts: int
    failed: list[tuple[str, str]]
    directions: dict[str, Direction]


def evaluate(
    judged: Judged,
    encode_texts: Callable[[Sequence[str]], Vectors],
    protocol: Protocol,
    *,
    encoder: str,
    pipeline: str,
) -> Report:
    """Judge the songs of a data set against their captions, in both directions.

    encode_texts: the text tower whose vectors lie in the space of `judged.vectors`. Raises WrongUse where
    no caption is left.
    """
    pairing = protocol.pair(judged.rows)
    scorer = _Scorer(judged, pairing, encode_texts(pairing.texts))
    names = [judged.ids[song] for song in pairing.songs]
    return Report(
        encoder=encoder,
        pipeline=pipeline,
        data=judged.data,
        protocol=protocol.name,
        means=protocol.means,
        songs=len(pairing.songs),
        texts=len(pairing.texts),
        failed=judged.failed,
        directions={
            TEXT_TO_MUSIC: _direction(scorer.songs_for_texts, pairing.right, pairing.texts, names),
            MUSIC_TO_TEXT: _direction(scorer.texts_for_songs, pairing.turned, names, pairing.texts),
        },
    )


def compare(ours: Report, theirs: Report, *, direction: str, metric: str = "mrr") -> Difference:
    """A paired test between two reports on the same queries. Raises WrongUse where they are not the same."""
    a, b = ours.directions[direction], theirs.directions[direction]
    same = (ours.data, ours.protocol, a.candidates) == (theirs.data, theirs.protocol, b.candidates)
    if not same or [q.query for q in a.queries] != [q.query for q in b.queries]:
        raise WrongUse(
            f"{ours.encoder} was judged on {ours.data} under {ours.protocol}, {theirs.encoder} on"
            f" {theirs.data} under {theirs.protocol}, not by the same queries: they cannot be compared.",
            try_this=f"nw evaluate {theirs.encoder} --on {ours.data} --protocol {ours.protocol}",
        )
    return paired(metrics.per_query(a.ranks)[metric], metrics.per_query(b.ranks)[metric])


class _Scorer:
    """Scores of both directions, a block at a time; a song of several parts counts as in a search."""

    def __init__(self, judged: Judged, pairing: Pairing, texts: Vectors) -> None:
        ends = np.append(judged.starts[1:], len(judged.vectors))
        spans = [(int(judged.starts[song]), int(ends[song])) for song in pairing.songs]
        self._parts = np.concatenate([judged.vectors[first:end] for first, end in spans])
        self._starts = np.cumsum([0, *(end - first for first, end in spans)])
        self._texts = texts

    def songs_for_texts(self, rows: slice) -> Vectors:
        """Scores (texts of the slice, songs)."""
        scores: Vectors = self._of_songs(self._parts @ self._texts[rows].T, self._starts[:-1]).T
        return scores

    def texts_for_songs(self, rows: slice) -> Vectors:
        """Scores (songs of the slice, texts)."""
        first, end = self._starts[rows.start], self._starts[rows.stop]
        starts = self._starts[rows] - first
        return self._of_songs(self._parts[first:end] @ self._texts.T, starts)

    def _of_songs(self, cosines: Vectors, starts: Any) -> Vectors:
        return cosines if len(starts) == len(cosines) else song_scores(cosines, starts)


def _direction(
    score: Callable[[slice], Vectors],
    right: Sequence[Sequence[int]],
    queries: Sequence[str],
    answers: Sequence[str],
) -> Direction:
    first: list[int] = []

    def noting_the_first(rows: slice) -> Vectors:
        scores = score(rows)
        first.extend(scores.argmax(axis=1).tolist())
        return scores

    ranks = rank_blocks(noting_the_first, right, candidates=len(answers))
    listed = [
        Answered(
            query,
            ranks.places[ranks.starts[at] : ranks.starts[at + 1]].tolist(),
            [answers[one] for one in right[at]],
            answers[first[at]],
        )
        for at, query in enumerate(queries)
    ]
    return Direction(len(answers), figures(metrics.per_query(ranks)), listed)


def figures(values: Mapping[str, Any]) -> dict[str, Figure]:
    """Every metric's summary and interval from its values per query."""
    return {
        name: Figure(
            metrics.summary(name, value),
            *interval(value, summary=metrics.load(name.partition("@")[0]).SUMMARY),
        )
        for name, value in values.items()
    }
