"""Years that a request asks for: "from 2012", "of the late 90s", "newer than 2015", "20th century"."""

import re
from datetime import date

from models.search.reading.facts.fact import Fact, Reader, Span
from models.search.reading.numbers import NUMBER, number_of
from models.search.reading.patterns import mentions, pattern

NO_END = 9999
YEARS_AROUND = 2
"""Years before and after of "around 2008"."""
_NAMES = """
1920 twenties zwanziger vingt veinte venti vinte
1930 thirties dreißiger trente treinta trenta trinta
1940 forties vierziger quarante cuarenta quaranta quarenta
1950 fifties fünfziger cinquante cincuenta cinquanta cinquenta
1960 sixties sechziger soixante sesenta sessanta sessenta
1970 seventies siebziger soixante-dix setenta settanta setenta
1980 eighties achtziger quatre-vingts quatre-vingt ochenta ottanta oitenta
1990 nineties neunziger quatre-vingt-dix noventa novanta noventa
2000 noughties aughts
"""
"""Decades in English and German, which name nothing else, then as French, Spanish, Italian and Portuguese
numbers."""
_OWN_NAMES, _NUMBER_NAMES = 2, 4


def _decades_named() -> tuple[dict[str, int], dict[str, int]]:
    """Words that are decades by themselves, and those that are decades after "the years"."""
    own: dict[str, int] = {}
    after_years: dict[str, int] = {}
    for line in _NAMES.strip().splitlines():
        first, *names = line.split()
        own |= dict.fromkeys(names[:_OWN_NAMES], int(first))
        after_years |= dict.fromkeys(names[_OWN_NAMES:], int(first))
    return own, after_years


_OWN, _AFTER_YEARS = _decades_named()
# "ann" begins anni and années, "los" stands before "noventa".
_UNITS = "ann año ano los year decade century jahrhundert siècle secolo siglo século".split()
CUES = (*"0123456789", *_OWN, *_UNITS)
"""One of these stands in whatever asks for years."""
_ORDINALS = {"nineteenth": 19, "twentieth": 20, "twenty-first": 21, "xix": 19, "xx": 20, "xxi": 21}
_EARLY, _MIDDLE, _LATE = (0, 3), (4, 6), (7, 9)
_PARTS: dict[str, Span] = {
    "early": _EARLY, "frühe": _EARLY, "mid": _MIDDLE, "late": _LATE, "späte": _LATE
}  # fmt: skip
"""Years of a decade."""
_YEAR = r"(?:1[89]\d\d|20\d\d)"
# The longer first: "quatre-vingt-dix" begins with "quatre-vingt", which is another decade.
_ROMANCE = "|".join(sorted(_AFTER_YEARS, key=len, reverse=True))
_DECADE = (
    rf"(?:(?:1[89]|20)\d0['’]?s|['’]?\d0['’]?(?:s|er[n]?)|(?:nineteen[\s-])?(?:{'|'.join(_OWN)})n?(?:\s+jahren?)?"
    rf"|(?:ann[ée]es|años|anni|anos)\s+(?:['’]?\d0|{_ROMANCE})\b|(?<=\blos )(?:\d0|{_ROMANCE})\b)"
)
_PART = r"(?:(?P<part>early|mid|late|frühe|späte)n?[\s-]+)?"
_MADE = r"(?:(?:released|recorded|made|written)\s+)?"
_ARTICLE = r"(?:(?:the|den|dem|los)\s+)?"
_THE_YEAR = r"(?:(?:year|jahr|años?|ann[ée]es?|ann[io]|anos?)\s+)?"
_PREPOSITION = r"(?:from|of|in|during|aus|des?|dos?|degli|dagli|del|du|dal)"
_BEST = r"(?:(?:the )?best\s+(?=of))?"
_IN = rf"{_BEST}{_MADE}{_PREPOSITION}\s+{_ARTICLE}{_THE_YEAR}"
_JOIN = r"\s*(?:,|\b(?:or|and|oder|und|ou|o|y|e)\b)\s*(?:from\s+)?"
# A decade first, for "1990s" begins as the year 1990 does.
_EITHER = rf"(?:{_DECADE}|{_YEAR})"
_SINCE = rf"{_MADE}(?:since|(?:in|from) or after|no earlier than|seit|ab|depuis|desde|dal)"
_ON = r"\s+on(?:wards?)?\b"
_SIDE = (
    r"(?:(?P<before>before|vor|avant|antes de|prima del|(?:older|earlier) than|pre(?=-))"
    r"|(?P<after>after|nach|après|después de|dopo il|depois de|(?:newer|later|younger|more recent) than"
    r"|post(?=-))"
    r"|until|till|up to|no later than|bis|jusqu['’]en|hasta|fino al|até)"
)
_CENTURY = rf"(?:(?P<digits>\d\d)(?:st|nd|rd|th|e|\.|º)?|(?P<word>{'|'.join(_ORDINALS)})e?)"
_AMONG = r"(?:from|of|in|within|over|during)"

