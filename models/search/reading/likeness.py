""" "like Code Monkey": songs of the library that a request names to be gone nearer to."""

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

# A wish by two hundred songs at once would be like none of them.
MOST_LIKE = 5
"""Songs of an artist that "like ARTIST" goes by."""
# "I like" and "I don't like" say what a person thinks, and are no request for more of it.
_LIKE = pattern(
    r",?\s*\b(?:(?:some )?more )?(?<!i )(?<!don['’]t )(?<!not )(?<!dont )"
    r"(?:like|similar to|in the (?:style|vein|spirit) of|(?:that )?(?:sounds?|sounding) like)"
    r"\s+(?P<name>[^,;]+)"
)
_ONLY_THE_NAME = pattern(
    r"^(?:the )?(?:song|track|title|artist|band|music of|music by)\s+|\s+(?:but|only|just|without|with)\s.*$"
)
_LOOSE = pattern(r"^\s*(?:but|only|just)\s+")


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


def likeness(request: str, catalog: Catalog, knows: Knows) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """The rest of a request, the songs to go nearer to, and how that is said; none where no name is known."""
    # A name that nobody here has stays a description: "like a river".
    match = _LIKE.search(request)
    if match is None:
        return request, (), ()
    name = _ONLY_THE_NAME.sub("", match["name"]).strip()
    like = _meant(name, catalog, knows)
    if not len(like):
        return request, (), ()
    # From before "like" to behind the name; what is said of it stays: "but slower".
    end = request.index(name, match.start("name")) + len(name)
    around = request[: match.start()] + request[end:]
    rest = _LOOSE.sub("", around)
    return rest.strip(" ,"), tuple(like.tolist()), (f"like {name}",)


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
