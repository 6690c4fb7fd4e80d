"""The catalog's SQLite file: open it, change it in transactions, and say what went wrong in one place."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from catalog.errors import (
    CatalogBusy,
    CatalogError,
    DamagedCatalog,
    DiskFull,
    NewerCatalog,
    NewWaveError,
    NotReady,
)
from catalog.text import folded

BUSY_MS = 30_000
MAPPED_BYTES = 1 << 30
NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # a file size limit or a quota, where the kernel does not say ENOSPC
    sqlite3.SQLITE_IOERR_SHMSIZE,  # WAL's shared memory cannot grow
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_FSYNC,
}


class Catalog:
    """An open catalog. Use it as a context manager; `transaction()` around everything that writes.

    One connection: threads may share it for reading, one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, busy_ms: int = BUSY_MS) -> Self:
        """Open the catalog at `path`, making it (and its folder) unless `read_only`.

        An older catalog is brought up to date first, also for a reader. Raises NotReady where there is
        none to read, NewerCatalog, DamagedCatalog, CatalogBusy, DiskFull or CatalogError.
        """
        from catalog.library.migrations import LATEST, migrate

        if read_only and not path.exists():
            raise NotReady(f"there is no catalog at {path} yet.", try_this="nw ingest ~/Music")
        with explained(path):
            catalog = cls(path, _connect(path, read_only=read_only, busy_ms=busy_ms))
            try:
                version = catalog.version()
                if version > LATEST:
                    raise _newer(path, version, LATEST)
                if version < LATEST and read_only:
                    with cls.open(path, busy_ms=busy_ms):
                        return catalog
                if version < LATEST:
                    migrate(catalog)
            except BaseException:
                catalog.close()
                raise
        return catalog

    def version(self) -> int:
        """How many migrations this catalog has seen."""
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def fetch(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with explained(self.path):
            return self.connection.execute(sql, values).fetchall()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one by one, in memory that does not grow."""
        with explained(self.path):
            yield from self.connection.execute(sql, values)

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement that writes."""
        with explained(self.path):
            return self.connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any] | dict[str, Any]]) -> None:
        """Run one statement for every row."""
        with explained(self.path):
            self.connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; takes the write lock at once. Inside another transaction it joins that one.

        Raises CatalogBusy where another process keeps the lock longer than the catalog waits, and DiskFull.
        """
        if self.connection.in_transaction:
            yield
            return
        with explained(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.rollback()  # content where SQLite did it by itself, as on a full disk
                raise

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into an error that a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: sqlite3.DatabaseError) -> NewWaveError:
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = extended & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CatalogBusy(
            f"{path} is being written by another process, and it did not finish in time.",
            try_this="wait for the other nw, then run the same command again",
        )
    if primary == sqlite3.SQLITE_FULL or extended in NO_ROOM:
        return DiskFull(
            f"there is no room left for {path} ({error}); what was saved before is safe.",
            try_this=f"free some space (df -h {path.parent}), then run the same command again",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedCatalog(
            f"{path} is not a sound catalog ({error}).",
            try_this=f"mv {path} {path}.damaged && nw ingest ~/Music    (makes a new one from the music)",
        )
    return CatalogError(
        f"{path} cannot be used ({error}).",
        try_this=f"check that you may write to {path.parent}, or point NW_HOME somewhere else",
    )


def _newer(path: Path, version: int, latest: int) -> NewerCatalog:
    return NewerCatalog(
        f"{path} was written by a newer nw (catalog version {version}, this one knows {latest}).",
        try_this="upgrade nw, or point NW_HOME at another folder",
    )


def _connect(path: Path, *, read_only: bool, busy_ms: int) -> sqlite3.Connection:
    if not read_only:
        _make_folder(path.parent)
    # A colon-free URI: %, ? and # in the path are escaped by as_uri.
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=busy_ms / 1000, check_same_thread=False
    )
    # Paths are bytes to the system: what is not UTF-8 in them survives as Python's surrogates.
    connection.text_factory = os.fsdecode
    connection.create_function("fold", 1, _fold, deterministic=True)
    try:
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _fold(value: Any) -> Any:
    """SQL's `fold(x)`: texts that are equal but for case and composition are equal after it."""
    return folded(value) if isinstance(value, str) else value


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"the folder {folder} for the catalog cannot be made ({error.strerror}).",
            try_this="point NW_HOME at a folder that you may write to",
        ) from error


@contextmanager
def alone(path: Path, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold `path` as a lock file; wait for whoever has it, after calling `on_wait` once.

    The lock goes with the process, also when it is killed. The file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