_BETWEEN = pattern(
    rf",?\s*\b(?:{_IN})?between\s+{_ARTICLE}(?P<first>{_EITHER})\s+and\s+{_ARTICLE}(?P<last>{_EITHER})(?!\w)"
)
_FROM_TO = pattern(rf",?\s*\b(?:{_IN})?(?P<first>{_YEAR})\s*(?:-|–|to)\s*(?P<last>{_YEAR})\b")
_ONE_OR_OTHER = pattern(rf",?\s*\b{_IN}(?P<one>{_EITHER}){_JOIN}{_ARTICLE}(?P<other>{_EITHER})(?!\w)")
_SINCE_THEN = pattern(rf",?\s*\b{_SINCE}\s+{_ARTICLE}(?P<start>{_EITHER})(?:{_ON})?(?!\w)")
_FROM_ON = pattern(rf",?\s*\bfrom\s+{_ARTICLE}(?P<start>{_EITHER}){_ON}")
_IN_DECADE = pattern(rf",?\s*\b{_IN}{_PART}(?P<decade>{_DECADE})(?!\w)")
_THE_DECADE = pattern(rf"(?:^|(?<=,))\s*the\s+{_PART}(?P<decade>{_DECADE})(?=\s*(?:,|$))")
_AROUND = pattern(rf",?\s*\b(?:from\s+)?(?:around|about|circa|ca\.?)\s+(?P<year>{_YEAR})\b")
_IN_YEAR = pattern(rf",?\s*\b{_IN}(?P<year>{_YEAR}|['’]\d\d)\b(?!['’]?s\b)")
_BESIDE = pattern(rf",?\s*\b{_MADE}{_SIDE}(?:\s+{_ARTICLE}{_THE_YEAR}|-)(?P<edge>{_EITHER})(?!\w)")
_IN_CENTURY = pattern(rf",?\s*\b{_IN}{_CENTURY}\s+(?:century|jahrhunderts?|siècle|secolo)\b")
_SIGLO = pattern(rf",?\s*\b{_IN}(?:siglo|século)\s+{_CENTURY}\b")
_THIS_YEAR = pattern(r",?\s*\b(?:from|of|released|recorded|made)\s+(?:(?P<before>last)|this)\s+year\b")
_LATELY = pattern(
    rf",?\s*\b{_AMONG}\s+the\s+(?:last|past)\s+(?:(?P<many>{NUMBER})\s+)?(?:years?|(?P<decades>decades?))\b"
)
_OF_THREE = pattern(
    rf",?\s*\b{_IN}(?P<listed>{_YEAR}(?:\s*,\s*{_YEAR})+\s*,?\s+(?:or|and|oder|und|ou|et|o|y|e)\s+{_YEAR})\b"
)
_YEARS_FROM_NOW = pattern(
    rf",?\s*\b(?P<side>older|earlier|newer|younger) than\s+(?P<many>{NUMBER})\s+years\b"
)
_YEARS_AGO = pattern(rf",?\s*\b(?:from|of)\s+(?:about\s+)?(?P<many>{NUMBER})\s+years\s+ago\b")
# No part of a path, a time or a version: "2008-01", "20:10", "v1.1990".
_BARE_DECADE = pattern(rf"(?<![\w:./-]){_PART}(?P<decade>{_DECADE})(?![\w:./-])")
_BARE_YEAR = pattern(rf"(?<![\w:./-])(?P<year>{_YEAR})(?![\w:./-])")


def _from_to(match: re.Match[str]) -> Fact:
    first, _ = _edges(match["first"])
    _, last = _edges(match["last"])
    return _span(*sorted((first, last)))


def _listed(match: re.Match[str]) -> Fact:
    """ "from 2007, 2008 and 2009": from the first to the last of them."""
    years = [int(year) for year in re.findall(_YEAR, match["listed"])]
    return _span(min(years), max(years))


def _years_from_now(match: re.Match[str]) -> Fact:
    """ "older than 20 years"."""
    then = date.today().year - int(number_of(match["many"]))
    if match["side"].lower() in ("older", "earlier"):
        return Fact("year", f"before {then}", 0, then - 1)
    return Fact("year", f"after {then}", then + 1, NO_END)


def _years_ago(match: re.Match[str]) -> Fact:
    """ "from ten years ago", which nobody counts to the year."""
    then = date.today().year - int(number_of(match["many"]))
    return _span(then - 1, then + 1)


def _either(match: re.Match[str]) -> Fact:
    """ "from the 60s or the 80s": two spans that need not touch."""
    one, other = sorted((_edges(match["one"]), _edges(match["other"])))
    first, last = one
    begins, ends = other
    # "The 60s or the 70s" is one span, for no year lies between them.
    if begins <= last + 1:
        return _span(first, max(last, ends))
    said = f"{_span(*one).said} or {_span(*other).said}"
    return Fact("year", said, *one, other_span=other)


def _since(match: re.Match[str]) -> Fact:
    first, _ = _edges(match["start"])
    return Fact("year", f"since {first}", first, NO_END)


def _in_decade(match: re.Match[str]) -> Fact:
    first, last = _edges(match["decade"])
    part = match["part"]
    if not part:
        return _span(first, last)
    begins, ends = _PARTS[part.lower()]
    return _span(first + int(begins), first + int(ends))


