"""`folder`: the sound files below some places on the disk, read once and again only when they change."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from catalog.audio.container import unreadable
from catalog.errors import NewWaveError, WrongUse, quoted
from catalog.file_identity import copies, forget_copy, keep_file, lose_file, settle, without_file
from catalog.files.read_file import Reading, ToRead, read
from catalog.files.walk import Found, Walked, walk
from catalog.library import embeddings, songs
from catalog.library.database import Catalog, alone
from catalog.library.failures import Failure, clear_failures, failures, record_failure
from catalog.processes.workers import ItemLost, patience_s, spread
from catalog.values.numbers import counted

BATCH = 64  # files kept at once: what a kill can cost
KEEP_EVERY_S = 2.0  # seconds of reading that a kill can cost
WORTH_A_WORKER = 24
"""So many files win back the second that another worker process takes to start."""

USUAL_PART, USUAL_SONGS = 0.2, 10
"""A prune of more than both wants a yes: so much at once is more often a disk that is not there."""


@dataclass(slots=True)
class Plan:
    """What an ingest would do. `gone` are song ids by path, of files that are no longer there."""

    todo: list[ToRead] = field(default_factory=list)
    unchanged: int = 0
    failed_before: int = 0
    back: list[int] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    gone_copies: list[str] = field(default_factory=list)
    known: int = 0
    walked: Walked = field(default_factory=Walked)


@dataclass(slots=True)
class Report:
    """What an ingest did.

    copies: of the new files those whose sound is a song's that lies elsewhere too. replaced: songs that stay
    without a file, for another sound lies where they were, and somebody said something of them.

    `partly`, `notes` and `unread` are of songs that were taken: why only a part of the sound is heard, what
    else is worth saying, and which texts beside them could not be read.
    """

    new: int = 0
    changed: int = 0
    moved: int = 0
    copies: int = 0
    replaced: list[int] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    partly: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[tuple[Path, str]] = field(default_factory=list)
    unread: list[tuple[Path, str]] = field(default_factory=list)


Progress = Callable[[int, str], None]
"""Called with (files done more, the file at hand)."""


def ingesting(
    catalog: Catalog, *, on_wait: Callable[[], None] = lambda: None
) -> AbstractContextManager[None]:
    """Be the only one who ingests into this catalog; wait, after `on_wait`, for whoever does."""
    # A file of its own: SQLite's lock is held for a batch only, so that searches and others go on.
    lock = catalog.path.with_name(catalog.path.name + ".ingest-lock")
    return alone(lock, on_wait=on_wait)


def plan(catalog: Catalog, roots: Sequence[Path], *, retry_failed: bool = False, again: bool = False) -> Plan:
    """Compare places on the disk with the catalog; reads no file.

    With `retry_failed`, files that could not be read are tried again; with `again`, all are, whatever their
    size and time say.

    Raises WrongUse for a place that does not exist and of which the catalog knows nothing.
    """
    walked = walk(roots)
    known = _known(catalog)
    _refuse_absent(walked, known)
    made = Plan(walked=walked)
    failed = {} if retry_failed or again else _failed(catalog)
    for path, found in walked.files.items():
        song = known.get(path)
        if failed.get(path) == (found.size, found.mtime_ns):
            made.failed_before += 1
        # Size, time and sidecar as they were read: the same file, which is not opened.
        elif again or song is None or song.found != found:
            song_id = song.id if song else None
            made.todo.append(ToRead(Path(path), found, song_id))
        else:
            made.unchanged += 1
            if song.missing:
                made.back.append(song.id)
    _plan_gone(made, known, roots)
    return made


def _failed(catalog: Catalog) -> dict[str, tuple[int, int]]:
    """Size and time of the files that could not be read: changed since, they are tried again."""
    return {str(file.path): (file.size, file.mtime_ns) for file in failures(catalog)}


def _plan_gone(made: Plan, known: Mapping[str, "_Known"], roots: Sequence[Path]) -> None:
    """Which known files below the places are no more. Those elsewhere were not asked for, and stay."""
    places = [os.path.normpath(root.absolute()) for root in roots]
    below = tuple(map(_slashed, places))
    closed = tuple(map(_slashed, made.walked.closed))
    for path, song in known.items():
        if not _slashed(path).startswith(below):
            continue
        made.known += not song.copy
        # In a folder that may not be read nothing is known to be gone.
        if path in made.walked.files or path.startswith(closed):
            continue
        if os.path.lexists(path):  # there, but hidden or of another kind now
            continue
        if song.copy:
            made.gone_copies.append(path)
        else:
            made.gone[path] = song.id


def plan_everything(catalog: Catalog, *, again: bool = False) -> Plan:
    """Which of all songs have lost their file; looks for nothing new. With `again`, all others are read."""
    known = _known(catalog)
    made = Plan()
    there = []
    for path, song in known.items():
        made.known += not song.copy
        if os.path.lexists(path):
            there.append(Path(path))
        elif song.copy:
            made.gone_copies.append(path)
        else:
            made.gone[path] = song.id
    if again:
        made.walked = walk(there)
        for path, found in made.walked.files.items():
            song_id = known[path].id
            made.todo.append(ToRead(Path(path), found, song_id))
    made.unchanged = len(there) - len(made.todo)
    return made


def carry_out(
    catalog: Catalog, made: Plan, *, jobs: int = 1, progress: Progress = lambda n, name: None
) -> Report:
    """Read what the plan says and keep it, some files at a time; a stop loses at most those in hand."""
    report = Report()
    songs.mark_missing(catalog, made.back, missing=False)
    held: list[tuple[ToRead, Reading | NewWaveError]] = []
    kept_at = time.monotonic()
    try:
        for file, result in _results(made.todo, jobs):
            held.append((file, result))
            waited_s = time.monotonic() - kept_at
            if len(held) >= BATCH or waited_s > KEEP_EVERY_S:
                batch, held = held, []
                _keep(catalog, batch, report)
                kept_at = time.monotonic()
            progress(1, file.path.name)
    finally:
        _keep(catalog, held, report)
    for path in made.gone_copies:
        forget_copy(catalog, path)
    # Only now: a file that has moved was read above, and its song is no longer at the old path.
    lost = {}
    for path, song in made.gone.items():
        if lose_file(catalog, path, song):
            lost[path] = song
    made.gone = lost
    songs.mark_missing(catalog, made.gone.values(), missing=True)
    report.replaced = settle(catalog, report.replaced)
    failed = [failure.path for failure in failures(catalog)]
    clear_failures(catalog, [path for path in failed if not os.path.lexists(path)])
    return report


def prune(catalog: Catalog, made: Plan, *, sure: bool = False) -> int:
    """Take the songs whose files are gone out of the catalog; returns how many.

    Raises WrongUse, unless `sure`, where that is much more than usual or a whole place is empty or absent.
    """
    doubtful = (*made.walked.absent, *made.walked.empty)
    lost = [root for root in doubtful if _any_below(made.gone, root)]
    usual = max(USUAL_SONGS, USUAL_PART * made.known)
    is_much = len(made.gone) > usual
    if (lost or is_much) and not sure:
        songs_gone = counted(len(made.gone), "song")
        why = f"{lost[0]} holds no music now" if lost else f"that is much more than usual, of {made.known}"
        raise WrongUse(
            f"pruning would drop {songs_gone}, and {why}: is a disk not mounted? Nothing was pruned.",
            try_this="nw … --yes    (if the files are really gone; else mount the disk, then the same again)",
        )
    with catalog.transaction():
        gone = {*made.gone.values(), *without_file(catalog)}
        songs.remove(catalog, gone)
        embeddings.forget_gone(catalog)
    return len(gone)


@dataclass(frozen=True, slots=True)
class _Known:
    """A path of the catalog: of which song, what was found there, and whether it is a copy of its sound."""

    id: int
    found: Found
    missing: bool = False
    copy: bool = False


def _known(catalog: Catalog) -> dict[str, _Known]:
    """Every path that the catalog knows, as it was when it was read."""
    rows = catalog.rows("SELECT path, id, size, mtime_ns, sidecar, missing FROM songs WHERE path IS NOT NULL")
    known = {}
    for path, song_id, size, mtime_ns, sidecar, missing in rows:
        found = Found(size, mtime_ns, sidecar)
        known[path] = _Known(song_id, found, bool(missing))
    for path, song_id, size, mtime_ns, sidecar in copies(catalog):
        found = Found(size, mtime_ns, sidecar)
        known.setdefault(path, _Known(song_id, found, copy=True))
    return known


def _refuse_absent(walked: Walked, known: Iterable[str]) -> None:
    """Raise WrongUse for a place that is not there and never was."""
    for root in walked.absent:
        # A place that is known and gone is a disk that is not mounted, or music that was deleted.
        if not _any_below(known, root):
            folder = os.path.dirname(root)  # noqa: PTH120 - a string, maybe not UTF-8
            raise WrongUse(
                f"there is no {root}, and the catalog knows no song from there.",
                try_this=f"check the spelling: ls {quoted(folder)}",
            )


def _any_below(paths: Iterable[str], root: str) -> bool:
    below = _slashed(root)
    return any(_slashed(path).startswith(below) for path in paths)


def _slashed(path: str) -> str:
    """With a slash at the end, so that /music is not taken for the beginning of /music-old."""
    return path.rstrip("/") + "/"


def _results(todo: Sequence[ToRead], jobs: int) -> Iterator[tuple[ToRead, Reading | NewWaveError]]:
    """Each file with what reading it came to, as worker processes finish."""
    # A process costs a second to start.
    worthwhile = max(1, len(todo) // WORTH_A_WORKER)
    jobs = min(jobs, worthwhile)

    def limit_s(file: ToRead) -> float:
        return patience_s(file.path)

    for file, result in spread(read, todo, jobs=jobs, limit_s=limit_s):
        if isinstance(result, ItemLost):
            yield file, unreadable(file.path, str(result))
        else:
            yield file, result


def _keep(catalog: Catalog, batch: Sequence[tuple[ToRead, Reading | NewWaveError]], report: Report) -> None:
    """Write what a batch of files came to: songs, and files that could not be read."""
    # One transaction a batch: each costs a flush to the disk, a hundredth of a second on many.
    with catalog.transaction():
        for file, result in batch:
            if isinstance(result, NewWaveError):
                found = file.found
                failure = Failure(file.path, found.size, found.mtime_ns, str(result))
                record_failure(catalog, failure)
                report.failed.append(failure)
            else:
                _keep_song(catalog, file, result, report)
        readable = [file.path for file, result in batch if isinstance(result, Reading)]
        clear_failures(catalog, readable)


def _keep_song(catalog: Catalog, file: ToRead, reading: Reading, report: Report) -> None:
    kept = keep_file(catalog, reading.facts, reading.file)
    report.changed += kept.how == "changed"
    report.moved += kept.how == "moved"
    report.new += kept.how in ("new", "copy")
    report.copies += kept.how == "copy"
    report.replaced += [] if kept.released is None else [kept.released]
    if reading.file.partly:
        report.partly.append((file.path, reading.file.partly))
    report.notes += [(file.path, note) for note in reading.notes]
    report.unread += [(file.path, problem) for problem in reading.unread]
