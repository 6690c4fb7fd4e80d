"""The ear of `mini` in torch, for batches on a device; `models.networks.mini_mel` says why it is so."""

import functools

import numpy as np
import torch
from torch import Tensor

from models.networks import mini_mel


def mel_power(sound: Tensor) -> Tensor:
    """Sound (windows, samples) at 16 kHz to mel power (windows, frames, 96)."""
    window, filters = _tables(str(sound.device))
    frames = sound.unfold(1, mini_mel.N_FFT, mini_mel.HOP) * window  # (windows, frames, N_FFT)
    spectrum = torch.fft.rfft(frames)
    power = spectrum.real.square() + spectrum.imag.square()
    bands: Tensor = power @ filters
    return bands


def level_free(power: Tensor) -> Tensor:
    """Mel power (windows, frames, 96) to its logarithm relative to each window's mean power."""
    mean = power.sum(2).mean(1)[:, None, None]
    relative = power / mean.clamp(min=mini_mel.SILENCE_POWER)
    relative = torch.where(mean > mini_mel.SILENCE_POWER, relative, 0.0)
    log_mel = (torch.log10(relative + mini_mel.FLOOR) - mini_mel.CENTER) / mini_mel.SPREAD
    return log_mel.clamp(min=float(mini_mel.LOWEST))


def changed(power: Tensor, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
    """Mel power (windows, frames, 96) as other equipment hands it on: `material.windows.changed`."""
    count, frames, bands = power.shape

    def column(numbers: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(numbers, np.float32)).to(power.device)[:, None, None]

    def chance(share: float) -> np.ndarray:
        return (rng.random(count) < share).astype(np.float32)

    place = torch.arange(bands, device=power.device)
    share = torch.linspace(0, 1, bands, device=power.device)
    loudness = power.sum(2).mean(1).clamp(min=1e-12)[:, None, None]
    # A low rate or a codec: from some band on next to nothing is left.
    is_cut = place >= column(np.where(chance(0.35), rng.integers(56, bands, count), bands))
    power = torch.where(is_cut, power * column(10.0 ** -rng.uniform(2, 8, count)), power)
    # The treble louder or softer, and a few waves over that.
    slope = column(rng.uniform(-6, 6, count)) * (share - 0.5)
    waves = column(rng.uniform(0, 6.3, count)) + share * column(rng.uniform(2, 8, count))
    decibels = slope + 3 * column(rng.uniform(-1, 1, count)) * torch.sin(waves)
    power = power * 10 ** (column(chance(0.5)) * decibels / 10)
    hiss = loudness * column(chance(0.35) * 10.0 ** rng.uniform(-5.5, -2.5, count)) / bands
    # Grains of an exponential distribution, as the power of noise is spread.
    uniform = torch.rand(power.shape, device=power.device, generator=noise)
    grains = -torch.log(uniform.clamp(min=1e-9))
    power = power + hiss * grains * (0.3 + share)
    # A recording that begins before the music does.
    first = column(chance(0.08) * rng.integers(10, 300, count))
    power = power * (torch.arange(frames, device=power.device)[:, None] >= first)
    # A few bands masked.
    start = rng.integers(bands - 8, size=count)
    end = start + np.where(chance(0.3), rng.integers(1, 8, count), 0)
    masked = (place >= column(start)) & (place < column(end))
    return torch.where(masked, power * 1e-4, power)


@functools.cache
def _tables(device: str) -> tuple[Tensor, Tensor]:
    """The window (N_FFT,) and the mel filters (513, 96) of `mini_mel`."""
    window, filters = mini_mel.tables()
    return torch.from_numpy(window).to(device), torch.from_numpy(filters).to(device)
