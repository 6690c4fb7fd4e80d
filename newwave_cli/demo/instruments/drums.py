"""Percussion: each stroke a membrane's few modes, a pitch that falls, and shaped noise."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import (
    Sound,
    bandpass,
    envelope,
    falling,
    filtered,
    highpass,
    hz,
    lowpass,
    noise,
    partials,
    peak,
    samples,
    times,
    turns,
)
from newwave_cli.demo.instruments.mixer import Stage

# Without a common fundamental, as the six square waves of an analog drum machine's cymbal have none: that is
# what the ear takes for metal.
_METAL_HZ = np.array([263.0, 400, 421, 474, 587, 845]) * 7.3
# The lowest modes of a round membrane that can move freely (zeros of Bessel functions): no harmonics, so a
# drum has hardly a pitch.
_MEMBRANE = np.array([1, 1.59, 2.14, 2.65])


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
        n = samples(self.decay_s * 4)  # e^-4: a fiftieth is left, and the envelope takes that away
        t = times(n)
        frequency = self.low + (self.high - self.low) * falling(t, self.sweep_s)
        phase = turns(frequency, n)
        swing = self.drive * np.sin(2 * np.pi * phase)
        body = np.tanh(swing * falling(t, self.decay_s))
        click = filtered(noise(n, rng), bandpass(3500, 0.7)) * falling(t, 0.004)
        stroke = velocity * (0.8 * body + self.click * click)
        return stroke.astype(np.float32) * envelope(n, 0.001, 0.02)


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
        modes = partials(n, self.tone * _MEMBRANE, [0.7, 0.5, 0.25, 0.15], self.tone_s)
        wires = (highpass(700), lowpass(self.bright), peak(2400, 5))
        rattle = filtered(noise(n, rng), *wires)
        fall = falling(t, self.wires_s).astype(np.float32)
        hit = modes * 0.6 + self.wires * rattle * fall
        return velocity * hit * envelope(n, 0.001, 0.03)


ROCK_SNARE = Snare(185, 0.08, 0.14, 0.5)
TIGHT_SNARE = Snare(240, 0.05, 0.09, 0.5, 9000)
MARCH_SNARE = Snare(270, 0.04, 0.1, 0.65, 8000)


def rim(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A stick laid across the drum: the click of bossa nova and reggae."""
    n = samples(0.12)
    click = partials(n, [420, 1050, 1710, 2600], [0.5, 1, 0.8, 0.4], [0.03, 0.018, 0.014, 0.01])
    return velocity * 0.7 * click


def clap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Many hands: three bursts and a tail."""
    n = samples(0.45)
    t = times(n)
    bursts = sum(_burst(t, at, 0.006) for at in (0, 0.011, 0.022))  # hands are never quite together
    tail = 0.6 * _burst(t, 0.03, 0.08)
    shape = np.asarray(bursts + tail, np.float32)
    hands = filtered(noise(n, rng), bandpass(1300, 1.3), highpass(500))
    return velocity * 0.5 * hands * shape


def _burst(t: Sound, at: float, decay_s: float) -> Sound:
    """Nothing until `at`, then a decay."""
    since = np.maximum(t - at, 0)
    return falling(since, decay_s) * (t >= at)


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
        spread = 1 + 0.01 * rng.standard_normal(6)  # a stick never hits the same place twice
        shimmer = partials(n, _METAL_HZ * spread, self.metal, self.decay_s)
        fall = falling(t, self.decay_s).astype(np.float32)
        loud = envelope(n, self.attack_s, self.decay_s)
        return 0.4 * velocity * (hiss * fall + shimmer) * loud


HAT = Cymbal(7500, 0.035)
OPEN_HAT = Cymbal(6500, 0.16)
RIDE = Cymbal(5200, 0.35, 0.5)
CRASH = Cymbal(3500, 0.75, 0.15, 0.004)
SHAKER = Cymbal(5500, 0.03, 0, 0.02)


def brush(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush drawn across the snare; `seconds` is how long the stroke takes."""
    n = samples(seconds)
    done = np.clip(times(n) / seconds, 0, 1)
    swell = np.sin(np.pi * done).astype(np.float32) ** 2
    scratch = filtered(noise(n, rng), bandpass(3800, 0.5), lowpass(7000))
    return velocity * 0.3 * scratch * swell


def brush_tap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush falling on the snare."""
    n = samples(0.2)
    fall = falling(times(n), 0.035).astype(np.float32)
    slap = filtered(noise(n, rng), bandpass(2600, 0.5)) * fall
    body = partials(n, [190, 305], [1, 0.5], 0.05)
    return velocity * (0.35 * slap + 0.25 * body)


def skin(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A hand on a drum tuned to `pitch`: tom, conga, djembe, tabla."""
    n = samples(0.7)
    t = times(n)
    base = hz(pitch)
    # A hard stroke stretches the skin: it starts sharp and falls to its pitch.
    stretch = 1 + 0.22 * velocity * falling(t, 0.03)
    angle = 2 * np.pi * turns(base * stretch, n)
    body = np.sin(angle) * falling(t, 0.09 + 14 / base)
    upper = 0.4 * np.sin(angle * 1.59) * falling(t, 0.06)  # the second mode of a membrane
    palm = filtered(noise(n, rng), bandpass(1800, 0.6))
    slap = 0.5 * velocity * palm * falling(t, 0.008)
    stroke = velocity * (0.7 * body + 0.5 * upper + slap)
    sound: Sound = stroke.astype(np.float32) * envelope(n, 0.001, 0.1)
    return sound


def timpani(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A kettledrum: its modes stand nearly in harmony."""
    n = samples(1.6)
    # The air in the kettle bends the modes of the membrane to 2:3:4:5:6, so that a pitch is heard.
    modes = hz(pitch) * np.array([1, 1.5, 1.98, 2.44, 2.9])
    tone = partials(n, modes, [1, 0.7, 0.45, 0.3, 0.2], [0.6, 0.5, 0.4, 0.3, 0.2])
    loud = envelope(n, 0.002, 0.3)
    return velocity * 0.6 * tone * loud


def block(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wood block or a clave tuned to `pitch`."""
    modes = hz(pitch) * np.array([1, 2.6, 4.2])
    knock = partials(samples(0.18), modes, [1, 0.35, 0.1], [0.03, 0.015, 0.008])
    return velocity * 0.8 * knock


def cowbell(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two squares that do not agree."""
    # Of 560 and 845 Hz, with their odd harmonics: as analog drum machines made it.
    frequencies = np.array([560, 845, 1680, 2535, 2800])
    clang = partials(samples(0.4), frequencies, [1, 0.9, 0.3, 0.3, 0.15], [0.09, 0.08, 0.05, 0.04, 0.03])
    return velocity * 0.5 * clang


def kit(stage: Stage, kick: str, snare: str, hat: str) -> None:
    """A plain drum kit playing the same bar, with a fill at the end of every eighth."""
    bass_drum = stage.part(ROCK_KICK, 0.85, send=0.04)
    snare_drum = stage.part(ROCK_SNARE, 0.6, send=0.15)
    hi_hat = stage.part(HAT, 0.45, pan=0.3)
    for number, beat in stage.starts():
        bass_drum.pattern(beat, kick)
        snare_drum.pattern(beat, snare)
        hi_hat.pattern(beat, hat)
        if number % 8 == 7:
            snare_drum.pattern(beat, "----------o-x-xX")
    bass_drum.note(stage.end, 60, 1, 0.9)
