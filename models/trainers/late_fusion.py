"""`nw train fusion --recipe mlp`: from captions of songs to a fusion, and its figures on songs not seen."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from catalog.atomic import write_text
from catalog.records import ROLES, Role
from models import encoders
from models.evaluation import metrics
from models.evaluation.bootstrap import interval, paired
from models.evaluation.fusion_methods import Comparison, Encode
from models.indexing.late_fusion import FusedEncoder
from models.indexing.song_vectors import PairedEmbeddings
from models.networks.device import chosen
from models.networks.late_fusion import FusedNetwork, LateFusionConfig
from models.training import contamination
from models.training.fusion.data import counts, gathered, questions, readers, require_enough, split
from models.training.fusion.task import FusedTask, FusionConfig
from models.training.loop_config import LoopConfig, Report
from models.training.resuming import start_from
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told

FIGURES = "test.json"


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> dict[str, float]:
    """Train by the recipe on the library's captions and these tables; returns figures on works not seen.

    Raises WrongUse where there is too little to train on, to judge or to test by.
    """
    below: dict[Role, Any] = {role: encoders.load(recipe["encoders"][role]) for role in ROLES}
    encode = readers(below, settings.home)
    exclude = contamination.for_judging_alone(recipe, settings)
    songs = gathered(below, data, settings, exclude, report)
    parts = split(songs, recipe["data"], recipe["training"]["seed"])
    report(_sizes(parts))
    require_enough(parts)
    network = _network(recipe, below).to(chosen(settings.device))
    learn = FusionConfig(**recipe["learn"], seed=recipe["training"]["seed"])
    learned = questions(parts["train"], below, encode)
    held_out = questions(parts["judge"], below, encode)
    task = FusedTask(network, learned, held_out, learn)
    about = _about(recipe, network, below)
    about |= {"recipe": dict(recipe), "data": [str(one) for one in data]}
    about |= contamination.described(exclude)
    config = LoopConfig(judge_first=True, **recipe["training"])
    best = train_until_told(task, config, folder, about=about, resume=resume, report=report)
    fused = FusedEncoder(best)
    figures = tested(parts["test"], encode, fused, words=below["words"].pipeline)
    write_text(folder / FIGURES, json.dumps(figures, indent=1) + "\n")
    return figures


def _about(recipe: Mapping[str, Any], network: FusedNetwork, below: Mapping[Role, Any]) -> dict[str, Any]:
    """What a checkpoint's manifest must say so that the fusion can be made of it again."""
    return {
        "encoder": FusedEncoder.name,
        "encoders": dict(recipe["encoders"]),
        "pipelines": {role: below[role].pipeline for role in ROLES},
        "shape": network.described(),
    }


def _sizes(parts: Mapping[str, PairedEmbeddings]) -> dict[str, int]:
    """Songs and captions of each part, to be told."""
    sizes: dict[str, int] = {}
    for name, part in parts.items():
        for what, count in counts(part).items():
            sizes[f"{name} {what}"] = count
    return sizes


def tested(
    songs: PairedEmbeddings, encode: Mapping[Role, Encode], fused: FusedEncoder, *, words: str
) -> dict[str, float]:
    """MRR of the fusion with its interval, of each role alone and of the gate; the gain over the gate.

    words: the pipeline of the role of words.
    """
    comparison = Comparison(songs, encode, words=words)
    ours = metrics.per_query(comparison.ranks("fused", fused=fused))
    others = {}  # (queries,) reciprocal ranks by each other way
    for way in (*ROLES, "gate"):
        ranks = comparison.ranks(way)
        others[way] = metrics.per_query(ranks)["mrr"]
    low, high = interval(ours["mrr"], songs=comparison.song_of)
    gain = paired(ours["mrr"], others["gate"], songs=comparison.song_of)
    figures = {"queries": float(len(comparison.texts)), "songs": float(len(songs.names))}
    for name in ("mrr", "recall@1", "recall@10"):
        figures[name] = float(ours[name].mean())
    figures |= {"mrr_low": low, "mrr_high": high}
    for way, values in others.items():
        figures[f"{way}_mrr"] = float(values.mean())
    return figures | gain.figures()


def _network(recipe: Mapping[str, Any], below: Mapping[Role, Any]) -> FusedNetwork:
    """A network of the recipe's shape, with the weights that it starts from where it names some."""
    described = dict(recipe["network"])
    scale = described.pop("scale")
    torch.manual_seed(recipe["training"]["seed"])
    config = LateFusionConfig(below["sound"].dimensions, below["words"].dimensions, **described)
    network = FusedNetwork(config, scale=scale)
    start_from(network, recipe["weights"])
    return network
