"""The folder where downloaded shards lie: what is there is the whole truth, also after kill -9.

    root/.lock                          held while room is reserved
    root/<source>/listing.json          the files of a source, pinned
    root/<source>/<shard>-<version>.parquet            whole and verified
    root/<source>/<shard>-<version>.parquet.<size>.part   coming in; its name reserves its size

A file that a process uses carries a lock of that process (flock), which the kernel drops with it.
"""

import fcntl
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from catalog.atomic import clear_leftovers, make_folder, write_text
from catalog.errors import SourceError, Unreadable, quoted
from catalog.own_files import own_file, own_place
from catalog.shards.find import find, is_remote
from catalog.shards.listing import Listing, ShardFile

LISTING = "listing.json"
_PART = re.compile(r"(.+)\.(\d+)\.part")
_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a store. `state`: "ready", "partial" (being fetched, or left by a killed process)."""

    path: Path
    state: str
    present: int
    reserved: int
    in_use: bool


def folder_of(root: Path, source: str) -> Path:
    """Where the shards of a source lie."""
    return root / re.sub(r"[^\w.-]+", "--", source.removeprefix("hf://datasets/")).strip("-")


def part_of(path: Path, file: ShardFile) -> Path:
    """Where a file lies while it comes in."""
    return path.with_name(f"{path.name}.{file.size}.part")


def pinned(
    source: str,
    root: Path,
    *,
    budget: int | None = None,
    endpoint: str | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Listing:
    """The files of a source as they were when it was first used here; `refresh` asks the source again.

    Raises SourceError where it cannot be listed, or would have to be while `offline`.
    """
    if not is_remote(source):
        return find(source)
    folder = folder_of(root, source)
    if not refresh:
        with suppress(OSError, ValueError):
            return Listing.from_json(own_file(folder / LISTING).read_text())
    if offline:
        raise SourceError(
            f"what {source} holds is not known on this machine, and nw is offline.",
            try_this=f"NW_OFFLINE=0 nw shards fetch {quoted(source)} --limit 1    (once, without --offline)",
        )
    listing = find(source, endpoint=endpoint)
    _keep(listing, root, folder, budget)
    return listing


def _keep(listing: Listing, root: Path, folder: Path, budget: int | None) -> None:
    """Pin the listing beside its shards, making room for it first."""
    text = listing.to_json()
    with root_lock(root):
        if budget is not None:
            # Room for the listing and for the copy of it that is written aside.
            needed = 2 * len(text)
            while used(root) + needed > budget:
                if not evict(folder, lambda _: math.inf):
                    break
        clear_leftovers(folder)
        write_text(folder / LISTING, text)


@contextmanager
def root_lock(root: Path) -> Iterator[None]:
    """One process at a time decides about room."""
    make_folder(root)
    with own_place(root / ".lock").open("a") as file:
        # A lock of the kernel: it goes with the process that held it, however that ended.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def used(root: Path) -> int:
    """Bytes below `root`, downloads counted at the size they will have."""
    reserved = (_reserved(path, size) for path, size in _sizes(root))
    return sum(reserved)


def on_disk(root: Path) -> int:
    """Bytes that really lie below `root` at this moment."""
    return sum(size for _, size in _sizes(root))


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def holdings(folder: Path) -> list[Held]:
    """The shards in a store's folder, whole and partial, by name."""
    found = []
    for path, size in sorted(_sizes(folder)):
        if path.name.startswith((LISTING, ".lock")):
            continue
        state = "partial" if _PART.fullmatch(path.name) else "ready"
        reserved = _reserved(path, size)
        found.append(Held(path, state, size, reserved, in_use=_in_use(path)))
    return found


def lock(path: Path, *, shared: bool, make: bool = False) -> IO[bytes] | None:
    """Open and lock a file, None where it is not there or another process holds it."""
    try:
        file = path.open("ab" if make else "rb")
    except FileNotFoundError:
        return None
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    # The lock would be one on a file that nobody finds any more.
    if not os.fstat(file.fileno()).st_nlink:  # deleted between open and lock
        file.close()
        return None
    return file


def share(file: IO[bytes]) -> None:
    """Turn the lock that a download held into one that other readers may share."""
    fcntl.flock(file, fcntl.LOCK_SH)


def drop(path: Path) -> bool:
    """Delete a file unless a process uses it; whether it is gone."""
    file = lock(path, shared=False)
    if file is None:
        return not path.exists()
    with file:
        path.unlink(missing_ok=True)
    return True


def evict(folder: Path, next_use: Callable[[Path], float]) -> bool:
    """Drop one file that nobody uses: the one that `next_use` says is needed last, else the oldest.

    next_use: 0 for a file that must stay, infinity for one that is not needed.
    """
    candidates = []
    for held in holdings(folder):
        use = next_use(held.path)
        if use and not held.in_use:
            candidates.append((use, held))
    candidates.sort(key=_least_needed_first)
    # The first that goes: another process may have begun to read one since it was looked at.
    return any(drop(held.path) for _, held in candidates)


def _least_needed_first(candidate: tuple[float, Held]) -> tuple[float, bool, float]:
    """Needed last, then half files before whole ones, then what was used longest ago."""
    use, held = candidate
    return -use, held.state == "ready", _mtime(held.path)


def check_room(root: Path, folder: Path, needed: int, budget: int) -> None:
    """Raise SourceError where `needed` bytes will not fit whatever goes from `folder`: other sources fill it.

    Not while a living process uses any file, for that may make room.
    """
    for shelf in root.iterdir():
        if shelf.is_dir() and any(held.in_use for held in holdings(shelf)):
            return
    mine = sum(held.reserved for held in holdings(folder))
    taken = used(root) - mine
    if taken + needed > budget:
        taken_by_others = f"{taken:,} of the budget of {budget:,} bytes are taken by other data sets"
        raise SourceError(
            f"there is no room for a shard of {needed:,} bytes: {taken_by_others}.",
            try_this="nw shards prune    (deletes what no process uses), or a larger --disk-budget",
        )


def size_text(size: float) -> str:
    """Bytes as people write them.

    >>> size_text(483_900_000), size_text(20e9), size_text(12)
    ('484 MB', '20 GB', '12 B')
    """
    unit = 0
    last = len(_UNITS) - 1
    while size >= 1000 and unit < last:
        size /= 1000
        unit += 1
    return f"{size:.3g} {_UNITS[unit]}"


def parse_size(text: str) -> int:
    """Bytes from "20GB", "300 MB", "1.5TiB" or a plain number.

    >>> parse_size("20GB"), parse_size("300 mb"), parse_size("1KiB")
    (20000000000, 300000000, 1024)

    Raises Unreadable for anything else.
    """
    match = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*(?:([kmgt])(i?))?b?\s*", text, re.IGNORECASE)
    if match is None or not float(match[1]):
        raise Unreadable(f"{text!r} is no size.", try_this="--disk-budget 20GB")
    power = " kmgt".index((match[2] or " ").lower())
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base**power)


def _sizes(root: Path) -> Iterator[tuple[Path, int]]:
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):  # dropped at this moment
                path = Path(folder, name)
                yield path, path.stat().st_size


def _reserved(path: Path, size: int) -> int:
    part = _PART.fullmatch(path.name)
    if part is None:
        return size
    return max(size, int(part[2]))  # as large as it will be: room is reserved before the first byte comes


def _in_use(path: Path) -> bool:
    # Whoever reads it has a shared lock, so an exclusive one cannot be had.
    file = lock(path, shared=False)
    if file is not None:
        file.close()
    return file is None and path.exists()


def _mtime(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
