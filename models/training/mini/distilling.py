"""The trunk of `mini` learns to hear what the AudioSet teacher hears, and keeps what it heard before.

Targets are the teacher's logits and embedding, what the music taggers say where they are heard too, and what
the weights it starts from said of the same windows in their first two parts.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks import checkpoint, mini_mel
from models.networks.device import autocast
from models.networks.mini import Mini
from models.training.mini.classes import MUSIC, SOUNDS
from models.training.mini.lessons import Lesson, Lessons, TaughtWindows

CLASSES = 527
OF_MUSIC = slice(MUSIC, SOUNDS[1].start)
"""The classes of AudioSet that are of music: between those that are not."""
ROUND = 64
"""Windows that go through the network at once where nothing is learned."""


class Distilling:
    """The task for `models.training.loop`: the whole sound tower, and a layer that speaks for the teacher.

    recipe: weights beside the squared error of classes: `embedding`, `agreed` and `traits`; and `music`, how
    much more than others the classes of music count.
    """

    def __init__(
        self,
        mini: Mini,
        lessons: Lessons,
        judged: Mapping[str, TaughtWindows],
        recipe: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        self.mini = mini
        self._lessons, self._judged = lessons, judged
        self._recipe, self._device = recipe, device
        teacher = nn.Linear(mini.sound.wide_features, len(lessons.said.mean))
        self.whole = nn.ModuleDict({"sound": mini.sound, "teacher": teacher}).to(device)
        # Convolutions are faster with channels last.
        self.whole.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        traits = mini.sound.traits
        if traits is not None:  # a layer that is otherwise computed, not trained
            traits.requires_grad_(True)
        weights = torch.ones(CLASSES)
        weights[OF_MUSIC] = recipe["music"]
        self._weights = (weights / weights.mean()).to(device)

    @property
    def model(self) -> nn.Module:
        """The sound tower and the teacher's layer."""
        return self.whole

    def batch(self, step: int) -> Lesson:
        """See `Lessons`."""
        return self._lessons.batch(step)

    def backward(self, batch: Lesson) -> Mapping[str, float]:
        """Squared errors to classes, embedding and traits, and the angle to what was agreed on."""
        recipe, sound = self._recipe, self.mini.sound
        with autocast(self._device, "bf16"):
            wide = sound.wide(batch.log_mels)
            said = self.whole["teacher"](wide).float()  # (batch, classes + 384)
            features = wide[:, : self.mini.config.features]
            heard = sound.head(features).float()  # (batch, 384)
            named = None if sound.traits is None else sound.traits(features).float()
        squared = (said - batch.said).square()
        classes = (squared[:, :CLASSES] * self._weights).mean()
        embedding = squared[:, CLASSES:].mean()
        cosines = (normalize(heard, dim=-1) * batch.agreed).sum(-1)  # (batch,)
        apart = 1 - cosines.mean()
        loss = classes + recipe["embedding"] * embedding + recipe["agreed"] * apart
        parts = {"classes": classes, "apart": apart}
        if named is not None:
            known = ~batch.traits.isnan()
            parts["traits"] = (named - batch.traits)[known].square().mean()
            loss = loss + recipe["traits"] * parts["traits"]
        loss.backward()
        # In one piece: to ask a card for a number is to wait for it.
        figures = torch.stack([loss, *parts.values()]).detach().tolist()
        return dict(zip(["loss", *parts], figures, strict=True))

    def teacher(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What was learned of classes as logits: slopes (classes, wide) and offsets (classes,)."""
        layer: Any = self.whole["teacher"]
        mean, spread = (side[:CLASSES].cpu() for side in self._lessons.said)
        slopes = layer.weight.detach()[:CLASSES].cpu() * spread[:, None]
        offsets = layer.bias.detach()[:CLASSES].cpu() * spread + mean
        return slopes.numpy(), offsets.numpy()

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """How much of the logits' variance is explained in each kind of held-out sound, their mean first."""
        whole: Any = model
        found = {}
        mean, spread = (side[:CLASSES].cpu() for side in self._lessons.said)
        for kind, windows in self._judged.items():
            features = outputs_of(whole["sound"].wide, windows.log_mels, self._device)
            standard = whole["teacher"](features)[:, :CLASSES].cpu()
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
