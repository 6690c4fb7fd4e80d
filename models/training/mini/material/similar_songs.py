"""Captions that fit a window by what the tagger hears in it: people's words on sound that none described."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.training.mini.material.words import Text

Floats = NDArray[np.float32]
FIT = 0.4
"""Cosine from which an aspect counts as saying the same as a tag."""
RIDGE = 10.0
CROWD = 200


def profiles(texts: Sequence[Text], sentences: Floats, aspects: dict[str, Floats], tags: Floats) -> Floats:
    """What tags (texts, tags) a description speaks of, standardized.

    sentences: (texts, 384). aspects: sentence vector per aspect. tags: (tags, 384) vectors of "TAG music".
    Half of it is told by the aspects beside the text, half learned from the text by ridge regression, for an
    annotator names only some of what he hears.
    """
    center = np.mean(list(aspects.values()), axis=0)
    known = _unit(tags - tags.mean(0))

    def told_by(text: Text) -> Floats:
        """How far each tag (tags,) is spoken of by its nearest aspect: 0 up to FIT, from there on to 1."""
        own = np.stack([aspects[aspect] for aspect in text.aspects])  # (aspects, 384)
        cosines = _unit(own - center) @ known.T
        nearest_aspect: Floats = np.clip((cosines - FIT) / (1 - FIT), 0, 1).max(0)
        return nearest_aspect

    told = np.stack([told_by(text) for text in texts])
    both = 0.5 * told + 0.5 * _regressed(sentences, told)
    standard: Floats = ((both - both.mean(0)) / (both.std(0) + 0.02)).astype(np.float32)
    return standard


def nearest(standing: Floats, spoken_of: Floats, count: int) -> NDArray[np.int64]:
    """For each window the `count` texts (windows, count) whose profile is nearest to what stands out in it.

    standing: (windows, tags), spoken_of: (texts, tags), both standardized. Texts that are near to everything
    are held back (cross-domain similarity local scaling: Lample et al. 2018, arXiv:1710.04087).
    """
    similar = _unit(np.clip(standing, -1, 3)) @ _unit(np.clip(spoken_of, -1, 3)).T
    crowd = np.sort(similar, axis=0)[-CROWD:].mean(0)
    return np.argsort(-(similar - 0.5 * crowd), axis=1)[:, :count]


def _regressed(sentences: Floats, told: Floats) -> Floats:
    inputs = np.concatenate([sentences, np.ones((len(sentences), 1), np.float32)], 1)
    gram = inputs.T @ inputs + RIDGE * np.eye(inputs.shape[1], dtype=np.float32)
    fitted: Floats = inputs @ np.linalg.solve(gram, inputs.T @ told)
    return fitted


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)
    return unit
