"""Numbers that a person or a client typed: one reader for options, saved queries and HTTP."""

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
