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
    filtered,
    harmonics,
    hz,
    lowpass,
    noise,
    partials,
    peak,
    samples,
    sweep,
    turns,
    vibrato,
    wave,
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
        cutoffs = np.geomspace(self.dark, self.bright, 3)
        tables = [cycle(harmonics(base, _horn(cutoff), 0.7)) for cutoff in cutoffs]
        loud = envelope(n, self.attack_s, 0.08, hold=0.72, fall_s=0.12)
        scoop = 1 - 0.012 * np.exp(-np.arange(n) / samples(0.025))  # lips reach a pitch from below
        wobble = vibrato(n, rng, cents=self.cents, after_s=0.35)
        phase = turns(base * scoop * wobble, n, rng.uniform())
        brightness = loud * (0.35 + 0.65 * velocity)
        tone = sweep(tables, phase, brightness)
        air = filtered(noise(n, rng), bandpass(2 * base, 2))
        return velocity * loud * (0.5 * tone + air * 0.012)


TRUMPET = Brass(900, 5200, 0.03, 11)
HORN = Brass(350, 1700, 0.07, 5)
TROMBONE = Brass(450, 2600, 0.05, 5)
TUBA = Brass(220, 900, 0.05, 2)


def _horn(cutoff: float) -> Response:
    low, body = lowpass(cutoff, 0.8), peak(1300, 5, 1.2)
    return lambda f: low(f) * body(f)


