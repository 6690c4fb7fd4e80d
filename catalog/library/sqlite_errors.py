"""What SQLite raises, as an error that a user can act on: the one place that knows its codes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import CatalogBusy, CatalogError, DamagedCatalog, DiskFull, NewWaveError, quoted

NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # a file size limit or a quota, where the kernel does not say ENOSPC
    sqlite3.SQLITE_IOERR_SHMSIZE,  # WAL's shared memory cannot grow
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_FSYNC,
}


def make_anew(path: Path, ending: str = "damaged") -> str:
    """What to type where a catalog is of no use any more. ending: of the name under which it is kept."""
    aside = quoted(f"{path}.{ending}")
    return f"mv {quoted(path)} {aside} && nw ingest ~/Music    (makes a new one from the music)"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into an error that a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: sqlite3.DatabaseError) -> NewWaveError:
    """The error that a user can act on, by SQLite's code. path: of the catalog."""
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    # An extended code holds the primary one in its last byte (sqlite.org/rescode.html).
    primary = extended & 0xFF
    folder = quoted(path.parent)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CatalogBusy(
            f"{path} is being written by another process, and it did not finish in time.",
            try_this="wait for the other nw, then run the same command again",
        )
    if primary == sqlite3.SQLITE_FULL or extended in NO_ROOM:
        return DiskFull(
            f"there is no room left for {path} ({error}); what was saved before is safe.",
            try_this=f"free some space (df -h {folder}), then run the same command again",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedCatalog(
            f"{path} is damaged, or no catalog ({error}).",
            try_this=make_anew(path),
        )
    if primary == sqlite3.SQLITE_READONLY:
        return CatalogError(
            f"{path} cannot be changed, for it lies where you may only read: nothing was kept.",
            try_this=f"cp -r {folder} ~/newwave && nw --home ~/newwave songs    (a copy to write to)",
        )
    return CatalogError(
        f"{path} cannot be used ({error}).",
        try_this=f"check that you may write to {folder}, or point NW_HOME somewhere else",
    )
