"""Percussion: each stroke a membrane's few modes, a pitch that falls, and shaped noise."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import (
    Sound,
    bandpass,
    envelope,
    falling,
    highpass,
    hz,
    lowpass,
    noise,
    partials,
    peak,
    rising,
    samples,
    times,
    turns,
)
from newwave_cli.demo.instruments.mixer import Part, Stage

# Without a common fundamental, as the six square waves of an analog drum machine's cymbal have none: that is
# what the ear takes for metal.
_METAL_HZ = np.array([263.0, 400, 421, 474, 587, 845]) * 7.3
# The lowest modes of a round membrane that can move freely (zeros of Bessel functions): no harmonics, so a
# drum has hardly a pitch.
_MEMBRANE = np.array([1, 1.59, 2.14, 2.65])
_MEMBRANE_GAINS = np.array([0.7, 0.5, 0.25, 0.15])


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
        fallen = falling(t, self.sweep_s)
        frequency = self.low + (self.high - self.low) * fallen
        angle = 2 * np.pi * turns(frequency, n)
        swing = self.drive * np.sin(angle)
        # Bent at its heights, the louder the more: a drum that is hit hard sounds fuller, not only louder.
        body = np.tanh(swing * falling(t, self.decay_s))
        beater = noise(n, rng, bandpass(3500, 0.7))
        click = beater * falling(t, 0.004)
        stroke = velocity * (0.8 * body + self.click * click)
        loud = envelope(n, 0.001, 0.02)
        return stroke.astype(np.float32) * loud


ROCK_KICK = Kick(low=58, high=180, sweep_s=0.018, decay_s=0.12, click=0.45)
TECHNO_KICK = Kick(low=47, high=320, sweep_s=0.028, decay_s=0.24, click=0.25, drive=2.6)
METAL_KICK = Kick(low=60, high=260, sweep_s=0.01, decay_s=0.07, click=1.2)
SOFT_KICK = Kick(low=55, high=110, decay_s=0.14, click=0.05, drive=1.0)
BIG_DRUM = Kick(low=48, high=95, sweep_s=0.06, decay_s=0.38, click=0.1, drive=1.2)
DEEP_DRUM = Kick(low=62, high=120, sweep_s=0.04, decay_s=0.3, click=0.25, drive=1.4)


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
        frequencies = self.tone * _MEMBRANE
        modes = partials(n, frequencies, _MEMBRANE_GAINS, self.tone_s)
        rattle = noise(n, rng, highpass(700), lowpass(self.bright), peak(2400, 5))
        fall = falling(t, self.wires_s).astype(np.float32)
        hit = modes * 0.6 + self.wires * rattle * fall
        loud = envelope(n, 0.001, 0.03)
        return velocity * hit * loud


ROCK_SNARE = Snare(tone=185, tone_s=0.08, wires_s=0.14)
TIGHT_SNARE = Snare(tone=240, tone_s=0.05, wires_s=0.09, bright=9000)
MARCH_SNARE = Snare(tone=270, tone_s=0.04, wires_s=0.1, wires=0.65, bright=8000)


def rim(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A stick laid across the drum: the click of bossa nova and reggae."""
    modes = [420, 1050, 1710, 2600]
    gains = [0.5, 1, 0.8, 0.4]
    decays_s = [0.03, 0.018, 0.014, 0.01]
    click = partials(samples(0.12), modes, gains, decays_s)
    return velocity * 0.7 * click


