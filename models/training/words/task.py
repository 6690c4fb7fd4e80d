"""What the loop trains for words: heads over features computed once, or the whole encoder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from catalog.vectors import Vectors
from models.evaluation.metrics.mrr import reciprocal
from models.evaluation.ranks import Ranks, rank_vectors
from models.networks.device import autocast
from models.networks.projection_heads import WordsNetwork
from models.networks.sentence_encoder import Backbone, Truncation, shortened
from models.training.losses import cached_backward
from models.training.words.hard_negatives import Wanted, mine
from models.training.words.loss import words_loss
from models.training.words.pairs import Corpus, Ints
from models.training.words.sentences import Halves, Sentences


@dataclass(frozen=True)
class WordsConfig:
    """How pairs become batches.

    batch: pairs of a step. chunk: rows of which gradients are in memory at once. refresh: steps between two
    minings. margin: see `models.training.words.hard_negatives.mine`.
    matryoshka_dimensions: lengths of vectors. memory_bank: how many songs of earlier batches are negatives by
    the vectors that they had then. precision: of what is computed, `f32` or `bf16`.
    """

    batch: int
    chunk: int
    refresh: int
    margin: float
    wanted: Wanted
    matryoshka_dimensions: tuple[int, ...]
    memory_bank: int = 0
    seed: int = 0
    precision: str = "f32"


@dataclass(frozen=True)
class Batch:
    """rows: of the pairs. songs: the columns, right ones and hard negatives. memory_bank: earlier songs."""

    rows: Ints
    songs: Ints
    memory_bank: Ints


class WordsTask:
    """Descriptions find lyrics.

    features: vectors of the frozen backbone, of the descriptions of all pairs and the lyrics of all songs.
    They are what heads are trained on, and the teacher that doubts mined negatives. Where the network has a
    backbone of its own that is trained, texts go through that one.
    """

    def __init__(
        self,
        network: WordsNetwork,
        corpus: Corpus,
        features: tuple[Halves, Halves],
        config: WordsConfig,
        *,
        backbone: Backbone | None = None,
        truncation: Truncation = Truncation(),  # noqa: B008 (frozen)
    ) -> None:
        self.network = network
        self.corpus = corpus
        self.features = features
        self.sentences = Sentences(corpus, features, truncation, backbone)
        self.config = config
        self.rows = corpus.pairs_of(0)
        self.valid = corpus.pairs_of(1)
        self.right = np.array([song for _, song in corpus.pairs], np.int64)  # (pairs,)
        self._mined: tuple[int, Ints] | None = None  # at which step, and (training pairs, negatives)
        self._bank: Tensor | None = None  # (songs, dimensions)
        self.device = next(network.parameters()).device
        network.hold_scale()

    @property
    def model(self) -> nn.Module:
        """Heads, and the backbone where it is trained."""
        return self.network

    @property
    def per_epoch(self) -> int:
        """Steps that see every pair once."""
        return max(1, len(self.rows) // self.config.batch)

    def batch(self, step: int) -> Batch:
        """Pairs in an order of the epoch, each song's hard negatives, and the memory bank: songs before it.

        Negatives are mined anew every `refresh` steps.
        """
        config = self.config
        is_due = step % config.refresh == 0
        # Not twice at one step: a run that is resumed there has the negatives of its checkpoint.
        mined_at = None if self._mined is None else self._mined[0]
        if mined_at is None or (is_due and mined_at != step):
            self._mine(step)
        assert self._mined is not None
        _, mined = self._mined  # (training pairs, negatives)
        places = self._places(step)
        rows = self.rows[places]
        hard = mined[places]  # (batch, negatives)
        own = np.unique(self.right[rows])
        # Not a song that another pair of the batch asks for: it is a negative of the others already.
        negatives = np.setdiff1d(hard[hard >= 0], own)  # -1 stands for none
        songs = np.concatenate([own, negatives])
        return Batch(rows, songs, self._banked(step, songs))

    def backward(self, batch: Batch) -> Mapping[str, float]:
        """Gradients of the loss over the whole batch, with the memory of a chunk of it."""
        network, config = self.network, self.config
        right, ignored = self._masks(batch.rows, batch.songs)
        memory_bank = bank_ignored = None
        if self._bank is not None and len(batch.memory_bank):
            memory_bank = self._bank[batch.memory_bank]
            _, bank_ignored = self._masks(batch.rows, batch.memory_bank)
        fresh: list[Tensor] = []  # the songs' vectors of this step, for the bank

        def loss(descriptions: Tensor, lyrics: Tensor) -> Tensor:
            fresh.append(lyrics.detach())
            return words_loss(
                descriptions,
                lyrics,
                scale=network.scale,
                right=right,
                ignored=ignored,
                matryoshka_dimensions=config.matryoshka_dimensions,
                memory_bank=memory_bank,
                bank_ignored=bank_ignored,
            )

        inputs = [torch.from_numpy(batch.rows), torch.from_numpy(batch.songs)]
        towers = [partial(self._describe, network), partial(self._read, network)]
        value = cached_backward(towers, inputs, loss, chunk=config.chunk)
        if self._bank is not None:
            self._bank[batch.songs] = fresh[0].float()
        scale = float(network.scale.detach())
        return {"loss": float(value), "scale": scale, "songs": float(len(batch.songs))}

    def constrain(self) -> None:
        """Hold the logit scale."""
        self.network.hold_scale()

    def remembered(self) -> Mapping[str, Tensor]:
        """The negatives that were mined last and the memory bank: both are of weights that are gone."""
        if self._mined is None:
            return {}
        step, mined = self._mined
        kept = {"mined_at": torch.tensor(step), "mined": torch.from_numpy(mined)}
        return kept if self._bank is None else {**kept, "bank": self._bank}

    def remember(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on with them, as if the run had never stopped."""
        if "mined" in tensors:
            self._mined = int(tensors["mined_at"]), tensors["mined"].numpy()
        self._bank = tensors["bank"].to(self.device) if "bank" in tensors else None

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """MRR and recall of the held-out descriptions among the held-out songs."""
        ranks = self.ranks(self.valid, model)
        first = ranks.first  # (descriptions,)
        return {
            "mrr": float(reciprocal(first).mean()),
            "recall@1": float((first <= 1).mean()),
            "recall@10": float((first <= 10).mean()),
        }

    def ranks(self, rows: Ints, model: nn.Module | None = None, *, cut: int | None = None) -> Ranks:
        """Places of the right songs for these pairs, among the songs of these pairs.

        model: whose vectors; without one, those of the frozen backbone itself. cut: their first numbers only.
        """
        songs = np.unique(self.right[rows])
        place = {int(song): at for at, song in enumerate(songs)}
        if model is None:
            of_texts, of_songs = self.features
            queries = np.asarray(of_texts, np.float32)[rows]
            gallery = np.asarray(of_songs, np.float32)[songs]
        else:
            queries, gallery = self.vectors(rows, songs, model)
            queries = shortened(queries, cut)
            gallery = shortened(gallery, cut)
        right = [[place[int(song)]] for song in self.right[rows]]
        return rank_vectors(queries, gallery, right)

    def vectors(self, rows: Ints, songs: Ints, model: nn.Module) -> tuple[Vectors, Vectors]:
        """Vectors of the descriptions of these pairs and the lyrics of these songs, without gradients."""
        assert isinstance(model, WordsNetwork)
        was_training = model.training
        try:
            model.eval()
            described = _all(partial(self._describe, model), rows)
            read = _all(partial(self._read, model), songs)
        finally:
            model.train(was_training)
        return described, read

    def _describe(self, network: WordsNetwork, rows: Tensor) -> Tensor:
        """Vectors (rows, dimensions) of these pairs' descriptions by a network."""
        with autocast(self.device, self.config.precision):
            sentences = self.sentences.of(network, 0, rows.numpy())
            described: Tensor = network.describe(sentences)
        return described.float()

    def _read(self, network: WordsNetwork, songs: Tensor) -> Tensor:
        """Vectors (songs, dimensions) of these songs' lyrics by a network."""
        with autocast(self.device, self.config.precision):
            sentences = self.sentences.of(network, 1, songs.numpy())
            read: Tensor = network.read(sentences)
        return read.float()

    def _places(self, step: int) -> Ints:
        """Which training pairs a step sees: a pure function of the step."""
        epoch, at = divmod(step, self.per_epoch)
        rng = np.random.default_rng([self.config.seed, epoch])
        order = rng.permutation(len(self.rows))
        first = at * self.config.batch
        return order[first : first + self.config.batch]  # what fills no batch waits for another epoch's order

    def _banked(self, step: int, songs: Ints) -> Ints:
        """Songs of the batches before a step, without those of the batch."""
        batches = self.config.memory_bank // self.config.batch
        oldest = max(0, step - batches)
        before = [np.empty(0, np.int64)]  # so that there is something to join at the first step
        # Which songs they had is computed, not kept: batches are pure functions of the step.
        for earlier in reversed(range(oldest, step)):
            pairs = self.rows[self._places(earlier)]
            before.append(self.right[pairs])
        seen = np.concatenate(before)
        others = np.setdiff1d(seen, songs)  # each once, ascending
        return others[: self.config.memory_bank]

    def _masks(self, rows: Ints, songs: Ints) -> tuple[Tensor, Tensor]:
        """Where a song is the right one, and where it is nearly the same: bool (pairs, songs)."""
        own = self.right[rows]  # (pairs,)
        right = torch.from_numpy(own[:, None] == songs[None])
        group = self.corpus.group
        own_work, their_work = group[own], group[songs]
        same_work = torch.from_numpy(own_work[:, None] == their_work[None])
        return right.to(self.device), same_work.to(self.device)

    def _mine(self, step: int) -> None:
        """Negatives of every training pair by the network as it is; the memory bank's vectors."""
        config = self.config
        songs = np.unique(self.right[self.rows])
        if not (config.wanted.total or config.memory_bank):
            # Nothing to mine: a table without columns lets the rest go its way.
            none = np.full((len(self.rows), 0), -1, np.int64)
            self._mined = step, none
            return
        now = self.vectors(self.rows, songs, self.network)
        if config.memory_bank:
            _, lyrics = now
            shape = len(self.corpus.songs), lyrics.shape[1]
            self._bank = torch.zeros(shape, device=self.device)
            self._bank[songs] = torch.from_numpy(lyrics).to(self.device)
        of_texts, of_songs = self.features
        texts_before = np.asarray(of_texts[self.rows], np.float32)
        songs_before = np.asarray(of_songs[songs], np.float32)
        rng = np.random.default_rng([config.seed, step, 1])
        found = mine(
            self.corpus.songs,
            self.corpus.group,
            songs,
            self.right[self.rows],
            now=now,
            teacher=(texts_before, songs_before),
            wanted=config.wanted,
            margin=config.margin,
            rng=rng,
        )
        self._mined = (step, found)


def _all(tower: Callable[[Tensor], Tensor], rows: Ints) -> Vectors:
    """Vectors of many rows, a few at a time."""
    with torch.no_grad():
        blocks = torch.split(torch.from_numpy(rows), 64)
        parts = [tower(block).cpu() for block in blocks]
    vectors: Vectors = torch.cat(parts).numpy()
    return vectors
