"""Two small heads over a sentence encoder, one for descriptions and one for lyrics."""

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks.logit_scale import WithScale


@dataclass(frozen=True, slots=True)
class HeadsConfig:
    """width: of the sentence vectors. dimensions: of what comes out. hidden: between them.

    turned: the vectors are turned before anything is learned (see `principal`), even where both are as wide.
    """

    width: int
    dimensions: int
    hidden: int
    dropout: float = 0.0
    turned: bool = False


class Head(nn.Module):
    """Sentence vectors (texts, width) to unit vectors (texts, dimensions).

    Where both are as wide it starts as the identity or a rotation, so that step 0 finds what the encoder
    without training does; else as a random rotation, which keeps cosines nearly.
    """

    def __init__(self, config: HeadsConfig) -> None:
        super().__init__()
        self.project: nn.Module = nn.Identity()
        if config.turned or config.width != config.dimensions:
            rotation = nn.Linear(config.width, config.dimensions, bias=False)
            nn.init.orthogonal_(rotation.weight)
            self.project = rotation
        last = nn.Linear(config.hidden, config.dimensions)
        # Nothing is added at first: step 0 is the projection alone.
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        first = nn.Linear(config.width, config.hidden)
        self.change = nn.Sequential(first, nn.GELU(), nn.Dropout(config.dropout), last)

    def forward(self, sentences: Tensor) -> Tensor:
        """Sentence vectors to vectors of length 1."""
        projected = self.project(sentences) + self.change(sentences)
        out: Tensor = normalize(projected, dim=-1)
        return out


class Cut(nn.Module):
    """Vectors (texts, dimensions) to unit vectors (texts, length) of their first numbers."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def forward(self, vectors: Tensor) -> Tensor:
        """Cut, and of length 1 again."""
        return normalize(vectors[:, : self.length], dim=-1)


class WordsNetwork(WithScale):
    """The heads, the scale of the loss, and the backbone where it is trained too.

    backbone: reads lyrics, and descriptions as `models.networks.sentence_encoder.describing` says.
    turn: where vectors are turned, how: (dimensions, width) with orthonormal rows or columns, for both sides.
    """

    def __init__(
        self,
        config: HeadsConfig,
        *,
        scale: float = 20.0,
        backbone: nn.Module | None = None,
        turn: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.describe = Head(config)
        if turn is not None:
            self.describe.project.load_state_dict({"weight": turn})
        self.read = copy.deepcopy(self.describe)  # the same rotation at first
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.backbone = backbone

    def described(self) -> dict[str, Any]:
        """Its config, for a manifest."""
        return asdict(self.config)


def principal(sentences: Tensor, dimensions: int) -> Tensor:
    """The rotation (dimensions, width) of sentence vectors (texts, width) that puts most of them in front.

    Cosines of whole vectors stay, and those of vectors cut to any length stay as nearly as a linear map
    can keep them: eigenvectors of the second moment (Eckart & Young 1936).
    """
    second_moment = sentences.T @ sentences  # (width, width)
    _, vectors = torch.linalg.eigh(second_moment)
    largest_first = vectors.T.flip(0)  # eigh gives columns, the smallest eigenvalue first
    first: Tensor = largest_first[:dimensions]
    return first.contiguous()


def heads_of(tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> WordsNetwork:
    """The heads of a checkpoint, in evaluation mode; tensors of a backbone are left out."""
    network = WordsNetwork(HeadsConfig(**config))
    of_heads = {name: tensor for name, tensor in tensors.items() if not name.startswith("backbone.")}
    network.load_state_dict(of_heads)
    return network.eval()
