"""Regular expressions of what people type."""

import re


def pattern(written: str) -> re.Pattern[str]:
    """A pattern of what people type, in capitals or not."""
    return re.compile(written, re.IGNORECASE)


def unnamed(written: str) -> str:
    """The same pattern without names of its groups, so that it can stand in another twice.

    >>> unnamed(r"(?P<number>\\d+)")
    '(?:\\\\d+)'
    """
    return re.sub(r"\(\?P<\w+>", "(?:", written)
