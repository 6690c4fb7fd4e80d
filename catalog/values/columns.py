"""What a column of the catalog can hold: whatever anybody tells of a song is brought to its type here.

Folder, tables, shards, data sets and users go through `checked`, for `songs.add_or_update` calls it. What
a column cannot hold is left out; `left_out` names it for whoever counts.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from numbers import Integral, Real
from typing import Any

from catalog.records import Caption, Facts, Line
from catalog.values.languages import language_code
from catalog.values.text import clean, clean_lines, folded

LONGEST_VALUE = 2_000
"""Characters of a title, a name, a tag: more than that is something else in the wrong place."""
LONGEST_TEXT = 100_000
"""Characters of a caption or of one extra value."""
LONGEST_LYRICS = 2_000_000
"""Characters of a song's lyrics."""

_DEEPEST = 8
"""Levels of lists in lists that an extra value keeps; a file may nest its own without end."""
_LARGEST_INTEGER = 2**63
"""Of SQLite, whose integers have 64 bits and a sign; Python's have no end."""
_LISTS = (list, tuple, set, frozenset)
_NO_TAGS = {"", "none", "nan", "null", "n/a", "<na>"}
"""What libraries for tables write where there is nothing."""
_DATE = re.compile(r"(?<!\d)(\d{4}|\d{8}|\d{12}|\d{14})(?!\d)")
"""A year, and what ISO 8601 writes without hyphens: with the day, the minute, the second."""
_YEARS = range(1000, 2101)
"""Others mean "not known", as 0000 and 9999 do."""
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")


def checked(facts: Facts) -> Facts:
    """The same facts with every value of the type and the size that its column holds.

    Text is cleaned (`catalog.values.text.clean`), bytes are decoded, a year is a whole number, tags are
    different under folding. A value that its column cannot hold is not there any more.
    """
    return _checked(facts, [])


def left_out(facts: Facts) -> list[str]:
    """What `checked` leaves out or cuts, one sentence for each: "year 'unknown' is no year"."""
    said: list[str] = []
    _checked(facts, said)
    return said


def text_of(value: Any, most: int = LONGEST_TEXT, *, inside: bool = False) -> str:
    """Any value as one line of at most `most` characters; "" for nothing (None, NaN) and for what is no text.

    >>> text_of(b"Caf\\xc3\\xa9"), text_of(["a", None, "b"]), text_of(float("nan")), text_of(1999.0)
    ('Café', 'a, b', '', '1999')
    """
    if isinstance(value, bytes):
        value = value[: 4 * most].decode(errors="replace")  # a character of UTF-8 has at most four bytes
    if isinstance(value, str):
        return clean(value[:most])
    if isinstance(value, _LISTS):
        if inside:
            return ""
        parts = [text_of(part, most, inside=True) for part in value]
        return ", ".join(filter(None, parts))[:most]
    if isinstance(value, Real) and value is not True and value is not False:
        number = _number(value)
        if number is None:
            return ""
        # pandas makes a column of whole numbers one of floats as soon as a cell is empty: 1999.0 is 1999.
        return str(int(number)) if number.is_integer() else str(value)
    nothing = value is None or value != value  # NaT of pandas, like NaN, is not equal to itself
    if nothing or isinstance(value, Mapping):
        return ""
    return clean(str(value)[:most])


def year_of(value: Any) -> int | None:
    """The year in a date of any spelling, None where there is none.

    >>> [year_of(text) for text in ("2004-05-06", "20040317", "17/03/2004", "2004.0", "0000", "unknown")]
    [2004, 2004, 2004, 2004, None, None]
    """
    if isinstance(value, date):
        return value.year
    return _year_in(text_of(value))


def seconds_of(value: Any) -> float | None:
    """A length in seconds from a number or a text like "225.5" or "3:45"; None where it is none.

    >>> seconds_of("3:45"), seconds_of("225"), seconds_of("n/a"), seconds_of(-1), seconds_of("inf")
    (225.0, 225.0, None, None, None)
    """
    text = text_of(value)
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        whole_minutes = int(hours or 0) * 60 + int(minutes)
        return whole_minutes * 60 + float(seconds.replace(",", "."))
    try:
        number = _number(float(text))
    except ValueError:
        return None
    return None if number is None or number < 0 else number


