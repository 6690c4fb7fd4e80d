"""The third part of a vector of `mini`: which of AudioSet's classes stand out in a song, or a text names.

Nothing here is trained step by step. Classes of sound are the mean of the layer that was distilled and of a
ridge regression from the trunk's features to the teacher's logits, standardized over real songs. Which
classes a text speaks of is the sum of three maps, each linear in its sentence vector: a ridge regression to
the classes of MusicCaps' clips from their captions (a bridge), its likeness to the classes' names, and to the
captions of the clips that have a class.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from models.networks.mini.network import Mini
from models.networks.mini.text import TextHead
from models.networks.ridge import ridge_weights

Floats = NDArray[np.float32]
FREQUENT = 8
"""Captions that a class must have to be bridged to; of others the name alone is known."""

MUSIC = 137
"""The place of the class `Music` in AudioSet's table."""

SOUNDS = (range(39, MUSIC), range(283, 527))
"""Where the classes stand that are no music: what bodies and animals do, nature, machines, noises."""


@dataclass(frozen=True, slots=True)
class LabelledCaptions:
    """Captions with the classes of their clips, and the names of the classes.

    vectors: (clips, 384) sentence vectors. labels: (clips, classes) whether a clip has a class.
    names: (classes, 384) sentence vectors of the classes' names.
    """

    vectors: Floats
    labels: NDArray[np.bool_]
    names: Floats


@dataclass(frozen=True, slots=True)
class Material:
    """The trunk's wide features (windows, wide) of windows, and the teacher's logits (windows, classes).

    The last `real` windows are of real music as it is, `together` of each song in a row.
    """

    features: Floats
    logits: Floats
    real: int
    together: int

    def real_features(self, width: int) -> Floats:
        """The first of the wide features (windows, width) of real songs that are there in full."""
        whole = self.real // self.together * self.together
        return self.features[-self.real :][:whole, :width]


def labels_of(table: Path, mids: Sequence[str]) -> tuple[list[str], NDArray[np.bool_]]:
    """MusicCaps' captions, and the classes (clips, classes) of each by AudioSet's identifiers."""
    place = {mid: i for i, mid in enumerate(mids)}
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    labels = np.zeros((len(rows), len(mids)), bool)
    for row, there in zip(rows, labels, strict=True):
        named = row["audioset_positive_labels"].split(",")
        there[[place[mid] for mid in named if mid in place]] = True
    return [row["caption"] for row in rows], labels


