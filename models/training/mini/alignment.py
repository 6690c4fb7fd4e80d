"""First stage of `mini`, second part: sound and descriptions are aligned in one space, by contrast."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from models.evaluation.metrics.mrr import reciprocal
from models.evaluation.ranks import rank_vectors
from models.networks import checkpoint, logit_scale
from models.networks.mini.network import Mini
from models.networks.mini.text import TextHead
from models.training.losses import info_nce
from models.training.mini.material.corpus import WORDINGS, Material
from models.training.mini.tagger_distillation import SHARPEST, held_out


class Alignment:
    """Both heads learn a joint space over the frozen trunk, in large batches from several sources.

    The task for `models.training.loop`. recipe: section `align`.
    """

    def __init__(self, material: Material, mini: Mini, recipe: Mapping[str, Any]) -> None:
        self._material = material
        self._recipe = recipe
        self._mini = mini
        self.heads = nn.ModuleDict({"sound": mini.sound.head, "text": mini.text})
        sharpness = float(np.log(recipe["scale"]))
        self.sharpness = nn.Parameter(torch.tensor(sharpness))
        self.heads.register_parameter("sharpness", self.sharpness)
        mini.sound.requires_grad_(False)
        mini.sound.head.requires_grad_(True)
        # The frozen trunk's features are computed once, of every window as it is and changed.
        self._features = [_features(material, mini, None), _features(material, mini, 0)]
        held = held_out(material, recipe["held_out"])
        windows = material.windows
        self._real = np.flatnonzero(~windows.rendered & ~held)
        self._scores = np.flatnonzero(windows.rendered)
        self._judged = np.flatnonzero(held)
        # As `Windows.draw`: a long song counts by the square root of its length.
        length = np.bincount(windows.song)[windows.song[self._real]]
        chance = 1 / np.sqrt(length)
        self._chance = chance / chance.sum()

    @property
    def features(self) -> list[Tensor]:
        """The trunk's features (windows, features) of the windows as they are, and changed."""
        return self._features

    @property
    def model(self) -> nn.Module:
        """The heads and the temperature."""
        return self.heads

    def batch(self, step: int) -> list[tuple[float, Tensor | None, Tensor, Tensor, NDArray[np.int64]]]:
        """Per source: weight, features (or None), one or two sentence vectors, and what each row is of."""
        rng = np.random.default_rng((self._recipe["training"]["seed"], step))
        count, recipe = self._recipe["batch"], self._recipe
        real = rng.choice(self._real, count, p=self._chance)
        near = rng.choice(self._real, count, p=self._chance)
        sources = [self._pairs(recipe["captions"], real, rng, slice(0, WORDINGS))]
        if self._material.said:
            sources.append(self._pairs(recipe["near"], near, rng, slice(WORDINGS, None)))
        if len(self._scores):
            scores = rng.choice(self._scores, count)
            sources.append(self._pairs(recipe["scores"], scores, rng, slice(0, WORDINGS)))
        if self._material.said:
            sources.append(self._texts(recipe["texts"], count, rng))
        return sources

    def _pairs(self, weight: float, rows: Any, rng: np.random.Generator, which: slice) -> Any:
        """Windows beside one caption of each. which: the columns of captions to draw from."""
        windows = self._material.windows
        choices = windows.captions[rows, which]  # (rows, wordings)
        drawn = rng.integers(0, choices.shape[1], len(rows))
        captions = choices[np.arange(len(rows)), drawn]
        known = captions >= 0
        rows, captions = rows[known], captions[known]
        plain, changed = (features[rows] for features in self._features)
        by_chance = rng.random(len(rows)) < 0.5
        is_plain = torch.from_numpy(by_chance)[:, None]  # (rows, 1)
        features = torch.where(is_plain, plain, changed)  # (rows, features)
        # Scores have no song in common, so each gets a number of its own.
        own = -1 - np.arange(len(rows))
        song = np.where(windows.rendered[rows], own, windows.song[rows])
        of = np.stack([song, captions])  # (2, rows)
        return weight, features, self._vectors(captions), None, of

    def _texts(self, weight: float, count: int, rng: np.random.Generator) -> Any:
        """Descriptions beside the sum of some of their aspects."""
        said = self._material.said
        picked = rng.integers(0, len(said), count)
        descriptions = np.array([said[i][0] for i in picked])  # (count,) rows of sentences
        sums = []
        for i in picked:
            _, aspects = said[i]
            some = [aspect for aspect in aspects if rng.random() < 0.7]
            sums.append(self._vectors(some or aspects).sum(0))
        others = normalize(torch.stack(sums), dim=-1)  # (count, 384)
        of = np.stack([descriptions] * 2)
        return weight, None, self._vectors(descriptions), others, of

    def _vectors(self, rows: Any) -> Tensor:
        return torch.from_numpy(self._material.windows.sentences[rows].astype(np.float32))

    def backward(self, batch: Any) -> Mapping[str, float]:
        """The sum of the sources' InfoNCE."""
        scale = self.sharpness.exp()
        loss = torch.zeros(())
        for weight, features, sentences, others, of in batch:
            left = self._mini.text.joint(sentences)  # (rows, dimensions)
            right = self._mini.text.joint(others) if features is None else self._sound(features)
            equal = of[:, :, None] == of[:, None, :]  # (2, rows, rows): by song, by caption
            same = torch.from_numpy(equal.any(0))  # (rows, rows)
            loss = loss + weight * info_nce(right, left, scale=scale, same=same)
        loss.backward()  # type: ignore[no-untyped-call]
        return {"loss": float(loss.detach()), "scale": float(scale.detach())}

    def _sound(self, features: Tensor) -> Tensor:
        """Features (rows, features) to joint embeddings (rows, dimensions)."""
        share = self._recipe["dropout"] if self.heads.training else 0.0
        kept = dropout(features, share)
        return normalize(self._mini.sound.head(kept), dim=-1)

    def constrain(self) -> None:
        """Hold the temperature."""
        logit_scale.hold(self.sharpness, SHARPEST)

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """Mean reciprocal rank of the right window for captions of held-out songs."""
        windows, rows, heads = self._material.windows, self._judged, model
        assert isinstance(heads, nn.ModuleDict)
        assert isinstance(heads["text"], TextHead)
        plain = self._features[0][rows]
        sound = normalize(heads["sound"](plain), dim=-1)  # (windows, dimensions)
        first_captions = windows.captions[rows, 0]
        text = heads["text"].joint(self._vectors(first_captions))
        right = [[row] for row in range(len(rows))]
        ranks = rank_vectors(text.numpy(), sound.numpy(), right)
        return {"mrr": float(reciprocal(ranks.first).mean())}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint."""
        tensors, _ = checkpoint.load(folder)
        self.heads.load_state_dict(tensors)


@torch.no_grad()
def _features(material: Material, mini: Mini, seed: int | None) -> Tensor:
    """The trunk's features (windows, features), of the windows as they are or (with a seed) changed."""
    rng = None if seed is None else np.random.default_rng(seed)
    jitter = 40 if rng else 0  # frames: 0.8 s
    windows = material.windows
    count = len(windows.song)
    mini.eval()
    features = []
    for part in np.array_split(np.arange(count), count // 48 + 1):
        log_mels = windows.log_mels(part, rng, jitter=jitter)
        features.append(mini.sound.features(torch.from_numpy(log_mels)))
    return torch.cat(features)
