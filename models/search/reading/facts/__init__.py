"""Years, durations and languages that a request asks for: "from 2012", "under three minutes", "in
French"."""

import re
from dataclasses import replace

from models.search.reading.facts import durations, sung_language, years
from models.search.reading.facts.fact import Fact, Reader
from models.search.reading.facts.spelled_years import with_years_in_digits
from models.search.reading.patterns import pattern

_NEGATION = pattern(
    r",?\s*\b(?:(?:but|and|aber|mais|pero|ma|mas) )?"
    r"(?:(?:that|which|que|che|qui) (?=(?:do|does|no|non|não|ne)\b|doesn['’]t|don['’]t))?"
    r"(?:(?:do|does)(?: not|n['’]t)|(?:anything|everything|all) (?:but|except)|except|without|not|no"
    r"|nothing|none|never|nicht|nichts|keine?|pas|non|não)"
    r"(?: (?:songs?|tracks?|music|pieces?|anything|stuff|lieder|musik|released|recorded"
    r"|last|run|go on|dur\w+))?\s*$"
)
"""Before a year, a duration or a language: "nothing older than 2015", "no songs from the 90s"."""
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
"""Brackets around what was taken out."""
# Durations first: "from 3 to 4 minutes" holds what looks like years to come.
_KINDS = (durations, years, sung_language)


def facts_in(text: str) -> tuple[str, tuple[Fact, ...]]:
    """The text without what asks for a year, a duration or a language, and that.

    >>> text, facts = facts_in("calm music from 2012, under three minutes")
    >>> text, [fact.said for fact in facts]
    ('calm music', ['under 3:00 long', 'from 2012'])
    """
    found: list[Fact] = []
    text = with_years_in_digits(text)
    for kind in _KINDS:
        # Most requests state none of these, and then no pattern is compiled.
        if not kind.may_be_in(text):
            continue
        for reader in kind.READERS:
            text, facts = _taken_out(text, reader)
            found += facts
    text = _EMPTY.sub("", text) if found else text
    return " ".join(text.split()).strip(" ,"), tuple(found)


def _taken_out(text: str, reader: Reader) -> tuple[str, list[Fact]]:
    """The text without what a pattern finds in it, and what that means."""
    pattern, meaning = reader
    found: list[Fact] = []
    kept, end = "", 0
    for match in pattern.finditer(text):
        before = text[end : match.start()]
        end = match.end()
        fact = meaning(match)
        negation = _NEGATION.search(before)
        if negation is not None:
            before = before[: negation.start()]
            fact = replace(fact, said=f"not {fact.said}", unwanted=True)
            # "no English lyrics": what is sung goes with the language.
            sung = sung_language.SUNG.match(text, end)
            end = sung.end() if sung else end
        found.append(fact)
        # Of "chanson française" the noun still describes what is wanted.
        kept += before + (match.groupdict().get("kept") or "")
    return kept + text[end:], found
