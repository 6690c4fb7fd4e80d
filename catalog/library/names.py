"""Names that a request may hold: artists, albums, titles, folders and tags that the catalog knows.

Every look-up goes through the full text, so that a hundred thousand songs cost no more than the few that
match.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import match_query
from catalog.text import folded

KINDS = ("title", "artist", "album", "tags", "folder")
MOST = 1_000
"""Songs that are looked at for the names that a word may belong to."""
LONGEST_TAG = 3
_WORD = re.compile(r"\w+")
_SEVERAL = re.compile(r"\s*(?:&|,|;|/|\(|\)|\bfeat\.?\b|\bfeaturing\b|\baka\b|\band\b)\s*", re.IGNORECASE)
"""What stands between the artists of one song."""
Spelled = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A name of the catalog in a request: words [start, end) of it, and the songs (ids) that have the
    name."""

    kind: str
    name: str
    start: int
    end: int
    ids: NDArray[np.int64]


def words_of(text: str) -> list[str]:
    """Its words as names are compared: without case, accents and apostrophes.

    >>> words_of("Ansel Brück's AC/DC")
    ['ansel', 'brucks', 'ac', 'dc']
    """
    plain = unicodedata.normalize("NFD", folded(re.sub(r"['’]", "", text)))
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def known_names(catalog: Catalog, words: Sequence[str], *, common: frozenset[str]) -> list[Known]:
    """Names that stand whole in a request, the longest first; small spelling errors are forgiven.

    words: the request, as `words_of` gives it. common: words that name nothing by themselves.
    """
    spelled = {word: _spellings(catalog, word) for word in words if word not in common}
    found: dict[tuple[str, int, int], Known] = {}
    for kind, name in _candidates(catalog, words, spelled):
        own = words_of(name)
        if set(own) <= common:
            continue
        for start in _places(words, own, spelled):
            key = (kind, start, start + len(own))
            if key not in found:
                found[key] = Known(kind, name, key[1], key[2], ids_named(catalog, kind, name))
    return sorted(found.values(), key=lambda one: (one.start - one.end, KINDS.index(one.kind)))


def ids_titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has just these words, ascending."""
    ids = ids_named(catalog, "title", " ".join(words)).tolist() if words else []
    among = ", ".join("?" * len(ids[:MOST]))
    rows = catalog.fetch(f"SELECT id, title FROM songs WHERE id IN ({among}) ORDER BY id", ids[:MOST])
    return np.array([song for song, title in rows if words_of(title) == list(words)], np.int64)


def ids_named(catalog: Catalog, columns: str, name: str) -> NDArray[np.int64]:
    """Songs that have these words, one after the other, in a column or in any of several ("title
    album")."""
    query = match_query('"' + name.replace('"', " ") + '"')
    if not query:
        return np.empty(0, np.int64)
    rows = catalog.fetch(
        "SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? ORDER BY rowid",
        (f"{{{columns}}} : {query}" if columns else query,),
    )
    return np.array([row[0] for row in rows], np.int64)


def _candidates(catalog: Catalog, words: Sequence[str], spelled: Spelled) -> Iterator[tuple[str, str]]:
    """(kind, name) of what may stand in the request."""
    for word in {one for spellings in spelled.values() for one in spellings}:
        for artist in _values(catalog, "artist", f'"{word}"'):
            yield "artist", artist
            yield from (("artist", part) for part in _SEVERAL.split(artist) if part and part != artist)
        yield from (("album", album) for album in _values(catalog, "album", f'"{word}"'))
        yield from (("tags", genre) for genre in _values(catalog, "tags", f'"{word}"', value="genre"))
        for path in _values(catalog, "folder", f'"{word}"', value="path", most=50):
            yield from (("folder", part) for part in PurePath(path).parent.parts)
    for phrase in _title_phrases(words, spelled):
        yield from (("title", title) for title in _values(catalog, "title", phrase))
    yield from (("tags", tag) for tag in _tags(catalog, words))


def _values(catalog: Catalog, column: str, query: str, *, value: str = "", most: int = MOST) -> list[str]:
    """What songs that fulfil a full-text query in a column have there, each once."""
    rows = catalog.fetch(
        f"SELECT DISTINCT {value or column} FROM songs WHERE id IN"
        " (SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? LIMIT ?)",
        (f"{{{column}}} : {query}", most),
    )
    return [row[0] for row in rows if row[0]]


def _title_phrases(words: Sequence[str], spelled: Spelled) -> Iterator[str]:
    """Two words of a request side by side; a single word only where it is all of the request."""
    if len(words) == 1:
        yield from (f'"{one}"' for one in spelled.get(words[0], words))
    for first, second in zip(words, words[1:], strict=False):
        if first in spelled or second in spelled:
            for one in spelled.get(first, [first]):
                yield from (f'"{one} {other}"' for other in spelled.get(second, [second]))


def _tags(catalog: Catalog, words: Sequence[str]) -> list[str]:
    spans = [
        joint.join(words[start : start + length])
        for length in range(1, LONGEST_TAG + 1)
        for start in range(len(words) - length + 1)
        for joint in ("-", " ")
    ]
    among = ", ".join("?" * len(spans))
    rows = catalog.fetch(f"SELECT DISTINCT folded FROM tags WHERE folded IN ({among}) LIMIT 20", spans)
    return [row[0] for row in rows]


def _places(words: Sequence[str], own: Sequence[str], spelled: Spelled) -> Iterator[int]:
    """Where in the request the name stands."""
    for start in range(len(words) - len(own) + 1 if own else 0):
        span = words[start : start + len(own)]
        if all(_same(word, one, spelled) for word, one in zip(span, own, strict=True)):
            yield start


def _same(word: str, own: str, spelled: Spelled) -> bool:
    if word == own:
        return True
    if len(word) >= 4 and (own.removesuffix("s") == word or word.removesuffix("s") == own):
        return True
    return spelled.get(word, [word]) != [word] and _distance_within(word, own)


def _spellings(catalog: Catalog, word: str) -> list[str]:
    """The word itself where the catalog has it, else the stems that it may have been meant to be."""
    if catalog.fetch("SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT 1", (f'"{word}"',)):
        return [word]
    if len(word) < 5 or word.isdigit():
        return [word]
    rows = catalog.fetch(
        "SELECT DISTINCT term FROM songs_words WHERE term >= ? AND term < ?"
        " AND col IN ('title', 'artist', 'album')",
        (word[:2], word[:2] + "\U0010ffff"),
    )
    stems = [term for (term,) in rows if _distance_within(word, term) or _distance_within(word[:-1], term)]
    return stems or [word]


def _distance_within(one: str, other: str) -> bool:
    """Whether a slip or two of the hand make one of the other: one for every five letters.

    >>> _distance_within("matias", "mattias"), _distance_within("calm", "cale")
    (True, False)
    """
    allowed = min(len(one), len(other)) // 5
    if abs(len(one) - len(other)) > allowed:
        return False
    before = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, theirs in enumerate(other, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (letter != theirs)))
        before = now
    return before[-1] <= allowed
