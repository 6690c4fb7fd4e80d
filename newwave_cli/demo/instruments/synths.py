"""Electronic instruments: pulses of old consoles, saws in unison, basses with a filter that closes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import (
    Sound,
    cycle,
    envelope,
    falling,
    filtered,
    harmonics,
    hz,
    lowpass,
    noise,
    samples,
    sweep,
    times,
    turns,
    vibrato,
    wave,
)

Instrument = Callable[[float, float, float, Generator], Sound]


def pulse(duty: float, *, wobble_cents: float = 0, fall_s: float = 0.25, hold: float = 0.6) -> Instrument:
    """A console's pulse channel; duty 0.125 is thin, 0.5 hollow."""

    def play(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        n = samples(seconds)
        base = hz(pitch)
        k = np.arange(1, int(RATE_LIMIT / base) + 1)
        # The Fourier series of a pulse: drawn as steps it would hold harmonics above Nyquist, and alias.
        table = cycle(2 / (np.pi * k) * np.sin(np.pi * k * duty))
        bend = vibrato(n, rng, cents=wobble_cents, rate_hz=6.5, after_s=0.12) if wobble_cents else 1.0
        loud = envelope(n, 0.001, 0.004, hold=hold, fall_s=fall_s)
        loud = np.round(15 * loud) / 15  # four bits of volume
        tone = wave(table, turns(base * bend, n))
        return (0.4 * velocity * loud * tone).astype(np.float32)

    return play


RATE_LIMIT = 15_500  # Hz, a little below Nyquist: vibrato must not lift the last harmonic over it


def stepped_triangle(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A console's bass channel: a triangle in sixteen steps, always equally loud."""
    n = samples(seconds)
    phase = turns(hz(pitch), n) % 1
    triangle = np.abs(2 * phase - 1)
    steps = np.round(15 * triangle) / 7.5 - 1
    return (0.45 * steps * envelope(n, 0.001, 0.003)).astype(np.float32)


def console_noise(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A console's noise channel, held for `128 - pitch` samples at a time: low pitches rumble."""
    n = samples(seconds)
    hold = max(1, int((128 - pitch) / 8))
    bits = rng.choice(np.array([-1, 1], np.float32), n // hold + 1)
    steps = np.repeat(bits, hold)[:n]
    return 0.3 * velocity * steps * envelope(n, 0.001, 0.01, hold=0, fall_s=seconds / 4)


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
        cutoffs = np.geomspace(self.dark, brightest, 4)
        tables = [cycle(harmonics(base, lowpass(cutoff, self.q))) for cutoff in cutoffs]
        t = times(n)
        closing = falling(np.maximum(t - self.attack_s, 0), self.fall_s)
        opening = closing * np.clip(t / self.attack_s, 0, 1)
        out = np.zeros(n, np.float32)
        detuned = np.linspace(-self.detune, self.detune, self.voices) if self.voices > 1 else (0.0,)
        for cents in detuned:
            frequency = base * 2 ** (cents / 1200)
            out += sweep(tables, turns(frequency, n, rng.uniform()), opening)
        out *= np.float32(0.4 / np.sqrt(self.voices))  # voices that do not agree add up as their power does
        if self.octave_below:
            below = wave(cycle([1, 0.1]), turns(base / 2, n))
            out += self.octave_below * below
        loud = envelope(n, self.attack_s, self.release_s, hold=self.hold, fall_s=0.4)
        return velocity * out * loud


SAW_PAD = Saws(6, 14, 500, 1300, 3.0, 0.7, 0.6, 0.9, 1.0)
ACID = Saws(1, 0, 180, 3200, 0.09, 6.0, 0.002, 0.02, 0.8)
PLUCK = Saws(3, 9, 400, 5000, 0.08, 1.5, 0.002, 0.1, 0.05)
SAW_BASS = Saws(2, 6, 160, 1400, 0.12, 1.4, 0.003, 0.03, 0.8, 0.4)
REESE = Saws(3, 22, 220, 700, 0.8, 1.2, 0.01, 0.04, 1.0, 0.5)
SYNTH_LEAD = Saws(3, 8, 1200, 5200, 0.5, 1.2, 0.02, 0.12, 0.8)


def sub_bass(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A sine with a little warmth, felt more than heard."""
    n = samples(seconds + 0.03)
    tone = wave(cycle([1, 0.12, 0.05]), turns(hz(pitch), n))
    return 0.7 * velocity * tone * envelope(n, 0.006, 0.03)


def wind(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Air that whistles at a pitch, slowly swelling."""
    n = samples(seconds)
    whistle = filtered(noise(n, rng), lowpass(hz(pitch), 14))  # q 14: the filter rings at the pitch
    return 0.8 * velocity * whistle * envelope(n, seconds / 2, seconds / 2)
