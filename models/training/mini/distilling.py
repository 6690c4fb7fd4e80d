"""The trunk of `mini` learns to hear what the AudioSet teacher hears, and keeps what it heard before.

Targets are the teacher's logits and embedding, and what the weights it starts from said of the same windows:
their first two vector parts hold what the music taggers taught them.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss, normalize

from models.networks import checkpoint, mini_mel
from models.networks.mini import Mini
from models.training.mini.material.windows import changed

Floats = NDArray[np.float32]
FAINT = 0.05
"""Added to spreads, so that what hardly varies counts little."""

PARTS = ("pictures", "logits", "embeddings")
"""What the files of `mixtures.hearing` hold: pictures are log-mel spectrograms."""
ROUND = 64
"""Windows that go through the network at once where nothing is learned."""


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


class Distilling:
    """The task for `models.training.loop`: the whole sound tower, and a layer that speaks for the teacher."""

    def __init__(
        self,
        mini: Mini,
        learned: TaughtWindows,
        judged: Mapping[str, TaughtWindows],
        recipe: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        self.mini = mini
        self._recipe = recipe
        self._device = device
        self._learned = learned
        self._judged = judged
        self._before = before(copy.deepcopy(mini), learned, device)
        said = learned.said()
        self._mean = said.mean(0)
        self._spread = said.std(0) + FAINT
        self._classes = learned.logits.shape[1]
        teacher = nn.Linear(mini.config.features, said.shape[1])
        self.whole = nn.ModuleDict({"sound": mini.sound, "teacher": teacher}).to(device)
        # Convolutions are faster with channels last.
        self.whole.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        traits = mini.sound.traits
        if traits is not None:  # a layer that is otherwise computed, not trained
            traits.requires_grad_(True)

    @property
    def model(self) -> nn.Module:
        """The sound tower and the teacher's layer."""
        return self.whole

    def batch(self, step: int) -> tuple[Tensor, ...]:
        """Spectrograms, moved and changed by chance, and the targets: the teacher's and those from before."""
        rng = np.random.default_rng((self._recipe["training"]["seed"], step))
        rows = rng.integers(len(self._learned.log_mels), size=self._recipe["batch"])
        power = 10.0 ** self._learned.log_mels[rows].astype(np.float32)  # (batch, 497, 96)
        power = np.stack([_rolled(window, rng) for window in power])
        some = rng.random(len(rows)) < self._recipe["changed"]
        power[some] = changed(power[some], rng)
        targets = (self._learned.said(rows) - self._mean) / self._spread  # (batch, 911)
        log_mels = torch.from_numpy(mini_mel.level_free(power))
        agreed, traits = (kept[rows] for kept in self._before)
        parts = (log_mels, targets, agreed, traits)
        return tuple(tensor.to(self._device) for tensor in parts)

    def backward(self, batch: Any) -> Mapping[str, float]:
        """Squared errors to classes, embedding and traits, and the angle to what was agreed on."""
        log_mels, targets, agreed, traits = batch
        recipe, sound = self._recipe, self.mini.sound
        with torch.autocast(self._device.type, torch.bfloat16):
            features = sound.features(log_mels)
            said = self.whole["teacher"](features).float()  # (batch, classes + 384)
            heard = sound.head(features).float()  # (batch, 384)
            named = None if sound.traits is None else sound.traits(features).float()
        widths = [self._classes, said.shape[1] - self._classes]
        said_classes, said_embedding = torch.split(said, widths, dim=1)
        true_classes, true_embedding = torch.split(targets, widths, dim=1)
        classes = mse_loss(said_classes, true_classes)
        embedding = mse_loss(said_embedding, true_embedding)
        cosines = (normalize(heard, dim=-1) * agreed).sum(-1)  # (batch,)
        apart = 1 - cosines.mean()
        loss = classes + recipe["embedding"] * embedding + recipe["agreed"] * apart
        if named is not None:
            loss = loss + recipe["traits"] * mse_loss(named, traits)
        loss.backward()
        parts = {"loss": loss, "classes": classes, "apart": apart}
        return {name: float(part.detach()) for name, part in parts.items()}

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """How much of the logits' variance is explained in each kind of held-out sound, their mean first."""
        whole: Any = model
        found = {}
        mean = self._mean[: self._classes]
        spread = self._spread[: self._classes]
        for kind, windows in self._judged.items():
            features = outputs_of(whole["sound"].features, windows.log_mels, self._device)
            standard = whole["teacher"](features)[:, : self._classes].cpu()
            said = standard * spread + mean  # (windows, classes), logits
            truth = torch.from_numpy(windows.logits.astype(np.float32))
            error = (said - truth).square().mean()
            variance = (truth - truth.mean(0)).square().mean()
            found[f"explained {kind}"] = 1 - float(error / variance)
        return {"explained": float(np.mean(list(found.values()))), **found}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint, to be used on the processor from now on."""
        tensors, _ = checkpoint.load(folder)
        self.whole.load_state_dict(tensors)
        self._device = torch.device("cpu")
        self.whole.eval().to(self._device)


def _rolled(window: Floats, rng: np.random.Generator) -> Floats:
    """A window (frames, 96) from another moment on, its beginning after its end."""
    frames = int(rng.integers(len(window)))
    return np.roll(window, frames, 0)


@torch.no_grad()
def outputs_of(
    layers: Callable[[Tensor], Tensor], log_mels: NDArray[np.float16], device: torch.device
) -> Tensor:
    """What layers say of spectrograms that are level-free (windows, ...), of log10 mel power as it is."""
    rounds = len(log_mels) // ROUND + 1
    found = []
    for some in np.array_split(log_mels, rounds):
        power = 10.0 ** some.astype(np.float32)
        seen = torch.from_numpy(mini_mel.level_free(power)).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            found.append(layers(seen).float())
    return torch.cat(found)


@torch.no_grad()
def before(mini: Mini, windows: TaughtWindows, device: torch.device) -> tuple[Tensor, Tensor]:
    """What weights say of windows: what was agreed on (windows, 384), and traits (windows, traits)."""
    sound = mini.eval().sound.to(device)
    features = outputs_of(sound.features, windows.log_mels, device)
    agreed = normalize(sound.head(features), dim=-1).cpu()
    if sound.traits is None:
        return agreed, features[:, :0].cpu()
    return agreed, sound.traits(features).cpu()
