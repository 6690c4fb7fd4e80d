"""How far an ingest of shards came, as a small file beside the library: the next one goes on from there."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from catalog.atomic import write_text
from catalog.own_files import own_file
from catalog.shards.order import Cursor


class Progress:
    """Where each of `count` shards goes on in the first epoch, and how many songs were taken.

    cursor: all that lies before it is done. ahead: where shards behind it go on, of which something is done
    already. The end of a shard is the beginning of the next.
    """

    def __init__(
        self,
        count: int,
        cursor: Cursor = Cursor(),  # noqa: B008 (frozen)
        ahead: Iterable[tuple[int, Cursor]] = (),
        songs: int = 0,
    ) -> None:
        self._at = []
        for shard in range(count):
            within = min(cursor, _end(shard))
            self._at.append(max(_start(shard), within))
        for shard, place in ahead:
            self._at[shard] = place
        self.songs = songs

    def __getitem__(self, shard: int) -> Cursor:
        return self._at[shard]

    def __setitem__(self, shard: int, cursor: Cursor) -> None:
        self._at[shard] = cursor

    def starts(self) -> list[Cursor]:
        """Where the shards go on that are not done, in their order."""
        unfinished = []
        for shard, cursor in enumerate(self._at):
            if cursor < _end(shard):
                unfinished.append(cursor)
        return unfinished

    def pass_on_to(self, cursor: Cursor) -> None:
        """All before the cursor is done."""
        for shard in range(cursor.shard):
            self._at[shard] = _end(shard)
        if cursor.shard < len(self._at):
            self._at[cursor.shard] = cursor

    def state(self) -> dict[str, Any]:
        """What `from_state` makes the same progress of."""
        all_done = Cursor(0, len(self._at))
        cursor = next(iter(self.starts()), all_done)
        ahead = []
        # Only with a cluster are there any: its workers read several shards at once.
        for shard, place in enumerate(self._at):
            if shard > cursor.shard and place != _start(shard):
                ahead.append((shard, asdict(place)))
        return {"cursor": asdict(cursor), "ahead": ahead, "songs": self.songs}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], count: int) -> Self:
        """The progress of a state, which an older nw wrote without `ahead`. Raises KeyError or TypeError."""
        ahead = []
        for shard, place in state.get("ahead", ()):
            ahead.append((int(shard), Cursor(**place)))
        cursor = Cursor(**state["cursor"])
        return cls(count, cursor, ahead, int(state["songs"]))


def _start(shard: int) -> Cursor:
    return Cursor(0, shard)


def _end(shard: int) -> Cursor:
    return Cursor(0, shard + 1)


def remembered(path: Path, fingerprint: Mapping[str, Any], count: int) -> Progress:
    """How far an earlier ingest of these `count` shards came; nowhere where it was of other data."""
    # A file that is not there, half written or of an older nw costs a second look at rows, and no error.
    with suppress(OSError, ValueError, KeyError, TypeError, IndexError):
        state = json.loads(own_file(path).read_text())
        if state["of"] == dict(fingerprint):
            return Progress.from_state(state, count)
    return Progress(count)


def remember(path: Path, fingerprint: Mapping[str, Any], progress: Progress) -> None:
    """Write down how far an ingest came."""
    state = {"of": dict(fingerprint), **progress.state()}
    write_text(path, json.dumps(state))
