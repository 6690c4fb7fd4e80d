"""What the loop trains for the fusion: descriptions find songs by both roles, now and then by one alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from catalog.vectors import Vectors
from models.evaluation import metrics
from models.evaluation.ranks import Ranks, rank_vectors
from models.networks.device import autocast
from models.networks.late_fusion import FusedNetwork
from models.training.losses import cached_backward, info_nce

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Questions:
    """queries: (texts, sound + words). songs: (songs, sound + words), not-a-number where a role is missing.

    right: (texts,) the row of the song that each is about.
    """

    queries: Vectors
    songs: Vectors
    right: Ints


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """batch: pairs of a step. chunk: rows whose gradients are in memory at once.

    missing: how often a role of a song, or of a description, that has both is left out in training.
    """

    batch: int
    chunk: int
    missing: float
    seed: int = 0
    precision: str = "f32"


@dataclass(frozen=True, slots=True)
class Batch:
    """queries, songs: (pairs, sound + words).

    same: (pairs, pairs), where two have the same song or the same description, as far as they are left:
    none is a negative of the other.
    """

    queries: Tensor
    songs: Tensor
    same: Tensor


class FusedTask:
    """InfoNCE between descriptions and songs, with modality dropout."""

    def __init__(
        self, network: FusedNetwork, learned: Questions, held_out: Questions, config: FusionConfig
    ) -> None:
        self.network = network
        self.learned = learned
        self.held_out = held_out
        self.config = config
        self.device = next(network.parameters()).device
        network.hold_scale()

    @property
    def model(self) -> nn.Module:
        """Both towers and the scale."""
        return self.network

    def batch(self, step: int) -> Batch:
        """Pairs in an order of the epoch, each role dropped by chance; all of it a function of the step."""
        rng = np.random.default_rng([self.config.seed, step])
        rows = self._rows(step)
        right = self.learned.right[rows]
        songs = self._dropped(self.learned.songs[right], rng)  # (pairs, sound + words)
        queries = self._dropped(self.learned.queries[rows], rng)
        # After dropping: two songs that differ in what was left out alone are the same to the network now.
        same = _equal_rows(songs) | _equal_rows(queries)
        on_device = [torch.from_numpy(array).to(self.device) for array in (queries, songs, same)]
        return Batch(*on_device)

    def constrain(self) -> None:
        """Hold the logit scale."""
        self.network.hold_scale()

    def backward(self, batch: Batch) -> Mapping[str, float]:
        """Gradients of the loss over the whole batch, with the memory of a chunk of it."""
        network = self.network

        def loss(queries: Tensor, songs: Tensor) -> Tensor:
            return info_nce(queries, songs, scale=network.scale, same=batch.same)

        def tower(late: nn.Module) -> Callable[[Tensor], Tensor]:
            def encode(rows: Tensor) -> Tensor:
                with autocast(self.device, self.config.precision):
                    encoded: Tensor = late(rows)
                return encoded.float()  # the loss is computed in full precision

            return encode

        towers = (tower(network.query), tower(network.song))
        value = cached_backward(towers, (batch.queries, batch.songs), loss, chunk=self.config.chunk)
        return {"loss": float(value), "scale": float(network.scale.detach())}

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """Mean reciprocal rank of the right song among all that were held out."""
        assert isinstance(model, FusedNetwork)
        values = metrics.per_query(ranks(model, self.held_out))
        return {name: float(values[name].mean()) for name in ("mrr", "recall@1", "recall@10")}

    def _rows(self, step: int) -> Ints:
        """The pairs of a step: each epoch has an order of its own, and what is over goes to none."""
        count = len(self.learned.right)
        size = min(self.config.batch, count)
        batches = count // size  # of an epoch
        epoch, place = divmod(step, batches)
        rng = np.random.default_rng([self.config.seed, 1, epoch])
        order = rng.permutation(count)
        return order[place * size : (place + 1) * size]

    def _dropped(self, both: Vectors, rng: np.random.Generator) -> Vectors:
        """The same rows; of some that have both roles one is not there."""
        out = both.copy()
        width = self.network.config.sound
        by_chance = rng.random(len(out)) < self.config.missing
        has_both = ~np.isnan(out).any(axis=1)
        drop = by_chance & has_both  # (rows,)
        is_sound = rng.random(len(out)) < 0.5  # which of the two it would be
        out[drop & is_sound, :width] = np.nan
        out[drop & ~is_sound, width:] = np.nan
        return out


def _equal_rows(both: Vectors) -> NDArray[np.bool_]:
    """Which rows are equal to which: (rows, rows)."""
    numbers = np.nan_to_num(both)  # not-a-number is not even equal to itself
    _, kinds = np.unique(numbers, axis=0, return_inverse=True)  # (rows,)
    equal: NDArray[np.bool_] = kinds[:, None] == kinds[None]
    return equal


def ranks(network: FusedNetwork, questions: Questions) -> Ranks:
    """Where the right song of each description stands among all of these songs."""
    with torch.no_grad():
        device = next(network.parameters()).device
        given = torch.from_numpy(questions.queries).to(device)
        queries = network.query(given).cpu().numpy()  # (texts, dimensions)
        gallery = torch.from_numpy(questions.songs).to(device)
        songs = network.song(gallery).cpu().numpy()  # (songs, dimensions)
    right = [[int(song)] for song in questions.right]
    return rank_vectors(queries, songs, right)
