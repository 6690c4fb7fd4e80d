"""Regular expressions of what people type."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, cast


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
    """Whether one of the cues (in lower case) stands anywhere in a text, inside of words too.

    Far cheaper than a pattern, and enough to see that most requests ask for no year and no duration.
    """
    lowered = text.lower()
    return any(cue in lowered for cue in cues)


def unnamed(written: str) -> str:
    """The same pattern without names of its groups, so that it can stand in another twice.

    >>> unnamed(r"(?P<number>\\d+)")
    '(?:\\\\d+)'
    """
    return re.sub(r"\(\?P<\w+>", "(?:", written)
