"""Years, durations and languages that a request asks for: "from 2012", "under three minutes", "in
French"."""

import re
from collections.abc import Iterator
from dataclasses import replace

from catalog.values.languages import language_code, language_names
from models.search.reading.durations import durations
from models.search.reading.fact import Fact
from models.search.reading.years import years

_SINGABLE = frozenset(
    "en de fr es it pt nl sv da no fi pl cs ru uk el tr ja zh ko he ar fa hi eu ca ro hu is ga cy la".split()
)
_NAME = "|".join(sorted(language_names(_SINGABLE), key=len, reverse=True))
_SUNG = re.compile(r"\s+(?:songs?|lyrics|vocals?|singing|singers?|words)\b", re.IGNORECASE)
_AND = r"\b(?:or|and|oder|und|ou|et|o|y|e)"
_LANGUAGE = re.compile(
    rf",?\s*\b(?P<not>(?:but |aber |mais |pero )?(?:not|nicht|pas|no|non|não) )?(?:sung |written )?"
    rf"(?:in|auf|en|em)\s+(?:either\s+)?(?P<in>{_NAME})"
    rf"(?:\s*(?:,|{_AND})\s+(?P<or>{_NAME}))?"
    r"(?=\s*(?:[,.;]|$)|\s+(?:gesungen|please|bitte|with|without|but|from|by|under|over)\b)"
    rf"|\b(?P<non>non-)?(?P<of>{_NAME})(?:\s+{_AND}\s+(?P<too>{_NAME}))?"
    rf"(?={_SUNG.pattern})",
    re.IGNORECASE,
)


_NEGATION = re.compile(
    r",?\s*\b(?:(?:but|and|aber|mais|pero|ma|mas) )?"
    r"(?:not|no|nothing|none|never|nicht|nichts|keine?|pas|non|não)"
    r"(?: (?:songs?|tracks?|music|pieces?|anything|stuff|lieder|musik|released|recorded))?\s*$",
    re.IGNORECASE,
)
"""Before a year, a duration or a language: "nothing older than 2015", "no songs from the 90s"."""


def facts_in(text: str) -> tuple[str, tuple[Fact, ...]]:
    """The text without what asks for a year, a duration or a language, and that.

    >>> text, facts = facts_in("calm music from 2012, under three minutes")
    >>> text, [fact.said for fact in facts]
    ('calm music', ['under 3:00 long', 'from 2012'])
    """
    found: list[Fact] = []
    for read in (durations, years, _languages):
        kept, end = "", 0
        for match, fact in read(text):
            before = text[end : match.start()]
            end = match.end()
            negation = _NEGATION.search(before)
            if negation is not None:
                before = before[: negation.start()]
                fact = replace(fact, said=f"not {fact.said}", unwanted=True)  # noqa: PLW2901
                if sung := _SUNG.match(text, end):
                    end = sung.end()
            found.append(fact)
            kept += before
        text = kept + text[end:]
    return " ".join(text.split()).strip(" ,"), tuple(found)


def _languages(text: str) -> Iterator[tuple[re.Match[str], Fact]]:
    for match in _LANGUAGE.finditer(text):
        named = [match[group] for group in ("in", "or", "of", "too") if match[group]]
        codes = tuple(map(language_code, named))
        other = bool(match["not"] or match["non"])
        said = f"{'not ' if other else ''}in {' or '.join(named)}"
        yield match, Fact("language", said, codes=codes, other=other)
