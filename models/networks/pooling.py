"""Means over what is there: chunks of songs, tokens of texts."""

from torch import Tensor


def masked_mean(rows: Tensor, mask: Tensor) -> Tensor:
    """The mean (batch, dimensions) of rows (batch, rows, dimensions) whose mask (batch, rows) is True or 1.

    Zero where there is none. Rows are the chunks of songs or the tokens of texts.
    """
    weight = mask.unsqueeze(-1).to(rows.dtype)  # (batch, rows, 1)
    total = (rows * weight).sum(1)
    return total / weight.sum(1).clamp(min=1)
