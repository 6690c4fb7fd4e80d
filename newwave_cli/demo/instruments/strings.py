"""Struck and plucked things: strings with the loss of a real one, tines, bars, bells.

A plucked string is the modal form of Karplus and Strong's loop (1983, with Jaffe and Smith's tuning and
damping): each harmonic dies at its own rate, and where the string is plucked decides how loud it starts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from newwave_cli.demo.instruments.dsp import (
    Sound,
    bandpass,
    ended,
    envelope,
    harmonic_numbers,
    hz,
    lowpass,
    noise,
    partials,
    random_phases,
    samples,
)


@dataclass(frozen=True, slots=True)
class String:
    """place: where it is plucked (part of its length). sustain_s: of the fundamental at A3. bright: Hz where
    the plectrum or finger rolls off. loss: how much sooner high partials die. stiff: inharmonicity at A3."""

    place: float = 0.2
    sustain_s: float = 1.2
    bright: float = 3000
    loss: float = 0.5
    stiff: float = 2e-5
    release_s: float = 0.08
    knock: float = 0.1

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One pluck."""
        n = samples(seconds + self.release_s)
        base = hz(pitch)
        k = harmonic_numbers(base, 48, below_hz=14_000)
        frequency = _stretched(base, k, self.stiff * (base / 220))
        plucked = _excited(k, self.place) / k
        roll_off = self.bright * (0.35 + velocity)
        dulled = 1 + (frequency / roll_off) ** 4
        gain = plucked / np.sqrt(dulled)
        gain = gain * rng.uniform(0.8, 1.2, len(k))
        damping = 1 + self.loss * (frequency / 1000) ** 1.3
        decay = self.sustain_s * (220 / base) ** 0.5 / damping
        phase = rng.uniform(-0.3, 0.3, len(k))
        sound = partials(n, frequency, gain, decay, phase)
        knock = self.knock * _tap(n, rng)
        return ended(velocity * (sound + knock), self.release_s)


NYLON = String(place=0.27, sustain_s=0.7, bright=1700, loss=0.9, knock=0.35)
STEEL = String(place=0.16, sustain_s=1.3, bright=4200, loss=0.45)
CLEAN_ELECTRIC = String(place=0.12, sustain_s=1.2, bright=3800, loss=0.5, knock=0.05)
HARP = String(place=0.4, sustain_s=1.4, bright=1900, loss=0.35, release_s=0.5, knock=0.12)
UPRIGHT_BASS = String(place=0.3, sustain_s=0.55, bright=700, loss=1.5, release_s=0.06, knock=0.5)
SLAP_BASS = String(place=0.08, sustain_s=0.8, bright=3200, loss=0.7, release_s=0.03, knock=0.6)
FINGER_BASS = String(place=0.22, sustain_s=0.9, bright=900, loss=1.0, release_s=0.04, knock=0.15)
HARPSICHORD = String(place=0.1, sustain_s=1.1, bright=8000, loss=0.22, release_s=0.06, knock=0.25)


