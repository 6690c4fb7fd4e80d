"""The front ends of `mini` in torch, for batches on a device; `models.networks.mini` says why they are so."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.networks.mini import coarse_mel, fine_mel
from models.networks.mini.config import MiniConfig
from models.networks.mini.spectra import SILENCE_POWER


class FrontEnd(Protocol):
    """Sound at 16 kHz to what a network is given, in two steps, between which equipment may change it."""

    def mel_power(self, sound: Tensor) -> Tensor:
        """Sound (windows, samples) to mel power (windows, frames, bands)."""

    def level_free(self, power: Tensor) -> Tensor:
        """Mel power (windows, frames, bands) to its logarithm relative to each window's mean power."""


def front_end_of(config: MiniConfig, device: torch.device) -> FrontEnd:
    """The front end of a network of these sizes, on its device."""
    return FineMel.on(device) if config.mobile else CoarseMel.on(device)


@dataclass(frozen=True, slots=True)
class CoarseMel:
    """`coarse_mel`. taper: (N_FFT,). filters: (513, 96)."""

    taper: Tensor
    filters: Tensor

    @staticmethod
    def on(device: torch.device) -> "CoarseMel":
        """The tables on a device."""
        taper, filters = (torch.from_numpy(table).to(device) for table in coarse_mel.tables())
        return CoarseMel(taper, filters)

    def mel_power(self, sound: Tensor) -> Tensor:
        """See `FrontEnd`."""
        frames = sound.unfold(1, coarse_mel.N_FFT, coarse_mel.HOP)  # (windows, frames, N_FFT)
        return _power(frames * self.taper) @ self.filters

    def level_free(self, power: Tensor) -> Tensor:
        """See `FrontEnd`."""
        even = power * _gain(power, 1.0)
        log_mel = torch.log10(even + coarse_mel.FLOOR)
        standard = (log_mel - coarse_mel.CENTER) / coarse_mel.SPREAD
        return standard.clamp(min=float(coarse_mel.LOWEST))


@dataclass(frozen=True, slots=True)
class FineMel:
    """`fine_mel`. taper: (N_FFT,). filters: (257, 104). emphasis: (104,)."""

    taper: Tensor
    filters: Tensor
    emphasis: Tensor

    @staticmethod
    def on(device: torch.device) -> "FineMel":
        """The tables on a device."""
        taper, filters, emphasis = (torch.from_numpy(table).to(device) for table in fine_mel.tables())
        return FineMel(taper, filters, emphasis)

    def mel_power(self, sound: Tensor) -> Tensor:
        """See `FrontEnd`."""
        half = fine_mel.N_FFT // 2
        one_channel = sound[:, None]  # reflection is defined for (windows, channels, samples)
        padded = functional.pad(one_channel, (half, half), mode="reflect")[:, 0]
        every = padded.unfold(1, fine_mel.N_FFT, fine_mel.HOP)
        frames = every[:, : fine_mel.FRAMES]  # (windows, FRAMES, N_FFT)
        return _power(frames * self.taper) @ self.filters

    def level_free(self, power: Tensor) -> Tensor:
        """See `FrontEnd`."""
        even = power * _gain(power, fine_mel.LOUDNESS) * self.emphasis
        log_mel = torch.log(even + fine_mel.FLOOR)
        return (log_mel - fine_mel.CENTER) / fine_mel.SPREAD


def _power(frames: Tensor) -> Tensor:
    """Frames (windows, frames, samples) to the power of each frequency (windows, frames, samples / 2 + 1)."""
    spectrum = torch.fft.rfft(frames)
    power: Tensor = spectrum.real.square() + spectrum.imag.square()
    return power


def _gain(power: Tensor, loudness: float) -> Tensor:
    """What brings each window (windows, 1, 1) to that mean power; nothing brings a silent one there."""
    mean = _loudness(power)
    gain = loudness / mean.clamp(min=SILENCE_POWER)
    return torch.where(mean > SILENCE_POWER, gain, 0.0)


