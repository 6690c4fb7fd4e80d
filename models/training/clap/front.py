"""What a worker process hands over of a song: chunks of log-mel in half precision, or of sound in 16 bits."""

import functools
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.audio.waveform import LEAST_TAIL, fill
from models.networks.clap.log_mel import RATE_HZ, WINDOW_S, log_mel

Waveform = NDArray[np.float32]
Mel = NDArray[np.float16]
Pcm = NDArray[np.int16]
FULL_SCALE = 32767.0
WORKERS, CARD = "workers", "card"
"""Who makes log-mel of sound: the processes that decode it, or the device that trains."""

BYTES_A_CHUNK = {WORKERS: 1001 * 64 * 2, CARD: 480_000 * 2}
"""Of ten seconds, as they are handed over and held until they were trained on."""


def half_mel(waveform: Waveform, seconds: float, *, stretched: bool = False) -> Mel:
    """Sound (samples,) at 48 kHz, `seconds` of it at most, to decibels (chunks, frames, 64), float16.

    Rounding costs 0.03 dB, a six-hundredth of what such values vary by. stretched: one chunk of `seconds`.
    """
    _one_thread()
    pieces = _pieces(waveform, seconds, stretched=stretched)
    # One at a time: 240 s at once are 46 MB that no core has in its cache, and take half as long again.
    mels = [log_mel(torch.from_numpy(piece[None]), exact=False) for piece in pieces]
    mel: Mel = torch.cat(mels).to(torch.float16).numpy()
    return mel


def pcm(waveform: Waveform, seconds: float, *, stretched: bool = False) -> Pcm:
    """The same to sound (chunks, samples) in 16 bits, as CLAP was trained on; `on_device` goes on from there.

    It takes 7.5 times the room of log-mel, and a worker a quarter less of its time.
    """
    pieces = _pieces(waveform, seconds, stretched=stretched)
    sound = np.empty((len(pieces), len(pieces[0])), np.int16)
    for row, piece in zip(sound, pieces, strict=True):
        np.multiply(piece, FULL_SCALE, out=row, casting="unsafe")
    return sound


def on_device(chunks: Tensor) -> Tensor:
    """What a worker handed over, on the device that trains, to log-mel (chunks, frames, 64), float32."""
    if chunks.dtype == torch.int16:
        with torch.no_grad():
            return log_mel(chunks.float() / FULL_SCALE, exact=False)
    # In float32 before autocast sees it: that refuses to join halves of another kind than its own.
    return chunks.float()


def _pieces(waveform: Waveform, seconds: float, *, stretched: bool) -> list[Waveform]:
    """At most so many seconds of a sound, in chunks or as one."""
    size = round(seconds * RATE_HZ)
    heard = waveform[:size]
    return [fill(heard, size)] if stretched else chunks(heard)


def chunks(waveform: Waveform) -> list[Waveform]:
    """Sound (samples,) to chunks of ten seconds (480000,), the last one filled as CLAP was trained.

    A rest of less than a tenth of a chunk is left out, as by `catalog.audio.waveform.windows`.
    """
    size = round(WINDOW_S * RATE_HZ)
    count = max(1, math.ceil(len(waveform) / size - LEAST_TAIL))
    whole = len(waveform) // size
    cut = [waveform[i * size : (i + 1) * size] for i in range(min(whole, count))]
    if len(cut) < count:
        rest = waveform[whole * size :]
        cut.append(fill(rest, size))
    return cut


@functools.cache
def _one_thread() -> None:
    """In a worker process, of which there are as many as cores."""
    import multiprocessing

    if multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)
