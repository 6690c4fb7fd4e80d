"""A condition that a request states: a year, a duration, a language."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition on one column, and how it is said to the person who asks.

    From `low` to `high`, both included; for a language its ISO 639 `codes`, one of which it must be, or
    with `other` another that is known. unwanted: what fulfils it must not answer.
    """

    column: Literal["year", "duration_s", "language"]
    said: str
    low: float = 0
    high: float = 0
    codes: tuple[str, ...] = ()
    other: bool = False
    unwanted: bool = False
