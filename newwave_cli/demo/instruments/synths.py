"""Electronic instruments: pulses of old consoles, saws in unison, basses with a filter that closes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from newwave_cli.demo.instruments.dsp import (
    Sound,
    cycle,
    envelope,
    falling,
    harmonic_numbers,
    harmonics,
    hz,
    interval,
    lowpass,
    noise,
    oscillator,
    rising,
    samples,
    sweep,
    times,
    turns,
    vibrato,
)

Instrument = Callable[[float, float, float, Generator], Sound]


def pulse(duty: float, *, wobble_cents: float = 0, fall_s: float = 0.25, hold: float = 0.6) -> Instrument:
    """A console's pulse channel; duty 0.125 is thin, 0.5 hollow."""

    def play(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        n = samples(seconds)
        base = hz(pitch)
        # A little below Nyquist: vibrato must not lift the last harmonic over it.
        k = harmonic_numbers(base, 2000, below_hz=15_500)
        # The Fourier series of a pulse: drawn as steps it would hold harmonics above Nyquist, and alias.
        angle = np.pi * k
        gains = 2 / angle * np.sin(angle * duty)
        bend: ArrayLike = 1.0
        if wobble_cents:
            bend = vibrato(n, rng, cents=wobble_cents, rate_hz=6.5, after_s=0.12)
        loud = envelope(n, 0.001, 0.004, hold=hold, fall_s=fall_s)
        loud = np.round(15 * loud) / 15  # four bits of volume
        tone = oscillator(cycle(gains), base * np.asarray(bend), n)
        return (0.4 * velocity * loud * tone).astype(np.float32)

    return play


def stepped_triangle(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A console's bass channel: a triangle in sixteen steps, always equally loud."""
    n = samples(seconds)
    phase = turns(hz(pitch), n) % 1
    triangle = np.abs(2 * phase - 1)
    steps = np.round(15 * triangle) / 7.5 - 1
    tone = 0.45 * steps * envelope(n, 0.001, 0.003)
    return tone.astype(np.float32)


def console_noise(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A console's noise channel, held for `128 - pitch` samples at a time: low pitches rumble."""
    n = samples(seconds)
    hold = max(1, int((128 - pitch) / 8))
    high_and_low = np.array([-1, 1], np.float32)
    bits = rng.choice(high_and_low, n // hold + 1)
    steps = np.repeat(bits, hold)[:n]
    loud = envelope(n, 0.001, 0.01, hold=0, fall_s=seconds / 4)
    return 0.3 * velocity * steps * loud


@dataclass(frozen=True, slots=True)
class Saws:
    """Saws in unison through a lowpass that opens to `bright` and closes to `dark` in fall_s."""

    voices: int = 5
    detune: float = 12
    dark: float = 800
    bright: float = 4000
    fall_s: float = 0.3
    q: float = 0.8
    attack_s: float = 0.005
    release_s: float = 0.08
    hold: float = 0.7
    octave_below: float = 0.0

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One key held."""
        n = samples(seconds + self.release_s)
        base = hz(pitch)
        # A filter that moves cannot be one product of spectra: four tables through four filters, and between.
        brightest = self.dark + (self.bright - self.dark) * velocity
        tables = []
        for cutoff in np.geomspace(self.dark, brightest, 4):
            gains = harmonics(base, lowpass(cutoff, self.q))
            tables.append(cycle(gains))
        t = times(n)
        since_attack = np.maximum(t - self.attack_s, 0)
        opening = falling(since_attack, self.fall_s) * rising(t, self.attack_s)
        out = np.zeros(n, np.float32)
        for cents in self._detuned():
            phase = turns(base * interval(cents), n, rng.uniform())
            out += sweep(tables, phase, opening)
        out *= np.float32(0.4 / np.sqrt(self.voices))  # voices that do not agree add up as their power does
        if self.octave_below:
            below = oscillator(cycle([1, 0.1]), base / 2, n)
            out += self.octave_below * below
        loud = envelope(n, self.attack_s, self.release_s, hold=self.hold, fall_s=0.4)
        return velocity * out * loud

    def _detuned(self) -> list[float]:
        """How many cents each voice is away from the pitch."""
        if self.voices == 1:
            return [0.0]
        cents = np.linspace(-self.detune, self.detune, self.voices)
        return [float(one) for one in cents]


SAW_PAD = Saws(6, 14, dark=500, bright=1300, fall_s=3.0, q=0.7, attack_s=0.6, release_s=0.9, hold=1.0)
ACID = Saws(1, 0, dark=180, bright=3200, fall_s=0.09, q=6.0, attack_s=0.002, release_s=0.02, hold=0.8)
PLUCK = Saws(3, 9, dark=400, bright=5000, fall_s=0.08, q=1.5, attack_s=0.002, release_s=0.1, hold=0.05)
SYNTH_LEAD = Saws(3, 8, dark=1200, bright=5200, fall_s=0.5, q=1.2, attack_s=0.02, release_s=0.12, hold=0.8)
SAW_BASS = Saws(
    2,
    6,
    dark=160,
    bright=1400,
    fall_s=0.12,
    q=1.4,
    attack_s=0.003,
    release_s=0.03,
    hold=0.8,
    octave_below=0.4,
)
REESE = Saws(
    3, 22, dark=220, bright=700, q=1.2, fall_s=0.8, attack_s=0.01, release_s=0.04, hold=1.0, octave_below=0.5
)


def sub_bass(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A sine with a little warmth, felt more than heard."""
    n = samples(seconds + 0.03)
    table = cycle([1, 0.12, 0.05])
    tone = oscillator(table, hz(pitch), n)
    return 0.7 * velocity * tone * envelope(n, 0.006, 0.03)


def wind(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Air that whistles at a pitch, slowly swelling."""
    n = samples(seconds)
    rings = lowpass(hz(pitch), 14)  # q 14: the filter rings at the pitch
    whistle = noise(n, rng, rings)
    half = seconds / 2
    return 0.8 * velocity * whistle * envelope(n, half, half)
