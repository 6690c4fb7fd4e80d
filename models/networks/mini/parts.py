"""How a vector of `mini` is put together from its parts, on either side."""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks.mini.config import CLASSES_WEIGH, TRAITS_WEIGH


def beside(joint: Tensor, traits: Tensor | None) -> Tensor:
    """Joint embeddings (rows, dimensions) and traits (rows, traits) as unit vectors (rows, both).

    Their inner product is the weighted mean of two cosines.
    """
    joint = normalize(joint, dim=-1)
    if traits is None:
        return joint
    share = TRAITS_WEIGH**0.5  # once on each side of an inner product
    weighed = share * normalize(traits, dim=-1)
    both = torch.cat([joint, weighed], -1)
    return normalize(both, dim=-1)


def standing(classes: Tensor) -> Tensor:
    """Which classes (rows, classes) are there more than usual, as unit vectors."""
    return normalize(torch.relu(classes), dim=-1)


def with_classes(both: Tensor, classes: Tensor, lost: Tensor) -> Tensor:
    """One unit vector of both (rows, n), of length 1 or less, of classes (rows, kept) and lost (rows, 1)."""
    share = CLASSES_WEIGH**0.5
    parts = torch.cat([both, share * classes, lost], -1)  # (rows, n + kept + 1)
    return normalize(parts, dim=-1)


def computed(width: int, out: int, *, bias: bool = True) -> nn.Linear | None:
    """A layer that is computed (`models.training.mini`), not trained; none where nothing comes out."""
    if not out:
        return None
    layer = nn.Linear(width, out, bias=bias)
    layer.requires_grad_(False)
    return layer
