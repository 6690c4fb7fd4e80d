"""Teachers that others trained: what they say about ten seconds of sound is what `mini` learns first.

Nothing of them ships with the product: musicnn's weights are read from a folder of the training material,
VibeNet's from the wheel `vibenet` where that is installed. A teacher maps windows (n, 160000) at 16 kHz to
labels (n, labels) and names them.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib import util
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.networks.text_tower import open_session

Labels = NDArray[np.float32]
RATE_HZ = 16_000
MOODS = ("acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "valence")
FEATURE = "feature"


class Teacher(Protocol):
    """A network that labels windows."""

    @property
    def names(self) -> Sequence[str]:
        """One per label."""

    def __call__(self, windows: NDArray[np.float32]) -> Labels:
        """Windows (n, 160000) at 16 kHz to labels (n, names)."""


def present(weights: Path | None) -> list[Teacher]:
    """The teachers that are on this machine; `weights` is the folder of musicnn's safetensors."""
    found: list[Teacher] = []
    if weights is not None:
        found += [Musicnn(weights, network) for network in ("MTT_musicnn", "MSD_musicnn")]
    spec = util.find_spec("vibenet")
    if spec is not None and spec.origin is not None:
        found.append(Vibenet(Path(spec.origin).parent / "artifacts" / "efficientnet_model.onnx"))
    return found


class Musicnn:
    """Log probabilities of tags and 200 penultimate features (Pons & Serra 2019, arXiv:1909.06654)."""

    mels, n_fft, hop, frames, windows = 96, 512, 256, 187, (0, 187, 374)

    def __init__(self, weights: Path, network: str) -> None:
        from safetensors.torch import load_file

        self.tags: list[str] = json.loads((weights / f"{network}.labels.json").read_text())
        self.names = [*self.tags, *[FEATURE] * 200]
        self._p = load_file(weights / f"{network}.safetensors")

    @torch.inference_mode()
    def __call__(self, windows: NDArray[np.float32]) -> Labels:
        """The mean over three stretches of 3 s of each window."""
        sound = torch.from_numpy(windows)
        hann = torch.hann_window(self.n_fft)
        spectrum = torch.stft(
            sound, self.n_fft, self.hop, window=hann, pad_mode="constant", return_complex=True
        )
        bank = torch.from_numpy(slaney(self.n_fft, self.mels))
        mel = torch.log10(10_000 * torch.einsum("mf,nft->ntm", bank, spectrum.abs() ** 2) + 1)
        stretches = [mel[:, at : at + self.frames] for at in self.windows]
        parts = torch.stack(stretches, 1).flatten(0, 1)  # (windows x stretches, frames, 96)
        tags, features = self._network(parts)
        shape = (len(windows), len(self.windows), -1)
        probability = torch.log(tags.view(shape).mean(1) + 1e-5)
        return torch.cat([probability, features.view(shape).mean(1)], 1).numpy()

    def _network(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Stretches (n, 187, 96) to tags (n, 50) and features (n, 200)."""
        x = self._normal(mel.unsqueeze(1), 0)
        front = [self._convolve(functional.pad(x, (0, 0, 3, 3)), i).amax(3) for i in (0, 1)]
        for i, width in ((2, 128), (3, 64), (4, 32)):
            before = (width - 1) // 2  # as TensorFlow pads "same"
            padded = functional.pad(x, (0, 0, before, width - 1 - before))
            front.append(self._convolve(padded, i).amax(3))
        f = torch.cat(front, 1).transpose(1, 2).unsqueeze(1)
        a = self._convolve(functional.pad(f, (0, 0, 3, 3)), 5).permute(0, 3, 2, 1)
        b = self._convolve(functional.pad(a, (0, 0, 3, 3)), 6).permute(0, 3, 2, 1) + a
        c = self._convolve(functional.pad(b, (0, 0, 3, 3)), 7).permute(0, 3, 2, 1) + b
        m = torch.cat([f, a, b, c], 3).squeeze(1)
        pooled = self._normal(torch.stack([m.amax(1), m.mean(1)], 2).flatten(1), 9)
        features = self._normal(functional.relu(pooled @ self._p["dense/kernel"] + self._p["dense/bias"]), 10)
        return torch.sigmoid(features @ self._p["dense_1/kernel"] + self._p["dense_1/bias"]), features

    def _convolve(self, x: Tensor, i: int) -> Tensor:
        name = "conv2d" + (f"_{i}" if i else "")
        kernel = self._p[f"{name}/kernel"].permute(3, 2, 0, 1).contiguous()
        return self._normal(functional.relu(functional.conv2d(x, kernel, self._p[f"{name}/bias"])), i + 1)

    def _normal(self, x: Tensor, i: int) -> Tensor:
        name = "batch_normalization" + (f"_{i}" if i else "")
        shape = [1, -1] + [1] * (x.dim() - 2)
        gamma, beta, mean, variance = (
            self._p[f"{name}/{part}"].view(shape)
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) / torch.sqrt(variance + 1e-3) * gamma + beta


class Vibenet:
    """Seven moods and 256 penultimate features of VibeNet, an EfficientNet for the Free Music Archive."""

    n_fft, window, hop, mels = 1024, 640, 320, 128

    def __init__(self, model: Path) -> None:
        import onnx

        graph = onnx.load(str(model))
        last = [node for node in graph.graph.node if node.op_type == "Gemm"][-1]
        graph.graph.output.append(onnx.helper.make_tensor_value_info(last.input[0], 1, None))
        self._session = open_session(graph.SerializeToString())
        self.names = [*MOODS, *[FEATURE] * 256]

    def __call__(self, windows: NDArray[np.float32]) -> Labels:
        """One spectrogram of ten seconds each."""
        return np.stack([self._one(window) for window in windows])

    def _one(self, sound: NDArray[np.float32]) -> Labels:
        hann = np.hanning(self.window + 1)[:-1].astype(np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(sound, self.window)[:: self.hop] * hann
        power = np.abs(np.fft.rfft(frames, self.n_fft, axis=1)) ** 2
        decibels = 10 * np.log10(np.maximum(slaney(self.n_fft, self.mels) @ power.T, 1e-10))
        log_mel = np.maximum(decibels, decibels.max() - 80).astype(np.float32)
        outputs = self._session.run(None, {self._session.get_inputs()[0].name: log_mel[None]})
        labels: Labels = np.concatenate([np.ravel(output) for output in outputs])
        return labels


@cache
def slaney(n_fft: int, mels: int) -> NDArray[np.float32]:
    """The mel filters (mels, bins) of Slaney's Auditory Toolbox, of unit area, as both teachers use them."""
    top = 15 + 27 * np.log(RATE_HZ / 2 / 1000) / np.log(6.4)
    scale = np.linspace(0, top, mels + 2)
    edges = np.where(scale < 15, scale * 200 / 3, 1000 * np.exp((scale - 15) * np.log(6.4) / 27))
    hz = np.fft.rfftfreq(n_fft, 1 / RATE_HZ)
    up = (hz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - hz) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    filters: NDArray[np.float32] = (np.clip(np.minimum(up, down), 0, None) * area[:, None]).astype(np.float32)
    return filters
