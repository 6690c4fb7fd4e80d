"""Files that clients send: so many at once and no more, and none that outlives the process."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from catalog.atomic import clear_leftovers
from newwave_cli.server.errors import Busy

MOST_AT_ONCE = 8  # of 32 MB each: what they may take of /tmp, which is memory on many systems
PREFIX = "nw-clip-"


class Uploads:
    """Places for files that come in. What a killed server left of its own is cleared first."""

    def __init__(self) -> None:
        self._taken = 0
        clear_leftovers(Path(tempfile.gettempdir()), f"{PREFIX}*")

    @contextmanager
    def place(self) -> Iterator[IO[bytes]]:
        """A file to write to, gone at the end. Raises Busy where all places are taken."""
        if self._taken >= MOST_AT_ONCE:
            raise Busy(f"{MOST_AT_ONCE} clips are coming in already.", try_this="again in a while")
        self._taken += 1
        try:
            with tempfile.NamedTemporaryFile(prefix=PREFIX) as file:
                # The lock goes with the process, however it ends: a file without one is a leftover.
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        finally:
            self._taken -= 1
