"""A condition that a request states: a year, a duration, a language."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

LAST_YEAR = 9999
"""Where years have no end."""
Span = tuple[float, float]
"""The first and the last, both included."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition on one column, and how it is said to the person who asks.

    From `low` to `high`, both included, or within one of `other_spans` ("the 60s or the 80s"); for a
    language its ISO
    639 `codes`, one of which it must be, or with `other` another that is known. unwanted: what fulfils it
    must not answer.
    """

    column: Literal["year", "duration_s", "language"]
    said: str
    low: float = 0
    high: float = 0
    other_spans: tuple[Span, ...] = ()
    codes: tuple[str, ...] = ()
    other: bool = False
    unwanted: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where a number must lie."""
        return ((self.low, self.high), *self.other_spans)

    @property
    def missing(self) -> str:
        """What is said behind "nothing here is".

        >>> Fact("year", "since 2012", 2012, LAST_YEAR).missing, Fact("year", "from 2012", 2012, 2012).missing
        ('from 2012 or later', 'from 2012')
        """
        if self.column == "language" and self.other:
            return self.said.replace("not in ", "in another language than ")
        if self.column != "year" or self.other_spans:
            return self.said
        if self.high == LAST_YEAR:
            return f"from {self.low:.0f} or later"
        return f"from {self.high:.0f} or earlier" if not self.low else self.said


Reader = tuple[re.Pattern[str], Callable[[re.Match[str]], Fact]]
"""One way to ask for something: its pattern, and what a match of it means."""
