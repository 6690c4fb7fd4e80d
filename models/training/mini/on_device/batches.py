"""Batches of windows that are mixed anew for each step, and labelled by the teachers on the way."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from models.networks.device import autocast, fastest_precision
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.training.mini.batches import FAINT, Batch, Scale
from models.training.mini.on_device import spectrograms
from models.training.mini.on_device.mixing import Mixer, Windows, generator
from models.training.mini.on_device.teachers import Teachers

MEASURED = 16
"""Batches by which the teachers' outputs are standardized."""
FAINTEST_MAP = 1e-3
"""Added to the spreads of channels, of which some hardly vary."""
_BEFORE_ALL = 1 << 40
"""Where the numbers of those batches begin: no step has one of them."""


class FreshBatches:
    """Batches for `Distillation`; none comes twice.

    learner: the sizes of the network that learns. previous: the network it learns from, on the device.
    recipe: `batch` and `changed` as in `StoredBatches`; `tagged`, the share of windows that the music taggers
    hear; `hints`, how much the teacher's maps count at first, and `hinted`, the step from which they do not.
    """

    def __init__(
        self,
        mixer: Mixer,
        teachers: Teachers,
        learner: MiniConfig,
        previous: Mini,
        recipe: Mapping[str, Any],
        seed: int,
    ) -> None:
        device = next(previous.parameters()).device
        self._mixer, self._teachers, self._recipe, self._seed = mixer, teachers, recipe, seed
        self._front_end = spectrograms.front_end_of(learner, device)
        self._previous = previous.eval().requires_grad_(False).sound
        self._previous_front_end = spectrograms.front_end_of(previous.config, device)
        self._has_hints = bool(learner.mobile and recipe["hints"])
        self.teacher_scale, self._tags, self._maps = self._measured()

    @property
    def hint_channels(self) -> Sequence[int]:
        """See `BatchSource`."""
        return [scale.mean.shape[1] for scale in self._maps]

    def batch(self, step: int) -> Batch:
        """Spectrograms and the targets: the teachers' and the previous network's."""
        windows = self._windows(step)
        outputs, maps = self._teachers.of_classes(windows.at_32khz)
        joint, traits = self._previous_outputs(windows.at_16khz)
        tagged = round(len(outputs) * self._recipe["tagged"])
        if self._tags is not None:
            tags = self._teachers.of_tags(windows.at_16khz[:tagged])
            # The taggers' tags of other windows are not known.
            traits[:, : self._teachers.tags] = torch.nan
            traits[:tagged, : self._teachers.tags] = self._tags.standard(tags)
        power = self._front_end.mel_power(windows.at_16khz)
        seen = self._seen(power, step)
        teacher = self.teacher_scale.standard(outputs)
        weight = self._hint_weight(step)
        hints = []
        if weight:
            # Without strict: the scales are those of the maps that are compared, or none.
            hints = [scale.standard(one) for scale, one in zip(self._maps, maps, strict=False)]
        return Batch(seen, teacher, joint, traits, hints, weight)

    def _hint_weight(self, step: int) -> float:
        """The weight of the teacher's maps: less and less, for in the end only its outputs count."""
        if not self._has_hints:
            return 0.0
        left = max(1 - step / self._recipe["hinted"], 0.0)
        return float(self._recipe["hints"] * left)

    def _windows(self, step: int) -> Windows:
        return self._mixer.windows(self._recipe["batch"], (self._seed, step))

    def _seen(self, power: Tensor, step: int) -> Tensor:
        """Spectrograms, some of them changed by chance."""
        rng = np.random.default_rng((self._seed, step, 1))
        noise = generator(rng, power.device)
        changed = round(len(power) * self._recipe["changed"])
        plain, other = torch.split(power, [len(power) - changed, changed])
        other = spectrograms.changed(other, rng, noise)
        whole = torch.cat([plain, other])
        return self._front_end.level_free(whole)

    @torch.no_grad()
    def _previous_outputs(self, at_16khz: Tensor) -> tuple[Tensor, Tensor]:
        """The previous network's joint embeddings of windows (windows, 384), and traits (windows, traits)."""
        power = self._previous_front_end.mel_power(at_16khz)
        seen = self._previous_front_end.level_free(power)
        with autocast(power.device, fastest_precision(power.device)):
            features = self._previous.features(seen).float()
        joint = normalize(self._previous.head(features), dim=-1)
        if self._previous.traits is None:
            return joint, features[:, :0]
        return joint, self._previous.traits(features)

    def _measured(self) -> tuple[Scale, Scale | None, Sequence[Scale]]:
        """The scales of the teacher's outputs, of tags (as the previous traits vary), and of maps."""
        outputs, tags, traits, maps = [], [], [], []
        for number in range(MEASURED):
            windows = self._windows(_BEFORE_ALL + number)
            of_classes, of_maps = self._teachers.of_classes(windows.at_32khz)
            outputs.append(of_classes)
            if self._has_hints:
                maps.append(of_maps)
            if self._teachers.tags:
                tags.append(self._teachers.of_tags(windows.at_16khz))
                _, previous_traits = self._previous_outputs(windows.at_16khz)
                traits.append(previous_traits[:, : self._teachers.tags])
        whole = torch.cat(outputs)  # (windows, outputs)
        scale_of_outputs = Scale(whole.mean(0), whole.std(0) + FAINT)
        scale_of_tags = _as_previous(torch.cat(tags), torch.cat(traits)) if tags else None
        scales_of_maps = []
        for of_stage in zip(*maps, strict=True):
            scales_of_maps.append(_by_channel(torch.cat(of_stage)))
        return scale_of_outputs, scale_of_tags, scales_of_maps


def _by_channel(maps: Tensor) -> Scale:
    """Mean and spread (1, channels, 1, 1) of maps (windows, channels, frames, bands)."""
    over = (0, 2, 3)
    mean = maps.mean(over, keepdim=True)
    spread = maps.std(over, keepdim=True) + FAINTEST_MAP
    return Scale(mean, spread)


def _as_previous(tags: Tensor, traits: Tensor) -> Scale:
    """The scale on which tags (windows, tags) have mean and spread of the traits that stood for them.

    Traits are standardized over real songs, and texts are read in the same units.
    """
    spread = tags.std(0) / traits.std(0).clamp(min=FAINT)  # (tags,)
    mean = tags.mean(0) - traits.mean(0) * spread
    return Scale(mean, spread)