def text_map(captions: LabelledCaptions, recipe: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Matrix (classes, 384) and offset (classes,) from a sentence vector to how much it speaks of each class.

    recipe: `ridge`, what is added to the regression's diagonal, and the weights of `bridge`, `names` and
    `captions`; each map is brought to one spread over the captions before. Of a class that hardly any caption
    has, the name alone is known, with the weight `rare`, and a text must be `near` spreads more like it than
    captions are, or it does not speak of it.
    """
    clips = captions.labels.sum(0)  # (classes,) how many clips have it
    frequent = clips >= FREQUENT
    standard = _standard(captions.labels, frequent)
    center = captions.vectors.mean(0)
    centered = (captions.vectors - center).astype(np.float64)  # (clips, 384)
    bridge = ridge_weights(centered, standard, recipe["ridge"]).T  # (classes, 384)
    sums = standard.T @ centered  # (classes, 384)
    described = sums / np.maximum(clips, 1)[:, None]
    names = captions.names - captions.names.mean(0)
    matrix = np.zeros_like(bridge)
    for name, part in (("bridge", bridge), ("names", names), ("captions", described)):
        spread = (centered @ part.T).std()
        matrix += recipe[name] * part / spread
    spread_by_name = (centered @ names.T).std()
    matrix[~frequent] = recipe["rare"] * names[~frequent] / spread_by_name
    threshold = np.where(frequent, 0, recipe["rare"] * recipe["near"])
    offset = -matrix @ center - threshold
    return matrix.astype(np.float32), offset.astype(np.float32)


def _standard(labels: NDArray[np.bool_], frequent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Labels (clips, classes) as z-scores of a yes or no; 0 where a class is not frequent."""
    share = labels.mean(0)
    deviation = np.sqrt(share * (1 - share) + 1e-9)
    return np.where(frequent, (labels - share) / deviation, 0)


Layer = tuple[Floats, Floats]
"""A linear map: matrix (outputs, inputs) and offset (outputs,)."""


def learn(
    mini: Mini, material: Material, distilled: Layer, captions: LabelledCaptions, recipe: Mapping[str, float]
) -> None:
    """Set every layer for classes of both towers, and the one that reads classes from a vector.

    distilled: from wide features to the teacher's logits.
    recipe: `sound`, `ridge` and `tags`, what is added to the regressions' diagonals; `calm`, added to a
    class's spread; `music` and `steep`, the logit of `Music` at which half of what is only of music is kept,
    and how fast that changes; the rest is for `text_map`.
    """
    sound, text = mini.sound, mini.text
    if sound.classes is None or sound.kept is None or sound.music is None:
        return
    if text.classes is None or text.kept is None or text.sounds is None or mini.tags is None:
        return
    with torch.no_grad():
        # Either is wrong in its own way, and their mean explains more of held-out sound than both.
        taught_slopes, taught_offsets = distilled
        solved_slopes, solved_offsets = regressed(material.features, material.logits, recipe["sound"])
        half = np.float32(0.5)
        slopes = half * (taught_slopes + solved_slopes)
        offsets = half * (taught_offsets + solved_offsets)
        # The regression says logits; the layer says how far they stand out over real songs.
        usual, spread = _over_songs(material, slopes, offsets)
        spread += recipe["calm"]
        _set(sound.classes, slopes / spread[:, None], (offsets - usual) / spread)

        # A logistic gate: 0 at the logit `music`.
        gate = slopes[[MUSIC]]
        shift = offsets[[MUSIC]] - recipe["music"]
        _set(sound.music, recipe["steep"] * gate, recipe["steep"] * shift)

        # Both towers project to the same main directions, so that cosines stay nearly what they were.
        features = torch.from_numpy(material.features)
        main = _main_directions(sound.classes(features), mini.config.kept)
        sound.kept.weight.copy_(main)
        text.kept.weight.copy_(main)
        _set(text.classes, *text_map(captions, recipe))
        text.sounds.weight.copy_(no_music(text.sounds.in_features))
        center(text, captions.vectors)

        # Last, as it reads the vectors that all of the above make.
        vectors = sound.vectors(features).numpy()
        _set(mini.tags, *regressed(vectors, material.logits, recipe["tags"]))


def center(text: TextHead, captions: Floats) -> None:
    """Set what descriptions have in common to the mean of each part over captions (captions, 384)."""
    with torch.no_grad():
        parts = text.parts(torch.from_numpy(captions))
        # Without strict: a network that is not centered keeps no mean.
        for usual, part in zip(text.usual, parts, strict=False):
            usual.copy_(part.mean(0))


def no_music(count: int) -> torch.Tensor:
    """Which of the first `count` classes are no music (1, count): 1 where one is not, else 0."""
    is_sound = torch.zeros(1, count)
    for places in SOUNDS:
        is_sound[:, places.start : places.stop] = 1.0
    return is_sound


def regressed(inputs: Floats, outputs: Floats, ridge: float) -> tuple[Floats, Floats]:
    """Matrix (outputs, inputs) and offset (outputs,) of a ridge regression over inputs of one spread."""
    mean = inputs.mean(0)
    spread = inputs.std(0) + 1e-3
    standard = ((inputs - mean) / spread).astype(np.float64)
    middle = outputs.mean(0)
    weights = ridge_weights(standard, outputs - middle, ridge)
    matrix = weights.T / spread
    offset = middle - matrix @ mean
    return matrix.astype(np.float32), offset.astype(np.float32)


def _over_songs(material: Material, slopes: Floats, offsets: Floats) -> tuple[Floats, Floats]:
    """Mean and spread (classes,) over real songs of what is heard on average in each."""
    real = material.real_features(material.features.shape[1])
    logits = real @ slopes.T + offsets  # (windows, classes)
    by_song = logits.reshape(-1, material.together, len(slopes))  # (songs, windows of one, classes)
    songs = by_song.mean(1)  # (songs, classes)
    return songs.mean(0), songs.std(0)


def _main_directions(classes: torch.Tensor, count: int) -> torch.Tensor:
    """Orthonormal rows (count, classes) that hold most of which classes (windows, classes) stand out."""
    standing = normalize(torch.relu(classes), dim=-1).double()  # (windows, classes)
    # Without centering: what is kept is the cosine, not the variance. In 64 bits, for many are next to zero.
    eigen = torch.linalg.eigh(standing.T @ standing)
    largest_first = eigen.eigenvectors.flip(1)  # columns; eigh gives the smallest first
    main: torch.Tensor = largest_first[:, :count].T.float()
    return main


def _set(layer: torch.nn.Linear, matrix: Floats, offset: Floats) -> None:
    layer.weight.copy_(torch.from_numpy(matrix))
    layer.bias.copy_(torch.from_numpy(offset))
