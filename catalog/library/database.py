"""The catalog's SQLite file: open it, change it in transactions, and say what went wrong in one place."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from catalog.atomic import make_folder
from catalog.errors import CatalogError, NewerCatalog, NotReady, quoted
from catalog.library import migrations
from catalog.library.fulltext import keep_text
from catalog.library.sqlite_errors import NO_ROOM, explained, make_anew
from catalog.own_files import NoFile, own_place
from catalog.values.text import folded

BUSY_MS = 30_000  # longer than any batch of an ingest holds the write lock
AMONG = " IN (SELECT value FROM json_each(?))"
"""Behind a column: it is one of the ids in a single parameter, `as_parameter(ids)`."""
_FROZEN = "mode=ro&immutable=1"  # without a lock, for which SQLite wants to make a file beside the catalog
MAPPED_BYTES = 1 << 30  # SQLite reads them as memory, without a copy in a cache of its own


def as_parameter(ids: Iterable[int]) -> str:
    """Any number of ids as one parameter: SQLite takes 32,766 of them, and 999 before 3.32."""
    return json.dumps([int(one) for one in ids])


class Catalog:
    """An open catalog. Use it as a context manager; `transaction()` around everything that writes.

    One connection: threads may share it for reading, one at a time. hidden: columns that a user's filter may
    not speak of; a server hides where files lie. frozen: what others write from now on is not seen.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, frozen: bool = False) -> None:
        self.path = path
        self.connection = connection
        self.frozen = frozen
        self.hidden: frozenset[str] = frozenset()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, busy_ms: int = BUSY_MS) -> Self:
        """Open the catalog at `path`, making it (and its folder) unless `read_only`.

        An older catalog is brought up to date first, also for a reader. Raises NotReady where there is
        none to read, NewerCatalog, DamagedCatalog, CatalogBusy, DiskFull or CatalogError.
        """
        _refuse_no_file(path)
        if read_only and not path.exists():
            raise NotReady(f"there is no catalog at {path} yet.", try_this="nw ingest ~/Music")
        with explained(path):
            catalog = cls._reading(path, busy_ms) if read_only else cls(path, _writing(path, busy_ms))
            try:
                version = catalog.version()
                if version > migrations.LATEST:
                    raise _newer(path, version, migrations.LATEST)
                if version < migrations.LATEST and read_only:
                    _refuse_unchangeable(path)
                    # A reader may not change tables, so a writer does; the reader sees them as they are then.
                    with cls.open(path, busy_ms=busy_ms):
                        return catalog
                if version < migrations.LATEST:
                    catalog._migrate()
            except BaseException:
                catalog.close()
                raise
        return catalog

    @classmethod
    def _reading(cls, path: Path, busy_ms: int) -> Self:
        """For reading alone, which needs no room on the disk. Raises sqlite3.Error."""
        if _cannot_change(path):
            return cls(path, _connected(path, _FROZEN, busy_ms), frozen=True)
        connection = _connected(path, "mode=ro", busy_ms)
        try:
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode not in NO_ROOM:
                raise
            # Readers and writers share a file of memory beside the catalog, and for it the disk is too full.
            _empty_log(path, busy_ms)
            return cls(path, _connected(path, _FROZEN, busy_ms), frozen=True)
        return cls(path, connection)

    def version(self) -> int:
        """How many migrations this catalog has seen."""
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def state(self) -> tuple[int, int]:
        """What is another as soon as this or any other process has changed something."""
        # data_version counts what other connections committed, total_changes what this one did.
        [(by_others,)] = self.fetch("PRAGMA data_version")
        return int(by_others), self.connection.total_changes

    def library_id(self) -> str:
        """A random name that this catalog got when it was made: song ids mean something within it alone."""
        return str(self.fetch("SELECT value FROM about WHERE key = 'library'")[0][0])

    def _migrate(self) -> None:
        """Take the steps that this catalog has not seen, all of them or none."""
        from sqlite_utils import Database  # 0.15 s, and only a new or an old catalog needs it

        with self.transaction():
            done = self.version()  # again, under the lock: another process may have been quicker
            database = Database(self.connection)
            for step in migrations.STEPS[done:]:
                step(database)
            if done < migrations.DERIVED <= migrations.LATEST:
                for (song_id,) in self.fetch("SELECT id FROM songs"):
                    keep_text(self.connection, song_id)
            self.execute(f"PRAGMA user_version = {migrations.LATEST}")

    def fetch(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with explained(self.path):
            return self.connection.execute(sql, values).fetchall()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one by one, in memory that does not grow."""
        with explained(self.path):
            # No `yield from`: it would close the cursor of one who stops early, maybe after the catalog.
            for row in self.connection.execute(sql, values):  # noqa: UP028
                yield row

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
            # One that begins by reading and then wants to write fails at once where another has written.
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


def _refuse_no_file(path: Path) -> None:
    """Raise CatalogError where something else than a file lies at `path`, or nobody can tell."""
    try:
        own_place(path)
    except NoFile as error:
        raise CatalogError(
            f"{path} cannot be the catalog ({error.strerror}).", try_this=make_anew(path, "aside")
        ) from error
    except OSError as error:
        raise _no_place(path, error) from error


def _no_place(path: Path, error: OSError) -> CatalogError:
    return CatalogError(
        f"the catalog {path} cannot be made or opened ({error.strerror}).",
        try_this="point NW_HOME at a folder that you may write to",
    )


def _newer(path: Path, version: int, latest: int) -> NewerCatalog:
    return NewerCatalog(
        f"{path} was written by a newer nw (catalog version {version}, this one knows {latest}).",
        try_this="upgrade nw, or point NW_HOME at another folder",
    )


def _refuse_unchangeable(path: Path) -> None:
    if _cannot_change(path):
        raise CatalogError(
            f"{path} was written by an older nw, and where it lies it cannot be brought up to date.",
            try_this=f"cp -r {quoted(path.parent)} ~/newwave && nw --home ~/newwave songs",
        )


def _writing(path: Path, busy_ms: int) -> sqlite3.Connection:
    """A connection that may change the catalog, which is made where there is none. Raises sqlite3.Error."""
    _make_private(path)
    connection = _connected(path, "mode=rw", busy_ms)
    try:
        # Readers go on while somebody writes.
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL a power cut may lose the last transactions and never damages the file; a kill loses none.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path, options: str, busy_ms: int) -> sqlite3.Connection:
    """A connection with all set that each one needs. options: of SQLite's URI. Raises sqlite3.Error."""
    # isolation_level=None: else Python begins transactions by itself, before some statements.
    connection = sqlite3.connect(
        # A colon-free URI: %, ? and # in the path are escaped by as_uri.
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        isolation_level=None,
        timeout=busy_ms / 1000,
        check_same_thread=False,
    )
    # Paths are bytes to the system: what is not UTF-8 in them survives as Python's surrogates.
    connection.text_factory = os.fsdecode
    connection.create_function("fold", 1, _fold, deterministic=True)
    try:
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _empty_log(path: Path, busy_ms: int) -> None:
    """Bring what is only in the catalog's log into its file, without memory that is shared."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return
    connection = _connected(path, "mode=rw", busy_ms)
    try:
        # Whoever has it alone keeps the memory to itself; the last one to close empties the log.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _fold(value: Any) -> Any:
    """SQL's `fold(x)`: texts that are equal but for case and composition are equal after it."""
    return folded(value) if isinstance(value, str) else value


def _make_private(path: Path) -> None:
    """Make the catalog's folder and an empty file in it, where there is none: its owner alone reads them."""
    try:
        make_folder(path.parent)
        # SQLite would make it by the umask; the files of its log get the rights of this one.
        handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
        os.close(handle)
    except OSError as error:
        raise _no_place(path, error) from error


def _cannot_change(path: Path) -> bool:
    """Whether the catalog lies where nobody can write, as on a read-only disk, with all of it in one file."""
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK):
        return False
    return not log.exists() or not log.stat().st_size


@contextmanager
def alone(path: Path, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold `path` as a lock file; wait for whoever has it, after calling `on_wait` once.

    The lock goes with the process, also when it is killed. The file stays.
    """
    make_folder(path.parent)
    with own_place(path).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
