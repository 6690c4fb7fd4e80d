"""Captions that fit a window by what the tagger hears in it: people's words on sound that none described."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import unit
from models.networks.ridge import ridge_weights
from models.training.mini.material.words import Text

Floats = NDArray[np.float32]
FIT = 0.4
"""Cosine from which an aspect counts as saying the same as a tag."""
RIDGE = 10.0
"""Added to the diagonal of the regression from sentence vectors."""
CROWD = 200
"""So many nearest windows of a text say how near to everything it is."""


def profiles(texts: Sequence[Text], sentences: Floats, aspects: dict[str, Floats], tags: Floats) -> Floats:
    """What tags (texts, tags) a description speaks of, standardized.

    sentences: (texts, 384). aspects: sentence vector per aspect. tags: (tags, 384) vectors of "TAG music".
    Half of it is told by the aspects beside the text, half learned from the text by ridge regression, for an
    annotator names only some of what he hears.
    """
    center = np.mean(list(aspects.values()), axis=0)  # (384,) what all aspects share says nothing
    known = unit(tags - tags.mean(0))

    def told_by(text: Text) -> Floats:
        """How far each tag (tags,) is spoken of by its nearest aspect: 0 up to FIT, from there on to 1."""
        own = np.stack([aspects[aspect] for aspect in text.aspects])  # (aspects, 384)
        cosines = unit(own - center) @ known.T  # (aspects, tags)
        fits = np.clip((cosines - FIT) / (1 - FIT), 0, 1)
        nearest_aspect: Floats = fits.max(0)
        return nearest_aspect

    told = np.stack([told_by(text) for text in texts])  # (texts, tags)
    learned = _regressed(sentences, told)
    both = 0.5 * told + 0.5 * learned
    spread = both.std(0) + 0.02  # a tag that hardly any text speaks of is not blown up
    standard: Floats = ((both - both.mean(0)) / spread).astype(np.float32)
    return standard


def nearest(standing: Floats, spoken_of: Floats, count: int) -> NDArray[np.int64]:
    """For each window the `count` texts (windows, count) whose profile is nearest to what stands out in it.

    standing: (windows, tags), spoken_of: (texts, tags), both standardized. Texts that are near to everything
    are held back (cross-domain similarity local scaling: Lample et al. 2018, arXiv:1710.04087).
    """
    heard = unit(np.clip(standing, -1, 3))
    described = unit(np.clip(spoken_of, -1, 3))
    similar = heard @ described.T  # (windows, texts)
    crowd = np.sort(similar, axis=0)[-CROWD:].mean(0)  # (texts,) mean cosine to the nearest windows
    scaled = similar - 0.5 * crowd
    return np.argsort(-scaled, axis=1)[:, :count]


def _regressed(sentences: Floats, told: Floats) -> Floats:
    """What is told (texts, tags), as far as it follows from the sentence vectors (texts, 384)."""
    ones = np.ones((len(sentences), 1))  # for the offset
    inputs = np.concatenate([sentences, ones], 1)  # (texts, 385)
    weights = ridge_weights(inputs, told, RIDGE)  # (385, tags)
    fitted: Floats = (inputs @ weights).astype(np.float32)
    return fitted
