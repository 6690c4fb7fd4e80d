"""How rows are written to stdout: tables, TSV, CSV, JSON, lists of paths, playlists."""

import csv
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TextIO

from catalog.values.numbers import counted
from newwave_cli.output.sanitize import sanitized, sanitized_json

Row = Mapping[str, Any]
Writer = Callable[[Iterable[Row], list[str] | None], None]


class Format(StrEnum):
    """How rows are written to stdout."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PATHS = "paths"
    PATHS0 = "paths0"
    M3U8 = "m3u8"


def duration(seconds: float | None) -> str:
    """Seconds as people write them: 0:07, 3:25, 1:02:03.

    >>> duration(205), duration(3723), duration(None)
    ('3:25', '1:02:03', '')
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def out() -> TextIO:
    """stdout in UTF-8 that hands on file names which are not UTF-8 as the bytes they are."""
    # Tests, and programs that call nw, may put another stream there.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # newline="": else Windows would write \r\n, and a path at the end of a line would end in \r.
        reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return sys.stdout


def color(stream: TextIO) -> bool:
    """Whether to use colours there (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def plain(value: object) -> object:
    """What JSON does not know by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "tolist"):  # numpy's numbers and arrays, without importing numpy for --help
        return value.tolist()
    return str(value)


def cell(value: object) -> str:
    """A value as text on a line that a terminal may have: lists joined, numbers short."""
    return sanitized(_plain_cell(value))


def _plain_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"  # 0.1 + 0.2 is 0.3 to people
    if isinstance(value, (list, tuple, set)):
        return ", ".join(_plain_cell(v) for v in value)
    if isinstance(value, Mapping) or is_dataclass(value):
        return json.dumps(value, default=plain, ensure_ascii=False)
    return str(value)


def _table(records: Iterable[Row], columns: list[str] | None) -> None:
    """Rows for the eye: columns in line, nothing cut, no markup read in them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    assert columns is not None
    # In a pipe there is no width; Rich would take 80 and break every row.
    width = None if sys.stdout.isatty() else WIDE
    console = Console(no_color=not color(sys.stdout), highlight=False, width=width)
    grid = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        justify: Literal["right", "left"] = "right" if name in _NUMBERS else "left"
        grid.add_column(Text(_heading(name)), overflow="fold", justify=justify)
    for record in records:
        cells = [_table_cell(name, record.get(name)) for name in columns]
        grid.add_row(*map(Text, cells))  # a plain string would be read as markup: [live] in a title would go
    if grid.row_count:
        out()  # Rich writes to stdout as it is, so its encoding is set before
        console.print(grid)


def fitting(records: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """The columns worth their room in a table: not the empty ones, and paths only where there is much room.

    A path is never cut, so in a narrow terminal it would take line after line; `--fields` asks for it.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    shown_columns = []
    for name in columns:
        has_room = name != "path" or width >= ROOM_FOR_PATHS
        is_empty = all(record.get(name) in _EMPTY for record in records)
        if has_room and not is_empty:
            shown_columns.append(name)
    return shown_columns


WIDE = 200  # columns of text, where there is no terminal to say how many
ROOM_FOR_PATHS = 140  # columns of text from which on a table shows them
_EMPTY: tuple[object, ...] = (None, "", (), [])
_SCORES = {"score", "sound", "words"}
_NUMBERS = _SCORES | {"id", "duration", "duration_s", "year", "songs", "rank", "size"}


def _heading(name: str) -> str:
    return name.removesuffix("_s").replace("_", " ")


def _table_cell(name: str, value: object) -> str:
    """A value as a terminal shows it; scores are cut, for 49.6 is weak and no 50.

    >>> _table_cell("score", 49.6), _table_cell("duration_s", 61.0)
    ('49', '1:01')
    """
    if isinstance(value, (int, float)):
        if name == "duration_s":
            return duration(value)
        if name in _SCORES and math.isfinite(value):
            return str(math.floor(value))
    return cell(value).replace("\n", " ")


def _tsv(records: Iterable[Row], columns: list[str] | None) -> None:
    """One line a record whatever its values hold: tab, newline, backslash and controls are escaped."""
    stream = out()
    names = columns or []
    for record in records:
        line = "\t".join(_tsv_cell(record.get(name)) for name in names)
        stream.write(f"{line}\n")


