"""Encoded sound to mono float32, block by block: PyAV, and soundfile for what PyAV cannot open.

PyAV comes first also for what libsndfile reads: measured, it is as fast and seeks as exactly, goes on after
a damaged part, and it is quiet (libsndfile's mpg123 writes to stderr).

A stranger's file may crash a decoder, and then takes the process with it: `catalog.audio.apart` decodes in
another one.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import av
import soundfile

from catalog.audio import mp3
from catalog.audio.container import (
    check_file,
    claimed,
    container,
    like_mp3,
    opened_file,
    size_of,
    unreadable,
)
from catalog.audio.links import Source, Span, links
from catalog.audio.mono import BLOCK, Block, Waveform, blocks_of, implausible, mono
from catalog.audio.stamps import can_seek
from catalog.errors import Unreadable
from catalog.values.numbers import counted

__all__ = ["Block", "Source", "Stream", "Waveform", "container", "decoded", "unreadable"]

WITHOUT_STAMPS = ("aac", "loas", "mpegts", "mpeg")
"""Formats whose packets do not tell when they sound: their stamps are a guess by the first packet, or begin
anew on the way."""

PREROLL_S = 0.6
"""Decoded ahead of a seek and dropped: Opus wants 80 ms to settle, MP3 the 511 bytes before, which are up to
20 frames."""

END_S = 1.0
"""So near to its end the padding of an MP3 may begin, which is no sound."""

FREE_S, LEAST_BYTES_A_SECOND = 3600, 50
"""How long a file may sound: an hour, and a second for every 50 bytes. No codec for music needs as few; what
claims more would cost time without end."""


Start = float | Callable[[float], float]
"""A moment in seconds, or what says it for the length that a file claims; see `claimed_s`."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Sound being decoded: mono blocks from `start_s` on. rate_hz, channels: those that it begins with."""

    rate_hz: int
    channels: int
    blocks: Iterator[Block]
    start_s: float = 0.0


@contextmanager
def decoded(source: Source, *, start: Start = 0.0, seconds: float = math.inf) -> Iterator[Stream]:
    """Decode from a moment on. A damaged end ends the blocks early; Unreadable where nothing decodes.

    All of a chained file is heard, and all of a stream whose rate or channels change on the way. seconds:
    no more are wanted, and what lies behind them is seldom decoded.
    """
    check_file(source)
    spans = links(source)
    with ExitStack() as stack:
        if len(spans) == 1:
            stream = _one(stack, source, None, start, seconds)
        else:
            # Only what was decoded tells where in a chain a moment lies.
            stream = _chained(stack, source, spans)
            start_s = _moment(start, lambda: claimed_s(source))
            stream = replace(stream, blocks=_from(stream.blocks, start_s), start_s=start_s)
        yield replace(stream, blocks=_bounded(stream.blocks, source))


def decoded_s(source: Source) -> float:
    """How many seconds are heard when all is decoded. Raises Unreadable."""
    with decoded(source) as stream:
        return sum(len(sound) / rate_hz for sound, rate_hz in stream.blocks)


def claimed_s(source: Source) -> float:
    """What a file says of its length without being read, for some an estimate; 0 where it says nothing.

    Raises Unreadable.
    """
    try:
        with container(source) as (opened, stream, _):
            return claimed(opened, stream)
    except Unreadable:  # some Ogg files, say, are read by libsndfile alone
        return decoded_s(source)


def _one(
    stack: ExitStack, source: Source, span: Span | None, start: Start, seconds: float = math.inf
) -> Stream:
    """One link, by whichever library can open it."""
    try:
        return _by_av(stack, source, span, start, seconds)
    except Unreadable as error:
        return _by_soundfile(stack, source, span, start, error)


def _moment(start: Start, claimed_s: Callable[[], float]) -> float:
    return start(claimed_s()) if callable(start) else start


def _chained(stack: ExitStack, source: Source, spans: list[Span]) -> Stream:
    """All links of a chain, one after the other; those that cannot be decoded are left out."""
    rest = iter(spans)
    for span in rest:
        with suppress(Unreadable):
            first = _one(stack, source, span, 0.0)
            break
    else:
        raise unreadable(source, "none of its sound can be decoded")

    def blocks() -> Iterator[Block]:
        yield from first.blocks
        for span in rest:
            with suppress(Unreadable), ExitStack() as own:
                yield from _one(own, source, span, 0.0).blocks

    return Stream(first.rate_hz, first.channels, blocks())


