"""A condition that a request states: a year, a duration, a language."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Span = tuple[float, float]
"""The first and the last, both included."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition on one column, and how it is said to the person who asks.

    From `low` to `high`, both included, or within `other_span` ("the 60s or the 80s"); for a language its ISO
    639 `codes`, one of which it must be, or with `other` another that is known. unwanted: what fulfils it
    must not answer.
    """

    column: Literal["year", "duration_s", "language"]
    said: str
    low: float = 0
    high: float = 0
    other_span: Span | None = None
    codes: tuple[str, ...] = ()
    other: bool = False
    unwanted: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where a number must lie."""
        first = (self.low, self.high)
        if self.other_span is None:
            return (first,)
        return (first, self.other_span)


Reader = tuple[re.Pattern[str], Callable[[re.Match[str]], Fact]]
"""One way to ask for something: its pattern, and what a match of it means."""
