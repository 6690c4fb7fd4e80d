"""The blocks of MobileNetV3's large form (Howard et al. 2019, arXiv:1905.02244), for torch and for ONNX."""

from collections.abc import Sequence
from typing import NamedTuple


class Block(NamedTuple):
    """One inverted residual: how many channels it works in and gives, before they are narrowed.

    kernel: of the convolution over time and bands. squeezed: whether channels are weighed by their means.
    smooth: hard swish in place of ReLU. stride: 2 halves frames and bands.
    """

    kernel: int
    inner: int
    out: int
    squeezed: bool
    smooth: bool
    stride: int


LARGE = (
    Block(3, 16, 16, squeezed=False, smooth=False, stride=1),
    Block(3, 64, 24, squeezed=False, smooth=False, stride=2),
    Block(3, 72, 24, squeezed=False, smooth=False, stride=1),
    Block(5, 72, 40, squeezed=True, smooth=False, stride=2),
    Block(5, 120, 40, squeezed=True, smooth=False, stride=1),
    Block(5, 120, 40, squeezed=True, smooth=False, stride=1),
    Block(3, 240, 80, squeezed=False, smooth=True, stride=2),
    Block(3, 200, 80, squeezed=False, smooth=True, stride=1),
    Block(3, 184, 80, squeezed=False, smooth=True, stride=1),
    Block(3, 184, 80, squeezed=False, smooth=True, stride=1),
    Block(3, 480, 112, squeezed=True, smooth=True, stride=1),
    Block(3, 672, 112, squeezed=True, smooth=True, stride=1),
    Block(5, 672, 160, squeezed=True, smooth=True, stride=2),
    Block(5, 960, 160, squeezed=True, smooth=True, stride=1),
    Block(5, 960, 160, squeezed=True, smooth=True, stride=1),
)
"""MobileNetV3-large, table 1 of the paper."""
FIRST, LAST = 16, 960  # channels of the first convolution and of the last


def narrowed(channels: int, width: float) -> int:
    """So many channels times `width`, as the nearest multiple of 8, but not a tenth less.

    >>> [narrowed(channels, 0.4) for channels in (16, 40, 112, 960)]
    [8, 16, 48, 384]
    """
    wanted = channels * width
    nearest = max(8, int(wanted + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * wanted else nearest


def stages() -> Sequence[int]:
    """The last block of each size of maps: what a teacher of the same form can say in between."""
    before_halvings = [number - 1 for number, block in enumerate(LARGE) if block.stride == 2]
    return [*before_halvings, len(LARGE) - 1]
