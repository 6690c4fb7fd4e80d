"""Rows of a whole data set, shard after shard, in an order that can be taken up again at any row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from catalog.errors import Damaged, Incompatible, SourceError, Unreadable
from catalog.shards.local_store import ShardStore
from catalog.shards.order import Cursor, Share, blocks, group_order, shares
from catalog.shards.parquet import Shard, row_at
from catalog.values.numbers import counted


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `cursor` is where a pass goes on after it."""

    values: Mapping[str, Any]
    shard: str
    group: int
    row: int
    cursor: Cursor

    @property
    def place(self) -> str:
        """A name for the row: shard, row group and row."""
        return f"{self.shard}:{self.group}:{self.row}"


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be used, and why: a song, a row group, or a whole shard. `rows`: None for unknown."""

    place: str
    why: str
    rows: int | None = 1


class Stream:
    """The rows of a store's shards: all of its parquet files, in the order of the listing.

    seed: None reads in the order of the files. rank, world: this process reads its share of the shards.
    columns: None for all. max_broken: so many shards may stay broken, and are skipped; one more raises
    SourceError. on_lost is told of all that is skipped.
    """

    def __init__(
        self,
        store: ShardStore,
        *,
        columns: tuple[str, ...] | None = None,
        seed: int | None = None,
        rank: int = 0,
        world: int = 1,
        max_broken: int = 10,
        on_lost: Callable[[Lost], None] = lambda lost: None,
    ) -> None:
        self.store, self.columns = store, columns
        self.shards = store.listing.shards()
        self.seed = seed
        self.rank, self.world = rank, world
        self.max_broken, self.on_lost = max_broken, on_lost
        self.broken: list[Lost] = []
        self.views = False
        """Whether large bytes are views of what was read: for whoever hands them on at once."""

    def epoch(self, cursor: Cursor = Cursor()) -> Iterator[Row]:  # noqa: B008 (frozen)
        """The rows of epoch `cursor.epoch` from the cursor on: none are left after the last row's cursor.

        Raises SourceError where too many shards are broken, or where they cannot be had at all.
        """
        count = len(self._shares(cursor.epoch))
        if cursor.shard >= count:
            return self.rows_from([])
        starts = [cursor]
        for place in range(cursor.shard + 1, count):
            starts.append(Cursor(cursor.epoch, place))
        return self.rows_from(starts)

    def rows_from(self, starts: Sequence[Cursor]) -> Iterator[Row]:
        """The rows of the shards in which these cursors of one epoch stand, each from there to its end.

        Raises SourceError as `epoch` does.
        """
        mine = self._shares(starts[0].epoch) if starts else []
        plan = [mine[start.shard] for start in starts]
        places = [self.shards[share.shard] for share in plan]
        self.store.begin(places)
        for start, share in zip(starts, plan, strict=True):
            shard = self._open(share)
            if shard is not None:
                with closing(shard):
                    yield from self._rows(shard, share, start)
            self.store.release(self.shards[share.shard])

    def state(self, cursor: Cursor) -> dict[str, Any]:
        """What a checkpoint keeps: `resumed` gives the cursor back."""
        listing = self.store.listing
        data = {
            "source": listing.source,
            "revision": listing.revision,
            "fingerprint": listing.fingerprint(self.shards),
        }
        # What decides the order; with it the four numbers of a cursor name one row.
        order = {"seed": self.seed, "rank": self.rank, "world": self.world}
        return {**data, **order, **asdict(cursor)}

    def resumed(self, state: Mapping[str, Any]) -> Cursor:
        """The cursor in a state. Raises Incompatible for one of other shards, seed or world size."""
        mine = self.state(Cursor())
        for name in ("fingerprint", "seed", "rank", "world"):
            then, now = state.get(name), mine[name]
            if then != now:
                source = state.get("source")
                raise Incompatible(
                    f"the run stopped with {name} {then} of {source}, and now it is {now}:"
                    " the same rows would not follow.",
                    try_this="start with the data, seed and number of processes of then, or a new run",
                )
        places = [int(state[name]) for name in ("epoch", "shard", "group", "row")]
        return Cursor(*places)

    def _shares(self, epoch: int) -> list[Share]:
        count = len(self.shards)
        return shares(count, seed=self.seed, epoch=epoch, rank=self.rank, world=self.world)

    def _name(self, share: Share) -> str:
        place = self.shards[share.shard]
        return self.store.listing.files[place].name

    def _open(self, share: Share) -> Shard | None:
        """The shard of a share; None for one that is broken. Raises SourceError where too many are."""
        name = self._name(share)
        try:
            path = self.store.take(self.shards[share.shard])
            return Shard(path, self.columns)
        except (Damaged, Unreadable) as problem:
            lost = Lost(name, str(problem), rows=None)
        self.on_lost(lost)
        self.broken.append(lost)
        broken = len({one.place for one in self.broken})  # not once more in every epoch
        if broken > self.max_broken:
            stays = counted(broken, "shard stays", "shards stay")
            raise SourceError(
                f"{stays} broken in {self.store.listing.source}; the last: {lost.why}",
                try_this="nw shards verify    (then the same command again goes on where it stopped)",
            )
        return None

    def _rows(self, shard: Shard, share: Share, cursor: Cursor) -> Iterator[Row]:
        count = len(shard.sizes)
        order = group_order(count, seed=self.seed, epoch=cursor.epoch, shard=share.shard)
        for place in range(cursor.group, count):
            done = cursor.row if place == cursor.group else 0
            start = Cursor(cursor.epoch, cursor.shard, place, done)
            then = order[place + 1] if place + 1 < count else None  # read while this one is used
            yield from self._group(shard, share, order[place], start, then=then)

    def _group(
        self, shard: Shard, share: Share, group: int, cursor: Cursor, *, then: int | None
    ) -> Iterator[Row]:
        """The rows of one group but the first `cursor.row`. A damaged group is lost from there on.

        then: the group that comes after it.
        """
        name = self._name(share)
        held = shard.held(group)
        found = blocks(shard.sizes, group, held, share, seed=self.seed, epoch=cursor.epoch)
        cut = list(found)
        batches = shard.batches(group, then=then)
        at = 0
        try:
            for block, batch in zip(cut, batches, strict=True):
                for row in block.rows:
                    at += 1
                    if at <= cursor.row:
                        continue
                    values = row_at(batch, row - block.start, views=self.views)
                    after = replace(cursor, row=at)
                    yield Row(values, name, group, row, after)
        except (Unreadable, ValueError) as problem:
            in_all = sum(len(block.rows) for block in cut)
            place = f"{name}:{group}"
            self.on_lost(Lost(place, str(problem), rows=in_all - at))
