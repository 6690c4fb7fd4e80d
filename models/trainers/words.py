"""`nw train words --recipe minilm`: from a recipe and tables of pairs to a run, and its figures on a test."""

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from catalog.atomic import make_folder
from catalog.errors import WrongUse
from models import encoders
from models.evaluation import leaderboard, metrics
from models.evaluation.bootstrap import interval, paired
from models.evaluation.ranks import Places
from models.networks import checkpoint
from models.networks.device import chosen
from models.networks.projection_heads import HeadsConfig, WordsNetwork, principal
from models.networks.sentence_encoder import Backbone, Truncation
from models.training import contamination
from models.training.feature_cache import FeatureCache
from models.training.loop_config import LoopConfig, Report
from models.training.resuming import start_from
from models.training.settings import TrainSettings
from models.training.small_data import fewer_than_a_batch
from models.training.stopping import train_until_told
from models.training.words import pairs
from models.training.words.hard_negatives import Wanted
from models.training.words.pairs import Corpus
from models.training.words.sentences import Halves
from models.training.words.task import WordsConfig, WordsTask

TURNED_BY = 20_000
"""So many texts of each side are enough to see where vectors lie."""


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> dict[str, float]:
    """Train by the recipe on the pairs of these tables; returns figures on songs that were not trained on.

    folder gets what every run has, the test's pairs as `test.jsonl`, for `nw evaluate … --on` it, and the
    figures as `test.json`. The features are kept below `settings.home`. Raises WrongUse, NoModel, Damaged,
    TrainingFailed.
    """
    if not data:
        raise WrongUse("no data was named to train on.", try_this="nw train … --data pairs.jsonl")
    device = chosen(settings.device)
    exclude = contamination.for_judging_alone(recipe, settings)
    named = [str(one) for one in data]
    seed = recipe["training"]["seed"]
    corpus = pairs.read(named, held_out=recipe["data"]["held_out"], seed=seed, exclude=exclude)
    _require_sides(corpus)
    _say_sizes(corpus, recipe["learn"]["batch"], report)
    truncation = Truncation(**recipe["read"])
    backbone = _backbone(recipe, device)
    features = _features(backbone, corpus, truncation, settings.home / "features", report)
    task = _task(recipe, backbone, corpus, features, truncation, device)
    make_folder(folder)
    pairs.write_test(corpus, folder / leaderboard.TEST)
    about = _about(recipe, backbone, task.network)
    about |= {"recipe": dict(recipe), "data": named}
    about |= contamination.described(exclude)
    config = _config(recipe, task)
    best = train_until_told(task, config, folder, about=about, resume=resume, report=report)
    figures, first = tested(task, best)
    leaderboard.keep_test(folder, figures, first)
    report({"test": leaderboard.TEST, **figures})
    return figures


def _say_sizes(corpus: Corpus, batch: int, report: Report) -> None:
    """Tell how much there is to learn from, what stayed out, and whether it is little."""
    contamination.say(len(corpus.left_out), report)
    works = len(np.unique(corpus.group))
    sizes = {"pairs": len(corpus.pairs), "songs": len(corpus.songs), "works": works}
    report(sizes)
    note = fewer_than_a_batch(len(corpus.pairs_of(0)), batch)
    if note:
        report({"note": note})


def tested(task: WordsTask, best: Path) -> tuple[dict[str, float], Places]:
    """Figures of a checkpoint on the test's pairs beside those of the encoder without training.

    Each MRR with its 95 % interval over queries, their difference with interval and p-value, and the MRR of
    vectors that are cut. Beside them the place of each pair's song.
    """
    tensors, _ = checkpoint.load(best)
    task.network.load_state_dict(tensors)
    rows = task.corpus.pairs_of(2)
    ranks = task.ranks(rows, task.network)
    ours = metrics.per_query(ranks)
    before = metrics.per_query(task.ranks(rows))
    songs = task.right[rows]  # several descriptions of one song are one witness
    gain = paired(ours["mrr"], before["mrr"], songs=songs)
    low, high = interval(ours["mrr"], songs=songs)  # 95 %
    low_before, high_before = interval(before["mrr"], songs=songs)
    figures = {name: float(ours[name].mean()) for name in leaderboard.TABLE}
    for cut in task.config.matryoshka_dimensions[:-1]:  # the last is the whole vector
        shorter = metrics.per_query(task.ranks(rows, task.network, cut=cut))
        figures[f"mrr_of_{cut}"] = float(shorter["mrr"].mean())
    figures |= {"mrr_low": low, "mrr_high": high}
    figures["untrained_mrr"] = float(before["mrr"].mean())
    figures |= {"untrained_low": low_before, "untrained_high": high_before}
    figures |= gain.figures()
    found = {"queries": float(len(rows))}
    for name, value in figures.items():
        found[name] = round(value, 4)
    found["p"] = round(gain.p, 5)  # the least that 10,000 samples can give is 0.0001
    return found, ranks.first


def _backbone(recipe: Mapping[str, Any], device: str) -> Backbone:
    """The transformer of the recipe's encoder; `model` names other weights than its own."""
    options = {"model": recipe["model"]} if recipe["model"] else {}
    encoder = encoders.load(recipe["encoder"], **options)
    backbone: Backbone = replace(encoder.backbone, run=None)  # torch is here, and perhaps a card
    backbone.module.to(device)
    return backbone


