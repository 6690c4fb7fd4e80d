"""Durations that a request asks for: "under three minutes", "about 4:30 long", "a two-minute theme"."""

import re
from collections.abc import Iterator

from models.search.reading.fact import Fact

ABOUT = 0.25
"""Of "about three minutes" a song may differ by so much of it."""
_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
_NUMBERS: dict[str, float] = {word: number for number, word in enumerate(_WORDS, 1)} | {
    "a": 1,
    "an": 1,
    "half": 0.5,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "sixty": 60,
    "ninety": 90,
}
_SHORTER = (
    r"(?:(?:is |are )?(?:under|below|shorter than|less than|at most|no longer than|up to|within"
    r"|max(?:imum)?\.?)"
    r"|not (?:longer than|over|more than)|unter|kürzer als|höchstens|moins de|menos de|meno di)"
)
_LONGER = (
    r"(?:(?:is |are )?(?:over|above|longer than|more than|at least|min(?:imum)?\.?)|not (?:shorter|less) than"
    r"|no (?:shorter|less) than|über|länger als|mindestens|plus de|más de|più di|mais de)"
)
_ABOUT = r"(?:about|around|roughly|approximately|some|exactly|ca\.?|circa|etwa|environ)"
_NUMBER = rf"\d+(?:[.,]\d+)?|{'|'.join(_NUMBERS)}"
_UNIT = (
    r"(?:seconds?|secs?|sec|s|minutes?|mins?|min|m|hours?|sekunden?|minuten?|stunden?|secondes?|heures?"
    r"|segundos?|minutos?|horas?|secondi|minuti|ore)\b"
)


def _amount(name: str) -> str:
    """The pattern of "3:20", or of a number with its unit; groups NAME_clock, NAME_number and NAME_unit."""
    number = rf"(?P<{name}_number>{_NUMBER})(?: an?)?\s*-?(?P<{name}_unit>{_UNIT})"
    return rf"(?:(?P<{name}_clock>\d{{1,2}}:[0-5]\d)(?:\s*min(?:utes|s)?\b)?|{number})"


_PATTERN = re.compile(
    rf",?\s*\b(?P<limit>{_SHORTER}|{_LONGER})\s+{_amount('edge')}(?: long\b| of(?=\s))?"
    rf"|,?\s*\b(?:between\s+|from\s+)?(?P<first>{_NUMBER})(?:\s*(?P<first_unit>{_UNIT}))?"
    rf"\s*(?:-|–|to|and)\s*{_amount('last')}(?: long)?"
    rf"|,?\s*\b{_ABOUT}\s+{_amount('near')}(?: long)?"
    rf"|,?\s*\b{_amount('long')} long\b"
    rf"|\b(?:(?<=\ba )|(?<=\ban )|(?=\d))(?P<theme_number>{_NUMBER})[ -](?P<theme_unit>second|minute|hour)"
    r"(?= \w)",
    re.IGNORECASE,
)
_IS_SHORTER = re.compile(_SHORTER, re.IGNORECASE)


def durations(text: str) -> Iterator[tuple[re.Match[str], Fact]]:
    """Each duration in a text and what it asks for.

    >>> [fact.said for _, fact in durations("a two-minute theme, or 3 to 4 minutes long")]
    ['about 2:00 long', 'from 3:00 to 4:00 long']
    """
    for match in _PATTERN.finditer(text):
        yield match, _fact(match)


def _fact(match: re.Match[str]) -> Fact:
    if match["limit"]:
        edge = _seconds(match, "edge")
        if _IS_SHORTER.fullmatch(match["limit"]):
            return Fact("duration_s", f"under {_clock(edge)} long", 0, edge)
        return Fact("duration_s", f"over {_clock(edge)} long", edge, float("inf"))
    if match["first"]:
        last = _seconds(match, "last")
        unit = _unit(match["first_unit"] or match["last_unit"] or "minutes")
        low, high = sorted((_number(match["first"]) * unit, last))
        return Fact("duration_s", f"from {_clock(low)} to {_clock(high)} long", low, high)
    about = next(name for name in ("near", "long", "theme") if _is_there(match, name))
    seconds = _seconds(match, about)
    spread = ABOUT * seconds
    return Fact("duration_s", f"about {_clock(seconds)} long", seconds - spread, seconds + spread)


def _is_there(match: re.Match[str], name: str) -> bool:
    groups = match.groupdict()
    return bool(groups.get(f"{name}_clock") or groups[f"{name}_number"])


def _seconds(match: re.Match[str], name: str) -> float:
    clock = match.groupdict().get(f"{name}_clock")
    if clock:
        minutes, _, seconds = clock.partition(":")
        return 60 * int(minutes) + int(seconds)
    return _number(match[f"{name}_number"]) * _unit(match[f"{name}_unit"])


def _number(written: str) -> float:
    known = _NUMBERS.get(written.lower())
    return float(written.replace(",", ".")) if known is None else known


def _unit(written: str) -> float:
    """Seconds in a unit.

    >>> [_unit(name) for name in ("Sekunden", "min", "heures", "ore")]
    [1.0, 60.0, 3600.0, 3600.0]
    """
    first = written[0].lower()
    return 1.0 if first == "s" and not written.lower().startswith("st") else 60.0 if first == "m" else 3600.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
