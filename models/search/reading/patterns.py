"""Regular expressions of what people type."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, cast

_WORD = re.compile(r"\w+")


class _Lazy:
    """A pattern that is compiled when it is first used: most requests need few of the large ones."""

    def __init__(self, written: str) -> None:
        self._written = written

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._written, re.IGNORECASE)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


def pattern(written: str) -> re.Pattern[str]:
    """A pattern of what people type, in capitals or not."""
    return cast("re.Pattern[str]", _Lazy(written))


def mentions(text: str, cues: Iterable[str]) -> bool:
    """Whether a word of a text begins with one of the cues (in lower case).

    Far cheaper than a pattern, and enough to see that most requests ask for no year and no duration.

    >>> mentions("anni ottanta", ["ann", "ano"]), mentions("calm piano", ["ann", "ano"])
    (True, False)
    """
    beginnings = tuple(cues)
    return any(word.startswith(beginnings) for word in _WORD.findall(text.lower()))


def unnamed(written: str) -> str:
    """The same pattern without names of its groups, so that it can stand in another twice.

    >>> unnamed(r"(?P<number>\\d+)")
    '(?:\\\\d+)'
    """
    return re.sub(r"\(\?P<\w+>", "(?:", written)