def flute(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Few harmonics, much air, and a vibrato that is heard as loudness."""
    n = samples(seconds + 0.06)
    base = hz(pitch)
    pulse = vibrato(n, rng, cents=10, rate_hz=5.0, after_s=0.25)
    table = cycle([1, 0.42, 0.18, 0.05, 0.03])
    breath = filtered(noise(n, rng), bandpass(base * 2, 1.5))
    air = breath * 0.09
    # Chiff: the hiss of air before the tone stands.
    hiss = filtered(noise(n, rng), bandpass(base * 3, 1))
    start = np.exp(-np.arange(n) / samples(0.03))
    chiff = hiss * start * 0.2
    beating = 1 + 12 * (pulse - 1)
    loud = envelope(n, 0.06, 0.08, hold=0.85, fall_s=0.2) * beating.astype(np.float32)
    pipe = wave(table, turns(base * pulse, n))
    tone: Sound = 0.55 * pipe + air + chiff.astype(np.float32)
    return velocity * loud * tone


def accordion(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two reeds, tuned apart so that they beat, and one an octave below."""
    n = samples(seconds + 0.05)
    base = hz(pitch)
    reed = cycle(harmonics(base, _bellows, 0.75))
    below = cycle(harmonics(base / 2, lowpass(1500), 0.8))
    flat = wave(reed, turns(base * 2 ** (-7 / 1200), n, rng.uniform()))
    sharp = wave(reed, turns(base * 2 ** (7 / 1200), n, rng.uniform()))
    octave = wave(below, turns(base / 2, n))
    tone = 0.28 * (flat + sharp) + 0.2 * octave
    return velocity * tone * envelope(n, 0.035, 0.05, hold=0.9, fall_s=0.2)


def _bellows(f: np.ndarray) -> np.ndarray:
    return lowpass(3600, 0.6)(f) * peak(1500, 5, 1)(f)


def chanter(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A bagpipe's melody pipe: a hard double reed that is never silent between notes."""
    n = samples(seconds + 0.012)
    base = hz(pitch)
    k = np.arange(1, min(26, int(13_000 / base)) + 1)
    # Loudest around 2.2 kHz, where the ear is keenest: it carries far.
    hump = np.exp(-(((k * base - 2200) / 1300) ** 2))
    gains = (0.5 + hump) / k**0.35
    table = cycle(gains / 3, rng.uniform(0, 1, len(k)))
    tone = wave(table, turns(base, n))
    return 0.3 * velocity * tone * envelope(n, 0.008, 0.012)


def drone(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two drone pipes that beat slowly."""
    n = samples(seconds)
    base = hz(pitch)
    table = cycle(harmonics(base, lowpass(2400, 0.8), 0.55))
    flat = wave(table, turns(base * 0.9993, n, rng.uniform()))
    sharp = wave(table, turns(base * 1.0006, n, rng.uniform()))
    return 0.16 * velocity * (flat + sharp) * envelope(n, 0.25, 0.3)


# Pipes of 16 feet, 8 (which sound as written), 4, 2 2/3, 2, 1 1/3 and 1, as a full principal chorus has them.
_RANKS = np.array([0.5, 1, 2, 3, 4, 6, 8])
_STOPS = np.array([0.55, 1, 0.65, 0.3, 0.42, 0.2, 0.22])


def organ(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Pipes of several ranks, each with its own tuning and a spit of wind at the start."""
    n = samples(seconds + 0.12)
    k = np.arange(1, 6)
    tuning = 1 + rng.normal(0, 4e-4, len(_RANKS))
    pipes = _RANKS * hz(pitch) * tuning
    frequency = np.outer(pipes, k).ravel()
    harmonic_gains = 0.32 ** (k - 1) + 0.12 * (k == 3)
    gain = np.outer(_STOPS, harmonic_gains).ravel() / (1 + (frequency / 6000) ** 2)
    phase = rng.uniform(0, 6.28, len(frequency))
    tone = partials(n, frequency, gain, 1e6, phase)  # a pipe does not decay
    wind = filtered(noise(n, rng), bandpass(2 * hz(pitch), 3)) * 0.1
    start = np.exp(-np.arange(n, dtype=np.float32) / samples(0.06))
    return 0.22 * velocity * (tone + wind * start) * envelope(n, 0.05, 0.12)


def drawbars(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A tone-wheel organ with a percussive third harmonic."""
    n = samples(seconds + 0.02)
    ratios = hz(pitch) * np.array([0.5, 1.5, 1, 2, 3])
    steady = partials(n, ratios, [0.8, 0.6, 1, 0.5, 0.15], 1e6, rng.uniform(0, 6.28, 5))
    percussion = partials(n, 3 * hz(pitch), 0.9, 0.12)
    return 0.25 * velocity * (steady + percussion) * envelope(n, 0.004, 0.02)


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
        soft = lowpass(self.bright * (0.4 + 0.6 * velocity), 0.6)
        gains = harmonics(base, soft, 0.95)
        table = cycle(gains, rng.uniform(0, 0.5, len(gains)))
        tone = np.zeros(n, np.float32)
        for _ in range(self.players):
            tuning = 2 ** (rng.normal(0, self.detune) / 1200)
            wobble = vibrato(n, rng, cents=self.cents, rate_hz=5.3, after_s=self.attack_s)
            phase = turns(base * tuning * wobble, n, rng.uniform())
            tone += wave(table, phase)
        rosin: Sound | float = 0
        if self.bow:
            rosin = self.bow * filtered(noise(n, rng), bandpass(3000, 0.7))
        loud = envelope(n, self.attack_s, self.release_s, hold=0.9, fall_s=0.5)
        together = 0.45 * tone / np.float32(np.sqrt(self.players))
        return velocity * loud * (together + rosin)


ORCHESTRA = Bowed()
SOLO_VIOLIN = Bowed(1, 0.07, 0.12, 18, 4800, 2, 0.03)
SOLO_CELLO = Bowed(1, 0.08, 0.15, 14, 2200, 2, 0.03)
FIDDLE = Bowed(1, 0.025, 0.05, 9, 5200, 3, 0.05)
SYNTH_PAD = Bowed(5, 0.5, 0.9, 3, 1500, 11, 0)


def voices(vowel: str) -> Callable[[float, float, float, Generator], Sound]:
    """A section of singers on one vowel: "a", "o" or "u"."""
    # Hz of three resonances of throat and mouth, by which ears tell vowels apart, each some 110 Hz wide.
    formants = {"a": (720, 1150, 2700), "o": (480, 820, 2500), "u": (330, 680, 2300)}[vowel]

    def mouth(f: np.ndarray) -> np.ndarray:
        total: np.ndarray | int = 0
        for center, gain in zip(formants, (1, 0.55, 0.25), strict=True):
            total = total + gain * bandpass(center, center / 110)(f)
        return np.asarray(total) + 0.06 * lowpass(1200)(f)

    def sing(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        n = samples(seconds + 0.4)
        base = hz(pitch)
        tone = np.zeros(n, np.float32)
        table = cycle(harmonics(base, mouth, 0.75))
        for _ in range(5):
            wobble = vibrato(n, rng, cents=20, rate_hz=5.1, after_s=0.3)
            tuning = 2 ** (rng.normal(0, 8) / 1200)
            phase = turns(base * tuning * wobble, n, rng.uniform())
            tone += wave(table, phase)
        air = filtered(noise(n, rng), bandpass(formants[2], 1.5))
        breath = 0.02 * air
        return velocity * envelope(n, 0.2, 0.4, hold=0.92) * (0.8 * tone + breath)

    return sing
