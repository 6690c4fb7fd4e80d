"""Everything the terminal sees: tables, TSV, JSON, playlists on stdout; progress, notes and errors on stderr.

stdout is data and stderr is the rest, so that a pipe gets what it asked for. Titles come from strangers'
files: nothing here reads markup in them, and no path is ever cut.
"""

import contextlib
import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TextIO

import typer

from catalog.errors import NewWaveError, WrongUse

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


def rows(
    records: Iterable[Row],
    *,
    columns: Sequence[str],
    output: Format | None,
    fields: str | None = None,
    known: Sequence[str] = (),
) -> int:
    """Write records to stdout; return how many there were.

    columns: what a table or TSV shows when `fields` does not say. known: what `fields` may name; JSON without
    `fields` gets every value of a record. Raises WrongUse for a field that does not exist.
    """
    chosen = _chosen_fields(fields, [*columns, *known])
    output = output or (Format.TABLE if sys.stdout.isatty() else Format.TSV)
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    with _pipe_may_close():
        _WRITERS[output](counted(), chosen or (None if output in _WHOLE else list(columns)))
        sys.stdout.flush()
    return count


def document(value: object) -> None:
    """Write one JSON document to stdout."""
    with _pipe_may_close():
        _out().write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()


def text(line: str = "") -> None:
    """Write a line of plain text to stdout."""
    with _pipe_may_close():
        _out().write(line + "\n")
        sys.stdout.flush()


def note(message: str) -> None:
    """Say something on stderr that is not data."""
    sys.stderr.write(message + "\n")


def error(problem: NewWaveError) -> None:
    """Say what happened, why it matters and what to type next."""
    label = "\x1b[1;31merror:\x1b[0m" if _color(sys.stderr) else "error:"
    note(f"{label} {problem}\n  try: {problem.try_this}")


def duration(seconds: float | None) -> str:
    """Seconds as people write them: 0:07, 3:25, 1:02:03.

    >>> duration(205), duration(3723), duration(None)
    ('3:25', '1:02:03', '')
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Advance(Protocol):
    """Moves a progress bar on."""

    def __call__(self, steps: int = 1, *, total: int | None = None, note: str | None = None) -> None:
        """Count `steps` more; correct the total or say what is at hand, where given."""


@contextlib.contextmanager
def progress(task: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on stderr while the block runs; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        row = bar.add_task(task, total=total)

        def advance(steps: int = 1, *, total: int | None = None, note: str | None = None) -> None:
            description = f"{task}  {_short(note)}" if note else None
            bar.update(row, advance=steps, total=total, description=description)

        yield advance


def _short(name: str, width: int = 32) -> str:
    clean = " ".join(name.split())
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def _chosen_fields(fields: str | None, known: Sequence[str]) -> list[str] | None:
    if fields is None:
        return None
    chosen = [name.strip() for name in fields.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise WrongUse(
            f"there is no field {', '.join(unknown) or repr(fields)}.",
            try_this=f"--fields {','.join(dict.fromkeys(known))}    (or some of these)",
        )
    return chosen


def _out() -> TextIO:
    """stdout in UTF-8 that hands on file names which are not UTF-8 as the bytes they are."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return sys.stdout


def _color(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """`nw ... | head -1` is no error: when the reader leaves, stop quietly."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def _plain(value: object) -> object:
    """What JSON does not know by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _cell(value: object) -> str:
    """A value as text on a line: lists joined, numbers short."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple, set)):
        return ", ".join(_cell(v) for v in value)
    if isinstance(value, Mapping) or is_dataclass(value):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def _table(records: Iterable[Row], columns: list[str] | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    assert columns is not None
    grid = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        grid.add_column(
            Text(_heading(name)), overflow="fold", justify="right" if name in _NUMBERS else "left"
        )
    for record in records:
        grid.add_row(*(Text(_table_cell(name, record.get(name))) for name in columns))
    if grid.row_count:
        _out()
        Console(no_color=not _color(sys.stdout), highlight=False, soft_wrap=False).print(grid)


_NUMBERS = {"id", "score", "sound", "words", "duration", "duration_s", "year", "songs", "rank", "size"}


def _heading(name: str) -> str:
    return name.removesuffix("_s").replace("_", " ")


def _table_cell(name: str, value: object) -> str:
    if name == "duration_s" and isinstance(value, (int, float)):
        return duration(value)
    if name in {"score", "sound", "words"} and isinstance(value, (int, float)):
        return f"{value:.0f}"
    return _cell(value).replace("\n", " ")


def _tsv(records: Iterable[Row], columns: list[str] | None) -> None:
    """One line a record whatever its values hold: tab, newline and backslash are escaped."""
    out = _out()
    escape = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
    for record in records:
        out.write("\t".join(_cell(record.get(name)).translate(escape) for name in columns or []) + "\n")


def _csv(records: Iterable[Row], columns: list[str] | None) -> None:
    writer = csv.writer(_out())
    writer.writerow(columns or [])
    writer.writerows([_cell(record.get(name)) for name in columns or []] for record in records)


def _picked(record: Row, columns: list[str] | None) -> Row:
    return record if columns is None else {name: record.get(name) for name in columns}


def _json(records: Iterable[Row], columns: list[str] | None) -> None:
    document([_picked(record, columns) for record in records])


def _ndjson(records: Iterable[Row], columns: list[str] | None) -> None:
    out = _out()
    for record in records:
        out.write(json.dumps(_picked(record, columns), default=_plain, ensure_ascii=False) + "\n")


def _path_of(record: Row) -> str | None:
    path = record.get("path")
    return None if path is None else str(path)


def _paths(records: Iterable[Row], _columns: list[str] | None, end: str = "\n") -> None:
    out = _out()
    for record in records:
        path = _path_of(record)
        if path is not None:
            out.write(path + end)
            if end == "\n" and "\n" in path:
                note("note: a path with a line break was written; use --format paths0 for a safe list")


def _paths0(records: Iterable[Row], columns: list[str] | None) -> None:
    _paths(records, columns, end="\0")


def _m3u8(records: Iterable[Row], _columns: list[str] | None) -> None:
    """Extended M3U in UTF-8 (RFC 8216 keeps its lines): seconds, artist - title, then the absolute path."""
    out = _out()
    out.write("#EXTM3U\n")
    for record in records:
        path = _path_of(record)
        if path is None or "\n" in path:
            note(f"note: {record.get('title')!r} is left out: a playlist cannot hold its path")
            continue
        name = " - ".join(str(v) for v in (record.get("artist"), record.get("title")) if v)
        seconds = round(record.get("duration_s") or -1)
        out.write(f"#EXTINF:{seconds},{' '.join(name.split())}\n{Path(path).absolute()}\n")


_WHOLE = {Format.JSON, Format.NDJSON}
_WRITERS: dict[Format, Writer] = {
    Format.TABLE: _table,
    Format.TSV: _tsv,
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.NDJSON: _ndjson,
    Format.PATHS: _paths,
    Format.PATHS0: _paths0,
    Format.M3U8: _m3u8,
}
