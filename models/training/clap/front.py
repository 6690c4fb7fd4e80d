"""What a worker process hands over of a song: chunks of log-mel in half precision, or of sound in 16 bits."""

import functools
import math
import multiprocessing
import os
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.audio.waveform import LEAST_TAIL, fill
from models.networks.clap.log_mel import RATE_HZ, WINDOW_S, log_mel
from models.networks.resampling import is_quick, resample

Waveform = NDArray[np.float32]
Mel = NDArray[np.float16]
Pcm = NDArray[np.int16]
FULL_SCALE = 32767.0  # of 16 bits
WORKERS_NICE = 5
"""By how much workers come behind the process that hands out their work."""
WORKERS, CARD = "workers", "card"
"""Who makes log-mel of sound: the processes that decode it, or the device that trains."""
AUTO = "auto"

BYTES_A_CHUNK = {WORKERS: 1001 * 64 * 2, CARD: 480_000 * 2}
"""Of ten seconds at most, as they are handed over and held until they were trained on."""


def kept_rate(rate_hz: int) -> int:
    """The rate at which sound of that rate is handed to a card, which makes 48 kHz of it.

    >>> kept_rate(44_100), kept_rate(44_101), kept_rate(96_000)
    (44100, 48000, 48000)
    """
    is_small = rate_hz < RATE_HZ and is_quick(rate_hz, RATE_HZ)
    return rate_hz if is_small else RATE_HZ


def half_mel(waveform: Waveform, seconds: float, rate_hz: int = RATE_HZ, *, stretched: bool = False) -> Mel:
    """Sound (samples,) at 48 kHz, `seconds` of it at most, to decibels (chunks, frames, 64), float16.

    Rounding costs 0.03 dB, a six-hundredth of what such values vary by. stretched: one chunk of `seconds`.
    """
    _behind_the_step()
    assert rate_hz == RATE_HZ
    pieces = _pieces(waveform, seconds, rate_hz, stretched=stretched)
    # One at a time: 240 s at once are 46 MB that no core has in its cache, and take half as long again.
    mels = [log_mel(torch.from_numpy(piece[None]), exact=False) for piece in pieces]
    mel: Mel = torch.cat(mels).to(torch.float16).numpy()
    return mel


def pcm(waveform: Waveform, seconds: float, rate_hz: int = RATE_HZ, *, stretched: bool = False) -> Pcm:
    """Sound (samples,) to (chunks, samples) in 16 bits, as CLAP was trained on, at the rate that it has.

    `on_device` goes on from there. It takes 7.5 times the room of log-mel at most, and a worker half of its
    time: neither resampling nor log-mel is left to it.
    """
    _behind_the_step()
    pieces = _pieces(waveform, seconds, rate_hz, stretched=stretched)
    sound = np.empty((len(pieces), len(pieces[0])), np.int16)
    for row, piece in zip(sound, pieces, strict=True):
        np.multiply(piece, FULL_SCALE, out=row, casting="unsafe")
    return sound


def on_device(songs: Sequence[Tensor], chunk_s: float, device: torch.device) -> Tensor:
    """What workers handed over of songs, each (its chunks, ...), to log-mel (chunks of all, frames, 64).

    chunk_s: how long a chunk is. float32, on the device that trains.
    """
    # Songs of one rate together: a card takes as long for a little as for much.
    alike: dict[torch.Size, list[int]] = defaultdict(list)
    for place, song in enumerate(songs):
        alike[song.shape[1:]].append(place)
    made: dict[int, Tensor] = {}  # by place, each (chunks, frames, 64)
    for places in alike.values():
        moved = [songs[place].to(device, non_blocking=True) for place in places]
        mel = _log_mel(torch.cat(moved), chunk_s)  # (chunks of these songs, frames, 64)
        counts = [len(song) for song in moved]
        of_songs = torch.split(mel, counts)
        made |= zip(places, of_songs, strict=True)
    in_order = [made[place] for place in range(len(songs))]
    return torch.cat(in_order)


@torch.no_grad()
def _log_mel(chunks: Tensor, chunk_s: float) -> Tensor:
    """Log-mel (chunks, frames, 64) in float32, of that in half precision or of sound in 16 bits."""
    if chunks.dtype != torch.int16:
        # In float32 before autocast sees it: that refuses to join halves of another kind than its own.
        return chunks.float()
    rate_hz = round(chunks.shape[1] / chunk_s)
    sound = chunks.float() / FULL_SCALE
    return log_mel(resample(sound, rate_hz, RATE_HZ), exact=False)


def _pieces(waveform: Waveform, seconds: float, rate_hz: int, *, stretched: bool) -> list[Waveform]:
    """At most so many seconds of a sound, in chunks or as one."""
    size = round(seconds * rate_hz)
    heard = waveform[:size]
    return [fill(heard, size)] if stretched else chunks(heard, rate_hz)


def chunks(waveform: Waveform, rate_hz: int = RATE_HZ) -> list[Waveform]:
    """Sound (samples,) to chunks of ten seconds, the last one filled as CLAP was trained.

    A rest of less than a tenth of a chunk is left out, as by `catalog.audio.waveform.windows`.
    """
    size = round(WINDOW_S * rate_hz)
    in_chunks = len(waveform) / size
    count = max(1, math.ceil(in_chunks - LEAST_TAIL))
    whole = len(waveform) // size
    cut = []
    for i in range(min(whole, count)):
        start = i * size
        cut.append(waveform[start : start + size])
    if len(cut) < count:
        rest = waveform[whole * size :]
        cut.append(fill(rest, size))
    return cut


@functools.cache
def _behind_the_step() -> None:
    """A worker process, one of as many as there are cores, takes one core and lets the training go first.

    The process that trains has little to do, but a card waits for all of it.
    """
    if multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)
        if hasattr(os, "nice"):  # not on Windows
            os.nice(WORKERS_NICE)
