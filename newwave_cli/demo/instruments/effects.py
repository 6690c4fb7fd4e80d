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
    # 60 dB are a factor of 1,000, and e^-6.9 is a thousandth; air and walls take treble sooner.
    low_fall = np.exp(-6.9 * t / seconds)
    high_fall = np.exp(-11 * t / seconds)
    tail = low * low_fall + high * high_fall
    tail *= np.clip(t / 0.012, 0, 1)
    for at in rng.integers(samples(0.006), samples(0.05), 12):
        side = rng.integers(2)
        tail[side, at % n] += rng.choice([-1, 1]) * 2.0
    energy = np.square(tail).sum(axis=1, keepdims=True)
    answer: Sound = (tail / np.sqrt(energy)).astype(np.float32)  # so that a longer room is not a louder one
    return answer


def reverb(sound: Sound, seconds: float, dark: float = 6000) -> Sound:
    """Only what a room of that reverberation time (60 dB) gives back."""
    answer = _room(seconds, dark)
    n = sound.shape[-1]
    size = quick_size(n + answer.shape[-1])
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(answer, size)
    wet = np.fft.irfft(spectrum, size)[:, :n]
    return filtered(wet.astype(np.float32), highpass(150))  # bass in the room makes every mix muddy


def echo(sound: Sound, delay_s: float, feedback: float, wet: float = 0.35) -> Sound:
    """Repeats that go from side to side and get darker."""
    shift = samples(delay_s)
    out, repeat, gain = sound.copy(), sound, wet
    while gain > 0.03 and shift < sound.shape[-1]:
        late = np.zeros_like(sound)
        darker = filtered(repeat, lowpass(4200))
        late[:, shift:] = darker[::-1, :-shift]  # left becomes right
        out += np.float32(gain) * late
        repeat, gain = late, gain * feedback
    return out


def drive(sound: Sound, amount: float) -> Sound:
    """An overdriven valve: soft clipping at twice the rate, a little lopsided."""
    n = sound.shape[-1]
    size = quick_size(n + 256)
    # Clipping makes new harmonics; at the plain rate those above Nyquist would fold back as a harsh whistle.
    spectrum = np.fft.rfft(sound, size)
    doubled = 2 * np.fft.irfft(spectrum, 2 * size)
    # Lopsided by 0.12: a symmetric curve makes odd harmonics only, valves make even ones too.
    hot = np.tanh(amount * doubled + 0.12) - np.tanh(0.12)
    below_nyquist = np.fft.rfft(hot)[..., : size // 2 + 1]
    halved = np.fft.irfft(below_nyquist, size)[..., :n]
    return (halved / 2).astype(np.float32)


def amplifier(sound: Sound, gain: float) -> Sound:
    """A guitar amplifier at full tilt and its loudspeaker in a closed box."""
    tight = filtered(sound, highpass(110), peak(800, 5, 0.8))  # distorted bass would cover all else
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
        angle = 2 * np.pi * rate_hz * times(n)
        swing = np.sin(angle + side * np.pi / 2)
        # A delay that changes bends the pitch of what is delayed, as a passing car does.
        late = at - (12 + depth_ms * swing) * RATE / 1000
        second = np.interp(late, at, sound[side]).astype(np.float32)
        out[side] = sound[side] + wet * second
    return out / (1 + wet / 2)


def tremolo(sound: Sound, rate_hz: float, depth: float, *, across: bool = False) -> Sound:
    """Loudness that beats; `across` sends it from side to side."""
    t = times(sound.shape[-1])
    wobble = np.sin(2 * np.pi * rate_hz * t)
    sides = np.stack([wobble, -wobble if across else wobble])
    gain = 1 - depth / 2 + depth / 2 * sides
    return (sound * gain).astype(np.float32)


def duck(sound: Sound, beats_s: list[float], depth: float = 0.8, back_s: float = 0.28) -> Sound:
    """Give way at each beat and come back: the pump of dance music (sidechain compression)."""
    gain = np.ones(sound.shape[-1], np.float32)
    t = times(samples(back_s))
    back = np.clip(t / back_s, 0, 1)
    dip = 1 - depth * (1 - back) ** 1.5
    for beat in beats_s:
        start = samples(beat)
        end = min(len(gain), start + len(dip))
        whole = dip[: max(0, end - start)]  # of the last beat only what fits
        gain[start:end] = np.minimum(gain[start:end], whole)
    return sound * gain


def widen(sound: Sound, amount: float) -> Sound:
    """More (amount over 1) or less of what differs between the sides."""
    left, right = sound
    middle = sound.mean(axis=0)
    side = (left - right) / 2
    return np.stack([middle + amount * side, middle - amount * side])


def master(sound: Sound, decibels: float) -> Sound:
    """To a loudness (RMS over the louder half, in dB of full scale), peaks rounded off below full scale."""
    clean = filtered(sound, highpass(28))  # below that nothing is heard, and it takes room from what is
    block = min(1024, clean.shape[1])
    whole_blocks = clean.shape[1] // block * block
    power = np.square(clean).mean(axis=0)[:whole_blocks]
    block_power = power.reshape(-1, block).mean(axis=1)
    # Pauses and long fades do not count: else a piece that ends softly would be turned up too far.
    is_loud = block_power >= np.median(block_power)
    loud = np.sqrt(block_power[is_loud].mean())
    gain = 10 ** (decibels / 20) / max(float(loud), 1e-6)
    hot = clean * np.float32(gain)
    # Up to the knee untouched, above it bent towards 0.95: never at full scale, where playback clips.
    knee = np.float32(0.6)
    height = np.abs(hot)
    over = np.maximum(height - knee, 0)
    rounded = np.minimum(height, knee) + 0.35 * np.tanh(over / 0.35)
    loudened: Sound = (np.sign(hot) * rounded).astype(np.float32)
    return loudened