def _in_year(match: re.Match[str]) -> Fact:
    return _span(*_edges(match["year"]))


def _around(match: re.Match[str]) -> Fact:
    first, last = _edges(match["year"])
    return _span(first - YEARS_AROUND, last + YEARS_AROUND)


def _beside(match: re.Match[str]) -> Fact:
    """Before, after or until a year or a decade."""
    first, last = _edges(match["edge"])
    if match["before"]:
        return Fact("year", f"before {first}", 0, first - 1)
    if match["after"]:
        return Fact("year", f"after {last}", last + 1, NO_END)
    return Fact("year", f"until {last}", 0, last)


def _in_century(match: re.Match[str]) -> Fact:
    # As calendars count: the 20th is 1901 to 2000.
    century = int(match["digits"] or _ORDINALS[match["word"].lower()])
    last = 100 * century
    return _span(last - 99, last)


def _this_year(match: re.Match[str]) -> Fact:
    this_year = date.today().year
    if match["before"]:
        return _span(this_year - 1, this_year - 1)
    return _span(this_year, this_year)


def _lately(match: re.Match[str]) -> Fact:
    """ "of the last five years", "from the past decade"."""
    this_year = date.today().year
    years = number_of(match["many"]) if match["many"] else 1
    if match["decades"]:
        years *= 10
    return _span(this_year - int(years), this_year)


_OF_TWO: tuple[Reader, ...] = (
    (_OF_THREE, _listed), (_BETWEEN, _from_to), (_FROM_TO, _from_to), (_ONE_OR_OTHER, _either)
)  # fmt: skip
_SINCE_ONE: tuple[Reader, ...] = ((_SINCE_THEN, _since), (_FROM_ON, _since))
_OF_A_DECADE: tuple[Reader, ...] = ((_IN_DECADE, _in_decade), (_THE_DECADE, _in_decade))
_OF_A_YEAR: tuple[Reader, ...] = ((_AROUND, _around), (_IN_YEAR, _in_year), (_BESIDE, _beside))
_OF_A_CENTURY: tuple[Reader, ...] = ((_IN_CENTURY, _in_century), (_SIGLO, _in_century))
_OF_LATE: tuple[Reader, ...] = (
    (_THIS_YEAR, _this_year), (_LATELY, _lately), (_YEARS_FROM_NOW, _years_from_now), (_YEARS_AGO, _years_ago)
)  # fmt: skip
# "From 2008 to 2012" begins as "from 2008" does, and "from the 90s on" as "from the 90s": the longer first.
READERS = (*_OF_TWO, *_SINCE_ONE, *_OF_A_DECADE, *_OF_A_YEAR, *_OF_A_CENTURY, *_OF_LATE)
"""Each way to ask for years, those that hold others first, and what it means."""


def bare_year(text: str) -> tuple[str, Fact] | None:
    """The rest of a text that holds a year without any such word, and what it asks for.

    Such a number may be anything: who asks has to see whether songs of that year are there.

    >>> rest, fact = bare_year("2008 folk")
    >>> rest, fact.said
    ('folk', 'from 2008')
    """
    if not mentions(text, CUES):
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
    if not mentions(text, CUES):
        return None
    found = list(_BARE_DECADE.finditer(text))
    return _in_decade(found[0]) if len(found) == 1 else None


def _span(first: int, last: int) -> Fact:
    if first == last:
        return Fact("year", f"from {first}", first, last)
    if first % 10 == 0 and last == first + 9:
        return Fact("year", f"from the {first}s", first, last)
    return Fact("year", f"from {first} to {last}", first, last)


def _edges(written: str) -> tuple[int, int]:
    """The first and the last year of "2012", "'06" or a decade.

    >>> [_edges(one) for one in ("'06", "1990s", "'60s", "80er", "noughties", "anni ottanta")]
    [(2006, 2006), (1990, 1999), (1960, 1969), (1980, 1989), (2000, 2009), (1980, 1989)]
    """
    text = written.lower()
    digits = "".join(letter for letter in text if letter.isdigit())
    if re.fullmatch(rf"{_YEAR}|['’]\d\d", text):
        year = int(digits) if len(digits) == 4 else _century(int(digits))
        return year, year
    first = _first_of_decade(text, digits)
    return first, first + 9


def _first_of_decade(text: str, digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if digits:
        return _century(int(digits))
    words = text.split()
    if words[-1].startswith("jahr"):
        words = words[:-1]
    name = words[-1].removeprefix("nineteen-")
    german = name.removesuffix("n")  # "aus den Achtzigern"
    for named, table in ((name, _OWN), (german, _OWN), (name, _AFTER_YEARS)):
        if named in table:
            return table[named]
    raise ValueError(text)


def _century(two_digits: int) -> int:
    """The latest year that ends so and is not to come: '06 is 2006, and '85 is 1985."""
    this_year = date.today().year
    year = this_year - this_year % 100 + two_digits
    return year if year <= this_year else year - 100