def _by_av(stack: ExitStack, source: Source, span: Span | None, start: Start, seconds: float) -> Stream:
    """Open a source with PyAV at a moment of it. Raises Unreadable where nothing can be decoded."""
    whole = stack.enter_context(container(source, span))
    opened, stream, _ = whole
    start_s = _moment(start, lambda: claimed(opened, stream))
    first: Any = None
    is_near = False
    if start_s > 0 and opened.format.name not in WITHOUT_STAMPS:
        if not can_seek(whole):  # what the head says of time is wrong
            start_s = _moment(start, lambda: decoded_s(source))
        elif packets := _packets_near(opened, stream, source, start_s, seconds):
            frames = _frames(packets)
            first = next(frames, None)
            is_near = first is not None
        if not is_near:  # packets were read to find that out
            opened, stream, _ = stack.enter_context(container(source, span))
    if first is None:
        frames = _frames(opened.demux(stream))
        first = next(frames, None)
    if first is None:
        raise unreadable(source, "none of its sound can be decoded")
    # The frame's, for the container of HE-AAC names half of its rate.
    rate_hz, channels = first.sample_rate, first.layout.nb_channels
    if why := implausible(rate_hz, channels):
        raise unreadable(source, why)
    # A seek lands where the file has a mark, somewhere before: the frame's own stamp tells how far to go on.
    skip_s = start_s - (_start_s(first, stream) if is_near else 0.0)
    wanted: Iterable[Any] = chain([first], frames)
    if seconds < math.inf:
        wanted = _seconds_of(wanted, max(skip_s, 0.0) + seconds)
    blocks = blocks_of(wanted)
    return Stream(rate_hz, channels, _from(blocks, skip_s), start_s)


def _packets_near(
    opened: Any, stream: Any, source: Source, start_s: float, seconds: float
) -> Iterator[Any] | None:
    """The packets from `PREROLL_S` before a moment at the latest; None for a format that cannot seek."""
    begin = stream.start_time or 0
    ahead_s = max(start_s - PREROLL_S, 0)
    moment = begin + int(ahead_s / stream.time_base)
    claimed_s = float((stream.duration or 0) * stream.time_base)
    # Not at the end: what is padding there libav knows by the time that it counts itself.
    is_before_end = start_s + seconds < claimed_s - END_S
    if opened.format.name == "mp3" and not isinstance(source, Path) and is_before_end:
        packets = mp3.packets_at(opened, stream, source, moment)
        if packets is not None:
            return packets
    with suppress(av.FFmpegError):
        opened.seek(moment, stream=stream)
        packets_there: Iterator[Any] = opened.demux(stream)
        return packets_there
    return None


def _frames(packets: Iterator[Any]) -> Iterator[Any]:
    """Decoded frames; what is damaged is left out, and the end of a truncated file is its end."""
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):
            return
        if packet is None:
            return
        with suppress(av.FFmpegError):
            yield from (frame for frame in packet.decode() if frame.samples)


def _seconds_of(frames: Iterable[Any], seconds: float) -> Iterator[Any]:
    """The first frames that hold so many seconds: blocks of seconds would be decoded for the last one."""
    for frame in frames:
        yield frame
        seconds -= frame.samples / frame.sample_rate
        if seconds <= 0:
            return


def _start_s(frame: Any, stream: Any) -> float:
    if frame.pts is None:
        return 0.0
    begin = stream.start_time or 0  # MP3 and AAC begin a little after 0: their encoder's delay
    return float((frame.pts - begin) * stream.time_base)


def _from(blocks: Iterator[Block], skip_s: float) -> Iterator[Block]:
    """The blocks without their first seconds."""
    for sound, rate_hz in blocks:
        skip = max(0, round(skip_s * rate_hz))
        if len(sound) > skip:
            yield Block(sound[skip:], rate_hz)
        skip_s = max(skip_s - len(sound) / rate_hz, 0.0)


def _bounded(blocks: Iterator[Block], source: Source) -> Iterator[Block]:
    """The same blocks. Raises Unreadable where they are more than so many bytes can be."""
    size = size_of(source)
    most_s = FREE_S + size / LEAST_BYTES_A_SECOND
    heard_s = 0.0
    for block in blocks:
        heard_s += len(block.sound) / block.rate_hz
        if heard_s > most_s:
            hours = counted(round(most_s / 3600), "hour")
            raise unreadable(source, f"claims more than {hours} of sound in {size:,} bytes")
        yield block


def _by_soundfile(
    stack: ExitStack, source: Source, span: Span | None, start: Start, error: Unreadable
) -> Stream:
    """The same by libsndfile; where that cannot read it either, `error` stands."""
    if like_mp3(source):  # mpg123 would write to stderr, and reads nothing that libav does not
        raise error
    try:
        # Always as a part: soundfile prints what a file of Python says to a seek that cannot be.
        whole = (0, size_of(source))
        part = opened_file(stack, source, span or whole)
        file = stack.enter_context(soundfile.SoundFile(part))
        if implausible(file.samplerate, file.channels):
            raise error
        start_s = _moment(start, lambda: claimed_s(source))
        first = round(start_s * file.samplerate)
        file.seek(min(first, file.frames))
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as failed:
        raise error from failed
    return Stream(file.samplerate, file.channels, _read(file), start_s)


def _read(file: Any) -> Iterator[Block]:
    with suppress(soundfile.LibsndfileError):  # a damaged end
        while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
            yield Block(mono(block.T), file.samplerate)
