"""Hard negatives: songs that an encoder could take for the right one, and that are not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import Vectors
from models.training.words.pairs import Ints, Words

BLOCK = 512  # pairs whose scores with all songs are in memory together
LOOKED_AT = 64
"""Neighbours of a description that are looked at for those that the guards let through."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of each kind a description gets: of the same artist, with the most common tags, nearest."""

    artist: int
    tags: int
    nearest: int

    @property
    def total(self) -> int:
        """Of all kinds."""
        return self.artist + self.tags + self.nearest


def mine(
    songs: Sequence[Words],
    group: Ints,
    rows: Ints,
    right: Ints,
    *,
    now: tuple[Vectors, Vectors],
    teacher: tuple[Vectors, Vectors],
    wanted: Wanted,
    margin: float,
    rng: np.random.Generator,
) -> Ints:
    """Hard negatives (pairs, wanted.total) for each pair, as rows of `songs`; -1 where there is none left.

    rows: (songs of this side,) the only ones to choose from. right: (pairs,) the right song of each pair.
    now: vectors of the pairs' descriptions and of `rows` by the encoder as it is; teacher: the same before
    training. A song of the same group (itself, a cover, nearly the same lyrics) is never chosen, nor one
    that the teacher scores above `margin` times what it gives the right song: that may be right too
    (de Souza Moreira et al. 2024, arXiv:2407.15831).
    """
    place = np.full(len(songs), -1, np.int64)  # of each song among `rows`
    place[rows] = np.arange(len(rows))
    kin = _Kin(songs, rows)
    texts_now, songs_now = now
    texts_before, songs_before = teacher
    out = np.full((len(right), wanted.total), -1, np.int64)
    # In blocks: the scores of all pairs with all songs would not fit in memory.
    for start in range(0, len(right), BLOCK):
        block = slice(start, start + BLOCK)
        own = right[block]  # (block,)
        scores = texts_now[block] @ songs_now.T  # (block, songs)
        taught = texts_before[block] @ songs_before.T  # (block, songs)
        own_work, their_work = group[own], group[rows]
        same_work = own_work[:, None] == their_work[None]  # (block, songs)
        barred = doubtful(taught, place[own], margin) | same_work
        scores[barred] = -np.inf
        near = np.argsort(-scores, axis=1)[:, :LOOKED_AT]  # (block, 64), the nearest first
        for i, song in enumerate(own.tolist()):
            # Of each kind the candidates, and how many are wanted.
            by_artist = kin.artist(song), wanted.artist
            by_tags = kin.tags(song), wanted.tags
            by_score = near[i], wanted.nearest
            allowed = ~barred[i]  # (songs,)
            out[start + i] = _choose((by_artist, by_tags, by_score), allowed, rows, rng)
    return out


def doubtful(scores: Vectors, right: Ints, margin: float) -> NDArray[np.bool_]:
    """Where a teacher's score (pairs, songs) is so near that of the right song that it may be right too.

    right: (pairs,) columns of the right songs. margin 0 doubts nothing.

    >>> doubtful(np.array([[0.8, 0.78, 0.3]]), np.array([0]), 0.95).tolist()
    [[True, True, False]]
    """
    if not margin:
        return np.zeros(scores.shape, np.bool_)
    each = np.arange(len(scores))
    truth = scores[each, right][:, None]  # (pairs, 1)
    # A right song that the teacher scores near or below zero would let nothing through.
    limit = margin * np.maximum(truth, 0.1)
    found: NDArray[np.bool_] = scores > limit
    return found


def _choose(
    kinds: Sequence[tuple[Ints, int]], allowed: NDArray[np.bool_], rows: Ints, rng: np.random.Generator
) -> Ints:
    """Of each kind its number, in its order for the nearest, by chance for the others; none twice."""
    chosen: list[int] = []  # places in `rows`
    total = sum(count for _, count in kinds)
    for order, (candidates, count) in enumerate(kinds):
        free = []
        for place in candidates.tolist():
            if allowed[place] and place not in chosen:
                free.append(place)
        # All but the nearest are drawn: the first of an artist would come up every time.
        is_drawn = order < len(kinds) - 1
        if is_drawn and len(free) > count:
            free = rng.choice(free, count, replace=False).tolist()
        chosen += free[:count]
    missing = [-1] * (total - len(chosen))
    return np.array([*rows[chosen], *missing], np.int64)


class _Kin:
    """Which songs share the artist, or tags."""

    def __init__(self, songs: Sequence[Words], rows: Ints) -> None:
        self._songs = songs
        self._artists: Mapping[str, list[int]] = defaultdict(list)
        self._tags: Mapping[str, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            song = songs[row]
            if song.artist:
                self._artists[song.artist.casefold()].append(place)
            for tag in song.tags:
                self._tags[tag].append(place)
        self._count = len(rows)

    def artist(self, song: int) -> Ints:
        """Of the same artist."""
        name = self._songs[song].artist.casefold()
        return np.array(self._artists.get(name, []), np.int64)

    def tags(self, song: int) -> Ints:
        """Those of the most common tags, rare tags counting more."""
        shared = np.zeros(self._count)  # (rows,)
        for tag in self._songs[song].tags:
            places = self._tags.get(tag, [])
            shared[places] += 1 / np.log2(2 + len(places))  # a tag of every song tells nothing
        best = np.argsort(-shared, kind="stable")[:LOOKED_AT]
        has_any = shared[best] > 0
        return best[has_any]
