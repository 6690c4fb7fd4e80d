"""The AudioSet teacher: EfficientAT's mn04_as (Schmid et al. 2022, arXiv:2211.04772; MIT licence).

Its weights (an ONNX file) and AudioSet's table of classes lie in a folder of the material; neither ships.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.networks.text_tower import open_session

RATE_HZ, N_FFT, TAPER, HOP, MELS, FRAMES = 32_000, 1024, 800, 320, 128, 1000
HIGHEST_HZ = 15_000.0
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
        logits, vectors = self._session.run(None, {"mel": log_mel(levelled(windows))})
        return logits.reshape(len(windows), -1), vectors.reshape(len(windows), -1)


def levelled(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Windows (windows, samples) at one level; one that is next to silent stays so."""
    rms = np.sqrt(np.square(windows).mean(1, keepdims=True))
    even: NDArray[np.float32] = (windows * (LEVEL / np.maximum(rms, 1e-4))).astype(np.float32)
    return even


@torch.inference_mode()
def log_mel(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sound (windows, 320000) to spectrograms (windows, 1, 128, 1000)."""
    sharp = windows[:, 1:] - np.float32(0.97) * windows[:, :-1]
    padded = np.pad(sharp, ((0, 0), (N_FFT // 2, N_FFT // 2)), mode="reflect")
    frames = torch.from_numpy(padded).unfold(1, N_FFT, HOP)[:, :FRAMES]
    parts = torch.view_as_real(torch.fft.rfft(frames * _taper()))
    power = parts.square().sum(-1)
    log_mel = (torch.log(power @ _bank() + 1e-5) + 4.5) / 5
    return log_mel.transpose(1, 2).unsqueeze(1).contiguous().numpy()


@cache
def _taper() -> torch.Tensor:
    taper = np.zeros(N_FFT, np.float32)
    taper[(N_FFT - TAPER) // 2 : (N_FFT + TAPER) // 2] = np.hanning(TAPER)
    return torch.from_numpy(taper)


@cache
def _bank() -> torch.Tensor:
    """(513, 128): triangles in Kaldi's mel scale, the last bin empty."""
    edges = np.linspace(_mel(np.zeros(())), _mel(np.array(HIGHEST_HZ)), MELS + 2)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = _mel(np.arange(N_FFT // 2) * RATE_HZ / N_FFT)[None]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)  # (128, 512)
    filters = np.maximum(0, np.minimum(rising, falling))
    with_last = np.pad(filters, ((0, 0), (0, 1)))
    return torch.from_numpy(with_last.T.astype(np.float32).copy())


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127 * np.log(1 + hz / 700)
