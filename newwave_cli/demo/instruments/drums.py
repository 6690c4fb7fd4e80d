"""Percussion: each stroke a membrane's few modes, a pitch that falls, and shaped noise."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import (
    Sound,
    bandpass,
    envelope,
    filtered,
    highpass,
    lowpass,
    noise,
    partials,
    peak,
    samples,
    times,
    turns,
)
from newwave_cli.demo.instruments.mixer import Stage

_METAL_HZ = np.array([263.0, 400, 421, 474, 587, 845]) * 7.3


@dataclass(frozen=True, slots=True)
class Kick:
    """A sine that falls from `high` to `low` Hz in sweep_s and dies in decay_s, and the beater's click."""

    low: float = 50
    high: float = 220
    sweep_s: float = 0.03
    decay_s: float = 0.16
    click: float = 0.2
    drive: float = 1.5

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One stroke."""
        n = samples(self.decay_s * 4)
        t = times(n)
        phase = turns(self.low + (self.high - self.low) * np.exp(-t / self.sweep_s), n)
        body = np.tanh(self.drive * np.sin(2 * np.pi * phase) * np.exp(-t / self.decay_s))
        click = filtered(noise(n, rng), bandpass(3500, 0.7)) * np.exp(-t / 0.004)
        return (velocity * (0.8 * body + self.click * click)).astype(np.float32) * envelope(n, 0.001, 0.02)


ROCK_KICK = Kick(58, 180, 0.018, 0.12, 0.45)
TECHNO_KICK = Kick(47, 320, 0.028, 0.24, 0.25, 2.6)
METAL_KICK = Kick(60, 260, 0.01, 0.07, 1.2)
SOFT_KICK = Kick(55, 110, 0.03, 0.14, 0.05, 1.0)
BIG_DRUM = Kick(48, 95, 0.06, 0.38, 0.1, 1.2)
DEEP_DRUM = Kick(62, 120, 0.04, 0.3, 0.25, 1.4)


@dataclass(frozen=True, slots=True)
class Snare:
    """Two membranes and the rattle of wires."""

    tone: float = 190
    tone_s: float = 0.07
    wires_s: float = 0.13
    wires: float = 0.5
    bright: float = 7000

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One stroke."""
        n = samples(self.wires_s * 4)
        t = times(n)
        modes = partials(n, self.tone * np.array([1, 1.59, 2.14, 2.65]), [0.7, 0.5, 0.25, 0.15], self.tone_s)
        rattle = filtered(noise(n, rng), highpass(700), lowpass(self.bright), peak(2400, 5))
        hit = modes * 0.6 + self.wires * rattle * np.exp(-t / self.wires_s).astype(np.float32)
        return velocity * hit * envelope(n, 0.001, 0.03)


ROCK_SNARE = Snare(185, 0.08, 0.14, 0.5)
TIGHT_SNARE = Snare(240, 0.05, 0.09, 0.5, 9000)
MARCH_SNARE = Snare(270, 0.04, 0.1, 0.65, 8000)


