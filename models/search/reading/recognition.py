"""What of a request the catalog knows: names, years, durations, languages; the rest describes the sound.

"by" and "from" before a name, quotation marks, years, durations and languages narrow; a name that stands
there by itself leads: its songs come first, in the order that the rest of the request gives them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names import Known, ids_named, ids_titled, ids_with_title_words, known_names
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.facts import facts_in
from models.search.reading.narrowing import names_in, narrowed, with_bare_year, with_facts
from models.search.reading.query_parser import ParsedQuery, parse_unquoted, plainly, reworded, terms, unquoted

TITLE_LEADS, NAME_LEADS, TAG_LEADS, TITLE_WORDS_LEAD = 12.0, 8.0, 1.0, 1.0
"""Z-scores that a song gains by a name in the request."""
MOST_LIKE = 5
"""Songs of an artist that "like ARTIST" goes by."""
_BY = re.compile(
    r",?\s*\b(?:(?:composed|written|sung|performed|played|made|recorded) )?"
    r"(?P<cue>by|von|par|por|de|di|from|on|of)\s+(?:the )?"
    r"(?:(?P<what>album|artist|folder|game|soundtrack(?: of)?) )?"
    r"(?P<name>[^\s,;][^,;]*)",
    re.IGNORECASE,
)
_COLUMNS = (
    {"by": "artist notes"}
    | dict.fromkeys("von par por de di".split(), "artist")
    | {
        "from": "artist album folder",
        "on": "album",
        "of": "album",
    }
)
_LIKE = re.compile(
    r",?\s*\b(?:(?:some )?more )?(?<!i )(?<!don['’]t )(?<!not )(?<!dont )"
    r"(?:like|similar to|in the (?:style|vein|spirit) of|(?:that )?(?:sounds?|sounding) like)"
    r"\s+(?P<name>[^,;]+)",
    re.IGNORECASE,
)
_ONLY_THE_NAME = re.compile(
    r"^(?:the )?(?:song|track|title|artist|band|music of|music by)\s+|\s+(?:but|only|just|without|with)\s.*$",
    re.IGNORECASE,
)
_JOINS = frozenset("or and oder und ou et o y e".split())
"""Between two names: "by Ryan Reilly or Doug Kaufman"."""
_LOOSE = re.compile(r"^\s*(?:but|only|just)\s+", re.IGNORECASE)
_JOINED = re.compile(r"^(?:or|and|oder|und|ou|et)\b[\s,]*|[\s,]*\b(?:or|and|oder|und|ou|et)$", re.IGNORECASE)
_JOINS_EITHER = frozenset("or oder ou o".split())
_CUES_AGAIN = frozenset("by from on of the".split())
"""Before the second of them."""
_AFTER_NAME = re.compile(r"^\s*(?:folder|album|soundtrack|ost|game|band)\b|^\s*['’]s\b", re.IGNORECASE)
_SOURCES = ("artist", "album", "folder")
_LONGEST = 6
"""Words of a name after "by"."""


def recognize(request: str, catalog: Catalog) -> ParsedQuery:
    """Read a request with all that the catalog knows."""
    words = words_of(request)
    titled = _titled(catalog, words)
    if len(titled):  # "Not About You" is a title and no negation
        plain = ParsedQuery(request.strip(), terms=terms(request))
        plain = replace(plain, leading=((titled, TITLE_LEADS),), said=("the title of a song",))
        return _with_title_words(plain, words, catalog)
    rest, like, said = _likeness(plainly(request), catalog)
    text, must = unquoted(rest)
    text, facts = facts_in(text)
    parsed = replace(parse_unquoted(text, must), like=like, said=said)
    parsed = with_bare_year(with_facts(parsed, facts, catalog), catalog)
    parsed = _with_sources(parsed, catalog)
    parsed = _with_names(parsed, catalog)
    parsed = _with_exclusions(_with_phrases(parsed, catalog), catalog)
    telling = [word for word in words_of(parsed.text) if word not in GENERIC]
    if not telling and (parsed.within is not None or parsed.excluded is not None or parsed.like):
        return reworded(parsed, "")  # "songs by NAME" describes no sound
    return _with_title_words(parsed, telling, catalog)


def _titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title is all of the request, or but for a slip of the hand."""
    exactly = ids_titled(catalog, words)
    if len(exactly) or not words:
        return exactly
    whole = [
        one for one in names_in(catalog, words) if one.kind == "title" and one.end - one.start == len(words)
    ]
    return union([ids_titled(catalog, words_of(one.name)) for one in whole])


