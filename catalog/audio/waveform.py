"""Sound out of files: what a file holds (`probe`), its windows for an encoder, a part of it (`crop`)."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from catalog.audio.decode import Source, Stream, Waveform, container, decoded, unreadable
from catalog.errors import Unreadable
from catalog.records import SoundFile

LEAST_TAIL = 0.1
"""A last window with less new sound than this part of it is left out, unless it is the only one."""


def probe(path: Path) -> SoundFile:
    """What a file holds, and a hash of its encoded sound that new tags do not change.

    Reads the whole file and decodes its beginning. Raises Unreadable where there is no sound in it.
    """
    with decoded(path) as stream:
        if next(stream.blocks, None) is None:
            raise unreadable(path, "has no sound in it (0 s)")
    status = path.stat()
    audio_hash, form, duration_s, partly = _read_packets(path)
    return SoundFile(
        path=path,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        audio_hash=audio_hash,
        duration_s=duration_s,
        rate_hz=stream.rate_hz,
        channels=stream.channels,
        format=form,
        partly=partly,
    )


def audio_hash(source: Source) -> str:
    """What a sound is known by: the hash that `probe` gives its file, of a file or of its bytes.

    Of the encoded packets alone, so new tags and another name keep it; nothing is decoded. Raises Unreadable
    where the file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    with suppress(Unreadable), container(source) as (opened, stream):
        for packet in _packets(opened, stream):
            digest.update(packet)
        return digest.hexdigest()
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise unreadable(source, f"cannot be read ({error.strerror})") from error
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def windows(
    source: Source, *, rate_hz: int, window_s: float, hop_s: float, batch: int = 16
) -> Iterator[NDArray[np.float32]]:
    """Mono windows of a sound in batches: float32 (up to `batch`, round(window_s * rate_hz)), in [-1, 1].

    One starts every `hop_s` seconds. A last one that is too short is repeated whole while it fits, then
    padded with silence (`fill`); with less than a tenth of a window of new sound it is left out. Memory
    does not grow with the length. Raises Unreadable where nothing decodes.
    """
    size, hop = round(window_s * rate_hz), round(hop_s * rate_hz)
    if not 0 < hop <= size:
        raise ValueError(f"need 0 < hop <= window, got hop {hop_s} s and window {window_s} s")
    held, cut = np.empty(0, np.float32), 0
    with decoded(source) as stream:
        for sound in _at_least(_resampled(stream, rate_hz), size + (batch - 1) * hop):
            held = np.concatenate([held, sound])
            while len(held) >= size + (batch - 1) * hop:
                yield _grid(held, size, hop, batch)
                held, cut = held[batch * hop :], cut + batch
    if not (cut or len(held)):
        raise unreadable(source, "has no sound in it (0 s)")
    rest = [*_grid(held, size, hop, max(0, (len(held) - size) // hop + 1))]
    tail = held[len(rest) * hop :]
    # Of the tail, the windows before have heard all but what lies beyond their end.
    fresh = len(tail) - (size - hop if cut + len(rest) else 0)
    if fresh > 0 and (fresh >= size * LEAST_TAIL or not cut + len(rest)):
        rest.append(fill(tail, size))
    if rest:
        yield np.stack(rest)


def crop(source: Source, start_s: float, seconds: float, *, rate_hz: int) -> Waveform:
    """Mono sound from `start_s` on, float32 (round(seconds * rate_hz),), fewer where the sound ends before.

    Decodes only that part. Raises Unreadable where nothing decodes or the sound ends before `start_s`.
    """
    size = round(seconds * rate_hz)
    parts: list[Waveform] = []
    with decoded(source, start_s=start_s) as stream:
        for block in _resampled(stream, rate_hz, seconds=seconds):
            parts.append(block)
    sound = np.concatenate(parts)[:size] if parts else np.empty(0, np.float32)
    if not len(sound):
        raise unreadable(source, f"ends before {start_s:g} s")
    return sound


def fill(waveform: Waveform, size: int) -> Waveform:
    """A short sound repeated whole while it fits, then padded with silence to (size,).

    That is `repeatpad`, as CLAP was trained (Wu et al. 2023, arXiv:2211.06687).

    >>> fill(np.array([1, 2], np.float32), 5).tolist()
    [1.0, 2.0, 1.0, 2.0, 0.0]
    """
    filled = np.zeros(size, np.float32)
    times = size // len(waveform)
    filled[: times * len(waveform)] = np.tile(waveform, times)
    return filled


def _at_least(blocks: Iterator[Waveform], size: int) -> Iterator[Waveform]:
    """The same sound in blocks of `size` samples or more, but for the last."""
    held: list[Waveform] = []
    for block in blocks:
        held.append(block)
        if sum(map(len, held)) >= size:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _grid(sound: Waveform, size: int, hop: int, rows: int) -> NDArray[np.float32]:
    if not rows:
        return np.empty((0, size), np.float32)
    return np.lib.stride_tricks.sliding_window_view(sound, size)[: rows * hop : hop].copy()


def _resampled(stream: Stream, rate_hz: int, *, seconds: float | None = None) -> Iterator[Waveform]:
    """The blocks at another rate, clipped to [-1, 1]; only so many seconds where `seconds` is given."""
    left = None if seconds is None else round(seconds * stream.rate_hz)
    resampler = None
    if stream.rate_hz != rate_hz:
        resampler = soxr.ResampleStream(stream.rate_hz, rate_hz, 1, dtype="float32", quality="HQ")
    for block in stream.blocks:
        part = block[:left]
        left = None if left is None else left - len(part)
        yield np.clip(resampler.resample_chunk(part) if resampler else part, -1, 1)
        if left == 0:
            break
    if resampler:
        yield np.clip(resampler.resample_chunk(np.empty(0, np.float32), last=True), -1, 1)


def _read_packets(path: Path) -> tuple[str, str, float | None, str]:
    """(hash of the packets, format, seconds, what is missing of it) of a file."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with container(path) as (opened, stream):
            end, sure = 0, True
            for number, packet in enumerate(_packets(opened, stream)):
                digest.update(packet)
                begin = end if packet.pts is None else packet.pts - (stream.start_time or 0)
                end = max(end, begin + _signed(packet.duration or 0))
                sure = sure if number else _claims_length(path, opened, packet)
            there_s = float(end * stream.time_base)
            claimed_s = _claimed_s(opened, stream)
            form = f"{opened.format.name.split(',')[0]}/{stream.codec_context.name}"
    except Unreadable:
        return _read_by_soundfile(path)
    if not claimed_s or not there_s:
        return digest.hexdigest(), form, claimed_s or there_s or None, ""
    if sure and claimed_s - there_s > max(1.0, 0.02 * claimed_s):
        return digest.hexdigest(), form, there_s, f"only {there_s:.0f} of {claimed_s:.0f} s are there"
    return digest.hexdigest(), form, claimed_s if abs(claimed_s - there_s) < 1 else there_s, ""


def _signed(ticks: int) -> int:
    """libav counts the last packet of an Ogg file backwards, and PyAV reads that as an unsigned number."""
    return ticks - (1 << 32) if ticks >= 1 << 31 else ticks


def _packets(opened: Any, stream: Any) -> Iterator[Any]:
    try:
        for packet in opened.demux(stream):
            if packet.size:
                yield packet
    except (av.FFmpegError, OSError):
        return


def _claimed_s(opened: Any, stream: Any) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return opened.duration / av.time_base if opened.duration else 0.0


def _claims_length(path: Path, opened: Any, packet: Any) -> bool:
    """Whether the length in the file's head is meant: without a Xing or VBRI frame an MP3's is a guess."""
    if opened.format.name != "mp3":
        return True
    with path.open("rb") as file:
        file.seek(max(0, (packet.pos or 0) - 4096))
        head = file.read(4096)
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def _read_by_soundfile(path: Path) -> tuple[str, str, float | None, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    about = soundfile.info(path)
    return digest, about.format.lower(), about.duration, ""
