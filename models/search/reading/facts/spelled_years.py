"""Years in words, in six languages: "two thousand eight", "nineteen eighty-four", "zweitausendacht"."""

import re
from collections.abc import Iterable

from models.search.reading.numbers import COUNTED, numbers_in
from models.search.reading.patterns import pattern

_OF_YEARS = """
1 one eins un uno um
2 two zwei deux dos due dois
13 thirteen dreizehn treize trece tredici treze
14 fourteen vierzehn quatorze catorce quattordici catorze
16 sixteen sechzehn seize dieciséis sedici dezesseis
17 seventeen siebzehn dix-sept diecisiete diciassette dezessete
18 eighteen achtzehn dix-huit dieciocho diciotto dezoito
19 nineteen neunzehn dix-neuf diecinueve diciannove dezenove
"""
"""What `COUNTED` lacks up to 20, and as years are said."""
_TENS = """
20 twenty
30 thirty
40 forty
50 fifty
60 sixty
70 seventy
80 eighty
90 ninety
"""


_UP_TO_20 = numbers_in(COUNTED) | numbers_in(_OF_YEARS)
_NUMBERS = numbers_in(_TENS) | _UP_TO_20


def _one_of(words: Iterable[str]) -> str:
    """The longer first, for "six" begins "sixteen"."""
    return "|".join(sorted(words, key=len, reverse=True))


_A_TEEN = _one_of(word for word, number in _UP_TO_20.items() if number >= 10)
_A_ONE = _one_of(word for word, number in _UP_TO_20.items() if number < 10)
_A_TEN = _one_of(numbers_in(_TENS))
_THOUSAND = "two thousand|zweitausend|deux mille|dos mil|duemila|dois mil"
_CENTURY = {"nineteen": 1900, "twenty": 2000}
_YEAR = pattern(
    rf"\b(?:(?:{_THOUSAND})(?:\s+(?:and|e))?[\s-]*(?P<last>{_A_TEEN}|{_A_ONE})"
    rf"|(?:{_THOUSAND})(?=\s*(?:[,;.]|$))"
    rf"|(?P<century>nineteen|twenty)[\s-]+(?:(?P<tens>{_A_TEN})(?:[\s-]+(?P<ones>{_A_ONE}))?"
    rf"|(?P<teens>{_A_TEEN})))\b",
    needs="two zweitausend deux dos duemila dois nineteen twenty",
)


def with_years_in_digits(text: str) -> str:
    """A text with its years in digits.

    >>> with_years_in_digits("folk from two thousand eight"), with_years_in_digits("nineteen eighty-four")
    ('folk from 2008', '1984')
    >>> with_years_in_digits("aus zweitausendacht"), with_years_in_digits("twenty five songs")
    ('aus 2008', 'twenty five songs')
    """
    return _YEAR.sub(_in_digits, text)


def _in_digits(match: re.Match[str]) -> str:
    after = sum(_NUMBERS[match[part].lower()] for part in ("last", "tens", "ones", "teens") if match[part])
    century = _CENTURY[match["century"].lower()] if match["century"] else 2000
    return str(round(century + after))
