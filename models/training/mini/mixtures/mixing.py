"""Ten seconds that nobody has heard: cut, changed and mixed by chance from a bank of sounds.

Every window is a pure function of the bank, a seed and its number, so that any part can be made again.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import soxr

from models.training.mini.mixtures.bank import RATE_HZ, Bank, Wave

SIZE = 10 * RATE_HZ
"""Samples of a window."""
LEVEL = 0.1
"""Root mean square that every source is brought to before it is mixed."""

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
        count = rng.integers(2, 4)
        made = _mixed([_source(bank, shares, rng) for _ in range(count)], rng)
    else:
        first, second = _source(bank, shares, rng), _source(bank, shares, rng)
        made = _changing(first, second, rng)
    return _degraded(made, rng)


def _degraded(wave: Wave, rng: np.random.Generator) -> Wave:
    """Each by chance: a room, hiss, silence at first; then brought to at most full scale."""
    if rng.random() < 0.35:
        wave = _in_a_room(wave, rng)
    if rng.random() < 0.1:
        hiss = _level(wave) * _amplitude(rng.uniform(-35, -5))
        wave = wave + hiss * _noise(rng)
    if rng.random() < 0.04:
        silent = rng.uniform(0.1, 0.8) * SIZE
        wave[: int(silent)] = 0
    peak = float(np.abs(wave).max())
    return (wave / max(peak, 1.0)).astype(np.float32)


def plain(bank: Bank, kind: str, rng: np.random.Generator, *, file: int | None = None) -> Wave:
    """A window of that file, or of one by chance, as it is; one that is shorter is repeated."""
    return np.resize(bank.cut(kind, SIZE, rng, file=file), SIZE)


def _source(bank: Bank, shares: Mapping[str, float], rng: np.random.Generator) -> Wave:
    """A stretch of one sound at one level, in a third of cases faster or slower, and so higher or lower."""
    kinds = list(shares)
    weights = np.array(list(shares.values()))
    chances = weights / sum(shares.values())
    kind = kinds[rng.choice(len(kinds), p=chances)]
    factor = 1.0
    if rng.random() < 0.3:
        semitones = rng.uniform(-4, 4)
        factor = 2 ** (semitones / 12)
    wanted = int(SIZE * factor) + 1
    wave = _filled(bank.cut(kind, wanted, rng), wanted, rng)
    if factor != 1.0:
        wave = soxr.resample(wave, factor, 1.0, "LQ")
    wave = np.resize(wave, SIZE)  # resampling may give a sample more or less
    return wave * np.float32(LEVEL / max(_level(wave), 1e-4))


def _filled(wave: Wave, size: int, rng: np.random.Generator) -> Wave:
    """A short sound again and again, with pauses by chance."""
    if wave.size >= size:
        return wave[:size]
    samples = 0
    if rng.random() < 0.6:
        pause_s = rng.exponential(0.3)
        samples = int(pause_s * RATE_HZ)
    pause = np.zeros(samples, np.float32)
    return np.resize(np.concatenate([wave, pause]), size)


def _mixed(waves: Sequence[Wave], rng: np.random.Generator) -> Wave:
    """Sources together, each at a level of its own."""
    total = waves[0].copy()
    for wave in waves[1:]:
        gain = _amplitude(rng.uniform(QUIETEST_DB, 0))
        total += wave * np.float32(gain)
    return total


def _changing(first: Wave, second: Wave, rng: np.random.Generator) -> Wave:
    """One source, then another, cut or faded."""
    fade_s = rng.choice([0.01, 0.5, 3.0])
    fade = max(int(fade_s * RATE_HZ), 2)  # samples
    at = int(rng.uniform(0.2, 0.8) * SIZE)
    position = (np.arange(SIZE) - at) / fade + 0.5
    ramp = np.clip(position, 0, 1).astype(np.float32)  # (SIZE,) 0 before the fade, 1 after
    # Square roots add up to one in power: loudness does not dip where two sounds meet.
    return first * np.sqrt(1 - ramp) + second * np.sqrt(ramp)


def _in_a_room(wave: Wave, rng: np.random.Generator) -> Wave:
    """A tilt of the spectrum, some filter, and perhaps the echoes of a room: one pass through frequencies."""
    spectrum = np.fft.rfft(wave)  # (SIZE / 2 + 1,)
    hz = np.arange(spectrum.size) * (RATE_HZ / 2 / spectrum.size)
    octaves = np.log2(np.maximum(hz, 20) / 640)  # from 640 Hz, the middle of 20 Hz ... 20 kHz
    tilt = rng.uniform(-3, 3)  # decibels an octave
    height = 4 * rng.uniform(-1, 1)
    phase = rng.uniform(0, 6)
    decibels = tilt * octaves + height * np.sin(octaves + phase)
    if rng.random() < 0.3:  # low pass, 30 dB an octave
        above = octaves - rng.uniform(1.5, 4)
        decibels = decibels - np.maximum(above, 0) * 30
    if rng.random() < 0.15:  # high pass, 20 dB an octave
        below = rng.uniform(-3, -1) - octaves
        decibels = decibels - np.maximum(below, 0) * 20
    spectrum *= (10 ** (decibels / 20)).astype(np.float32)
    if rng.random() < 0.5:
        spectrum *= np.fft.rfft(_echoes(rng), SIZE)
    return np.fft.irfft(spectrum, SIZE).astype(np.float32)


def _echoes(rng: np.random.Generator) -> Wave:
    """The impulse response of a room: noise that dies away, after the sound itself."""
    length = int(rng.uniform(0.1, 2.5) * RATE_HZ)
    tail = rng.standard_normal(length).astype(np.float32)
    # exp(-6.9) is -60 dB: the length is the room's reverberation time, RT60.
    time = np.arange(length, dtype=np.float32)
    tail *= np.exp(-6.9 * time / length)
    energy = np.square(tail).sum()
    tail *= np.float32(rng.uniform(0.1, 1.0) / np.sqrt(energy))
    tail[0] = 1
    return tail


def _noise(rng: np.random.Generator) -> Wave:
    """Noise whose spectrum falls or rises with frequency, at one level."""
    white = rng.standard_normal(SIZE).astype(np.float32)
    spectrum = np.fft.rfft(white)
    slope = rng.uniform(-1.2, 0.3)  # -1 is brown, -0.5 pink, 0 white
    frequencies = np.arange(1, spectrum.size)
    spectrum[1:] *= (frequencies**slope).astype(np.float32)
    wave = np.fft.irfft(spectrum, SIZE).astype(np.float32)
    return wave * np.float32(LEVEL / max(_level(wave), 1e-6))


def _amplitude(decibels: float) -> float:
    """The factor on the samples."""
    return float(10 ** (decibels / 20))


def _level(wave: Wave) -> float:
    """Root mean square."""
    return float(np.sqrt(np.square(wave).mean()))
