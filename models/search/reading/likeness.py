""" "like Code Monkey": songs of the library that a request names to be gone nearer to."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names import ids_named, ids_titled
from models.search.ranking import union
from models.search.reading.narrowing import names_in
from models.search.reading.ordinary import Knows
from models.search.reading.patterns import pattern

Likeness = tuple[str, tuple[int, ...], tuple[str, ...]]
"""The rest of a request, the songs (ids) to go nearer to, and how that is said."""
# A wish by two hundred songs at once would be like none of them.
MOST_LIKE = 5
"""Songs of an artist that "like ARTIST" goes by."""
# "I like" and "I don't like" say what a person thinks, and are no request for more of it.
_LIKE = pattern(
    r",?\s*\b(?:(?:some )?more )?(?<!i )(?<!don['’]t )(?<!not )(?<!dont )"
    r"(?:like|similar to|in the (?:style|vein|spirit) of|(?:that )?(?:sounds?|sounding) like"
    r"|(?:so |ähnlich )?wie|comme|parecid[oa]s? (?:a|com)|similar(?:es)? a|simil[ei] a|como)"
    r"\s+(?P<name>[^,;]+)"
)
_THAN = r"\s+(?P<name>[^,;]+)"
_COMPARED = (
    # "Not as loud as" before "as loud as", which it holds.
    (pattern(rf"\bnot (?:as|so) (?P<how>\w+) as{_THAN}"), "less "),
    (pattern(rf"\bas (?P<how>\w+) as{_THAN}"), ""),
    (pattern(rf"\b(?:a bit |a little |much |even )?(?P<how>\w+er|(?:more|less) \w+) than{_THAN}"), ""),
)
""" "Slower than NAME" is like it, but slower; each with the word that goes before how it differs."""
_BEFORE_THE_NAME = pattern(r"^(?:the )?(?:song|track|title|artist|band|music of|music by)\s+")
_BEHIND_THE_NAME = pattern(
    r"\s+(?:but|only|just|without|with|aber|nur|ohne|mais|sans|pero|sin|ma|senza|mas|sem)\s.*$"
)
_LOOSE = pattern(r"^\s*,?\s*(?:but|only|just|aber|nur|mais|pero|ma|mas)\s+")


def titled(catalog: Catalog, words: Sequence[str], knows: Knows) -> NDArray[np.int64]:
    """Songs (ids, ascending) whose title is all of these words, or but for a slip of the hand."""
    exactly = ids_titled(catalog, words)
    if len(exactly) or not words:
        return exactly
    whole = []
    for one in names_in(catalog, words, knows):
        if one.kind == "title" and one.end - one.start == len(words):
            whole.append(ids_titled(catalog, words_of(one.name)))
    return union(whole)


def likeness(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """The rest of a request, the songs to go nearer to, and how that is said; none where no name is known."""
    # A name that nobody here has stays a description: "like a river", "better than ever".
    for cue, before in (*_COMPARED, (_LIKE, "")):
        match = cue.search(request)
        found = match and _like(request, match, before, catalog, knows)
        if found:
            return found
    return request, (), ()


def _like(request: str, match: re.Match[str], before: str, catalog: Catalog, knows: Knows) -> Likeness | None:
    """What is asked for by a name that is known here; how it should differ stays in the name's place."""
    name = _BEHIND_THE_NAME.sub("", _BEFORE_THE_NAME.sub("", match["name"])).strip(" .?!")
    like = _meant(name, catalog, knows)
    if not len(like):
        return None
    how = before + match["how"] if "how" in match.groupdict() else ""
    # From before "like" to behind the name; what is said of it stays: "but slower".
    end = request.index(name, match.start("name")) + len(name)
    behind = _LOOSE.sub(" ", request[end:])
    rest = f"{request[: match.start()]}{how} {behind}"
    rest = _LOOSE.sub("", " ".join(rest.split()).replace(" ,", ","))
    return rest.strip(" ,?!"), tuple(like.tolist()), (f"like {name}",)


def _meant(name: str, catalog: Catalog, knows: Knows) -> NDArray[np.int64]:
    """The song of that title; else some songs of that artist; else those whose title has the name in it."""
    words = words_of(name)
    songs = titled(catalog, words, knows)
    if len(songs):
        return songs[:1]
    for one in names_in(catalog, words, knows):
        if one.kind == "artist" and one.start == 0:
            return one.ids[:MOST_LIKE]
    return ids_named(catalog, "title", name)[:MOST_LIKE]
