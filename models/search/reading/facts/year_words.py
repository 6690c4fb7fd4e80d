"""How years and decades are written, in six languages: "2012", "'06", "80s", "achtziger", "anni ottanta"."""

import re
from datetime import date

from models.search.reading.facts.fact import Fact
from models.search.reading.patterns import mentions

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
2010 twenty-tens zehner
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
_CUES = (*"0123456789", *_OWN, *_UNITS)


def may_be_in(text: str) -> bool:
    """Whether a text may ask for years: far cheaper than the patterns."""
    return mentions(text, _CUES)


YEAR = r"(?:1[89]\d\d|20\d\d)"
# The longer first: "quatre-vingt-dix" begins with "quatre-vingt", which is another decade.
_ROMANCE = "|".join(sorted(_AFTER_YEARS, key=len, reverse=True))
DECADE = (
    rf"(?:(?:1[89]|20)\d0['’]?s|['’]?\d0['’]?(?:s|er[n]?)|(?:nineteen[\s-])?(?:{'|'.join(_OWN)})n?(?:\s+jahren?)?"
    rf"|(?:ann[ée]es|años|anni|anos)\s+(?:(?:19|20)\d0(?!\s*[-–aà]\b)|['’]?\d0\b|{_ROMANCE})\b"
    rf"|(?<=\blos )(?:\d0|{_ROMANCE})\b)"
)
# A decade first, for "1990s" begins as the year 1990 does.
EITHER = rf"(?:{DECADE}|{YEAR})"
MADE = (
    r"(?:(?:(?:that|which) )?(?:(?:was|were|is|are|came|come|comes) )?(?:released|recorded|made|written"
    r"|composed|published|out|veröffentlicht|erschienen|sortie?s?|enregistrée?s?|publicad[oa]s?|grabad[oa]s?"
    r"|uscit[oaei]|pubblicat[oaei]|lançad[oa]s?|gravad[oa]s?)\s+)?"
)
THE = r"(?:(?:the|den|dem|der|los|las|les|el|le|la|il|gli|l['’])\s*(?<=['’\s]))?"
THE_YEAR = r"(?:(?:years?|jahr(?:en?)?|an|años?|ann[ée]es?|ann[io]|anos?)\s+)?"
_PREPOSITION = (
    r"(?:from|of|in|during|aus|von|im(?=\s+jahr)|des?|dos?|degli|dagli|nei|negli|nel|dell['’]|del|du|dal|en"
    r"|em)"
)
_BEST = r"(?:(?:the )?best\s+(?=of))?"
IN = rf"{_BEST}{MADE}{_PREPOSITION}\s*(?<=['’\s]){THE}{THE_YEAR}"
"""What stands before a year or a decade: "from the", "best of", "aus dem Jahr"."""

TO = r"to|till|until|through|up to|bis|à|jusqu['’]à|al?|hasta|fino ad?|até"
"""Between the first and the last of several years."""


def span(first: int, last: int) -> Fact:
    """From a first year to a last one, said as shortly as it can be.

    >>> span(1990, 1999).said, span(1990, 1990).said
    ('from the 1990s', 'from 1990')
    """
    if first == last:
        return Fact("year", f"from {first}", first, last)
    if first % 10 == 0 and last == first + 9:
        return Fact("year", f"from the {first}s", first, last)
    return Fact("year", f"from {first} to {last}", first, last)


def edges(written: str) -> tuple[int, int]:
    """The first and the last year of "2012", "'06" or a decade.

    >>> [edges(one) for one in ("'06", "1990s", "'60s", "80er", "noughties", "anni ottanta")]
    [(2006, 2006), (1990, 1999), (1960, 1969), (1980, 1989), (2000, 2009), (1980, 1989)]
    """
    text = written.lower()
    digits = "".join(letter for letter in text if letter.isdigit())
    if re.fullmatch(rf"{YEAR}|['’]\d\d", text):
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
