"""The elements of every sound here: decaying partials, wavetables, noise, envelopes and filters.

All work on mono arrays of shape (samples,) at RATE, and on many samples at once: partials are a
matrix product, filters a product of spectra.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

RATE = 32_000
"""Hz; hardly anything here lives above 16 kHz, and it keeps composing quick."""

Floats = NDArray[np.floating[Any]]
Sound = Floats
Response = Callable[[Floats], NDArray[Any]]
"""What a filter does to each frequency (in Hz)."""

_BLOCK, _CYCLE = 256, 4096


def hz(pitch: float) -> float:
    """The frequency of a MIDI pitch; 69 is A4.

    >>> hz(69), hz(57)
    (440.0, 220.0)
    """
    return float(440 * 2 ** ((pitch - 69) / 12))


def interval(cents: float) -> float:
    """The factor between two frequencies that lie so many hundredths of a half tone apart."""
    return float(2 ** (cents / 1200))


def harmonic_numbers(frequency: float, most: int, below_hz: float = RATE / 2) -> NDArray[np.int64]:
    """1, 2, 3 ... of the harmonics that lie below a frequency; no more than `most`."""
    below = int(below_hz / frequency)
    return np.arange(1, min(most, below) + 1)


def random_phases(rng: Generator, count: int) -> NDArray[np.float64]:
    """Phases in radians, so that partials do not all start together, which would be a click."""
    return rng.uniform(0, 6.28, count)


def samples(seconds: float) -> int:
    """How many samples so many seconds are, at least one."""
    return max(1, round(seconds * RATE))


def times(n: int) -> NDArray[np.float64]:
    """Seconds of each of n samples."""
    return np.arange(n) / RATE


def falling(t: Floats, decay_s: float) -> Floats:
    """Exponential decay: 1 at the start, 1/e after decay_s."""
    return np.asarray(np.exp(-t / decay_s))


def rising(t: Floats, duration_s: float) -> Floats:
    """A straight line from 0 at the start to 1 after duration_s, and 1 from there on."""
    return np.asarray(np.clip(t / duration_s, 0, 1))


def partials(
    n: int, frequency: ArrayLike, gain: ArrayLike, decay_s: ArrayLike, phase: ArrayLike = 0
) -> Sound:
    """A sum of decaying sines, n samples long; the arguments give one value per partial.

    `decay_s` is the time to fall to 1/e. e^(a+b) = e^a e^b makes it one small matrix product.
    """
    each = np.broadcast_arrays(frequency, gain, decay_s, phase)
    frequency, gain, decay_s, phase = each
    heard = frequency < RATE / 2  # above Nyquist a sine would fold back as another, audible one
    per_second = -1 / decay_s + 2j * np.pi * frequency
    rate = (per_second / RATE)[heard]  # (partials,), of each sample
    start = (gain * _from_zero(phase))[heard]
    blocks = np.arange(0, n, _BLOCK)
    coarse = np.exp(np.outer(blocks, rate)) * start  # (blocks, partials)
    within = np.arange(_BLOCK)
    fine = np.exp(np.outer(rate, within))  # (partials, samples of a block)
    coarse = coarse.astype(np.complex64)  # as precise as the sound that comes of it
    fine = fine.astype(np.complex64)
    blockwise = (coarse @ fine).real
    sound: Sound = blockwise.ravel()[:n]
    return sound.astype(np.float32)


def _from_zero(phase: ArrayLike) -> NDArray[np.complex128]:
    """Factors that turn cosines by a phase and a quarter of a turn back: they start as sines do, at zero."""
    quarter_back = np.asarray(phase) - np.pi / 2
    return np.asarray(np.exp(1j * quarter_back))


def cycle(gains: ArrayLike, phase: ArrayLike = 0) -> Sound:
    """One period of a wave from the gains of its harmonics, the fundamental first."""
    gains = np.asarray(gains, float)
    count = len(gains)
    spectrum = np.zeros(_CYCLE // 2 + 1, complex)  # its first entry is the constant part, which is silence
    spectrum[1 : count + 1] = gains * _from_zero(phase)
    period = np.fft.irfft(spectrum * _CYCLE / 2, _CYCLE)
    return period.astype(np.float32)  # (_CYCLE,)


def harmonics(frequency: float, response: Response | None = None, power: float = 1.0) -> NDArray[np.float64]:
    """Gains 1/k^power of the harmonics below Nyquist, through a filter: power 1 is a saw."""
    k = harmonic_numbers(frequency, most=_CYCLE // 2)
    gains = 1 / k**power
    if response is None:
        return gains
    return gains * np.abs(response(k * frequency))


def turns(frequency: ArrayLike, n: int, start: float = 0.0) -> NDArray[np.float64]:
    """The phase, in whole periods, of an oscillator whose frequency may change at each sample."""
    each_sample = np.asarray(frequency, float) / RATE
    steps = np.broadcast_to(each_sample, n)
    # A sum, not frequency times time: where the frequency glides, the phase must not jump.
    return np.cumsum(steps) + start


def oscillator(table: Sound, frequency: ArrayLike, n: int, start: float = 0.0) -> Sound:
    """A wavetable played at a frequency (one, or one for each of n samples); start: its phase in periods."""
    phase = turns(frequency, n, start)
    return wave(table, phase)


def wave(table: Sound, phase: Floats) -> Sound:
    """Read a wavetable at a phase in periods, between its samples by a straight line."""
    place = (phase % 1) * _CYCLE
    whole = place.astype(np.int32)
    part = (place - whole).astype(np.float32)
    closed = np.append(table, table[:1])  # so that the last sample has a neighbour
    whole &= _CYCLE - 1  # a phase just below 1 may round up to the end
    before = closed[whole] * (1 - part)
    after = closed[whole + 1] * part
    return np.asarray(before + after)


def sweep(tables: list[Sound], phase: Floats, position: Floats) -> Sound:
    """Read between several wavetables: position 0 is the first, 1 the last."""
    last = len(tables) - 1
    place = np.clip(position, 0, 1) * last
    out = np.zeros(len(phase), np.float32)
    for i, table in enumerate(tables):
        distance = np.abs(place - i)
        nearness = np.clip(1 - distance, 0, 1)
        weight = nearness.astype(np.float32)
        if weight.any():
            out += weight * wave(table, phase)
    return out


def vibrato(
    n: int, rng: Generator, *, cents: float, rate_hz: float = 5.4, after_s: float = 0.2
) -> NDArray[np.float64]:
    """Factors for a frequency: a wobble that sets in after a while, and a player's small drift."""
    t = times(n)
    depth = cents * rising(t - after_s, 0.4)
    # Each note at its own rate and phase: players whose vibrato agrees sound like one machine.
    own_rate = rng.uniform(0.93, 1.07)
    angle = 2 * np.pi * rate_hz * own_rate * t
    wobble = depth * np.sin(angle + rng.uniform(0, 6.28))
    slow = rng.uniform(0.3, 0.9)
    slow_angle = 2 * np.pi * slow * t
    drift = 2.5 * np.sin(slow_angle + rng.uniform(0, 6.28))
    away = wobble + drift
    return np.asarray(2 ** (away / 1200))  # 1200 cents are an octave


