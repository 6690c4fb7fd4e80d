"""How far two sets of texts lie apart in the space of a sentence encoder, and how far is far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import Vectors
from models.encoders import DescriptionEncoder

SHOWN = 400
"""Texts of each set that lie on the map."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From the first set of texts to the second; similarities are cosines.

    means: of the two mean vectors. halves: of the means of two random halves of one set, the smaller of both
    sets: what `means` would be if there were no shift. nearest: the median, over texts of the second set, of
    its most similar text in the first; nearest_own: among the other texts of its own set, of as many.
    points: (texts shown, 2), the two directions in which all texts spread most; the first `split` belong to
    the first set. texts: what lies there.
    """

    encoder: str
    texts_compared: tuple[int, int]
    means: float
    halves: float
    nearest: float
    nearest_own: float
    points: tuple[tuple[float, float], ...]
    split: int
    texts: tuple[str, ...]


def shift(first: Sequence[str], second: Sequence[str], encoder: DescriptionEncoder) -> Shift | None:
    """Encode both sets and compare them; None where one has fewer than four texts."""
    if min(len(first), len(second)) < 4:
        return None
    one = encoder.encode_descriptions(first)
    other = encoder.encode_descriptions(second)
    # As many texts on both sides: the more there are, the nearer is the nearest.
    size = min(len(one), len(other)) - 1
    nearest = (other @ one[:size].T).max(axis=1)  # (texts of the second,)
    near_own = _nearest_other(other, size)
    shown_one, shown_other = one[:SHOWN], other[:SHOWN]
    plane = _plane(np.concatenate([shown_one, shown_other]))  # (texts shown, 2)
    points = [(float(x), float(y)) for x, y in plane]
    means = _cosine(one.mean(0), other.mean(0))
    halves = min(_halves(one), _halves(other))
    return Shift(
        encoder=encoder.name,
        texts_compared=(len(one), len(other)),
        means=means,
        halves=halves,
        nearest=float(np.median(nearest)),
        nearest_own=float(np.median(near_own)),
        points=tuple(points),
        split=len(shown_one),
        texts=(*first[:SHOWN], *second[:SHOWN]),
    )


def _cosine(one: Vectors, other: Vectors) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other / max(lengths, 1e-9))


def _halves(vectors: Vectors) -> float:
    """The cosine of the means of two random halves."""
    order = np.random.default_rng(0).permutation(len(vectors))
    middle = len(order) // 2
    one, other = order[:middle], order[middle:]
    return _cosine(vectors[one].mean(0), vectors[other].mean(0))


def _nearest_other(vectors: Vectors, size: int) -> NDArray[np.float32]:
    """For each vector the similarity of the most similar one among `size` others."""
    similar = vectors @ vectors.T  # (texts, texts)
    np.fill_diagonal(similar, -1.0)  # a text is not its own neighbour
    among = similar[:, : size + 1]  # one more, for itself is among them
    nearest: NDArray[np.float32] = among.max(1)
    return nearest


def _plane(vectors: Vectors) -> NDArray[np.float64]:
    """The first two principal components, each with the sign that makes its largest weight positive."""
    centered = (vectors - vectors.mean(0)).astype(np.float64)
    _, _, directions = np.linalg.svd(centered, full_matrices=False)
    axes = directions[:2]  # (2, dimensions)
    largest = np.abs(axes).argmax(axis=1)
    signs = np.sign(axes[np.arange(2), largest])  # (2,)
    axes *= signs[:, None]
    plane: NDArray[np.float64] = centered @ axes.T
    return plane
