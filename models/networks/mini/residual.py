"""The sound tower that music taggers taught: a residual network over `coarse_mel`'s spectrograms."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from models.networks.mini import coarse_mel
from models.networks.mini.config import MiniConfig
from models.networks.mini.sound import SoundTower


class ResidualTower(SoundTower):
    """A ResNet with bottlenecks (He et al. 2016, arXiv:1512.03385), narrow where spectrograms are large."""

    def __init__(self, config: MiniConfig) -> None:
        half_bands = _halved(coarse_mel.BANDS, len(config.widths) - 1)
        halfway_features = config.widths[-2] * half_bands
        # Beside the features the mean over time of what is halfway, and the most.
        super().__init__(config, config.features + 2 * halfway_features)
        layers = [_halving(1, config.widths[0])]
        for (narrow, wide), depth in zip(pairwise(config.widths), config.depths, strict=True):
            layers.append(_halving(narrow, wide))
            layers += [Bottleneck(wide) for _ in range(depth)]
        self.body = nn.Sequential(*layers)
        bands = _halved(coarse_mel.BANDS, len(config.widths))
        self.frame = nn.Linear(config.widths[-1] * bands, config.features)
        self.merge = nn.Linear(2 * config.features, config.features)
        # Halfway is before the last halving, with its residual blocks.
        self.halfway = len(self.body) - 1 - config.depths[-1]

    def features(self, log_mels: Tensor) -> Tensor:
        """See `SoundTower`."""
        return self._merged(self._half(log_mels))

    def wide(self, log_mels: Tensor) -> Tensor:
        """The trunk's features, and what halfway through it is there on average and at most (windows, wide).

        Classes are read from both: the end of the trunk keeps what the first teachers asked for.
        """
        half = self._half(log_mels)  # (windows, channels, frames, bands)
        mean = half.mean(2).flatten(1)  # over time: (windows, channels * bands)
        most = half.amax(2).flatten(1)
        return torch.cat([self._merged(half), mean, most], 1)

    def _half(self, log_mels: Tensor) -> Tensor:
        """Spectrograms to the maps (windows, channels, frames, bands) before the last halving."""
        maps = log_mels.unsqueeze(1).contiguous(memory_format=torch.channels_last)
        for layer in list(self.body)[: self.halfway]:
            maps = layer(maps)
        return maps

    def _merged(self, half: Tensor) -> Tensor:
        """The maps halfway to the trunk's features (windows, features)."""
        maps = half
        for layer in list(self.body)[self.halfway :]:
            maps = layer(maps)
        of_frames = maps.transpose(1, 2).flatten(2)  # (windows, frames, channels * bands)
        frames = torch.relu(self.frame(of_frames))  # (windows, frames, features)
        mean, most = frames.mean(1), frames.amax(1)  # over time: (windows, features)
        over_time = torch.cat([mean, most], 1)
        return torch.relu(self.merge(over_time))


def _halving(narrow: int, wide: int) -> nn.Module:
    """Maps (windows, narrow, frames, bands) to (windows, wide, frames / 2, bands / 2), rounded up."""
    convolution = nn.Conv2d(narrow, wide, kernel_size=3, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(wide), nn.ReLU())


def _halved(size: int, times: int) -> int:
    """What so many halvings leave of a size, each rounded up as by `_halving`."""
    for _ in range(times):
        size = (size + 1) // 2
    return size


class Bottleneck(nn.Module):
    """A residual block that thinks in half the channels."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        half = wide // 2
        narrow = [nn.Conv2d(wide, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU()]
        convolve = [nn.Conv2d(half, half, 3, padding=1, bias=False), nn.BatchNorm2d(half), nn.ReLU()]
        widen = [nn.Conv2d(half, wide, 1, bias=False), nn.BatchNorm2d(wide)]
        self.net = nn.Sequential(*narrow, *convolve, *widen)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (windows, wide, frames, bands) to maps of the same shape."""
        return torch.relu(maps + self.net(maps))
