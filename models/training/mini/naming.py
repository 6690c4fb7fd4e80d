"""Third stage of `mini`: over the frozen trunk, the sound's heads learn to name single instruments.

What they make of real music is held where it was. So is what a solo says of moods and tempi, which the heads
would unlearn: among solos nothing counts but the instrument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.networks import checkpoint
from models.networks.mini.network import Mini

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Solos:
    """The trunk's features (solos, features) of one instrument alone, and which of the names each has."""

    features: Floats
    named: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentence vectors: of the names in several wordings, and of the same sounds in the same moods."""

    wordings: Floats
    """(wordings, names, 384)"""
    moods: Floats
    """(sounds, moods, 384)"""


class Naming:
    """The task for `models.training.loop`: a solo is nearer to its own name than to the others.

    music: the trunk's features (windows, features) of real music. recipe: `batch`, `sharpness` of the
    scores, `smooth`, the share of the truth that other names get, `kept`, the weight of the distance from
    what was heard in music, `moods`, the weight of what solos say of moods in another way than before,
    `noise` on the solos' features in their spreads, and `training`.
    """

    def __init__(
        self,
        mini: Mini,
        solos: Solos,
        judged: Solos,
        music: Floats,
        sentences: Sentences,
        recipe: Mapping[str, Any],
    ) -> None:
        sound = mini.sound.eval().requires_grad_(False)
        assert sound.traits is not None
        self._mini, self._recipe = mini, recipe
        self._solos, self._judged = torch.from_numpy(solos.features), judged
        self._named = torch.from_numpy(solos.named)
        self._spread = self._solos.std(0)  # (features,)
        self._music = torch.from_numpy(music)
        with torch.no_grad():
            self._before = sound.vectors(self._music)  # (windows, width)
            self._texts = [mini.text(torch.from_numpy(wording)) for wording in sentences.wordings]
            self._moods = self._moods_in(sentences.moods)  # (sounds * moods, width)
            self._said = sound.vectors(self._solos) @ self._moods.T  # (solos, sounds * moods)
        self.heads = nn.ModuleDict({"head": sound.head, "traits": sound.traits}).requires_grad_(True)

    def _moods_in(self, sentences: Floats) -> Tensor:
        """What a mood adds to a sound, and nothing of the sound, which is an instrument as often as not."""
        texts = torch.stack([self._mini.text(torch.from_numpy(sound)) for sound in sentences])
        added = texts - texts.mean(1, keepdim=True)  # (sounds, moods, width)
        return added.flatten(0, 1)

    @property
    def model(self) -> nn.Module:
        """The heads of the joint embedding and of the traits."""
        return self.heads

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Rows of solos, noise on their features, a wording's vectors of all names; and rows of music."""
        seed, count = self._recipe["training"]["seed"], self._recipe["batch"]
        rng = np.random.default_rng((seed, step))
        rows = torch.from_numpy(rng.integers(len(self._solos), size=count))
        music = torch.from_numpy(rng.integers(len(self._music), size=count))
        texts = self._texts[rng.integers(len(self._texts))]
        noise = torch.from_numpy(rng.standard_normal((count, len(self._spread)), np.float32))
        return rows, self._recipe["noise"] * self._spread * noise, texts, music

    def backward(self, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> Mapping[str, float]:
        """Cross-entropy of the names, and how far music and the moods of solos are from where they were."""
        rows, noise, texts, music = batch
        recipe, sound, solos = self._recipe, self._mini.sound, self._solos[rows]
        scores = recipe["sharpness"] * sound.vectors(solos + noise) @ texts.T  # (batch, names)
        naming = cross_entropy(scores, self._named[rows], label_smoothing=recipe["smooth"])
        said = sound.vectors(solos) @ self._moods.T  # (batch, sounds * moods)
        unlearned = (said - self._said[rows]).square().mean()
        cosines = (sound.vectors(self._music[music]) * self._before[music]).sum(1)
        moved = 1 - cosines.mean()
        loss = naming + recipe["kept"] * moved + recipe["moods"] * unlearned
        loss.backward()
        return {
            "loss": float(loss.detach()),
            "naming": float(naming.detach()),
            "moved": float(moved.detach()),
            "unlearned": float(unlearned.detach()),
        }

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """The share of solos by an unheard soundfont that are named rightly, and where music is now."""
        heads: Any = model
        before = self._mini.sound.head, self._mini.sound.traits
        self._mini.sound.head, self._mini.sound.traits = heads["head"], heads["traits"]
        vectors = self._mini.sound.vectors(torch.from_numpy(self._judged.features))
        now = self._mini.sound.vectors(self._music)
        self._mini.sound.head, self._mini.sound.traits = before
        best = (vectors @ self._texts[0].T).argmax(1).numpy()
        moved = 1 - float((now * self._before).sum(1).mean())
        return {"named": float((best == self._judged.named).mean()), "moved": moved}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint."""
        tensors, _ = checkpoint.load(folder)
        self.heads.load_state_dict(tensors)
