"""Whether an encoder is alive: unrelated texts must not collapse, sounds must differ, vectors must be finite.

A published CLAP checkpoint (`laion/larger_clap_music`) has a dead text tower: any two texts have a cosine of
about 0.999, and a search with it answers chance. Better to hear of that before a night of indexing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Damaged
from catalog.vectors import Vectors, unit

PROMPTS = (
    "solo piano, slow and sad",
    "heavy metal with distorted guitars",
    "a choir singing in a church",
    "fast techno beat",
    "birds and rain, no music",
    "a man is talking",
    "trumpet and big band swing",
    "8-bit video game chiptune",
)
COLLAPSED = 0.97
"""Mean cosine of unrelated texts, or of unrelated sounds, above which an encoder cannot tell them apart."""


def require_alive(encoder: Any) -> None:
    """Refuse an encoder that cannot tell unrelated texts, or unrelated sounds, apart.

    encoder: a SoundEncoder or WordsEncoder. Costs eight texts and, for sound, four windows. Raises Damaged.
    """
    texts = encoder.encode_descriptions(PROMPTS)
    _require_apart(texts, "texts", encoder)
    if encoder.role == "sound":
        windows = _sounds(encoder.rate_hz, encoder.window_s)
        _require_apart(encoder.encode_windows(windows), "sounds", encoder)


def mean_cosine(vectors: Vectors) -> float:
    """The mean cosine of all pairs among vectors (rows, dimensions).

    >>> mean_cosine(np.eye(3, dtype=np.float32))
    0.0
    """
    rows = unit(vectors)
    cosines = rows @ rows.T  # (rows, rows)
    pairs = np.triu_indices(len(rows), k=1)  # each pair once, none with itself
    return float(cosines[pairs].mean())


def _require_apart(vectors: Vectors, what: str, encoder: Any) -> None:
    if not np.isfinite(vectors).all():
        raise _dead(encoder, f"some of its vectors of {what} are not finite")
    cosine = mean_cosine(vectors)
    if cosine > COLLAPSED:
        raise _dead(encoder, f"unrelated {what} are all alike to it (mean cosine {cosine:.3f})")


def _dead(encoder: Any, why: str) -> Damaged:
    return Damaged(
        f"{encoder.pipeline} does not work: {why}, so what it finds would be chance.",
        try_this="nw models    (choose another checkpoint, or the default encoder `mini`)",
    )


def _sounds(rate_hz: int, window_s: float) -> Vectors:
    """Four sounds with nothing in common: a chord, noise, clicks, a low drone."""
    time = np.arange(round(rate_hz * window_s)) / rate_hz  # (samples,), seconds

    def sine(hz: float) -> NDArray[np.float64]:
        wave: NDArray[np.float64] = np.sin(2 * np.pi * hz * time)
        return wave

    chord = (sine(262) + sine(330) + sine(392)) / 4
    noise = np.random.default_rng(0).normal(0, 0.2, time.size)
    every_half_second = np.where(time % 0.5 < 0.004, 0.8, 0.0)
    clicks = every_half_second * np.sign(sine(900))
    drone = 0.5 * sine(55)
    return np.stack([chord, noise, clicks, drone]).astype(np.float32)
