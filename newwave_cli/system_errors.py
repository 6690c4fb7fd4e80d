"""What the system refuses, as an error that a user can act on: a file, a folder, room on a disk."""

import errno
import os
import sys
from pathlib import Path

from catalog.atomic import NO_ROOM, place_of
from catalog.errors import DiskFull, NewWaveError, WrongUse, causes, quoted
from catalog.own_files import NoFile

_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_PLACE = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}
"""What stands in the way of a file or folder; that there is none (ENOENT) is also how a fault of nw shows."""


_TOO_MANY_OPEN = {errno.EMFILE, errno.ENFILE}


def shortage_behind(problem: BaseException) -> NewWaveError | None:
    """The sentence where what is called damaged could not be opened, for too many files are; else None."""
    for cause in causes(problem):
        if isinstance(cause, OSError) and cause.errno in _TOO_MANY_OPEN:
            return _too_many_open(cause)
    return None


def _too_many_open(problem: OSError) -> NewWaveError:
    said = f"no more files may be open at once ({problem.strerror}); what was saved before is safe."
    return NewWaveError(said, try_this="ulimit -n 1024    (allows more in this shell; then the same again)")


def explained(problem: Exception) -> NewWaveError | None:
    """The sentence for a file that may not be read or written, or that has no room; None for the rest."""
    if not isinstance(problem, OSError):
        return None
    if problem.errno in _TOO_MANY_OPEN:
        return _too_many_open(problem)
    if not isinstance(problem.filename, str):  # the output, a part of a file that was open, this folder
        return _nameless(problem)
    wanted = problem.filename2 or problem.filename  # of a renaming the place that it was meant for
    name = str(place_of(Path(wanted)))
    folder = quoted(_open_folder(Path(name).parent))
    if problem.errno in NO_ROOM:
        said = f"there is no room left for {name}; what was saved before is safe."
        return DiskFull(said, try_this=f"df -h {folder}    (and free some space)")
    if problem.errno in _FORBIDDEN:
        said = f"{name} is needed here, and the system refuses it ({problem.strerror})."
        elsewhere = "" if _was_typed(name) else "    (or another place: --home DIR)"
        return NewWaveError(said, try_this=f"ls -ld {folder}{elsewhere}")
    if isinstance(problem, NoFile):
        said = f"{name} cannot be read or written here: {problem.strerror}."
        aside = quoted(f"{name}.aside")
        return NewWaveError(said, try_this=f"mv {quoted(name)} {aside}    (nw makes the file anew)")
    was_not_there = problem.errno == errno.ENOENT and _was_typed(name)
    if was_not_there or problem.errno in _NO_PLACE:
        reason = (problem.strerror or "").lower()
        return WrongUse(f"{name} is no place for this: {reason}.", try_this=f"ls -ld {folder}")
    return None


def _nameless(problem: OSError) -> NewWaveError | None:
    if problem.errno in NO_ROOM:
        said = "there is no room left where this is written; what was saved before is safe."
        return DiskFull(said, try_this="df -h    (and free some space)")
    if problem.errno == errno.ENOENT and _is_nowhere():
        said = "the folder that this shell is in is not there any more, so no name means anything from here."
        return NewWaveError(said, try_this="cd    (then the same again, with the whole path)")
    return None


def _is_nowhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd() is the same
    except FileNotFoundError:
        return True
    return False


def _open_folder(folder: Path) -> Path:
    """The folder, or the nearest above it that may be looked at."""
    while not os.access(folder, os.F_OK) and folder != folder.parent:
        folder = folder.parent
    return folder


def _was_typed(name: str) -> bool:
    """Whether a path stands in what was typed, or is above or below one that does."""
    place = Path(name)
    for word in sys.argv[1:]:
        _, _, value = word.rpartition("=")  # --report=PATH too
        typed = Path(value)
        is_related = place.is_relative_to(typed) or typed.is_relative_to(place)
        if typed.parts and is_related:
            return True
    return False
