"""The AudioSet teacher: EfficientAT's mn04_as (Schmid et al. 2022, arXiv:2211.04772; MIT licence).

Its weights (an ONNX file) and AudioSet's table of classes lie in a folder of the material; neither ships.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.networks.mini import fine_mel
from models.networks.text_tower import open_session

RATE_HZ = 32_000  # of the sound that this teacher was trained on
N_FFT, TAPER, HOP = 1024, 800, 320
"""Samples: of a Fourier transform, of the Hann window in it (25 ms), and from frame to frame (10 ms)."""
MELS, FRAMES = fine_mel.BANDS_TO_HIGHEST, 1000  # bands and frames of a spectrogram of ten seconds
"""This and the rest of the front end is EfficientAT's AugmentMelSTFT, as at inference."""
PREEMPHASIS = fine_mel.EMPHASIS
"""How much of the sample before is taken off: speech recognition's high pass, y[t] = x[t] - 0.97 x[t-1]."""

LEVEL = 0.1
"""Root mean square that each window is brought to: what is learned from it does not hear levels."""


class AudioSet:
    """Windows of ten seconds to logits of AudioSet's 527 classes and an embedding of 384 numbers."""

    def __init__(self, folder: Path) -> None:
        self._session = open_session(folder / "mn04.onnx")
        with (folder / "class_labels_indices.csv").open() as file:
            rows = list(csv.DictReader(file))
        self.names = [row["display_name"] for row in rows]
        self.mids = [row["mid"] for row in rows]

    def __call__(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mono sound (windows, 320000) at 32 kHz to logits (windows, 527) and embeddings (windows, 384)."""
        even = levelled(torch.from_numpy(windows))
        spectrograms = log_mel(even).numpy()
        logits, embeddings = self._session.run(None, {"mel": spectrograms})
        return logits.reshape(len(windows), -1), embeddings.reshape(len(windows), -1)


def levelled(windows: Tensor) -> Tensor:
    """Windows (windows, samples) at one level; one that is next to silent stays so."""
    rms = windows.square().mean(1, keepdim=True).sqrt()  # (windows, 1)
    return windows * (LEVEL / rms.clamp(min=1e-4))


@torch.no_grad()
def log_mel(windows: Tensor) -> Tensor:
    """Sound (windows, 320000) to spectrograms (windows, 1, 128, 1000), on its device."""
    samples, before = windows[:, 1:], windows[:, :-1]
    sharp = samples - PREEMPHASIS * before
    half = N_FFT // 2
    one_channel = sharp[:, None]  # reflection is defined for (windows, channels, samples)
    padded = functional.pad(one_channel, (half, half), mode="reflect")[:, 0]
    frames = padded.unfold(1, N_FFT, HOP)[:, :FRAMES]  # (windows, 1000, 1024)
    spectrum = torch.fft.rfft(frames * _taper().to(windows.device))  # (windows, 1000, 513), complex
    power = torch.view_as_real(spectrum).square().sum(-1)
    mel = power @ _filters().to(windows.device)  # (windows, 1000, 128)
    scaled = (torch.log(mel + 1e-5) + 4.5) / 5  # the mean and spread that the teacher was trained with
    return scaled.transpose(1, 2).unsqueeze(1).contiguous()


@cache
def _taper() -> torch.Tensor:
    """A Hann window in the middle of zeros (1024,)."""
    taper = np.zeros(N_FFT, np.float32)
    first = (N_FFT - TAPER) // 2
    taper[first : first + TAPER] = np.hanning(TAPER)
    return torch.from_numpy(taper)


@cache
def _filters() -> torch.Tensor:
    """(513, 128): triangles in Kaldi's mel scale, the last bin empty."""
    hz = np.fft.rfftfreq(N_FFT, 1 / RATE_HZ)  # (513,)
    return torch.from_numpy(fine_mel.filters_of(MELS, hz))