_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _tsv_cell(value: object) -> str:
    return sanitized(_plain_cell(value).translate(_TSV))


def write_header(columns: Sequence[str]) -> None:
    """The names of the columns, as the first line of TSV."""
    out().write("\t".join(columns) + "\n")


def _csv(records: Iterable[Row], columns: list[str] | None) -> None:
    writer = csv.writer(out())  # with the \r\n and the quoting of RFC 4180, which spreadsheets expect
    names = columns or []
    writer.writerow(names)
    for record in records:
        cells = [cell(record.get(name)) for name in names]
        writer.writerow(cells)


def _picked(record: Row, columns: list[str] | None) -> Row:
    """The columns of a record that were asked for; all of it where none were."""
    if columns is None:
        return record
    return {name: record.get(name) for name in columns}


def _json(records: Iterable[Row], columns: list[str] | None) -> None:
    write_document([_picked(record, columns) for record in records])


def write_document(value: object) -> None:
    """One JSON document."""
    text = json.dumps(value, default=plain, ensure_ascii=False, indent=2)
    out().write(sanitized_json(text) + "\n")


def _ndjson(records: Iterable[Row], columns: list[str] | None) -> None:
    stream = out()
    for record in records:
        picked = _picked(record, columns)
        line = json.dumps(picked, default=plain, ensure_ascii=False)
        stream.write(sanitized_json(line) + "\n")


def _path_of(record: Row) -> str | None:
    path = record.get("path")
    return None if path is None else str(path)


def _note(message: str) -> None:
    say(sanitized(message))


def say(line: str) -> None:
    """Write a line to stderr. Where nothing can be said there (a full disk, a closed pipe), work goes on."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (for good)


def _paths(records: Iterable[Row], _columns: list[str] | None, end: str = "\n") -> None:
    stream = out()
    for_eyes = stream.isatty()  # else it is for a program, which wants the very name
    for _, path in _with_file(records, _path_of):
        stream.write(sanitized(path) if for_eyes else path)
        stream.write(end)
        if end == "\n" and "\n" in path:
            _note("note: a path with a line break was written; use --format paths0 for a safe list")


def _with_file(records: Iterable[Row], place: Callable[[Row], str | None]) -> Iterator[tuple[Row, str]]:
    """Records with where their songs are; tells at the end of those that came without their sound."""
    without = 0
    for record in records:
        path = place(record)
        if path is None:  # by an imported catalog, or by a data set
            without += 1
        else:
            yield record, path
    if without:
        songs = counted(without, "song has", "songs have")
        _note(f"note: {songs} no file here, so no path")


def _paths0(records: Iterable[Row], columns: list[str] | None) -> None:
    _paths(records, columns, end="\0")


def _m3u8(records: Iterable[Row], _columns: list[str] | None) -> None:
    stream = out()
    lines = playlist(records)
    stream.writelines(map(sanitized, lines) if stream.isatty() else lines)  # as in `_paths`


def _absolute(record: Row) -> str | None:
    path = _path_of(record)
    return None if path is None else str(Path(path).absolute())


def playlist(records: Iterable[Row], place: Callable[[Row], str | None] = _absolute) -> Iterator[str]:
    """Extended M3U in UTF-8 (RFC 8216 keeps its lines): seconds, artist - title, then where the song is."""
    yield "#EXTM3U\n"
    for record, path in _with_file(records, place):
        if "\n" in path or "\r" in path:
            _note(f"note: {record.get('title')!r} is left out: a playlist cannot hold its path")
            continue
        names = (record.get("artist"), record.get("title"))
        name = " - ".join(str(name) for name in names if name)
        one_line = " ".join(name.split())  # a line break would be another entry
        # -1 is how M3U says that a length is not known.
        seconds = round(record.get("duration_s") or -1)
        yield f"#EXTINF:{seconds},{sanitized(one_line)}\n{path}\n"


WHOLE = {Format.JSON, Format.NDJSON}
"""They write all of a record, nested values too, where no fields are named."""
WRITERS: dict[Format, Writer] = {
    Format.TABLE: _table,
    Format.TSV: _tsv,
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.NDJSON: _ndjson,
    Format.PATHS: _paths,
    Format.PATHS0: _paths0,
    Format.M3U8: _m3u8,
}
