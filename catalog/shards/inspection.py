"""What lies in the folder of shards: how much of which data set, whether it is whole, what may go."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import Damaged, Unreadable
from catalog.own_files import own_file
from catalog.shards import files
from catalog.shards.listing import Listing, ShardFile
from catalog.shards.parquet import Shard
from catalog.shards.transfer import verify

READY, PARTIAL, ABSENT = "ready", "partial", "absent"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A data set in the folder of shards. `source` is the folder's name where its listing is lost.

    listed: files that the data set has, None for unknown. bytes_held includes what is half here.
    """

    source: str
    revision: str
    folder: Path
    listed: int | None
    bytes_listed: int | None
    ready: int
    partial: int
    in_use: int
    bytes_held: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A file of a data set and what is here of it. `state`: "ready", "partial" or "absent"."""

    file: ShardFile
    path: Path
    state: str
    bytes_held: int
    in_use: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look into one shard gave; `why` is empty for a sound one. `rows`: None where it has none."""

    file: ShardFile
    path: Path
    rows: int | None
    why: str = ""


def shelves(root: Path) -> list[Shelf]:
    """Every data set below the folder of shards, by name."""
    if not root.is_dir():
        return []
    folders = sorted(folder for folder in root.iterdir() if folder.is_dir())
    return [_shelf(folder) for folder in folders]


def _shelf(folder: Path) -> Shelf:
    """A data set's folder: what it holds, and of how much."""
    held = files.holdings(folder)
    listing: Listing | None = None
    with suppress(OSError, ValueError):  # without its listing a folder still takes room, so it is shown
        listing = Listing.from_json(own_file(folder / files.LISTING).read_text())
    source, revision, listed, size = folder.name, "", None, None
    if listing is not None:
        source, revision = listing.source, listing.revision
        listed, size = len(listing.files), listing.size
    states = Counter(one.state for one in held)
    return Shelf(
        source=source,
        revision=revision,
        folder=folder,
        listed=listed,
        bytes_listed=size,
        ready=states[READY],
        partial=states[PARTIAL],
        in_use=sum(one.in_use for one in held),
        bytes_held=sum(one.present for one in held),
    )


def spots(listing: Listing, root: Path) -> list[Spot]:
    """Every file of a listing, in order, and what is here of it."""
    found = []
    if listing.local:
        for file in listing.files:  # they lie where they are, and nobody deletes them from there
            found.append(Spot(file, Path(file.place), READY, file.size, in_use=False))
        return found
    folder = files.folder_of(root, listing.source)
    here = files.holdings(folder) if folder.is_dir() else []
    held = {one.path: one for one in here}
    for file in listing.files:
        path = folder / file.key
        part = files.part_of(path, file)
        one = held.get(path) or held.get(part)
        if one is None:
            spot = Spot(file, path, ABSENT, 0, in_use=False)
        else:
            spot = Spot(file, path, one.state, one.present, in_use=one.in_use)
        found.append(spot)
    return found


def that_fit(listing: Listing, places: Sequence[int], room: int) -> list[int]:
    """The first of these files that fit into `room` bytes together.

    >>> listing = Listing("x", tuple(ShardFile(str(i), 40, "") for i in range(5)))
    >>> that_fit(listing, [1, 3, 4], 100)
    [1, 3]
    """
    fitting = []
    for place in places:
        room -= listing.files[place].size
        if room < 0:  # and no smaller one further on: shards are read in this order
            break
        fitting.append(place)
    return fitting


def room_for(listing: Listing, root: Path, budget: int) -> int:
    """Bytes of the budget that this data set may fill: all that other data sets and its listing leave."""
    folder = files.folder_of(root, listing.source)
    held = files.holdings(folder) if folder.is_dir() else []
    mine = sum(one.reserved for one in held)
    if not root.is_dir():
        return budget
    by_others = files.used(root) - mine
    return budget - by_others


def check(
    found: Sequence[Spot], *, deep: bool, progress: Callable[[int, str], None] = lambda n, name: None
) -> Iterator[Finding]:
    """Look into every file that is here: its size and checksum, and whether it opens as Parquet.

    deep: read every value of every row group as well. A data set's tables are only checked for what was
    announced.
    """
    for spot in found:
        if spot.state == READY:
            yield _finding(spot, deep=deep)
            progress(1, spot.file.name)


def _finding(spot: Spot, *, deep: bool) -> Finding:
    """One file looked at: whole, or why not. deep: every row too."""
    rows = None
    try:
        verify(spot.file, spot.path)
        if spot.path.suffix == ".parquet":
            rows = _rows(spot.path, deep=deep)
    except (Damaged, Unreadable) as problem:
        return Finding(spot.file, spot.path, rows, str(problem))
    except OSError as problem:
        why = f"it cannot be read: {problem.strerror}"
        return Finding(spot.file, spot.path, rows, why)
    return Finding(spot.file, spot.path, rows)


def _rows(path: Path, *, deep: bool) -> int:
    with closing(Shard(path)) as shard:
        # Opening reads only the footer; a damaged page shows when its values are decompressed.
        for group in range(len(shard.sizes) if deep else 0):
            for _ in shard.batches(group):
                pass
        return sum(shard.sizes)


def unused(folder: Path) -> list[files.Held]:
    """The files of a data set that no process uses: what a prune deletes."""
    return [one for one in files.holdings(folder) if not one.in_use]
