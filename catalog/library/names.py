"""Names that a request may hold: artists, albums, titles, folders and tags that the catalog knows.

The table `names` holds each name once, as it is compared, so that the spans of a request are looked up and
not the songs: a hundred thousand songs cost no more than the few that match. What no song has any more may
stay there; the full text says which songs have a name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import match_query, words_of

KINDS = ("title", "artist", "album", "tags", "folder")
LONGEST = 8
"""Words of a name that is looked for in a request."""
LONGEST_MISSPELLED = 4
LONG = 8
"""Letters of a name that may be written as one word or as several: "Neon Corridor", NeonCorridor."""
LONG_ENOUGH = 6
"""Letters of a word in which two may have changed places."""
MOST = 1_000
"""Songs or names that are looked at where many have the same."""


Name = tuple[str, str, str]
"""Its kind, the name as it is compared, and as it is written."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name of the catalog in a request: words [start, end) of it, and the songs (ids) that have it."""

    kind: str
    name: str
    start: int
    end: int
    ids: NDArray[np.int64]


def known_names(catalog: Catalog, words: Sequence[str], *, common: frozenset[str]) -> list[Known]:
    """Names that stand whole in a request, the longest first; small spelling errors are forgiven.

    words: the request, as `words_of` gives it. common: words that name nothing by themselves.
    """
    spans: dict[str, tuple[int, int]] = {}  # of each way to write a span its place in the request
    for start, end in _spans(len(words), LONGEST):
        span = words[start:end]
        if not set(span) <= common:
            spans |= dict.fromkeys(_written(span), (start, end))
    found: dict[tuple[str, int, int], Known] = {}
    names = _exactly(catalog, list(spans))
    names += _nearly(catalog, words, spans, common)
    for kind, name, written in names:
        start, end = spans[name]
        if (kind, start, end) not in found:
            ids = ids_named(catalog, kind, written)
            found[kind, start, end] = Known(kind, written, start, end, ids)
    return sorted(found.values(), key=_longest_first)


def _spans(count: int, longest: int) -> Iterator[tuple[int, int]]:
    """[start, end) of every run of so many of `count` words."""
    for start in range(count):
        last = min(start + longest, count)
        for end in range(start + 1, last + 1):
            yield start, end


def _longest_first(known: Known) -> tuple[int, int]:
    return known.start - known.end, KINDS.index(known.kind)


def _written(span: Sequence[str]) -> list[str]:
    """A span, the same with the last word in singular or plural, and its words as one."""
    whole = " ".join(span)
    ways = [whole]
    if len(span[-1]) >= 4:
        other_number = whole.removesuffix("s") if whole.endswith("s") else whole + "s"
        ways.append(other_number)
    together = "".join(span)
    is_several = 1 < len(span) <= LONGEST_MISSPELLED
    if is_several and len(together) >= LONG:
        ways.append(together)
    return ways


def _exactly(catalog: Catalog, spans: Sequence[str]) -> list[Name]:
    """The spans that are names."""
    among = ", ".join("?" * len(spans))
    return _fetched(catalog, f"name IN ({among}) ORDER BY name, kind", spans)


def _fetched(catalog: Catalog, condition: str, values: Sequence[object]) -> list[Name]:
    rows = catalog.fetch(f"SELECT kind, name, written FROM names WHERE {condition}", values)
    return [(kind, name, written) for kind, name, written in rows]


def _nearly(
    catalog: Catalog, words: Sequence[str], spans: dict[str, tuple[int, int]], common: frozenset[str]
) -> Iterator[Name]:
    """Names that a span was meant to be where a word of it is unknown; adds their places to `spans`."""
    # Only around words that no song has: else "calm" would be taken for an artist called Cale.
    unknown = {word for word in words if word not in common and _is_unknown(catalog, word)}
    long = [word for word in unknown if len(word) >= LONG]
    for kind, name, written, word in _apart(catalog, long):
        start = words.index(word)
        spans.setdefault(name, (start, start + 1))
        yield kind, name, written
    for start, end in _spans(len(words), LONGEST_MISSPELLED):
        span = words[start:end]
        if not unknown & set(span):
            continue
        for kind, name, written in _beginning_as(catalog, span, unknown):
            if all(map(_alike, span, name.split())):
                spans.setdefault(name, (start, end))
                yield kind, name, written


