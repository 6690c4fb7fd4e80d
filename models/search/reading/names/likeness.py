""" "like Code Monkey", "less like Code Monkey": songs of the library to be gone nearer to, or away from."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.lookup import ids_named, ids_titled
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES
from models.search.reading.names.likeness_cues import (
    AS_PLAYED,
    BEFORE_THE_NAME,
    BEHIND_THE_NAME,
    BETWEEN,
    BUT,
    COMPARATIVE,
    COMPARED,
    LIKENESS_CUES,
    LOOSE,
    LOOSE_AT_THE_END,
    NAMED,
    SENTENCE,
    TELLING,
    THOUGH,
    TWO,
    UNLIKE,
    VERSIONS,
    WHOLLY,
)
from models.search.reading.names.narrowing import names_in
from models.search.reading.ordinary import Knows, is_ordinary, is_sound
from models.search.reading.patterns import mentions
from models.search.reading.query_parser import STOP

Likeness = tuple[str, tuple[int, ...], tuple[str, ...]]
"""The rest of a request, the songs (ids) to go nearer to or away from, and how that is said."""
# A wish by two hundred songs at once would be like none of them.
MOST_LIKE = 5
"""Songs of an artist that "like ARTIST" goes by."""


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
    versions = [(cue, "") for cue in (*VERSIONS, AS_PLAYED)]
    for cue, before in (*COMPARED, *versions, *NAMED) if mentions(request, LIKENESS_CUES) else ():
        match = cue.search(request)
        if match and cue is AS_PLAYED and not _is_played(match["name"], catalog, knows):
            continue
        named = match and _named(match, catalog, knows, wholly=cue in (*WHOLLY, *VERSIONS, AS_PLAYED))
        if match and named:
            name, songs = named
            how = before + _how(match)
            return _rest(request, match, name, how), songs, (f"like {name}",)
    rest, songs, said = _changed(request, catalog, knows)
    return (rest, songs, said) if songs else (_unmixed(request), (), ())


def _changed(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """A song that is named to be like, but not quite so: "Frantic but slower"."""
    match = THOUGH.search(request) if not set(BUT).isdisjoint(words_of(request)) else None
    if match is None:
        return request, (), ()
    name = BEFORE_THE_NAME.sub("", match["name"])
    rest = request[match.end() :]
    words = words_of(name)
    # "Sad but hopeful" describes, whatever songs are called.
    if _may_describe(words, knows) and not COMPARATIVE.match(rest):
        return request, (), ()
    songs = titled(catalog, words, knows)[:1]
    if not len(songs):
        return request, (), ()
    return rest, tuple(songs.tolist()), (f"like {name}",)


def _how(match: re.Match[str]) -> str:
    """In what the answer is to differ from a song that was named: "slower", "acoustic"; "" for nothing."""
    groups = match.groupdict()
    return groups.get("how") or groups.get("unplugged") or ""


def _is_played(name: str, catalog: Catalog, knows: Knows) -> bool:
    """Whether a name is a title that describes nothing: "Sad as a waltz" is no song that is called so."""
    words = words_of(BEFORE_THE_NAME.sub("", name))
    return not _may_describe(words, knows) and len(titled(catalog, words, knows)) > 0


def _may_describe(words: Sequence[str], knows: Knows) -> bool:
    """Whether words may say how music sounds, whatever songs are called."""
    return set(words) <= DESCRIBES or (len(words) < TELLING and is_ordinary(words[0], knows))


def _unmixed(request: str) -> str:
    """ "Jazz and folk" of "a mixture of jazz and folk", where each is a sound."""
    match = BETWEEN.search(request)
    if match is None:
        return request
    each = [words_of(one) for one in TWO.split(match["name"])]
    if len(each) < 2 or not all(any(map(is_sound, words)) for words in each):
        return request
    return f"{request[: match.start()]} {request[match.end('mixed') :]}".strip()


def unlikeness(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """The rest of a request, the songs to go away from, and how that is said; none where no name is known."""
    match = UNLIKE.search(request) if mentions(request, LIKENESS_CUES) else None
    named = match and _named(match, catalog, knows)
    if match and named:
        name, songs = named
        return _rest(request, match, name, ""), songs, (f"unlike {name}",)
    return request, (), ()


def _rest(request: str, match: re.Match[str], name: str, how: str) -> str:
    """A request without what names a song; how the answer should differ stays in its place: "but slower"."""
    end = request.index(name, match.start("name")) + len(name)
    if "behind" in match.groupdict():
        end = match.end("behind")
    before = LOOSE_AT_THE_END.sub("", request[: match.start()])
    behind = LOOSE.sub(" ", request[end:])
    rest = " ".join(f"{before} {how} {behind}".split()).replace(" ,", ",")
    rest = rest.strip(" ,?!").lstrip(". ")
    # "Mais" is "but" in French, and "more" in Portuguese: "mais calmo do que NAME".
    return rest if how else LOOSE.sub("", rest).strip(" ,")


def _named(
    match: re.Match[str], catalog: Catalog, knows: Knows, *, wholly: bool = False
) -> tuple[str, tuple[int, ...]] | None:
    """The name behind "like" that is known here, as it is written, and its songs (ids).

    wholly: it must be all of a title or an artist.
    """
    # A title may have commas in it.
    for rest in _longest_first(match.string[match.start("name") :]):
        if len(songs := titled(catalog, words_of(rest), knows)):
            return rest, (int(songs[0]),)
    written = BEFORE_THE_NAME.sub("", match["name"]).strip(" .?!")
    if len(songs := titled(catalog, words_of(written), knows)):
        return written, (int(songs[0]),)  # a title may have "without" in it
    [written, *_] = SENTENCE.split(written)
    name = BEHIND_THE_NAME.sub("", written).strip(" .?!")
    like = _meant(name, catalog, knows, wholly=wholly)
    if len(like):
        return name, tuple(like.tolist())
    each = [_meant(one, catalog, knows, wholly=wholly) for one in TWO.split(name)]
    if len(each) > 1 and all(map(len, each)):
        return name, tuple(union(each)[:MOST_LIKE].tolist())
    return None


def _longest_first(text: str) -> Iterator[str]:
    """A text whole, then up to its last comma, and so on; not up to the first."""
    while "," in text:
        yield text.strip(" .?!")
        text = text[: text.rindex(",")]


def _meant(name: str, catalog: Catalog, knows: Knows, *, wholly: bool) -> NDArray[np.int64]:
    """The song of that title; else some songs of that artist; else those whose title has the name in it."""
    words = words_of(name)
    songs = titled(catalog, words, knows)
    if len(songs):
        return songs[:1]
    for one in names_in(catalog, words, knows):
        if one.kind == "artist" and one.start == 0:
            return one.ids[:MOST_LIKE]
    # "Like a river" is no "cocoa river".
    has_capital = not name.isupper() and any(word[0].isupper() for word in name.split())
    if wholly or not has_capital and all(word in STOP or is_ordinary(word, knows) for word in words):
        return np.empty(0, np.int64)
    return ids_named(catalog, "title", name)[:MOST_LIKE]
