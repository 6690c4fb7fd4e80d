"""Late fusion: what one encoder hears and another reads, through an MLP into one space."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks.logit_scale import WithScale


@dataclass(frozen=True, slots=True)
class LateFusionConfig:
    """sound, words: widths of the two encoders. hidden: of both hidden layers.

    skip: whether both vectors also pass beside the MLP, which then starts as nothing: step 0 is the sum of
    the two cosines. dropout: of hidden units.
    """

    sound: int
    words: int
    hidden: int
    skip: bool = True
    dropout: float = 0.0

    @property
    def dimensions(self) -> int:
        """Of the space of both."""
        return self.sound + self.words


class Late(nn.Module):
    """Both vectors of a song (or of a description) side by side, (rows, sound + words), to unit vectors.

    A role that is not there is not-a-number: a learned vector stands for it, and the MLP is told.
    """

    def __init__(self, config: LateFusionConfig) -> None:
        super().__init__()
        self.config = config
        self.absent = nn.Parameter(torch.zeros(config.dimensions))
        self.gains = nn.Parameter(torch.ones(2), requires_grad=config.skip)
        last = nn.Linear(config.hidden, config.dimensions)
        if config.skip:
            # The first step starts from the two encoders as they are: the network adds nothing yet.
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        first = _layer(config.dimensions + 2, config)  # and whether each role is missing
        second = _layer(config.hidden, config)
        self.mlp = nn.Sequential(*first, *second, last)

    def forward(self, both: Tensor) -> Tensor:
        """Vectors (rows, sound + words) to vectors (rows, dimensions) of length 1."""
        widths = [self.config.sound, self.config.words]
        sound, words = torch.split(both, widths, dim=1)
        # A role is known or missing as a whole, so its first number tells.
        no_sound = sound[:, :1].isnan()  # (rows, 1)
        no_words = words[:, :1].isnan()
        missing = torch.cat([no_sound, no_words], dim=1)  # (rows, 2)
        of_sound = no_sound.expand(-1, self.config.sound)
        of_words = no_words.expand(-1, self.config.words)
        unknown = torch.cat([of_sound, of_words], dim=1)  # (rows, sound + words)
        whole = torch.where(unknown, self.absent, both)
        told = torch.cat([whole, missing.to(both.dtype)], dim=1)  # (rows, sound + words + 2)
        out: Tensor = self.mlp(told)
        if self.config.skip:
            of_roles = [self.gains[role].expand(width) for role, width in enumerate(widths)]
            gains = torch.cat(of_roles)  # (dimensions,)
            out = out + gains * whole
        return normalize(out, dim=-1)


def _layer(width: int, config: LateFusionConfig) -> tuple[nn.Module, ...]:
    hidden = config.hidden
    return nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(config.dropout)


class FusedNetwork(WithScale):
    """A tower for songs and one for descriptions, and the scale of the loss."""

    def __init__(self, config: LateFusionConfig, *, scale: float = 20.0) -> None:
        super().__init__()
        self.config = config
        self.song, self.query = Late(config), Late(config)
        self.log_scale = nn.Parameter(torch.tensor(scale).log())

    def described(self) -> dict[str, Any]:
        """Its config, for a manifest."""
        return asdict(self.config)


def network_of(tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> FusedNetwork:
    """The network of a checkpoint, in evaluation mode."""
    network = FusedNetwork(LateFusionConfig(**config))
    network.load_state_dict(tensors)
    return network.eval()
