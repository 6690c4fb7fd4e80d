"""Sound out of files: what a file holds (`probe`), its windows for an encoder, a part of it (`crop`)."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from catalog.audio.decode import Block, Source, Start, Waveform, decoded, unreadable
from catalog.audio.packets import audio_hash, read_packets
from catalog.records import SoundFile
from catalog.values.numbers import in_64_bits

__all__ = ["LEAST_TAIL", "audio_hash", "Crop", "crop", "crop_of", "fill", "probe", "windows"]

LEAST_TAIL = 0.1
"""A last window with less new sound than this part of it is left out, unless it is the only one."""


def probe(path: Path) -> SoundFile:
    """What a file holds, and a hash of its encoded sound that new tags do not change.

    Reads the whole file and decodes its beginning. Raises Unreadable where there is no sound in it.
    """
    with decoded(path) as stream:
        if next(stream.blocks, None) is None:
            raise unreadable(path, "has no sound in it (0 s)")
    # Taken before the packets are read: a file that is written to meanwhile is read again next time.
    status = path.stat()
    digest, form, duration_s, partly = read_packets(path)
    return SoundFile(
        path=path,
        size=status.st_size,
        mtime_ns=in_64_bits(status.st_mtime_ns),
        audio_hash=digest,
        duration_s=duration_s,
        rate_hz=stream.rate_hz,
        channels=stream.channels,
        format=form,
        partly=partly,
    )


def windows(
    source: Source, *, rate_hz: int, window_s: float, hop_s: float, batch: int = 16
) -> Iterator[NDArray[np.float32]]:
    """Mono windows of a sound in batches: float32 (up to `batch`, round(window_s * rate_hz)), in [-1, 1].

    One starts every `hop_s` seconds. A last one that is too short is repeated whole while it fits, then
    padded with silence (`fill`); with less than a tenth of a window of new sound it is left out. Memory
    does not grow with the length. Raises Unreadable where nothing decodes.
    """
    size = round(window_s * rate_hz)
    hop = round(hop_s * rate_hz)
    if not 0 < hop <= size:
        raise ValueError(f"need 0 < hop <= window, got hop {hop_s} s and window {window_s} s")
    of_batch = size + (batch - 1) * hop  # samples: neighbours overlap by size - hop
    held, cut = np.empty(0, np.float32), 0
    with decoded(source) as stream:
        resampled = _resampled(stream.blocks, rate_hz)
        for sound in _at_least(resampled, of_batch):
            held = np.concatenate([held, sound])
            while len(held) >= of_batch:
                yield _grid(held, size, hop, batch)
                held = held[batch * hop :]
                cut += batch
    if not cut and not len(held):
        raise unreadable(source, "has no sound in it (0 s)")
    after_first = (len(held) - size) // hop  # below 0 where not even one window is whole
    whole_windows = max(0, after_first + 1)
    rest = [*_grid(held, size, hop, whole_windows)]
    tail = held[len(rest) * hop :]
    # Of the tail, the windows before have heard all but what lies beyond their end.
    is_first = cut + len(rest) == 0
    fresh = len(tail) - (0 if is_first else size - hop)
    if fresh > 0 and (is_first or fresh >= size * LEAST_TAIL):
        rest.append(fill(tail, size))
    if rest:
        yield np.stack(rest)


def crop(source: Source, start_s: float, seconds: float, *, rate_hz: int) -> Waveform:
    """Mono sound from `start_s` on, float32 (round(seconds * rate_hz),), fewer where the sound ends before.

    Decodes only that part. Raises Unreadable where nothing decodes or the sound ends before `start_s`.
    """
    return crop_of(source, start_s, seconds, lambda _: rate_hz).sound


class Crop(NamedTuple):
    """A part of a sound: mono float32 (samples,) from `start_s` on, so many of them a second."""

    sound: Waveform
    start_s: float
    rate_hz: int


def crop_of(source: Source, start: Start, seconds: float, rate_of: Callable[[int], int]) -> Crop:
    """As `crop`, from where `start` says, and at the rate in Hz that `rate_of` makes of the file's own."""
    with decoded(source, start=start, seconds=seconds) as stream:
        start_s = stream.start_s
        rate_hz = rate_of(stream.rate_hz)
        parts = list(_resampled(stream.blocks, rate_hz, seconds=seconds))
    size = round(seconds * rate_hz)
    sound = np.concatenate([np.empty(0, np.float32), *parts])[:size]
    if not len(sound):
        raise unreadable(source, f"ends before {start_s:g} s" if start_s else "has no sound in it (0 s)")
    return Crop(sound, start_s, rate_hz)


def fill(waveform: Waveform, size: int) -> Waveform:
    """A short sound repeated whole while it fits, then padded with silence to (size,).

    That is `repeatpad`, as CLAP was trained (Wu et al. 2023, arXiv:2211.06687).

    >>> fill(np.array([1, 2], np.float32), 5).tolist()
    [1.0, 2.0, 1.0, 2.0, 0.0]
    """
    filled = np.zeros(size, np.float32)
    times = size // len(waveform)
    repeated = np.tile(waveform, times)
    filled[: len(repeated)] = repeated
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
    every_start = np.lib.stride_tricks.sliding_window_view(sound, size)
    return every_start[: rows * hop : hop].copy()  # a view would keep the whole sound in memory


def _resampled(blocks: Iterator[Block], rate_hz: int, *, seconds: float = math.inf) -> Iterator[Waveform]:
    """The blocks at one rate, clipped to [-1, 1]; only so many seconds of them.

    Where the rate of the blocks changes, the resampler gives out what it holds and another one goes on.
    """
    from_hz, resampler = rate_hz, None
    for sound, block_hz in blocks:
        if block_hz != from_hz:
            yield from _held_back(resampler)
            from_hz = block_hz
            resampler = None if block_hz == rate_hz else _resampler(block_hz, rate_hz)
        part = sound
        if seconds < math.inf:
            part = sound[: round(seconds * block_hz)]
        seconds -= len(part) / block_hz
        if resampler is None:
            yield _clipped(part)
        else:
            yield _clipped(resampler.resample_chunk(part))
        if seconds * block_hz < 0.5:  # less than a sample is left
            break
    yield from _held_back(resampler)


def _resampler(from_hz: int, to_hz: int) -> Any:
    return soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")


def _held_back(resampler: Any) -> Iterator[Waveform]:
    """What a resampler still has: its filter looks ahead, so it gives each sample out a little late."""
    if resampler is not None:
        nothing_more = np.empty(0, np.float32)
        yield _clipped(resampler.resample_chunk(nothing_more, last=True))


def _clipped(sound: Waveform) -> Waveform:
    # Resampling swings beyond the samples it goes through (Gibbs), and lossy codecs beyond full scale.
    return np.clip(sound, -1, 1)
