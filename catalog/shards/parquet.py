"""Rows out of one parquet shard: by row group, only the columns that are asked for, a few rows in memory.

pyarrow decodes a whole page at a time, and it writes pages of up to 1,024 values: for a column of songs a
page is the whole row group. So the peak is about twice the largest row group, whatever the size of the shard.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.errors import Unreadable
from catalog.processes.shared_memory import LARGE_BYTES
from catalog.values.arrow_cells import plain_cell, plain_row

HELD_BYTES = 64_000_000
"""Neighbouring rows that are held in memory and shuffled among each other."""


class Shard:
    """An open parquet file. `sizes` are the rows of its row groups.

    columns: the top-level columns to read, None for all. Raises Unreadable for a damaged file, and for one
    that has none of the columns, naming those that it has.
    """

    def __init__(self, path: Path, columns: Sequence[str] | None = None) -> None:
        try:
            self._file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
            self.found = list(self._file.schema_arrow.names)
            about = self._file.metadata
            groups = map(about.row_group, range(about.num_row_groups))
            self.sizes = [group.num_rows for group in groups]
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(path.name, error) from error
        self._thread = ThreadPoolExecutor(1, "shard")  # a ParquetFile is for one thread at a time
        self._begun: dict[int, tuple[Iterator[Any], Future[Any]]] = {}
        self.path = path
        self.columns = self.found
        if columns is not None:
            self.columns = [name for name in self.found if name in columns]
        if not self.columns:
            self.close()
            wanted = " or ".join(columns or ())
            there = ", ".join(self.found)
            raise Unreadable(
                f"{path.name} has no column {wanted}; it has {there}.",
                try_this="rename the columns that hold audio and text, or name other files of the data set",
            )

    def held(self, group: int) -> int:
        """How many rows of a group fit into `HELD_BYTES`, at least one."""
        about = self._file.metadata.row_group(group)
        size = 0
        for number in range(about.num_columns):
            chunk = about.column(number)
            column, _, _ = chunk.path_in_schema.partition(".")  # audio.bytes and audio.path are both audio's
            if column in self.columns:
                size += chunk.total_uncompressed_size
        fitting = HELD_BYTES * about.num_rows // max(size, 1)
        return max(1, int(fitting))

    def batches(self, group: int, *, then: int | None = None) -> Iterator[Any]:
        """The rows of a group in order, as record batches of `held` rows. Raises Unreadable.

        The next one is read while one is used, which holds no GIL: the first of group `then` after the last.
        """
        if group not in self._begun:
            self._begin(group)
        batches, coming = self._begun.pop(group)
        left = math.ceil(self.sizes[group] / self.held(group))
        try:
            while (batch := coming.result()) is not None:
                coming = self._thread.submit(next, batches, None)
                left -= 1
                if left == 0 and then is not None:
                    self._begin(then)
                yield batch
        except (pa.ArrowException, OSError) as error:
            where = f"{self.path.name}, row group {group}"
            raise _unreadable(where, error) from error

    def _begin(self, group: int) -> None:
        batches = self._read(group)
        coming = self._thread.submit(next, batches, None)
        self._begun[group] = batches, coming

    def _read(self, group: int) -> Iterator[Any]:
        yield from self._file.iter_batches(
            batch_size=self.held(group), row_groups=[group], columns=self.columns, use_threads=False
        )

    def close(self) -> None:
        """Close the file, when what was begun is read."""
        self._thread.shutdown(cancel_futures=True)
        self._file.close()


def row_at(batch: Any, place: int, *, views: bool = False) -> dict[str, Any]:
    """One row of a batch as plain values; views: large bytes as a memoryview of the batch, not copied."""
    # A slice, for the other rows of the batch need not become Python's objects.
    row = batch.slice(place, 1)
    if not views:
        return plain_row(row)
    names = row.schema.names
    return {name: _value(column) for name, column in zip(names, row.columns, strict=True)}


def _value(cell: Any) -> Any:
    """An array of one cell as a plain value, large bytes in it as a memoryview."""
    if pa.types.is_struct(cell.type) and not cell.null_count:
        names = [field.name for field in cell.type]
        return {name: _value(part) for name, part in zip(names, cell.flatten(), strict=True)}
    if pa.types.is_binary(cell.type) and not cell.null_count:
        # Not by a scalar, which copies its bytes.
        _, offsets, content = cell.buffers()
        start, end = np.frombuffer(offsets, np.int32)[cell.offset : cell.offset + 2]
        if end - start >= LARGE_BYTES:
            return memoryview(content)[start:end]
    return plain_cell(cell)


def _unreadable(what: str, error: Exception) -> Unreadable:
    lines = str(error).strip().splitlines()
    why = lines[0] if lines else type(error).__name__
    return Unreadable(f"{what} cannot be read as Parquet ({why}).", try_this="nw shards verify")