def _loudness(power: Tensor) -> Tensor:
    """The mean power of each window (windows, 1, 1), over frames."""
    return power.sum(2).mean(1)[:, None, None]


def changed(power: Tensor, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
    """Mel power (windows, frames, bands) as other equipment hands it on: `material.windows.changed`."""
    loudness = _loudness(power).clamp(min=1e-12)
    power = _muffled(power, rng)
    power = _equalized(power, rng)
    power = power + _hiss(power, loudness, rng, noise)
    power = _begun_late(power, rng)
    return _masked(power, rng)


def _muffled(power: Tensor, rng: np.random.Generator) -> Tensor:
    """A low rate or a codec: from some band on next to nothing is left."""
    count, _, bands = power.shape
    is_muffled = rng.random(count) < 0.35
    lowest = rng.integers(bands * 7 // 12, bands, count)
    is_cut = _places(power) >= _column(np.where(is_muffled, lowest, bands), power)
    left = 10.0 ** -rng.uniform(2, 8, count)
    return torch.where(is_cut, power * _column(left, power), power)


def _equalized(power: Tensor, rng: np.random.Generator) -> Tensor:
    """The treble louder or softer, and a few waves over that."""
    count = len(power)
    share = _shares(power)
    tilt = _column(rng.uniform(-6, 6, count), power)
    phase = _column(rng.uniform(0, 6.3, count), power)
    waves = _column(rng.uniform(2, 8, count), power)
    height = 3 * _column(rng.uniform(-1, 1, count), power)
    slope = tilt * (share - 0.5)
    ripple = height * torch.sin(phase + share * waves)
    is_equalized = _column(_chance(rng, count, 0.5), power)
    decibels = is_equalized * (slope + ripple)
    return power * 10 ** (decibels / 10)


def _hiss(power: Tensor, loudness: Tensor, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
    """Noise beside some windows, of grains as the power of noise is spread: exponentially."""
    count, _, bands = power.shape
    has_hiss = _chance(rng, count, 0.35)
    hiss_beside = 10.0 ** rng.uniform(-5.5, -2.5, count)
    hiss = loudness * _column(has_hiss * hiss_beside, power) / bands
    uniform = torch.rand(power.shape, device=power.device, generator=noise)
    grains = -torch.log(uniform.clamp(min=1e-9))
    return hiss * grains * (0.3 + _shares(power))


def _begun_late(power: Tensor, rng: np.random.Generator) -> Tensor:
    """A recording that begins before the music does."""
    count, frames, _ = power.shape
    begins_late = _chance(rng, count, 0.08)
    first = _column(begins_late * rng.integers(10, frames * 3 // 5, count), power)
    frame = torch.arange(frames, device=power.device)[:, None]
    return power * (frame >= first)


def _masked(power: Tensor, rng: np.random.Generator) -> Tensor:
    """A few bands masked."""
    count, _, bands = power.shape
    start = rng.integers(bands - 8, size=count)
    has_mask = _chance(rng, count, 0.3)
    end = start + has_mask * rng.integers(1, 8, count)
    place = _places(power)
    is_masked = (place >= _column(start, power)) & (place < _column(end, power))
    return torch.where(is_masked, power * 1e-4, power)


def _chance(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    """1.0 for about that share of so many windows, and 0.0 for the others."""
    return (rng.random(count) < share).astype(np.float32)


def _column(numbers: np.ndarray, power: Tensor) -> Tensor:
    """A number a window, to compute with its power: (windows, 1, 1)."""
    on_device = torch.from_numpy(np.asarray(numbers, np.float32)).to(power.device)
    return on_device[:, None, None]


def _places(power: Tensor) -> Tensor:
    """Each band's number."""
    return torch.arange(power.shape[-1], device=power.device)


def _shares(power: Tensor) -> Tensor:
    """How far up each band lies, from 0 to 1."""
    return torch.linspace(0, 1, power.shape[-1], device=power.device)
