"""Names that stand in a request by themselves: their songs come first, ordered by the rest of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names import Known, ids_named, ids_with_title_words
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.narrowing import names_in, only
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.patterns import pattern
from models.search.reading.query_parser import ParsedQuery, reworded
from models.search.reading.sources import AFTER_NAME, SOURCES, few

# Beside z-scores of 2 to 5 for what fits: a title comes before all, a tag decides between equals.
TITLE_LEADS, NAME_LEADS, TAG_LEADS, TITLE_WORDS_LEAD = 12.0, 8.0, 1.0, 1.0
"""Z-scores that a song gains by a name in the request."""
_SHORTEST_SURNAME = 5
"""Letters of a word that is looked for in the names of artists."""
_SHORT = 4
"""Letters that a title of one word needs to be found among other words."""
_JOINED = pattern(r"^(?:or|and|oder|und|ou|et)\b[\s,]*|[\s,]*\b(?:or|and|oder|und|ou|et)$")


def with_names(parsed: ParsedQuery, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Names lead; artists, albums and folders describe no sound any more."""
    words = words_of(parsed.text)
    known = [*names_in(catalog, words, knows), *_surnames(words, catalog, knows)]
    known = [one for one in known if _may_answer(one, parsed)]
    chosen = _chosen(known, words, catalog, is_whole=_is_whole(parsed))
    if not chosen:
        return parsed
    text = _described(parsed.text, words, chosen)
    for one in chosen:
        kind = "tag" if one.kind == "tags" else one.kind
        parsed = parsed.led_by(one.ids, _leads(one, words)).saying(f"the {kind} “{one.name}”")
    parsed = replace(parsed, is_tagged=_are_tags(words, chosen))
    sources = [one.ids for one in chosen if one.kind in SOURCES]
    # "Maxstack or Mattias Westlund": whoever has more songs must not fill the page.
    if parsed.alternatives and len(sources) > 1:
        parsed = replace(parsed, turns=tuple(sources))
    if not text:
        # Nothing but names: other songs are no answer.
        parsed = only(parsed, union([one.ids for one in chosen]))
    return reworded(parsed, text)


def with_title_words(parsed: ParsedQuery, telling: Sequence[str], catalog: Catalog) -> ParsedQuery:
    """A little ahead: songs whose title has all that a request says, unless that only describes a sound."""
    if set(telling) <= DESCRIBES:
        return parsed
    ids = ids_with_title_words(catalog, telling)
    if not len(ids):
        return parsed
    return parsed.led_by(ids, TITLE_WORDS_LEAD)


def _surnames(words: Sequence[str], catalog: Catalog, knows: Knows) -> list[Known]:
    """Single words of artists' names that are nothing else: "Westlund", but no "Freeman"."""
    found = []
    for at, word in enumerate(words):
        if len(word) >= _SHORTEST_SURNAME and not is_ordinary(word, knows):
            ids = ids_named(catalog, "artist", word)
            found.append(Known("artist", word.capitalize(), at, at + 1, ids))
    return found


def _are_tags(words: Sequence[str], chosen: Sequence[Known]) -> bool:
    """Whether tags are most of what a request says: "8-bit chiptune"."""
    tagged = {at for one in chosen if one.kind == "tags" for at in range(one.start, one.end)}
    telling = [at for at, word in enumerate(words) if word not in GENERIC]
    return 2 * len(tagged.intersection(telling)) > len(telling)


def _may_answer(one: Known, parsed: ParsedQuery) -> bool:
    """Whether a song of that name is among those that the rest of the request leaves."""
    return parsed.within is None or bool(np.isin(one.ids, parsed.within).any())


def _is_whole(parsed: ParsedQuery) -> bool:
    """Whether the text is all that was said: nothing else was read out of the request."""
    return not (parsed.unwanted or parsed.must or parsed.said)


def _chosen(found: Sequence[Known], words: Sequence[str], catalog: Catalog, *, is_whole: bool) -> list[Known]:
    """Names that mean something here, none inside another of its kind ("rock" in "punk rock")."""
    chosen: list[Known] = []
    for one in found:
        if not len(one.ids) or not _names_something(one, words, is_whole=is_whole):
            continue
        # What most songs have ("music" as a folder) tells none from another.
        if one.kind != "tags" and not len(few(catalog, one.ids)):
            continue
        if not any(_covers(other, one) for other in chosen):
            chosen.append(one)
    return chosen


def _covers(longer: Known, one: Known) -> bool:
    """Whether a longer name has this one in it and says all that it says."""
    inside = longer.start <= one.start and one.end <= longer.end
    return inside and longer.kind in (one.kind, *SOURCES)


def _names_something(one: Known, words: Sequence[str], *, is_whole: bool) -> bool:
    """Whether a name stands for itself: not one word that describes a sound as well."""
    if one.kind == "tags":
        return True
    length = one.end - one.start
    describes = set(words[one.start : one.end]) <= DESCRIBES
    # "ambient" may be an album, but no folder; of "guitars, no metal" it is a sound and no title.
    if length == len(words) and (not describes or (is_whole and one.kind != "folder")):
        return True
    if length > 1:
        # A title of two words may be a description by chance: "Dark Night".
        describes_too = bool(set(words_of(one.name)) & DESCRIBES)
        return one.kind != "title" or length > 2 or not describes_too
    word = words[one.start]
    is_telling = len(word) >= _SHORT and word not in DESCRIBES
    return one.kind != "title" and is_telling


def _leads(one: Known, words: Sequence[str]) -> float:
    """The z-scores that its songs gain; of a tag less where the request says more than that."""
    if one.kind == "title":
        return TITLE_LEADS
    if one.kind != "tags":
        return NAME_LEADS
    telling = [word for word in words if word not in GENERIC]
    share = (one.end - one.start) / max(len(telling), 1)
    return TAG_LEADS * share


def _described(text: str, words: Sequence[str], chosen: Sequence[Known]) -> str:
    """What describes the sound: the text without the names of sources, "" where nothing is left."""
    taken: set[str] = set()
    for one in chosen:
        if one.kind in SOURCES:
            taken |= set(words[one.start : one.end])
    if not taken:
        return text
    kept = [word for word in text.split() if not _is_taken(word, taken)]
    left = " ".join(kept)
    left = AFTER_NAME.sub("", left).strip(" ,")
    left = _JOINED.sub("", left)
    return left if set(words_of(left)) - GENERIC else ""


def _is_taken(written: str, taken: set[str]) -> bool:
    own = set(words_of(written))
    return bool(own) and own <= taken
