"""Lyrics in files: `.lrc` (timed lines), plain text, and tables of line times."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import Unreadable
from catalog.records import Line

SUFFIXES = (".lrc", ".csv", ".txt")
"""Kinds of lyrics files, the one that tells most first."""

LARGEST = 2_000_000
"""Bytes: more than that are no lyrics."""

_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?::(\d{1,2}))?(?:[.,](\d{1,3}))?\]")
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_OFFSET = re.compile(r"\[offset:\s*([+-]?\d+)\s*\]", re.IGNORECASE)
_NOTICE = re.compile(r"\[[a-z#]+:.*\]", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a lyrics file, without empty ones. Raises Unreadable."""
    text = read_text(path)
    return tuple(_timed_rows(text)) if path.suffix.lower() == ".csv" else lines_of(text)


def read_text(path: Path) -> str:
    """A text file in UTF-8, UTF-16 or, where it is neither, Latin-1. Raises Unreadable."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST else b"\0"
    except OSError as error:
        raise Unreadable(f"{path} cannot be read ({error.strerror}).", try_this=f"ls -l {path}") from error
    text = decode(data)
    if "\0" in text:
        raise Unreadable(f"{path} is not a text file, so it holds no lyrics.", try_this=f"file {path}")
    return text


def decode(data: bytes) -> str:
    """Bytes to text, by byte order mark, else UTF-8, else UTF-16 that shows by its zeros, else Latin-1."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    with_zeros = len(data) >= 4 and data[:400].count(0) > len(data[:400]) // 3
    if with_zeros and len(data) % 2 == 0:
        return data.decode("utf-16-le" if data[1] == 0 else "utf-16-be", errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lines_of(text: str) -> tuple[Line, ...]:
    """Lyrics as lines, without empty ones; times where the text is LRC.

    >>> lines_of("[offset:500][ar:x]\\n[00:02.50][00:10.5]Oh\\n[00:04]dear")
    (Line(text='Oh', start_s=2.0), Line(text='dear', start_s=3.5), Line(text='Oh', start_s=10.0))
    """
    if not _STAMP.search(text):
        return tuple(Line(line.strip()) for line in text.splitlines() if line.strip())
    found = _OFFSET.search(text)
    offset_s = int(found[1]) / 1000 if found else 0.0  # positive: the lines come sooner
    # A line without a time stays behind the one before it: sorting keeps the order of equals.
    keyed = list(_stamped(text, offset_s))
    return tuple(line for _, line in sorted(keyed, key=lambda pair: pair[0]))


def _stamped(text: str, offset_s: float) -> Iterator[tuple[float, Line]]:
    last = 0.0
    for raw in text.splitlines():
        stamps = _STAMP.findall(raw)
        rest = _WORD_STAMP.sub("", _STAMP.sub("", raw))
        words = " ".join((rest if stamps else _NOTICE.sub("", rest)).split())
        if not words:
            continue
        if not stamps:
            yield last, Line(words)
        for stamp in stamps:
            last = max(0.0, _seconds(*stamp) - offset_s)
            yield last, Line(words, round(last, 3))


def _seconds(first: str, second: str, third: str, decimals: str) -> float:
    """m:s, m:s.x, m:s:xx as some write it, or h:m:s.x."""
    part = float(f"0.{decimals or 0}")
    if third and decimals:
        return int(first) * 3600 + int(second) * 60 + int(third) + part
    return int(first) * 60 + int(second) + (float(f"0.{third}") if third else part)


def _timed_rows(text: str) -> Iterator[Line]:
    """A table with start_time, end_time and lyrics_line, as JamendoLyrics publishes them."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        words = (row.get("lyrics_line") or "").strip()
        if words:
            yield Line(words, _number(row.get("start_time")))


def _number(text: str | None) -> float | None:
    try:
        return round(float(text or ""), 3)
    except ValueError:
        return None
