"""Opening what a stranger's file may be: only formats that hold sound themselves, and its default stream."""

import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import av
import av.logging
from av.stream import Disposition

from catalog.audio.links import ID3_HEAD, Source, Span, behind_id3
from catalog.audio.stamps import Opened, are_near, is_out_of_step, is_plain, seconds_of_packet, tells_length
from catalog.errors import Unreadable

# libav writes warnings about strangers' files to stderr by itself, into the middle of progress bars.
av.logging.set_level(av.logging.PANIC)

_FORMATS = ",".join(
    """aa aac aax ac3 adx aea aiff amr amrnb amrwb ape asf au avi bfstm brstm caf dsf dss dts dtshd eac3 epaf
    flac flv gsm hcom iff ircam loas matroska mlp mov mp3 mpc mpc8 mpeg mpegts nistsphere nut ogg oma pvf qcp
    rm rso sds shn sln sox tak truehd tta voc vqf w64 wav webm wsd wv xa xwma""".split()
)
"""What holds sound itself: playlists (hls, concat, sdp) would open whatever a stranger names in them."""

WAV_PROBED_BYTES = "65536"
"""How far into a WAV file libav looks for DTS in it: by itself through 5 MB, which takes 140 ms."""


def name_of(source: Source) -> str:
    """What to call the source in a message."""
    return str(source) if isinstance(source, Path) else f"{len(source):,} bytes of sound"


def unreadable(source: Source, why: str) -> Unreadable:
    """The error for a source that holds no sound that can be decoded."""
    return Unreadable(f"{name_of(source)}: {why}.", try_this="check that a music player can play it")


def size_of(source: Source) -> int:
    """Bytes of a source."""
    return source.stat().st_size if isinstance(source, Path) else len(source)


def check_file(source: Source) -> None:
    """Raise Unreadable for what is empty, is no file, or may not be read."""
    try:
        if isinstance(source, Path) and not source.is_file():
            raise unreadable(source, "is not a file" if source.exists() else "does not exist")
        size = size_of(source)
        # Before libav, which says "Invalid data" also where a file may not be read.
        if isinstance(source, Path):
            with source.open("rb"):
                pass
    except OSError as error:
        raise unreadable(source, error.strerror or "cannot be read") from error
    if not size:
        raise unreadable(source, "is empty (0 bytes)")


@contextmanager
def container(source: Source, span: Span | None = None) -> Iterator[Opened]:
    """A source and its audio stream: the default one, else the first. `span`: of those bytes alone.

    Raises Unreadable where it finds none.
    """
    check_file(source)
    if span is None and _is_all_tag(source):
        span = ID3_HEAD, size_of(source)  # libav finds the first frame of MPEG behind the rest of the tag
    with ExitStack() as stack:
        if span is None and isinstance(source, Path):
            place: Any = str(source.absolute())  # for libav takes "a:b.mp3" for a protocol
        else:
            place = opened_file(stack, source, span)
        options = {"format_whitelist": _FORMATS}
        if _is_wav(source):
            options["probesize"] = WAV_PROBED_BYTES
        try:
            opened, out_of_step = _opened(place, options)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise unreadable(source, "holds no sound in a format that is known here") from error
        stack.enter_context(opened)
        if not opened.streams.audio:
            raise unreadable(source, f"is {opened.format.name} without any sound in it")
        known = [stream for stream in opened.streams.audio if stream.codec_context is not None]
        if not known:
            raise unreadable(source, f"is {opened.format.name} with a kind of sound that is not known here")
        # Films bring several languages; the one that players play is marked.
        default = [stream for stream in known if stream.disposition & Disposition.default]
        stream = (default or known)[0]
        yield Opened(opened, stream, stream.index not in out_of_step)


