"""Rows of a table file: CSV, TSV, JSON lines, JSON or Parquet, each as a plain dictionary."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.errors import Unreadable, WrongUse, quoted
from catalog.files.encodings import decode
from catalog.values import vocabulary

Row = dict[str, Any]
OnLost = Callable[[str], None]
"""Told of a row that cannot be read, or not all of it, and why."""

_SEPARATOR_HINT = re.compile(r'\s*"?sep=(.)"?[ \t;,]*\r?\n', re.IGNORECASE)
"""Excel's first line, which says how cells are separated."""
_MARKUP = ("<!doctype", "<html", "<?xml")
_SAMPLE = 100_000
"""Characters of a table that are looked at to see how its cells are separated."""


def read_rows(path: Path, *, on_lost: OnLost | None = None, on_cut: OnLost | None = None) -> Iterator[Row]:
    """The rows of a table.

    on_lost: told of rows that cannot be read, and the others go on; without it, or where no row can be read,
    they make the table Unreadable. on_cut: told of rows with cells that no column has a name for. Raises
    Unreadable for what is no table, WrongUse for a kind that is not known.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise WrongUse(
            f"{path} is no table that nw reads; it knows {known}.", try_this="nw ingest --table songs.csv"
        )
    if not path.exists():
        raise Unreadable(f"there is no table {path}.", try_this=f"ls {quoted(path.parent)}")
    if not path.is_file():
        raise Unreadable(f"{path} is no regular file, so it is no table.", try_this=f"ls -l {quoted(path)}")
    lost: list[str] = []
    cut: list[str] = []
    count = 0
    try:
        rows = reader(path, lost.append, cut.append)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - counted below
            yield row
        if lost and (on_lost is None or not count):
            raise ValueError(lost[0])
        for one in lost:
            assert on_lost is not None
            on_lost(f"{path.name}, {one}")
        for one in cut if on_cut else ():
            assert on_cut is not None
            on_cut(f"{path.name}, {one}")
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        reason = str(error).rstrip(".")
        why = f"{path} cannot be read as a table: {reason}."
        raise Unreadable(why, try_this=f"head {quoted(path)}") from error


def _csv(path: Path, on_lost: OnLost, on_cut: OnLost) -> Iterable[Row]:
    """Rows of CSV or TSV, by whichever sign separates their cells."""
    csv.field_size_limit(1 << 30)  # lyrics are longer than the module expects of a cell
    text = _text(path)
    hint = _SEPARATOR_HINT.match(text)
    if hint:
        separator = hint[1]
        text = text[hint.end() :]
    else:
        usual = "\t,;|" if path.suffix.lower() in (".tsv", ".tab") else ",;\t|"
        separator = _separator(text[:_SAMPLE], usual)
    rows = _cells(text, separator, on_lost)
    _, head = next(rows, (0, []))
    nothing = dict.fromkeys(head)
    for line, cells in rows:
        nameless = [cell for cell in cells[len(head) :] if cell.strip()]
        if nameless:
            shown = "; ".join(cell[:40] for cell in nameless)
            too_many = f"{len(cells)} cells for {len(head)} columns"
            on_cut(f"line {line}: {too_many}, so not this: {shown}")
        yield nothing | dict(zip(head, cells, strict=False))


def _text(path: Path) -> str:
    """What a table of text holds. Raises ValueError for what only has its name: no row there is missed."""
    text = decode(path.read_bytes())
    if "\0" in text:
        raise ValueError("it holds bytes that no text has")
    if text.lstrip().lower().startswith(_MARKUP):
        raise ValueError("it is a page, as a server sends one in place of a file that it does not give")
    return text


def _cells(text: str, separator: str, on_lost: OnLost) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the number of the line that it begins in.

    A quotation mark that none closes would make one cell of the rest of the table: its line alone is lost.
    """
    before = 0  # lines that were read by earlier readers
    while True:
        lines = _Lines(text, before)
        reader = csv.reader(lines, delimiter=separator)
        line = before + 1
        for cells in reader:
            if lines.ended:  # it asks for a line more only inside quotation marks
                break
            if cells:
                yield line, cells
            line = before + reader.line_num + 1
        else:
            return
        on_lost(f"line {line}: a quotation mark opens a cell and none closes it")
        before = line


class _Lines:
    """The lines of a text after the first so many. `ended`: whether one was asked for behind the last."""

    def __init__(self, text: str, before: int) -> None:
        self._lines = islice(io.StringIO(text, newline=""), before, None)
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        self.ended = True


def _separator(sample: str, usual: str) -> str:
    """What separates the cells: it gives most rows the same number of cells, and then the most cells."""
    fits: dict[str, tuple[float, int]] = {}
    for separator in usual:
        lines = io.StringIO(sample, newline="")
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            as_wide = widths.count(widths[0])
            fits[separator] = as_wide / len(widths), widths[0]
    return max(fits, key=lambda one: fits[one], default=usual[0])


def _json_lines(path: Path, on_lost: OnLost, on_cut: OnLost) -> Iterable[Row]:
    """Rows of JSON lines; a line that is none is lost alone."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = decode(line) if number == 1 else line.decode()  # an editor may have left its mark
                if not text.strip():
                    continue
                row = _object(json.loads(text), number)
            except (ValueError, RecursionError) as error:  # brackets in brackets end the parser's patience
                on_lost(f"line {number}: {error}")
                continue
            yield row


def _json(path: Path, on_lost: OnLost, on_cut: OnLost) -> Iterable[Row]:
    content = json.loads(decode(path.read_bytes()))
    rows = content if isinstance(content, list) else [content]
    for number, row in enumerate(rows, start=1):
        yield _object(row, number)


def _object(row: Any, number: int) -> Row:
    if not isinstance(row, dict):
        raise ValueError(f"row {number} is not an object with named values")
    return row


def _parquet(path: Path, on_lost: OnLost, on_cut: OnLost) -> Iterable[Row]:
    """Rows of Parquet, without columns that hold sound."""
    import pyarrow.parquet as pq
    import pyarrow.types as types

    from catalog.values.arrow_cells import plain_row

    file = pq.ParquetFile(path)
    wanted = []
    for column in file.schema_arrow:
        # Sound may be embedded; its bytes are no business of a table of words. A title in bytes is text.
        kind = column.type
        is_binary = types.is_binary(kind) or types.is_large_binary(kind)
        if types.is_struct(kind) or (is_binary and not _holds_words(column.name)):
            continue
        wanted.append(column.name)
    for batch in file.iter_batches(batch_size=1000, columns=wanted):
        try:
            yield from batch.to_pylist()
        except (ValueError, OverflowError):  # a date beyond the calendar, bytes that are no text
            yield from (plain_row(batch.slice(at, 1)) for at in range(batch.num_rows))


def _holds_words(name: str) -> bool:
    column = vocabulary.column(name)
    return column in vocabulary.TOLD and column not in vocabulary.SOUNDS


_READERS: dict[str, Callable[[Path, OnLost, OnLost], Iterable[Row]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".tab": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
}
