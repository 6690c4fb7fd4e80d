"""Years that a request asks for: "from 2012", "of the late 90s", "newer than 2015", "20th century"."""

import re
from datetime import date

from models.search.reading.facts import year_limits
from models.search.reading.facts.fact import Fact, Reader, Span
from models.search.reading.facts.year_words import (
    DECADE,
    EITHER,
    IN,
    MADE,
    THE,
    THE_YEAR,
    TO,
    YEAR,
    edges,
    may_be_in,
    span,
)
from models.search.reading.numbers import NUMBER, number_of
from models.search.reading.patterns import pattern

YEARS_AROUND = 2
"""Years before and after of "around 2008"."""
_ORDINALS = {
    "nineteenth": 19,
    "twentieth": 20,
    "twenty-first": 21,
    "xix": 19,
    "xx": 20,
    "xxi": 21,
    "last": 20,
}
_EARLY, _MIDDLE, _LATE = (0, 3), (4, 6), (7, 9)
_PARTS: dict[str, Span] = {
    "early": _EARLY, "frühe": _EARLY, "mid": _MIDDLE, "late": _LATE, "späte": _LATE
}  # fmt: skip
"""Years of a decade."""
_PART = r"(?:(?P<part>early|mid|late|frühe|späte)n?[\s-]+)?"
_JOIN = r"\s*(?:,|\b(?:or|and|oder|und|ou|o|y|e)\b)\s*(?:from\s+)?"
_CENTURY = rf"(?:(?P<digits>\d\d)(?:st|nd|rd|th|e|\.|º)?|(?P<word>{'|'.join(_ORDINALS)})e?)"
_AMONG = r"(?:from|of|in|within|over|during)"

