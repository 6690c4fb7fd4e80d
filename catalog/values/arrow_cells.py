"""Cells of Arrow as plain values, also where Python has none that is the same."""

from typing import Any

import pyarrow as pa
import pyarrow.types as kinds


def plain_cell(cell: Any) -> Any:
    """The value of an array of one cell.

    Text that is not UTF-8 has marks in place of what is none, a time zone that nobody knows is left out, a
    date beyond the calendar is the number that it is kept as. None for anything else that has no value.
    """
    try:
        return cell[0].as_py()
    except (ValueError, OverflowError):
        return _as_near_as_may_be(cell)


def plain_row(row: Any) -> dict[str, Any]:
    """A batch of one row as plain values by column."""
    return {name: plain_cell(cell) for name, cell in zip(row.schema.names, row.columns, strict=True)}


def _as_near_as_may_be(cell: Any) -> Any:
    kind = cell.type
    try:
        if kinds.is_string(kind) or kinds.is_large_string(kind):
            content = cell.cast(pa.large_binary() if kinds.is_large_string(kind) else pa.binary())
            return content[0].as_py().decode(errors="replace")
        if kinds.is_timestamp(kind) and kind.tz:
            return plain_cell(cell.cast(pa.timestamp(kind.unit)))
        if kinds.is_temporal(kind):
            number = cell.cast(pa.int32() if kinds.is_date32(kind) else pa.int64())
            return str(number[0].as_py())
    except (pa.ArrowException, ValueError):
        pass
    return None
