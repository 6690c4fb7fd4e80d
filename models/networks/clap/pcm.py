"""Sound as it is handed to a card: chunks of ten seconds in 16 bits, at the file's rate if that is lower.

Without torch, which a process that decodes does not need.
"""

import math

import numpy as np
from numpy.typing import NDArray

from catalog.audio.waveform import LEAST_TAIL, fill
from models.networks.clap import RATE_HZ, WINDOW_S

Waveform = NDArray[np.float32]
Pcm = NDArray[np.int16]
FULL_SCALE = 32767.0  # of 16 bits
PHASES = 640
"""Most places between two samples for which a card keeps a table: 11,025 Hz to 48 kHz needs as many."""


def kept_rate(rate_hz: int) -> int:
    """The rate at which sound of that rate is handed to a card, which makes 48 kHz of it.

    >>> kept_rate(44_100), kept_rate(44_101), kept_rate(96_000)
    (44100, 48000, 48000)
    """
    is_small = rate_hz < RATE_HZ and is_quick(rate_hz, RATE_HZ)
    return rate_hz if is_small else RATE_HZ


def is_quick(from_hz: int, to_hz: int) -> bool:
    """Whether the ratio of two rates is one of small numbers, as it is between all usual rates.

    >>> is_quick(44_100, 48_000), is_quick(44_101, 48_000)
    (True, False)
    """
    common = math.gcd(from_hz, to_hz)
    return max(from_hz, to_hz) // common <= PHASES


def to_pcm(waveform: Waveform, seconds: float, rate_hz: int = RATE_HZ, *, stretched: bool = False) -> Pcm:
    """Sound (samples,), `seconds` of it at most, to (chunks, samples) in 16 bits, as CLAP was trained on.

    It takes 7.5 times the room of log-mel at most, and half of the time: neither resampling nor log-mel is
    left to the process that decodes. stretched: one chunk of `seconds`.
    """
    parts = pieces(waveform, seconds, rate_hz, stretched=stretched)
    sound = np.empty((len(parts), len(parts[0])), np.int16)
    for row, piece in zip(sound, parts, strict=True):
        np.multiply(piece, FULL_SCALE, out=row, casting="unsafe")
    return sound


def pieces(waveform: Waveform, seconds: float, rate_hz: int, *, stretched: bool) -> list[Waveform]:
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