_BETWEEN = pattern(
    rf",?\s*\b(?:{IN}|{MADE})(?:between|zwischen|entre|tra|fra)\s+{THE}{THE_YEAR}(?P<first>{EITHER})"
    rf"\s+(?:and|und|et|y|e)\s+{THE}(?P<last>{EITHER})(?!\w)",
    needs="between zwischen entre tra fra",
)
_THE_YEARS = r"(?:(?:the|die|les|los|gli|os) )?(?:years|jahre|années|años|anni|anos)\s+"
_FROM_TO = pattern(
    rf",?\s*\b(?:(?:desde|dall['’]|ab)\s*|{IN}|{_THE_YEARS})?(?P<first>{YEAR})"
    rf"\s*(?:-|–|/|\b(?:{TO})(?:\s+{THE})?\b)\s*(?P<last>{YEAR})\b"
)
_TWO = rf"(?P<one>{EITHER}){_JOIN}{THE}(?P<other>{EITHER})"
_ONE_OR_OTHER = pattern(rf",?\s*\b{IN}{_TWO}(?!\w)")
_TWO_ALONE = pattern(rf"(?:^|(?<=,))\s*{_TWO}(?=\s*(?:,|$))")
_IN_DECADE = pattern(rf",?\s*\b{IN}{_PART}(?P<decade>{DECADE})(?!\w)")
_THE_DECADE = pattern(rf"(?:^|(?<=,))\s*the\s+{_PART}(?P<decade>{DECADE})(?=\s*(?:,|$))", needs="the")
_AROUND = pattern(
    rf",?\s*\b(?:from\s+)?(?:around|about|circa|ca\.?)\s+(?P<year>{YEAR})\b", needs="around about circa ca"
)
_YEAR = pattern(rf",?\s*\b(?:year|jahr|année|año|anno|ano)(?::\s*|\s+)(?P<year>{YEAR})\b(?!['’]?s\b)")
""" "Strings, year 2008"."""
_SHORT_YEAR = pattern(r"(?:^|,)\s*(?P<year>['’]\d\d)(?=\s*(?:,|$))")
""" "Epic, '08"."""
_NOT_YEAR = pattern(
    rf"(?:(?<=\bnot )|(?<=\bno )|(?<=\bexcept ))(?P<year>{YEAR})\b(?!['’]?s\b)", needs="not no except"
)
""" "From 2010 to 2013, but not 2011"."""
_YEAR_SONGS = pattern(
    rf",?\s*\b(?:(?:the|die|les|las|le|i|as) )?(?P<year>{YEAR})"
    r" (?:songs?|ones?|tracks?|pieces|tunes|music|stuff|releases?|recordings?|lieder|musik)\b"
)
""" "The 2013 songs"."""
_ISH = pattern(rf",?\s*\b(?:{IN})?(?P<year>{YEAR})-?ish\b")
_IN_YEAR = pattern(rf",?\s*\b{IN}(?P<year>{YEAR}|['’]\d\d)\b(?!['’]?s\b)")
_IN_CENTURY = pattern(
    rf",?\s*\b{IN}{_CENTURY}\s+(?:century|jahrhunderts?|siècle|secolo)\b",
    needs="century jahrhundert siècle secolo",
)
_SIGLO = pattern(rf",?\s*\b{IN}(?:siglo|século)\s+{_CENTURY}\b", needs="siglo século")
_THIS_YEAR = pattern(
    r",?\s*\b(?:from|of|released|recorded|made)\s+(?:(?P<before>last)|this)\s+year\b", needs="year"
)
_LATELY = pattern(
    rf",?\s*\b{_AMONG}\s+the\s+(?:last|past)\s+(?:(?P<many>{NUMBER})\s+)?(?:years?|(?P<decades>decades?))\b",
    needs="last past",
)
_OF_THREE = pattern(
    rf",?\s*\b{IN}(?P<listed>{YEAR}(?:\s*,\s*{YEAR})+\s*,?\s+(?:or|and|oder|und|ou|et|o|y|e)\s+{YEAR})\b"
)
_YEARS_FROM_NOW = pattern(
    rf",?\s*\b(?:(?P<before>{year_limits.OLDER})|{year_limits.NEWER})\s+(?:{year_limits.THAN})"
    rf"\s+(?P<many>{NUMBER})\s+(?:years|jahren?|ans|años|anni|anos)\b",
    needs="year jahr ans años anni anos",
)
_YEARS_AGO = pattern(rf",?\s*\b(?:from|of)\s+(?:about\s+)?(?P<many>{NUMBER})\s+years\s+ago\b", needs="ago")
# No part of a path, a time or a version: "2008-01", "20:10", "v1.1990".
_BARE_DECADE = pattern(rf"(?<![\w:./-]){_PART}(?P<decade>{DECADE})(?![\w:./-])")
_BARE_YEAR = pattern(rf"(?<![\w:./-])(?P<year>{YEAR})(?![\w:./-])")


def _from_to(match: re.Match[str]) -> Fact:
    first, _ = edges(match["first"])
    _, last = edges(match["last"])
    return span(*sorted((first, last)))


def _listed(match: re.Match[str]) -> Fact:
    """ "from 2006, 2007 and 2009": those that follow one another are one span."""
    spans: list[tuple[int, int]] = []
    for year in sorted({int(year) for year in re.findall(YEAR, match["listed"])}):
        if spans and spans[-1][1] == year - 1:
            first, _ = spans.pop()
            spans.append((first, year))
        else:
            spans.append((year, year))
    first_span, *others = spans
    said = " or ".join(span(*one).said for one in spans)
    return Fact("year", said, *first_span, other_spans=tuple(others))


def _years_from_now(match: re.Match[str]) -> Fact:
    """ "older than 20 years"."""
    then = date.today().year - int(number_of(match["many"]))
    return year_limits.before(then) if match["before"] else year_limits.after(then)


def _years_ago(match: re.Match[str]) -> Fact:
    """ "from ten years ago", which nobody counts to the year."""
    then = date.today().year - int(number_of(match["many"]))
    return span(then - 1, then + 1)


def _either(match: re.Match[str]) -> Fact:
    """ "from the 60s or the 80s": two spans that need not touch."""
    one, other = sorted((edges(match["one"]), edges(match["other"])))
    first, last = one
    begins, ends = other
    # "The 60s or the 70s" is one span, for no year lies between them.
    if begins <= last + 1:
        return span(first, max(last, ends))
    said = f"{span(*one).said} or {span(*other).said}"
    return Fact("year", said, *one, other_spans=(other,))


