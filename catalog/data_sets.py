"""What the data sets share: where they are read from, ids, records of a file of JSON lines by id."""

import hashlib
import json
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from catalog.errors import WrongUse
from catalog.records import Clip
from catalog.shards.files import pinned
from catalog.shards.local_store import Limits, LocalFiles, ShardStore
from catalog.shards.order import Cursor
from catalog.shards.stream import Lost, Row, Stream


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set is read from. `named`: files, folders, addresses or hub names that the user gave.

    root: where shards may lie, within `limits`. on_lost is told of what cannot be used, on_note of what a
    person may want to know. exclude: ids and artists that stay out of the stream. songs: where the files of
    songs go that are fetched one by one; tags: what they must all have; account: who asks, where a server
    wants to know.
    """

    root: Path
    named: tuple[str, ...] = ()
    limits: Limits = Limits()
    endpoint: str | None = None
    refresh: bool = False
    exclude: "Excluded" = field(default_factory=lambda: Excluded())
    on_lost: Callable[[Lost], None] = lambda lost: None
    on_note: Callable[[str], None] = lambda note: None
    songs: Path = Path()
    tags: tuple[str, ...] = ()
    account: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Jamendo ids of tracks and artists that belong to a test set, as plain numbers."""

    tracks: frozenset[str] = frozenset()
    artists: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.tracks or self.artists)


@dataclass(slots=True)
class DataSet:
    """Rows of shards as clips; `clip` gives None for a row that is left out. `left_out` counts those."""

    stream: Stream
    clip: Callable[[Row], Clip | None]
    left_out: int = 0

    def rows(self, cursor: Cursor = Cursor()) -> Iterator[tuple[Row, Clip]]:  # noqa: B008 (frozen)
        """Rows of one epoch with their clips, from the cursor on."""
        for row in self.stream.epoch(cursor):
            clip = self.clip(row)
            if clip is None:
                self.left_out += 1
            else:
                yield row, clip


@contextmanager
def opened_store(source: str, place: Place) -> Iterator[ShardStore]:
    """The files of a source: as they lie here, or fetched under the disk budget. Raises SourceError."""
    limits = place.limits
    listing = pinned(
        source,
        place.root,
        budget=limits.budget,
        endpoint=place.endpoint,
        offline=limits.offline,
        refresh=place.refresh,
    )
    if listing.local:
        yield LocalFiles(listing)
        return
    from catalog.shards.store import Store  # loads huggingface_hub

    with Store(listing, place.root, limits, on_trouble=place.on_note) as store:
        yield store


def only_file(place: Place, name: str, needs: str, *, folders: int = 0) -> Path:
    """The table that `place` names, before at most so many folders. Raises WrongUse."""
    if not 1 <= len(place.named) <= 1 + folders:
        raise WrongUse(f"{name} wants {needs}.", try_this=f"nw ingest {name} FILE")
    path = Path(place.named[0]).expanduser()
    if not path.is_file():
        raise WrongUse(f"there is no file {path}; {name} wants {needs}.", try_this=f"nw ingest {name} FILE")
    return path


def plain_id(value: object) -> str:
    """The number in a Jamendo id, however a table writes it.

    >>> plain_id("track_0000214"), plain_id(214), plain_id("14/214.2min.mp3"), plain_id("abc")
    ('214', '214', '214', 'abc')
    """
    text = str(value).rsplit("/", 1)[-1].split(".")[0]
    match = re.search(r"(\d+)$", text)
    return str(int(match[1])) if match else text


class LinesById:
    """Files of JSON lines that are too large for memory, looked up by a field: 16 bytes a line are kept."""

    def __init__(self, paths: Sequence[Path], field: str = "id") -> None:
        self._paths, self._field = list(paths), field
        keys, places = array("q"), array("q")
        for number, path in enumerate(self._paths):
            for offset, record in _records(path):
                if record.get(field) is not None:
                    keys.append(_key(str(record[field])))
                    places.append(offset << 16 | number)
        self._keys, self._places = np.array(keys, np.int64), np.array(places, np.int64)
        order = np.argsort(self._keys, kind="stable")
        self._keys, self._places = self._keys[order], self._places[order]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, name: str) -> list[dict[str, Any]]:
        """All records of that id, in the order of the files."""
        first, last = np.searchsorted(self._keys, [_key(name), _key(name) + 1])
        found = (self._read(int(place)) for place in self._places[first:last])
        return [record for record in found if str(record.get(self._field)) == name]

    def _read(self, place: int) -> dict[str, Any]:
        with self._paths[place & 0xFFFF].open("rb") as file:
            file.seek(place >> 16)
            record: dict[str, Any] = json.loads(file.readline())
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
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 2