def _likeness(request: str, catalog: Catalog) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """ "like Code Monkey": the rest of a request, the songs to go nearer to, and how that is said."""
    match = _LIKE.search(request)
    if match is None:
        return request, (), ()
    name = _ONLY_THE_NAME.sub("", match["name"]).strip()
    titled = _titled(catalog, words_of(name))
    if not len(titled):
        named = names_in(catalog, words_of(name))
        artists = [one for one in named if one.start == 0 and one.kind == "artist"]
        titled = artists[0].ids[:MOST_LIKE] if artists else ids_named(catalog, "title", name)[:MOST_LIKE]
    else:
        titled = titled[:1]
    if not len(titled):
        return request, (), ()
    end = match.start("name") + match["name"].index(name) + len(name)
    rest = _LOOSE.sub("", request[: match.start()] + request[end:])
    return rest.strip(" ,"), tuple(titled.tolist()), (f"like {name}",)


def _with_sources(parsed: ParsedQuery, catalog: Catalog) -> ParsedQuery:
    """ "by NAME" and "from NAME": only its songs."""
    for match in _BY.finditer(parsed.text):
        cue = match["cue"].lower()
        if cue in ("on", "of") and not match["what"]:
            continue
        each, count = _sources_in(catalog, _COLUMNS[cue], match["name"])
        if each:
            named = " ".join(match["name"].split()[:count])
            text = _without(parsed.text, match.start(), match["name"], match.start("name"), count)
            parsed = narrowed(
                parsed, union(each), f"{'from' if cue in ('from', 'on', 'of') else 'by'} {named}"
            )
            return reworded(replace(parsed, turns=tuple(each) if len(each) > 1 else ()), text)
    return parsed


def _sources_in(catalog: Catalog, columns: str, names: str) -> tuple[list[NDArray[np.int64]], int]:
    """The songs of each name in "NAME or NAME ...", and of how many words all of that is."""
    words = names.split()
    each: list[NDArray[np.int64]] = []
    end, start = 0, 0
    while found := _source(catalog, columns, " ".join(words[start:])):
        ids, count = found
        each.append(ids)
        end = start = start + count
        if start >= len(words) or words[start].lower() not in _JOINS:
            break
        start += 1
        while start < len(words) and words[start].lower() in _CUES_AGAIN:
            start += 1
    return each, end


def _source(catalog: Catalog, columns: str, name: str) -> tuple[NDArray[np.int64], int] | None:
    """The songs of the longest name at the beginning of a text, and of how many words it is."""
    written = name.split()[:_LONGEST]
    nearly = _misspelled(catalog, written)
    for count in range(len(written), 0, -1):
        span = " ".join(written[:count]).strip(" .!?")
        if set(words_of(span)) <= GENERIC:
            continue
        if nearly is not None and nearly.end > count:
            break
        ids = _few(catalog, ids_named(catalog, columns, span))
        if len(ids):
            return ids, count
    return None if nearly is None else (nearly.ids, nearly.end)


def _misspelled(catalog: Catalog, written: Sequence[str]) -> Known | None:
    """The longest name that some words begin with, spelled in another way perhaps."""
    for one in known_names(catalog, words_of(" ".join(written)), common=GENERIC):
        if one.start == 0 and one.kind in _SOURCES:
            return one
    return None