def _features(
    backbone: Backbone, corpus: Corpus, truncation: Truncation, root: Path, report: Report
) -> tuple[Halves, Halves]:
    """Vectors of all descriptions and all lyrics by the frozen backbone, from the cache where they are."""
    descriptions = [text for text, _ in corpus.pairs]
    lyrics = [song.lyrics for song in corpus.songs]
    of_descriptions, of_lyrics = backbone.prompts

    def features(name: str, texts: Sequence[str], encode: Callable[..., Any], how: str) -> Halves:
        # Whatever changes a vector is in the cache's name; long descriptions are always cut.
        pipeline = f"{backbone.pipeline}/{name}/{how}"
        cache = FeatureCache(root, pipeline, backbone.width)
        told = _counting(name, len(set(texts)), report)
        read = functools.partial(encode, truncation=truncation)
        return cache.vectors(texts, read, done=told)

    tokens = truncation.tokens
    how_descriptions = f"truncate/{tokens}/{of_descriptions}"
    how_lyrics = f"{truncation.long}/{tokens}/{of_lyrics}"
    by_descriptions = features("descriptions", descriptions, backbone.descriptions, how_descriptions)
    by_lyrics = features("lyrics", lyrics, backbone.lyrics, how_lyrics)
    return by_descriptions, by_lyrics


def _counting(name: str, of: int, report: Report) -> Callable[[int], None]:
    """Tells the report how many texts are embedded so far, each time that it is told of some more."""
    there = 0

    def done(more: int) -> None:
        nonlocal there
        there += more
        if more:
            report({"embedded": name, "texts": there, "of": of})

    return done


def _task(
    recipe: Mapping[str, Any],
    backbone: Backbone,
    corpus: Corpus,
    features: tuple[Halves, Halves],
    truncation: Truncation,
    device: str,
) -> WordsTask:
    """The network that the recipe describes, and the task that trains it on the corpus."""
    torch.manual_seed(recipe["training"]["seed"])
    network = _network(recipe, backbone, corpus, features).to(device)
    start_from(network, recipe["weights"])
    config = _words_config(recipe, most=len(corpus.pairs_of(0)))
    # Without a backbone that is trained, texts are never read again: heads learn from the features alone.
    read_by = None if network.backbone is None else backbone
    return WordsTask(network, corpus, features, config, backbone=read_by, truncation=truncation)


def _network(
    recipe: Mapping[str, Any], backbone: Backbone, corpus: Corpus, features: tuple[Halves, Halves]
) -> WordsNetwork:
    """A network of the recipe's shape."""
    described = recipe["network"]
    dimensions = described["dimensions"]
    is_turned = dimensions <= backbone.width  # a rotation cannot make vectors wider
    shape = HeadsConfig(
        backbone.width, dimensions, described["hidden"], described["dropout"], turned=is_turned
    )
    # A copy: the frozen one stays the teacher that doubts mined negatives.
    whole = copy.deepcopy(backbone.module) if described["backbone"] else None
    turn = _turn(corpus, features, dimensions) if is_turned else None
    return WordsNetwork(shape, scale=recipe["learn"]["scale"], backbone=whole, turn=turn)


def _words_config(recipe: Mapping[str, Any], *, most: int) -> WordsConfig:
    """How the recipe learns. most: how many pairs there are, for a small table is one batch."""
    learn, network = recipe["learn"], recipe["network"]
    dimensions = network["dimensions"]
    shorter = [length for length in network["matryoshka_dimensions"] if length < dimensions]
    return WordsConfig(
        batch=min(learn["batch"], most),
        chunk=learn["chunk"],
        refresh=learn["refresh"],
        margin=learn["margin"],
        wanted=Wanted(**recipe["negatives"]),
        matryoshka_dimensions=(*shorter, dimensions),
        memory_bank=learn["memory_bank"],
        seed=recipe["training"]["seed"],
        precision=recipe["memory"]["precision"],
    )


def _turn(corpus: Corpus, features: tuple[Halves, Halves], dimensions: int) -> torch.Tensor:
    """The rotation that puts most of what is trained on into the first numbers."""
    of_pairs, of_songs = features
    descriptions = of_pairs[corpus.pairs_of(0)][:TURNED_BY]
    lyrics = of_songs[corpus.side == 0][:TURNED_BY]
    blocks = [np.asarray(side, np.float32) for side in (descriptions, lyrics)]
    seen = np.concatenate(blocks)  # (rows of both sides, dimensions)
    return principal(torch.from_numpy(seen), dimensions)


def _config(recipe: Mapping[str, Any], task: WordsTask) -> LoopConfig:
    """The recipe's plan in steps: it counts epochs, and little data make a short run."""
    training = dict(recipe["training"])
    epochs = training.pop("epochs")
    steps = max(1, round(epochs * task.per_epoch))
    judge_every = training.pop("judge_every")
    judged = max(1, min(judge_every, steps))  # once at least
    longest_warmup = max(1, steps // 10)
    warmup = min(training.pop("warmup"), longest_warmup)
    return LoopConfig(steps=steps, judge_every=judged, warmup=warmup, judge_first=True, **training)


def _about(recipe: Mapping[str, Any], backbone: Backbone, network: WordsNetwork) -> dict[str, Any]:
    """What a checkpoint's manifest must say so that an encoder can be made of it again."""
    return {
        "recipe_name": recipe.get("name", ""),
        "encoder": recipe["encoder"],
        "model": recipe["model"],
        "backbone": backbone.pipeline,
        "shape": network.described(),
        "read": dict(recipe["read"]),
    }


def _require_sides(corpus: Corpus) -> None:
    """Refuse data of which nothing is left to train on, to judge or to test by."""
    sizes = [len(corpus.pairs_of(side)) for side in range(3)]
    if min(sizes) < 2:
        learned, judged, tested = sizes
        raise WrongUse(
            f"{len(corpus.pairs)} pairs fall into {learned} to train on, {judged} to judge and {tested}"
            " to test by: artists stay on one side, and there are too few of them.",
            try_this="--set data.held_out=4    (or more data: --data may be given several times)",
        )
