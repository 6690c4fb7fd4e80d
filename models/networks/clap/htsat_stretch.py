"""`stretch`: HTSAT on a longer image, the first attempt's way, written for today's transformers.

Ten seconds become an image of 256 x 256: four quarters of 2.56 s, 64 mel bands each, above one another.
A longer sound becomes a wider image of the same four rows, so quarters that lie a quarter of the song apart
touch each other. HTSAT has no absolute positions, only biases inside 8 x 8 windows, so its weights fit any
width. The stock forward keeps the resolution of its first input in its layers and refuses longer ones; this
one takes the weights and keeps nothing. At ten seconds it equals the stock model.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad
from torch.utils.checkpoint import checkpoint

GRAIN = 32
"""An image is a multiple of this wide: patches of 4, halved three times."""


def features(encoder: Any, mel: Tensor, *, checkpointing: bool = False) -> Tensor:
    """Log-mel (songs, frames, 64) of any length to HTSAT's features (songs, width of its last layer).

    encoder: transformers' `ClapAudioEncoder` without fusion. checkpointing: keep the inputs of the four
    stages alone and compute the rest again on the way back.
    """
    image = _image(encoder, mel)  # (songs, 1, 256, width)
    patches = encoder.patch_embed.proj(image)  # (songs, channels, 64, width / 4)
    height, width = patches.shape[-2:]
    hidden = encoder.patch_embed.norm(patches.flatten(2).transpose(1, 2))  # (songs, patches, channels)
    for stage in encoder.layers:
        if checkpointing and torch.is_grad_enabled():
            hidden = checkpoint(_stage, stage, hidden, height, width, use_reentrant=False)
        else:
            hidden = _stage(stage, hidden, height, width)
        if stage.downsample is not None:
            height = (height + 1) // 2
            width = (width + 1) // 2
    pooled: Tensor = encoder.norm(hidden).mean(1)
    return pooled


def _image(encoder: Any, mel: Tensor) -> Tensor:
    """Normalized mel to (songs, 1, 256, width): stretched a little to whole patches, quarters stacked."""
    rows, bands = encoder.freq_ratio, mel.shape[2]
    if bands != encoder.spec_size // rows:
        raise ValueError(f"expected {encoder.spec_size // rows} mel bands, got {bands}")
    images = mel[:, None].transpose(1, 3)  # (songs, bands, frames, 1): a mean for each band
    normalized = encoder.batch_norm(images).transpose(1, 3)
    # 1,001 frames become 1,024, as in pre-training; longer sounds by the same factor.
    exact_width = mel.shape[1] * encoder.spec_size / 1001
    width = _ceil(exact_width, GRAIN)
    stretched = interpolate(normalized, (width * rows, bands), mode="bicubic", align_corners=True)
    quarters = stretched.reshape(len(mel), rows, width, bands)
    upright = quarters.transpose(2, 3)  # (songs, rows, bands, width)
    return upright.reshape(len(mel), 1, rows * bands, width)


def _stage(stage: Any, hidden: Tensor, height: int, width: int) -> Tensor:
    for number, layer in enumerate(stage.blocks):
        hidden = _layer(layer, hidden, height, width, shifted=bool(number % 2))
    if stage.downsample is not None:
        hidden = stage.downsample(hidden, (height, width))
    return hidden


def _layer(layer: Any, hidden: Tensor, height: int, width: int, *, shifted: bool) -> Tensor:
    """A Swin layer (Liu et al. 2021, arXiv:2103.14030) on an image of any size."""
    songs, _, channels = hidden.shape
    size = layer.attention.self.window_size[0]
    # Every second layer looks through windows that lie across the borders of those before.
    shift = size // 2 if shifted and min(height, width) > size else 0
    image = layer.layernorm_before(hidden).view(songs, height, width, channels)
    missing_height, missing_width = -height % size, -width % size
    image = pad(image, (0, 0, 0, missing_width, 0, missing_height))
    tall, wide = image.shape[1:3]
    rolled = torch.roll(image, (-shift, -shift), (1, 2))
    windows = _cut(rolled, size)
    mask = _mask(tall, wide, size, shift, windows) if shift else None
    attended = layer.attention(windows, mask)[0]
    joined = _join(attended, size, tall, wide)
    # Rolled back, and what was padded cut off again.
    whole = torch.roll(joined, (shift, shift), (1, 2))
    image = whole[:, :height, :width]  # (songs, height, width, channels)
    flat = image.reshape(songs, height * width, channels)
    hidden = hidden + layer.drop_path(flat)
    mlp = layer.output(layer.intermediate(layer.layernorm_after(hidden)))
    added: Tensor = hidden + mlp
    return added


def _cut(image: Tensor, size: int) -> Tensor:
    """(songs, height, width, channels) to windows (songs x windows, size x size, channels)."""
    songs, height, width, channels = image.shape
    rows, columns = height // size, width // size
    split = image.view(songs, rows, size, columns, size, channels)
    windows = split.transpose(2, 3)  # (songs, rows, columns, size, size, channels)
    return windows.reshape(-1, size * size, channels)


def _join(windows: Tensor, size: int, height: int, width: int) -> Tensor:
    """The other way round."""
    channels = windows.shape[-1]
    rows, columns = height // size, width // size
    split = windows.view(-1, rows, columns, size, size, channels)
    image = split.transpose(2, 3)  # (songs, rows, size, columns, size, channels)
    return image.reshape(-1, height, width, channels)


def _mask(height: int, width: int, size: int, shift: int, like: Tensor) -> Tensor:
    """-100 between positions that only rolling brought together (windows, size x size, size x size)."""

    def regions(length: int) -> Tensor:
        """0, 1 or 2: the inside, the last window before what was rolled, and what was rolled."""
        at = torch.arange(length, device=like.device)
        in_last_window = (at >= length - size).long()
        was_rolled = (at >= length - shift).long()
        return in_last_window + was_rolled

    region = regions(height)[:, None] * 3 + regions(width)[None]  # (height, width), 0 to 8
    image = region[None, :, :, None].to(like.dtype)  # (1, height, width, 1)
    windows = _cut(image, size).squeeze(-1)  # (windows, size x size)
    apart = windows.unsqueeze(1) != windows.unsqueeze(2)
    nothing = torch.zeros_like(apart, dtype=like.dtype)
    return nothing.masked_fill(apart, -100.0)  # as transformers and Swin: next to nothing after a softmax


def _ceil(value: float, grain: int) -> int:
    """The next multiple of `grain`; one that rounding put just above itself stays."""
    return grain * math.ceil(value / grain - 1e-9)
