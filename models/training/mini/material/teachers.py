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
RATE_HZ = 16_000  # of the windows that all of them are given
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
        package = Path(spec.origin).parent
        found.append(Vibenet(package / "artifacts" / "efficientnet_model.onnx"))
    return found


class Musicnn:
    """Log probabilities of tags and 200 penultimate features (Pons & Serra 2019, arXiv:1909.06654).

    The layers are those of the authors' TensorFlow graph, by its names and in its order: `conv2d_5` is the
    sixth convolution, and batch normalization `i + 1` follows convolution `i`.
    """

    mels, n_fft, hop = 96, 512, 256
    frames, windows = 187, (0, 187, 374)
    """Of a stretch of 3 s, and where the three stretches of a window begin."""

    def __init__(self, weights: Path, network: str) -> None:
        from safetensors.torch import load_file

        self.tags: list[str] = json.loads((weights / f"{network}.labels.json").read_text())
        self.names = [*self.tags, *[FEATURE] * 200]
        self._weights = load_file(weights / f"{network}.safetensors")

    def __call__(self, windows: NDArray[np.float32]) -> Labels:
        """The mean over three stretches of 3 s of each window."""
        probability, features = self.labels(torch.from_numpy(windows))
        labels: Labels = torch.cat([probability, features], 1).numpy()
        return labels

    def to(self, device: torch.device) -> "Musicnn":
        """The same network there."""
        self._weights = {name: tensor.to(device) for name, tensor in self._weights.items()}
        return self

    @torch.no_grad()
    def labels(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Windows (n, 160000) to log probabilities of tags (n, 50) and features (n, 200), on their device."""
        hann = torch.hann_window(self.n_fft, device=sound.device)
        spectrum = torch.stft(
            sound, self.n_fft, self.hop, window=hann, pad_mode="constant", return_complex=True
        )  # (windows, bins, frames)
        power = spectrum.abs() ** 2
        filters = torch.from_numpy(slaney(self.n_fft, self.mels)).to(sound.device)
        mel = torch.einsum("mf,nft->ntm", filters, power)  # (windows, frames, 96)
        log_mel = torch.log10(10_000 * mel + 1)  # as the authors compress it
        stretches = [log_mel[:, at : at + self.frames] for at in self.windows]
        parts = torch.stack(stretches, 1).flatten(0, 1)  # (windows x stretches, frames, 96)
        tags, features = self._network(parts)
        shape = (len(sound), len(self.windows), -1)
        mean_tags = tags.float().view(shape).mean(1)  # (windows, 50)
        mean_features = features.float().view(shape).mean(1)
        return torch.log(mean_tags + 1e-5), mean_features

    def _network(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Stretches (n, 187, 96) to tags (n, 50) and features (n, 200)."""
        front = self._front(self._normal(mel.unsqueeze(1), 0))
        middle = self._middle(front)
        # Over time, what is strongest and what is usual.
        most, mean = middle.amax(1), middle.mean(1)  # (n, channels)
        pooled = torch.stack([most, mean], 2).flatten(1)
        dense = self._dense(self._normal(pooled, 9), 0)
        features = self._normal(functional.relu(dense), 10)
        logits = self._dense(features, 1)
        return torch.sigmoid(logits), features

    def _front(self, x: Tensor) -> Tensor:
        """Spectrograms (n, 1, 187, 96) to what filters find in them (n, 1, 187, channels).

        Tall filters see timbre, wide ones time; of each the strongest place along the mel axis is kept.
        """
        found = []
        for i in (0, 1):
            timbre = self._convolve(functional.pad(x, (0, 0, 3, 3)), i)
            found.append(timbre.amax(3))
        for i, width in ((2, 128), (3, 64), (4, 32)):
            before = (width - 1) // 2  # as TensorFlow pads "same"
            padded = functional.pad(x, (0, 0, before, width - 1 - before))
            found.append(self._convolve(padded, i).amax(3))
        return torch.cat(found, 1).transpose(1, 2).unsqueeze(1)

    def _middle(self, front: Tensor) -> Tensor:
        """Three convolutions over time, the later two residual, beside what they start from (n, 187, all)."""
        first = self._over_time(front, 5)
        second = self._over_time(first, 6) + first
        third = self._over_time(second, 7) + second
        return torch.cat([front, first, second, third], 3).squeeze(1)

    def _over_time(self, x: Tensor, i: int) -> Tensor:
        """(n, 1, 187, channels) to the same shape with the convolution's own channels."""
        padded = functional.pad(x, (0, 0, 3, 3))
        return self._convolve(padded, i).permute(0, 3, 2, 1)

    def _convolve(self, x: Tensor, i: int) -> Tensor:
        """Convolution `i`, ReLU, and the normalization behind it."""
        name = _numbered("conv2d", i)
        kernel = self._weights[f"{name}/kernel"]  # TensorFlow's (height, width, in, out)
        weight = kernel.permute(3, 2, 0, 1).contiguous()
        found = functional.conv2d(x, weight, self._weights[f"{name}/bias"])
        return self._normal(functional.relu(found), i + 1)

    def _dense(self, x: Tensor, i: int) -> Tensor:
        """Dense layer `i`."""
        name = _numbered("dense", i)
        return x @ self._weights[f"{name}/kernel"] + self._weights[f"{name}/bias"]

    def _normal(self, x: Tensor, i: int) -> Tensor:
        """Batch normalization `i` over dimension 1, by the moving averages."""
        name = _numbered("batch_normalization", i)
        shape = [1, -1] + [1] * (x.dim() - 2)  # the channels along dimension 1 of x

        def part(called: str) -> Tensor:
            return self._weights[f"{name}/{called}"].view(shape)

        deviation = torch.sqrt(part("moving_variance") + 1e-3)  # TensorFlow's epsilon
        normal = (x - part("moving_mean")) / deviation
        return normal * part("gamma") + part("beta")


def _numbered(layer: str, i: int) -> str:
    """TensorFlow numbers the layers of a kind from the second on."""
    return f"{layer}_{i}" if i else layer


class Vibenet:
    """Seven moods and 256 penultimate features of VibeNet, an EfficientNet for the Free Music Archive."""

    n_fft, window, hop, mels = 1024, 640, 320, 128

    def __init__(self, model: Path) -> None:
        import onnx

        graph = onnx.load(str(model))
        # What the last dense layer is fed with becomes an output too: the penultimate features.
        last = [node for node in graph.graph.node if node.op_type == "Gemm"][-1]
        features = onnx.helper.make_tensor_value_info(last.input[0], 1, None)
        graph.graph.output.append(features)
        self._session = open_session(graph.SerializeToString())
        self.names = [*MOODS, *[FEATURE] * 256]

    def __call__(self, windows: NDArray[np.float32]) -> Labels:
        """One spectrogram of ten seconds each."""
        return np.stack([self._one(window) for window in windows])

    def _one(self, sound: NDArray[np.float32]) -> Labels:
        """Labels (263,) of one window (160000,)."""
        hann = np.hanning(self.window + 1)[:-1].astype(np.float32)  # periodic
        stretches = np.lib.stride_tricks.sliding_window_view(sound, self.window)
        frames = stretches[:: self.hop] * hann  # (frames, 640)
        spectrum = np.fft.rfft(frames, self.n_fft, axis=1)
        power = np.abs(spectrum) ** 2
        mel = slaney(self.n_fft, self.mels) @ power.T  # (128, frames)
        decibels = 10 * np.log10(np.maximum(mel, 1e-10))
        floor = decibels.max() - 80  # as librosa.power_to_db with top_db=80
        log_mel = np.maximum(decibels, floor).astype(np.float32)
        name = self._session.get_inputs()[0].name
        outputs = self._session.run(None, {name: log_mel[None]})
        labels: Labels = np.concatenate([np.ravel(output) for output in outputs])
        return labels


@cache
def slaney(n_fft: int, mels: int) -> NDArray[np.float32]:
    """The mel filters (mels, bins) of Slaney's Auditory Toolbox, of unit area, as both teachers use them.

    Slaney's scale is linear below 1 kHz (15 mel of 66.7 Hz each), then 27 mel for a factor of 6.4. The same
    as librosa.filters.mel with htk=False and norm="slaney".
    """
    octave = np.log(6.4)
    highest_khz = RATE_HZ / 2 / 1000
    top = 15 + 27 * np.log(highest_khz) / octave
    scale = np.linspace(0, top, mels + 2)
    linear = scale * 200 / 3
    logarithmic = 1000 * np.exp((scale - 15) * octave / 27)
    edges = np.where(scale < 15, linear, logarithmic)  # Hz (mels + 2,)
    hz = np.fft.rfftfreq(n_fft, 1 / RATE_HZ)  # (bins,)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]  # (mels, 1) each
    rising = (hz - left) / (centre - left)  # (mels, bins)
    falling = (right - hz) / (right - centre)
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    heights = 2 / (right - left)  # of triangles of unit area
    filters: NDArray[np.float32] = (triangles * heights).astype(np.float32)
    return filters
