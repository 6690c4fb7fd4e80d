"""Sound that real libraries hold and no encoder makes: files behind files, heads that lie."""

import functools
import io

import av
import numpy as np
import soundfile

SECONDS = 2.0
ENCODED_BY_AV = {
    "mp3": ("mp3", "mp3", 44_100, 22_050),
    "mp2": ("mp2", "mp2", 44_100, 48_000),
    "aac": ("aac", "adts", 44_100, 22_050),
    "ac3": ("ac3", "ac3", 44_100, 48_000),
    "ts": ("aac", "mpegts", 44_100, 22_050),
    "opus": ("libopus", "ogg", 48_000, 24_000),
    "flac": ("flac", "flac", 44_100, 22_050),
    "wv": ("wavpack", "wv", 44_100, 22_050),
}
ENCODED_BY_SOUNDFILE = {"ogg": ("OGG", 44_100, 22_050), "wav": ("WAV", 44_100, 22_050)}
KINDS = (*ENCODED_BY_AV, *ENCODED_BY_SOUNDFILE)


def tone(hz, rate, channels, seconds=SECONDS):
    """A sine, the same in all channels: float32 (samples, channels)."""
    time = np.arange(round(seconds * rate)) / rate
    return np.repeat((0.4 * np.sin(2 * np.pi * hz * time)).astype(np.float32)[:, None], channels, axis=1)


@functools.cache  # the same few tones are asked for again and again
def encoded(kind, hz, *, channels=2, other_rate=False, seconds=SECONDS):
    """The bytes of a file of that kind with a tone in it, at the usual rate of the kind or at another."""
    if kind in ENCODED_BY_SOUNDFILE:
        form, *rates = ENCODED_BY_SOUNDFILE[kind]
        file = io.BytesIO()
        soundfile.write(file, tone(hz, rates[other_rate], channels, seconds), rates[other_rate], format=form)
        return file.getvalue()
    codec, form, *rates = ENCODED_BY_AV[kind]
    return by_av(codec, form, rates[other_rate], [tone(hz, rates[other_rate], channels, seconds)])


def by_av(codec, form, rate, tracks, *, default=None):
    """A file of one sound stream for each track (samples, channels); `default`: the number of that one."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as out:
        streams = []
        for number, sound in enumerate(tracks):
            layout = {1: "mono", 2: "stereo"}[sound.shape[1]]
            stream = out.add_stream(codec, rate=rate, layout=layout, bit_rate=128_000)
            if default is not None:
                flags = av.stream.Disposition
                stream.disposition = flags.default if number == default else flags(0)
            streams.append((stream, sound, layout))
        for stream, sound, layout in streams:
            context = stream.codec_context
            fit = av.AudioResampler(context.format, layout, rate, frame_size=context.frame_size or 0)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout=layout)
            frame.rate = rate
            for piece in [*fit.resample(frame), *fit.resample(None)]:
                out.mux(stream.encode(piece))
            out.mux(stream.encode(None))
    return file.getvalue()


def pitches(windows, rate_hz):
    """The loudest frequency of each window (windows, samples), in whole hertz."""
    size = windows.shape[1]
    return [round(float(np.abs(np.fft.rfft(window)).argmax()) * rate_hz / size) for window in windows]