def _few(catalog: Catalog, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ids, unless they are most of the library: a folder that nearly all songs lie in names none."""
    return ids if 2 * len(ids) <= max(songs.count(catalog), 2) else ids[:0]


def _with_names(parsed: ParsedQuery, catalog: Catalog) -> ParsedQuery:
    """Names that stand there by themselves lead; artists, albums and folders describe no sound any more."""
    words = words_of(parsed.text)
    chosen = _chosen(names_in(catalog, words), words, catalog)
    if not chosen:
        return parsed
    leading = [(one.ids, _leads(one, words)) for one in chosen]
    said = [f"the {'tag' if one.kind == 'tags' else one.kind} “{one.name}”" for one in chosen]
    text = _described(parsed.text, words, chosen)
    parsed = replace(parsed, leading=(*parsed.leading, *leading), said=(*parsed.said, *said))
    sources = [one for one in chosen if one.kind in _SOURCES]
    if parsed.alternatives and len(sources) > 1:
        parsed = replace(parsed, turns=tuple(one.ids for one in sources))
    if not text:  # nothing but names: other songs are no answer
        ids = union([one.ids for one in chosen])
        within = ids if parsed.within is None else np.intersect1d(parsed.within, ids)
        parsed = replace(parsed, within=within)
    return reworded(parsed, text)


def _chosen(found: Sequence[Known], words: Sequence[str], catalog: Catalog) -> list[Known]:
    """Names that mean something here, none inside another of its kind ("rock" in "punk rock")."""
    chosen: list[Known] = []
    for one in found:
        within = [other for other in chosen if other.start <= one.start and one.end <= other.end]
        covered = any(other.kind == one.kind or other.kind in _SOURCES for other in within)
        many = one.kind != "tags" and not len(_few(catalog, one.ids))
        if not (covered or many) and len(one.ids) and _names_something(one, words):
            chosen.append(one)
    return chosen


def _leads(one: Known, words: Sequence[str]) -> float:
    """The z-scores that its songs gain; of a tag less where the request says more than that."""
    if one.kind == "tags":
        telling = [word for word in words if word not in GENERIC]
        return TAG_LEADS * (one.end - one.start) / max(len(telling), 1)
    return TITLE_LEADS if one.kind == "title" else NAME_LEADS


def _described(text: str, words: Sequence[str], chosen: Sequence[Known]) -> str:
    """What describes the sound: the text without the names of sources, "" where nothing is left."""
    taken = {at for one in chosen if one.kind in _SOURCES for at in range(one.start, one.end)}
    if not taken:
        return text
    left = " ".join(word for word in text.split() if not _is_taken(word, words, taken))
    left = _JOINED.sub("", _AFTER_NAME.sub("", left).strip(" ,"))
    return left if set(words_of(left)) - GENERIC else ""


def _names_something(one: Known, words: Sequence[str]) -> bool:
    """Whether a name stands for itself: not one word that describes a sound as well."""
    length = one.end - one.start
    if one.kind == "tags":
        return True
    if length == len(words):
        return True
    if length > 1:
        return one.kind != "title" or length > 2 or not set(words_of(one.name)) & DESCRIBES
    return one.kind != "title" and len(words[one.start]) >= 4 and words[one.start] not in DESCRIBES


def _is_taken(written: str, words: Sequence[str], taken: set[int]) -> bool:
    own = set(words_of(written))
    return bool(own) and own <= {words[at] for at in taken}


def _with_phrases(parsed: ParsedQuery, catalog: Catalog) -> ParsedQuery:
    """Quotation marks: written somewhere in the song."""
    each = [ids_named(catalog, "", phrase) for phrase in parsed.must]
    if len(each) > 1 and parsed.text.casefold() in _JOINS_EITHER:  # "night" or "day"
        return replace(reworded(parsed, ""), within=union(each), turns=tuple(each))
    within = parsed.within
    for ids in each:
        within = ids if within is None else np.intersect1d(within, ids)
    return replace(parsed, within=within)


def _with_title_words(parsed: ParsedQuery, telling: Sequence[str], catalog: Catalog) -> ParsedQuery:
    """A little ahead: songs whose title has all that a request says, unless that only describes a sound."""
    if set(telling) <= DESCRIBES:
        return parsed
    titled = ids_with_title_words(catalog, telling)
    return replace(parsed, leading=(*parsed.leading, (titled, TITLE_WORDS_LEAD))) if len(titled) else parsed


def _with_exclusions(parsed: ParsedQuery, catalog: Catalog) -> ParsedQuery:
    """ "not by NAME", "nothing from NAME": none of its songs."""
    excluded = [] if parsed.excluded is None else [parsed.excluded]
    unwanted = []
    for thing in parsed.unwanted:
        cue, _, name = thing.partition(" ")
        found = _source(catalog, _COLUMNS[cue], name) if cue in ("by", "von", "from") and name else None
        if found is None:
            unwanted.append(thing)
        else:
            excluded.append(found[0])
    if not excluded:
        return parsed
    said = (*parsed.said, *(f"not {thing}" for thing in parsed.unwanted if thing not in unwanted))
    return replace(parsed, unwanted=tuple(unwanted), excluded=union(excluded), said=said)


def _without(text: str, start: int, name: str, name_start: int, count: int) -> str:
    """The text without a cue at `start` and the first `count` words of the name that follows it."""
    words = list(re.finditer(r"\S+", name))
    end = name_start + (words[count - 1].end() if count <= len(words) else len(name))
    rest = _AFTER_NAME.sub("", text[end:])
    return " ".join((text[:start] + " " + rest).split()).strip(" ,")
