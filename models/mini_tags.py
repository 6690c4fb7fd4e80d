"""The second half of what `mini` says of a song: which tags stand out in it, and which a description names.

Nothing here is trained step by step. What the sound tower learned to say for the teachers is standardized
over songs; which tags a description speaks of is a ridge regression from its sentence vector to the tags
whose words stand in it, so that a text that names none of them still leans to some.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.material.gathered import Material
from models.mini_network import Mini

Floats = NDArray[np.float32]
RARE = 1e-3
"""Added to a variance, so that tags that hardly any text names weigh little."""


def learn(mini: Mini, material: Material, teacher: nn.Linear, features: Tensor, *, ridge: float) -> None:
    """Set the layers for tags of both towers, where there are tags and texts.

    teacher: from the trunk's features to all labels, as distilled. features: (windows, features) of all
    windows. ridge: what is added to the diagonal of the sentences' covariance.
    """
    if mini.sound.tags is None or mini.text.tags is None:
        return
    with torch.no_grad():
        tagged = list(material.tagged)
        weight, bias = teacher.weight[tagged], teacher.bias[tagged]
        real = torch.from_numpy(~material.windows.rendered)
        mean, spread = _over_songs(features[real] @ weight.T + bias, material.windows.song[real.numpy()])
        mini.sound.tags.weight.copy_(weight / spread[:, None])
        mini.sound.tags.bias.copy_((bias - mean) / spread)
        sentences = material.windows.sentences[[row for row, _ in material.said]].astype(np.float32)
        matrix, offset = regressed(sentences, material.named, ridge)
        mini.text.tags.weight.copy_(torch.from_numpy(matrix))
        mini.text.tags.bias.copy_(torch.from_numpy(offset))


def regressed(sentences: Floats, named: NDArray[np.bool_], ridge: float) -> tuple[Floats, Floats]:
    """The matrix (tags, 384) and offset (tags,) from sentence vectors to standardized mentions of tags.

    sentences: (texts, 384). named: (texts, tags) whether a text names a tag.
    """
    share = named.mean(0)
    standard = (named - share) / np.sqrt(share * (1 - share) + RARE)
    center = sentences.mean(0)
    centered = (sentences - center).astype(np.float64)
    gram = centered.T @ centered + ridge * np.eye(centered.shape[1])
    matrix = np.linalg.solve(gram, centered.T @ standard).T
    return matrix.astype(np.float32), (-matrix @ center).astype(np.float32)


def _over_songs(said: Tensor, song: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Mean and spread (tags,) over songs of what is said (windows, tags) on average in each."""
    _, place, count = np.unique(song, return_inverse=True, return_counts=True)
    total = torch.zeros(len(count), said.shape[1]).index_add_(0, torch.from_numpy(place), said)
    songs = total / torch.from_numpy(count)[:, None]
    return songs.mean(0), songs.std(0, correction=0).clamp(min=RARE)
