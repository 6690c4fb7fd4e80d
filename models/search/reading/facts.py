"""Years, durations and languages that a request asks for: "from 2012", "under three minutes", "in
French"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.values.languages import language_code

_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
} | {
    "a": 1,
    "an": 1,
    "half": 0.5,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "sixty": 60,
    "ninety": 90,
}
_AMOUNT = rf"(?P<amount>\d+(?:\.\d+)?|{'|'.join(_NUMBERS)})(?: an?)?"
_UNIT = r"\s*-?(?P<unit>seconds?|secs?|s|minutes?|mins?|min|m|hours?)\b"
_LESS = (
    r"(?:(?:is |are )?(?:under|below|shorter than|less than|at most|no longer than|up to|within)"
    r"|not longer than)"
)
_MORE = r"(?:(?:is |are )?(?:over|above|longer than|more than|at least)|not shorter than)"
_DURATION = re.compile(rf",?\s*\b(?P<more>{_LESS}|{_MORE})\s+{_AMOUNT}{_UNIT}(?: long)?", re.IGNORECASE)
_IS_LESS = re.compile(_LESS, re.IGNORECASE)
_YEAR = r"(?:1[89]\d\d|20\d\d)"
_YEARS = re.compile(
    rf",?\s*\b(?:(?:from|of|in|released in|recorded in)\s+(?:the\s+)?(?:year\s+)?)?"
    rf"(?:between\s+(?P<first>{_YEAR})\s+and\s+(?P<last>{_YEAR})|(?P<from>{_YEAR})"
    rf"\s*(?:-|–|to)\s*(?P<to>{_YEAR}))\b"
    rf"|,?\s*\b(?:from|of|in|released in|recorded in)\s+(?:the\s+)?"
    rf"(?:(?P<decade>(?:1[89]|20)\d0)s"
    rf"|(?:year\s+)?(?P<year>{_YEAR}))\b(?!s)"
    rf"|,?\s*\b(?P<side>before|until|after|since)\s+(?P<edge>{_YEAR})\b",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r",?\s*\b(?:sung |written )?(?:in|auf|en|em)\s+(?P<in>[^\W\d]{4,})(?=\s*(?:[,.;]|$))"
    r"|\b(?P<of>[^\W\d]{4,})(?=\s+(?:songs?|lyrics|vocals?|singing|singers?|words)\b)",
    re.IGNORECASE,
)
_SINGABLE = frozenset(
    "en de fr es it pt nl sv da no fi pl cs ru uk el tr ja zh ko he ar fa hi eu ca ro hu is ga cy la".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition on one column: from `low` to `high`, or for a language its code; `said` is for people."""

    column: str
    said: str
    low: float = 0
    high: float = 0
    code: str = ""


def facts_in(text: str) -> tuple[str, tuple[Fact, ...]]:
    """The text without what asks for a year, a duration or a language, and that.

    >>> text, facts = facts_in("calm music from 2012, under three minutes")
    >>> text, [fact.said for fact in facts]
    ('calm music', ['under 180 s', 'from 2012'])
    """
    found: list[Fact] = []
    for pattern, read in _READERS:
        kept, end = "", 0
        for match in pattern.finditer(text):
            facts = list(read(match))
            found += facts
            if facts:
                kept, end = kept + text[end : match.start()], match.end()
        text = kept + text[end:]
    return " ".join(text.split()).strip(" ,"), tuple(found)


def _duration(match: re.Match[str]) -> Iterator[Fact]:
    amount = match["amount"].lower()
    number = _NUMBERS[amount] if amount in _NUMBERS else float(amount)
    unit = match["unit"].lower()
    seconds = number * (3600 if unit.startswith("h") else 60 if unit.startswith("m") else 1)
    if _IS_LESS.fullmatch(match["more"]):
        yield Fact("duration_s", f"under {seconds:g} s", 0, seconds)
    else:
        yield Fact("duration_s", f"over {seconds:g} s", seconds, float("inf"))


def _years(match: re.Match[str]) -> Iterator[Fact]:
    if match["side"]:
        edge, side = int(match["edge"]), match["side"].lower()
        limits = {
            "before": (0, edge - 1),
            "until": (0, edge),
            "after": (edge + 1, 9999),
            "since": (edge, 9999),
        }
        yield Fact("year", f"{side} {edge}", *limits[side])
    elif match["decade"]:
        first = int(match["decade"])
        yield Fact("year", f"from the {first}s", first, first + 9)
    elif match["year"]:
        yield Fact("year", f"from {match['year']}", int(match["year"]), int(match["year"]))
    else:
        first, last = int(match["first"] or match["from"]), int(match["last"] or match["to"])
        first, last = min(first, last), max(first, last)
        yield Fact("year", f"from {first} to {last}", first, last)


def _language(match: re.Match[str]) -> Iterator[Fact]:
    named = match["in"] or match["of"]
    code = language_code(named)
    if code in _SINGABLE and code != named.lower():
        yield Fact("language", f"in {named}", code=code)


_READERS = ((_DURATION, _duration), (_YEARS, _years), (_LANGUAGE, _language))
