"""Names that a request means but does not write: with slips, or with other spaces between words."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from catalog.library.database import Catalog
from catalog.library.fulltext import match_query
from catalog.library.names.lookup import MOST, Name, names_among, names_where
from catalog.library.names.spans import LONG, LONGEST_MISSPELLED, Place, runs
from catalog.values.spelling import alike, beginnings, is_one_slip, sounding_beginnings

SHORTEST_MISSPELLED = 2
"""Letters of a word that may be written in another way."""
SHORTEST_BESIDE, LONG_BESIDE = 3, 6
"""Letters of a word that may be another one with a slip beside one of so many that is right."""
SHORTEST_TOGETHER = 4
"""Letters of a word that is several in a name: "acdc"."""
LAST = "\U0010ffff"
"""Behind every other letter."""
_BEGINS = "name >= ? AND name < ?"
"""A range, which the table's key answers; LIKE 'ab%' would look at every name."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What is known of the words of a request.

    common: name nothing by themselves. unknown: stand in no song. strange: of these, in no language, which
    is_ordinary tells of any.
    """

    common: frozenset[str]
    unknown: frozenset[str]
    strange: frozenset[str]
    is_ordinary: Callable[[str], bool]


def nearly(
    catalog: Catalog, words: Sequence[str], common: frozenset[str], is_ordinary: Callable[[str], bool]
) -> Iterator[tuple[Name, Place]]:
    """Names that a span was meant to be where a word of it is unknown, and where that span is."""
    # Only around words that no song has: else "calm" would be taken for an artist called Cale.
    unknown = frozenset(word for word in words if word not in common and _is_unknown(catalog, word))
    strange = frozenset(word for word in unknown if not is_ordinary(word))
    kinds = _Words(common, unknown, strange, is_ordinary)
    yield from _apart(catalog, words, kinds)
    yield from _misspelled(catalog, words, kinds)


def _apart(catalog: Catalog, words: Sequence[str], kinds: _Words) -> Iterator[tuple[Name, Place]]:
    """Names of several words that are one word of a request when they are written as one: AC/DC, "acdc"."""
    for word in kinds.strange:
        if len(word) < SHORTEST_TOGETHER:
            continue
        at = words.index(word)
        # Names that begin with its letter are a range of the table's key; the rest is compared one by one.
        names = names_where(
            catalog,
            "name >= ? AND name < ? AND kind IN ('title', 'artist', 'album') AND replace(name, ' ', '') = ?",
            (word[0], word[0] + LAST, word),
        )
        for name in names:
            yield name, (at, at + 1)


def _misspelled(catalog: Catalog, words: Sequence[str], kinds: _Words) -> Iterator[tuple[Name, Place]]:
    """Names that a span is but for slips."""
    for start, end in runs(len(words), LONGEST_MISSPELLED):
        plain = words[start:end]
        if kinds.unknown.isdisjoint(plain) or not _may_tell(plain, kinds):
            continue
        for span in (plain, ["the", *plain]):
            for name in _beginning_as(catalog, span, kinds.unknown):
                if _is_meant(span, name, kinds):
                    yield name, (start, end)


def _may_tell(span: Sequence[str], kinds: _Words) -> bool:
    """Whether any name can be meant by a span: words of the language that stand in no song only describe."""
    is_name = any(_names(word, kinds) for word in span)
    return is_name or _may_be_a_surname(span[-1], kinds)


def _names(word: str, kinds: _Words) -> bool:
    """Whether a word may name something: it stands in a song, or it is no word of a language."""
    describes = word in kinds.common or word in kinds.unknown
    return word in kinds.strange or not describes


def _is_meant(span: Sequence[str], name: Name, kinds: _Words) -> bool:
    """Whether a span is a name but for slips, in its words or in the spaces between them."""
    kind, compared, _ = name
    own = _own_words(kind, compared, len(span), kinds.common)
    return _word_by_word(span, own, kinds, is_artist=kind == "artist") or _as_one(span, own, kinds.strange)


def _own_words(kind: str, name: str, count: int, common: AbstractSet[str]) -> list[str]:
    """The words of a name; of a folder without what only says what it is: "wesnoth" of wesnoth-1.16-music."""
    own = name.split()
    first, rest = own[:count], own[count:]
    says_nothing = all(word in common or word.isdigit() for word in rest)
    return first if kind == "folder" and says_nothing else own


def _word_by_word(span: Sequence[str], own: Sequence[str], kinds: _Words, *, is_artist: bool) -> bool:
    """Whether the words of a span are those of a name but for slips.

    A word of the language ("beetles") may be a slip only beside a word that is right: alone it describes.
    """
    if len(span) != len(own):
        return False
    tells = False
    beside_a_name = is_artist and _has_a_surname(span, own, kinds)
    for word, theirs in zip(span, own, strict=True):
        is_strange = word in kinds.strange
        if word == theirs:
            tells |= word not in kinds.common
        elif word in kinds.unknown and alike(word, theirs, is_strange=is_strange):
            tells |= is_strange
        elif beside_a_name and len(word) >= SHORTEST_BESIDE and is_one_slip(word, theirs):
            tells = True
        else:
            return False
    return tells


def _has_a_surname(span: Sequence[str], own: Sequence[str], kinds: _Words) -> bool:
    """Whether the last word names somebody and nothing else: of "dug kaufmann", where "dug" is a word."""
    last = span[-1]
    return _may_be_a_surname(last, kinds) and alike(last, own[-1])


def _may_be_a_surname(word: str, kinds: _Words) -> bool:
    return len(word) >= LONG_BESIDE and not kinds.is_ordinary(word)


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
    before = "".join(f"{other} " for other in span[:at])
    after = "".join(f" {other}" for other in span[at + 1 :])
    # Most requests say nothing that names begin with, and are done here.
    if before and not names_where(catalog, _BEGINS + " LIMIT 1", (before, before + LAST)):
        return []
    length = len(" ".join(span))
    room = 2 * len(span)  # two slips a word at most
    near = []
    for likely in _likely_beginnings(word, span):
        first = before + likely
        near += names_where(
            catalog,
            _BEGINS + " AND length(name) >= ?"
            " AND (length(name) <= ? AND kind IN ('title', 'artist', 'album') OR kind = 'folder') LIMIT ?",
            (first, first + LAST, length - room, length + room, MOST),
        )
    # A slip in the first two letters is seldom, and then the only one.
    rightly = [before + beginning + after for beginning in beginnings(word)]
    return near + names_among(catalog, rightly)


def _likely_beginnings(word: str, span: Sequence[str]) -> list[str]:
    """How a misspelled word may begin: of a short one beside a long one the first letter is enough."""
    if len(word) <= SHORTEST_BESIDE and max(map(len, span)) >= LONG_BESIDE:
        return [word[:1]]
    return sounding_beginnings(word)


def _is_unknown(catalog: Catalog, word: str) -> bool:
    if len(word) < SHORTEST_MISSPELLED or word.isdigit():
        return False
    phrase = match_query(word)
    return not catalog.fetch("SELECT 1 FROM songs_fts WHERE songs_fts MATCH ? LIMIT 1", (phrase,))