def clap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Many hands: three bursts and a tail."""
    n = samples(0.45)
    t = times(n)
    first, second, third = (_burst(t, at, 0.006) for at in (0, 0.011, 0.022))
    bursts = first + second + third  # hands are never quite together
    tail = 0.6 * _burst(t, 0.03, 0.08)
    shape = np.asarray(bursts + tail, np.float32)
    hands = noise(n, rng, bandpass(1300, 1.3), highpass(500))
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
        # Two filters in a row: behind a single one there is still a rumble that no cymbal has.
        hiss = noise(n, rng, highpass(self.low), highpass(self.low * 0.6))
        spread = 1 + 0.01 * rng.standard_normal(6)  # a stick never hits the same place twice
        shimmer = partials(n, _METAL_HZ * spread, self.metal, self.decay_s)
        fall = falling(t, self.decay_s).astype(np.float32)
        loud = envelope(n, self.attack_s, self.decay_s)
        return 0.4 * velocity * (hiss * fall + shimmer) * loud


HAT = Cymbal(low=7500, decay_s=0.035)
OPEN_HAT = Cymbal(low=6500, decay_s=0.16)
RIDE = Cymbal(low=5200, decay_s=0.35, metal=0.5)
CRASH = Cymbal(low=3500, decay_s=0.75, metal=0.15, attack_s=0.004)
SHAKER = Cymbal(low=5500, decay_s=0.03, metal=0, attack_s=0.02)


def brush(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush drawn across the snare; `seconds` is how long the stroke takes."""
    n = samples(seconds)
    done = rising(times(n), seconds)
    half_wave: Sound = np.sin(np.pi * done).astype(np.float32)
    scratch = noise(n, rng, bandpass(3800, 0.5), lowpass(7000))
    stroke: Sound = velocity * 0.3 * scratch * half_wave**2
    return stroke


def brush_tap(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wire brush falling on the snare."""
    n = samples(0.2)
    fall = falling(times(n), 0.035).astype(np.float32)
    slap = noise(n, rng, bandpass(2600, 0.5)) * fall
    body = partials(n, [190, 305], [1, 0.5], 0.05)
    return velocity * (0.35 * slap + 0.25 * body)


def skin(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A hand on a drum tuned to `pitch`: tom, conga, djembe, tabla."""
    n = samples(0.7)
    t = times(n)
    base = hz(pitch)
    # A hard stroke stretches the skin: it starts sharp and falls to its pitch.
    stretch = 1 + 0.22 * velocity * falling(t, 0.03)
    phase = turns(base * stretch, n)
    angle = 2 * np.pi * phase
    decay_s = 0.09 + 14 / base  # large drums ring longer
    body = np.sin(angle) * falling(t, decay_s)
    second_mode = 0.4 * np.sin(angle * _MEMBRANE[1])
    upper = second_mode * falling(t, 0.06)
    palm = noise(n, rng, bandpass(1800, 0.6))
    slap = 0.5 * velocity * palm * falling(t, 0.008)
    stroke = velocity * (0.7 * body + 0.5 * upper + slap)
    sound: Sound = stroke.astype(np.float32) * envelope(n, 0.001, 0.1)
    return sound


def timpani(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A kettledrum: its modes stand nearly in harmony."""
    n = samples(1.6)
    # The air in the kettle bends the modes of the membrane to 2:3:4:5:6, so that a pitch is heard.
    ratios = np.array([1, 1.5, 1.98, 2.44, 2.9])
    gains = [1, 0.7, 0.45, 0.3, 0.2]
    decays_s = [0.6, 0.5, 0.4, 0.3, 0.2]
    tone = partials(n, hz(pitch) * ratios, gains, decays_s)
    loud = envelope(n, 0.002, 0.3)
    return velocity * 0.6 * tone * loud


def block(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """A wood block or a clave tuned to `pitch`."""
    ratios = np.array([1, 2.6, 4.2])
    gains = [1, 0.35, 0.1]
    decays_s = [0.03, 0.015, 0.008]
    knock = partials(samples(0.18), hz(pitch) * ratios, gains, decays_s)
    return velocity * 0.8 * knock


def cowbell(pitch: float, seconds: float, velocity: float, rng: Generator) -> Sound:
    """Two squares that do not agree."""
    # Of 560 and 845 Hz, with their odd harmonics: as analog drum machines made it.
    frequencies = [560, 845, 1680, 2535, 2800]
    gains = [1, 0.9, 0.3, 0.3, 0.15]
    decays_s = [0.09, 0.08, 0.05, 0.04, 0.03]
    clang = partials(samples(0.4), frequencies, gains, decays_s)
    return velocity * 0.5 * clang


def tom_fill(toms: Part, beat: float, velocity: float) -> None:
    """From high to low through the second half of a bar."""
    toms.run(beat + 2, range(55, 39, -2), 0.25, 0.3, velocity)


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
    # With the last chord, which would hang in the air without it.
    bass_drum.note(stage.end, 60, 1, 0.9)
