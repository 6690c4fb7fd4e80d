"""The two towers of `mini`: a residual network over log-mel spectrograms, heads over sentence vectors.

A vector has up to four parts: what sound and text learned to agree on, how much there is of each trait, which
of AudioSet's classes stand out, and how little of it is music.

The sound tower is a ResNet with bottleneck blocks (He et al. 2016, arXiv:1512.03385), narrow where
spectrograms are large, so that ten seconds cost one core about 6 ms.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks import mini_mel
from models.networks.mini_config import CLASSES_WEIGH, NO_MUSIC, STEEP, TRAITS_WEIGH, MiniConfig


class SoundTower(nn.Module):
    """Log-mel spectrograms (windows, frames, 96) to unit vectors (windows, dimensions)."""

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        layers = [_halving(1, config.widths[0])]
        for (narrow, wide), depth in zip(pairwise(config.widths), config.depths, strict=True):
            layers += [_halving(narrow, wide), *(Bottleneck(wide) for _ in range(depth))]
        self.body = nn.Sequential(*layers)
        bands = _halved(mini_mel.BANDS, len(config.widths))
        self.frame = nn.Linear(config.widths[-1] * bands, config.features)
        self.merge = nn.Linear(2 * config.features, config.features)
        self.head = nn.Sequential(
            nn.Linear(config.features, config.sound_hidden),
            nn.ReLU(),
            nn.Linear(config.sound_hidden, config.dimensions),
        )
        self.traits = _computed(config.features, config.traits)
        # Halfway is before the last halving, with its residual blocks.
        self.halfway = len(self.body) - 1 - config.depths[-1]
        half_bands = _halved(mini_mel.BANDS, len(config.widths) - 1)
        halfway_features = config.widths[-2] * half_bands
        wide = config.features + 2 * halfway_features  # the mean over time, and the most
        self.wide_features = wide
        self.classes = _computed(wide, config.classes)
        self.kept = _computed(config.classes, config.kept, bias=False)
        self.music = _computed(wide, min(config.classes, 1))

    def features(self, log_mels: Tensor) -> Tensor:
        """Spectrograms to the trunk's features (windows, features), from which every head reads."""
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
        over_time = torch.cat([frames.mean(1), frames.amax(1)], 1)
        return torch.relu(self.merge(over_time))

    def forward(self, log_mels: Tensor) -> Tensor:
        """Spectrograms to unit vectors (windows, width)."""
        if self.classes is None:
            return self.vectors(self.features(log_mels))
        return self.vectors(self.wide(log_mels))

    def vectors(self, wide: Tensor) -> Tensor:
        """The trunk's features, wide where there are classes, to unit vectors (windows, width).

        What is no music keeps little of its first two parts, which know nothing else: it is found by a
        description of its sound, and by no other.
        """
        features = wide[:, : self.merge.out_features]
        traits = None if self.traits is None else torch.relu(self.traits(features))
        beside = _beside(self.head(features), traits)
        if self.classes is None or self.kept is None or self.music is None:
            return beside
        music = torch.sigmoid(self.music(wide))  # (windows, 1)
        lost = (1 - music.square()).clamp(min=0).sqrt()  # so that the whole keeps its length
        standing = _standing(self.classes(wide))  # (windows, classes)
        return _with_classes(beside * music, self.kept(standing), lost)


