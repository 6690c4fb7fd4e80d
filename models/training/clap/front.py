"""What a worker process hands over of a song: chunks of log-mel in half precision, or of sound in 16 bits."""

import ctypes
import functools
import multiprocessing
import os
from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray

from models.networks.clap import RATE_HZ
from models.networks.clap.log_mel import log_mel
from models.networks.clap.pcm import Pcm, Waveform, pieces, to_pcm

Mel = NDArray[np.float16]
WORKERS_NICE = 5
"""By how much workers come behind the process that hands out their work."""
WORKERS, CARD = "workers", "card"
"""Who makes log-mel of sound: the processes that decode it, or the device that trains."""
AUTO = "auto"

BYTES_A_CHUNK = {WORKERS: 1001 * 64 * 2, CARD: 480_000 * 2}
"""Of ten seconds at most, as they are handed over and held until they were trained on."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT_BYTES = 32 << 20  # the most that it takes as a threshold


def half_mel(waveform: Waveform, seconds: float, rate_hz: int = RATE_HZ, *, stretched: bool = False) -> Mel:
    """Sound (samples,) at 48 kHz, `seconds` of it at most, to decibels (chunks, frames, 64), float16.

    Rounding costs 0.03 dB, a six-hundredth of what such values vary by. stretched: one chunk of `seconds`.
    """
    _behind_the_step()
    assert rate_hz == RATE_HZ
    parts = pieces(waveform, seconds, rate_hz, stretched=stretched)
    # One at a time: 240 s at once are 46 MB that no core has in its cache, and take half as long again.
    mels = [log_mel(torch.from_numpy(piece[None]), exact=False) for piece in parts]
    mel: Mel = torch.cat(mels).to(torch.float16).numpy()
    return mel


def pcm(waveform: Waveform, seconds: float, rate_hz: int = RATE_HZ, *, stretched: bool = False) -> Pcm:
    """`models.networks.clap.pcm.to_pcm`, in a worker of a training."""
    _behind_the_step()
    return to_pcm(waveform, seconds, rate_hz, stretched=stretched)


def _keep_memory() -> None:
    """Let glibc keep what is freed: the system clears every page that it gives out anew."""
    with suppress(AttributeError, OSError, TypeError):  # another library of C has no such call
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, 4 * _KEPT_BYTES)


@functools.cache
def _behind_the_step() -> None:
    """A worker process, one of as many as there are cores, takes one core and lets the training go first.

    The process that trains has little to do, but a card waits for all of it.
    """
    if multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)
        _keep_memory()
        if hasattr(os, "nice"):  # not on Windows
            os.nice(WORKERS_NICE)
