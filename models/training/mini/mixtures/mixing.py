"""Ten seconds that nobody has heard: cut, changed and mixed by chance from a bank of sounds.

Every window is a pure function of the bank, a seed and its number, so that any part can be made again.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import soxr

from models.training.mini.mixtures.bank import RATE_HZ, Bank, Wave

SIZE = 10 * RATE_HZ
QUIETEST_DB = -18.0
"""Of a source beside the loudest one."""


def window(bank: Bank, shares: Mapping[str, float], rng: np.random.Generator) -> Wave:
    """One window (320000,) of at most full scale.

    shares: how often a kind of sound is drawn. Of a hundred windows 69 are of one source, 20 are mixed of two
    or three, 8 change from one source to another, and 3 are noise.
    """
    draw = rng.random()
    if draw < 0.03:
        made = _noise(rng) * rng.uniform(0, 1)
    elif draw < 0.72:
        made = _source(bank, shares, rng)
    elif draw < 0.92:
        made = _mixed([_source(bank, shares, rng) for _ in range(rng.integers(2, 4))], rng)
    else:
        made = _changing(_source(bank, shares, rng), _source(bank, shares, rng), rng)
    if rng.random() < 0.35:
        made = _in_a_room(made, rng)
    if rng.random() < 0.1:
        made = made + _level(made) * 10 ** (rng.uniform(-35, -5) / 20) * _noise(rng)
    if rng.random() < 0.04:
        made[: int(rng.uniform(0.1, 0.8) * SIZE)] = 0
    return (made / max(float(np.abs(made).max()), 1.0)).astype(np.float32)


def plain(bank: Bank, kind: str, rng: np.random.Generator, *, file: int | None = None) -> Wave:
    """A window of that file, or of one by chance, as it is; one that is shorter is repeated."""
    return np.resize(bank.cut(kind, SIZE, rng, file=file), SIZE)


def _source(bank: Bank, shares: Mapping[str, float], rng: np.random.Generator) -> Wave:
    """A stretch of one sound at one level, in a third of cases faster or slower, and so higher or lower."""
    kinds = list(shares)
    kind = kinds[rng.choice(len(kinds), p=np.array(list(shares.values())) / sum(shares.values()))]
    factor = 2 ** (rng.uniform(-4, 4) / 12) if rng.random() < 0.3 else 1.0
    wanted = int(SIZE * factor) + 1
    wave = _filled(bank.cut(kind, wanted, rng), wanted, rng)
    if factor != 1.0:
        wave = soxr.resample(wave, factor, 1.0, "LQ")
    wave = np.resize(wave, SIZE)
    return wave * np.float32(0.1 / max(_level(wave), 1e-4))


def _filled(wave: Wave, size: int, rng: np.random.Generator) -> Wave:
    """A short sound again and again, with pauses by chance."""
    if wave.size >= size:
        return wave[:size]
    pause = np.zeros(int(rng.exponential(0.3) * RATE_HZ) if rng.random() < 0.6 else 0, np.float32)
    return np.resize(np.concatenate([wave, pause]), size)


def _mixed(waves: Sequence[Wave], rng: np.random.Generator) -> Wave:
    """Sources together, each at a level of its own."""
    total = waves[0].copy()
    for wave in waves[1:]:
        total += wave * np.float32(10 ** (rng.uniform(QUIETEST_DB, 0) / 20))
    return total


def _changing(first: Wave, second: Wave, rng: np.random.Generator) -> Wave:
    """One source, then another, cut or faded."""
    fade = max(int(rng.choice([0.01, 0.5, 3.0]) * RATE_HZ), 2)
    at = int(rng.uniform(0.2, 0.8) * SIZE)
    ramp = np.clip((np.arange(SIZE) - at) / fade + 0.5, 0, 1).astype(np.float32)
    return first * np.sqrt(1 - ramp) + second * np.sqrt(ramp)


def _in_a_room(wave: Wave, rng: np.random.Generator) -> Wave:
    """A tilt of the spectrum, some filter, and perhaps the echoes of a room: one pass through frequencies."""
    spectrum = np.fft.rfft(wave)
    octaves = np.log2(np.maximum(np.arange(spectrum.size) * (RATE_HZ / 2 / spectrum.size), 20) / 640)
    tilt, height, phase = rng.uniform(-3, 3), 4 * rng.uniform(-1, 1), rng.uniform(0, 6)
    decibels = tilt * octaves + height * np.sin(octaves + phase)
    if rng.random() < 0.3:
        decibels = decibels - np.maximum(octaves - rng.uniform(1.5, 4), 0) * 30
    if rng.random() < 0.15:
        decibels = decibels - np.maximum(rng.uniform(-3, -1) - octaves, 0) * 20
    spectrum *= (10 ** (decibels / 20)).astype(np.float32)
    if rng.random() < 0.5:
        spectrum *= np.fft.rfft(_echoes(rng), SIZE)
    return np.fft.irfft(spectrum, SIZE).astype(np.float32)


def _echoes(rng: np.random.Generator) -> Wave:
    """The answer of a room to a click: noise that dies away, after the sound itself."""
    length = int(rng.uniform(0.1, 2.5) * RATE_HZ)
    tail = rng.standard_normal(length).astype(np.float32)
    tail *= np.exp(-6.9 * np.arange(length, dtype=np.float32) / length)
    tail *= np.float32(rng.uniform(0.1, 1.0) / np.sqrt(np.square(tail).sum()))
    tail[0] = 1
    return tail


def _noise(rng: np.random.Generator) -> Wave:
    """Noise whose spectrum falls or rises with frequency, at one level."""
    spectrum = np.fft.rfft(rng.standard_normal(SIZE).astype(np.float32))
    spectrum[1:] *= (np.arange(1, spectrum.size) ** rng.uniform(-1.2, 0.3)).astype(np.float32)
    wave = np.fft.irfft(spectrum, SIZE).astype(np.float32)
    return wave * np.float32(0.1 / max(_level(wave), 1e-6))


def _level(wave: Wave) -> float:
    return float(np.sqrt(np.square(wave).mean()))
