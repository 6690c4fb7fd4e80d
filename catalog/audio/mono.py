"""Decoded frames to mono blocks, whatever changes from one frame to the next."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import av
import numpy as np
from av.audio.plane import AudioPlane
from numpy.typing import NDArray

Waveform = NDArray[np.float32]

BLOCK = 1 << 17
"""Samples of a block, about three seconds: large enough that Python's part in the work is small."""

LEAST_HZ, MOST_HZ = 1_000, 4_000_000
"""From below the rate of any recording to above that of DSD. A head that says 1 Hz would make hours of
every second."""
MOST_CHANNELS = 64  # more than any recording has

CANCELLED = 0.01
"""Of the loudest channel's power: with less in their mean, the channels cancel each other."""

_LIBAVS_PLANES = 8
"""So many pointers libav keeps in a row without a zero behind them. PyAV looks for that zero, so its `planes`
and `to_ndarray` read behind the row, and crash, where so many channels have a plane each (7.1 in AAC)."""

_NUMBERS = {"u8p": "u1", "s16p": "i2", "s32p": "i4", "s64p": "i8", "fltp": "f4", "dblp": "f8"}

# by bytes of a whole number: what stands for 1
_FULL_SCALE = {1: 128.0, 2: 32768.0, 4: 2147483648.0, 8: float(1 << 63)}


class Block(NamedTuple):
    """A stretch of mono sound: float32 (samples,), full scale at 1, so many samples a second."""

    sound: Waveform
    rate_hz: int


def implausible(rate_hz: int, channels: int) -> str:
    """Why no recording is like that; empty where some are.

    >>> implausible(1, 2), implausible(44_100, 2)
    ('1 Hz is no rate of sound', '')
    """
    if not LEAST_HZ <= rate_hz <= MOST_HZ:
        return f"{rate_hz} Hz is no rate of sound"
    if not 1 <= channels <= MOST_CHANNELS:
        return f"{channels} channels are no recording"
    return ""


def blocks_of(frames: Iterable[Any]) -> Iterator[Block]:
    """The sound of PyAV's frames in blocks of about `BLOCK` samples: a thousand each would cost time.

    Where rate, channels or sample format change, a block ends. What no recording can be is left out.
    """
    queue, like = av.AudioFifo(), None
    for frame in frames:
        now = frame.sample_rate, frame.layout.nb_channels, frame.format.name
        if now != like:
            if queue.samples:
                yield _block(queue.read())
            # PyAV's queue believes that all frames are like the first, and reads channels that are not there.
            queue, like = av.AudioFifo(), now
        if implausible(*now[:2]):
            continue
        # The queue would refuse frames whose stamps leave a gap, as damaged files have them.
        frame.pts = None
        queue.write(frame)
        if queue.samples >= BLOCK:
            yield _block(queue.read())
    if queue.samples:
        yield _block(queue.read())


def _block(frame: Any) -> Block:
    """A decoded frame of any format as mono sound."""
    if frame.format.name == "fltp" and frame.layout.nb_channels == 2:  # as MP3, AAC, Vorbis and Opus decode
        # Read where libav has them: to_ndarray copies both channels first.
        left, right = (np.frombuffer(plane, np.float32, frame.samples) for plane in frame.planes)
        return Block(mono((left, right)), frame.sample_rate)
    samples = _channels(frame)
    if samples.dtype.kind != "f":
        full_scale = _FULL_SCALE[samples.dtype.itemsize]
        middle = 128 if samples.dtype == np.uint8 else 0  # 8-bit sound alone is kept without a sign
        samples = (samples.astype(np.float32) - middle) / full_scale
    samples = np.asarray(samples, np.float32)
    return Block(mono(samples), frame.sample_rate)


def _channels(frame: Any) -> NDArray[Any]:
    """The samples (channels, samples) of a frame, in the numbers that its codec keeps."""
    channels = frame.layout.nb_channels
    samples: NDArray[Any]
    if frame.format.is_planar and channels >= _LIBAVS_PLANES:
        kind = np.dtype(_NUMBERS[frame.format.name])
        planes: list[Any] = [AudioPlane(frame, number) for number in range(channels)]
        channels_apart = [np.frombuffer(plane, kind, frame.samples) for plane in planes]
        samples = np.stack(channels_apart)
    else:
        samples = frame.to_ndarray()
    # Without planes, the channels of a sample stand side by side.
    return samples if frame.format.is_planar else samples.reshape(-1, channels).T


def mono(channels: Sequence[Waveform] | NDArray[np.float32]) -> Waveform:
    """The mean (samples,) of channels (samples,), or the loudest where they cancel each other.

    What is no number becomes silence, what is infinite full scale.
    """
    if len(channels) == 1:
        return _finite(np.ascontiguousarray(channels[0]))
    with np.errstate(invalid="ignore", over="ignore"):  # `_finite` sees to what is no number
        return _finite(_one(channels))


def _one(channels: Sequence[Waveform] | NDArray[np.float32]) -> Waveform:
    """Channels (channels, samples) to one (samples,): their mean, or the loudest where they cancel."""
    mean: Waveform
    if len(channels) == 2:  # a quarter of the time of the general way
        mean = channels[0] + channels[1]
        mean *= np.float32(0.5)
    else:
        mean = np.mean(channels, axis=0)
    # One channel with its polarity turned round, as "wide" mixes and wrong cables have it, makes the mean
    # nearly silent: an encoder would hear nothing of a song that people hear well.
    powers = [_power(channel) for channel in channels]
    loudest = int(np.argmax(powers))
    if _power(mean) < CANCELLED * powers[loudest]:
        return np.ascontiguousarray(channels[loudest])
    return mean


def _power(sound: Waveform) -> float:
    return float(np.einsum("i,i", sound, sound))  # unlike vdot without threads, which spin on all cores


def _finite(sound: Waveform) -> Waveform:
    with np.errstate(invalid="ignore", over="ignore"):
        # One number tells of all: a NaN or an infinity makes the sum one. Looking at each is slower.
        is_finite = np.isfinite(sound.sum())
    return sound if is_finite else np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0)
