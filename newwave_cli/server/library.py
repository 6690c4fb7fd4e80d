"""The library behind the endpoints: a few threads that search, with everything they need kept warm.

What another process writes meanwhile is seen by the next request: SQLite shows it by itself, and an index
that was replaced is opened anew.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated, TypeVar

from fastapi import Depends, Path, Request

from catalog.atomic import clear_leftovers
from catalog.audio.covers import cover
from catalog.errors import Damaged, Unreadable
from catalog.library.database import Catalog
from catalog.records import ALONE
from models.search.indexes import Indexes
from models.search.searcher import Searcher
from newwave_cli.server.errors import Busy, Gone
from newwave_cli.server.uploads import Uploads
from newwave_cli.server.workers import Workers
from newwave_cli.settings import Settings

WAVEFORMS = "waveforms"
"""The folder below home where peaks are kept that were drawn once."""
HIDDEN = frozenset({"path", "sidecar"})
"""Columns that no client's filter may speak of: yes and no, one letter after the other, would tell them."""
MOST_WAITING = 512
"""More requests than that at once would all wait too long; the next one is told to come again."""

Result = TypeVar("Result")
State = tuple[tuple[int, int] | None, ...]
"""Inode and time of the catalog and of each manifest, None for one that is not there."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a thread asks: its own connection, and indexes that all threads share.

    written: inode and time of the catalog and of its log when it was opened.
    """

    catalog: Catalog
    searcher: Searcher
    state: State
    written: State


class Library:
    """Answers questions in worker threads, at most `jobs` at a time.

    Two groups of processes: `embedder` embeds clips that somebody sends, `file_readers` look at the songs'
    files for waveforms and pictures.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder = Workers(1)  # an encoder in each would take its memory again
        self.file_readers = Workers(settings.jobs)
        self._threads = ThreadPoolExecutor(settings.jobs, "library")
        # As many as threads: who waits does so here, where it is still seen that a client has left.
        self._places = asyncio.Semaphore(settings.jobs)
        self._waiting = 0
        self.uploads = Uploads()
        clear_leftovers(settings.home / WAVEFORMS)
        # SQLite's connections belong to the thread that opened them.
        self._own = threading.local()
        self._lock = threading.Lock()
        self._warm: tuple[State, Indexes] | None = None

    async def ask(self, request: Request, work: Callable[[Reader], Result]) -> Result:
        """Run `work` in a thread. Raises Busy where too many wait, Gone where nobody waits any more."""
        if self._waiting >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} requests are waiting already.", try_this="again in a second")
        self._waiting += 1
        try:
            async with self._places:
                # Who waited in the queue may have closed the tab: the next one is served at once.
                if await request.is_disconnected():
                    raise Gone
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)
        finally:
            self._waiting -= 1

    async def cover(self, request: Request, path: File) -> tuple[bytes, str] | None:
        """(bytes, MIME type) of a song's picture; None without one, and for tags that crash their reader."""
        try:
            return await self.file_readers.call(request, cover, path)
        except Unreadable:
            return None

    def close(self) -> None:
        """Let the threads and processes end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.embedder.close()
        self.file_readers.close()

    def _run(self, work: Callable[[Reader], Result]) -> Result:
        reader = self._reader()
        try:
            return work(reader)
        except (Damaged, FileNotFoundError):
            if self._state() == reader.state:
                raise
            return work(self._reader())  # the index was replaced while it was being opened

    def _reader(self) -> Reader:
        """This thread's, opened anew where the files are others by now."""
        state = self._state()
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is not None and reader.state == state and self._sees_all(reader):
            return reader
        if reader is not None:
            reader.catalog.close()
            del self._own.reader  # before opening, which may raise: a closed one must not be found here
        written = self._written()
        catalog = Catalog.open(self.settings.catalog, read_only=True)
        catalog.hidden = HIDDEN
        searcher = Searcher(self._shared(state, catalog), catalog)
        reader = Reader(catalog, searcher, state, written)
        self._own.reader = reader
        return reader

    def _sees_all(self, reader: Reader) -> bool:
        """Whether a reader sees what was written since it was opened."""
        return not reader.catalog.frozen or reader.written == self._written()

    def _written(self) -> State:
        catalog = self.settings.catalog
        log = catalog.with_name(f"{catalog.name}-wal")
        return _identity(catalog), _identity(log)

    def _shared(self, state: State, catalog: Catalog) -> Indexes:
        """The indexes of that state, which all threads read: they are views of files, and large."""
        # One thread opens them; the others that see the new files wait for it and take the same.
        with self._lock:
            if self._warm is None or self._warm[0] != state:
                indexes = Indexes(self.settings.indexes, catalog.library_id())
                self._warm = state, indexes
            return self._warm[1]

    def _state(self) -> State:
        """What tells files from those that were opened: they are replaced as a whole, manifests last."""
        catalog = _identity(self.settings.catalog)
        if catalog is not None:
            inode, _ = catalog  # every write changes the time, and SQLite shows what was written by itself
            catalog = (inode, 0)
        manifests = [self.settings.indexes / side / "manifest.json" for side in ALONE]
        return (catalog, *map(_identity, manifests))


def _identity(path: File) -> tuple[int, int] | None:
    """Inode and time of a file, which are others once it is replaced; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def library_of(request: Request) -> Library:
    """The library that an app serves."""
    library: Library = request.app.state.library
    return library


LibraryDep = Annotated[Library, Depends(library_of)]
SongId = Annotated[int, Path(ge=0, lt=1 << 63)]