def _apart(catalog: Catalog, unknown: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Names that are one of these words when they are written as one, each with the word."""
    if not unknown:
        return []
    among = ", ".join("?" * len(unknown))
    rows = catalog.fetch(
        "SELECT kind, name, written, replace(name, ' ', '') AS together FROM names"
        f" WHERE kind IN ('title', 'artist', 'album') AND together IN ({among})",
        unknown,
    )
    return list(rows)


def _beginning_as(catalog: Catalog, span: Sequence[str], unknown: set[str]) -> list[Name]:
    """Names of about that length that begin with its first word, or with two letters of an unknown one."""
    first = span[0]
    if first in unknown:
        first = first[:2]  # a slip is seldom in the first two letters
    words = len(span)
    length = len(" ".join(span))
    shortest, longest = length - 2 * words, length + 2 * words  # two slips a word at most
    # A range, which the table's key answers; LIKE 'ab%' would look at every name.
    near = _fetched(
        catalog,
        "name >= ? AND name < ? AND length(name) BETWEEN ? AND ?"
        " AND kind IN ('title', 'artist', 'album') LIMIT ?",
        (first, first + "\U0010ffff", shortest, longest, MOST),
    )
    of_as_many_words = []
    for kind, name, written in near:
        if len(name.split()) == words:
            of_as_many_words.append((kind, name, written))
    return of_as_many_words


def _is_unknown(catalog: Catalog, word: str) -> bool:
    if len(word) < 5 or word.isdigit():
        return False
    return not catalog.fetch("SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT 1", (f'"{word}"',))


def _alike(word: str, own: str) -> bool:
    """Whether a slip or two of the hand make one of the other: one for every five letters.

    >>> _alike("matias", "mattias"), _alike("wesnoht", "wesnoth"), _alike("calm", "cale")
    (True, True, False)
    """
    if word == own:
        return True
    allowed = min(len(word), len(own)) // 5
    if abs(len(word) - len(own)) > allowed:
        return False
    # Levenshtein 1966, row by row: what it costs to make the beginning of one of that of the other.
    # Two letters that changed places are one slip (Damerau 1964), but "quite" is a word and no "quiet".
    may_change_places = min(len(word), len(own)) >= LONG_ENOUGH
    earlier: list[int] = []
    before = list(range(len(own) + 1))
    for row, letter in enumerate(word, start=1):
        now = [row]
        for column, theirs in enumerate(own, start=1):
            changed = before[column - 1] + (letter != theirs)
            left_out = before[column] + 1
            put_in = now[-1] + 1
            cost = min(changed, left_out, put_in)
            if may_change_places and row > 1 and column > 1:
                these_two = word[row - 2], letter
                those_two = own[column - 2], theirs
                if these_two == those_two[::-1]:
                    cost = min(cost, earlier[column - 2] + 1)
            now.append(cost)
        earlier = before
        before = now
    return before[-1] <= allowed


def ids_titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has just these words, ascending."""
    if not words:
        return np.empty(0, np.int64)
    # Full text finds titles that hold the words; of these, the ones that are no longer.
    ids = ids_named(catalog, "title", " ".join(words)).tolist()[:MOST]
    among = ", ".join("?" * len(ids))
    rows = catalog.fetch(f"SELECT id, title FROM songs WHERE id IN ({among}) ORDER BY id", ids)
    titled = [song_id for song_id, title in rows if words_of(title) == list(words)]
    return np.array(titled, np.int64)


def ids_named(catalog: Catalog, columns: str, name: str) -> NDArray[np.int64]:
    """Songs that have these words, one after the other, in a column or in any of several ("title album")."""
    query = match_query('"' + name.replace('"', " ") + '"')
    if not query:
        return np.empty(0, np.int64)
    if columns:
        query = f"{{{columns}}} : {query}"
    rows = catalog.fetch("SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? ORDER BY rowid", (query,))
    return np.array([row[0] for row in rows], np.int64)


def ids_with_title_words(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has every one of these words, or one that begins with it, ascending."""
    if not words:
        return np.empty(0, np.int64)
    every = " AND ".join(f'"{word}"*' for word in words)
    rows = catalog.fetch(
        "SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? ORDER BY rowid LIMIT ?",
        (f"{{title}} : ({every})", MOST),
    )
    return np.array([row[0] for row in rows], np.int64)
