"""What `mini`'s residual network hears: sound to level-free log-mel spectrograms, a frame each 20 ms."""

from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.networks.mini.spectra import RATE_HZ, SILENCE_POWER, mean_power, powers, sparse, triangles

LogMel = NDArray[np.float32]

N_FFT = 1024  # samples: 64 ms
HOP = 320  # samples: 20 ms, 50 frames a second
BANDS = 96
LOWEST_HZ = 30.0  # of the mel bands: the lowest pitch that is heard
FLOOR = 1e-5
"""Power relative to the window's mean, added before the logarithm: 50 dB below it, nothing is heard."""

FRAMES = 497
"""Whole frames in ten seconds."""

CENTER, SPREAD = -3.0, 1.25
"""Of the logarithm over music: what the network sees lies about 0."""
LOWEST = np.float32((np.log10(np.float32(FLOOR)) - CENTER) / SPREAD)
"""What a spectrogram holds where nothing is heard."""


def frames_of(samples: int) -> int:
    """How many whole frames fit into that many samples.

    >>> frames_of(160_000)
    497
    """
    return max(1 + (samples - N_FFT) // HOP, 0)


def mel_power(sound: NDArray[np.float32]) -> LogMel:
    """Sound (samples,) at 16 kHz to mel power (frames, 96); a frame's sum is its mean power."""
    if not frames_of(sound.size):
        raise ValueError(f"need at least {N_FFT} samples, got {sound.size}")
    every = sliding_window_view(sound, N_FFT)  # (samples, N_FFT), a view
    frames = every[::HOP] * _window()  # (frames, N_FFT)
    bands: LogMel = powers(frames) @ _filters()
    return bands


def level_free(power: LogMel) -> LogMel:
    """Mel power (..., frames, 96) to its logarithm relative to the spectrogram's mean power, about -2..2.

    A spectrogram at any level gives the same result; a silent one gives the lowest value everywhere.
    """
    mean = mean_power(power)
    louder = power / np.maximum(mean, SILENCE_POWER)
    # In relation to its own mean: how loud a recording was mastered says nothing of the music.
    relative = np.where(mean > SILENCE_POWER, louder, 0.0).astype(np.float32)
    log_mel = np.log10(relative + np.float32(FLOOR))
    standard = (log_mel - CENTER) / SPREAD
    heard: LogMel = np.maximum(standard, LOWEST).astype(np.float32)
    return heard


def log_mels(windows: NDArray[np.float32]) -> LogMel:
    """Windows (n, samples) at 16 kHz to level-free log-mel spectrograms (n, frames, 96)."""
    return np.stack([level_free(mel_power(window)) for window in windows])


def tables() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The window (N_FFT,) and the mel filters (513, 96), for whoever computes the same elsewhere."""
    return _window(), _filters().toarray()


@cache
def _window() -> NDArray[np.float32]:
    """A periodic Hann window whose energy is such that Parseval's sum is a mean power."""
    turn = 2 * np.pi * np.arange(N_FFT) / N_FFT
    hann = 0.5 - 0.5 * np.cos(turn)
    energy = (hann**2).sum() * N_FFT / 2
    window: NDArray[np.float32] = (hann / np.sqrt(energy)).astype(np.float32)
    return window


@cache
def _filters() -> Any:
    """Triangular mel filters (513, 96), HTK scale; neighbours share each frequency's power out."""
    lowest, highest = _mel(LOWEST_HZ), _mel(RATE_HZ / 2)
    mels = np.linspace(lowest, highest, BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)  # Hz (98,)
    hz = np.fft.rfftfreq(N_FFT, 1 / RATE_HZ)  # (513,)
    return sparse(triangles(edges, hz))


def _mel(hz: float) -> float:
    """Mel of hertz, by HTK's formula (O'Shaughnessy 1987)."""
    return float(2595 * np.log10(1 + hz / 700))
