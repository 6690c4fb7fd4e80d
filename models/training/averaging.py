"""The exponential average of a network's weights, which is what is judged and kept."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """An average of the weights and buffers of a model, equal to them at its first update.

    decay: of what the average was, at each further update. Integers, such as the positions that a window of
    attention looks up and the number of batches that were counted, are copied: a mean of them would be cut
    to the number below.
    """

    def update(averages: Any, current: Any, updates: Tensor | int) -> None:
        # torch hands in groups of one type each.
        if averages[0].is_floating_point():
            torch._foreach_lerp_(averages, current, 1 - decay)
            return
        for average, value in zip(averages, current, strict=True):
            average.copy_(value)

    return AveragedModel(model, multi_avg_fn=torch.no_grad()(update), use_buffers=True)
