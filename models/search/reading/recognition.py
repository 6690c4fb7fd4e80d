"""What of a request the catalog knows: names, years, durations, languages; the rest describes the sound.

"by" and "from" before a name, quotation marks, years, durations and languages narrow; a name that stands
there by itself leads: its songs come first, in the order that the rest of the request gives them.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.known import known_names
from catalog.library.names.lookup import ids_named, ids_titled
from models.search.ranking import union
from models.search.reading.asking.openings import as_said, asked_again
from models.search.reading.asking.phrases import PLEASE, phrases
from models.search.reading.asking.plain import asked as without_asking
from models.search.reading.asking.plain import described
from models.search.reading.asking.signs import in_words
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.facts import facts_in
from models.search.reading.names.leading import TITLE_LEADS, begins_with_name, with_names, with_title_words
from models.search.reading.names.likeness import likeness, titled, unlikeness
from models.search.reading.names.narrowing import MOST_WORDS, only, with_bare_years, with_facts
from models.search.reading.names.sources import unjoined, with_exclusions, with_sources
from models.search.reading.names.written_names import pieces, with_names_as_known
from models.search.reading.negation import split
from models.search.reading.ordinary import Knows, knows_none, readably_spelled, rightly_spelled
from models.search.reading.parts import parts_of
from models.search.reading.patterns import pattern
from models.search.reading.query_parser import (
    ParsedQuery,
    parse_unquoted,
    parsed_line,
    reworded,
    terms,
    unquoted,
)
from models.search.reading.sung_lines import as_topics, sung_line, without_words_that_quote

_JOINS_EITHER = frozenset("or oder ou o".split())
_LISTED = pattern(r"\s*(?:,|;|&|\+|\b(?:and|und|et|y|or|oder|ou)\b)\s*")
_HIDDEN = "\ue000"
"""Stands for a title while negations are read: a character that nobody types (Unicode's private use)."""

_THE_SONG = pattern(
    r"^(?:(?:(?:the|that|this|a|das|den|le|la|el|il|lo|o) )?(?:song|track|lied|chanson|canción|canzone)"
    r"|(?:the|that|this|das|den|le|la|el|il|o) (?:piece|tune|title|stück|titel|morceau|tema|brano))"
    r"(?: (?:called|named|titled|namens|appelée?|llamad[oa]))?:?\s+"
    r"|^who (?:made|wrote|composed|recorded|performs|performed)\s+(?:the song )?"
)
""" "The song NAME" asks for a title."""


def recognize(request: str, catalog: Catalog, knows: Knows = knows_none) -> ParsedQuery:
    """Read a request with all that the catalog knows.

    knows: whether an encoder knows a word, which then is no other one misspelled; without it no word for a
    sound is put right.
    """
    whole = request.strip()
    if (title := _title(whole, catalog, knows)) is not None:
        return title
    worded, said = in_words(request)
    asked, limit = without_asking(worded, partial(begins_with_name, catalog=catalog, knows=knows))
    named = _named_wholly(asked, whole, catalog, knows)
    parsed = _recognized(asked, catalog, knows) if named is None else named
    return replace(parsed, limit=limit, said=(*said, *parsed.said))


def _recognized(asked: str, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Read a request without what only asks."""
    if (line := sung_line(asked)) is not None:
        return with_title_words(parsed_line(line), words_of(line), catalog)
    asked = with_names_as_known(as_topics(asked), catalog, knows)
    if knows is not knows_none:
        asked = readably_spelled(asked, knows, partial(_is_written, catalog))
    # Before all else, for what follows "like" may hold years, negations and "by": "like Not About You".
    rest, unlike, said_unlike = unlikeness(asked, catalog, knows)
    rest, like, said_like = likeness(rest, catalog, knows)
    text, must = unquoted(rest)
    text = without_words_that_quote(text) if must else text
    text, facts = facts_in(text)
    parsed = replace(_parsed(text, must, catalog), like=like, unlike=unlike)
    if parsed.unwanted or like:  # "no drums, give me strings"
        parsed = reworded(parsed, asked_again(parsed.text))
    parsed = replace(parsed, said=(*said_like, *said_unlike, *parsed.said))
    # What narrows first: a name that no song left has names nothing.
    parsed = with_facts(parsed, facts, catalog)
    parsed = with_bare_years(parsed, catalog, knows)
    parsed = with_sources(parsed, text, catalog, knows)
    parsed = with_names(parsed, catalog, knows)
    parsed = _with_phrases(parsed, catalog)
    parsed = with_exclusions(parsed, catalog, knows)
    if knows is not knows_none:
        parsed = _with_spelling(parsed, catalog, knows)
    parsed = _without_idle_pieces(parsed)
    if (text := described(parsed.text)) != parsed.text:
        parsed = reworded(parsed, text)
    parsed = _with_parts(parsed)
    telling = [word for word in words_of(parsed.text) if word not in GENERIC]
    narrows = parsed.within is not None or parsed.excluded is not None
    if not telling and (narrows or parsed.like or parsed.unlike):
        return reworded(parsed, "")  # "songs by NAME" describes no sound
    if not telling and parsed.absent:
        return only(reworded(parsed, ""), np.empty(0, np.int64))
    return with_title_words(parsed, telling, catalog)


def _named_wholly(asked: str, whole: str, catalog: Catalog, knows: Knows) -> ParsedQuery | None:
    """What is a title, or several, and nothing else; None for none. whole: what is known to be no title."""
    for name in dict.fromkeys((asked, _THE_SONG.sub("", asked))):
        if name != whole and (title := _title(name, catalog, knows)) is not None:
            return title
    return _titles(asked, catalog)


def _title(whole: str, catalog: Catalog, knows: Knows) -> ParsedQuery | None:
    """A request that is a title and nothing else: "Not About You" is no negation; None where it is none."""
    words = words_of(whole)
    ids = titled(catalog, words, knows)
    if not len(ids):
        return None
    plain = ParsedQuery(whole, terms=terms(whole))
    plain = plain.led_by(ids, TITLE_LEADS).saying("the title of a song")
    return with_title_words(plain, words, catalog)


def _titles(whole: str, catalog: Catalog) -> ParsedQuery | None:
    """A request that is several titles: "Steam Engine and Elf Land"; None where one of them "
    "describes a sound."""
    names = _LISTED.split(whole)
    if len(names) < 2:
        return None
    each = [ids_titled(catalog, words_of(name)) for name in names]
    if not all(map(len, each)) or any(set(words_of(name)) <= DESCRIBES for name in names):
        return None
    parsed = ParsedQuery("", turns=tuple(each))
    for name, ids in zip(names, each, strict=True):
        parsed = parsed.led_by(ids, TITLE_LEADS).saying(f"the title “{name}”")
    return only(parsed, union(each))


def _without_idle_pieces(parsed: ParsedQuery) -> ParsedQuery:
    """Without "songs" of "songs, calm", which facts and names leave behind."""
    pieces = [piece.strip() for piece in parsed.text.split(",")]
    asking = phrases(PLEASE)
    telling = [piece for piece in pieces if set(words_of(piece)) - GENERIC and as_said(piece) not in asking]
    if not telling or len(telling) == len(pieces):
        return parsed
    return reworded(parsed, unjoined(", ".join(telling)))


def _with_parts(parsed: ParsedQuery) -> ParsedQuery:
    """What is wanted one after the other; the words that only tell the order are looked up nowhere."""
    parts = parts_of(parsed.text)
    if not parts:
        return parsed
    listed = reworded(parsed, ", ".join(parts))
    return replace(listed, text=parsed.text, parts=parts)


def _with_spelling(parsed: ParsedQuery, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Words for sounds put right: "calm paino", "no violns"."""
    is_written = partial(_is_written, catalog)
    text, said = rightly_spelled(parsed.text, knows, is_written)
    unwanted = []
    for thing in parsed.unwanted:
        plain, more = rightly_spelled(thing, knows, is_written)
        unwanted.append(plain)
        said += more
    if not said:
        return parsed
    return reworded(replace(parsed.saying(*said), unwanted=tuple(unwanted)), text)


def _is_written(catalog: Catalog, word: str) -> bool:
    """Whether any song has that word, wherever it stands."""
    return len(ids_named(catalog, "", word)) > 0


def _parsed(text: str, must: tuple[str, ...], catalog: Catalog) -> ParsedQuery:
    """The text taken apart, but a title that looks like a negation left whole: "Not About You by ..."."""
    found = _title_with_negation(text, catalog)
    if found is None:
        return parse_unquoted(text, must)
    title, ids = found
    parsed = parse_unquoted(text.replace(title, _HIDDEN), must)
    unwanted = tuple(thing.replace(_HIDDEN, title) for thing in parsed.unwanted)
    shown = parsed.text.replace(_HIDDEN, title)
    parsed = replace(parsed, unwanted=unwanted).led_by(ids, TITLE_LEADS)
    return reworded(parsed.saying(f"the title “{title}”"), shown)


def _title_with_negation(text: str, catalog: Catalog) -> tuple[str, NDArray[np.int64]] | None:
    """The longest title in a text that would be read as a negation, as it is written there, and its songs."""
    if not split(text)[1]:
        return None
    words = words_of(text)[:MOST_WORDS]
    # Such a title may be made of words that name nothing else: "Not About You".
    for one in known_names(catalog, words, common=frozenset()):
        title = _as_written(text, one.start, one.end)
        is_whole = one.kind == "title" and one.end - one.start > 1
        if is_whole and title and split(title)[1]:
            ids = ids_titled(catalog, words[one.start : one.end])
            if len(ids):
                return title, ids
    return None


def _as_written(text: str, start: int, end: int) -> str:
    """The words [start, end) as they stand in a text; "" where they are not whole there.

    >>> _as_written("Play AC/DC now", 1, 3)
    'AC/DC'
    """
    inside = [piece[0] for piece, first, last in pieces(text) if start <= first and last <= end]
    found = " ".join(inside).strip(" ,;.!?")
    return found if len(words_of(found)) == end - start else ""


def _with_phrases(parsed: ParsedQuery, catalog: Catalog) -> ParsedQuery:
    """Quotation marks: written somewhere in the song."""
    each = [ids_named(catalog, "", phrase) for phrase in parsed.must]
    if len(each) > 1 and parsed.text.casefold() in _JOINS_EITHER:  # "night" or "day"
        return replace(reworded(parsed, ""), within=union(each), turns=tuple(each))
    for ids in each:
        parsed = only(parsed, ids)
    return parsed