def sitar(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A string on a curved bridge: the buzz climbs through the harmonics after the pluck."""
    n = samples(seconds + 0.4)
    base = hz(pitch)
    k = harmonic_numbers(base, 44, below_hz=12_000)
    frequency = k * base
    gain = 0.5 * _excited(k, 0.09) / k**0.55
    decay = 1.5 / (1 + 0.05 * k)
    body = partials(n, frequency, gain, decay, random_phases(rng, len(k)))
    # The string grazes the bridge and feeds its upper harmonics, a little sharp, while the low ones die.
    upper = gain * (k > 5)
    upper_decay = 0.9 / (1 + 0.02 * k)
    grazing = partials(n, frequency * 1.0015, upper, upper_decay, random_phases(rng, len(k)))
    buzz = grazing * envelope(n, 0.12, 0.1)
    return ended(velocity * (body + buzz), 0.4)


def piano(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two strings a note, a little apart; a bright short sound over a dark long one, and the hammer."""
    n = samples(seconds + 0.18)
    base = hz(pitch)
    k = harmonic_numbers(base, 32, below_hz=11_000)
    # Treble strings are short for their thickness, so they are the most inharmonic.
    stiffness = 2.5e-4 * 2 ** ((pitch - 60) / 9)
    frequency = _stretched(base, k, np.clip(stiffness, 5e-5, 8e-3))
    # The hammer strikes at about an eighth of the string, and felt that is hit hard is hard: brighter.
    struck = _excited(k, 1 / 7.7) + 0.06
    hardness = 2600 * velocity**1.6
    cutoff = 420 + hardness + 0.8 * base
    dulled = 1 + (frequency / cutoff) ** 2
    gain = struck / k**0.6 / dulled
    longest = 4.5 * 2 ** ((52 - pitch) / 15)
    damping = 1 + (frequency / 1900) ** 1.1
    decay = longest / damping
    # The strings of a note move together at first and fade quickly, then against each other and slowly.
    both = np.concatenate([frequency * 0.99985, frequency * 1.00021])
    gains = np.concatenate([gain * 0.7, gain * 0.4])
    decays = np.concatenate([decay * 0.3, decay])
    phases = rng.uniform(-0.4, 0.4, len(both))
    sound = partials(n, both, gains, decays, phases)
    thump = partials(n, _SOUNDBOARD_HZ, 0.05 * velocity, _SOUNDBOARD_DECAYS_S)
    hammer = 0.04 * velocity * _tap(n, rng)
    struck_note = 0.8 * sound + thump + hammer
    return ended(velocity**1.2 * struck_note, 0.18)


# What the soundboard gives to the blow of any hammer.
_SOUNDBOARD_HZ = [82, 143, 231, 410]
_SOUNDBOARD_DECAYS_S = [0.05, 0.04, 0.03, 0.02]


def _stretched(base: float, k: NDArray[np.int64], stiffness: float) -> NDArray[np.float64]:
    """Frequencies of harmonics k of a stiff string, in Hz (Fletcher's inharmonicity).

    Wire resists bending, and short waves more: upper harmonics are sharp.
    """
    sharpened = np.sqrt(1 + stiffness * k**2)
    return np.asarray(k * base * sharpened)


def _excited(k: NDArray[np.int64], place: float) -> NDArray[np.float64]:
    """How much of each harmonic k a stroke wakes at a place, a part of the string's length.

    A harmonic that rests there is not heard: of a string plucked halfway, every second one.
    """
    angle = np.pi * k * place
    return np.asarray(np.abs(np.sin(angle)))


def electric_piano(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A tine and its bar, struck: nearly a sine, with a bell on top and a bark when played hard."""
    n = samples(seconds + 0.12)
    hard = velocity**2
    ratios = np.array([1, 2, 3, 4, 7.02])  # the last is the bell: a mode of the tine, no harmonic
    gains = np.array([1, 0.35, 0.22, 0.08, 0.16])
    struck = np.array([1, velocity, hard, hard, velocity])
    decays_s = [1.6, 0.7, 0.4, 0.25, 0.12]
    phases = rng.uniform(-0.3, 0.3, 5)
    sound = partials(n, hz(pitch) * ratios, gains * struck, decays_s, phases)
    return ended(velocity * 0.8 * sound, 0.12)


@dataclass(frozen=True, slots=True)
class Bar:
    """Struck metal or wood: the ratios, gains and decay times (at C5) of its modes."""

    ratios: tuple[float, ...]
    gains: tuple[float, ...]
    decays_s: tuple[float, ...]
    click: float = 0.05

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One stroke; it rings on after its note ends."""
        ring_s = min(2.5, 2.2 * max(self.decays_s))
        n = samples(max(seconds, ring_s))
        detuning = rng.uniform(-4e-4, 4e-4, len(self.ratios))
        modes = hz(pitch) * np.array(self.ratios) * (1 + detuning)
        shorter = 2 ** ((72 - pitch) / 24)  # small bars are short of breath
        decay = np.array(self.decays_s) * shorter
        hardness = np.full(len(self.gains), velocity + 0.2)  # a hard stroke wakes the upper modes
        hardness[0] = 1
        gain = np.array(self.gains) * hardness
        sound = partials(n, modes, gain, decay)
        knock = self.click * _tap(n, rng)
        return ended(velocity * (0.7 * sound + knock), 0.2, 0.0008)


# Makers cut the middle of vibraphone and marimba bars thinner until the second mode is two octaves above the
# first (4:1); an even bar would have it at 2.76:1, as a glockenspiel does.
MUSIC_BOX = Bar(
    ratios=(1, 2.0, 5.98, 6.27, 17.5),
    gains=(1, 0.12, 0.16, 0.2, 0.05),
    decays_s=(0.9, 0.4, 0.16, 0.12, 0.03),
    click=0.12,
)
CELESTA = Bar(
    ratios=(1, 2.0, 4.0, 8.9), gains=(1, 0.05, 0.28, 0.06), decays_s=(1.1, 0.5, 0.3, 0.07), click=0.04
)
VIBRAPHONE = Bar(ratios=(1, 3.98, 9.9), gains=(1, 0.2, 0.05), decays_s=(2.2, 0.5, 0.1), click=0.03)
MARIMBA = Bar(ratios=(1, 3.92, 9.6), gains=(1, 0.25, 0.08), decays_s=(0.32, 0.1, 0.03), click=0.12)
STEEL_DRUM = Bar(
    ratios=(1, 2.0, 3.01, 4.1, 5.2),
    gains=(1, 0.6, 0.35, 0.2, 0.1),
    decays_s=(0.5, 0.45, 0.3, 0.2, 0.1),
    click=0.05,
)


def _tap(n: int, rng: Generator) -> Sound:
    """The short knock of a finger, hammer or plectrum."""
    short = min(n, samples(0.03))
    out = np.zeros(n, np.float32)
    knock = noise(short, rng, bandpass(700, 0.6), lowpass(2500))
    out[:short] = knock * envelope(short, 0.001, 0.025)
    return out
