"""What the trunk of `mini` learns from in a step: spectrograms, and what should be said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.vectors import put_together
from models.networks.mini.ears import Ear
from models.training.mini.material.windows import changed
from models.training.mini.mixtures.bank import FULL_SCALE

Floats = NDArray[np.float32]
FAINT = 0.05
"""Added to spreads, so that what hardly varies counts little."""

PARTS = ("sounds", "logits", "embeddings")
"""What the files of `mixtures.hearing` hold."""


class Lesson(NamedTuple):
    """A batch. Numbers of traits that nobody knows are NaN.

    log_mels: level-free spectrograms (batch, frames, bands). said: standardized logits and embedding of
    the teacher (batch, 527 + 384). agreed, traits: what the weights before said, (batch, 384) and
    (batch, traits). hints: standardized maps (batch, channels, frames, bands) from within the teacher, from
    which a network of its form learns too (Romero et al. 2015, arXiv:1412.6550); hints_count: how much now.
    """

    log_mels: Tensor
    said: Tensor
    agreed: Tensor
    traits: Tensor
    hints: Sequence[Tensor] = ()
    hints_count: float = 0.0


class Scale(NamedTuple):
    """By which outputs are standardized: mean and spread (outputs,)."""

    mean: Tensor
    spread: Tensor

    def standard(self, outputs: Tensor) -> Tensor:
        """Outputs (..., outputs) with mean 0 and spread 1."""
        return (outputs - self.mean) / self.spread


class Lessons(Protocol):
    """Where batches come from."""

    @property
    def said(self) -> Scale:
        """The scale of what the teacher says."""

    @property
    def hint_channels(self) -> Sequence[int]:
        """The channels of each of a batch's hints."""

    def batch(self, step: int) -> Lesson:
        """The batch of a step, the same whenever it is asked for."""


@dataclass(frozen=True, slots=True)
class TaughtWindows:
    """Windows and what the teacher says of them, all in 16 bits.

    sounds: (windows, 160000) at 16 kHz. logits: (windows, 527). embeddings: (windows, 384).
    """

    sounds: NDArray[np.int16]
    logits: NDArray[np.float16]
    embeddings: NDArray[np.float16]

    @staticmethod
    def read(paths: Sequence[Path]) -> "TaughtWindows":
        """The windows of parts that `mixtures.hearing` wrote."""
        kept: dict[str, list[NDArray[Any]]] = {name: [] for name in PARTS}
        for path in paths:
            with np.load(path) as part:
                for name, rows in kept.items():
                    rows.append(part[name])
        # A whole training's windows are some gigabytes.
        sounds, logits, embeddings = (put_together(rows) for rows in kept.values())
        return TaughtWindows(sounds, logits, embeddings)

    def power(self, rows: NDArray[np.int64] | slice, ear: Ear) -> Floats:
        """The mel power of windows (rows, frames, bands)."""
        sounds = self.sounds[rows].astype(np.float32) / FULL_SCALE
        return np.stack([ear.mel_power(sound) for sound in sounds])

    def said(self, rows: NDArray[np.int64] | slice = slice(None)) -> Tensor:
        """What the teacher says of windows, in 32 bits: logits and embedding side by side (rows, 911)."""
        both = np.concatenate([self.logits[rows], self.embeddings[rows]], 1)
        return torch.from_numpy(both.astype(np.float32))


class StoredLessons:
    """Batches of windows that were heard before, each moved and some changed by chance.

    ear: what the network that learns hears with. before: what the weights that training starts from said of
    all windows. recipe: `batch`, and `changed`, the share of windows that other equipment hands on.
    """

    hint_channels = ()

    def __init__(
        self,
        windows: TaughtWindows,
        ear: Ear,
        before: tuple[Tensor, Tensor],
        recipe: Mapping[str, Any],
        seed: int,
        device: torch.device,
    ) -> None:
        self._windows, self._ear, self._before, self._recipe = windows, ear, before, recipe
        self._seed, self._device = seed, device
        said = windows.said()
        self.said = Scale(said.mean(0).to(device), (said.std(0) + FAINT).to(device))

    def batch(self, step: int) -> Lesson:
        """Spectrograms and the targets: the teacher's and those from before."""
        rng = np.random.default_rng((self._seed, step))
        rows = rng.integers(len(self._windows.sounds), size=self._recipe["batch"])
        power = self._windows.power(rows, self._ear)  # (batch, frames, bands)
        power = np.stack([_rolled(window, rng) for window in power])
        some = rng.random(len(rows)) < self._recipe["changed"]
        power[some] = changed(power[some], rng)
        log_mels = torch.from_numpy(self._ear.level_free(power)).to(self._device)
        said = self._windows.said(rows).to(self._device)
        agreed, traits = (kept[rows].to(self._device) for kept in self._before)
        return Lesson(log_mels, self.said.standard(said), agreed, traits)


def _rolled(window: Floats, rng: np.random.Generator) -> Floats:
    """A window (frames, bands) from another moment on, its beginning after its end."""
    frames = int(rng.integers(len(window)))
    return np.roll(window, frames, 0)
