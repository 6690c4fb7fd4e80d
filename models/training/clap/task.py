"""CLAP as a task of the loop: contrast among many pairs of sound and words, judged by retrieval."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist

from catalog.atomic import make_folder, write_text
from catalog.errors import TrainingFailed
from catalog.records import Clip
from models.encoders import clap
from models.evaluation import evaluate, protocols
from models.evaluation.gallery import embedded
from models.networks.clap import WINDOW_S
from models.networks.clap.from_pcm import on_device
from models.networks.clap.network import ClapNetwork
from models.networks.device import autocast
from models.training.clap.batch import Batch, padded_chunks, padded_tokens, same_pairs
from models.training.clap.feed import Feed
from models.training.clap.feed_process import FeedProcess
from models.training.clap.rates import rate_of
from models.training.distributed import anywhere, from_first, gathered, gathered_names, sum_gradients
from models.training.losses import cached_backward, info_nce, random_state, set_random_state
from models.training.prefetch import Prefetch
from models.training.schedules import rows_at_once

Validation = tuple[str, Callable[[], Iterator[Clip]]]
"""A name, and the clips to judge on."""


_ANEW = "a new run: without --run, without --resume"
TOO_LARGE = (
    "nw train … --set memory.checkpointing=true"
    f"    ({_ANEW}; or shorter sounds: --set 'schedule.seconds=[10,60]')"
)
DIVERGED = (
    "nw train … --set weights='{run}/best' --set training.learning_rate=1e-5"
    f"    ({_ANEW}, from its best weights)"
)


class ClapTask:
    """What the loop trains; see `models.training.task`: `Task`, `Streaming`, `LayerWise`.

    memory_s: seconds of sound whose gradients fit in memory together; the other pairs of a batch are
    negatives all the same (gradient caching). rates: what the learning rate is multiplied by for `text`,
    `audio` and `pooling`, 0 freezes; `layer_decay` for each layer further from the vectors.
    """

    def __init__(
        self,
        network: ClapNetwork,
        feed: Feed | FeedProcess,
        tokenizer: Path,
        *,
        memory_s: float,
        rates: Mapping[str, float],
        precision: str = "f32",
        validations: Sequence[Validation] = (),
        troubles: Path | None = None,
    ) -> None:
        self.network = network
        self.feed = feed
        self.tokenizer = tokenizer
        self.memory_s = memory_s
        self.rates = rates
        self.precision = precision
        self.validations = validations
        self.troubles = troubles
        self.device = next(network.parameters()).device
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(self.rate_of(name) > 0)  # a rate of 0 freezes
        # Two temperatures are kept in CLAP's files; one is trained.
        network.clap.logit_scale_t.requires_grad_(False)
        network.hold_scale()
        self._batches = Prefetch(self._made)
        self._last: Batch | None = None

    @property
    def model(self) -> nn.Module:
        """The network."""
        return self.network

    def batch(self, step: int) -> Batch:
        """The next pairs of the stream; those of the step after are being made already."""
        self._last = self._batches.take(step)
        return self._last

    def _made(self, step: int) -> Batch:
        """In the thread that is ahead."""
        batch = self.feed.next(step)
        return batch.pinned() if self.device.type == "cuda" else batch

    def close(self) -> None:
        """End what makes batches ahead."""
        self.feed.stop()
        self._batches.close()
        self.feed.close()

    def notes(self) -> Sequence[Mapping[str, Any]]:
        """The songs that were lost on the way to the last batch."""
        lost = () if self._last is None else self._last.lost
        return [{"lost": one.place, "why": one.why} for one in lost]

    def constrain(self) -> None:
        """Hold the logit scale at its limit."""
        self.network.hold_scale()

    def state(self) -> Mapping[str, Any]:
        """Where the stream and chance stand, in every process that takes part."""
        # As text, for it goes into the manifest.
        chance = []
        for state in random_state():
            content = state.numpy().tobytes()
            chance.append(content.hex())
        # Not where the feed stands now: it is ahead, and what it has made is lost with the process.
        stands = self.feed.state() if self._last is None else self._last.after
        own = {**stands, "chance": chance}
        if not dist.is_initialized():
            return {"ranks": [own]}
        world = dist.get_world_size()
        ranks: list[dict[str, Any] | None] = [None] * world
        dist.all_gather_object(ranks, own)  # fills it
        return {"ranks": ranks}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on there. Raises Incompatible for other data, or another number of processes."""
        rank = dist.get_rank() if dist.is_initialized() else 0
        ranks = state["ranks"]
        # More processes than then get the last one's, and the feed refuses it with the way out.
        own = ranks[min(rank, len(ranks) - 1)]
        self.feed.resume(own)
        states = []
        for drawn in own["chance"]:
            content = bytearray.fromhex(drawn)
            states.append(torch.frombuffer(content, dtype=torch.uint8))
        set_random_state(states)

    def rate_of(self, name: str) -> float:
        """What the learning rate of a parameter is multiplied by (see `models.training.clap.rates`)."""
        return rate_of(name, self.rates, self.network.clap.config)

    def backward(self, batch: Batch) -> Mapping[str, float]:
        """Add the gradients; halves what is computed together where memory runs out, and says so."""
        started = time.monotonic()
        halved = 0
        while True:
            together = rows_at_once(batch.seconds, budget_s=self.memory_s)
            try:
                loss, accuracy = self._contrast(batch, together)
                break
            except (torch.OutOfMemoryError, MemoryError) as problem:
                if together == 1:
                    raise self._failed(batch, "one pair does not fit into memory", TOO_LARGE) from problem
                self.memory_s /= 2  # for all batches to come: this one is not the longest
                halved += 1
                self.network.zero_grad(set_to_none=True)
        if anywhere(not bool(torch.isfinite(loss))):
            raise self._failed(batch, f"the loss is {float(loss)}", DIVERGED)
        seconds = time.monotonic() - started
        rate = len(batch.rows) / max(seconds, 1e-6)
        logged = {
            "loss": float(loss),
            "accuracy": accuracy,
            "scale": float(self.network.scale.detach()),
            "sound_s": batch.seconds,
            "tokens": float(max(map(len, batch.tokens))),
            "rows_per_s": round(rate, 2),
        }
        if halved:
            logged |= {"out_of_memory": float(halved), "memory_s": self.memory_s}
        return logged

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """MRR and Recall@10 of text to music on every validation set, the first set's MRR first.

        The first of several processes judges, for all on the same songs; on a card in the precision of the
        training, and the first time in float32 too, so that the log says what that changes.
        """
        assert isinstance(model, ClapNetwork)
        return from_first(lambda: self._judged_by_first(model))

    def _judged_by_first(self, model: ClapNetwork) -> dict[str, float]:
        in_half = self.precision == "bf16" and self.device.type == "cuda"
        precision = "bf16" if in_half else "f32"
        figures = self._judged(model, precision)
        if in_half and self._last is None:
            in_full = self._judged(model, "f32")
            for name, value in in_full.items():
                figures[f"{name} bf16-f32"] = figures[name] - value
        return figures

    def _judged(self, model: ClapNetwork, precision: str) -> dict[str, float]:
        """Figures on every validation set; songs are heard at the length that training has come to."""
        # Of the last batch that was trained on: the feed itself is ahead of it.
        asked = self.feed.asked if self._last is None else self._last.after["asked"]
        step = asked // self.feed.size
        seconds = self.feed.lengths.seconds_at(step)
        encoder: Any = clap.InTraining(model, self.tokenizer, seconds=seconds, precision=precision)
        figures: dict[str, float] = {}
        for name, clips in self.validations:
            gallery = embedded(encoder, clips(), name)
            rule = protocols.protocol(protocols.default(name))
            encode = encoder.encode_descriptions
            report = evaluate.evaluate(gallery, encode, rule, encoder="clap", pipeline=encoder.pipeline)
            found = report.directions[evaluate.TEXT_TO_MUSIC].figures
            # The first set's figures bear no name: they are what early stop and `nw runs` look at.
            prefix = f"{name} " if figures else ""
            for metric in ("mrr", "recall@10"):
                figures[prefix + metric] = found[metric].value
            mrr = found["mrr"]
            figures[f"{prefix}mrr_low"] = mrr.low
            figures[f"{prefix}mrr_high"] = mrr.high
        return figures

    def _contrast(self, batch: Batch, together: int) -> tuple[Tensor, float]:
        """The loss, and the share of songs whose nearest words are right; gradients are added on the way.

        together: pairs whose gradients are in memory at once.
        """
        self.network.clap.audio_model.audio_encoder.batch_norm.eval()  # its averages are of pre-training
        hits: list[float] = []
        songs = gathered_names(batch.songs)
        texts = gathered_names(batch.texts)
        same = same_pairs(songs, texts).to(self.device)  # (pairs of all processes, the same)

        def loss(sound: Tensor, words: Tensor) -> Tensor:
            left, right = gathered(sound), gathered(words)  # (pairs of all processes, dimensions)
            cosines = left.detach() @ right.detach().T
            nearest = cosines.argmax(1)  # (pairs,)
            each = torch.arange(len(left), device=self.device)
            right_nearest = same[each, nearest].float()
            hits.append(float(right_nearest.mean()))
            return info_nce(left, right, scale=self.network.scale, same=same)

        def of_sound(some: Tensor) -> Tensor:
            return self._sound(batch, some)

        def of_words(some: Tensor) -> Tensor:
            return self._words(batch, some)

        rows = torch.arange(len(batch.rows))
        texts_together = max(together, min(64, len(rows)))  # they take little memory beside sound
        chunks = together, texts_together
        value = cached_backward((of_sound, of_words), (rows, rows), loss, chunk=chunks)
        sum_gradients(self.network, shared=("logit_scale",))
        return value, hits[0]

    def _sound(self, batch: Batch, rows: Tensor) -> Tensor:
        """Unit vectors (rows, dimensions) of these songs' sound: all chunks go through the tower together."""
        own = [batch.sound[row] for row in rows.tolist()]
        chunk_s = batch.seconds if self.network.strategy == "stretch" else WINDOW_S
        mel = on_device(own, chunk_s, self.device)  # (chunks of all songs, frames, 64)
        with self._cast():
            raw = self.network.embed_mel(mel).float()  # (chunks of all songs, dimensions)
            of_songs = torch.split(raw, [len(one) for one in own])
            chunks, mask = padded_chunks(of_songs)
            return self.network.songs(chunks, mask).float()

    def _words(self, batch: Batch, rows: Tensor) -> Tensor:
        """Unit vectors (rows, dimensions) of these songs' words."""
        own = [batch.tokens[row] for row in rows.tolist()]
        ids, mask = padded_tokens(own)  # (rows, longest)
        with self._cast():
            ids, mask = ids.to(self.device), mask.to(self.device)
            embedded = self.network.texts(ids, mask)  # (rows, dimensions)
            return embedded.float()

    def _cast(self) -> torch.autocast:
        return autocast(self.device, self.precision)

    def _failed(self, batch: Batch, why: str, try_this: str) -> TrainingFailed:
        """Keep what the batch was, so that the culprit can be found."""
        if self.troubles is not None:
            try_this = try_this.format(run=self.troubles.parent)
            rows = {"step": batch.step, "why": why, "rows": batch.rows, "songs": batch.songs}
            write_text(self.troubles, json.dumps(rows, indent=1) + "\n")
        seen = f"at step {batch.step} with {batch.seconds:g} s of sound"
        return TrainingFailed(f"{why} {seen}; the batch's songs are in {self.troubles}.", try_this=try_this)


def keep_tokenizer(tokenizer: Path, folder: Path) -> None:
    """Lay the tokenizer beside the checkpoints of a run, so that they are encoders by themselves."""
    make_folder(folder)
    if tokenizer.resolve() != (folder / "tokenizer.json").resolve():
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
