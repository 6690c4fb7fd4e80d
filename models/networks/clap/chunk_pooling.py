"""Songs longer than an encoder hears at once: strategies behind one name each, to be compared head to head.

`mean`, `attention` and `transformer` hear chunks of ten seconds, each as in pre-training, and pool the raw
vectors; at the start of training all three are the mean. `stretch` hears the whole stretch of time as one
longer image (`models.networks.clap.htsat_stretch`), and pools several of those by their mean.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from catalog.errors import WrongUse
from models.networks.pooling import masked_mean

STRATEGIES = ("mean", "attention", "transformer", "stretch")
MOST_CHUNKS = 64
"""A song of more chunks is pooled in groups of nearly equal size, and these by their mean."""


def pooler(strategy: str, dimensions: int) -> nn.Module:
    """A new pooler for that strategy: chunk vectors of songs to song vectors.

    It is called with chunks: raw (songs, chunks, dimensions), in order of time, and mask: (songs, chunks),
    True where there is sound. It returns (songs, dimensions), not of unit length.
    Raises WrongUse for an unknown name.
    """
    if strategy not in STRATEGIES:
        raise WrongUse(
            f"there is no way {strategy!r} to hear long songs; there are: {', '.join(STRATEGIES)}.",
            try_this="--set pooling=mean",
        )
    if strategy == "attention":
        return Attention(dimensions)
    if strategy == "transformer":
        return Transformer(dimensions)
    return Mean()  # `stretch` pools its long chunks so too


class Mean(nn.Module):
    """The mean of the chunks that have sound."""

    def forward(self, chunks: Tensor, mask: Tensor) -> Tensor:
        """As `pooler` says."""
        return masked_mean(chunks, mask)


class Attention(nn.Module):
    """A weighted mean: each chunk is weighed by what it is and by where in the song it lies.

    A hidden layer over the normalized chunk and its time, then one number, whose weights start at zero: all
    chunks weigh the same, so the first state is the mean. (Attention pooling as in CoLLAP, arXiv 2410.02271.)
    """

    def __init__(self, dimensions: int, hidden: int = 128) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dimensions)
        self.time = nn.Linear(TIME_FEATURES, hidden)
        self.what = nn.Linear(dimensions, hidden)
        self.weigh = nn.Linear(hidden, 1, bias=False)
        nn.init.zeros_(self.weigh.weight)

    def forward(self, chunks: Tensor, mask: Tensor) -> Tensor:
        """As `pooler` says."""
        where = self.time(times(mask).to(chunks.dtype))  # (songs, chunks, hidden)
        what = self.what(self.norm(chunks))
        hidden = gelu(what + where)
        score = self.weigh(hidden).squeeze(-1)  # (songs, chunks)
        score = score.masked_fill(~mask, -math.inf)
        weights = score.softmax(-1).unsqueeze(-1)
        pooled: Tensor = (weights * chunks).sum(1)
        return pooled


class Transformer(nn.Module):
    """What a transformer over the chunks adds to them, then the mean; it starts by adding nothing.

    The projection back is zero at first: a residual as in ReZero (arXiv 2003.04887), so that the first state
    is the mean. Layers look at chunks that have sound alone. (CLaMP 3 pools 5 s segments so, 2502.10362.)
    """

    def __init__(self, dimensions: int, width: int = 256, layers: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dimensions)
        self.into = nn.Linear(dimensions, width)
        self.time = nn.Linear(TIME_FEATURES, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.back = nn.Linear(width, dimensions)
        nn.init.zeros_(self.back.weight)
        nn.init.zeros_(self.back.bias)

    def forward(self, chunks: Tensor, mask: Tensor) -> Tensor:
        """As `pooler` says."""
        where = self.time(times(mask).to(chunks.dtype))
        hidden = self.into(self.norm(chunks)) + where  # (songs, chunks, width)
        hidden = self.layers(hidden, src_key_padding_mask=~mask)
        return masked_mean(chunks + self.back(hidden), mask)


TIME_FEATURES = 8  # of a chunk: the numbers that `times` gives for its place in the song


def times(mask: Tensor) -> Tensor:
    """Where each chunk lies in its song (songs, chunks, 8): share of the song and minutes, as waves."""
    numbers = torch.arange(mask.shape[1], device=mask.device, dtype=torch.float32)
    place = numbers.expand(mask.shape)  # (songs, chunks)
    count = mask.sum(1, keepdim=True).clamp(min=1)
    share = (place + 0.5) / count
    angles = [math.pi * turns * share for turns in (1, 2)]
    angles += [place / scale for scale in (4, 16)]  # chunks of ten seconds: 40 s and 160 s
    waves = []
    for angle in angles:
        waves += [torch.sin(angle), torch.cos(angle)]
    return torch.stack(waves, -1)


def pool_song(pool: nn.Module, chunks: Tensor) -> Tensor:
    """All chunks of one song (chunks, dimensions) to its vector (dimensions,), however many there are."""
    # Attention grows with the square of the chunks: a concert of hours is pooled in parts.
    groups = chunks.tensor_split(math.ceil(len(chunks) / MOST_CHUNKS))
    sums = []
    for part in groups:
        all_there = torch.ones(1, len(part), dtype=torch.bool, device=part.device)
        [pooled] = pool(part[None], all_there)
        sums.append(pooled * len(part))
    return torch.stack(sums).sum(0) / len(chunks)
