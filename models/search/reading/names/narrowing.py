"""Which songs a request leaves, by the years, durations and languages that it states."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import among
from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.known import Known, known_names
from catalog.library.song_filter import ids_between, ids_in_languages, ids_in_other_languages
from models.search.ranking import union
from models.search.reading.common_words import GENERIC
from models.search.reading.facts.fact import Fact
from models.search.reading.facts.years import bare_decade, bare_year
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.query_parser import ParsedQuery, reworded

# Whole pages are pasted as requests, and every span of words is looked up.
MOST_WORDS = 40
"""Of a request that are looked up."""
ENOUGH = 20
"""Songs of a decade that "80s pop" is answered from alone; beside fewer, others are shown too."""
DECADE_LEADS = 2.0
"""Z-scores that those few gain."""


def names_in(catalog: Catalog, words: Sequence[str], knows: Knows) -> list[Known]:
    """Names of the catalog in a request, the longest first, spelled in another way perhaps."""
    return known_names(
        catalog, words[:MOST_WORDS], common=GENERIC, is_ordinary=lambda word: is_ordinary(word, knows)
    )


def with_facts(parsed: ParsedQuery, facts: Sequence[Fact], catalog: Catalog) -> ParsedQuery:
    """Narrowed to years, durations and languages; where the library has none such, they say nothing."""
    for fact in facts:
        ids = _fulfilling(fact, catalog)
        if fact.unwanted:
            parsed = without(parsed, ids, fact.said)
        elif len(ids):
            parsed = narrowed(parsed, ids, fact.said, fact.missing)
        else:
            parsed = parsed.lacking(fact.missing)
    return parsed


def with_bare_years(parsed: ParsedQuery, catalog: Catalog, knows: Knows) -> ParsedQuery:
    """Narrowed to the year of "2008 folk" or the decade of "80s pop", where songs of it are there."""
    decade = bare_decade(parsed.text)
    if decade is not None:
        return _with_decade(parsed, decade, catalog)
    # "Class of 2008" may be a title and "1812" an overture: a bare number is a year where songs are of it.
    found = bare_year(parsed.text)
    if found is None:
        return parsed
    rest, fact = found
    ids = _fulfilling(fact, catalog)
    year = f"{fact.low:.0f}"
    if not len(ids) or _is_in_a_name(year, parsed.text, catalog, knows):
        return parsed
    return reworded(narrowed(parsed, ids, fact.said), rest)


def without(parsed: ParsedQuery, ids: NDArray[np.int64], said: str) -> ParsedQuery:
    """The same request to which these songs (ids) are no answer."""
    before = [] if parsed.excluded is None else [parsed.excluded]
    excluded = union([*before, ids])
    return replace(parsed, excluded=excluded).saying(said)


def narrowed(parsed: ParsedQuery, ids: NDArray[np.int64], said: str, missing: str = "") -> ParsedQuery:
    """Only these songs (ids) of those that could answer before, and how that is said.

    missing: how it is said that no song here is like that; as `said` if it is left out.
    """
    missing = missing or said
    left = confronted(parsed, ids, missing)
    if left is None:
        left = only(parsed, ids)
    return replace(left.saying(said), narrowed_by=(*parsed.narrowed_by, missing))


def confronted(parsed: ParsedQuery, ids: NDArray[np.int64], missing: str) -> ParsedQuery | None:
    """Only these songs in place of those that could answer before, where none is both; None where some are.

    That no song is from 2012 and by Ada Keys is said, and hers are shown.
    """
    if not parsed.narrowed_by or parsed.within is None or among(ids, parsed.within).any():
        return None
    both = " and ".join((missing, *parsed.narrowed_by))
    return replace(parsed, within=union([ids]), absent=(*parsed.absent, both))


def only(parsed: ParsedQuery, ids: NDArray[np.int64]) -> ParsedQuery:
    """Only these songs (ids) of those that could answer before."""
    within = union([ids])
    if parsed.within is not None:
        within = within[among(within, parsed.within)]
    return replace(parsed, within=within)


def _with_decade(parsed: ParsedQuery, decade: Fact, catalog: Catalog) -> ParsedQuery:
    """The decade stays in the text, for it names a sound as well: "80s synth pop"."""
    ids = _fulfilling(decade, catalog)
    if len(ids) >= ENOUGH:
        return narrowed(parsed, ids, decade.said)
    if not len(ids):
        return parsed
    return parsed.led_by(ids, DECADE_LEADS).saying(f"first those {decade.said}")


def _is_in_a_name(number: str, text: str, catalog: Catalog, knows: Knows) -> bool:
    words = words_of(text)
    names = names_in(catalog, words, knows)
    return any(number in words[one.start : one.end] for one in names)


def _fulfilling(fact: Fact, catalog: Catalog) -> NDArray[np.int64]:
    if fact.codes and fact.other:
        return ids_in_other_languages(catalog, fact.codes)
    if fact.codes:
        return ids_in_languages(catalog, fact.codes)
    each = [ids_between(catalog, fact.column, low, high) for low, high in fact.spans]
    return union(each)
