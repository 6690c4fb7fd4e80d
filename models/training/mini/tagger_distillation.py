"""First stage of `mini`: its sound tower is distilled from music taggers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks import checkpoint, logit_scale
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.training.losses import info_nce
from models.training.mini.material.corpus import WORDINGS, Material

SHARPEST = 30.0
"""The largest inverse temperature."""


class _WithTeacher(nn.Module):
    """The network, a layer from its features to the taggers' labels, and a temperature."""

    def __init__(self, mini: Mini, labels: int, features: int) -> None:
        super().__init__()
        self.mini = mini
        self.teacher = nn.Linear(features, labels)
        # The logarithm of the inverse temperature: e^2.5 is 12.
        self.sharpness = nn.Parameter(torch.tensor(2.5))


class TaggerDistillation:
    """The whole sound tower learns the taggers' labels, with a little contrast to captions.

    The task for `models.training.loop`. recipe: section `distil`.
    """

    def __init__(self, material: Material, recipe: Mapping[str, Any]) -> None:
        self._material, self._recipe = material, recipe
        config = MiniConfig(**recipe["shape"], traits=material.spoken.count)
        self.mini = Mini(config)
        self.mini.text.start_from(torch.from_numpy(material.center))
        self.mini.sound.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.whole = _WithTeacher(self.mini, material.windows.labels.shape[1], config.features)
        self._weights = torch.from_numpy(material.weights)
        held = held_out(material, recipe["held_out"])
        self._learned = material.windows.where(~held)
        self._judged = np.flatnonzero(held)[:: recipe["judge_one_in"]]

    @property
    def model(self) -> nn.Module:
        """Both towers and the teacher's layer."""
        return self.whole

    def batch(self, step: int) -> tuple[Tensor, ...]:
        """Spectrograms, labels, sentence vectors, and which song and caption each row is of."""
        rng = np.random.default_rng((self._recipe["training"]["seed"], step))  # as a resumed run has it
        windows, recipe = self._learned, self._recipe
        rows = windows.draw(rng, recipe["batch"], rendered=recipe["rendered"])
        captions = windows.caption_of(rows, rng, near=WORDINGS)
        log_mels = windows.log_mels(rows, rng, jitter=recipe["jitter"])  # (batch, 497, 96)
        sentences = windows.sentences[captions].astype(np.float32)  # (batch, 384)
        of = np.stack([windows.song[rows], captions])  # (2, batch)
        arrays = (log_mels, windows.labels[rows], sentences, of, windows.rendered[rows])
        return tuple(map(torch.from_numpy, arrays))

    def backward(self, batch: Any) -> Mapping[str, float]:
        """Squared error to the labels, and InfoNCE within real and within rendered windows: apart, so that
        telling a synthesizer from a record is no way out."""
        log_mels, labels, sentences, of, rendered = batch
        with torch.autocast("cpu", torch.bfloat16):
            features = self.mini.sound.features(log_mels)
            predicted = self.whole.teacher(features).float()  # (batch, labels)
            joint = self.mini.sound.head(features).float()  # (batch, dimensions)
        squared = (predicted - labels).square() * self._weights
        error = squared.sum() / (self._weights.sum() * len(labels))
        sound = normalize(joint, dim=-1)
        text = self.mini.text.joint(sentences)
        scale = self.whole.sharpness.exp()
        contrast = torch.zeros(())
        for part in (rendered, ~rendered):
            if not part.any():
                continue
            own = of[:, part]  # (2, part): song and caption
            # The same song or the same caption: no negatives of each other.
            equal = own[:, :, None] == own[:, None, :]  # (2, part, part)
            same = equal.any(0)  # (part, part)
            contrast = contrast + info_nce(sound[part], text[part], scale=scale, same=same)
        loss = error + self._recipe["contrast"] * contrast
        loss.backward()
        return {"loss": float(loss.detach()), "contrast": float(contrast.detach())}

    def constrain(self) -> None:
        """Hold the temperature."""
        logit_scale.hold(self.whole.sharpness, SHARPEST)

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """How much of the labels' variance is explained in songs that were held out."""
        windows = self._material.windows
        whole: Any = model
        predicted = []
        parts = len(self._judged) // 32 + 1
        for part in np.array_split(self._judged, parts):
            log_mels = torch.from_numpy(windows.log_mels(part, None))  # (part, 497, 96)
            features = whole.mini.sound.features(log_mels)
            predicted.append(whole.teacher(features))
        labels = torch.from_numpy(windows.labels[self._judged])  # (windows, labels)
        error = (torch.cat(predicted) - labels).square().mean(0)  # (labels,)
        variance = labels.var(0).clamp(min=1e-3)  # of a label that never changes nothing can be explained
        explained = 1 - error / variance  # (labels,)
        weighted = (explained * self._weights).sum() / self._weights.sum()
        return {"explained": float(weighted)}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint."""
        tensors, _ = checkpoint.load(folder)
        self.whole.load_state_dict(tensors)
        self.whole.eval()


def held_out(material: Material, every: int) -> NDArray[np.bool_]:
    """Windows (windows,) of every so-many-th real song."""
    windows = material.windows
    is_last_of_every = windows.song % every == every - 1
    held: NDArray[np.bool_] = is_last_of_every & ~windows.rendered
    return held
