"""What both kinds of spectrogram of `mini` are made of.

By scipy and not by numpy, whose matrix products are shared out among as many threads as a machine has cores,
and then end on other bits; scipy's spectrum of 32-bit numbers takes a fifth of numpy's time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE_HZ = 16_000  # half of it, 8 kHz, is the highest pitch that is heard
SILENCE_POWER = 1e-9
"""Mean power (of -90 dB full scale) under which a window counts as silent."""


def powers(frames: Floats) -> Floats:
    """Frames (frames, samples) to the power of each frequency (frames, samples / 2 + 1)."""
    from scipy.fft import rfft

    spectrum = rfft(frames)
    power: Floats = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


def mean_power(power: Floats) -> NDArray[np.float64]:
    """The mean power of each spectrogram (..., 1, 1), of mel power (..., frames, bands)."""
    of_frames = power.sum(-1, dtype=np.float64)  # (..., frames)
    mean: NDArray[np.float64] = of_frames.mean(-1)[..., None, None]
    return mean


def triangles(edges: NDArray[np.floating], places: NDArray[np.floating]) -> NDArray[np.float64]:
    """Triangular filters (places, bands): each begins in the middle of the one before and ends in the next's.

    edges: (bands + 2,), ascending, and places: of the spectrum's bins, both in Hz or both in mel.
    """
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]  # (bands,) each
    at = places[:, None]
    rising = (at - left) / (centre - left)  # (places, bands)
    falling = (right - at) / (right - centre)
    return np.clip(np.minimum(rising, falling), 0, None)


def sparse(filters: NDArray[np.floating]) -> Any:
    """Filters (bins, bands) as a sparse array in 32 bits, for a bin is in two bands at most."""
    from scipy.sparse import csc_array

    return csc_array(filters.astype(np.float32))
