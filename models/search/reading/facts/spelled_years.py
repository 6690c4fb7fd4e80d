"""Years in words, in six languages: "two thousand eight", "nineteen eighty-four", "zweitausendacht"."""

import re

from models.search.reading.patterns import pattern

_ONES = """
1 one eins un uno um
2 two zwei deux dos due dois
3 three drei trois tres tre três
4 four vier quatre cuatro quattro quatro
5 five fünf cinq cinco cinque
6 six sechs seis sei
7 seven sieben sept siete sette sete
8 eight acht huit ocho otto oito
9 nine neun neuf nueve nove
"""
_TEENS = """
10 ten zehn dix diez dieci dez
11 eleven elf onze once undici
12 twelve zwölf douze doce dodici doze
13 thirteen dreizehn treize trece tredici treze
14 fourteen vierzehn quatorze catorce quattordici catorze
15 fifteen fünfzehn quinze quince quindici
16 sixteen sechzehn seize dieciséis sedici dezesseis
17 seventeen siebzehn dix-sept diecisiete diciassette dezessete
18 eighteen achtzehn dix-huit dieciocho diciotto dezoito
19 nineteen neunzehn dix-neuf diecinueve diciannove dezenove
20 twenty zwanzig vingt veinte venti vinte
"""
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


def _numbers(table: str) -> dict[str, int]:
    named: dict[str, int] = {}
    for line in table.strip().splitlines():
        number, *words = line.split()
        named |= dict.fromkeys(words, int(number))
    return named


_NUMBERS = _numbers(_TENS) | _numbers(_TEENS) | _numbers(_ONES)


def _one_of(table: str) -> str:
    return "|".join(sorted(_numbers(table), key=len, reverse=True))


_THOUSAND = "two thousand|zweitausend|deux mille|dos mil|duemila|dois mil"
_CENTURY = {"nineteen": 1900, "twenty": 2000}
_YEAR = pattern(
    rf"\b(?:(?:{_THOUSAND})(?:\s+(?:and|e))?[\s-]*(?P<last>{_one_of(_TEENS)}|{_one_of(_ONES)})"
    rf"|(?:{_THOUSAND})(?=\s*(?:[,;.]|$))"
    rf"|(?P<century>nineteen|twenty)[\s-]+(?:(?P<tens>{_one_of(_TENS)})(?:[\s-]+(?P<ones>{_one_of(_ONES)}))?"
    rf"|(?P<teens>{_one_of(_TEENS)})))\b",
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
    return str(century + after)
