"""What the sound tower of `mini` learns from in a step: spectrograms and the targets of distillation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.vectors import put_together
from models.networks.mini.front_end import FrontEnd
from models.training.mini.material.windows import changed
from models.training.mini.mixtures.bank import FULL_SCALE

Floats = NDArray[np.float32]
FAINT = 0.05
"""Added to spreads, so that what hardly varies counts little."""

PARTS = ("sounds", "logits", "embeddings")
"""What the files of `mixtures.labelling` hold."""


class Batch(NamedTuple):
    """A batch. Numbers of traits that nobody knows are NaN.

    log_mels: level-free spectrograms (batch, frames, bands). teacher: its standardized logits and embedding
    (batch, 527 + 384). joint, traits: the previous network's joint embedding (batch, 384) and traits
    (batch, traits). hints: standardized maps (batch, channels, frames, bands) from within the teacher, from
    which a network of its form learns too (Romero et al. 2015, arXiv:1412.6550). hint_weight: of their loss.
    """

    log_mels: Tensor
    teacher: Tensor
    joint: Tensor
    traits: Tensor
    hints: Sequence[Tensor] = ()
    hint_weight: float = 0.0


class Scale(NamedTuple):
    """By which outputs are standardized: mean and spread (outputs,)."""

    mean: Tensor
    spread: Tensor

    def standard(self, outputs: Tensor) -> Tensor:
        """Outputs (..., outputs) with mean 0 and spread 1."""
        return (outputs - self.mean) / self.spread


class BatchSource(Protocol):
    """Where batches come from."""

    @property
    def teacher_scale(self) -> Scale:
        """Mean and spread of the teacher's outputs."""

    @property
    def hint_channels(self) -> Sequence[int]:
        """The channels of each of a batch's hints."""

    def batch(self, step: int) -> Batch:
        """The batch of a step, the same whenever it is asked for."""


@dataclass(frozen=True, slots=True)
class LabelledWindows:
    """Windows with the teacher's outputs, all in 16 bits.

    sounds: (windows, 160000) at 16 kHz. logits: (windows, 527). embeddings: (windows, 384).
    """

    sounds: NDArray[np.int16]
    logits: NDArray[np.float16]
    embeddings: NDArray[np.float16]

    @staticmethod
    def read(paths: Sequence[Path]) -> "LabelledWindows":
        """The windows of parts that `mixtures.labelling` wrote."""
        kept: dict[str, list[NDArray[Any]]] = {name: [] for name in PARTS}
        for path in paths:
            with np.load(path) as part:
                for name, rows in kept.items():
                    rows.append(part[name])
        # A whole training's windows are some gigabytes.
        sounds, logits, embeddings = (put_together(rows) for rows in kept.values())
        return LabelledWindows(sounds, logits, embeddings)

    def power(self, rows: NDArray[np.int64] | slice, front_end: FrontEnd) -> Floats:
        """The mel power of windows (rows, frames, bands)."""
        sounds = self.sounds[rows].astype(np.float32) / FULL_SCALE
        return np.stack([front_end.mel_power(sound) for sound in sounds])

    def teacher_outputs(self, rows: NDArray[np.int64] | slice = slice(None)) -> Tensor:
        """The teacher's logits and embeddings of windows side by side (rows, 911), in 32 bits."""
        both = np.concatenate([self.logits[rows], self.embeddings[rows]], 1)
        return torch.from_numpy(both.astype(np.float32))


class StoredBatches:
    """Batches of windows that were labelled before, each moved and some changed by chance.

    front_end: of the network that learns. previous: joint embeddings and traits of all windows, by the
    network that training starts from. recipe: `batch`, and `changed`, the share of windows that other
    equipment hands on.
    """

    hint_channels = ()

    def __init__(
        self,
        windows: LabelledWindows,
        front_end: FrontEnd,
        previous: tuple[Tensor, Tensor],
        recipe: Mapping[str, Any],
        seed: int,
        device: torch.device,
    ) -> None:
        self._windows, self._front_end, self._previous, self._recipe = windows, front_end, previous, recipe
        self._seed, self._device = seed, device
        outputs = windows.teacher_outputs()
        spread = outputs.std(0) + FAINT
        self.teacher_scale = Scale(outputs.mean(0).to(device), spread.to(device))

    def batch(self, step: int) -> Batch:
        """Spectrograms and the targets: the teacher's and the previous network's."""
        rng = np.random.default_rng((self._seed, step))
        rows = rng.integers(len(self._windows.sounds), size=self._recipe["batch"])
        power = self._windows.power(rows, self._front_end)  # (batch, frames, bands)
        power = np.stack([_rolled(window, rng) for window in power])
        some = rng.random(len(rows)) < self._recipe["changed"]
        power[some] = changed(power[some], rng)
        log_mels = torch.from_numpy(self._front_end.level_free(power)).to(self._device)
        teacher = self._windows.teacher_outputs(rows).to(self._device)
        joint, traits = (kept[rows].to(self._device) for kept in self._previous)
        return Batch(log_mels, self.teacher_scale.standard(teacher), joint, traits)


def _rolled(window: Floats, rng: np.random.Generator) -> Floats:
    """A window (frames, bands) from another moment on, its beginning after its end."""
    frames = int(rng.integers(len(window)))
    return np.roll(window, frames, 0)
