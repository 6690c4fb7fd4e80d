"""What an index keeps of chance: how well sentences about other things do in it, and how to tell them.

Both are made from `request_examples` when an index is built; `models.search.fitting` uses them.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import Halves
from catalog.vectors import Vectors
from models.encoders import DescriptionEncoder
from models.indexing.background import scores_in_blocks
from models.indexing.request_examples import MUSIC, OTHER
from models.networks.late_fusion_tower import open_tower
from models.networks.ridge import ridge_weights
from models.search import fitting
from models.search.fitting import Fitting

RIDGE = 10.0
"""Chosen on sentences held out from the examples: models/EXPERIMENTS.md, "What fits"."""
FOLDS = 10
"""Of cross-validation."""
PASSING = 0.05
"""Of sentences about other things may be taken for music."""
TELLS = 0.5
"""A classifier that knows fewer of the requests for music than that says nothing."""
OTHERS = "others.npy"


def others_of(encoder: DescriptionEncoder, old: Path | None) -> NDArray[np.float32]:
    """Vectors (sentences, dimensions) of sentences about other things, kept from the index before or new."""
    if old is not None and (old / OTHERS).exists():
        kept: NDArray[np.float32] = np.load(old / OTHERS)
        if len(kept) == len(OTHER):
            return kept
    made: NDArray[np.float32] = encoder.encode_descriptions(OTHER)
    return made


def best_above(
    vectors: Halves,
    starts: NDArray[np.int64],
    background: NDArray[np.float32],
    others: NDArray[np.float32],
) -> NDArray[np.float32]:
    """How far the best song stands above its own mean for each sentence (sentences,); of no song -inf.

    vectors: (rows, dimensions), a song's from each start on. background: (songs, 2), mean and deviation.
    others: (sentences, dimensions). A matrix product and no search.
    """
    best = np.full(len(others), -np.inf, np.float32)
    for songs, scores in scores_in_blocks(vectors, starts, others):
        above = scores - background[songs, :1]  # (songs, others)
        best = np.maximum(best, above.max(axis=0))
    return best


def write(
    content: Path,
    encoder: DescriptionEncoder,
    others: NDArray[np.float32],
    above: NDArray[np.float32],
    old: Path | None,
) -> None:
    """Write what is known of chance beside the tower of a new content; old: one that has it ready."""
    np.save(content / OTHERS, others)
    before = fitting.read(old) if old is not None else None
    if before is not None:
        replace(before, above=above).save(content)
        return
    tower = open_tower(content / "tower")
    music, other = tower.sentences(MUSIC), tower.sentences(OTHER)
    slopes, offset = telling(music, other)
    languages = tuple(sorted(encoder.languages or ()))
    Fitting(above, slopes, offset, languages).save(content)


def telling(music: Vectors, other: Vectors) -> tuple[NDArray[np.float32], float]:
    """A linear classifier (slopes, offset) of sentence vectors: above zero is a request for music.

    music, other: (sentences, dimensions). Ridge regression with both kinds at the same weight; the offset
    lets PASSING of the others through, as counted on folds that were left out. Where an encoder cannot tell
    the two, everything counts as music.
    """
    left_music = np.empty(len(music))
    left_other = np.empty(len(other))
    for fold in range(FOLDS):
        from_music = np.arange(len(music)) % FOLDS == fold
        from_other = np.arange(len(other)) % FOLDS == fold
        slopes, centre = _ridge(music[~from_music], other[~from_other])
        left_music[from_music] = (music[from_music] - centre) @ slopes
        left_other[from_other] = (other[from_other] - centre) @ slopes
    # By sentences that were left out: those that were learned from lie too far on their side.
    line = float(np.quantile(left_other, 1 - PASSING))
    known = np.mean(left_music > line)
    if known < TELLS:
        # No slopes and an offset above zero: every sentence is a request for music.
        return np.zeros(music.shape[1], np.float32), 1.0
    slopes, centre = _ridge(music, other)
    offset = -centre @ slopes - line
    return slopes.astype(np.float32), float(offset)


def _ridge(music: Vectors, other: Vectors) -> tuple[Vectors, Vectors]:
    """Slopes and centre (dimensions,) of a ridge regression to 1 for music and -1 for the rest."""
    rows = np.concatenate([music, other]).astype(np.float64)
    counts = [len(music), len(other)]
    wanted = np.repeat([1.0, -1.0], counts)  # (rows,)
    # Both kinds count alike, however many texts there are of each.
    shares = [0.5 / len(music), 0.5 / len(other)]
    weights = np.repeat(shares, counts) * len(rows)  # (rows,), 1 on average
    centre = weights @ rows / weights.sum()  # (dimensions,)
    slopes = ridge_weights(rows - centre, wanted, RIDGE, weights)
    return slopes, centre
