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
        scoop = 1 - 0.012 * np.exp(-np.arange(n) / samples(0.025))
        phase = turns(base * scoop * vibrato(n, rng, cents=self.cents, after_s=0.35), n, rng.uniform())
        tone = sweep(tables, phase, loud * (0.35 + 0.65 * velocity))
        breath = filtered(noise(n, rng), bandpass(2 * base, 2)) * 0.012
        return velocity * loud * (0.5 * tone + breath)


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
    air = filtered(noise(n, rng), bandpass(base * 2, 1.5)) * 0.09
    chiff = filtered(noise(n, rng), bandpass(base * 3, 1)) * np.exp(-np.arange(n) / samples(0.03)) * 0.2
    loud = envelope(n, 0.06, 0.08, hold=0.85, fall_s=0.2) * (1 + 12 * (pulse - 1)).astype(np.float32)
    tone: Sound = 0.55 * wave(table, turns(base * pulse, n)) + air + chiff.astype(np.float32)
    return velocity * loud * tone


def accordion(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two reeds, tuned apart so that they beat, and one an octave below."""
    n = samples(seconds + 0.05)
    base = hz(pitch)
    reed = cycle(harmonics(base, lambda f: lowpass(3600, 0.6)(f) * peak(1500, 5, 1)(f), 0.75))
    low = cycle(harmonics(base / 2, lowpass(1500), 0.8))
    beats = [wave(reed, turns(base * 2 ** (cents / 1200), n, rng.uniform())) for cents in (-7, 7)]
    tone = 0.28 * (beats[0] + beats[1]) + 0.2 * wave(low, turns(base / 2, n))
    return velocity * tone * envelope(n, 0.035, 0.05, hold=0.9, fall_s=0.2)


def chanter(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A bagpipe's melody pipe: a hard double reed that is never silent between notes."""
    n = samples(seconds + 0.012)
    base = hz(pitch)
    k = np.arange(1, min(26, int(13_000 / base)) + 1)
    gains = (0.5 + np.exp(-(((k * base - 2200) / 1300) ** 2))) / k**0.35
    table = cycle(gains / 3, rng.uniform(0, 1, len(k)))
    return 0.3 * velocity * wave(table, turns(base, n)) * envelope(n, 0.008, 0.012)


def drone(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two drone pipes that beat slowly."""
    n = samples(seconds)
    table = cycle(harmonics(hz(pitch), lowpass(2400, 0.8), 0.55))
    pair = [wave(table, turns(hz(pitch) * factor, n, rng.uniform())) for factor in (0.9993, 1.0006)]
    return 0.16 * velocity * (pair[0] + pair[1]) * envelope(n, 0.25, 0.3)


_RANKS = np.array([0.5, 1, 2, 3, 4, 6, 8])
_STOPS = np.array([0.55, 1, 0.65, 0.3, 0.42, 0.2, 0.22])


def organ(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Pipes of several ranks, each with its own tuning and a spit of wind at the start."""
    n = samples(seconds + 0.12)
    k = np.arange(1, 6)
    frequency = np.outer(_RANKS * hz(pitch) * (1 + rng.normal(0, 4e-4, len(_RANKS))), k).ravel()
    gain = np.outer(_STOPS, 0.32 ** (k - 1) + 0.12 * (k == 3)).ravel() / (1 + (frequency / 6000) ** 2)
    tone = partials(n, frequency, gain, 1e6, rng.uniform(0, 6.28, len(frequency)))
    wind = filtered(noise(n, rng), bandpass(2 * hz(pitch), 3)) * 0.1
    return (
        0.22
        * velocity
        * (tone + wind * np.exp(-np.arange(n, dtype=np.float32) / samples(0.06)))
        * envelope(n, 0.05, 0.12)
    )


def drawbars(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A tone-wheel organ with a percussive third harmonic."""
    n = samples(seconds + 0.02)
    ratios = hz(pitch) * np.array([0.5, 1.5, 1, 2, 3])
    steady = partials(n, ratios, [0.8, 0.6, 1, 0.5, 0.15], 1e6, rng.uniform(0, 6.28, 5))
    return 0.25 * velocity * (steady + partials(n, 3 * hz(pitch), 0.9, 0.12)) * envelope(n, 0.004, 0.02)


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
        table = cycle(harmonics(base, soft, 0.95), rng.uniform(0, 0.5, len(harmonics(base))))
        tone = np.zeros(n, np.float32)
        for _ in range(self.players):
            tuning = 2 ** (rng.normal(0, self.detune) / 1200)
            wobble = vibrato(n, rng, cents=self.cents, rate_hz=5.3, after_s=self.attack_s)
            tone += wave(table, turns(base * tuning * wobble, n, rng.uniform()))
        rosin = self.bow * filtered(noise(n, rng), bandpass(3000, 0.7)) if self.bow else 0
        loud = envelope(n, self.attack_s, self.release_s, hold=0.9, fall_s=0.5)
        return velocity * loud * (0.45 * tone / np.float32(np.sqrt(self.players)) + rosin)


ORCHESTRA = Bowed()
SOLO_VIOLIN = Bowed(1, 0.07, 0.12, 18, 4800, 2, 0.03)
SOLO_CELLO = Bowed(1, 0.08, 0.15, 14, 2200, 2, 0.03)
FIDDLE = Bowed(1, 0.025, 0.05, 9, 5200, 3, 0.05)
SYNTH_PAD = Bowed(5, 0.5, 0.9, 3, 1500, 11, 0)


def voices(vowel: str) -> Callable[[float, float, float, Generator], Sound]:
    """A section of singers on one vowel: "a", "o" or "u"."""
    formants = {"a": (720, 1150, 2700), "o": (480, 820, 2500), "u": (330, 680, 2300)}[vowel]

    def mouth(f: np.ndarray) -> np.ndarray:
        total = sum(g * bandpass(c, c / 110)(f) for c, g in zip(formants, (1, 0.55, 0.25), strict=True))
        return np.asarray(total) + 0.06 * lowpass(1200)(f)

    def sing(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        n = samples(seconds + 0.4)
        base = hz(pitch)
        tone = np.zeros(n, np.float32)
        table = cycle(harmonics(base, mouth, 0.75))
        for _ in range(5):
            wobble = vibrato(n, rng, cents=20, rate_hz=5.1, after_s=0.3)
            tone += wave(table, turns(base * 2 ** (rng.normal(0, 8) / 1200) * wobble, n, rng.uniform()))
        breath = 0.02 * filtered(noise(n, rng), bandpass(formants[2], 1.5))
        return velocity * envelope(n, 0.2, 0.4, hold=0.92) * (0.8 * tone + breath)

    return sing
