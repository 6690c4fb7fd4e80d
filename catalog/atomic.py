"""Files and folders that are there whole or not at all: written aside, flushed to the disk, renamed.

What is written lies meanwhile beside its place as `.nw-….part`, locked by its writer. The kernel drops that
lock with the process, so `clear_leftovers` can tell what a kill left from what is being written.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import DiskFull

# A full disk, a user's quota that is used up, and a file system that takes no file as large.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ASIDE = ".nw-*.part"


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone: a library is private."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """An empty file to write to; at the end it is flushed and takes the place of `path`, old content or none.

    Makes the folder. Where the block raises, `path` stays as it was and nothing else is left.
    """
    make_folder(path.parent)
    aside = _aside_of(path)
    create_new = os.O_RDWR | os.O_CREAT | os.O_EXCL
    lock = os.open(aside, create_new, 0o666)  # less the umask, as for any file that a program writes
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield aside
        put_in_place(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    finally:
        os.close(lock)


@contextlib.contextmanager
def folder_written_aside(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """An empty folder to fill; at the end all in it is flushed and it is called `folder`.

    A folder cannot be renamed over another. With `replace`, the old one steps aside for a moment; a reader
    calls `finish_swap` first, which mends what a kill between the two leaves. Without, an existing one stays:
    FileExistsError, also where another process wrote it meanwhile.
    """
    make_folder(folder.parent)
    aside = _aside_of(folder)
    aside.mkdir()
    lock = os.open(aside, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield aside
        # Content and names before the rename: else a power cut could leave the name with nothing behind it.
        for one in [*aside.rglob("*"), aside]:
            _flush(one)
        if replace:
            _swap(aside, folder)
        else:
            _rename(aside, folder)
        _flush(folder.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def place_of(path: Path) -> Path:
    """Where a person would look for a path: what is written aside has a name that nobody gave it."""
    return path.parent if path.match(_ASIDE) else path


def write_text(path: Path, text: str) -> None:
    """Replace the content of `path` by this text, in UTF-8."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def taken_over(source: Path, target: Path) -> None:
    """The same file under another name too, or a copy where the disk knows no links; makes the folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


def put_in_place(aside: Path, path: Path) -> None:
    """Flush a file that is whole, then let it take the place of `path` in the same folder."""
    _flush(aside)
    aside.replace(path)
    # A rename is an entry of the folder, and is lost with it.
    _flush(path.parent)


def finish_swap(folder: Path) -> None:
    """Bring back the folder that had stepped aside for a new one which a kill kept from its place."""
    old = _stepped_aside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)


def clear_leftovers(folder: Path, pattern: str = _ASIDE) -> None:
    """Remove what killed processes left of their writing in `folder`; what is being written stays.

    pattern: what it is called; whoever writes such a file must lock it.
    """
    for left in folder.glob(pattern):
        with contextlib.suppress(OSError):  # locked by its writer, or gone already
            # Whoever can write to the folder may have laid a pipe there, which would block, or a link.
            lock = os.open(left, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(left)
            finally:
                os.close(lock)


@contextlib.contextmanager
def room_for(what: str, folder: Path, *, again: str) -> Iterator[None]:
    """Turn a full disk into DiskFull. what: "a checkpoint; the one before is as it was"."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # usearch reports a failed write as RuntimeError
        said_so = isinstance(error, OSError) and error.errno in NO_ROOM
        if not said_so and not _is_full(folder):
            raise
        try_this = f"free some space (df -h {folder}), then {again}"
        raise DiskFull(f"there is no room left in {folder} for {what}.", try_this=try_this) from error


def _is_full(folder: Path) -> bool:
    # Of a disk on which the last write failed some blocks may be free: fewer than that write wanted.
    return shutil.disk_usage(folder).free < 1 << 20


def _aside_of(path: Path) -> Path:
    # Without the name of its place, which may be as long as names can be. In the same folder, since a rename
    # is atomic within a file system only.
    unique = uuid.uuid4().hex[:12]
    return path.with_name(f".nw-{unique}.part")


def _stepped_aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _rename(new: Path, folder: Path) -> None:
    try:
        new.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.ENOTDIR, errno.EEXIST):
            raise
        raise FileExistsError(errno.EEXIST, "it is there already", str(folder)) from error


def _swap(new: Path, folder: Path) -> None:
    old = _stepped_aside(folder)
    shutil.rmtree(old, ignore_errors=True)
    # Between these two renames the place is empty; a kill there is what `finish_swap` mends.
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
