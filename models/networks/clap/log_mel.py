"""CLAP's front end: mono sound at 48 kHz to log-mel spectrograms, in batches, on any device.

The same numbers as transformers' `ClapFeatureExtractor(truncation="rand_trunc")` on whole windows, which is
librosa's: periodic Hann of 1024, hop 480, centred with reflection, Slaney's mel bands, 10 log10 of the power.
Bands begin at 50 Hz: the extractor's own default is 0, but LAION trained with 50 and its checkpoints say so.
The spectrum is taken in float64: in quiet bands beside loud ones float32 is 0.05 dB off.
"""

import functools

import torch
from torch import Tensor

from models.networks.clap import RATE_HZ

HOP, FRAME, BANDS = 480, 1024, 64  # samples: 10 ms and 21 ms
LOWEST_HZ, HIGHEST_HZ = 50, 14_000
HIGHEST_BIN = 300
"""Beyond it lies nothing that a band takes in: 14 kHz is 298.7 times 48000 / 1024 Hz."""
FLOOR = 1e-10
"""Least power: -100 dB."""
CACHED = 64
"""Frames at a time, so that they stay in the cache of a core: three times as fast on a CPU."""


def log_mel(sound: Tensor, *, exact: bool = True) -> Tensor:
    """Sound (windows, samples), float32 in [-1, 1], to decibels (windows, frames, 64), float32.

    There is a frame for every 480 samples and one more. The result stays on the device of the sound. exact:
    False takes the spectrum in float32 and only up to the highest band, in half the time: for training in
    half precision, which rounds coarser than that.
    Raises ValueError for fewer than 513 samples, which cannot be reflected.
    """
    if sound.ndim != 2 or sound.shape[1] <= FRAME // 2:
        raise ValueError(f"expected sound of shape (windows, more than 512), got {tuple(sound.shape)}")
    # So that the first frame is centred on the first sample, as in LAION's front end.
    half = FRAME // 2
    one_channel = sound[:, None]  # reflection is defined for (windows, channels, samples)
    padded = torch.nn.functional.pad(one_channel, (half, half), mode="reflect")[:, 0]
    frames = padded.unfold(1, FRAME, HOP)  # (windows, frames, FRAME), a view
    taper, bands = _tables(str(sound.device))  # (FRAME,), (bins, 64)
    if not exact:
        taper = taper.to(torch.float32)
        bands = bands[:HIGHEST_BIN]
    if sound.device.type != "cpu":
        power = _power(frames, taper, len(bands))  # (windows, frames, bins)
        return _decibels(power @ bands)
    blocks = []
    for window in frames:
        for part in window.split(CACHED):
            power = _power(part, taper, len(bands))  # (64 frames, bins)
            blocks.append(power @ bands)
    mel = torch.cat(blocks)  # (frames of all windows, 64)
    return _decibels(mel).reshape(len(sound), -1, BANDS)


def _power(frames: Tensor, taper: Tensor, most: int) -> Tensor:
    """Power (…, most) of the lowest frequencies of each frame."""
    spectrum = torch.fft.rfft(frames * taper)[..., :most]
    # Not abs() ** 2, which takes a square root in between.
    power: Tensor = spectrum.real * spectrum.real + spectrum.imag * spectrum.imag
    return power.to(torch.float32)


def _decibels(power: Tensor) -> Tensor:
    return 10 * torch.log10(power.clamp(min=FLOOR))


@functools.cache
def _tables(device: str) -> tuple[Tensor, Tensor]:
    """The Hann window (1024,) in float64 and the mel bands (513, 64)."""
    from transformers.audio_utils import mel_filter_bank

    bands = mel_filter_bank(
        num_frequency_bins=FRAME // 2 + 1,
        num_mel_filters=BANDS,
        min_frequency=LOWEST_HZ,
        max_frequency=HIGHEST_HZ,
        sampling_rate=RATE_HZ,
        norm="slaney",
        mel_scale="slaney",
    )
    taper = torch.hann_window(FRAME, dtype=torch.float64, device=device)
    return taper, torch.from_numpy(bands).to(device, torch.float32)
