"""Late fusion: what one encoder hears and another reads, through an MLP into one space."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize


@dataclass(frozen=True, slots=True)
class Shape:
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

    A side that is not there is not-a-number: a learned vector stands for it, and the MLP is told.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.absent = nn.Parameter(torch.zeros(shape.dimensions))
        self.gains = nn.Parameter(torch.ones(2), requires_grad=shape.skip)
        last = nn.Linear(shape.hidden, shape.dimensions)
        if shape.skip:
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        self.mlp = nn.Sequential(*_layer(shape.dimensions + 2, shape), *_layer(shape.hidden, shape), last)

    def forward(self, both: Tensor) -> Tensor:
        """Vectors (rows, sound + words) to vectors (rows, dimensions) of length 1."""
        sides = [self.shape.sound, self.shape.words]
        missing = torch.cat([side[:, :1].isnan() for side in torch.split(both, sides, dim=1)], dim=1)
        wide = torch.cat([missing[:, i : i + 1].expand(-1, width) for i, width in enumerate(sides)], dim=1)
        whole = torch.where(wide, self.absent, both)
        out: Tensor = self.mlp(torch.cat([whole, missing.to(both.dtype)], dim=1))
        if self.shape.skip:
            gains = torch.cat([self.gains[i : i + 1].expand(width) for i, width in enumerate(sides)])
            out = out + gains * whole
        return normalize(out, dim=-1)


def _layer(width: int, shape: Shape) -> tuple[nn.Module, ...]:
    hidden = shape.hidden
    return nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(shape.dropout)


class FusedNetwork(nn.Module):
    """A tower for songs and one for descriptions, and the scale of the loss."""

    def __init__(self, shape: Shape, *, scale: float = 20.0) -> None:
        super().__init__()
        self.shape = shape
        self.song, self.query = Late(shape), Late(shape)
        self.log_scale = nn.Parameter(torch.tensor(scale).log())

    @property
    def scale(self) -> Tensor:
        """1 / temperature, 100 at most."""
        return self.log_scale.exp().clamp(max=100.0)

    def described(self) -> dict[str, Any]:
        """Its shape, for a manifest."""
        return asdict(self.shape)


def network_of(tensors: Mapping[str, Tensor], shape: Mapping[str, Any]) -> FusedNetwork:
    """The network of a checkpoint, in evaluation mode."""
    network = FusedNetwork(Shape(**shape))
    network.load_state_dict(tensors)
    return network.eval()
