"""The logit scale of a contrastive loss, 1 / temperature: learned as its logarithm and held below a limit."""

import math

import torch
from torch import Tensor, nn

MOST = 100.0
"""As CLIP and CLAP were trained (Radford et al. 2021, arXiv:2103.00020)."""


def hold(log_scale: nn.Parameter, most: float = MOST) -> None:
    """Bring the logarithm of a scale back to that of `most` where a step took it beyond.

    The parameter itself is held: a clamp of its exponential has no gradient beyond the limit, and the scale
    would stay there whatever the loss says.
    """
    with torch.no_grad():
        log_scale.clamp_(max=math.log(most))


class WithScale(nn.Module):
    """A network that learns the scale of its loss, as `log_scale`."""

    log_scale: nn.Parameter

    @property
    def scale(self) -> Tensor:
        """1 / temperature."""
        return self.log_scale.exp()

    def hold_scale(self) -> None:
        """Bring the scale back to its limit where a step took it beyond."""
        hold(self.log_scale)
