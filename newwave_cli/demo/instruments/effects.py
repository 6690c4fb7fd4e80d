"""What happens to a whole part or mix: rooms, echoes, amplifiers, movement, loudness.

All take and return stereo sound of shape (2, samples).
"""

from functools import lru_cache

import numpy as np

from newwave_cli.demo.instruments.dsp import (
    RATE,
    Sound,
    filtered,
    highpass,
    lowpass,
    peak,
    quick_size,
    samples,
    times,
)


@lru_cache(maxsize=8)
def _room(seconds: float, dark: float) -> Sound:
    """The answer of a room to a clap: sparse early echoes, then noise that dies, its treble first."""
    rng = np.random.default_rng(round(seconds * 1000))
    n = samples(seconds)
    t = times(n)
    noise = rng.standard_normal((2, n)).astype(np.float32)
    low = filtered(noise, lowpass(dark * 0.35))
    high = filtered(noise, lowpass(dark)) - low
    tail = low * np.exp(-6.9 * t / seconds) + high * np.exp(-11 * t / seconds)
    tail *= np.clip(t / 0.012, 0, 1)
    for at in rng.integers(samples(0.006), samples(0.05), 12):
        tail[rng.integers(2), at % n] += rng.choice([-1, 1]) * 2.0
    answer: Sound = (tail / np.sqrt(np.square(tail).sum(axis=1, keepdims=True))).astype(np.float32)
    return answer


def reverb(sound: Sound, seconds: float, dark: float = 6000) -> Sound:
    """Only what a room of that reverberation time (60 dB) gives back."""
    answer = _room(seconds, dark)
    n = sound.shape[-1]
    size = quick_size(n + answer.shape[-1])
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(answer, size), size)
    return filtered(wet[:, :n].astype(np.float32), highpass(150))


def echo(sound: Sound, delay_s: float, feedback: float, wet: float = 0.35) -> Sound:
    """Repeats that go from side to side and get darker."""
    shift = samples(delay_s)
    out, repeat, gain = sound.copy(), sound, wet
    while gain > 0.03 and shift < sound.shape[-1]:
        late = np.zeros_like(sound)
        late[:, shift:] = filtered(repeat, lowpass(4200))[::-1, :-shift]
        out += np.float32(gain) * late
        repeat, gain = late, gain * feedback
    return out


def drive(sound: Sound, amount: float) -> Sound:
    """An overdriven valve: soft clipping at twice the rate, a little lopsided."""
    n = sound.shape[-1]
    size = quick_size(n + 256)
    wide = 2 * np.fft.irfft(np.fft.rfft(sound, size), 2 * size)
    hot = np.tanh(amount * wide + 0.12) - np.tanh(0.12)
    spectrum = np.fft.rfft(hot)[..., : size // 2 + 1]
    return (np.fft.irfft(spectrum, size)[..., :n] / 2).astype(np.float32)


def amplifier(sound: Sound, gain: float) -> Sound:
    """A guitar amplifier at full tilt and its loudspeaker in a closed box."""
    tight = filtered(sound, highpass(110), peak(800, 5, 0.8))
    hot = drive(tight * gain, 1.0)
    speaker = (
        highpass(85),
        peak(130, 4, 1.2),
        peak(420, -5, 0.9),
        peak(2300, 5, 1.1),
        lowpass(4600, 0.8),
        lowpass(5600),
    )
    return filtered(hot, *speaker)


def chorus(sound: Sound, depth_ms: float = 2.5, rate_hz: float = 0.6, wet: float = 0.5) -> Sound:
    """A second player who is never quite together, on either side."""
    n = sound.shape[-1]
    at = np.arange(n)
    out = np.empty_like(sound)
    for side in (0, 1):
        swing = np.sin(2 * np.pi * rate_hz * times(n) + side * np.pi / 2)
        late = at - (12 + depth_ms * swing) * RATE / 1000
        out[side] = sound[side] + wet * np.interp(late, at, sound[side]).astype(np.float32)
    return out / (1 + wet / 2)


def tremolo(sound: Sound, rate_hz: float, depth: float, *, across: bool = False) -> Sound:
    """Loudness that beats; `across` sends it from side to side."""
    wobble = np.sin(2 * np.pi * rate_hz * times(sound.shape[-1]))
    sides = np.stack([wobble, -wobble if across else wobble])
    return (sound * (1 - depth / 2 + depth / 2 * sides)).astype(np.float32)


def duck(sound: Sound, beats_s: list[float], depth: float = 0.8, back_s: float = 0.28) -> Sound:
    """Give way at each beat and come back: the pump of dance music."""
    gain = np.ones(sound.shape[-1], np.float32)
    dip = 1 - depth * (1 - np.clip(times(samples(back_s)) / back_s, 0, 1)) ** 1.5
    for beat in beats_s:
        start = samples(beat)
        end = min(len(gain), start + len(dip))
        gain[start:end] = np.minimum(gain[start:end], dip[: max(0, end - start)])
    return sound * gain


def widen(sound: Sound, amount: float) -> Sound:
    """More (amount over 1) or less of what differs between the sides."""
    middle, side = sound.mean(axis=0), (sound[0] - sound[1]) / 2
    return np.stack([middle + amount * side, middle - amount * side])


def master(sound: Sound, decibels: float) -> Sound:
    """To a loudness (RMS over the louder half, in dB of full scale), peaks rounded off below full scale."""
    clean = filtered(sound, highpass(28))
    block = min(1024, clean.shape[1])
    power = np.square(clean).mean(axis=0)[: clean.shape[1] // block * block].reshape(-1, block).mean(axis=1)
    loud = np.sqrt(power[power >= np.median(power)].mean())
    hot = clean * np.float32(10 ** (decibels / 20) / max(float(loud), 1e-6))
    knee = np.float32(0.6)
    over = np.maximum(np.abs(hot) - knee, 0)
    rounded = np.minimum(np.abs(hot), knee) + 0.35 * np.tanh(over / 0.35)
    loudened: Sound = (np.sign(hot) * rounded).astype(np.float32)
    return loudened
