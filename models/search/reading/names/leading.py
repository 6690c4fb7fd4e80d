"""Names that stand in a request by themselves: their songs come first, ordered by the rest of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.known import Known
from catalog.library.names.lookup import ids_named, ids_with_title_words
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.names.narrowing import MOST_WORDS, confronted, names_in, only
from models.search.reading.names.sources import AFTER_NAME, SOURCES, few, unjoined
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.query_parser import ParsedQuery, reworded

# Beside z-scores of 2 to 5 for what fits: a title comes before all, a tag decides between equals.
TITLE_LEADS, NAME_LEADS, TAG_LEADS, TITLE_WORDS_LEAD = 12.0, 8.0, 1.0, 1.0
"""Z-scores that a song gains by a name in the request."""
_SHORTEST_SURNAME = 5
"""Letters of a word that is looked for in the names of artists."""
_NAMES = "title album tags"
"""Where a word may stand that then is no name of a folder or a composer."""
_SHORT = 4
"""Letters that a title of one word needs to be found among other words."""
_OWNER = re.compile(r"\w+['’]s\b")
_NAME = "\ue000"
"""Stands where a name was: a character that nobody types (Unicode's private use)."""
_LISTED = re.compile(
    rf"(?:\b(?:the|either|both) )?{_NAME}(?: {_NAME})*(?:,? (?:(?:or|and|&|oder|und|ou|et|o|y"
    rf"|e) )?(?:the )?{_NAME})+",
    re.IGNORECASE,
)
"""Several names as one: "The Trio or Novum, late night"."""


def with_names(parsed: ParsedQuery, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Names lead; artists, albums and folders describe no sound any more."""
    words = words_of(parsed.text)
    known: list[Known] = [*names_in(catalog, words, knows)]
    known += _surnames(parsed.text, words, catalog, knows)
    is_whole = _is_whole(parsed)
    for one in known:
        # "Ada Keys from 2012" is no request for anybody's songs of that year.
        is_name = one.length > 1 or not is_ordinary(words[one.start], knows)
        if one.kind == "artist" and is_name and len(one.ids):
            parsed = confronted(parsed, one.ids, f"by {one.name}") or parsed
    known = [one for one in known if _may_answer(one, parsed)]
    known = [one for one in known if _tells(one, words, catalog, knows, is_whole=is_whole)]
    chosen = [_with_namesakes(one, known) for one in _chosen(known)]
    if not chosen:
        return parsed
    text = _described(parsed.text, words, chosen)
    for one in chosen:
        parsed = parsed.led_by(one.ids, _leads(one, words))
        parsed = parsed.saying(_said(one, known))
    parsed = replace(parsed, is_tagged=_are_tags(words, chosen))
    sources = [one.ids for one in chosen if one.kind in SOURCES]
    # "Maxstack or Mattias Westlund": whoever has more songs must not fill the page.
    if parsed.alternatives and len(sources) > 1:
        parsed = replace(parsed, turns=tuple(sources))
    if not text:
        # Nothing but names: other songs are no answer.
        parsed = only(parsed, union([one.ids for one in chosen]))
    return reworded(parsed, text)


def begins_with_name(text: str, catalog: Catalog, knows: Knows) -> bool:
    """Whether the first telling word of a text begins a name that is no word of the language alone."""
    words = words_of(text)[:MOST_WORDS]
    telling = [at for at, word in enumerate(words) if word not in GENERIC]
    for one in (*names_in(catalog, words, knows), *_surnames(text, words, catalog, knows)):
        begins = telling[:1] == [one.start] or one.start == 0
        if begins and len(one.ids) and (one.length > 1 or not is_ordinary(words[one.start], knows)):
            return True
    return False


def with_title_words(parsed: ParsedQuery, telling: Sequence[str], catalog: Catalog) -> ParsedQuery:
    """A little ahead: songs whose title has all that a request says, unless that only describes a sound."""
    if set(telling) <= DESCRIBES:
        return parsed
    ids = ids_with_title_words(catalog, telling)
    if not len(ids):
        return parsed
    return parsed.led_by(ids, TITLE_WORDS_LEAD)


def _surnames(text: str, words: Sequence[str], catalog: Catalog, knows: Knows) -> list[Known]:
    """Single words of artists' names: "Westlund", which is nothing else, "piano, Freeman" by its capital."""
    # The first word of a sentence has a capital anyway.
    others = text.split()[1:]
    capitals = [written for written in others if written[:1].isupper()]
    owners = {words_of(owner)[-1] for owner in _OWNER.findall(text)}
    in_capitals = {word for written in capitals for word in words_of(written)}
    found = []
    for at, written in enumerate(words):
        # "Westlund's" is one word as names are compared.
        word = written.removesuffix("s") if written in owners else written
        if len(word) < _SHORTEST_SURNAME or word in DESCRIBES:
            continue
        if written in in_capitals or not is_ordinary(word, knows):
            found.append(_whose(word, at, catalog))
    return found


def _whose(word: str, at: int, catalog: Catalog) -> Known:
    """The songs of an artist or a folder; else those whose notes have the word: composers stand there."""
    by_artist = ids_named(catalog, "artist", word)
    name = word.capitalize()
    if len(by_artist) or len(ids_named(catalog, _NAMES, word)):
        return Known("artist", name, at, at + 1, by_artist)
    in_folder = ids_named(catalog, "folder", word)
    if len(in_folder):
        return Known("folder", word, at, at + 1, in_folder)
    by_notes = ids_named(catalog, "notes", word)
    return Known("notes", name, at, at + 1, by_notes)


def _are_tags(words: Sequence[str], chosen: Sequence[Known]) -> bool:
    """Whether tags are most of what a request says: "8-bit chiptune"."""
    tagged: set[int] = set()  # places of words
    for one in chosen:
        if one.kind == "tags":
            tagged.update(range(one.start, one.end))
    telling = [at for at, word in enumerate(words) if word not in GENERIC]
    telling_tags = tagged.intersection(telling)
    return 2 * len(telling_tags) > len(telling)


def _may_answer(one: Known, parsed: ParsedQuery) -> bool:
    """Whether a song of that name is among those that the rest of the request leaves."""
    if parsed.within is None:
        return True
    return bool(np.isin(one.ids, parsed.within).any())


def _is_whole(parsed: ParsedQuery) -> bool:
    """Whether the text is all that was said: nothing else was read out of the request."""
    return not (parsed.unwanted or parsed.must or parsed.said)


def _tells(one: Known, words: Sequence[str], catalog: Catalog, knows: Knows, *, is_whole: bool) -> bool:
    """Whether a name means something here, and tells some songs from the others."""
    if not len(one.ids):
        return False
    if not _names_something(one, words, knows, is_whole=is_whole):
        return False
    # What most songs have ("music" as a folder) tells none from another.
    return one.kind == "tags" or len(few(catalog, one.ids)) > 0


def _chosen(known: Sequence[Known]) -> list[Known]:
    """Names of which none is inside another of its kind ("rock" in "punk rock")."""
    chosen: list[Known] = []
    for one in known:
        if not any(_covers(other, one) for other in chosen):
            chosen.append(one)
    return chosen


def _namesakes(one: Known, known: Sequence[Known]) -> list[Known]:
    """Of an album the folder that is called like it, and the other way round."""
    if one.kind not in SOURCES:
        return [one]
    there = [other for other in known if other.place == one.place]
    return [other for other in there if other.kind in SOURCES]


def _with_namesakes(one: Known, known: Sequence[Known]) -> Known:
    ids = union([other.ids for other in _namesakes(one, known)])
    return replace(one, ids=ids)


def _said(one: Known, known: Sequence[Known]) -> str:
    """How a name is said to the person who asks: "the album and folder “Widelands”"."""
    if one.kind == "notes":
        return f"with “{one.name}” in its notes"
    kinds = []
    for other in _namesakes(one, known):
        kinds.append("tag" if other.kind == "tags" else other.kind)
    different = " and ".join(dict.fromkeys(kinds))
    return f"the {different} “{one.name}”"


def _covers(longer: Known, one: Known) -> bool:
    """Whether a longer name has this one in it and says all that it says."""
    inside = longer.start <= one.start and one.end <= longer.end
    return inside and longer.kind in (one.kind, *SOURCES)


def _names_something(one: Known, words: Sequence[str], knows: Knows, *, is_whole: bool) -> bool:
    """Whether a name stands for itself: not one word that describes a sound as well."""
    if one.kind == "tags":
        return True
    own = set(words[one.start : one.end])
    describes = own <= DESCRIBES
    # "ambient" may be an album, but no folder; of "guitars, no metal" it is a sound and no title.
    may_be_it = not describes or (is_whole and one.kind != "folder")
    if one.length == len(words) and may_be_it:
        return True
    if one.length > 1:
        # A title of two words may be a description by chance: "Dark Night", but not "Dvaered Theme".
        named = words_of(one.name)
        only_ordinary = all(is_ordinary(word, knows) for word in named)
        describes_too = only_ordinary and not DESCRIBES.isdisjoint(named)
        return one.kind != "title" or one.length > 2 or not describes_too
    word = words[one.start]
    if one.kind == "folder" and is_ordinary(word, knows):
        return False  # folders are called "menu" or "win"; exact words find them too
    is_telling = len(word) >= _SHORT and word not in DESCRIBES
    return one.kind != "title" and is_telling


def _leads(one: Known, words: Sequence[str]) -> float:
    """The z-scores that its songs gain; of a tag less where the request says more than that."""
    if one.kind == "title":
        return TITLE_LEADS
    if one.kind != "tags":
        return NAME_LEADS
    telling = [word for word in words if word not in GENERIC]
    share = one.length / max(len(telling), 1)
    return TAG_LEADS * share


def _described(text: str, words: Sequence[str], chosen: Sequence[Known]) -> str:
    """What describes the sound: the text without the names of sources, "" where nothing is left."""
    taken: set[str] = set()
    for one in chosen:
        if one.kind in SOURCES:
            taken |= set(words[one.start : one.end])
    if not taken:
        return text
    kept = [_without_name(word) if _is_taken(word, taken) else word for word in text.split()]
    before, *behind = _LISTED.sub(_NAME, " ".join(kept)).split(_NAME)
    left = " ".join([before, *(AFTER_NAME.sub("", one) for one in behind)])
    left = AFTER_NAME.sub("", " ".join(left.split())).strip(" ,")
    left = unjoined(left)
    is_telling = not GENERIC.issuperset(words_of(left))
    return left if is_telling else ""


def _without_name(written: str) -> str:
    """What stands for a word of a name: the mark behind it still sets it off."""
    return _NAME + "," if written.endswith((",", ";")) else _NAME


def _is_taken(written: str, taken: set[str]) -> bool:
    own = set(words_of(written))
    return bool(own) and own <= taken
