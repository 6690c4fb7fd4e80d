"""The second part of what `mini` says of a song: which traits stand out in it, and which a description names.

Traits are the taggers' tags and the instruments of rendered scores. Nothing here is trained step by step.
Tags are what the sound tower learned to say for the teachers, instruments a ridge regression from its
features; both are standardized over real songs. Which traits a description speaks of is a ridge regression
from its sentence vector to the traits whose words stand in it, so that a text that names none still leans
to some.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.networks.mini.network import Mini
from models.networks.ridge import ridge_weights
from models.training.mini.material.corpus import Material

Floats = NDArray[np.float32]
RARE = 1e-3
"""Added to a variance, so that traits that hardly any text names weigh little."""


def learn(
    mini: Mini,
    material: Material,
    teacher: nn.Linear,
    features: Sequence[Tensor],
    recipe: Mapping[str, float],
) -> None:
    """Set the layers for traits of both towers, where there are any.

    teacher: from the trunk's features to all labels, as distilled. features: (windows, features) of all
    windows as they are, and changed. recipe: `sound` and `text`, what is added to each regression's diagonal.
    """
    if mini.sound.traits is None or mini.text.traits is None:
        return
    with torch.no_grad():
        _learn_sound(mini.sound.traits, material, teacher, features, recipe["sound"])
        _learn_text(mini.text.traits, material, recipe["text"])


def _learn_sound(
    layer: nn.Linear, material: Material, teacher: nn.Linear, features: Sequence[Tensor], ridge: float
) -> None:
    """From the trunk's features to how far each trait stands out: tags, then instruments."""
    spoken = material.spoken
    rendered = material.windows.rendered
    tagged = list(spoken.tagged)
    weight, bias = teacher.weight[tagged], teacher.bias[tagged]  # (tags, features), (tags,)
    if spoken.plays.shape[1]:
        played = np.concatenate([one[rendered].numpy() for one in features])
        there = np.tile(spoken.plays, (len(features), 1))
        matrix, offset = probed(played, there, ridge)
        weight = torch.cat([weight, torch.from_numpy(matrix)])
        bias = torch.cat([bias, torch.from_numpy(offset)])
    heard = features[0][~rendered] @ weight.T + bias  # (real windows, traits)
    mean, spread = _over_songs(heard, material.windows.song[~rendered])
    # Standardized by the layer itself, so that nothing is left to do where it is used.
    layer.weight.copy_(weight / spread[:, None])
    layer.bias.copy_((bias - mean) / spread)


@torch.no_grad()
def standardize(mini: Mini, features: Floats, together: int) -> None:
    """Bring traits to mean 0 and spread 1 over real songs again, after the trunk learned anew.

    features: the trunk's (windows, features) of real songs, `together` windows of each in a row.
    """
    layer = mini.sound.traits
    if layer is None:
        return
    song = np.arange(len(features)) // together
    mean, spread = _over_songs(layer(torch.from_numpy(features)), song)
    layer.weight.div_(spread[:, None])
    layer.bias.sub_(mean).div_(spread)


def _learn_text(layer: nn.Linear, material: Material, ridge: float) -> None:
    """From a sentence vector to how much a text speaks of each trait."""
    spoken = material.spoken
    sentences = material.windows.sentences[spoken.texts].astype(np.float32)
    matrix, offset = regressed(sentences, spoken.named, ridge)
    layer.weight.copy_(torch.from_numpy(matrix))
    layer.bias.copy_(torch.from_numpy(offset))


def probed(features: Floats, there: NDArray[np.bool_], ridge: float) -> tuple[Floats, Floats]:
    """`regressed` from features (windows, features) that are brought to one spread before."""
    spread = features.std(0) + np.float32(RARE)
    matrix, offset = regressed(features / spread, there, ridge)
    return matrix / spread, offset


def regressed(inputs: Floats, there: NDArray[np.bool_], ridge: float) -> tuple[Floats, Floats]:
    """Matrix (traits, inputs) and offset (traits,) from inputs to how much more than usual a trait is there.

    inputs: (rows, inputs), such as sentence vectors. there: (rows, traits).
    """
    share = there.mean(0)
    deviation = np.sqrt(share * (1 - share) + RARE)  # of a yes or no
    standard = (there - share) / deviation
    center = inputs.mean(0)
    centered = (inputs - center).astype(np.float64)
    matrix = ridge_weights(centered, standard, ridge).T  # (traits, inputs)
    offset = -matrix @ center
    return matrix.astype(np.float32), offset.astype(np.float32)


def _over_songs(heard: Tensor, song: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Mean and spread (traits,) over songs of what is heard (windows, traits) on average in each."""
    _, place, count = np.unique(song, return_inverse=True, return_counts=True)
    total = torch.zeros(len(count), heard.shape[1])
    total = total.index_add_(0, torch.from_numpy(place), heard)
    songs = total / torch.from_numpy(count)[:, None]  # (songs, traits)
    spread = songs.std(0, correction=0).clamp(min=RARE)
    return songs.mean(0), spread
