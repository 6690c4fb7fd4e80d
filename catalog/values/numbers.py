"""Numbers that a person or a client typed, by one reader; and how many there are of something, in words."""

import math


def finite(text: str | float) -> float:
    """A number. Raises ValueError for what is none, for nan and for inf: they compare as nobody expects.

    >>> finite("0.5")
    0.5
    >>> finite("-inf")
    Traceback (most recent call last):
        ...
    ValueError: '-inf' is no number
    """
    try:
        number = float(text)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no number")
    return number


def counted(count: int, one: str, many: str = "") -> str:
    """So many of a thing, as one says it. many: where it is not `one` with an s.

    >>> counted(1, "song"), counted(12_000, "song"), counted(0, "entry has", "entries have")
    ('1 song', '12,000 songs', '0 entries have')
    """
    noun = one if count == 1 else many or f"{one}s"
    return f"{count:,} {noun}"


def in_64_bits(number: int) -> int:
    """The nearest whole number that SQLite holds: a file's time in ns goes beyond in the year 2262.

    >>> in_64_bits(7), in_64_bits(10**19)
    (7, 9223372036854775807)
    """
    return max(-(1 << 63), min(number, (1 << 63) - 1))