def rim(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A stick laid across the drum: the click of bossa nova and reggae."""
    n = samples(0.12)
    return (
        velocity * 0.7 * partials(n, [420, 1050, 1710, 2600], [0.5, 1, 0.8, 0.4], [0.03, 0.018, 0.014, 0.01])
    )


def clap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Many hands: three bursts and a tail."""
    n = samples(0.45)
    t = times(n)
    bursts = sum(np.exp(-np.maximum(t - at, 0) / 0.006) * (t >= at) for at in (0, 0.011, 0.022))
    tail = 0.6 * np.exp(-np.maximum(t - 0.03, 0) / 0.08) * (t >= 0.03)
    shape = np.asarray(bursts + tail, np.float32)
    return velocity * 0.5 * filtered(noise(n, rng), bandpass(1300, 1.3), highpass(500)) * shape


@dataclass(frozen=True, slots=True)
class Cymbal:
    """Hissing metal: noise above `low` Hz and a cluster of partials, dying in decay_s."""

    low: float = 7000
    decay_s: float = 0.04
    metal: float = 0.25
    attack_s: float = 0.001

    def __call__(self, pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
        """One stroke."""
        n = samples(max(0.05, self.decay_s * 5))
        t = times(n)
        hiss = filtered(noise(n, rng), highpass(self.low), highpass(self.low * 0.6))
        shimmer = partials(n, _METAL_HZ * (1 + 0.01 * rng.standard_normal(6)), self.metal, self.decay_s)
        fall = np.exp(-t / self.decay_s).astype(np.float32)
        return 0.4 * velocity * (hiss * fall + shimmer) * envelope(n, self.attack_s, self.decay_s)


HAT = Cymbal(7500, 0.035)
OPEN_HAT = Cymbal(6500, 0.16)
RIDE = Cymbal(5200, 0.35, 0.5)
CRASH = Cymbal(3500, 0.75, 0.15, 0.004)
SHAKER = Cymbal(5500, 0.03, 0, 0.02)


def brush(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush drawn across the snare; `seconds` is how long the stroke takes."""
    n = samples(seconds)
    bend = np.sin(np.pi * np.clip(times(n) / seconds, 0, 1)).astype(np.float32) ** 2
    return velocity * 0.3 * filtered(noise(n, rng), bandpass(3800, 0.5), lowpass(7000)) * bend


def brush_tap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush falling on the snare."""
    n = samples(0.2)
    slap = filtered(noise(n, rng), bandpass(2600, 0.5)) * np.exp(-times(n) / 0.035).astype(np.float32)
    return velocity * (0.35 * slap + 0.25 * partials(n, [190, 305], [1, 0.5], 0.05))


def skin(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A hand on a drum tuned to `pitch`: tom, conga, djembe, tabla."""
    n = samples(0.7)
    t = times(n)
    base = 440 * 2 ** ((pitch - 69) / 12)
    bend = turns(base * (1 + 0.22 * velocity * np.exp(-t / 0.03)), n)
    body = np.sin(2 * np.pi * bend) * np.exp(-t / (0.09 + 14 / base))
    upper = 0.4 * np.sin(2 * np.pi * bend * 1.59) * np.exp(-t / 0.06)
    slap = 0.5 * velocity * filtered(noise(n, rng), bandpass(1800, 0.6)) * np.exp(-t / 0.008)
    return (velocity * (0.7 * body + 0.5 * upper + slap)).astype(np.float32) * envelope(n, 0.001, 0.1)


def timpani(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A kettledrum: its modes stand nearly in harmony."""
    n = samples(1.6)
    base = 440 * 2 ** ((pitch - 69) / 12)
    gains, decays = [1, 0.7, 0.45, 0.3, 0.2], [0.6, 0.5, 0.4, 0.3, 0.2]
    return (
        velocity
        * 0.6
        * partials(n, base * np.array([1, 1.5, 1.98, 2.44, 2.9]), gains, decays)
        * envelope(n, 0.002, 0.3)
    )


def block(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wood block or a clave tuned to `pitch`."""
    base = 440 * 2 ** ((pitch - 69) / 12)
    return (
        velocity
        * 0.8
        * partials(samples(0.18), base * np.array([1, 2.6, 4.2]), [1, 0.35, 0.1], [0.03, 0.015, 0.008])
    )


def cowbell(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two squares that do not agree."""
    ratios = np.array([560, 845, 1680, 2535, 2800])
    return (
        velocity
        * 0.5
        * partials(samples(0.4), ratios, [1, 0.9, 0.3, 0.3, 0.15], [0.09, 0.08, 0.05, 0.04, 0.03])
    )


def kit(stage: Stage, kick: str, snare: str, hat: str) -> None:
    """A plain drum kit playing the same bar, with a fill at the end of every eighth."""
    parts = (
        stage.part(ROCK_KICK, 0.85, send=0.04),
        stage.part(ROCK_SNARE, 0.6, send=0.15),
        stage.part(HAT, 0.45, pan=0.3),
    )
    for number, beat in stage.starts():
        for part, steps in zip(parts, (kick, snare, hat), strict=True):
            part.pattern(beat, steps)
        if number % 8 == 7:
            parts[1].pattern(beat, "----------o-x-xX")
    parts[0].note(stage.end, 60, 1, 0.9)
