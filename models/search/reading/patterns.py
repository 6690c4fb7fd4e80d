"""Regular expressions of what people type."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, cast

_WORD = re.compile(r"\w+")


class _Lazy:
    """A pattern that is compiled when it is first used: most requests need few of the large ones."""

    def __init__(self, written: str, needs: Iterable[str]) -> None:
        self._written = written
        self._needs = tuple(needs)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._written, re.IGNORECASE)

    def search(self, text: str) -> re.Match[str] | None:
        return self._compiled.search(text) if self._may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._compiled.finditer(text) if self._may_be_in(text) else iter(())

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        return self._compiled.sub(new, text) if self._may_be_in(text) else text

    def _may_be_in(self, text: str) -> bool:
        return not self._needs or mentions(text, self._needs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


def pattern(written: str, needs: str = "") -> re.Pattern[str]:
    """A pattern of what people type, in capitals or not.

    needs: beginnings of words as `mentions` takes them (apart by spaces), of which one stands in all that it
    finds; where a text has none, `search`, `finditer` and `sub` find nothing, and nothing is compiled.
    """
    return cast("re.Pattern[str]", _Lazy(written, needs.split()))


def one_of(words: str) -> str:
    """Words apart by spaces as alternatives of a pattern.

    >>> one_of("and then")
    'and|then'
    """
    return "|".join(words.split())


def mentions(text: str, cues: Iterable[str]) -> bool:
    """Whether a word of a text begins with one of the cues (in lower case), or is a cue that ends in "_".

    Far cheaper than a pattern, and enough to see that most requests ask for no year and no duration.

    >>> mentions("anni ottanta", ["ann", "ano"]), mentions("calm piano", ["ann", "ano"])
    (True, False)
    >>> mentions("no night", ["ni_"]), mentions("ni flauta", ["ni_"])
    (False, True)
    """
    beginnings = tuple(cues)
    words = _WORD.findall(text.lower())
    return any(f"{word}_".startswith(beginnings) for word in words)


def unnamed(written: str) -> str:
    """The same pattern without names of its groups, so that it can stand in another twice.

    >>> unnamed(r"(?P<number>\\d+)")
    '(?:\\\\d+)'
    """
    return re.sub(r"\(\?P<\w+>", "(?:", written)
