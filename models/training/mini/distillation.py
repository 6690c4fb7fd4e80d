"""Distillation: a network for `mini` learns what an AudioSet teacher and the previous network make of sound.

Targets are the teacher's logits and embedding, the music taggers' tags where these are asked too, and the
joint embedding and traits of the previous network. A network of the teacher's own form also learns its maps.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks import checkpoint
from models.networks.device import autocast, fastest_precision
from models.networks.mini.front_end import FrontEnd, front_end_of
from models.networks.mini.layout import LARGE, narrowed, stages
from models.networks.mini.mobile import MobileTower
from models.networks.mini.network import Mini
from models.training.mini.batches import Batch, BatchSource, LabelledWindows
from models.training.mini.classes import MUSIC, SOUNDS

CLASSES = 527
OF_MUSIC = slice(MUSIC, SOUNDS[1].start)
"""The classes of AudioSet that are of music: between those that are not."""
HINTED = [stage for stage in stages() if stage]
"""The blocks whose maps are compared with the teacher's: the last of each size, but for the largest."""
ROUND = 64
"""Windows that go through the network at once where nothing is learned."""


class Distillation:
    """The task for `models.training.loop`: the whole sound tower, and a layer that speaks for the teacher.

    recipe: weights beside the squared error of classes: `embedding`, `joint` and `traits`; and `music`, how
    much more than others the classes of music count.
    """

    def __init__(
        self,
        mini: Mini,
        batches: BatchSource,
        judged: Mapping[str, LabelledWindows],
        recipe: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        self.mini = mini
        self._batches, self._judged = batches, judged
        self._recipe, self._device = recipe, device
        teacher = nn.Linear(mini.sound.wide_features, len(batches.teacher_scale.mean))
        hints = nn.ModuleList()
        for stage, channels in zip(HINTED, batches.hint_channels, strict=False):
            own = narrowed(LARGE[stage].out, mini.config.mobile)
            hints.append(nn.Conv2d(own, channels, 1))
        self.whole = nn.ModuleDict({"sound": mini.sound, "teacher": teacher, "hints": hints}).to(device)
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

    def batch(self, step: int) -> Batch:
        """See `BatchSource`."""
        return self._batches.batch(step)

    def backward(self, batch: Batch) -> Mapping[str, float]:
        """Squared errors to classes, embedding and traits, and the cosine distance of joint embeddings."""
        recipe, sound = self._recipe, self.mini.sound
        with autocast(self._device, fastest_precision(self._device)):
            wide, hint_loss = self._forward(batch)
            outputs = self.whole["teacher"](wide).float()  # (batch, classes + 384)
            features = wide[:, : self.mini.config.features]
            joint = sound.head(features).float()  # (batch, 384)
            traits = None if sound.traits is None else sound.traits(features).float()
        squared = (outputs - batch.teacher).square()
        classes = (squared[:, :CLASSES] * self._weights).mean()
        embedding = squared[:, CLASSES:].mean()
        cosines = (normalize(joint, dim=-1) * batch.joint).sum(-1)  # (batch,)
        distance = 1 - cosines.mean()
        loss = classes + recipe["embedding"] * embedding + recipe["joint"] * distance
        parts = {"classes": classes, "joint": distance}
        if batch.hint_weight:
            parts["hints"] = hint_loss
            loss = loss + batch.hint_weight * hint_loss
        if traits is not None:
            known = ~batch.traits.isnan()
            parts["traits"] = (traits - batch.traits)[known].square().mean()
            loss = loss + recipe["traits"] * parts["traits"]
        loss.backward()
        # In one piece: to ask a card for a number is to wait for it.
        figures = torch.stack([loss, *parts.values()]).detach().tolist()
        return dict(zip(["loss", *parts], figures, strict=True))

    def _forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The trunk's wide features (batch, wide), and its squared error to the teacher's hints, summed."""
        sound = self.mini.sound
        if not batch.hint_weight or not isinstance(sound, MobileTower):
            return sound.wide(batch.log_mels), torch.zeros(())
        maps = sound.trunk.maps(batch.log_mels)
        errors = []
        layers: Any = self.whole["hints"]
        for layer, stage, hint in zip(layers, HINTED, batch.hints, strict=True):
            error = layer(maps[stage]).float() - hint  # (batch, channels, frames, bands)
            errors.append(error.square().mean())
        return sound.merged(maps[-1]), torch.stack(errors).sum()

    def teacher(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The layer that speaks for the teacher, in logits: slopes (classes, wide) and offsets (classes,)."""
        layer: Any = self.whole["teacher"]
        mean, spread = (side[:CLASSES].cpu() for side in self._batches.teacher_scale)
        weight = layer.weight.detach()[:CLASSES].cpu()  # (classes, wide)
        bias = layer.bias.detach()[:CLASSES].cpu()
        slopes = weight * spread[:, None]
        offsets = bias * spread + mean
        return slopes.numpy(), offsets.numpy()

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """How much of the logits' variance is explained in each kind of held-out sound, their mean first."""
        whole: Any = model
        found = {}
        mean, spread = (side[:CLASSES].cpu() for side in self._batches.teacher_scale)
        front_end = front_end_of(self.mini.config)
        for kind, windows in self._judged.items():
            features = outputs_of(whole["sound"].wide, windows, front_end, self._device)
            standard = whole["teacher"](features)[:, :CLASSES].cpu()
            logits = standard * spread + mean  # (windows, classes)
            truth = torch.from_numpy(windows.logits.astype(np.float32))
            error = (logits - truth).square().mean()
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
    layers: Callable[[Tensor], Tensor], windows: LabelledWindows, front_end: FrontEnd, device: torch.device
) -> Tensor:
    """What layers make of the spectrograms of windows (windows, ...)."""
    found = []
    for start in range(0, len(windows.sounds), ROUND):
        power = windows.power(slice(start, start + ROUND), front_end)
        seen = torch.from_numpy(front_end.level_free(power)).to(device)
        with autocast(device, fastest_precision(device)):
            found.append(layers(seen).float())
    return torch.cat(found)


@torch.no_grad()
def previous_outputs(mini: Mini, windows: LabelledWindows, device: torch.device) -> tuple[Tensor, Tensor]:
    """A network's joint embeddings of windows (windows, 384), and their traits (windows, traits)."""
    sound = mini.eval().sound.to(device)
    features = outputs_of(sound.features, windows, front_end_of(mini.config), device)
    joint = normalize(sound.head(features), dim=-1).cpu()
    if sound.traits is None:
        return joint, features[:, :0].cpu()
    return joint, sound.traits(features).cpu()
