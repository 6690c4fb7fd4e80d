"""What happens to a whole part or mix: rooms, echoes, amplifiers, movement, loudness.

All take and return stereo sound of shape (2, samples).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from newwave_cli.demo.instruments.dsp import (
    RATE,
    Response,
    Sound,
    filtered,
    highpass,
    lowpass,
    peak,
    quick_size,
    rising,
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
    tail *= rising(t, 0.012)
    for at in rng.integers(samples(0.006), samples(0.05), 12):
        side = rng.integers(2)
        turned = rng.choice([-1, 1])  # a wall may turn the wave about
        tail[side, at % n] += 2.0 * turned
    energy = np.square(tail).sum(axis=1, keepdims=True)
    answer: Sound = tail / np.sqrt(energy)  # so that a longer room is not a louder one
    return answer.astype(np.float32)


def equalizer(*responses: Response) -> Callable[[Sound], Sound]:
    """Filters as what a part is sent through."""
    return lambda sound: filtered(sound, *responses)


def reverb(sound: Sound, seconds: float, dark: float = 6000) -> Sound:
    """Only what a room of that reverberation time (60 dB) gives back."""
    answer = _room(seconds, dark)
    n = sound.shape[-1]
    size = quick_size(n + answer.shape[-1])
    # A product of spectra is the convolution of the sound with the room's answer.
    spectrum = np.fft.rfft(sound, size)
    spectrum *= np.fft.rfft(answer, size)
    longer = np.fft.irfft(spectrum, size)
    wet = longer[:, :n].astype(np.float32)
    return filtered(wet, highpass(150))  # bass in the room makes every mix muddy


def echo(sound: Sound, delay_s: float, feedback: float, wet: float = 0.35) -> Sound:
    """Repeats that go from side to side and get darker."""
    shift = samples(delay_s)
    out = sound.copy()
    if shift >= sound.shape[-1]:
        return out
    repeat, gain = sound, wet
    while gain > 0.03:  # 30 dB down: nobody hears the next one beside the music
        darker = filtered(repeat, lowpass(4200))
        swapped = darker[::-1]  # left becomes right
        repeat = np.zeros_like(sound)
        repeat[:, shift:] = swapped[:, :-shift]
        out += np.float32(gain) * repeat
        gain *= feedback
    return out


def drive(sound: Sound, amount: float) -> Sound:
    """An overdriven valve: soft clipping at twice the rate, a little lopsided."""
    n = sound.shape[-1]
    size = quick_size(n + 256)
    # Clipping makes new harmonics; at the plain rate those above Nyquist would fold back as a harsh whistle.
    spectrum = np.fft.rfft(sound, size)
    doubled = 2 * np.fft.irfft(spectrum, 2 * size)
    # Lopsided by 0.12: a symmetric curve makes odd harmonics only, valves make even ones too.
    lopsided = amount * doubled + 0.12
    hot = np.tanh(lopsided) - np.tanh(0.12)
    nyquist = size // 2
    hot_spectrum = np.fft.rfft(hot)
    below_nyquist = hot_spectrum[..., : nyquist + 1]
    halved = np.fft.irfft(below_nyquist, size)
    louder_by_two = halved[..., :n]  # a transform of half the length gives each sample twice
    return (louder_by_two / 2).astype(np.float32)


def amplifier(sound: Sound, gain: float) -> Sound:
    """A guitar amplifier at full tilt and its loudspeaker in a closed box."""
    before = (highpass(110), peak(800, 5, 0.8))  # distorted bass would cover all else
    tight = filtered(sound, *before)
    hot = drive(tight * gain, 1.0)
    box = (highpass(85), peak(130, 4, 1.2), peak(420, -5, 0.9))
    cone = (peak(2300, 5, 1.1), lowpass(4600, 0.8), lowpass(5600))
    return filtered(hot, *box, *cone)


def chorus(sound: Sound, depth_ms: float = 2.5, rate_hz: float = 0.6, wet: float = 0.5) -> Sound:
    """A second player who is never quite together, on either side."""
    n = sound.shape[-1]
    at = np.arange(n)
    out = np.empty_like(sound)
    angle = 2 * np.pi * rate_hz * times(n)
    for side, first in enumerate(sound):
        quarter_apart = side * np.pi / 2
        swing = np.sin(angle + quarter_apart)
        # A delay that changes bends the pitch of what is delayed, as a passing car does.
        delay_ms = 12 + depth_ms * swing
        late = at - delay_ms * RATE / 1000
        second = np.interp(late, at, first)
        out[side] = first + wet * second.astype(np.float32)
    return out / (1 + wet / 2)


def tremolo(sound: Sound, rate_hz: float, depth: float, *, across: bool = False) -> Sound:
    """Loudness that beats; `across` sends it from side to side."""
    t = times(sound.shape[-1])
    angle = 2 * np.pi * rate_hz * t
    left = np.sin(angle)
    right = -left if across else left
    sides = np.stack([left, right])
    half = depth / 2
    gain = 1 - half + half * sides
    return (sound * gain).astype(np.float32)


def duck(sound: Sound, beats_s: list[float], depth: float = 0.8, back_s: float = 0.28) -> Sound:
    """Give way at each beat and come back: the pump of dance music (sidechain compression)."""
    gain = np.ones(sound.shape[-1], np.float32)
    t = times(samples(back_s))
    back = rising(t, back_s)
    # Most of the way back at once, the rest slowly: a compressor lets go like that.
    dip = 1 - depth * (1 - back) ** 1.5
    for beat in beats_s:
        start = samples(beat)
        until_next = gain[start : start + len(dip)]  # a view; of the last beat only what fits
        np.minimum(until_next, dip[: len(until_next)], out=until_next)
    return sound * gain


def widen(sound: Sound, amount: float) -> Sound:
    """More (amount over 1) or less of what differs between the sides."""
    left, right = sound
    middle = sound.mean(axis=0)
    side = amount * (left - right) / 2
    return np.stack([middle + side, middle - side])


def master(sound: Sound, decibels: float) -> Sound:
    """To a loudness (RMS over the louder half, in dB of full scale), peaks rounded off below full scale."""
    clean = filtered(sound, highpass(28))  # below that nothing is heard, and it takes room from what is
    n = clean.shape[1]
    block = min(1024, n)
    whole_blocks = n // block * block
    power = np.square(clean).mean(axis=0)
    blocks = power[:whole_blocks].reshape(-1, block)
    block_power = blocks.mean(axis=1)
    # Pauses and long fades do not count: else a piece that ends softly would be turned up too far.
    is_loud = block_power >= np.median(block_power)
    loud = float(np.sqrt(block_power[is_loud].mean()))
    wanted = 10 ** (decibels / 20)
    gain = wanted / max(loud, 1e-6)
    hot = clean * np.float32(gain)
    # Up to the knee untouched, above it bent towards 0.95: never at full scale, where playback clips.
    knee = np.float32(0.6)
    height = np.abs(hot)
    over = np.maximum(height - knee, 0)
    bent = 0.35 * np.tanh(over / 0.35)
    rounded = np.minimum(height, knee) + bent
    loudened: Sound = np.sign(hot) * rounded
    return loudened.astype(np.float32)