def tags_of(values: Iterable[Any]) -> tuple[str, ...]:
    """Tags without nothings, the first of those that are equal under folding.

    >>> tags_of(["Rock", None, "rock ", float("nan"), "None", "pop"])
    ('Rock', 'pop')
    """
    different: dict[str, str] = {}
    for value in values:
        tag = text_of(value, LONGEST_VALUE)
        key = folded(tag)
        if key not in _NO_TAGS:
            different.setdefault(key, tag)
    return tuple(different.values())


def plain_of(value: Any, depth: int = 0) -> Any:
    """Any value as plain JSON: cleaned text, finite numbers, lists and objects that are not too deep."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, bytes)):
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        return clean_lines(text[:LONGEST_TEXT])
    if isinstance(value, Real):
        number = _number(value)
        if number is not None and isinstance(value, Integral):
            return int(value)  # numpy's too, which json does not write; a float rounds above 2**53
        return number
    if depth >= _DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {text_of(key): plain_of(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, _LISTS):
        return [plain_of(inner, depth + 1) for inner in value]
    return clean_lines(str(value)[:LONGEST_TEXT])


_COLUMNS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "year": (year_of, "year"),
    "duration_s": (seconds_of, "length"),
}
"""Columns that are no text: what reads them, and what a value of them is called."""


def _checked(facts: Facts, said: list[str]) -> Facts:
    """The same facts, each value of its column's type. said: gets a sentence for what had to be left out."""
    values: dict[str, Any] = {}
    for name, value in facts.values.items():
        values[name] = _value(name, value, said)
    extra = {}
    for name, value in facts.extra.items():
        key = text_of(name)
        if key:
            extra[key] = plain_of(value)
    return Facts(
        clean(facts.origin),
        values=values,
        tags=tags_of(facts.tags),
        lyrics=_lyrics(facts.lyrics, said),
        captions=_captions(facts.captions, said),
        extra=extra,
    )


def _value(name: str, value: Any, said: list[str]) -> Any:
    if name == "language":
        return language_code(text_of(value, LONGEST_VALUE))
    if name not in _COLUMNS:
        return _text(value, LONGEST_VALUE, name, said)
    read, noun = _COLUMNS[name]
    found = read(value)
    text = text_of(value)
    if found is None and text:
        said.append(f"{name} {text[:40]!r} is no {noun}")
    return found


def _text(value: Any, most: int, what: str, said: list[str]) -> str:
    length = len(value) if isinstance(value, (str, bytes)) else 0
    if length > most:
        said.append(f"{what} of {length:,} characters was cut after {most:,}")
    return text_of(value, most)


def _lyrics(lines: Sequence[Line], said: list[str]) -> tuple[Line, ...]:
    """Lines as the column holds them, up to LONGEST_LYRICS characters."""
    kept: list[Line] = []
    room = LONGEST_LYRICS
    for line in lines:
        text = text_of(line.text, room)
        if text:
            kept.append(Line(text, seconds_of(line.start_s)))
        room -= len(line.text)
        if room <= 0:
            said.append(f"lyrics were cut after {LONGEST_LYRICS:,} characters")
            break
    return tuple(kept)


def _captions(captions: Sequence[Caption], said: list[str]) -> tuple[Caption, ...]:
    kept: list[Caption] = []
    for caption in captions:
        text = _text(caption.text, LONGEST_TEXT, "a caption", said)
        if not text:
            continue
        start_s = seconds_of(caption.start_s)
        end_s = seconds_of(caption.end_s)
        kept.append(Caption(text, start_s, end_s, clean(caption.origin)))
    return tuple(kept)


def _number(value: Any) -> float | None:
    """A number that SQLite and JSON can hold; None for truth values, for what is none or has no end."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    is_kept = math.isfinite(number) and abs(number) < _LARGEST_INTEGER
    return number if is_kept else None


def _year_in(text: str) -> int | None:
    for match in _DATE.finditer(text):
        year = _year_of_digits(match[1])
        if year is not None:
            return year
    return None


def _year_of_digits(digits: str) -> int | None:
    """The year in 2004, 20040317, 200403171200 or 17032004."""
    month = int(digits[4:6] or 0)
    day = int(digits[6:8] or 0)
    if month <= 12 and day <= 31:  # 0 where they are not known
        year = int(digits[:4])
    elif len(digits) == 8:  # the day first: the digits of its year, 19 or 20, are no month
        year = int(digits[4:])
    else:
        return None
    return year if year in _YEARS else None