class TextHead(nn.Module):
    """Sentence vectors (texts, 384) to unit vectors (texts, dimensions): centred, mapped, bent a little."""

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        self.center = nn.Parameter(torch.zeros(config.sentence), requires_grad=False)
        self.straight = nn.Linear(config.sentence, config.dimensions, bias=False)
        self.bent: nn.Sequential | None = None
        if config.text_hidden:
            self.bent = nn.Sequential(
                nn.Linear(config.sentence, config.text_hidden),
                nn.GELU(),
                nn.Linear(config.text_hidden, config.dimensions),
            )
        self.traits = _computed(config.sentence, config.traits)
        self.classes = _computed(config.sentence, config.classes)
        self.kept = _computed(config.classes, config.kept, bias=False)
        self.sounds = _computed(config.classes, min(config.classes, 1), bias=False)
        widths = (config.dimensions, config.traits, config.kept) if config.centered else ()
        zeros = [torch.zeros(width) for width in widths if width]
        self.usual = nn.ParameterList(nn.Parameter(zero, requires_grad=False) for zero in zeros)

    @torch.no_grad()
    def start_from(self, center: Tensor) -> None:
        """Begin as the identity around a center (384,): words that no caption has keep their place."""
        self.center.copy_(center)
        nn.init.eye_(self.straight.weight)
        if self.bent is not None:
            last = self.bent[2]
            assert isinstance(last, nn.Linear)
            last.weight.mul_(0.1)
            nn.init.zeros_(last.bias)

    def meaning(self, vector: Tensor) -> Tensor:
        """Unit sentence vectors to unit vectors (texts, dimensions) of what was agreed on alone."""
        centered = vector - self.center
        out = self.straight(centered)
        if self.bent is not None:
            out = out + self.bent(centered)
        return normalize(out, dim=-1)

    def forward(self, vector: Tensor) -> Tensor:
        """Unit sentence vectors to unit vectors (texts, width), to be compared with those of the sound.

        A text about a sound that is no music speaks by its classes alone: music has them too, but less.
        """
        parts = self.parts(vector)
        if len(self.usual):
            # Some songs are near to every text (hubs); near to what all texts share counts for nothing.
            parts = [part - usual for part, usual in zip(parts, self.usual, strict=True)]
        agreed = parts.pop(0)
        traits = None if self.traits is None else parts.pop(0)
        beside = _beside(agreed, traits)
        if self.classes is None or self.sounds is None or not parts:
            return beside
        [kept] = parts
        speaks_of = _standing(self.classes(vector))  # (texts, classes)
        no_music = self.sounds(speaks_of.square())  # (texts, 1): squares of a unit vector add up to 1
        music = torch.sigmoid(STEEP * (NO_MUSIC - no_music))
        nothing_lost = vector[:, :1] * 0  # zeros of the batch's own shape, which ONNX leaves open
        return _with_classes(beside * music, normalize(kept, dim=-1), nothing_lost)

    def parts(self, vector: Tensor) -> list[Tensor]:
        """Unit sentence vectors to the parts of a text's vector, each (texts, its width) of length 1.

        What was agreed on, traits and classes, where the network has them.
        """
        parts = [self.meaning(vector)]
        if self.traits is not None:
            parts.append(normalize(self.traits(vector), dim=-1))
        if self.classes is not None and self.kept is not None:
            classes = self.kept(_standing(self.classes(vector)))
            parts.append(normalize(classes, dim=-1))
        return parts


class Mini(nn.Module):
    """Both towers, the vector that stands for silence, and how classes are read from a vector, as saved.

    `tags` maps vectors (songs, width) to logits (songs, classes); the encoder reads it without torch.
    """

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        self.config = config
        self.sound = SoundTower(config)
        self.text = TextHead(config)
        self.silence = nn.Parameter(torch.zeros(config.width), requires_grad=False)
        self.tags = _computed(config.width, config.classes)


def _beside(agreed: Tensor, traits: Tensor | None) -> Tensor:
    """Both parts as one unit vector; its inner product is the weighted mean of two cosines."""
    agreed = normalize(agreed, dim=-1)
    if traits is None:
        return agreed
    share = TRAITS_WEIGH**0.5  # once on each side of an inner product
    both = torch.cat([agreed, share * normalize(traits, dim=-1)], -1)
    return normalize(both, dim=-1)


def _standing(classes: Tensor) -> Tensor:
    """Which classes (rows, classes) are there more than usual, as unit vectors."""
    return normalize(torch.relu(classes), dim=-1)


def _with_classes(beside: Tensor, classes: Tensor, lost: Tensor) -> Tensor:
    """One unit vector of beside (rows, n) of length 1 or less, classes (rows, kept) and lost (rows, 1)."""
    share = CLASSES_WEIGH**0.5
    parts = torch.cat([beside, share * classes, lost], -1)  # (rows, n + kept + 1)
    return normalize(parts, dim=-1)


def _computed(width: int, out: int, *, bias: bool = True) -> nn.Linear | None:
    """A layer that is computed (`models.training.mini`), not trained; none where nothing comes out."""
    if not out:
        return None
    layer = nn.Linear(width, out, bias=bias)
    layer.requires_grad_(False)
    return layer


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
        self.net = nn.Sequential(
            nn.Conv2d(wide, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Conv2d(half, half, 3, padding=1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Conv2d(half, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (windows, wide, frames, bands) to maps of the same shape."""
        return torch.relu(maps + self.net(maps))
