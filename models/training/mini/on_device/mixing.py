"""Windows of ten seconds that nobody has heard, by the hundred: as `mixtures.mixing` makes one.

Chances are drawn by numpy, so that they do not depend on the device; noise is the device's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.training.mini.mixtures.bank import FULL_SCALE, RATE_HZ
from models.training.mini.mixtures.mixing import LEVEL, QUIETEST_DB, SIZE
from models.training.mini.on_device.pool import Pool

HALF = SIZE // 2
"""Samples of a window at 16 kHz, as `mini` and the music taggers hear."""

HIGHEST = 0.92
"""Of the band at 16 kHz: from here to its end what passes fades, as soxr's filters do it."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Windows:
    """The same windows at both rates: (windows, 320000) at 32 kHz and (windows, 160000) at 16 kHz."""

    at_32khz: Tensor
    at_16khz: Tensor


class Mixer:
    """Makes windows of a pool. shares: how often a kind of sound is drawn."""

    def __init__(self, pool: Pool, shares: Mapping[str, float]) -> None:
        self._pool = pool
        self._kinds = [kind for kind in shares if kind in pool.sounds]
        weights = np.array([shares[kind] for kind in self._kinds])
        self._chances = weights / weights.sum()
        self._device = pool.samples.device

    def windows(self, count: int, seed: tuple[int, ...]) -> Windows:
        """So many windows, the same for the same seed on the same device.

        Of a hundred 69 are of one source, 20 are mixed of two or three, 8 change from one source to another,
        and 3 are noise.
        """
        rng = np.random.default_rng(seed)
        noise = generator(rng, self._device)
        draw = rng.random(count)
        is_noise = draw < 0.03
        is_changing = draw >= 0.92
        has_several = draw >= 0.72
        sources = np.ones(count, np.int64)
        sources[has_several] = rng.integers(2, 4, int(has_several.sum()))
        sources[is_changing] = 2

        window = np.repeat(np.arange(count), sources)  # (sources,) that each belongs to
        is_first = np.r_[True, window[1:] != window[:-1]]
        is_in_change = is_changing[window]  # (sources,)
        quieter = rng.uniform(QUIETEST_DB, 0, len(window))
        decibels = np.where(is_first | is_in_change, 0.0, quieter)
        waves = self._sources(len(window), rng)  # (sources, SIZE)
        waves *= self._column(_amplitude(decibels))
        self._fade(waves, np.flatnonzero(is_in_change), rng)

        mixed = torch.zeros(count, SIZE, device=self._device)
        window_on_device = torch.from_numpy(window).to(self._device)
        mixed.index_add_(0, window_on_device, waves)
        if is_noise.any():
            noises = int(is_noise.sum())
            loud = self._column(rng.uniform(0, 1, noises))
            mixed[self._rows(is_noise)] = self._noise(noises, rng, noise) * loud
        return self._degraded(mixed, rng, noise)

    def _sources(self, many: int, rng: np.random.Generator) -> Tensor:
        """Stretches (many, SIZE) at one level, a third of them faster or slower, and so higher or lower."""
        kinds = rng.choice(len(self._kinds), many, p=self._chances)
        start, length = np.zeros(many, np.int64), np.zeros(many, np.int64)
        for number, kind in enumerate(self._kinds):
            of_kind = np.flatnonzero(kinds == number)
            start[of_kind], length[of_kind] = self._pool.sounds[kind].drawn(rng, len(of_kind))
        is_transposed = rng.random(many) < 0.3
        semitones = np.where(is_transposed, rng.uniform(-4, 4, many), 0.0)
        factor = 2 ** (semitones / 12)
        wanted = (SIZE * factor).astype(np.int64) + 1
        room = np.maximum(length - wanted, 0)
        offset = rng.integers(room + 1)
        heard = np.minimum(length, wanted)
        # A short sound comes again and again, with pauses by chance.
        has_pauses = rng.random(many) < 0.6
        pause_s = np.where(has_pauses, rng.exponential(0.3, many), 0.0)
        pause = (pause_s * RATE_HZ).astype(np.int64)
        cycle = np.where(length < wanted, length + pause, wanted + 1)
        waves = self._cut(start + offset, heard, cycle, factor)
        return waves * (LEVEL / _level(waves).clamp(min=1e-4))

    def _cut(self, start: Ints, heard: Ints, cycle: Ints, factor: Floats) -> Tensor:
        """Sounds (sounds, SIZE) from the pool, between whose samples is a straight line.

        heard: (sounds,) samples of each. cycle: after how many it begins again. factor: samples a step.
        """
        steps = torch.arange(SIZE, device=self._device, dtype=torch.float64)
        place = steps * self._column(factor, torch.float64)  # (sounds, SIZE), in samples since the start
        place = torch.remainder(place, self._column(cycle, torch.float64))
        before = place.long()
        between = (place - before).float()
        del place
        last = self._column(heard, torch.int64) - 1
        silent = before > last  # a pause
        first = self._column(start, torch.int64)
        left = self._pool.samples[first + before.clamp(max=last)].float()
        right = self._pool.samples[first + (before + 1).clamp(max=last)].float()
        wave = torch.lerp(left, right, between) / FULL_SCALE
        return wave.masked_fill_(silent, 0.0)

    def _fade(self, waves: Tensor, places: NDArray[np.int64], rng: np.random.Generator) -> None:
        """In place: pairs of sources side by side, one cut or faded into the other."""
        if not len(places):
            return
        pairs = places.reshape(-1, 2)
        fade_s = rng.choice([0.01, 0.5, 3.0], len(pairs))
        at_s = rng.uniform(0.2, 0.8, len(pairs)) * SIZE / RATE_HZ
        time_s = torch.arange(SIZE, device=self._device) / RATE_HZ
        since_s = time_s - self._column(at_s)  # (pairs, SIZE), from the middle of the fade
        position = since_s / self._column(fade_s) + 0.5
        ramp = position.clamp(0, 1)  # (pairs, SIZE) 0 before the fade, 1 after
        # Square roots add up to one in power: loudness does not dip where two sounds meet.
        on_device = torch.from_numpy(pairs).to(self._device)
        firsts, seconds = on_device.unbind(1)
        waves[firsts] *= (1 - ramp).sqrt()
        waves[seconds] *= ramp.sqrt()

    def _degraded(self, mixed: Tensor, rng: np.random.Generator, noise: torch.Generator) -> Windows:
        """Each by chance: hiss, a room, silence at first; then both rates."""
        count = len(mixed)
        has_hiss = rng.random(count) < 0.1
        if has_hiss.any():
            rows = self._rows(has_hiss)
            hiss_db = rng.uniform(-35, -5, len(rows))
            hiss = self._noise(len(rows), rng, noise)  # at one level, as all sources are
            mixed[rows] += _level(mixed[rows]) * self._column(_amplitude(hiss_db)) * hiss
        spectrum = torch.fft.rfft(mixed)  # (windows, SIZE / 2 + 1)
        in_room = rng.random(count) < 0.35
        if in_room.any():
            rows = self._rows(in_room)
            spectrum[rows] *= self._rooms(len(rows), rng, noise)
        whole = torch.fft.irfft(spectrum, SIZE)
        # The lower half of the spectrum is the sound at half the rate.
        lower = spectrum[:, : HALF // 2 + 1] * self._passes()
        half = torch.fft.irfft(lower, HALF) / 2
        begins_late = rng.random(count) < 0.04
        silent = np.where(begins_late, rng.uniform(0.1, 0.8, count), 0.0)  # share of the window
        for wave in (whole, half):
            size = wave.shape[1]
            begins = self._column(silent * size)
            wave *= torch.arange(size, device=self._device) >= begins
        return Windows(whole, half)

    def _passes(self) -> Tensor:
        """How much of each frequency up to 8 kHz is left at 16 kHz (HALF / 2 + 1,)."""
        share = torch.linspace(0, 1, HALF // 2 + 1, device=self._device)
        fading = ((share - HIGHEST) / (1 - HIGHEST)).clamp(0, 1)
        left: Tensor = torch.cos(fading * torch.pi / 2).square()
        return left

    def _rooms(self, count: int, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
        """What rooms do to spectra (count, SIZE / 2 + 1): a tilt, some filter, and in half of them echoes."""
        bins = SIZE // 2 + 1
        hz = torch.arange(bins, device=self._device) * (RATE_HZ / 2 / bins)
        octaves = torch.log2(hz.clamp(min=20) / 640)  # from 640 Hz, the middle of 20 Hz ... 20 kHz
        tilt = self._column(rng.uniform(-3, 3, count))  # decibels an octave
        height = self._column(rng.uniform(-4, 4, count))
        phase = self._column(rng.uniform(0, 6, count))
        decibels = tilt * octaves + height * torch.sin(octaves + phase)
        is_low_pass = (rng.random(count) < 0.3).astype(float)
        passes_below = self._column(rng.uniform(1.5, 4, count))  # octaves
        above = (octaves - passes_below).clamp(min=0)
        decibels = decibels - 30 * self._column(is_low_pass) * above  # 30 dB an octave
        gains = 10 ** (decibels / 20)
        made = gains.to(torch.complex64)
        echoing = rng.random(count) < 0.5
        if echoing.any():
            rows = self._rows(echoing)
            echoes = self._echoes(len(rows), rng, noise)
            made[rows] *= torch.fft.rfft(echoes, SIZE)
        return made

    def _echoes(self, count: int, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
        """The impulse responses of rooms (count, samples): noise that dies away, after the sound itself."""
        longest = int(2.5 * RATE_HZ)
        length = self._column(rng.uniform(0.1, 2.5, count) * RATE_HZ)
        time = torch.arange(longest, device=self._device)
        tail = torch.randn(count, longest, device=self._device, generator=noise)
        # exp(-6.9) is -60 dB: the length is the room's reverberation time, RT60.
        dying = tail * torch.exp(-6.9 * time / length)
        tail = torch.where(time < length, dying, 0.0)
        energy = tail.square().sum(1, keepdim=True)
        loudness = self._column(rng.uniform(0.1, 1.0, count))  # beside the sound itself
        tail *= loudness / energy.sqrt()
        tail[:, 0] = 1
        return tail

    def _noise(self, count: int, rng: np.random.Generator, noise: torch.Generator) -> Tensor:
        """Noise (count, SIZE) whose spectrum falls or rises with frequency, at one level."""
        white = torch.randn(count, SIZE, device=self._device, generator=noise)
        spectrum = torch.fft.rfft(white)
        slope = self._column(rng.uniform(-1.2, 0.3, count))  # -1 is brown, -0.5 pink, 0 white
        frequencies = torch.arange(1, spectrum.shape[1], device=self._device)
        spectrum[:, 1:] *= frequencies**slope
        wave = torch.fft.irfft(spectrum, SIZE)
        noise_at_level: Tensor = wave * (LEVEL / _level(wave).clamp(min=1e-6))
        return noise_at_level

    def _rows(self, chosen: NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(np.flatnonzero(chosen)).to(self._device)

    def _column(self, numbers: NDArray[np.generic], dtype: torch.dtype = torch.float32) -> Tensor:
        """Numbers (rows,), one for each row of a tensor."""
        column: Tensor = torch.from_numpy(np.asarray(numbers)).to(self._device, dtype)[:, None]
        return column


def _level(waves: Tensor) -> Tensor:
    """Root mean square (waves, 1) of each."""
    return waves.square().mean(1, keepdim=True).sqrt()


def _amplitude(decibels: Floats) -> Floats:
    """The factors on the samples."""
    return np.power(10.0, decibels / 20)


def generator(rng: np.random.Generator, device: torch.device) -> torch.Generator:
    """A device's own source of chance, the same for the same state of `rng`."""
    made = torch.Generator(device)
    made.manual_seed(int(rng.integers(2**62)))
    return made
