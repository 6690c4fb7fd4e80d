"""A MobileNetV3 over log-mel spectrograms (Howard et al. 2019, arXiv:1905.02244), as EfficientAT hears with.

Schmid, Koutini & Widmer 2022 (arXiv:2211.04772) call it mnNN: the large form, narrowed by a factor, one
channel in. Where it is small it is cheap: every convolution over time and bands sees one channel alone.
"""

import torch
from torch import Tensor, nn

from models.networks.mini.config import MiniConfig
from models.networks.mini.layout import FIRST, LARGE, LAST, Block, narrowed
from models.networks.mini.sound import SoundTower


class MobileTower(SoundTower):
    """A MobileNet of the AudioSet teacher's own form over `fine_mel`'s spectrograms."""

    def __init__(self, config: MiniConfig) -> None:
        super().__init__(config, config.features)
        self.trunk = Mobile(config.mobile)
        self.merge = nn.Linear(self.trunk.features, config.features)

    def features(self, log_mels: Tensor) -> Tensor:
        """See `SoundTower`."""
        return self.merged(self.trunk.maps(log_mels)[-1])

    def wide(self, log_mels: Tensor) -> Tensor:
        """The features alone: they learned for the classes."""
        return self.features(log_mels)

    def merged(self, maps: Tensor) -> Tensor:
        """The trunk's last maps to its features (windows, features)."""
        return nn.functional.hardswish(self.merge(self.trunk.merged(maps)))


class Mobile(nn.Module):
    """Log-mel spectrograms (windows, frames, bands) to features (windows, 2 * the last channels)."""

    def __init__(self, width: float) -> None:
        super().__init__()
        channels = narrowed(FIRST, width)
        self.first = _convolved(1, channels, 3, stride=2)
        blocks = []
        for block in LARGE:
            blocks.append(InvertedResidual(channels, block, width))
            channels = narrowed(block.out, width)
        self.blocks = nn.ModuleList(blocks)
        self.last = _convolved(channels, narrowed(LAST, width), 1)
        self.features = 2 * narrowed(LAST, width)

    def maps(self, log_mels: Tensor) -> list[Tensor]:
        """What each block gives (windows, channels, frames, bands), in order."""
        maps = log_mels.unsqueeze(1).contiguous(memory_format=torch.channels_last)
        maps = nn.functional.hardswish(self.first(maps))
        given = []
        for block in self.blocks:
            maps = block(maps)
            given.append(maps)
        return given

    def merged(self, maps: Tensor) -> Tensor:
        """The last block's maps to features (windows, features): channels on average, and at most."""
        ended = nn.functional.hardswish(self.last(maps))
        moments = ended.mean(3)  # (windows, channels, frames)
        return torch.cat([moments.mean(2), moments.amax(2)], 1)


class InvertedResidual(nn.Module):
    """Widened, convolved channel by channel, weighed, narrowed; what it was given is added if it fits."""

    def __init__(self, channels: int, block: Block, width: float) -> None:
        super().__init__()
        inner, out = narrowed(block.inner, width), narrowed(block.out, width)
        self.widen = _convolved(channels, inner, 1) if inner != channels else None
        self.convolve = _convolved(inner, inner, block.kernel, stride=block.stride, groups=inner)
        self.weigh = Squeeze(inner) if block.squeezed else None
        self.narrow = _convolved(inner, out, 1)
        self.smooth = block.smooth
        self.adds = block.stride == 1 and channels == out

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (windows, channels, frames, bands) to maps of as many or half of the frames and bands."""
        inner = maps if self.widen is None else self._bent(self.widen(maps))
        inner = self._bent(self.convolve(inner))
        if self.weigh is not None:
            inner = self.weigh(inner)
        out: Tensor = self.narrow(inner)
        return maps + out if self.adds else out

    def _bent(self, maps: Tensor) -> Tensor:
        return nn.functional.hardswish(maps) if self.smooth else torch.relu(maps)


class Squeeze(nn.Module):
    """Channels weighed by what all of them are on average (Hu et al. 2018, arXiv:1709.01507)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = narrowed(channels // 4, 1.0)
        self.less = nn.Linear(channels, inner)
        self.more = nn.Linear(inner, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (windows, channels, frames, bands) to maps of the same shape."""
        usual = maps.mean((2, 3))  # (windows, channels)
        less = torch.relu(self.less(usual))
        weights = torch.sigmoid(self.more(less))  # (windows, channels)
        return maps * weights[:, :, None, None].to(maps.dtype)


def _convolved(narrow: int, wide: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution and its batch normalization."""
    convolution = nn.Conv2d(narrow, wide, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(wide))
