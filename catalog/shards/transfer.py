"""One file over the network: goes on where it stopped, tries again with growing pauses, verifies."""

import errno
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled

from catalog.errors import Damaged, DiskFull
from catalog.shards import remote
from catalog.shards.listing import ShardFile

_AGAIN = {408, 416, 425, 429}  # timeouts, a range that is past the end, too early, too many requests
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Stopped(Exception):
    """The download was told to stop; what is there stays."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try without receiving anything, and the pauses in seconds: doubled from first to longest.

    `wrong` is how many whole downloads may fail their checksum.
    """

    tries: int = 6
    wrong: int = 2
    first_s: float = 0.5
    longest_s: float = 60.0

    def pause_s(self, failures: int, asked_s: float | None = None) -> float:
        """Seconds before the next try after so many failures in a row; what the server asks comes first."""
        if asked_s is not None:
            return min(asked_s, 10 * self.longest_s)
        # Spread, so that many readers do not come back at the same moment.
        doubled_s = self.first_s * 2.0 ** (failures - 1)
        return min(self.longest_s, doubled_s) * random.uniform(0.5, 1.0)


def fetch(
    file: ShardFile,
    part: Path,
    *,
    patience: Patience = Patience(),  # noqa: B008 (frozen)
    stop: Event | None = None,
    on_trouble: Callable[[str], None] = lambda why: None,
) -> None:
    """Download into `part`, continuing what it holds; never writes past the size that was announced.

    Raises Damaged where this file stays broken, SourceError where no file can be had (no network, gated),
    DiskFull, and Stopped when `stop` is set.
    """
    stop = stop or Event()
    failures, wrong = 0, 0
    while True:
        before = _size(part)
        try:
            _receive(file, part, stop)
            verify(file, part)
            return
        except Damaged as error:
            part.write_bytes(b"")
            wrong, why, asked_s = wrong + 1, str(error), None
            if wrong >= patience.wrong:
                raise
        except (remote.HTTPError, OfflineModeIsEnabled, _CutShort) as error:
            if remote.status_of(error) == 416:  # the file has become shorter than what is here
                part.write_bytes(b"")
            # Whoever got some bytes is as patient as before: a slow line may break off a hundred times.
            got_some = _size(part) > before
            failures = 1 if got_some else failures + 1
            _give_up(file, error, last=failures >= patience.tries)
            why = _short(error)
            asked_s = remote.retry_after_s(error)
        on_trouble(f"{file.name}: {why}")
        pause_s = patience.pause_s(max(failures, wrong), asked_s)
        if stop.wait(pause_s):
            raise Stopped


def verify(file: ShardFile, path: Path) -> None:
    """Raise Damaged unless the file has the announced size and, where it is known, checksum."""
    size = _size(path)
    if size != file.size:
        why = f"{file.name} has {size:,} bytes where {file.size:,} were announced."
        raise Damaged(why, try_this=_AGAIN_LATER)
    kind, _, expected = file.digest.partition(":")
    if kind and _digest(kind, path, size) != expected:
        raise Damaged(f"{file.name} does not have the checksum that its source names.", try_this=_AGAIN_LATER)


_AGAIN_LATER = "nw shards verify    (finds and drops damaged ones), then run the same command again"


def _digest(kind: str, path: Path, size: int) -> str:
    with path.open("rb") as file:
        if kind == "sha256":
            return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)  # as git names a blob
        while block := file.read(1 << 20):
            digest.update(block)
        return digest.hexdigest()


def _receive(file: ShardFile, part: Path, stop: Event) -> None:
    """Append what is missing to `part`. A connection that ends early leaves it short: no error here."""
    had = _size(part)
    if had == file.size:
        return
    try:
        # Without a buffer: what a kill finds in the file is what was received.
        with remote.opened(file, had) as (start, pieces), part.open("r+b" if had else "wb", 0) as out:
            # A server that knows no ranges begins at 0 again, whatever was asked for.
            out.truncate(start)
            out.seek(start)
            for piece in pieces:
                _append(file, out, piece)
                if stop.is_set():
                    raise Stopped
    except OSError as error:
        if error.errno in _NO_ROOM:
            why = f"there is no room left on the disk for {file.name} ({file.size:,} bytes)."
            raise DiskFull(why, try_this="nw shards prune    (or a smaller --disk-budget)") from error
        raise
    has = _size(part)
    if has < file.size:
        raise _CutShort(f"the answer ended after {has:,} of {file.size:,} bytes")


class _CutShort(Exception):
    """An answer that ended early and called itself complete."""


def _append(file: ShardFile, out: BinaryIO, piece: bytes) -> None:
    """Write a piece whole. Raises Damaged beyond the announced size, which the disk budget counts on."""
    if out.tell() + len(piece) > file.size:
        raise Damaged(
            f"{file.name} is longer than the {file.size:,} bytes that were announced: it was replaced.",
            try_this="nw shards fetch NAME --refresh    (NAME is the data set: asks again what there is)",
        )
    view = memoryview(piece)
    while view:  # without a buffer, a write may take only a part
        view = view[out.write(view) :]


def _give_up(file: ShardFile, error: Exception, *, last: bool) -> None:
    """Raise unless trying again may help."""
    status = remote.status_of(error)
    if isinstance(error, (GatedRepoError, OfflineModeIsEnabled)) or status in (401, 403):
        raise remote.explain(file.name, error) from error
    is_final = status is not None and status < 500 and status not in _AGAIN
    if status is not None and (last or is_final):
        raise Damaged(f"{file.name}: the server answered {status}.", try_this=_AGAIN_LATER) from error
    if last and isinstance(error, _CutShort):
        raise Damaged(f"{file.name}: {error}.", try_this=_AGAIN_LATER) from error
    if last:
        raise remote.explain(file.name, error) from error


def _short(error: Exception) -> str:
    """The first line of what an error says, for a note."""
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
