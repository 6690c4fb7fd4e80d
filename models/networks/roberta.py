"""How RoBERTa and its kin (XLM-RoBERTa, Longformer, CLAP's text tower) count the places of tokens.

The first one has the place behind the padding token's number: places up to there are for padding.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def positions(mask: "Tensor", config: Any) -> "Tensor":
    """The place of each token (texts, tokens) that the mask shows; those of the others do not matter."""
    return mask.cumsum(1) * mask + _padding(config)


def position_limit(config: Any) -> int:
    """How many tokens a network with this config can read at once."""
    return int(config.max_position_embeddings) - _padding(config) - 1


def _padding(config: Any) -> int:
    """The padding token's number."""
    return int(config.pad_token_id or 0)
