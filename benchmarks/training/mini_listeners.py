"""Who is compared in `mini_card.py`: `mini` as shipped, and the teacher without any training.

The teacher is musicnn's 100 tags in the space of sentences: z-scored log probabilities, only what stands out,
as weights of the centred vectors of "TAG music".
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import unit
from models.encoders import minilm
from models.encoders.mini import Encoder
from models.training.mini.material.teachers import Musicnn

Floats = NDArray[np.floating]
FAINT = 1e-5
"""Added to probabilities before the logarithm."""


class Student:
    """`mini` as shipped."""

    def __init__(self, weights: Path) -> None:
        self._encoder = Encoder(weights)

    def hear(self, windows: NDArray[np.float32]) -> Floats:
        """A song's windows (n, 160000) to its vector."""
        return self._encoder.pool(self._encoder.encode_windows(windows))

    def songs(self, heard: Sequence[Floats]) -> Floats:
        """What was heard of every song to unit vectors (songs, width)."""
        return np.stack(heard)

    def read(self, texts: Sequence[str]) -> Floats:
        """Descriptions to unit vectors (texts, width)."""
        return self._encoder.encode_descriptions(texts)


class Teacher:
    """musicnn's tags, put into the space of sentences without any training."""

    def __init__(self, weights: Path) -> None:
        self._networks = [Musicnn(weights, name) for name in ("MTT_musicnn", "MSD_musicnn")]
        self.tags = [tag for network in self._networks for tag in network.tags]
        self._words = minilm.Encoder()
        phrases = [f"{tag.lower()} music" for tag in self.tags]
        tags = self._words.encode_descriptions(phrases)  # (tags, 384)
        self._tags = tags - tags.mean(0)

    def hear(self, windows: NDArray[np.float32]) -> Floats:
        """Log probabilities (n, 100) of each window."""
        # Behind its tags a network gives its features.
        of_networks = [network(windows)[:, : len(network.tags)] for network in self._networks]
        return np.concatenate(of_networks, 1)

    def songs(self, heard: Sequence[Floats]) -> Floats:
        """Log probabilities of every song's windows to unit vectors (songs, 384)."""
        probabilities = np.stack([np.exp(song).mean(0) for song in heard])  # (songs, tags)
        logarithms = np.log(probabilities + FAINT)
        z_scores = (logarithms - logarithms.mean(0)) / logarithms.std(0)
        standing = np.clip(z_scores, 0, None)  # only what stands out
        return unit(standing @ self._tags)

    def read(self, texts: Sequence[str]) -> Floats:
        """Descriptions to unit vectors (texts, 384)."""
        return self._words.encode_descriptions(texts)
