""" "by NAME", "from NAME", "nothing by NAME": whose songs a request wants, and whose it does not."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import among
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.known import Known, known_names
from catalog.library.names.lookup import ids_named, ids_titled
from catalog.library.names.spans import LONG
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.names.narrowing import names_in, narrowed, without
from models.search.reading.numbers import NUMBERS
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.patterns import pattern
from models.search.reading.query_parser import ParsedQuery, reworded

Ids = NDArray[np.int64]

SOURCES = ("artist", "album", "folder", "notes")
"""Kinds of names that say where a song is from, and nothing of its sound."""
AFTER_NAME = pattern(
    r"^\s*(?:(?:folder|album|soundtrack|ost|game|band)\b|['’]s\b"
    r"|(?:(?:sonst|noch|denn|alles) )*(?:gemacht|geschrieben|aufgenommen|komponiert|veröffentlicht)\b"
    r"|(?:has |have |had )?(?:recorded?|made?|make|wrote|written?|write|composed?|released?|did|done?|sang"
    r"|sung|sing)\b(?! by\b))"
)
"""What may stand behind a name and says nothing of the sound: "the Maxstack album", "what Maxstack made"."""
_JOINED = pattern(
    r"^(?:(?:or|and|but|only|just|both|oder|und|aber|nur|ou|et|mais|pero|solo|ma)\b[\s,]*)+"
    r"|(?:[\s,]*\b(?:or|and|but|(?:nobody|no one) else|oder|und|aber|sonst niemand|ou|et|mais"
    r"|personne d['’]autre|pero|nadie más|ma|nessun altro|mais ninguém))+$"
)
"""Joins nothing where a name was taken out beside it."""
JOINS = frozenset("or and oder und ou et o y e".split())
"""Between two names: "by Ryan Reilly or Doug Kaufman"."""
_BY = pattern(
    r",?\s*\b(?:(?:composed|written|sung|performed|played|made|recorded) )?"
    r"(?P<cue>by|von|par|por|de|di|aus|from|on|of)\s+(?:the )?"
    r"(?:(?:anyone|anybody|someone|somebody|people|an? \w+) (?:called|named) )?"
    r"(?:(?P<what>album|artist|folder|game|soundtrack(?: of)?) )?"
    # Several may be listed: "by A, B or C".
    r"(?=(?P<name>[^\s,;][^,;]*(?:(?:,[^,;]+)*,?\s(?:or|and|oder|und|ou|et|o|y"
    r"|e)\s[^,;]+)?))"  # looked at alone, for another cue may follow: "by the sea by Ida Holm"
)
_WHOSE = pattern(r"(?P<what>.*?)\b(?P<cue>by|von|par|por|de|di|aus|from)\s+(?P<name>\S.*)")
""" "By NAME", "songs from NAME": what is not wanted when nothing is said of its sound."""
_STRANGER = re.compile(
    r"\b(?:by|von) (?P<name>[A-ZÄÖÜÉ][\w'’.-]+(?: (?:[a-z]{2,3} )?[A-ZÄÖÜÉ][\w'’.-]*)*)(?=\s*(?:,|$))"
)
"""Capitals make a name of what nobody here is called: "by Mozart", but not "by the sea"."""
_OF_OR_BY = "von par por de di".split()
""" "By", "of" and "from" in one word: behind it stands an artist, and what is no word may be a folder too."""
_COLUMNS = {
    "by": "artist notes",
    **dict.fromkeys(_OF_OR_BY, "artist"),
    "from": "artist album folder",
    "aus": "artist album folder",
    "on": "album",
    "of": "album",
}
"""Where a name is looked for after each cue."""
_ONLY_WITH_A_NOUN = ("on", "of")
""" "on the album NAME", but not "on the harp"."""
_CUES_AGAIN = frozenset("by from on of the".split())
"""Before the second of two names."""
_NAMELESS = GENERIC | NUMBERS.keys()
"""Words that name nobody after "by" either."""
_OR = " or "
"""Between things that are not wanted, put together again."""
_LONGEST = 6
"""Words of a name after "by"."""
_SHORT = 2
"""Words of a name that may be a description by chance."""
_LONG_AFTER_A_CUE = 5
"""Letters of a word of the language that may be a misspelled name there."""


def with_sources(parsed: ParsedQuery, request: str, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Only the songs of the names after "by" and "from". request: as it was before negations were read."""
    # Only the first that names somebody here.
    for match in _BY.finditer(parsed.text):
        preposition, each, count = _sources_behind(match, catalog, knows)
        if each:
            rest = _without(parsed.text, match, count)
            return reworded(_narrowed_to(parsed, match, preposition, each, count), rest)
    behind = _with_source_behind_a_negation(parsed, request, catalog, knows)
    if behind is not None:
        return behind
    stranger = _STRANGER.search(parsed.text)
    if stranger is not None:
        # What else is asked for is still answered: "calm music by Mozart".
        rest = parsed.text[: stranger.start()] + parsed.text[stranger.end() :]
        plain = unjoined(" ".join(rest.split()).strip(" ,"))
        name = stranger["name"]
        return reworded(parsed.lacking(f"by {name}"), plain)
    return parsed


