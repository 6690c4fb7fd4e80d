"""Which of the ranked songs are shown: good enough, not too many by one artist, not one sound ten times."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Hit, Song
from models.search.diversity import maximal_marginal_relevance
from models.search.indexes import Indexes
from models.search.ranking import EXACT, Ranked
from models.search.request import SearchRequest

POOL = 50
"""Of so many of the best songs at least, those that differ are chosen."""
PAGE = 10
"""Songs read from the catalog at a time, at least."""


def select(answer: Ranked, request: SearchRequest, indexes: Indexes, catalog: Catalog) -> list[Hit]:
    """The best `request.k` songs that the request lets pass, read from the catalog."""
    if request.diverse:
        answer = diverse_first(answer, request.k, indexes)
    good = _each_hit(answer, request, catalog)
    return list(islice(at_most_per_artist(good, request.max_per_artist), request.k))


def diverse_first(answer: Ranked, k: int, indexes: Indexes) -> Ranked:
    """The same songs with the k that fit and differ first."""
    index = indexes.index(indexes.roles()[0])
    pool = answer.ids[: max(POOL, 5 * k)]
    embeddings = np.zeros((len(pool), index.manifest.dimensions), np.float32)
    for row, song in enumerate(pool.tolist()):
        embedding = index.track_embedding(song)
        if embedding is not None:  # a song without one is like no other
            embeddings[row] = embedding
    rows = maximal_marginal_relevance(answer.points[: len(pool)], embeddings, k)
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
    page = max(request.k, PAGE)
    for start in range(0, len(answer.ids), page):
        ids = answer.ids[start : start + page].tolist()
        known = songs.get_many(catalog, ids, light=not request.explain)
        for row, song_id in enumerate(ids, start=start):
            song = known.get(song_id)
            if song is not None and answer.points[row] >= request.min_score:
                yield _hit(song, answer, row)


def _hit(song: Song, answer: Ranked, row: int) -> Hit:
    def points(role: str) -> float | None:
        value = answer.by_role[role][row] if role in answer.by_role else np.nan
        return None if np.isnan(value) else float(value)

    score = float(answer.points[row])
    return Hit(song, score, sound=points("sound"), words=points("words"), written=points(EXACT))
