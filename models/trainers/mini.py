"""How `mini` is trained: it learns to hear what the teachers hear, then sound and language agree on a space.

First the whole sound tower is distilled from the teachers' labels, with a little contrast to captions; then
its trunk is frozen, heard once, and both heads are trained on large batches, which costs next to nothing.
Last, traits are put beside what was agreed on (`models.training.mini.traits`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from catalog.errors import WrongUse
from models.encoders import minilm
from models.evaluation.metrics.mrr import reciprocal
from models.evaluation.ranks import rank_vectors
from models.networks import checkpoint, logit_scale
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.networks.mini.text import TextHead
from models.training import contamination
from models.training.loop_config import LoopConfig, Report
from models.training.losses import info_nce
from models.training.mini import traits
from models.training.mini.material.corpus import WORDINGS, Material, gather
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told

SILENCE = ("silence", "complete silence", "nothing can be heard", "no sound at all")
SHARP = 30.0
"""The largest inverse temperature."""


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool,
    report: Report,
) -> Mapping[str, float]:
    """Train `mini` from folders of music, texts and teachers; its weights go to `folder`/best.

    Returns the figures of the held-out songs. What was heard and rendered is kept below the home, in
    cache/mini, so that the next run starts at once.
    """
    if not data:
        raise WrongUse(
            "mini learns from music, and none was named.",
            try_this="nw train sound --recipe mini --data ~/Music --data ~/teachers",
        )
    torch.set_num_threads(settings.jobs)
    exclude = contamination.for_judging_alone(recipe, settings)
    cache = settings.home / "cache" / "mini"
    material = gather(recipe["material"], data, cache, lambda what: report({"material": what}), exclude)
    # After gathering: what is heard now, and not read from the cache, loads networks that draw numbers too.
    torch.manual_seed(recipe["material"]["seed"])
    about = {"recipe": dict(recipe), "windows": len(material.windows.song)}
    about |= contamination.described(exclude)

    # 1. The sound tower is distilled from the teachers.
    listening = Listening(material, recipe["listen"])
    config = LoopConfig(**recipe["listen"]["training"])
    heard = train_until_told(listening, config, folder / "listen", about=about, resume=resume, report=report)
    listening.restore(heard)

    # 2. Both heads agree on a space, over the frozen trunk.
    agreeing = Agreeing(material, listening.mini, recipe["agree"])
    config = LoopConfig(**recipe["agree"]["training"])
    agreed = train_until_told(agreeing, config, folder / "agree", about=about, resume=resume, report=report)
    agreeing.restore(agreed)

    # 3. Traits are computed, not trained.
    traits.learn(listening.mini, material, listening.whole.teacher, agreeing.features, recipe["traits"])
    figures = dict(agreeing.judge(agreeing.heads))
    save(listening.mini, folder / checkpoint.BEST, about | figures)
    return figures


def save(mini: Mini, folder: Path, about: Mapping[str, Any]) -> None:
    """Write the weights in f16 as the encoder reads them, the words for silence among them."""
    with torch.no_grad():
        sentences = torch.from_numpy(minilm.Encoder().encode_descriptions(SILENCE))
        silence = mini.eval().text(sentences).mean(0)  # (dimensions,)
        mini.silence.copy_(normalize(silence, dim=-1))
    halves = checkpoint.as_floats(mini.state_dict(), torch.float16)
    manifest = {**about, "encoder": "mini", "shape": asdict(mini.config)}
    checkpoint.save(folder, halves, manifest)


def _held_out(material: Material, every: int) -> NDArray[np.bool_]:
    """Windows (windows,) of every so-many-th real song."""
    windows = material.windows
    is_last_of_every = windows.song % every == every - 1
    held: NDArray[np.bool_] = is_last_of_every & ~windows.rendered
    return held


class _WithTeacher(nn.Module):
    """The network and a layer that says what the teachers would."""

    def __init__(self, mini: Mini, labels: int, features: int) -> None:
        super().__init__()
        self.mini = mini
        self.teacher = nn.Linear(features, labels)
        # The logarithm of the inverse temperature: e^2.5 is 12.
        self.sharpness = nn.Parameter(torch.tensor(2.5))


class Listening:
    """Distillation of the teachers into the sound tower, with a little contrast to captions."""

    def __init__(self, material: Material, recipe: Mapping[str, Any]) -> None:
        self._material, self._recipe = material, recipe
        config = MiniConfig(**recipe["shape"], traits=material.spoken.count)
        self.mini = Mini(config)
        self.mini.text.start_from(torch.from_numpy(material.center))
        self.mini.sound.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.whole = _WithTeacher(self.mini, material.windows.labels.shape[1], config.features)
        self._weights = torch.from_numpy(material.weights)
        held = _held_out(material, recipe["held_out"])
        self._learned = material.windows.where(~held)
        self._judged = np.flatnonzero(held)[:: recipe["judge_one_in"]]

    @property
    def model(self) -> nn.Module:
        """Both towers and the teacher's layer."""
        return self.whole

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Spectrograms, labels, sentence vectors, and which song and caption each row is of."""
        rng = np.random.default_rng((self._recipe["training"]["seed"], step))  # as a resumed run has it
        windows, recipe = self._learned, self._recipe
        rows = windows.draw(rng, recipe["batch"], rendered=recipe["rendered"])
        captions = windows.caption_of(rows, rng, near=WORDINGS)
        log_mels = windows.log_mels(rows, rng, jitter=recipe["jitter"])  # (batch, 497, 96)
        sentences = windows.sentences[captions].astype(np.float32)  # (batch, 384)
        of = np.stack([windows.song[rows], captions])  # (2, batch)
        return (
            torch.from_numpy(log_mels),
            torch.from_numpy(windows.labels[rows]),
            torch.from_numpy(sentences),
            torch.from_numpy(of),
            torch.from_numpy(windows.rendered[rows]),
        )

    def backward(self, batch: Any) -> Mapping[str, float]:
        """Squared error to the labels, and InfoNCE within real and within rendered windows: apart, so that
        telling a synthesizer from a record is no way out."""
        log_mels, labels, sentences, of, rendered = batch
        with torch.autocast("cpu", torch.bfloat16):
            features = self.mini.sound.features(log_mels)
            said = self.whole.teacher(features).float()  # (batch, labels)
            heard = self.mini.sound.head(features).float()  # (batch, dimensions)
        squared = (said - labels).square() * self._weights
        error = squared.sum() / (self._weights.sum() * len(labels))
        sound = normalize(heard, dim=-1)
        text = self.mini.text.meaning(sentences)
        scale = self.whole.sharpness.exp()
        contrast = torch.zeros(())
        for part in (rendered, ~rendered):
            if not part.any():
                continue
            own = of[:, part]  # (2, part): song and caption
            # The same song or the same caption: no negatives of each other.
            equal = own[:, :, None] == own[:, None, :]  # (2, part, part)
            same = equal.any(0)  # (part, part)
            contrast = contrast + info_nce(sound[part], text[part], scale=scale, same=same)
        loss = error + self._recipe["contrast"] * contrast
        loss.backward()
        return {"loss": float(loss.detach()), "contrast": float(contrast.detach())}

    def constrain(self) -> None:
        """Hold the temperature."""
        logit_scale.hold(self.whole.sharpness, SHARP)

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """How much of the labels' variance is explained in songs that were held out."""
        windows = self._material.windows
        whole: Any = model
        said = []
        parts = len(self._judged) // 32 + 1
        for part in np.array_split(self._judged, parts):
            log_mels = torch.from_numpy(windows.log_mels(part, None))  # (part, 497, 96)
            features = whole.mini.sound.features(log_mels)
            said.append(whole.teacher(features))
        labels = torch.from_numpy(windows.labels[self._judged])  # (windows, labels)
        error = (torch.cat(said) - labels).square().mean(0)  # (labels,)
        variance = labels.var(0).clamp(min=1e-3)  # of a label that never changes nothing can be explained
        explained = 1 - error / variance  # (labels,)
        weighted = (explained * self._weights).sum() / self._weights.sum()
        return {"explained": float(weighted)}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint."""
        tensors, _ = checkpoint.load(folder)
        self.whole.load_state_dict(tensors)
        self.whole.eval()


class Agreeing:
    """Both heads, trained on features of the frozen trunk with large batches from several sources."""

    def __init__(self, material: Material, mini: Mini, recipe: Mapping[str, Any]) -> None:
        self._material = material
        self._recipe = recipe
        self._mini = mini
        self.heads = nn.ModuleDict({"sound": mini.sound.head, "text": mini.text})
        sharpness = float(np.log(recipe["scale"]))
        self.sharpness = nn.Parameter(torch.tensor(sharpness))
        self.heads.register_parameter("sharpness", self.sharpness)
        mini.sound.requires_grad_(False)
        mini.sound.head.requires_grad_(True)
        # The trunk hears every window twice, as it is and changed, and then never again.
        self._features = [_features(material, mini, None), _features(material, mini, 0)]
        held = _held_out(material, recipe["held_out"])
        windows = material.windows
        self._real = np.flatnonzero(~windows.rendered & ~held)
        self._scores = np.flatnonzero(windows.rendered)
        self._judged = np.flatnonzero(held)
        # As `Windows.draw`: a long song counts by the square root of its length.
        length = np.bincount(windows.song)[windows.song[self._real]]
        chance = 1 / np.sqrt(length)
        self._chance = chance / chance.sum()

    @property
    def features(self) -> list[Tensor]:
        """The trunk's features (windows, features) of the windows as they are, and changed."""
        return self._features

    @property
    def model(self) -> nn.Module:
        """The heads and the temperature."""
        return self.heads

    def batch(self, step: int) -> list[tuple[float, Tensor | None, Tensor, Tensor, NDArray[np.int64]]]:
        """Per source: weight, features (or None), one or two sentence vectors, and what each row is of."""
        rng = np.random.default_rng((self._recipe["training"]["seed"], step))
        count, recipe = self._recipe["batch"], self._recipe
        real = rng.choice(self._real, count, p=self._chance)
        near = rng.choice(self._real, count, p=self._chance)
        sources = [self._pairs(recipe["captions"], real, rng, slice(0, WORDINGS))]
        if self._material.said:
            sources.append(self._pairs(recipe["near"], near, rng, slice(WORDINGS, None)))
        if len(self._scores):
            scores = rng.choice(self._scores, count)
            sources.append(self._pairs(recipe["scores"], scores, rng, slice(0, WORDINGS)))
        if self._material.said:
            sources.append(self._texts(recipe["texts"], count, rng))
        return sources

    def _pairs(self, weight: float, rows: Any, rng: np.random.Generator, which: slice) -> Any:
        """Windows beside one caption of each. which: the columns of captions to draw from."""
        windows = self._material.windows
        choices = windows.captions[rows, which]  # (rows, wordings)
        drawn = rng.integers(0, choices.shape[1], len(rows))
        captions = choices[np.arange(len(rows)), drawn]
        known = captions >= 0
        rows, captions = rows[known], captions[known]
        plain, changed = (features[rows] for features in self._features)
        by_chance = rng.random(len(rows)) < 0.5
        is_plain = torch.from_numpy(by_chance)[:, None]  # (rows, 1)
        features = torch.where(is_plain, plain, changed)  # (rows, features)
        # Scores have no song in common, so each gets a number of its own.
        own = -1 - np.arange(len(rows))
        song = np.where(windows.rendered[rows], own, windows.song[rows])
        of = np.stack([song, captions])  # (2, rows)
        return weight, features, self._vectors(captions), None, of

    def _texts(self, weight: float, count: int, rng: np.random.Generator) -> Any:
        """Descriptions beside the sum of some of their aspects."""
        said = self._material.said
        picked = rng.integers(0, len(said), count)
        descriptions = np.array([said[i][0] for i in picked])  # (count,) rows of sentences
        sums = []
        for i in picked:
            _, aspects = said[i]
            some = [aspect for aspect in aspects if rng.random() < 0.7]
            sums.append(self._vectors(some or aspects).sum(0))
        others = normalize(torch.stack(sums), dim=-1)  # (count, 384)
        of = np.stack([descriptions] * 2)
        return weight, None, self._vectors(descriptions), others, of

    def _vectors(self, rows: Any) -> Tensor:
        return torch.from_numpy(self._material.windows.sentences[rows].astype(np.float32))

    def backward(self, batch: Any) -> Mapping[str, float]:
        """The sum of the sources' InfoNCE."""
        scale = self.sharpness.exp()
        loss = torch.zeros(())
        for weight, features, sentences, others, of in batch:
            left = self._mini.text.meaning(sentences)  # (rows, dimensions)
            right = self._mini.text.meaning(others) if features is None else self._hear(features)
            equal = of[:, :, None] == of[:, None, :]  # (2, rows, rows): by song, by caption
            same = torch.from_numpy(equal.any(0))  # (rows, rows)
            loss = loss + weight * info_nce(right, left, scale=scale, same=same)
        loss.backward()  # type: ignore[no-untyped-call]
        return {"loss": float(loss.detach()), "scale": float(scale.detach())}

    def _hear(self, features: Tensor) -> Tensor:
        share = self._recipe["dropout"] if self.heads.training else 0.0
        kept = dropout(features, share)
        return normalize(self._mini.sound.head(kept), dim=-1)

    def constrain(self) -> None:
        """Hold the temperature."""
        logit_scale.hold(self.sharpness, SHARP)

    @torch.no_grad()
    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """Mean reciprocal rank of the right window for captions of held-out songs."""
        windows, rows, heads = self._material.windows, self._judged, model
        assert isinstance(heads, nn.ModuleDict)
        assert isinstance(heads["text"], TextHead)
        plain = self._features[0][rows]
        sound = normalize(heads["sound"](plain), dim=-1)  # (windows, dimensions)
        first_captions = windows.captions[rows, 0]
        text = heads["text"].meaning(self._vectors(first_captions))
        right = [[row] for row in range(len(rows))]
        ranks = rank_vectors(text.numpy(), sound.numpy(), right)
        return {"mrr": float(reciprocal(ranks.first).mean())}

    def restore(self, folder: Path) -> None:
        """Take the weights of a checkpoint."""
        tensors, _ = checkpoint.load(folder)
        self.heads.load_state_dict(tensors)


@torch.no_grad()
def _features(material: Material, mini: Mini, seed: int | None) -> Tensor:
    """The trunk's features (windows, features), of the windows as they are or (with a seed) changed."""
    rng = None if seed is None else np.random.default_rng(seed)
    jitter = 40 if rng else 0  # frames: 0.8 s
    windows = material.windows
    count = len(windows.song)
    mini.eval()
    features = []
    for part in np.array_split(np.arange(count), count // 48 + 1):
        log_mels = windows.log_mels(part, rng, jitter=jitter)
        features.append(mini.sound.features(torch.from_numpy(log_mels)))
    return torch.cat(features)
