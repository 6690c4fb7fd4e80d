"""Years and decades that a request asks for: "from 2012", "of the late 90s", "newer than 2015"."""

import re
from collections.abc import Iterator
from datetime import date

from models.search.reading.fact import Fact

_YEAR = r"(?:1[89]\d\d|20\d\d)"
_DECADES = {
    "twenties": 1920,
    "thirties": 1930,
    "forties": 1940,
    "fifties": 1950,
    "sixties": 1960,
    "seventies": 1970,
    "eighties": 1980,
    "nineties": 1990,
    "noughties": 2000,
    "aughts": 2000,
}
_PARTS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}
"""Years of a decade."""
_DECADE = rf"(?:(?:1[89]|20)\d0['’]?s|['’]?\d0['’]?(?:s|er[n]?)|{'|'.join(_DECADES)})"
_IN = (
    r"(?:(?:released |recorded |made |written )?(?:from|of|in)|aus|de|des|dos|degli|dagli)\s+"
    r"(?:the\s+|den\s+|dem\s+|los\s+)?(?:year\s+|jahr\s+|años\s+|ann[ée]es\s+|anni\s+|anos\s+)?"
)
_SIDES = {
    "before": "before|vor|avant|antes de|prima del|(?:older|earlier) than",
    "after": "after|nach|après|después de|dopo il|depois de|(?:newer|later|younger|more recent) than",
    "until": "until|till|up to|no later than|bis|jusqu['’]en|hasta|fino al|até",
    "since": "since|from|seit|ab|depuis|desde|dal",
}
_SIDE = "|".join(rf"(?P<{name}>{words})" for name, words in _SIDES.items() if name != "since")
_SINCE = _SIDES["since"].replace("since|from", "since")
_PATTERN = re.compile(
    rf",?\s*\b(?:{_IN})?(?:between\s+(?P<first>{_YEAR})\s+and\s+(?P<last>{_YEAR})"
    rf"|(?P<from>{_YEAR})\s*(?:-|–|to)\s*(?P<to>{_YEAR}))\b"
    rf"|,?\s*\b(?P<since>since|seit|ab|depuis|desde|dal|from)\s+(?:the\s+)?(?P<start>{_YEAR}|{_DECADE})"
    r"(?P<on>\s+on(?:wards?)?\b)?(?!\w)"
    rf"|,?\s*\b{_IN}(?:(?P<part>early|mid|late)[\s-]+)?(?P<decade>{_DECADE})(?!\w)"
    rf"|,?\s*\b{_IN}(?P<year>{_YEAR}|['’]\d\d)\b(?!['’]?s\b)"
    rf"|,?\s*\b(?:released\s+|recorded\s+|made\s+)?(?:{_SIDE})\s+(?:the\s+)?(?P<edge>{_YEAR}|{_DECADE})(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w:./-])(?:(?P<decade>(?:1[89]|20)\d0)s|(?P<year>{_YEAR}))(?![\w:./-])")


def years(text: str) -> Iterator[tuple[re.Match[str], Fact]]:
    """Each year in a text that stands behind a word like "from", and what it asks for.

    >>> [fact.said for _, fact in years("pop from the late 90s, nothing newer than 1998")]
    ['from 1997 to 1999', 'after 1998']
    """
    for match in _PATTERN.finditer(text):
        yield match, _fact(match)


def bare_year(text: str) -> tuple[str, Fact] | None:
    """The rest of a text that holds a year or a decade without any such word, and what it asks for.

    Such a number may be anything: who asks has to see whether songs of that year are there.

    >>> rest, fact = bare_year("2008 folk")
    >>> rest, fact.said
    ('folk', 'from 2008')
    """
    found = list(_BARE.finditer(text))
    if len(found) != 1:
        return None
    match = found[0]
    rest = " ".join((text[: match.start()] + text[match.end() :]).split()).strip(" ,")
    if match["decade"]:
        return rest, _span(*_decade(match["decade"] + "s"))
    return rest, _span(int(match["year"]), int(match["year"]))


def _fact(match: re.Match[str]) -> Fact:
    if match["first"] or match["from"]:
        first, last = int(match["first"] or match["from"]), int(match["last"] or match["to"])
        return _span(min(first, last), max(first, last))
    if match["since"]:
        first, last = _edges(match["start"])
        if match["since"].lower() == "from" and not match["on"]:
            return _span(first, last)
        return Fact("year", f"since {first}", first, 9999)
    if match["decade"]:
        first, last = _decade(match["decade"])
        begins, ends = _PARTS[match["part"].lower()] if match["part"] else (0, 9)
        return _span(first + begins, first + ends)
    if match["year"]:
        return _span(*_edges(match["year"]))
    first, last = _edges(match["edge"])
    if match["before"]:
        return Fact("year", f"before {first}", 0, first - 1)
    if match["after"]:
        return Fact("year", f"after {last}", last + 1, 9999)
    return Fact("year", f"until {last}", 0, last)


def _span(first: int, last: int) -> Fact:
    if first == last:
        return Fact("year", f"from {first}", first, last)
    if first % 10 == 0 and last == first + 9:
        return Fact("year", f"from the {first}s", first, last)
    return Fact("year", f"from {first} to {last}", first, last)


def _edges(written: str) -> tuple[int, int]:
    """The first and the last year of "2012", "'06" or a decade."""
    digits = written.strip("'’")
    if re.fullmatch(r"\d\d", digits):
        return (_century(int(digits)),) * 2
    if re.fullmatch(_YEAR, digits):
        return int(digits), int(digits)
    return _decade(written)


def _decade(written: str) -> tuple[int, int]:
    """The first and the last year of a decade.

    >>> [_decade(decade) for decade in ("1990s", "'60s", "80er", "noughties")]
    [(1990, 1999), (1960, 1969), (1980, 1989), (2000, 2009)]
    """
    named = _DECADES.get(written.lower())
    if named is not None:
        return named, named + 9
    digits = "".join(letter for letter in written if letter.isdigit())
    first = int(digits) if len(digits) == 4 else _century(int(digits))
    return first, first + 9


def _century(two_digits: int) -> int:
    """The latest year that ends so and is not to come: '06 is 2006, and '85 is 1985."""
    this_year = date.today().year
    year = this_year - this_year % 100 + two_digits
    return year if year <= this_year else year - 100
