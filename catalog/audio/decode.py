"""Encoded sound to mono float32, block by block: PyAV, and soundfile for what PyAV cannot open.

PyAV comes first also for what libsndfile reads: measured, it is as fast and seeks as exactly, goes on after
a damaged part, and it is quiet (libsndfile's mpg123 writes to stderr).
"""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import av
import av.logging
import numpy as np
import soundfile
from numpy.typing import NDArray

from catalog.errors import Unreadable

av.logging.set_level(av.logging.PANIC)

Waveform = NDArray[np.float32]
Source = Path | bytes

BLOCK = 1 << 17
"""Samples of a block, about three seconds: large enough that Python's part in the work is small."""

_FORMATS = ",".join(
    """aa aac aax ac3 adx aea aiff amr amrnb amrwb ape asf au avi bfstm brstm caf dsf dss dts dtshd eac3 epaf
    flac flv gsm hcom iff ircam loas matroska mlp mov mp3 mpc mpc8 mpeg mpegts nistsphere nut ogg oma pvf qcp
    rm rso sds shn sln sox tak truehd tta voc vqf w64 wav webm wsd wv xa xwma""".split()
)
"""What holds sound itself: playlists (hls, concat, sdp) would open whatever a stranger names in them."""

_FULL_SCALE = {1: 128.0, 2: 32768.0, 4: 2147483648.0}

PREROLL_S = 0.6
"""Decoded ahead of a seek and dropped: Opus wants 80 ms to settle, MP3 the 511 bytes before, which are up to
20 frames."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Sound being decoded: mono blocks, float32 of shape (samples,), at `rate_hz`."""

    rate_hz: int
    channels: int
    blocks: Iterator[Waveform]


def name_of(source: Source) -> str:
    """What to call the source in a message."""
    return f"{len(source):,} bytes of sound" if isinstance(source, bytes) else str(source)


def unreadable(source: Source, why: str) -> Unreadable:
    """The error for a source that holds no sound that can be decoded."""
    return Unreadable(f"{name_of(source)}: {why}.", try_this="check that a music player can play it")


def check_file(source: Source) -> None:
    """Raise Unreadable for what is empty, is no file, or may not be read."""
    try:
        if isinstance(source, Path) and not source.is_file():
            raise unreadable(source, "is not a file" if source.exists() else "does not exist")
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if isinstance(source, Path):
            with source.open("rb"):
                pass
    except OSError as error:
        raise unreadable(source, error.strerror or "cannot be read") from error
    if not size:
        raise unreadable(source, "is empty (0 bytes)")


@contextmanager
def container(source: Source) -> Iterator[tuple[Any, Any]]:
    """PyAV's container and its audio stream. Raises Unreadable where it finds none."""
    check_file(source)
    # An absolute path, for libav takes "a:b.mp3" for a protocol.
    place = io.BytesIO(source) if isinstance(source, bytes) else str(source.absolute())
    try:
        opened = av.open(place, metadata_errors="ignore", options={"format_whitelist": _FORMATS})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise unreadable(source, "holds no sound in a format that is known here") from error
    with opened:
        if not opened.streams.audio:
            raise unreadable(source, f"is {opened.format.name} without any sound in it")
        yield opened, opened.streams.audio[0]


@contextmanager
def decoded(source: Source, *, start_s: float = 0.0) -> Iterator[Stream]:
    """Decode from `start_s` on. A damaged end ends the blocks early; Unreadable where nothing decodes."""
    with ExitStack() as stack:
        try:
            stream = _by_av(stack, source, start_s)
        except Unreadable as error:
            stream = _by_soundfile(stack, source, start_s, error)
        yield stream


def _by_av(stack: ExitStack, source: Source, start_s: float) -> Stream:
    opened, stream = stack.enter_context(container(source))
    if start_s > 0:
        begin = stream.start_time or 0
        with suppress(av.FFmpegError):  # a format that cannot seek is decoded from its start
            opened.seek(begin + int(max(start_s - PREROLL_S, 0) / stream.time_base), stream=stream)
    frames = _frames(opened, stream)
    first = next(frames, None)
    if first is None:
        raise unreadable(source, "none of its sound can be decoded")
    rate_hz = first.sample_rate  # the frame's, for the container of HE-AAC names half of it
    skip = round((start_s - _start_s(first, stream)) * rate_hz) if start_s > 0 else 0
    blocks = (_finite(_mono(big)) for big in _joined(chain([first], frames)))
    return Stream(rate_hz, first.layout.nb_channels, _without(blocks, max(skip, 0)))


def _frames(opened: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames; what is damaged is left out, and the end of a truncated file is its end."""
    packets = opened.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):
            return
        if packet is None:
            return
        with suppress(av.FFmpegError):
            yield from (frame for frame in packet.decode() if frame.samples)


def _start_s(frame: Any, stream: Any) -> float:
    begin = stream.start_time or 0
    return 0.0 if frame.pts is None else float((frame.pts - begin) * stream.time_base)


def _mono(frame: Any) -> Waveform:
    """A frame as (samples,): the mean of its channels, full scale at 1."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype.kind != "f":
        middle = 128 if samples.dtype == np.uint8 else 0
        samples = (samples.astype(np.float32) - middle) / _FULL_SCALE[samples.dtype.itemsize]
    return np.asarray(samples[0] if len(samples) == 1 else samples.mean(axis=0), np.float32)


def _joined(frames: Iterator[Any]) -> Iterator[Any]:
    """The same sound in frames of about `BLOCK` samples: a thousand samples each would cost Python's time."""
    queue = av.AudioFifo()
    for frame in frames:
        frame.pts = None
        with suppress(ValueError):  # a frame of another rate or layout than the first ones
            queue.write(frame)
        if queue.samples >= BLOCK:
            yield queue.read()
    if queue.samples:
        yield queue.read()


def _without(blocks: Iterator[Waveform], skip: int) -> Iterator[Waveform]:
    for block in blocks:
        if len(block) > skip:
            yield block[skip:]
        skip = max(skip - len(block), 0)


def _finite(block: Waveform) -> Waveform:
    return block if np.isfinite(block.sum()) else np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)


def _by_soundfile(stack: ExitStack, source: Source, start_s: float, error: Unreadable) -> Stream:
    """The same by libsndfile; where that cannot read it either, `error` stands."""
    check_file(source)
    if _like_mp3(source):  # mpg123 would write to stderr, and reads nothing that libav does not
        raise error
    try:
        file = stack.enter_context(
            soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        )
        file.seek(min(round(start_s * file.samplerate), file.frames))
    except (soundfile.LibsndfileError, OSError, TypeError) as failed:
        raise error from failed
    return Stream(file.samplerate, file.channels, _read(file))


def _read(file: Any) -> Iterator[Waveform]:
    with suppress(soundfile.LibsndfileError):  # a damaged end
        while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
            yield _finite(np.asarray(block.mean(axis=1), np.float32))


def _like_mp3(source: Source) -> bool:
    if isinstance(source, Path) and source.suffix.lower() in (".mp3", ".mp2"):
        return True
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        head = file.read(3)
    return head == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")
