"""Rows of a table file: CSV, TSV, JSON lines, JSON or Parquet, each as a plain dictionary."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from catalog.errors import Unreadable, WrongUse
from catalog.files.encodings import decode

Row = dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a table. Raises Unreadable for what is none, WrongUse for a kind that is not known."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise WrongUse(
            f"{path} is no table that nw reads; it knows {', '.join(sorted(_READERS))}.",
            try_this="nw ingest --table songs.csv",
        )
    try:
        yield from reader(path)
    except (OSError, ValueError, csv.Error) as error:
        raise Unreadable(f"{path} cannot be read as a table: {error}.", try_this=f"head {path}") from error


def _csv(path: Path) -> Iterable[Row]:
    csv.field_size_limit(1 << 30)  # lyrics are longer than the module expects of a cell
    text = decode(path.read_bytes())
    head = text[: text.find("\n")]
    separator = "\t" if path.suffix.lower() in (".tsv", ".tab") else max(",;\t", key=head.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=separator):
        yield {name: value for name, value in row.items() if name is not None}


def _json_lines(path: Path) -> Iterable[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _object(json.loads(line), number)


def _json(path: Path) -> Iterable[Row]:
    rows = json.loads(decode(path.read_bytes()))
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        yield _object(row, number)


def _object(row: Any, number: int) -> Row:
    if not isinstance(row, dict):
        raise ValueError(f"row {number} is not an object with named values")
    return row


def _parquet(path: Path) -> Iterable[Row]:
    import pyarrow.parquet as pq
    import pyarrow.types as types

    file = pq.ParquetFile(path)
    # Sound may be embedded; its bytes are no business of a table of words.
    wanted = [f.name for f in file.schema_arrow if not (types.is_binary(f.type) or types.is_struct(f.type))]
    for batch in file.iter_batches(batch_size=1000, columns=wanted):
        yield from batch.to_pylist()


_READERS: dict[str, Callable[[Path], Iterable[Row]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".tab": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
}
