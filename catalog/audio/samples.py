"""Samples in a cell of a table, as some data sets keep sound: to bytes that are read like any other file."""

import io
from typing import Any

import numpy as np
import soundfile

RATES = (1_000, 768_000)
"""Hz: what sound is kept at; anything else is a number of another meaning."""
MOST_CHANNELS = 32  # of an array, whichever of its sides they are


def encoded(samples: Any, rate_hz: Any) -> bytes:
    """Samples as a WAV file of 32-bit floats, so that equal samples are equal bytes.

    samples: numbers (samples,), (channels, samples) or (samples, channels): there are fewer channels than
    samples. Whole numbers are 16-bit sound where one of them is beyond 1. Raises ValueError where they are
    none, or without a rate.
    """
    try:
        rate = int(rate_hz)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("nothing says how many of them make a second") from None
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(f"{rate} a second is no rate of sound")
    try:
        values = np.asarray(samples, np.float64)
    except (TypeError, ValueError):
        raise ValueError("they are not all numbers") from None
    if values.ndim == 2:
        first, second = values.shape
        # Sound is longer than it has channels: whichever number is small counts them.
        if first <= min(second, MOST_CHANNELS):
            values = values.T  # (samples, channels), as sound files are written
    channels = values.shape[1] if values.ndim == 2 else 1
    if not values.size or values.ndim > 2 or channels > MOST_CHANNELS:
        raise ValueError(f"an array of shape {values.shape} is no sound")
    if not np.isfinite(values).all():
        raise ValueError("not all of them are finite")
    loudest = np.abs(values).max()
    are_whole = (values == np.round(values)).all()
    if loudest > 1 and are_whole:
        bits = 15 if loudest <= 2**15 else 31  # beside the sign
        values = values / 2**bits
    within = np.clip(values, -1, 1).astype(np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, within, rate, format="WAV", subtype="FLOAT")
    return buffer.getvalue()
