"""The two towers of `mini`: a network over log-mel spectrograms, heads over sentence vectors.

A vector has up to four parts: an embedding in the joint space of sound and text, how much there is of each
trait, which of AudioSet's classes stand out, and how little of it is music.
"""

import torch
from torch import nn

from models.networks.mini.config import MiniConfig
from models.networks.mini.mobile import MobileTower
from models.networks.mini.parts import computed
from models.networks.mini.residual import ResidualTower
from models.networks.mini.sound import SoundTower
from models.networks.mini.text import TextHead


class Mini(nn.Module):
    """Both towers, the vector that stands for silence, and how classes are read from a vector, as saved.

    `tags` maps vectors (songs, width) to logits (songs, classes); the encoder reads it without torch.
    """

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        self.config = config
        self.sound: SoundTower = MobileTower(config) if config.mobile else ResidualTower(config)
        self.text = TextHead(config)
        self.silence = nn.Parameter(torch.zeros(config.width), requires_grad=False)
        self.tags = computed(config.width, config.classes)
