"""Files of JSON lines beside shards, looked up by an id."""

import hashlib
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np


class LinesById:
    """Files of JSON lines that are too large for memory, looked up by a field: 16 bytes a line are kept."""

    def __init__(self, paths: Sequence[Path], field: str = "id") -> None:
        self._paths, self._field = list(paths), field
        keys, places = array("q"), array("q")
        for number, path in enumerate(self._paths):
            for offset, record in _records(path):
                if record.get(field) is not None:
                    keys.append(_key(str(record[field])))
                    places.append(offset << 16 | number)  # of 65,536 files up to 128 TB each
        unsorted = np.array(keys, np.int64)
        order = np.argsort(unsorted, kind="stable")
        self._keys = unsorted[order]
        self._places = np.array(places, np.int64)[order]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, name: str) -> list[dict[str, Any]]:
        """All records of that id, in the order of the files."""
        key = _key(name)
        first, last = np.searchsorted(self._keys, [key, key + 1])
        found = []
        for place in self._places[first:last].tolist():
            record = self._read(place)
            if str(record.get(self._field)) == name:  # two ids may have one key
                found.append(record)
        return found

    def _read(self, place: int) -> dict[str, Any]:
        with self._paths[place & 0xFFFF].open("rb") as file:
            file.seek(place >> 16)
            line = file.readline()
        record: dict[str, Any] = json.loads(line)
        return record


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    offset = 0
    with path.open("rb") as file:
        for line in file:
            with suppress(ValueError):  # a line that was cut costs only itself
                record = json.loads(line)
                if isinstance(record, dict):
                    yield offset, record
            offset += len(line)


def _key(name: str) -> int:
    # 62 bits, so that the next key fits int64 too.
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 2
