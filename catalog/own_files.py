"""Files that nw keeps for itself, opened only where they are files.

A pipe or a device in the place of one would be waited for without end.
"""

import errno
import stat
from pathlib import Path


class NoFile(OSError):
    """What lies where nw keeps a file is a folder, a pipe, a socket or a device."""

    def __str__(self) -> str:
        """What it is, in words: errors name the path themselves."""
        return str(self.strerror)


def own_file(path: Path) -> Path:
    """The same path, to open it for reading. Raises OSError where nothing is there, NoFile for no file."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise NoFile(errno.EINVAL, f"it is a {_kind(mode)} and no file", str(path))
    return path


def own_place(path: Path) -> Path:
    """The same path, to open it for writing: a file, or nothing yet. Raises OSError, NoFile."""
    try:
        return own_file(path)
    except FileNotFoundError:
        return path


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"
