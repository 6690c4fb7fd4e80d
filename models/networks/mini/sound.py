"""What every sound tower of `mini` is: a trunk over spectrograms, and heads that read from it."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from models.networks.mini.config import MiniConfig
from models.networks.mini.parts import beside, computed, standing, with_classes


class SoundTower(nn.Module, ABC):
    """Log-mel spectrograms (windows, frames, bands) to unit vectors (windows, width), by heads over a trunk.

    A trunk gives `features`, from which the first two parts are read, and `wide`, features and perhaps more,
    from which classes are.
    """

    def __init__(self, config: MiniConfig, wide_features: int) -> None:
        super().__init__()
        self.feature_count, self.wide_features = config.features, wide_features
        self.head = nn.Sequential(
            nn.Linear(config.features, config.sound_hidden),
            nn.ReLU(),
            nn.Linear(config.sound_hidden, config.dimensions),
        )
        self.traits = computed(config.features, config.traits)
        self.classes = computed(wide_features, config.classes)
        self.kept = computed(config.classes, config.kept, bias=False)
        self.music = computed(wide_features, min(config.classes, 1))

    @abstractmethod
    def features(self, log_mels: Tensor) -> Tensor:
        """Spectrograms to the trunk's features (windows, features), from which the first parts are read."""

    @abstractmethod
    def wide(self, log_mels: Tensor) -> Tensor:
        """The trunk's features first, then what else classes are read from (windows, wide)."""

    def forward(self, log_mels: Tensor) -> Tensor:
        """Spectrograms to unit vectors (windows, width)."""
        if self.classes is None:
            return self.vectors(self.features(log_mels))
        return self.vectors(self.wide(log_mels))

    def vectors(self, wide: Tensor) -> Tensor:
        """The trunk's features, wide where there are classes, to unit vectors (windows, width).

        What is no music keeps little of its first two parts, which know nothing else: it is found by a
        description of its sound, and by no other.
        """
        features = wide[:, : self.feature_count]
        traits = None if self.traits is None else torch.relu(self.traits(features))
        both = beside(self.head(features), traits)
        if self.classes is None or self.kept is None or self.music is None:
            return both
        music = torch.sigmoid(self.music(wide))  # (windows, 1)
        lost = (1 - music.square()).clamp(min=0).sqrt()  # so that the whole keeps its length
        stands_out = standing(self.classes(wide))  # (windows, classes)
        return with_classes(both * music, self.kept(stands_out), lost)
