"""What the trunk of `mini` learns from in a step: spectrograms, and what should be said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.networks import mini_mel
from models.training.mini.material.windows import changed

Floats = NDArray[np.float32]
FAINT = 0.05
"""Added to spreads, so that what hardly varies counts little."""

PARTS = ("pictures", "logits", "embeddings")
"""What the files of `mixtures.hearing` hold: pictures are log-mel spectrograms."""


class Lesson(NamedTuple):
    """A batch. Numbers of traits that nobody knows are NaN.

    log_mels: level-free spectrograms (batch, 497, 96). said: standardized logits and embedding of the teacher
    (batch, 527 + 384). agreed, traits: what the weights before said, (batch, 384) and (batch, traits).
    """

    log_mels: Tensor
    said: Tensor
    agreed: Tensor
    traits: Tensor


class Scale(NamedTuple):
    """By which outputs are standardized: mean and spread (outputs,)."""

    mean: Tensor
    spread: Tensor


class Lessons(Protocol):
    """Where batches come from."""

    @property
    def said(self) -> Scale:
        """The scale of what the teacher says."""

    def batch(self, step: int) -> Lesson:
        """The batch of a step, the same whenever it is asked for."""


@dataclass(frozen=True, slots=True)
class TaughtWindows:
    """Windows and what the teacher says of them, all in 16 bits.

    log_mels: log10 mel power (windows, 497, 96). logits: (windows, 527). embeddings: (windows, 384).
    """

    log_mels: NDArray[np.float16]
    logits: NDArray[np.float16]
    embeddings: NDArray[np.float16]

    @staticmethod
    def read(paths: Sequence[Path]) -> "TaughtWindows":
        """The windows of parts that `mixtures.hearing` wrote."""
        kept: dict[str, list[NDArray[np.float16]]] = {name: [] for name in PARTS}
        for path in paths:
            with np.load(path) as part:
                for name, rows in kept.items():
                    rows.append(part[name])
        log_mels, logits, embeddings = (np.concatenate(rows) for rows in kept.values())
        return TaughtWindows(log_mels, logits, embeddings)

    def said(self, rows: NDArray[np.int64] | slice = slice(None)) -> Tensor:
        """What the teacher says of windows, in 32 bits: logits and embedding side by side (rows, 911)."""
        both = np.concatenate([self.logits[rows], self.embeddings[rows]], 1)
        return torch.from_numpy(both.astype(np.float32))


class StoredLessons:
    """Batches of windows that were heard before, each moved and some changed by chance.

    before: what the weights that training starts from said of all windows. recipe: `batch`, and `changed`,
    the share of windows that other equipment hands on.
    """

    def __init__(
        self,
        windows: TaughtWindows,
        before: tuple[Tensor, Tensor],
        recipe: Mapping[str, Any],
        seed: int,
        device: torch.device,
    ) -> None:
        self._windows, self._before, self._recipe = windows, before, recipe
        self._seed, self._device = seed, device
        said = windows.said()
        self.said = Scale(said.mean(0).to(device), (said.std(0) + FAINT).to(device))

    def batch(self, step: int) -> Lesson:
        """Spectrograms and the targets: the teacher's and those from before."""
        rng = np.random.default_rng((self._seed, step))
        rows = rng.integers(len(self._windows.log_mels), size=self._recipe["batch"])
        power = 10.0 ** self._windows.log_mels[rows].astype(np.float32)  # (batch, 497, 96)
        power = np.stack([_rolled(window, rng) for window in power])
        some = rng.random(len(rows)) < self._recipe["changed"]
        power[some] = changed(power[some], rng)
        log_mels = torch.from_numpy(mini_mel.level_free(power)).to(self._device)
        said = self._windows.said(rows).to(self._device)
        agreed, traits = (kept[rows].to(self._device) for kept in self._before)
        return Lesson(log_mels, (said - self.said.mean) / self.said.spread, agreed, traits)


def _rolled(window: Floats, rng: np.random.Generator) -> Floats:
    """A window (frames, 96) from another moment on, its beginning after its end."""
    frames = int(rng.integers(len(window)))
    return np.roll(window, frames, 0)
