"""What a stream of rows asks of a store, and the plainest one: shards that lie on this machine already."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from catalog.shards.listing import Listing


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

    def close(self) -> None:
        """Nothing runs."""
