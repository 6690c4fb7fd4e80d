"""Numbers as words, in six languages: "three", "drei", "trois", "tres", "tre", "três"."""

COUNTED = """
3 three drei trois tres tre três
4 four vier quatre cuatro quattro quatro
5 five fünf cinq cinco cinque
6 six sechs seis sei
7 seven sieben sept siete sette sete
8 eight acht huit ocho otto oito
9 nine neun neuf nueve nove
10 ten zehn dix diez dieci dez
11 eleven elf onze once undici
12 twelve zwölf douze doce dodici doze
15 fifteen fünfzehn quinze quince quindici
20 twenty zwanzig vingt veinte venti vinte
"""
"""Numbers that are called the same wherever they stand: one a line, and what it is called."""
_OF_THINGS = """
1 a an one ein eine einer einem einen un une una uno um uma
2 two couple zwei deux dos due dois duas
30 thirty dreißig dreissig trente treinta trenta trinta
40 forty vierzig quarante cuarenta quaranta quarenta
45 forty-five
50 fifty fünfzig cinquante cincuenta cinquanta cinquenta
60 sixty sechzig soixante sesenta sessanta sessenta
70 seventy siebzig setenta settanta
80 eighty achtzig ochenta ottanta oitenta
90 ninety neunzig quatre-vingt-dix noventa novanta
0.25 quarter viertel quart cuarto quarto
1.5 anderthalb eineinhalb
0.5 half halbe halben demi demie media medio mezza mezzo meia meio
"""
"""What only amounts are called."""


def numbers_in(table: str) -> dict[str, float]:
    """The numbers of a table, a number and its words a line, by their words.

    >>> numbers_in("1 one ein")
    {'one': 1.0, 'ein': 1.0}
    """
    named: dict[str, float] = {}
    for line in table.strip().splitlines():
        number, *words = line.split()
        named |= dict.fromkeys(words, float(number))
    return named


NUMBERS = numbers_in(COUNTED) | numbers_in(_OF_THINGS)
# The longer first, for "one" begins "once".
_LONGEST_FIRST = sorted(NUMBERS, key=len, reverse=True)
NUMBER = rf"(?:\d+(?:[.,]\d+)?|(?:{'|'.join(_LONGEST_FIRST)})\b)"
"""The pattern of a number, in digits or as a word."""


def number_of(written: str) -> float:
    """What a text that fits NUMBER says.

    >>> [number_of(written) for written in ("2,5", "Drei", "half")]
    [2.5, 3.0, 0.5]
    """
    known = NUMBERS.get(written.lower())
    if known is not None:
        return known
    return float(written.replace(",", "."))
