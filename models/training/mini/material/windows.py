"""Rows to tensors: windows as log-mel spectrograms, a little different each time, and what is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.networks.mini import coarse_mel

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of songs, and what teachers or scores say about them.

    songs: per song log10 mel power (frames, 96), any float, perhaps on disk. song, frame: (windows,) where
    each window starts. labels: (windows, labels), standardized, NaN where nobody knows.
    captions: (windows, wordings) rows of `sentences`. sentences: (texts, 384) unit sentence vectors.
    rendered: (windows,) whether the window was played from a score.
    """

    songs: Sequence[NDArray[np.floating]]
    song: Ints
    frame: Ints
    labels: Floats
    captions: Ints
    sentences: NDArray[np.floating]
    rendered: NDArray[np.bool_]

    def draw(self, rng: np.random.Generator, count: int, *, rendered: float) -> Ints:
        """Rows by chance: a share of rendered ones; long songs count by the square root of their length."""
        played = np.flatnonzero(self.rendered)
        real = np.flatnonzero(~self.rendered)
        many = round(count * rendered) if len(played) else 0
        # A song of n windows is drawn n / sqrt(n) as often as one of a single window.
        length = np.bincount(self.song)[self.song[real]]
        chance = 1 / np.sqrt(length)
        picks = []
        if many:
            picks.append(rng.choice(played, many))
        if many < count:
            share = chance / chance.sum()  # (real windows,), together 1
            picks.append(rng.choice(real, count - many, p=share))
        return np.concatenate(picks)

    def where(self, kept: NDArray[np.bool_]) -> "Windows":
        """Only these windows (windows,)."""
        return replace(
            self,
            song=self.song[kept],
            frame=self.frame[kept],
            labels=self.labels[kept],
            captions=self.captions[kept],
            rendered=self.rendered[kept],
        )

    def caption_of(self, rows: Ints, rng: np.random.Generator, *, near: int) -> Ints:
        """A caption (rows,) of each by chance: of the first `near` or, where there are, of the others."""
        has_others = self.captions[rows, -1] >= 0
        other = (rng.random(len(rows)) < 0.5) & has_others
        own = rng.integers(0, near, len(rows))
        first = self.captions[rows, own]
        beyond = rng.integers(near, self.captions.shape[1], len(rows))
        last = self.captions[rows, beyond]
        return np.where(other, last, first)

    def log_mels(self, rows: Ints, rng: np.random.Generator | None, *, jitter: int = 0) -> Floats:
        """Level-free spectrograms (rows, 497, 96); with `rng` moved by up to `jitter` frames and changed."""
        power = np.stack([self._power(row, rng, jitter) for row in rows])
        if rng is not None:
            power = changed(power, rng)
        return coarse_mel.level_free(power)

    def _power(self, row: int, rng: np.random.Generator | None, jitter: int) -> Floats:
        """Mel power (497, 96) of one window; a song that is shorter is repeated."""
        song = self.songs[self.song[row]]
        frame = int(self.frame[row])
        if rng is not None and jitter:
            frame += int(rng.integers(-jitter, jitter + 1))
        last = len(song) - coarse_mel.FRAMES
        frame = max(min(frame, last), 0)
        log_mel = np.asarray(song[frame : frame + coarse_mel.FRAMES], np.float32)
        shape = coarse_mel.FRAMES, coarse_mel.BANDS
        power: Floats = np.resize(10.0**log_mel, shape).astype(np.float32)
        return power


def changed(power: Floats, rng: np.random.Generator) -> Floats:
    """Mel power (windows, frames, bands) as other equipment would hand it on: what a listener would not mind.

    Each by chance: treble cut as by a low rate or a codec, a gentle equalizer, hiss, silence at first, and
    a few masked bands or moments (Park et al. 2019, arXiv:1904.08779).
    """
    out = power.copy()
    loudness = np.maximum(out.sum(2).mean(1), 1e-12)  # (windows,)
    for window, loud in zip(out, loudness, strict=True):
        _change(window, loud, rng)
    return out


def _change(window: Floats, loudness: np.float32, rng: np.random.Generator) -> None:
    """Change one window (frames, bands) where it lies. loudness: its mean power."""
    frames, bands = window.shape
    height = np.linspace(0, 1, bands, dtype=np.float32)  # low to high
    # A low rate or a codec: from some band on next to nothing is left.
    if rng.random() < 0.35:
        lowest = int(rng.integers(bands * 7 // 12, bands))
        window[:, lowest:] *= 10.0 ** -rng.uniform(2, 8)
    if rng.random() < 0.5:
        # As rooms and microphones do it: the treble louder or softer, and a few waves over that.
        turn = rng.uniform(-1, 1)
        tilt = rng.uniform(-6, 6)
        phase = rng.uniform(0, 6.3)
        waves = rng.uniform(2, 8)
        slope = tilt * (height - 0.5)
        ripple = 3 * turn * np.sin(phase + height * waves)
        curve = slope + ripple  # decibels (bands,)
        window *= (10.0 ** (curve / 10)).astype(np.float32)
    if rng.random() < 0.35:
        hiss = loudness * 10.0 ** rng.uniform(-5.5, -2.5) / bands
        grains = rng.exponential(1, window.shape)  # as the power of noise is spread
        noise = hiss * grains * (0.3 + height)  # louder in the treble
        window += noise.astype(np.float32)
    # A recording that begins before the music does.
    if rng.random() < 0.08:
        begins = int(rng.integers(10, frames * 3 // 5))
        window[:begins] = 0
    # A few bands masked.
    if rng.random() < 0.3:
        start = int(rng.integers(bands - 8))
        width = int(rng.integers(1, 8))
        window[:, start : start + width] *= 1e-4
