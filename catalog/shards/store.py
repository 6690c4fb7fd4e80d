"""Shards on the disk: fetched ahead in the background under a budget, pruned when they are used.

The bytes below the store's root never exceed the budget: room for a whole shard is reserved before its first
byte is asked for, by all processes that share the root.
"""

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from catalog.atomic import make_folder, put_in_place
from catalog.errors import Damaged, NewWaveError, SourceError, Unreadable
from catalog.shards import files
from catalog.shards.listing import Listing, ShardFile
from catalog.shards.local_store import Limits
from catalog.shards.remote import offline
from catalog.shards.transfer import Patience, Stopped, fetch

_LOOK_AGAIN_S = 0.2
"""How often to look whether another process made room."""


class Store:
    """The shards of a remote listing in a folder below `root`. Use as a context manager.

    One thread reserves room in the order of the plan, a few download. Raises SourceError where a shard is
    larger than the budget.
    """

    def __init__(
        self,
        listing: Listing,
        root: Path,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        *,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
        on_trouble: Callable[[str], None] = lambda why: None,
    ) -> None:
        self.listing, self.limits = listing, limits
        self.folder = files.folder_of(root, listing.source)
        self._root, self._on_trouble = root, on_trouble
        self._patience = patience
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._uses: dict[int, int] = {}  # asked for and not yet released
        self._locks: dict[int, IO[bytes]] = {}  # coming in or whole, and locked by this process
        self._whole: set[int] = set()
        self._extras: set[int] = set()  # stay until the end
        self._plan: dict[Path, int] = {}  # what is still to come, and when
        self._broken: dict[int, Damaged] = {}
        self._fatal: Exception | None = None
        self._pool = ThreadPoolExecutor(max(1, limits.connections), "shard")
        self._planner: threading.Thread | None = None
        make_folder(self.folder)

    def begin(self, plan: Sequence[int]) -> None:
        """Fetch these shards in the background, in this order; what is left of an earlier plan is dropped.

        Raises SourceError where one of them can never fit.
        """
        # Told before anything is fetched: at the third shard it would cost an hour.
        for shard in set(plan):
            self._check_fits(shard)
        self._abandon()
        self._plan = {}
        for place, shard in enumerate(plan, 1):
            self._plan.setdefault(self.path(shard), place)  # of a shard that comes twice the first counts
        task = (list(plan),)
        self._planner = threading.Thread(target=self._work_off, args=task, daemon=True)
        self._planner.start()  # assigned first: the thread asks whether it is still the one

    def has(self, shard: int) -> bool:
        """Whether the shard is there, or known to be broken."""
        with self._changed:
            is_known = shard in self._whole or shard in self._broken
            return is_known or self._fatal is not None

    def take(self, shard: int) -> Path:
        """Wait for a planned shard. Raises Damaged for a broken one, and what stopped the downloads."""

        def is_settled() -> bool:
            return self.has(shard) or self._stop.is_set()

        with self._changed:
            self._changed.wait_for(is_settled)
            if shard in self._whole:
                return self.path(shard)
            if shard in self._broken:
                raise self._broken[shard]
            if self._fatal is not None:
                raise self._fatal
        raise Unreadable("the store was closed.", try_this="run the same command again")

    def release(self, shard: int) -> None:
        """Prune the shard, unless it is needed again or used shards are kept."""
        with self._changed:
            self._uses[shard] = self._uses.get(shard, 1) - 1
            if self._uses[shard] <= 0:
                del self._uses[shard]
                if shard not in self._extras:
                    self._let_go(shard)
            self._changed.notify_all()

    def fetch_now(self, shard: int) -> Path:
        """A file at once and until the store is closed, for what is no shard: captions, tables."""
        self._check_fits(shard)
        with self._changed:
            self._extras.add(shard)
        with self._failing():
            self._get(shard, self._download)
        return self.take(shard)

    def path(self, shard: int) -> Path:
        """Where a shard lies when it is there."""
        return self.folder / self.listing.files[shard].key

    def close(self) -> None:
        """Stop the downloads; what is there, also in part, stays for the next run."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        planner = self._planner
        if planner is not None:
            planner.join()
        self._pool.shutdown(cancel_futures=True)
        for file in self._locks.values():
            file.close()
        self._locks.clear()
        self._whole.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_fits(self, shard: int) -> None:
        """Raise SourceError where a shard is too large for the budget, however much is dropped."""
        budget = self.limits.budget
        if budget is None:
            return
        file = self.listing.files[shard]
        # What stays until the end, and so can never make room.
        held = files.size_of(self.folder / files.LISTING)
        for other in self._extras - {shard}:
            held += self.listing.files[other].size
        processes = self.limits.processes
        share = budget // processes
        if file.size > share - held:
            among = f", shared by {processes} processes" if processes > 1 else ""
            beside = f" beside {held:,} bytes of tables" if self._extras else ""
            limit = f"the disk budget of {budget:,} bytes{among}{beside}"
            each = 2.5 * file.size + held  # two, and a little: shards differ in size
            wanted = files.size_text(each * processes)
            raise SourceError(
                f"{file.name} has {file.size:,} bytes and can never fit into {limit}.",
                try_this=f"--disk-budget '{wanted}'    (room for two: one is fetched, one is used)",
            )

    def _abandon(self) -> None:
        """End the plan at hand; what it asked for and nobody took is let go."""
        with self._changed:
            planner, self._planner = self._planner, None
            self._changed.notify_all()
        if planner is not None:
            planner.join()
        with self._changed:
            for shard in list(self._uses):
                del self._uses[shard]
                if shard in self._whole:
                    self._let_go(shard)

    def _over(self) -> bool:
        """Whether the thread that asks works for a plan that is no longer wanted."""
        if self._stop.is_set():
            return True
        return self._planner is not threading.current_thread()

    def _work_off(self, plan: list[int]) -> None:
        """Reserve and fetch in the order of the plan."""

        def may_go_on() -> bool:
            return len(self._uses) <= self.limits.ahead or self._over()

        def download(shard: int, part: IO[bytes]) -> None:
            self._pool.submit(self._download, shard, part)

        with self._failing():
            for shard in plan:
                with self._changed:
                    # Not further ahead than was asked: what is fetched takes room until it is used.
                    self._changed.wait_for(may_go_on)
                    if self._over() or self._fatal is not None:
                        return
                    self._uses[shard] = self._uses.get(shard, 0) + 1
                self._get(shard, download)
                self._plan.pop(self.path(shard), None)

    def _get(self, shard: int, download: Callable[[int, IO[bytes]], object]) -> None:
        """Use the file that is there, or reserve room for it and download it."""
        while not self._stop.is_set():
            if self._over() and shard not in self._extras:
                return
            if self._found(shard):
                return
            if self.limits.offline:
                raise offline(self.listing.files[shard].name)
            part = self._reserve(shard)
            if part is not None:
                with self._changed:
                    # Held from here on, so that no other process takes the file for left behind.
                    self._locks[shard] = part
                download(shard, part)
                return
            with self._changed:
                self._changed.wait(_LOOK_AGAIN_S)

    def _found(self, shard: int) -> bool:
        """Lock the whole file if it is there."""
        with self._changed:
            if shard in self._locks or shard in self._broken:  # needed twice
                return True
            file = files.lock(self.path(shard), shared=True)
            if file is None:
                return False
            self._locks[shard] = file
            self._whole.add(shard)
            self._changed.notify_all()
            return True

    def _reserve(self, shard: int) -> IO[bytes] | None:
        """Room for a whole shard, as a locked partial file; None where there is none yet.

        Raises SourceError where nobody is left who could make room.
        """
        file = self.listing.files[shard]
        part = files.part_of(self.path(shard), file)
        budget = self.limits.budget
        with files.root_lock(self._root):
            if budget is not None and not self._make_room(file, part, budget):
                return None
            return files.lock(part, shared=False, make=True)

    def _make_room(self, file: ShardFile, part: Path, budget: int) -> bool:
        """Whether there is room for a file under the budget, perhaps after others were dropped."""

        def next_use(path: Path) -> float:
            # What is needed last is dropped first, if it is at all; the part is needed now.
            return 0 if path == part else self._plan.get(path, math.inf)

        # A part that a killed process left is counted at its full size already.
        there = file.size if part.exists() else 0
        while files.used(self._root) - there + file.size > budget:
            if not files.evict(self.folder, next_use):
                files.check_room(self._root, self.folder, file.size, budget)
                return False
        # No process takes more than its share, or the ranks of a run would starve one another.
        after = self._holding() + file.size
        return after <= budget // self.limits.processes

    def _holding(self) -> int:
        """Bytes of what this process uses, what is coming in included."""
        with self._changed:
            held = [self.listing.files[shard] for shard in self._locks]
        return sum(file.size for file in held)

    def _download(self, shard: int, part: IO[bytes]) -> None:
        """Fetch one shard in a thread and put it in place; what goes wrong waits for who asks for it."""
        file = self.listing.files[shard]
        path = Path(part.name)
        with self._failing():
            try:
                fetch(file, path, patience=self._patience, stop=self._stop, on_trouble=self._on_trouble)
                # Renamed only when it is whole and its checksum is right.
                put_in_place(path, self.path(shard))
                files.share(part)
                with self._changed:
                    self._whole.add(shard)
                    if shard not in self._uses and shard not in self._extras:  # its plan was dropped
                        self._let_go(shard)
            except Stopped:
                return
            except Damaged as problem:
                path.unlink(missing_ok=True)
                with self._changed:
                    self._locks.pop(shard).close()
                    self._broken[shard] = problem
            with self._changed:
                self._changed.notify_all()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """What goes wrong in the background is raised by the next `take`."""
        try:
            yield
        except OSError as problem:
            self._fail(_no_disk(self._root, problem))
        except Exception as problem:
            self._fail(problem)

    def _let_go(self, shard: int) -> None:
        """Give up a shard: kept until its room is needed, or dropped."""
        file = self._locks.pop(shard, None)
        self._whole.discard(shard)
        if file is None:
            return
        path = self.path(shard)
        if self.limits.keep:
            # The time of use: what was used longest ago is pruned first.
            os.utime(path)
        file.close()
        if not self.limits.keep:
            files.drop(path)  # stays where another process still reads it, and goes with that one

    def _fail(self, problem: Exception) -> None:
        """Let the next `take` raise it; the first problem is the one that is told."""
        with self._changed:
            self._fatal = self._fatal or problem
            self._changed.notify_all()


def _no_disk(root: Path, problem: OSError) -> NewWaveError:
    return SourceError(
        f"{root} cannot be written ({problem.strerror or problem}).",
        try_this="check that you may write there, or point NW_HOME somewhere else",
    )
