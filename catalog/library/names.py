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
Place = tuple[int, int]
"""Words [start, end) of a request."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name of the catalog in a request: words [start, end) of it, and the songs (ids) that have it."""

    kind: str
    name: str
    start: int
    end: int
    ids: NDArray[np.int64]

    @property
    def place(self) -> Place:
        """Where in the request it stands."""
        return self.start, self.end

    @property
    def length(self) -> int:
        """Of how many words of the request it is."""
        return self.end - self.start


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
    spans, albums = _ways_to_write(words, common, is_ordinary)
    names = _exactly(catalog, list(spans))
    called = _exactly(catalog, list(albums))
    names += [one for one in called if one[0] == "album"]
    # A name that stands in the request is where it stands, whatever else may have been meant by it.
    places = albums | spans
    for meant, place in _nearly(catalog, words, common, is_ordinary):
        _, name, _ = meant
        places.setdefault(name, place)
        names.append(meant)
    found: dict[tuple[str, int, int], Known] = {}
    for kind, name, written in names:
        start, end = places[name]
        if (kind, start, end) not in found:
            ids = ids_named(catalog, kind, written)
            found[kind, start, end] = Known(kind, written, start, end, ids)
    return sorted(found.values(), key=_longest_first)


def _ways_to_write(
    words: Sequence[str], common: frozenset[str], is_ordinary: Callable[[str], bool]
) -> tuple[dict[str, Place], dict[str, Place]]:
    """The places of all spans by how each may be written, and by how an album of that name may be called."""
    spans: dict[str, Place] = {}
    albums: dict[str, Place] = {}
    for start, end in _spans(len(words), LONGEST):
        span = words[start:end]
        if set(span) <= common:
            continue
        place = start, end
        spans |= dict.fromkeys(_written(span), place)
        # "rain" describes: it is not short for "Rain OST".
        describes = len(span) == 1 and is_ordinary(span[0])
        if not describes:
            albums |= dict.fromkeys(_of_albums(span), place)
    return spans, albums


def _spans(count: int, longest: int) -> Iterator[Place]:
    """[start, end) of every run of so many of `count` words."""
    for start in range(count):
        last = min(start + longest, count)
        for end in range(start + 1, last + 1):
            yield start, end


def _longest_first(known: Known) -> tuple[int, int]:
    return -known.length, KINDS.index(known.kind)


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


@dataclass(frozen=True, slots=True)
class _Words:
    """What is known of the words of a request.

    common: name nothing by themselves. unknown: stand in no song. strange: of these, in no language.
    """

    common: frozenset[str]
    unknown: frozenset[str]
    strange: frozenset[str]


def _nearly(
    catalog: Catalog, words: Sequence[str], common: frozenset[str], is_ordinary: Callable[[str], bool]
) -> Iterator[tuple[Name, Place]]:
    """Names that a span was meant to be where a word of it is unknown, and where that span is."""
    # Only around words that no song has: else "calm" would be taken for an artist called Cale.
    unknown = frozenset(word for word in words if word not in common and _is_unknown(catalog, word))
    strange = frozenset(word for word in unknown if not is_ordinary(word))
    kinds = _Words(common, unknown, strange)
    yield from _apart(catalog, words, kinds)
    yield from _misspelled(catalog, words, kinds)


def _apart(catalog: Catalog, words: Sequence[str], kinds: _Words) -> Iterator[tuple[Name, Place]]:
    """Names of several words that are one word of a request when they are written as one: AC/DC, "acdc"."""
    for word in kinds.strange:
        if len(word) < SHORTEST_TOGETHER:
            continue
        at = words.index(word)
        # Names that begin with its letter are a range of the table's key; the rest is compared one by one.
        names = _fetched(
            catalog,
            "name >= ? AND name < ? AND kind IN ('title', 'artist', 'album') AND replace(name, ' ', '') = ?",
            (word[0], word[0] + LAST, word),
        )
        for name in names:
            yield name, (at, at + 1)


def _misspelled(catalog: Catalog, words: Sequence[str], kinds: _Words) -> Iterator[tuple[Name, Place]]:
    """Names that a span is but for slips."""
    for start, end in _spans(len(words), LONGEST_MISSPELLED):
        plain = words[start:end]
        if kinds.unknown.isdisjoint(plain):
            continue
        for span in (plain, ["the", *plain]):
            for name in _beginning_as(catalog, span, kinds.unknown):
                if _is_meant(span, name, kinds):
                    yield name, (start, end)


def _is_meant(span: Sequence[str], name: Name, kinds: _Words) -> bool:
    """Whether a span is a name but for slips, in its words or in the spaces between them."""
    kind, compared, _ = name
    own = _own_words(kind, compared, len(span), kinds.common)
    return _word_by_word(span, own, kinds) or _as_one(span, own, kinds.strange)


def _own_words(kind: str, name: str, count: int, common: AbstractSet[str]) -> list[str]:
    """The words of a name; of a folder without what only says what it is: "wesnoth" of wesnoth-1.16-music."""
    own = name.split()
    says_nothing = all(word in common or word.isdigit() for word in own[count:])
    return own[:count] if kind == "folder" and says_nothing else own


def _word_by_word(span: Sequence[str], own: Sequence[str], kinds: _Words) -> bool:
    """Whether the words of a span are those of a name but for slips.

    A word of the language ("beetles") may be a slip only beside a word that is right: alone it describes.
    """
    if len(span) != len(own):
        return False
    tells = False
    for word, theirs in zip(span, own, strict=True):
        is_strange = word in kinds.strange
        if word == theirs:
            tells |= word not in kinds.common
        elif word in kinds.unknown and alike(word, theirs, is_strange=is_strange):
            tells |= is_strange
        else:
            return False
    return tells


def _as_one(span: Sequence[str], own: Sequence[str], strange: AbstractSet[str]) -> bool:
    """Whether a span is a name but for one slip, be it a space: "jonathanccoulton", "rya nreilly"."""
    together, theirs = "".join(span), "".join(own)
    shorter = min(len(together), len(theirs))
    if shorter < LONG or strange.isdisjoint(span):
        return False
    return is_one_slip(together, theirs)


def _beginning_as(catalog: Catalog, span: Sequence[str], unknown: AbstractSet[str]) -> list[Name]:
    """Names of about that length that begin as a span does, perhaps with a slip in its first unknown word."""
    word = next(word for word in span if word in unknown)
    at = span.index(word)
    before, after = span[:at], span[at + 1 :]
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
    phrase = f'"{word}"'
    return not catalog.fetch("SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT 1", (phrase,))


def ids_titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has just these words, ascending."""
    if not words:
        return np.empty(0, np.int64)
    # Full text finds titles that hold the words; of these, the ones that are no longer.
    holding = ids_named(catalog, "title", " ".join(words))
    ids = holding[:MOST].tolist()
    among = ", ".join("?" * len(ids))
    rows = catalog.fetch(f"SELECT id, title FROM songs WHERE id IN ({among}) ORDER BY id", ids)
    wanted = list(words)
    titled = [song_id for song_id, title in rows if words_of(title) == wanted]
    return np.array(titled, np.int64)


def ids_named(catalog: Catalog, columns: str, name: str) -> NDArray[np.int64]:
    """Songs that have these words, one after the other, in a column or in any of several ("title album")."""
    quoted = name.replace('"', " ")
    query = match_query(f'"{quoted}"')
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
