"""What a stream of rows asks of a store, and the plainest one: shards that lie on this machine already."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.shards.listing import Listing


@dataclass(frozen=True, slots=True)
class Limits:
    """How a store may use disk and network.

    budget: bytes below the root, None for no limit. keep: used shards stay until their room is needed.
    ahead: shards fetched beyond the one in use. connections: downloads at a time. processes: how many
    share the budget (the ranks of a run). offline: use only what is there.
    """

    budget: int | None = None
    keep: bool = False
    ahead: int = 4
    connections: int = 2
    processes: int = 1
    offline: bool = False


class ShardStore(Protocol):
    """Where the shards of a listing can be read."""

    listing: Listing

    def begin(self, plan: Sequence[int]) -> None:
        """Say which shards will be taken, in order."""

    def has(self, shard: int) -> bool:
        """Whether `take` answers at once."""

    def take(self, shard: int) -> Path:
        """The file of a shard, once it is there. Raises Damaged for one that stays broken."""

    def release(self, shard: int) -> None:
        """Say that the last row of a shard is used."""

    def fetch_now(self, shard: int) -> Path:
        """A file at once and until the store is closed, for what is no shard: captions, tables."""

    def close(self) -> None:
        """Stop what runs in the background; what is on the disk stays."""


class LocalFiles:
    """Shards that lie on this machine already: nothing is fetched, nothing pruned."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing

    def begin(self, plan: Sequence[int]) -> None:
        """Nothing to fetch."""

    def has(self, shard: int) -> bool:
        """Always."""
        return True

    def take(self, shard: int) -> Path:
        """The file itself."""
        return Path(self.listing.files[shard].place)

    def release(self, shard: int) -> None:
        """The file is the user's: it stays."""

    def fetch_now(self, shard: int) -> Path:
        """The file itself."""
        return self.take(shard)

    def close(self) -> None:
        """Nothing runs."""
