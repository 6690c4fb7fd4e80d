"""Names that a request may hold: artists, albums, titles, folders and tags that the catalog knows.

The table `names` holds each name once, as it is compared, so that the spans of a request are looked up and
not the songs: a hundred thousand songs cost no more than the few that match. What no song has any more may
stay there; the full text says which songs have a name.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import match_query, words_of
from catalog.values.spelling import alike, beginnings, is_one_slip

KINDS = ("title", "artist", "album", "tags", "folder")
LONGEST = 8
"""Words of a name that is looked for in a request."""
LONGEST_MISSPELLED = 4  # words of a name that may be misspelled
LONG = 8
"""Letters of a name that may be written as one word or as several: "Neon Corridor", NeonCorridor."""
SHORTEST_MISSPELLED = 2
"""Letters of a word that may be written in another way."""
SHORTEST_TOGETHER = 4
"""Letters of a word that is several in a name: "acdc"."""
SAID_OF_ALBUMS = ("", " ost", " soundtrack", " original soundtrack", " score", " ep")
"""What people leave out of the name of an album."""
MOST = 1_000
"""Songs or names that are looked at where many have the same."""
LAST = "\U0010ffff"
"""Behind every other letter."""


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


def known_names(
    catalog: Catalog,
    words: Sequence[str],
    *,
    common: frozenset[str],
    is_ordinary: Callable[[str], bool] = lambda word: False,
) -> list[Known]:
    """Names that stand whole in a request, the longest first; small spelling errors are forgiven.

    words: the request, as `words_of` gives it. common: words that name nothing by themselves. is_ordinary:
    whether a word that no song has is one of a language, and so no misspelled name by itself.
    """
    spans: dict[str, tuple[int, int]] = {}  # of each way to write a span its place in the request
    albums: dict[str, tuple[int, int]] = {}
    for start, end in _spans(len(words), LONGEST):
        span = words[start:end]
        if not set(span) <= common:
            spans |= dict.fromkeys(_written(span), (start, end))
            if len(span) > 1 or not is_ordinary(span[0]):
                albums |= dict.fromkeys(_of_albums(span), (start, end))
    found: dict[tuple[str, int, int], Known] = {}
    names = _exactly(catalog, list(spans))
    names += [one for one in _exactly(catalog, list(albums)) if one[0] == "album"]
    spans = albums | spans
    names += _nearly(catalog, words, spans, common, is_ordinary)
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
    # A number makes a short one tell: "8-bit" is 8bit, and "u 2" U2.
    has_number = together[0].isdigit() != together[-1].isdigit()
    if is_several and (has_number or len(together) >= LONG):
        ways.append(together)
    return ways


def _of_albums(span: Sequence[str]) -> list[str]:
    """What an album may be called that people call by the span: "The Battle for Wesnoth OST"."""
    whole = " ".join(span)
    ways = []
    for first, last in product(("", "the "), SAID_OF_ALBUMS):
        if first or last:  # the span itself is looked for among all names
            ways.append(first + whole + last)
    return ways


def _exactly(catalog: Catalog, spans: Sequence[str]) -> list[Name]:
    """The spans that are names."""
    among = ", ".join("?" * len(spans))
    return _fetched(catalog, f"name IN ({among}) ORDER BY name, kind", spans)


def _fetched(catalog: Catalog, condition: str, values: Sequence[object]) -> list[Name]:
    rows = catalog.fetch(f"SELECT kind, name, written FROM names WHERE {condition}", values)
    return [(kind, name, written) for kind, name, written in rows]


def _nearly(
    catalog: Catalog,
    words: Sequence[str],
    spans: dict[str, tuple[int, int]],
    common: frozenset[str],
    is_ordinary: Callable[[str], bool],
) -> Iterator[Name]:
    """Names that a span was meant to be where a word of it is unknown; adds their places to `spans`."""
    # Only around words that no song has: else "calm" would be taken for an artist called Cale.
    unknown = {word for word in words if word not in common and _is_unknown(catalog, word)}
    strange = frozenset(word for word in unknown if not is_ordinary(word))
    for kind, name, written, word in _apart(catalog, strange):
        start = words.index(word)
        spans.setdefault(name, (start, start + 1))
        yield kind, name, written
    for start, end in _spans(len(words), LONGEST_MISSPELLED):
        if not unknown & set(words[start:end]):
            continue
        plain = words[start:end]
        for span in (plain, ["the", *plain]):
            for kind, name, written in _beginning_as(catalog, span, unknown):
                own = _own_words(kind, name, len(span), common)
                by_word = _word_by_word(span, own, unknown, strange, common)
                if by_word or _as_one(span, own, strange):
                    spans.setdefault(name, (start, end))
                    yield kind, name, written


def _own_words(kind: str, name: str, count: int, common: AbstractSet[str]) -> list[str]:
    """The words of a name; of a folder without what only says what it is: "wesnoth" of wesnoth-1.16-music."""
    own = name.split()
    says_nothing = all(word in common or word.isdigit() for word in own[count:])
    return own[:count] if kind == "folder" and says_nothing else own


def _word_by_word(
    span: Sequence[str],
    own: Sequence[str],
    unknown: AbstractSet[str],
    strange: AbstractSet[str],
    common: AbstractSet[str],
) -> bool:
    """Whether the words of a span are those of a name but for slips.

    A word of the language ("beetles") may be a slip only beside a word that is right: alone it describes.
    """
    if len(span) != len(own):
        return False
    tells = False
    for word, theirs in zip(span, own, strict=True):
        if word == theirs:
            tells |= word not in common
        elif word in unknown and alike(word, theirs, is_strange=word in strange):
            tells |= word in strange
        else:
            return False
    return tells


def _as_one(span: Sequence[str], own: Sequence[str], strange: AbstractSet[str]) -> bool:
    """Whether a span is a name but for one slip, be it a space: "jonathanccoulton", "rya nreilly"."""
    together, theirs = "".join(span), "".join(own)
    is_long = min(len(together), len(theirs)) >= LONG
    return is_long and bool(strange & set(span)) and is_one_slip(together, theirs)


def _apart(catalog: Catalog, strange: AbstractSet[str]) -> list[tuple[str, str, str, str]]:
    """Names that are one of these words when they are written as one, each with the word: AC/DC, "acdc"."""
    found = []
    for word in strange:
        if len(word) < SHORTEST_TOGETHER:
            continue
        rows = catalog.fetch(
            "SELECT kind, name, written FROM names WHERE name >= ? AND name < ?"
            " AND kind IN ('title', 'artist', 'album') AND replace(name, ' ', '') = ?",
            (word[0], word[0] + LAST, word),
        )
        found += [(kind, name, written, word) for kind, name, written in rows]
    return found


def _beginning_as(catalog: Catalog, span: Sequence[str], unknown: AbstractSet[str]) -> list[Name]:
    """Names of about that length that begin as a span does, perhaps with a slip in its first unknown word."""
    at = next(at for at, word in enumerate(span) if word in unknown)
    before, word, after = span[:at], span[at], span[at + 1 :]
    first = " ".join([*before, word[:2]])
    length = len(" ".join(span))
    room = 2 * len(span)  # two slips a word at most
    # A range, which the table's key answers; LIKE 'ab%' would look at every name.
    near = _fetched(
        catalog,
        "name >= ? AND name < ? AND length(name) >= ?"
        " AND (length(name) <= ? AND kind IN ('title', 'artist', 'album') OR kind = 'folder') LIMIT ?",
        (first, first + LAST, length - room, length + room, MOST),
    )
    # A slip in the first two letters is seldom, and then the only one.
    rightly = []
    for beginning in beginnings(word):
        rightly.append(" ".join([*before, beginning, *after]))
    return near + _exactly(catalog, rightly)


def _is_unknown(catalog: Catalog, word: str) -> bool:
    if len(word) < SHORTEST_MISSPELLED or word.isdigit():
        return False
    return not catalog.fetch("SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT 1", (f'"{word}"',))


def ids_titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has just these words, ascending."""
    if not words:
        return np.empty(0, np.int64)
    # Full text finds titles that hold the words; of these, the ones that are no longer.
    ids = ids_named(catalog, "title", " ".join(words)).tolist()[:MOST]
    among = ", ".join("?" * len(ids))
    rows = catalog.fetch(f"SELECT id, title FROM songs WHERE id IN ({among}) ORDER BY id", ids)
    wanted = list(words)
    titled = [song_id for song_id, title in rows if words_of(title) == wanted]
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