def _opened(place: Any, options: dict[str, str]) -> tuple[Any, set[int]]:
    """PyAV's container, of MP4 whose ticks are wrong the whole, whatever its edit list leaves of it; and the
    indices of those of its streams whose table is out of step.
    """

    def opened(**more: str) -> Any:
        if hasattr(place, "seek"):
            place.seek(0)
        return av.open(place, metadata_errors="ignore", options=options | more)

    as_it_says = opened()
    if not as_it_says.format.name.startswith("mov"):
        return as_it_says, set()
    known = [stream for stream in as_it_says.streams.audio if stream.codec_context is not None]
    odd = _out_of_step(as_it_says, known)
    is_odd = bool(odd) or any(map(_leaves_out, known))
    if not is_odd and all(map(tells_length, known)):
        return as_it_says, odd
    as_it_says.close()  # some of its packets were read
    if not is_odd:
        return opened(), odd
    # An edit list is in seconds: where those of the packets are wrong, it leaves out what is sound.
    whole = opened(advanced_editlist="0")
    odd_whole = _out_of_step(whole, whole.streams.audio)
    whole.close()
    return (opened(advanced_editlist="0"), odd_whole) if odd_whole else (opened(), odd)


def _out_of_step(opened: Any, streams: Iterable[Any]) -> set[int]:
    return {stream.index for stream in streams if is_out_of_step(opened, stream)}


def _leaves_out(stream: Any) -> bool:
    is_of_packets = not is_plain(stream)  # of plain samples, each is called a frame
    return is_of_packets and len(stream.index_entries) < 0.9 * stream.frames


def claimed(opened: Any, stream: Any) -> float:
    """Seconds that the head says: of the stream, else of the whole file; 0 where it says nothing."""
    if stream.duration:
        said_s = float(stream.duration * stream.time_base)
        by_packets_s = stream.frames * seconds_of_packet(stream)
        is_table = opened.format.name.startswith("mov") and by_packets_s > 0
        return by_packets_s if is_table and not are_near(said_s, by_packets_s) else said_s
    return opened.duration / av.time_base if opened.duration else 0.0


def opened_file(stack: ExitStack, source: Source, span: Span | None) -> Any:
    """The bytes, or those of one link, as a file."""
    file: Any
    if isinstance(source, Path):
        file = stack.enter_context(source.open("rb"))
    elif isinstance(source, bytes):
        file = io.BytesIO(source)
    else:
        file = _View(source)
    return file if span is None else _Part(file, *span)


class _View:
    """Bytes that lie elsewhere, as a file, of which only what is read is copied: what libav asks for."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}
        self._at = max(bases[whence] + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = len(self._content) if size < 0 else self._at + size
        piece = bytes(self._content[self._at : end])
        self._at += len(piece)
        return piece


class _Part(io.RawIOBase):
    """A stretch of a file, as a file; a seek beyond it, as lying heads ask for, ends at its edge."""

    def __init__(self, file: Any, begin: int, end: int) -> None:
        self._file, self._begin = file, begin
        self._size = end - begin
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        wanted = bases[whence] + offset
        self._at = min(max(wanted, 0), self._size)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = self._size - self._at
        self._file.seek(self._begin + self._at)
        wanted = left if size < 0 else min(size, left)
        piece: bytes = self._file.read(wanted)
        self._at += len(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _is_wav(source: Source) -> bool:
    head = _head(source)
    return head[:4] == b"RIFF" and head[8:] == b"WAVE"


def like_mp3(source: Source) -> bool:
    """Whether a source is MP3 by its name or its first bytes."""
    if isinstance(source, Path) and source.suffix.lower() in (".mp3", ".mp2"):
        return True
    head = _head(source)
    has_sync = head[:1] == b"\xff" and head[1:2] >= b"\xe0"  # eleven ones begin every MPEG audio frame
    return has_sync or head[:3] == b"ID3"


def _is_all_tag(source: Source) -> bool:
    """Whether an ID3 tag says that it is longer than the file it stands in, so that no sound would follow."""
    return behind_id3(_head(source)) >= size_of(source)


def _head(source: Source) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(12)
    return bytes(source[:12])
