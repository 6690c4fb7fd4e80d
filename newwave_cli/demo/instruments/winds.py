"""What sounds for as long as it is blown, bowed or pumped: brass, reeds, flutes, organ, strings, voices."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import (
    Response,
    Sound,
    bandpass,
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
    partials,
    peak,
    random_phases,
    samples,
    sweep,
    times,
    turns,
    vibrato,
)


@dataclass(frozen=True, slots=True)
class Brass:
    """Loud is bright: the spectrum opens with the breath. dark and bright: cutoffs in Hz."""

    dark: float = 700
    bright: float = 4200
    attack_s: float = 0.045
    cents: float = 9

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One breath."""
        n = samples(seconds + 0.06)
        base = hz(pitch)
        tables = []
        for cutoff in np.geomspace(self.dark, self.bright, 3):
            gains = harmonics(base, _horn(cutoff), 0.7)
            tables.append(cycle(gains))
        loud = envelope(n, self.attack_s, 0.08, hold=0.72, fall_s=0.12)
        scoop = 1 - 0.012 * falling(times(n), 0.025)  # lips reach a pitch from below
        wobble = vibrato(n, rng, cents=self.cents, after_s=0.35)
        frequency = base * scoop * wobble
        phase = turns(frequency, n, rng.uniform())
        brightness = loud * (0.35 + 0.65 * velocity)
        tone = sweep(tables, phase, brightness)
        air = noise(n, rng, bandpass(2 * base, 2))
        return velocity * loud * (0.5 * tone + air * 0.012)


TRUMPET = Brass(dark=900, bright=5200, attack_s=0.03, cents=11)
HORN = Brass(dark=350, bright=1700, attack_s=0.07, cents=5)
TROMBONE = Brass(dark=450, bright=2600, attack_s=0.05, cents=5)
TUBA = Brass(dark=220, bright=900, attack_s=0.05, cents=2)


def _horn(cutoff: float) -> Response:
    low = lowpass(cutoff, 0.8)
    body = peak(1300, 5, 1.2)
    return lambda f: low(f) * body(f)


