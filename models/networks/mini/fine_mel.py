"""What `mini`'s MobileNet hears: sound to level-free log-mel spectrograms, a frame each 10 ms.

The AudioSet teacher's own front end (EfficientAT's at 32 kHz, `models.training.mini.material.audioset`) up to
8 kHz: the same bins, bands and emphasis of the treble, so that what it says of a band can be learned from it.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.networks.mini.spectra import RATE_HZ, SILENCE_POWER, mean_power, powers, sparse, triangles

LogMel = NDArray[np.float32]

N_FFT, TAPER, HOP = 512, 400, 160
"""Samples: of a Fourier transform, of the Hann window in it (25 ms), and from frame to frame (10 ms)."""
BANDS, FRAMES = 104, 1000  # of ten seconds
SAMPLES = FRAMES * HOP
"""Of a window."""
HIGHEST_HZ, BANDS_TO_HIGHEST = 15_000.0, 128
"""The teacher's bands are spread up to here; 104 of them begin below 8 kHz."""
EMPHASIS, EMPHASIS_RATE_HZ = 0.97, 32_000
"""The teacher's high pass, y[t] = x[t] - 0.97 x[t-1] at its own rate: here a factor for each band."""
LOUDNESS = 1500.0
"""Power that a frame has on average, as the teacher's frames have it for sound of RMS 0.1."""
FLOOR = 1e-5
CENTER, SPREAD = -4.5, 5.0
"""Of the logarithm, as the teacher was trained."""
LOWEST = np.float32((np.log(np.float32(FLOOR)) - CENTER) / SPREAD)
"""What a spectrogram holds where nothing is heard."""


def mel_power(sound: NDArray[np.float32]) -> LogMel:
    """Sound (160000,) at 16 kHz to mel power (1000, 104); a frame's sum is about its mean power."""
    if sound.size != SAMPLES:
        raise ValueError(f"need {SAMPLES} samples, got {sound.size}")
    padded = np.pad(sound, N_FFT // 2, mode="reflect")
    every = sliding_window_view(padded, N_FFT)  # (samples, N_FFT), a view
    frames = every[::HOP][:FRAMES] * _taper()  # (1000, N_FFT)
    bands: LogMel = powers(frames) @ _filters()
    return bands


def level_free(power: LogMel) -> LogMel:
    """Mel power (..., frames, 104) to its logarithm at one loudness, the treble emphasised; about -1..2.

    A spectrogram at any level gives the same result; a silent one gives the lowest value everywhere.
    """
    mean = mean_power(power)
    is_heard = mean > SILENCE_POWER
    to_loudness = LOUDNESS / np.maximum(mean, SILENCE_POWER)
    gain = np.where(is_heard, to_loudness, 0.0).astype(np.float32)  # (..., 1, 1)
    log_mel: LogMel = power * (gain * _emphasis())
    # In place: the spectrogram of a window is half a megabyte, and each copy costs as much as the logarithm.
    log_mel += np.float32(FLOOR)
    np.log(log_mel, out=log_mel)
    log_mel -= np.float32(CENTER)
    log_mel /= np.float32(SPREAD)
    return log_mel


def log_mels(windows: NDArray[np.float32]) -> LogMel:
    """Windows (n, 160000) at 16 kHz to level-free log-mel spectrograms (n, 1000, 104)."""
    return np.stack([level_free(mel_power(window)) for window in windows])


def tables() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The taper (N_FFT,), the mel filters (257, 104) and the bands' emphasis (104,), to compute elsewhere."""
    return _taper(), _filters().toarray(), _emphasis()


@cache
def _taper() -> NDArray[np.float32]:
    """A Hann window in the middle of zeros (N_FFT,), such that a frame's power is a mean power."""
    taper = np.zeros(N_FFT)
    first = (N_FFT - TAPER) // 2
    taper[first : first + TAPER] = np.hanning(TAPER)
    energy = np.square(taper).sum() * N_FFT / 2
    scaled: NDArray[np.float32] = (taper / np.sqrt(energy)).astype(np.float32)
    return scaled


def band_edges(bands: int) -> NDArray[np.floating]:
    """The edges in mel (bands + 2,) of so many of the teacher's bands, the lowest first."""
    highest = mel(np.array(HIGHEST_HZ))
    edges = np.linspace(0.0, highest, BANDS_TO_HIGHEST + 2)
    return edges[: bands + 2]


def filters_of(bands: int, hz: NDArray[np.floating]) -> NDArray[np.float32]:
    """So many of the teacher's filters (bins, bands) over bins of these frequencies, the last bin empty."""
    filters = triangles(band_edges(bands), mel(hz))
    filters[-1] = 0
    return filters.astype(np.float32)


@cache
def _filters() -> Any:
    """Triangles in Kaldi's mel scale (257, 104)."""
    return sparse(filters_of(BANDS, np.fft.rfftfreq(N_FFT, 1 / RATE_HZ)))


@cache
def _emphasis() -> NDArray[np.float32]:
    """What the high pass makes of each band's power (104,), by the frequency in its middle."""
    middles = band_edges(BANDS)[1:-1]  # mel
    hz = 700 * (np.exp(middles / 1127) - 1)
    turn = 2 * np.pi * hz / EMPHASIS_RATE_HZ  # radians from sample to sample
    response = 1 - EMPHASIS * np.exp(-1j * turn)
    power = np.abs(response) ** 2
    gain: NDArray[np.float32] = power.astype(np.float32)
    return gain


def mel(hz: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mel of hertz, natural logarithm: Kaldi's constants, which are HTK's."""
    return 1127 * np.log(1 + hz / 700)
