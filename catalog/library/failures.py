"""Files that could not be read: kept with the reason, so that they are not tried at every ingest."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog.library.database import Catalog


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, with its size and time at that moment."""

    path: Path
    size: int
    mtime_ns: int
    message: str


def record_failure(catalog: Catalog, failure: Failure) -> None:
    """Keep a failure; an earlier one of the same file is replaced."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    path = os.fsencode(failure.path)
    file = (path, failure.size, failure.mtime_ns)
    with catalog.transaction():
        catalog.execute(
            "INSERT OR REPLACE INTO failures VALUES (CAST(? AS TEXT), ?, ?, ?, ?)",
            (*file, failure.message, now),
        )


def failures(catalog: Catalog) -> list[Failure]:
    """All failures, by path."""
    rows = catalog.fetch("SELECT path, size, mtime_ns, message FROM failures ORDER BY path")
    found = []
    for path, size, mtime_ns, message in rows:
        found.append(Failure(Path(path), size, mtime_ns, message))
    return found


def clear_failures(catalog: Catalog, paths: Iterable[Path]) -> None:
    """Forget the failures of these files."""
    with catalog.transaction():
        rows = [(os.fsencode(path),) for path in paths]
        catalog.executemany("DELETE FROM failures WHERE path = CAST(? AS TEXT)", rows)
