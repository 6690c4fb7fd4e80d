"""Exact match: which songs have a word, its stem or its beginning, and what that weighs (BM25)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.fulltext import match_query, words_matched

COMMON = 2_000
"""A word that more songs have names none of them."""
_WEIGHTS = "8, 8, 4, 1, 6, 4, 3, 1"
"""Of the TEXT_COLUMNS: how many times a word there counts."""
_BEGINNINGS = "{title artist album tags folder}"
"""Where a word may also begin a longer one: "desert" is found in Desertsketch."""
_LONG_ENOUGH = 4
"""Letters of a word that may begin others."""
_CUT_OFF = ("ing", "ings", "ed")
"""Ends of words that the stemmer takes away: what begins as "even" is no evening ("events")."""
_SATURATION = 2.2
"""k1 + 1 of SQLite's BM25 (k1 = 1.2): what endless repetition of a word would earn, times its rarity."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a term stands: songs (ids), how strongly in each, and how rare it is (IDF).

    strengths: 0 and more; 1 is what endless repetition earns in a column of weight 1. A title weighs more.
    instead: the term of a request that this one stands for, where it is none itself.
    """

    term: str
    ids: NDArray[np.int64]
    strengths: NDArray[np.float32]
    rarity: float
    instead: str = ""


def find(catalog: Catalog, terms: Sequence[str], *, only: str = "") -> list[Found]:
    """Every term (a word or a "phrase of words") as SQLite's full text sees it.

    A term of no song, one that is nearly everywhere and one without a letter are left out. only: look into
    this column (title, tags, ...) alone.
    """
    if not terms:
        return []
    count = songs.count(catalog)
    found = []
    for term in terms:
        words = words_matched(term)
        if not words:
            continue
        match = f"{{{only}}} : {_as_phrase(words)}" if only else _or_longer(words)
        if _is_common(catalog, match):
            continue
        rows = catalog.fetch(
            f"SELECT rowid, -bm25(songs_fts, {_WEIGHTS}) FROM songs_fts WHERE songs_fts MATCH ?", (match,)
        )
        if not rows:
            continue
        rarity = _rarity(count, len(rows))
        if rarity <= 0:  # in half of all songs or more: it tells none from another
            continue
        song_ids, scores = zip(*rows, strict=True)
        strengths = np.array(scores, np.float32) / np.float32(rarity * _SATURATION)
        ids = np.array(song_ids, np.int64)
        # SQLite takes a phrase for one term.
        found.append(Found(term, ids, strengths, rarity * len(words)))
    return found


def _is_common(catalog: Catalog, match: str) -> bool:
    """Whether more songs than COMMON match; it takes a tenth of what their weights would."""
    some = "SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT ?"
    enough = COMMON + 1
    [(count,)] = catalog.fetch(f"SELECT count(*) FROM ({some})", (match, enough))
    return bool(count > COMMON)


def _as_phrase(words: Sequence[str]) -> str:
    phrase = " ".join(words)
    return match_query(f'"{phrase}"')


def _or_longer(words: Sequence[str]) -> str:
    """A query for a word or a longer one of a name; for a phrase as it is.

    >>> _or_longer(["desert"]), _or_longer(["sea"])
    ('"desert" OR {title artist album tags folder} : "desert"*', '"sea"')
    >>> _or_longer(["evening"])
    '"evening"'
    """
    query = _as_phrase(words)
    last = words[-1]
    if len(words) > 1 or len(last) < _LONG_ENOUGH or last.endswith(_CUT_OFF):
        return query
    return f"{query} OR {_BEGINNINGS} : {match_query(f'{last}*')}"


def _rarity(songs_in_all: int, with_it: int) -> float:
    """As SQLite computes it: log((N - n + 0.5) / (n + 0.5))."""
    return math.log((songs_in_all - with_it + 0.5) / (with_it + 0.5))
