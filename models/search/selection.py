"""Which of the ranked songs are shown: good enough, not too many by one artist, not one sound ten times."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.filters import find
from catalog.records import Hit, Song
from models.search.diversity import maximal_marginal_relevance
from models.search.indexes import Indexes
from models.search.ranking import EXACT, Ranked
from models.search.request import SearchRequest
from models.search.sequence import sequence

Vector = NDArray[np.float32]

POOL = 50
"""Of so many of the best songs at least, those that differ are chosen."""
PAGE = 10
"""Songs read from the catalog at a time, at least."""


def select(answer: Ranked, request: SearchRequest, indexes: Indexes, catalog: Catalog) -> list[Hit]:
    """The best `request.amount` songs that the request lets pass, read from the catalog."""
    if request.diverse:
        answer = diverse_first(answer, request.amount, indexes)
    # Both are generators: no page of songs is read after the k-th that passes.
    good = _each_hit(answer, request, catalog)
    passing = at_most_per_artist(good, request.max_per_artist)
    hits = list(islice(passing, request.amount))
    return in_sequence(hits, request, indexes, catalog) if request.in_sequence else hits


def in_sequence(hits: list[Hit], request: SearchRequest, indexes: Indexes, catalog: Catalog) -> list[Hit]:
    """The hits in an order whose neighbours sound alike, from the best one or from `request.first` on.

    first, last: songs that begin and end it, also where they are no hits; then the weakest hits make room.
    Songs that were never heard come last, before `request.last`. Raises NoSuchSong, NoIndex without sound.
    """
    first = _at_end(request.first, hits, catalog)
    if first is None and hits:
        first = hits[0]  # the best hit begins where nobody said what does
    last = _at_end(request.last, hits, catalog)
    one_song = first is not None and last is not None and last.song.id == first.song.id
    if first is None or one_song:
        last = None  # nothing lies between a beginning and an end that are one
    ends = [end for end in (first, last) if end is not None]
    at_an_end = {end.song.id for end in ends}
    others = [hit for hit in hits if hit.song.id not in at_an_end]
    # The ends count among the k that were asked for.
    room = max(request.amount - len(ends), 0)
    chosen = [*ends, *others[:room]]
    by_id = {hit.song.id: hit for hit in chosen}
    index = indexes.index("sound")
    embedded: dict[int, Vector] = {}
    without: list[int] = []
    for number in by_id:
        embedding = index.track_embedding(number)
        if embedding is None:
            without.append(number)
        else:
            embedded[number] = embedding
    between = [*_walked(embedded, first, last), *without]
    # An end without an embedding is no part of the walk, so both ends are set by hand.
    inner = [by_id[number] for number in between if number not in at_an_end]
    return [*ends[:1], *inner, *ends[1:]]


def _walked(embeddings: Mapping[int, Vector], first: Hit | None, last: Hit | None) -> list[int]:
    """Songs by id in an order whose neighbours sound alike, from the first to the last if they are there."""
    numbers = list(embeddings)
    if not numbers:
        return []
    rows = {number: row for row, number in enumerate(numbers)}
    begin = None if first is None else rows.get(first.song.id)
    end = None if last is None else rows.get(last.song.id)
    stacked = np.stack(list(embeddings.values()))  # (songs, dimensions)
    order = sequence(stacked, first=begin, last=end)
    return [numbers[row] for row in order]


def _at_end(named: str | None, hits: list[Hit], catalog: Catalog) -> Hit | None:
    """A song that is to begin or end a sequence: as the hit that it is, or without a score."""
    if named is None:
        return None
    song = find(catalog, named)
    answered = (hit for hit in hits if hit.song.id == song.id)
    return next(answered, Hit(song, 0.0))


def diverse_first(answer: Ranked, k: int, indexes: Indexes) -> Ranked:
    """The same songs with the k that fit and differ first."""
    # The first role is sound where it is indexed: songs are to differ in how they sound.
    index = indexes.index(indexes.roles()[0])
    # To differ, songs need others to choose from, but not those that hardly fit.
    pool = answer.ids[: max(POOL, 5 * k)]
    embeddings = np.zeros((len(pool), index.manifest.dimensions), np.float32)
    for row, song in enumerate(pool.tolist()):
        embedding = index.track_embedding(song)
        if embedding is not None:  # a song without one is like no other
            embeddings[row] = embedding
    rows = maximal_marginal_relevance(answer.points[: len(pool)], embeddings, k)
    # The others stay behind them: they fill up where an artist has too many, or a song has left the catalog.
    others = np.setdiff1d(np.arange(len(answer.ids)), rows)
    return answer.taken([*rows, *others.tolist()])


def at_most_per_artist(hits: Iterable[Hit], most: int | None) -> Iterator[Hit]:
    """The hits in their order without what an artist has beyond `most`; songs of nobody known all stay."""
    seen: Counter[str] = Counter()
    for hit in hits:
        artist = hit.song.artist.casefold().strip()
        seen[artist] += 1
        if most is None or not artist or seen[artist] <= most:
            yield hit


def _each_hit(answer: Ranked, request: SearchRequest, catalog: Catalog) -> Iterator[Hit]:
    """Hits in their order, read from the catalog a page at a time; songs that left it are passed over."""
    # Nearly always the first page is all that is read: rows with lyrics are large.
    page = max(request.amount, PAGE)
    for start in range(0, len(answer.ids), page):
        ids = answer.ids[start : start + page].tolist()
        known = songs.get_many(catalog, ids, light=not request.explain)
        for row, song_id in enumerate(ids, start=start):
            song = known.get(song_id)
            if song is not None and answer.points[row] >= request.min_score:
                yield _hit(song, answer, row)


def _hit(song: Song, answer: Ranked, row: int) -> Hit:
    def points(role: str) -> float | None:
        """None for a role that was not asked, or that the song lacks."""
        if role not in answer.by_role:
            return None
        value = answer.by_role[role][row]
        return None if np.isnan(value) else float(value)

    score = float(answer.points[row])
    return Hit(song, score, sound=points("sound"), words=points("words"), written=points(EXACT))