def noise(n: int, rng: Generator, *responses: Response) -> Sound:
    """White noise of deviation 1, through filters where there are some."""
    white = rng.standard_normal(n, np.float32)
    return filtered(white, *responses) if responses else white


def envelope(n: int, attack_s: float, release_s: float, *, hold: float = 1.0, fall_s: float = 1.0) -> Sound:
    """Rise, fall towards `hold` with time constant fall_s, and at the end go to zero in release_s."""
    t = times(n)
    begun = rising(t, max(attack_s, 1e-3))
    rise = _quarter_sine(begun)
    since_attack = np.maximum(t - attack_s, 0)
    fall = falling(since_attack, fall_s)
    body = hold + (1 - hold) * fall
    until_end = n / RATE - t
    left = rising(until_end, max(release_s, 1e-3))
    end = np.square(_quarter_sine(left))
    shape: Sound = rise * body * end
    return shape.astype(np.float32)


def _quarter_sine(share: Floats) -> Floats:
    """From 0 to 1 without a corner, which would be heard as a click."""
    return np.asarray(np.sin(share * np.pi / 2))


def ended(sound: Sound, release_s: float, attack_s: float = 0.0015) -> Sound:
    """The sound with a soft start and, at its end, a damper of release_s."""
    return sound * envelope(sound.shape[-1], attack_s, release_s)


# The filters are those of analog circuits, s = 1j * f / cutoff put into their transfer functions: as they are
# applied to spectra, no digital approximation of them is needed.


def lowpass(cutoff: float, q: float = 0.7) -> Response:
    """Two poles; q above 0.7 rings at the cutoff."""

    def response(f: Floats) -> NDArray[Any]:
        damping = 1j * f / (cutoff * q)
        return 1 / (1 - (f / cutoff) ** 2 + damping)

    return response


def highpass(cutoff: float, q: float = 0.7) -> Response:
    """Two poles; takes away what lies below."""

    def response(f: Floats) -> NDArray[Any]:
        squared = (f / cutoff) ** 2
        damping = 1j * f / (cutoff * q)
        return -squared / (1 - squared + damping)

    return response


def bandpass(center: float, q: float = 1.0) -> Response:
    """Keeps a band; its width is center / q."""

    def response(f: Floats) -> NDArray[Any]:
        damping = 1j * f / (center * q)
        return damping / (1 - (f / center) ** 2 + damping)

    return response


def peak(center: float, decibels: float, q: float = 1.0) -> Response:
    """Lifts (or lowers) a band and leaves the rest."""
    lift = 10 ** (decibels / 20) - 1
    band = bandpass(center, q)
    return lambda f: 1 + lift * band(f)


def filtered(sound: Sound, *responses: Response) -> Sound:
    """The sound, (..., samples), through filters one after the other."""
    n = sound.shape[-1]
    # A product of spectra is a convolution in a circle: silence behind the end takes up the filters' ringing.
    size = quick_size(n + 1024)
    spectrum = np.fft.rfft(sound, size)
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    for response in responses:
        spectrum *= response(frequency).astype(np.complex64)
    longer = np.fft.irfft(spectrum, size)
    cut: Sound = longer[..., :n]
    return cut.astype(np.float32)


def quick_size(n: int) -> int:
    """The next length that a Fourier transform is quick at: 2, 3, 4, 5 or 6 times a power of two.

    >>> [quick_size(n) for n in (7, 9, 1000, 1300)]
    [8, 10, 1024, 1536]
    """
    power = int(np.ceil(np.log2(n)))  # of two, at least n
    eighth = 1 << max(0, power - 3)
    sizes = (eighth * count for count in (4, 5, 6, 8))
    return next(size for size in sizes if size >= n)