def _in_decade(match: re.Match[str]) -> Fact:
    first, last = edges(match["decade"])
    part = match["part"]
    if not part:
        return span(first, last)
    begins, ends = _PARTS[part.lower()]
    return span(first + int(begins), first + int(ends))


def _in_year(match: re.Match[str]) -> Fact:
    return span(*edges(match["year"]))


def _around(match: re.Match[str]) -> Fact:
    first, last = edges(match["year"])
    return span(first - YEARS_AROUND, last + YEARS_AROUND)


def _in_century(match: re.Match[str]) -> Fact:
    # As calendars count: the 20th is 1901 to 2000.
    century = int(match["digits"] or _ORDINALS[match["word"].lower()])
    last = 100 * century
    return span(last - 99, last)


def _this_year(match: re.Match[str]) -> Fact:
    this_year = date.today().year
    if match["before"]:
        return span(this_year - 1, this_year - 1)
    return span(this_year, this_year)


def _lately(match: re.Match[str]) -> Fact:
    """ "of the last five years", "from the past decade"."""
    this_year = date.today().year
    years = number_of(match["many"]) if match["many"] else 1
    if match["decades"]:
        years *= 10
    return span(this_year - int(years), this_year)


_OF_TWO: tuple[Reader, ...] = (
    (_OF_THREE, _listed), (_BETWEEN, _from_to), (_FROM_TO, _from_to),
    (_ONE_OR_OTHER, _either), (_TWO_ALONE, _either),
)  # fmt: skip
_OF_A_DECADE: tuple[Reader, ...] = ((_IN_DECADE, _in_decade), (_THE_DECADE, _in_decade))
_OF_A_YEAR: tuple[Reader, ...] = (
    (_AROUND, _around),
    (_ISH, _around),
    (_IN_YEAR, _in_year),
    (_YEAR, _in_year),
    (_SHORT_YEAR, _in_year),
    (_YEAR_SONGS, _in_year),
    (_NOT_YEAR, _in_year),
)
_OF_A_CENTURY: tuple[Reader, ...] = ((_IN_CENTURY, _in_century), (_SIGLO, _in_century))
_OF_LATE: tuple[Reader, ...] = (
    (_THIS_YEAR, _this_year), (_LATELY, _lately), (_YEARS_FROM_NOW, _years_from_now), (_YEARS_AGO, _years_ago)
)  # fmt: skip
# "From 2008 to 2012" begins as "from 2008" does, and "from the 90s on" as "from the 90s": the longer first.
READERS = (
    *year_limits.TO_NOW,
    *_OF_TWO,
    *year_limits.READERS,
    *_OF_A_DECADE,
    *_OF_A_YEAR,
    *_OF_A_CENTURY,
    *_OF_LATE,
)
"""Each way to ask for years, those that hold others first, and what it means."""


def bare_year(text: str) -> tuple[str, Fact] | None:
    """The rest of a text that holds a year without any such word, and what it asks for.

    Such a number may be anything: who asks has to see whether songs of that year are there.

    >>> rest, fact = bare_year("2008 folk")
    >>> rest, fact.said
    ('folk', 'from 2008')
    """
    if not may_be_in(text):
        return None
    found = list(_BARE_YEAR.finditer(text))
    if len(found) != 1:  # two numbers are more likely a score, a price or a date
        return None
    [match] = found
    rest = text[: match.start()] + text[match.end() :]
    return " ".join(rest.split()).strip(" ,"), _in_year(match)


def bare_decade(text: str) -> Fact | None:
    """The decade that a text names as a style, which songs of it have and songs like them too.

    >>> bare_decade("early 80s synth pop").said
    'from 1980 to 1983'
    """
    if not may_be_in(text):
        return None
    found = list(_BARE_DECADE.finditer(text))
    return _in_decade(found[0]) if len(found) == 1 else None
