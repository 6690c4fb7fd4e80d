"""Lyrics in files: `.lrc` (timed lines), plain text, and tables of line times."""

import csv
import io
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from catalog.errors import Unreadable, quoted
from catalog.files.encodings import decode
from catalog.files.lrc import Lyrics, parse_lyrics
from catalog.records import Line

SUFFIXES = (".lrc", ".csv", ".txt")
"""Kinds of lyrics files, the one that tells most first."""

LARGEST = 2_000_000
"""Bytes: what comes after them is no song's lyrics any more."""


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a lyrics file, without empty ones. Raises Unreadable."""
    return read_lyrics(path).lines


def read_lyrics(path: Path) -> Lyrics:
    """A lyrics file; of one that is too large, its beginning, with a note. Raises Unreadable."""
    text, note = read_text(path)
    if path.suffix.lower() == ".csv":
        return Lyrics(tuple(_timed_rows(text)), note=note)
    return replace(parse_lyrics(text), note=note)


def read_text(path: Path) -> tuple[str, str]:
    """A text file of any encoding, and what there is to say about it ("" where all of it was read).

    Raises Unreadable for what is no regular file (a pipe would be waited for without end), no text, or in no
    encoding that makes words of it.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(
                f"{path} is no regular file, so it holds no lyrics.", try_this=f"ls -l {quoted(path)}"
            )
        with path.open("rb") as file:
            data = file.read(LARGEST)
    except OSError as error:
        why = f"{path} cannot be read ({error.strerror})."
        raise Unreadable(why, try_this=f"ls -l {quoted(path)}") from error
    size, note = status.st_size, ""
    if size > LARGEST:
        data = data[: data.rfind(b"\n") + 1] or data  # no half a line, and no half a character
        note = f"only the first {len(data):,} of {size:,} bytes of {path.name} are used"
    try:
        text = decode(data)
    except UnicodeError as error:
        if b"\0" in data:
            raise _no_text(path) from error
        raise Unreadable(
            f"{path} is in no encoding that nw can tell, so its lyrics are left out.",
            try_this=f"save it as UTF-8: iconv -f ENCODING -t UTF-8 {quoted(path)}",
        ) from error
    if "\0" in text:
        raise _no_text(path)
    return text, note


def _no_text(path: Path) -> Unreadable:
    return Unreadable(f"{path} is not a text file, so it holds no lyrics.", try_this=f"file {quoted(path)}")


def _timed_rows(text: str) -> Iterator[Line]:
    """A table with start_time, end_time and lyrics_line, as JamendoLyrics publishes them."""
    # By itself it is 131,072 characters: a quotation mark that is not closed makes one field of all the rest.
    csv.field_size_limit(LARGEST)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        words = (row.get("lyrics_line") or "").strip()
        if words:
            yield Line(words, _number(row.get("start_time")))


def _number(text: str | None) -> float | None:
    try:
        return round(float(text or ""), 3)
    except ValueError:
        return None
