"""The contrastive loss over words: in-batch negatives, hard ones, a memory bank, Matryoshka dimensions."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from models.training.losses import shared_target


def words_loss(
    descriptions: Tensor,
    lyrics: Tensor,
    *,
    scale: Tensor | float,
    right: Tensor,
    ignored: Tensor,
    matryoshka_dimensions: Sequence[int],
    memory_bank: Tensor | None = None,
    bank_ignored: Tensor | None = None,
) -> Tensor:
    """InfoNCE with negatives beyond the batch, the mean over several lengths of the vectors.

    descriptions: unit vectors (batch, dimensions). lyrics: (columns, dimensions), the batch's own songs
    among them. right: bool (batch, columns), where a song is right for a description; several may be.
    ignored: bool (batch, columns), what counts neither as right nor as wrong. matryoshka_dimensions:
    lengths that vectors can be cut to afterwards (Kusupati et al. 2022, arXiv:2205.13147). memory_bank:
    (banked, dimensions) vectors of earlier batches, negatives only (He et al. 2020, arXiv:1911.05722;
    Wang et al. 2020, arXiv:1912.06798), but those that `bank_ignored` (batch, banked) marks.
    Returns a scalar: the mean of both directions; lyrics that are right for no description have no row
    in theirs.

    >>> eye = torch.eye(4)
    >>> none = torch.zeros(4, 4, dtype=torch.bool)
    >>> loss = words_loss(
    ...     eye, eye, scale=100.0, right=eye.bool(), ignored=none, matryoshka_dimensions=[4]
    ... )
    >>> round(float(loss), 4)
    0.0
    """
    has_target = right.any(0)  # (columns,) hard negatives that no description of the batch asks for have none
    neither = ignored & ~right
    losses = []
    for cut in matryoshka_dimensions:
        # A vector that was cut is no longer of length 1, and would be compared by its length as well.
        left = normalize(descriptions[:, :cut], dim=-1)
        across = normalize(lyrics[:, :cut], dim=-1)
        logits = scale * left @ across.T  # (batch, columns)
        logits = logits.masked_fill(neither, -torch.inf)
        wide = logits  # (batch, columns + banked)
        if memory_bank is not None and bank_ignored is not None and len(memory_bank):
            bank = normalize(memory_bank[:, :cut], dim=-1)  # (banked, cut)
            banked = scale * left @ bank.T
            banked = banked.masked_fill(bank_ignored, -torch.inf)
            wide = torch.cat([logits, banked], 1)
        to_lyrics = shared_target(wide, right)
        to_descriptions = shared_target(logits.T[has_target], right.T[has_target])
        losses.append((to_lyrics + to_descriptions) / 2)
    return torch.stack(losses).mean()