def flute(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Few harmonics, much air, and a vibrato that is heard as loudness."""
    n = samples(seconds + 0.06)
    base = hz(pitch)
    pulse = vibrato(n, rng, cents=10, rate_hz=5.0, after_s=0.25)
    table = cycle([1, 0.42, 0.18, 0.05, 0.03])
    breath = noise(n, rng, bandpass(base * 2, 1.5))
    air = breath * 0.09
    # Chiff: the hiss of air before the tone stands.
    hiss = noise(n, rng, bandpass(base * 3, 1))
    chiff = hiss * falling(times(n), 0.03) * 0.2
    beating = 1 + 12 * (pulse - 1)  # loudness moves with the pitch, and twelve times as far
    loud = envelope(n, 0.06, 0.08, hold=0.85, fall_s=0.2)
    loud = loud * beating.astype(np.float32)
    pipe = oscillator(table, base * pulse, n)
    blown: Sound = 0.55 * pipe + air
    return velocity * loud * (blown + chiff.astype(np.float32))


def accordion(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two reeds, tuned apart so that they beat, and one an octave below."""
    n = samples(seconds + 0.05)
    base = hz(pitch)
    low = base / 2
    reed = cycle(harmonics(base, _bellows, 0.75))
    low_reed = cycle(harmonics(low, lowpass(1500), 0.8))
    flat = oscillator(reed, base * interval(-7), n, rng.uniform())
    sharp = oscillator(reed, base * interval(7), n, rng.uniform())
    octave = oscillator(low_reed, low, n)
    tone = 0.28 * (flat + sharp) + 0.2 * octave
    loud = envelope(n, 0.035, 0.05, hold=0.9, fall_s=0.2)
    return velocity * tone * loud


def _bellows(f: np.ndarray) -> np.ndarray:
    dull = lowpass(3600, 0.6)
    body = peak(1500, 5, 1)
    return dull(f) * body(f)


def chanter(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A bagpipe's melody pipe: a hard double reed that is never silent between notes."""
    n = samples(seconds + 0.012)
    base = hz(pitch)
    k = harmonic_numbers(base, 26, below_hz=13_000)
    # Loudest around 2.2 kHz, where the ear is keenest: it carries far.
    away = (k * base - 2200) / 1300
    hump = np.exp(-(away**2))
    gains = (0.5 + hump) / k**0.35
    phases = rng.uniform(0, 1, len(k))
    tone = oscillator(cycle(gains / 3, phases), base, n)
    return 0.3 * velocity * tone * envelope(n, 0.008, 0.012)


def drone(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two drone pipes that beat slowly."""
    n = samples(seconds)
    base = hz(pitch)
    table = cycle(harmonics(base, lowpass(2400, 0.8), 0.55))
    flat = oscillator(table, base * 0.9993, n, rng.uniform())
    sharp = oscillator(table, base * 1.0006, n, rng.uniform())
    loud = envelope(n, 0.25, 0.3)
    return 0.16 * velocity * (flat + sharp) * loud


# Pipes of 16 feet, 8 (which sound as written), 4, 2 2/3, 2, 1 1/3 and 1, as a full principal chorus has them.
_RANKS = np.array([0.5, 1, 2, 3, 4, 6, 8])
_STOPS = np.array([0.55, 1, 0.65, 0.3, 0.42, 0.2, 0.22])
_NEVER_S = 1e6  # a pipe or tone wheel does not decay while its key is down


def organ(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Pipes of several ranks, each with its own tuning and a spit of wind at the start."""
    n = samples(seconds + 0.12)
    k = np.arange(1, 6)
    tuning = 1 + rng.normal(0, 4e-4, len(_RANKS))
    pipes = _RANKS * hz(pitch) * tuning
    frequency = np.outer(pipes, k).ravel()
    third = 0.12 * (k == 3)
    harmonic_gains = 0.32 ** (k - 1) + third
    roll_off = 1 + (frequency / 6000) ** 2
    gain = np.outer(_STOPS, harmonic_gains).ravel() / roll_off
    phase = random_phases(rng, len(frequency))
    tone = partials(n, frequency, gain, _NEVER_S, phase)
    wind = noise(n, rng, bandpass(2 * hz(pitch), 3)) * 0.1
    spit = wind * falling(times(n), 0.06).astype(np.float32)
    loud = envelope(n, 0.05, 0.12)
    return 0.22 * velocity * (tone + spit) * loud


def drawbars(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A tone-wheel organ with a percussive third harmonic."""
    n = samples(seconds + 0.02)
    base = hz(pitch)
    ratios = np.array([0.5, 1.5, 1, 2, 3])
    gains = [0.8, 0.6, 1, 0.5, 0.15]
    steady = partials(n, base * ratios, gains, _NEVER_S, random_phases(rng, 5))
    percussion = partials(n, 3 * base, 0.9, 0.12)
    loud = envelope(n, 0.004, 0.02)
    return 0.25 * velocity * (steady + percussion) * loud


@dataclass(frozen=True, slots=True)
class Bowed:
    """Players of one part, each a little out of tune and time; one player is a soloist."""

    players: int = 5
    attack_s: float = 0.22
    release_s: float = 0.35
    cents: float = 13
    bright: float = 3200
    detune: float = 7
    bow: float = 0.02

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One stroke of the bow."""
        n = samples(seconds + self.release_s)
        base = hz(pitch)
        roll_off = self.bright * (0.4 + 0.6 * velocity)
        gains = harmonics(base, lowpass(roll_off, 0.6), 0.95)
        phases = rng.uniform(0, 0.5, len(gains))
        table = cycle(gains, phases)
        tone = np.zeros(n, np.float32)
        for _ in range(self.players):
            tuning = interval(rng.normal(0, self.detune))
            wobble = vibrato(n, rng, cents=self.cents, rate_hz=5.3, after_s=self.attack_s)
            frequency = base * tuning * wobble
            tone += oscillator(table, frequency, n, rng.uniform())
        rosin: Sound | float = 0
        if self.bow:
            rosin = self.bow * noise(n, rng, bandpass(3000, 0.7))
        loud = envelope(n, self.attack_s, self.release_s, hold=0.9, fall_s=0.5)
        root = np.sqrt(self.players)  # players who do not agree add up as their power does
        together = 0.45 * tone / np.float32(root)
        return velocity * loud * (together + rosin)


ORCHESTRA = Bowed()
SOLO_VIOLIN = Bowed(1, attack_s=0.07, release_s=0.12, cents=18, bright=4800, detune=2, bow=0.03)
SOLO_CELLO = Bowed(1, attack_s=0.08, release_s=0.15, cents=14, bright=2200, detune=2, bow=0.03)
FIDDLE = Bowed(1, attack_s=0.025, release_s=0.05, cents=9, bright=5200, detune=3, bow=0.05)
SYNTH_PAD = Bowed(5, attack_s=0.5, release_s=0.9, cents=3, bright=1500, detune=11, bow=0)


# Hz of three resonances of throat and mouth, by which ears tell vowels apart, each some 110 Hz wide.
_FORMANTS_HZ = {"a": (720, 1150, 2700), "o": (480, 820, 2500)}
_FORMANT_GAINS = (1, 0.55, 0.25)


def voices(vowel: str) -> Callable[[float, float, float, Generator], Sound]:
    """A section of singers on one vowel: "a" or "o"."""
    formants = _FORMANTS_HZ[vowel]

    def mouth(f: np.ndarray) -> np.ndarray:
        total: np.ndarray | int = 0
        for center, gain in zip(formants, _FORMANT_GAINS, strict=True):
            resonance = bandpass(center, center / 110)
            total = total + gain * resonance(f)
        chest = lowpass(1200)
        return np.asarray(total) + 0.06 * chest(f)

    def sing(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        n = samples(seconds + 0.4)
        base = hz(pitch)
        tone = np.zeros(n, np.float32)
        table = cycle(harmonics(base, mouth, 0.75))
        for _ in range(5):
            wobble = vibrato(n, rng, cents=20, rate_hz=5.1, after_s=0.3)
            tuning = interval(rng.normal(0, 8))
            frequency = base * tuning * wobble
            tone += oscillator(table, frequency, n, rng.uniform())
        breath = 0.02 * noise(n, rng, bandpass(formants[2], 1.5))
        loud = envelope(n, 0.2, 0.4, hold=0.92)
        return velocity * loud * (0.8 * tone + breath)

    return sing