def with_exclusions(parsed: ParsedQuery, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """ "not by NAME", "nothing from NAME": none of its songs."""
    unwanted: list[str] = []
    for thing in parsed.unwanted:
        ids = _excluded_by(thing, catalog, knows)
        if ids is None and parsed.within is not None:
            ids = _titled_among(parsed.within, thing, catalog)
        if ids is None:
            unwanted.append(thing)
        else:
            parsed = without(parsed, ids, f"not {thing}")
    return replace(parsed, unwanted=tuple(unwanted))


def unjoined(text: str) -> str:
    """A text without words that join nothing any more where a name was taken out beside them.

    >>> unjoined("but only the quiet ones"), unjoined("calm or")
    ('the quiet ones', 'calm')
    """
    return _JOINED.sub("", text)


def few(catalog: Catalog, ids: Ids) -> Ids:
    """The ids, unless they are most of the library: a folder that nearly all songs lie in names none."""
    most = max(songs.count(catalog), 2) / 2
    return ids if len(ids) <= most else ids[:0]


def _with_source_behind_a_negation(
    parsed: ParsedQuery, request: str, catalog: Catalog, knows: Knows
) -> ParsedQuery | None:
    """ "No vocals by NAME": by NAME, without vocals; None where no name stands there.

    "Nothing by NAME" describes nothing that could be unwanted, and excludes NAME. "Techno, but not the slow
    tracks from NAME" stays as it is: "the" takes songs out of those that were asked for before.
    """
    for at, thing in enumerate(parsed.unwanted):
        if not parsed.only_unwanted and f"the {thing}" in request.casefold():
            continue
        together = _OR.join(parsed.unwanted[at:])  # "nothing loud by A or B" names both
        for match in _BY.finditer(together):
            start = match.start()
            described = words_of(together[:start])
            # What is said of the next thing ("not by A and not by B") is no description of this one.
            if start > len(thing) or GENERIC.issuperset(described):
                continue
            preposition, each, count = _sources_behind(match, catalog, knows)
            if each:
                rest = _without(together, match, count).split(_OR)
                unwanted = (*parsed.unwanted[:at], *rest)
                parsed = replace(parsed, unwanted=unwanted)
                return _narrowed_to(parsed, match, preposition, each, count)
    return None


def _sources_behind(match: re.Match[str], catalog: Catalog, knows: Knows) -> tuple[str, list[Ids], int]:
    """ "by" or "from", the songs of each name behind a cue, and of how many words the names are."""
    cue, names = match["cue"].lower(), match["name"]
    if cue in _ONLY_WITH_A_NOUN and not match["what"]:
        return "", [], 0
    each, count = _sources_in(catalog, _COLUMNS[cue], names, knows)
    if cue not in _OF_OR_BY:
        return "by" if cue == "by" else "from", each, count
    first = words_of(names)[:1]
    if first and not is_ordinary(first[0], knows):
        # Such a cue may stand for either: whichever knows more songs by that name.
        more, length = _sources_in(catalog, _COLUMNS["from"], names, knows)
        if len(union(more)) > len(union(each)):
            return "from", more, length
    return "by", each, count


def _narrowed_to(
    parsed: ParsedQuery, match: re.Match[str], preposition: str, each: list[Ids], count: int
) -> ParsedQuery:
    """The query for songs of `each` of the names alone, which are `count` words behind the cue."""
    words = match["name"].split()[:count]
    named = " ".join(words).rstrip(" ,.!?")
    parsed = narrowed(parsed, union(each), f"{preposition} {named}")
    # Of "by A or B" each has its turn, however many songs the other has.
    turns = tuple(each) if len(each) > 1 else ()
    return replace(parsed, turns=turns)


def _sources_in(catalog: Catalog, columns: str, names: str, knows: Knows) -> tuple[list[Ids], int]:
    """The songs of each name in "NAME or NAME ...", and of how many words all of that is."""
    words = names.split()
    folded = [word.lower() for word in words]
    each: list[Ids] = []
    end, start = 0, 0
    while found := _source(catalog, columns, " ".join(words[start:]), knows):
        ids, count = found
        each.append(ids)
        end = start + count
        start = end
        listed = words[end - 1].endswith(",")
        joined = start < len(words) and folded[start] in JOINS
        if start >= len(words) or not (listed or joined):
            break
        start += joined
        # "By A and by B": the cue may be said once more.
        while start < len(words) and (folded[start] in _CUES_AGAIN or folded[start] in GENERIC):
            start += 1
    return each, end


def _source(catalog: Catalog, columns: str, name: str, knows: Knows) -> tuple[Ids, int] | None:
    """The songs of the longest name at the beginning of a text, and of how many words it is."""
    written = name.split()[:_LONGEST]
    nearly = _misspelled(catalog, written, knows)
    # The longest first: "by Ida Holm at night" is by Ida Holm, and not by all whose name has Ida.
    for count in range(len(written), 0, -1):
        span = " ".join(written[:count]).strip(" .!?")
        # "Grew by four percent" is not by "The Boardwalk Four".
        if set(words_of(span)) <= _NAMELESS:
            continue
        # A misspelled name of more words is meant rather than a shorter one that happens to be there.
        if nearly is not None and nearly.end > count:
            break
        ids = few(catalog, ids_named(catalog, columns, span))
        together = "".join(words_of(span))
        if (
            not len(ids) and count > 1 and len(together) >= LONG
        ):  # "red eclipse" of the folder redeclipse-data
            ids = few(catalog, ids_named(catalog, columns, together))
        if len(ids):
            return ids, count
    return None if nearly is None else (nearly.ids, nearly.end)


def _misspelled(catalog: Catalog, written: Sequence[str], knows: Knows) -> Known | None:
    """The longest name that some words begin with, spelled in another way perhaps."""
    words = words_of(" ".join(written))

    def describes(word: str) -> bool:
        # After "by" stands a name: "by the beetles". Only what is short may be anything: "by hand".
        return len(word) < _LONG_AFTER_A_CUE and is_ordinary(word, knows)

    for one in known_names(catalog, words, common=_NAMELESS, is_ordinary=describes):
        if one.start == 0 and one.kind in SOURCES:
            return one
    return None


def _titled_among(within: Ids, thing: str, catalog: Catalog) -> Ids | None:
    """The song that is called so of those that may answer: "Doug Kaufman, but not Battle Epic"."""
    words = words_of(thing)
    if len(words) == 1 and words[0] in DESCRIBES:  # "his songs, but not sad"
        return None
    ids = ids_titled(catalog, words)
    ids = ids[among(ids, within)]
    return ids if len(ids) else None


def _excluded_by(thing: str, catalog: Catalog, knows: Knows) -> Ids | None:
    """The songs of "by NAME" or of a name alone; None for a sound."""
    source = _WHOSE.match(thing)
    if source is not None and GENERIC.issuperset(words_of(source["what"])):
        columns = _COLUMNS[source["cue"]]
        found = _source(catalog, columns, source["name"], knows)
        return None if found is None else found[0]
    # "No Maxstack" needs no cue, but no sound is a name: "no metal", "no dark night".
    words = words_of(thing)
    if len(words) <= _SHORT and not DESCRIBES.isdisjoint(words):
        return None
    if len(words) == 1 and is_ordinary(words[0], knows):
        return None
    whole = [one for one in names_in(catalog, words, knows) if one.length == len(words)]
    # One word may be a title by chance: "no fear".
    kinds = SOURCES if len(words) == 1 else (*SOURCES, "title")
    named = union([one.ids for one in whole if one.kind in kinds])
    ids = few(catalog, named)
    if not len(ids) and len(words) == 1 and len(words[0]) >= _LONG_AFTER_A_CUE:  # a word of a folder's name
        ids = few(catalog, ids_named(catalog, _COLUMNS["from"], words[0]))
    return ids if len(ids) else None


def _without(text: str, match: re.Match[str], count: int) -> str:
    """The text without a cue and the first `count` words of the name that follows it."""
    words = list(re.finditer(r"\S+", match["name"]))
    # A name that is written as one word may count for more words than there are.
    last = words[min(count, len(words)) - 1]
    end = match.start("name") + last.end()
    before = text[: match.start()]
    rest = AFTER_NAME.sub("", text[end:])
    kept = f"{before} {rest}"
    return " ".join(kept.split()).strip(" ,")
