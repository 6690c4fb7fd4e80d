"""Windows that are mixed anew for each step, seen by `mini` and heard by its teachers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from models.networks.device import autocast
from models.networks.mini import Mini
from models.training.mini.lessons import FAINT, Lesson, Scale
from models.training.mini.on_device import spectrograms
from models.training.mini.on_device.mixing import Mixer, generator
from models.training.mini.on_device.teachers import Teachers

MEASURED = 16
"""Batches of which the teachers' usual outputs are taken."""
_BEFORE_ALL = 1 << 40
"""Where the numbers of those batches begin: no step has one of them."""


class FreshLessons:
    """Batches for `Distilling`; none comes twice.

    before: the weights that training starts from, on the device. recipe: `batch` and `changed` as in
    `StoredLessons`, and `tagged`, the share of windows that the music taggers hear.
    """

    def __init__(
        self, mixer: Mixer, teachers: Teachers, before: Mini, recipe: Mapping[str, Any], seed: int
    ) -> None:
        self._mixer, self._teachers, self._recipe, self._seed = mixer, teachers, recipe, seed
        self._before = before.eval().requires_grad_(False).sound
        self.said, self._tags = self._measured()

    def batch(self, step: int) -> Lesson:
        """What is seen and what should be said of it."""
        at_32khz, power, at_16khz = self._heard(step)
        said = (self._teachers.of_classes(at_32khz) - self.said.mean) / self.said.spread
        agreed, traits = self._said_before(power)
        tagged = round(len(power) * self._recipe["tagged"])
        if self._tags is not None:
            tags = self._teachers.of_tags(at_16khz[:tagged])
            # Of what the taggers did not hear nobody knows their tags.
            traits[:, : self._teachers.tags] = torch.nan
            traits[:tagged, : self._teachers.tags] = (tags - self._tags.mean) / self._tags.spread
        return Lesson(self._seen(power, step), said, agreed, traits)

    def _heard(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Windows at 32 kHz, their mel power, and windows at 16 kHz."""
        windows = self._mixer.windows(self._recipe["batch"], (self._seed, step))
        return windows.at_32khz, spectrograms.mel_power(windows.at_16khz), windows.at_16khz

    def _seen(self, power: Tensor, step: int) -> Tensor:
        """Spectrograms, some of them changed by chance."""
        rng = np.random.default_rng((self._seed, step, 1))
        noise = generator(rng, power.device)
        changed = round(len(power) * self._recipe["changed"])
        plain, other = torch.split(power, [len(power) - changed, changed])
        whole = torch.cat([plain, spectrograms.changed(other, rng, noise)])
        return spectrograms.level_free(whole)

    @torch.no_grad()
    def _said_before(self, power: Tensor) -> tuple[Tensor, Tensor]:
        """What the weights before say of windows: what was agreed on (windows, 384), and traits."""
        with autocast(power.device, "bf16"):
            features = self._before.features(spectrograms.level_free(power)).float()
        agreed = normalize(self._before.head(features), dim=-1)
        if self._before.traits is None:
            return agreed, features[:, :0]
        return agreed, self._before.traits(features)

    def _measured(self) -> tuple[Scale, Scale | None]:
        """What the teachers usually say, and how far it varies; tags as far as the traits before vary."""
        said, tags, traits = [], [], []
        for number in range(MEASURED):
            at_32khz, power, at_16khz = self._heard(_BEFORE_ALL + number)
            said.append(self._teachers.of_classes(at_32khz))
            if self._teachers.tags:
                tags.append(self._teachers.of_tags(at_16khz))
                traits.append(self._said_before(power)[1][:, : self._teachers.tags])
        whole = torch.cat(said)
        of_tags = _as_before(torch.cat(tags), torch.cat(traits)) if tags else None
        return Scale(whole.mean(0), whole.std(0) + FAINT), of_tags


def _as_before(tags: Tensor, traits: Tensor) -> Scale:
    """The scale on which tags (windows, tags) have mean and spread of the traits that stood for them.

    Traits are standardized over real songs, and texts are read in the same units.
    """
    spread = tags.std(0) / traits.std(0).clamp(min=FAINT)
    return Scale(tags.mean(0) - traits.mean(0) * spread, spread)
