"""`nw train fusion --recipe mlp`: from captions of songs to a fusion, and its figures on songs not seen."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from catalog.atomic import write_text
from catalog.errors import WrongUse
from catalog.library.database import Catalog
from models import encoders
from models.evaluation import datasets, metrics
from models.evaluation.bootstrap import interval, paired
from models.evaluation.fusion_methods import Comparison, Encode
from models.indexing.late_fusion import FusedEncoder
from models.indexing.song_vectors import BothSides, of_clips, of_library, put_together
from models.networks.late_fusion import FusedNetwork, Shape
from models.networks.late_fusion_tower import side_by_side
from models.search.ranking import SIDES, Side
from models.training.feature_cache import FeatureCache
from models.training.fusion.task import FusedTask, How, Questions
from models.training.loop import Plan, Report, train

FIGURES = "test.json"


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: Any,
    resume: bool = False,
    report: Report = lambda line: None,
) -> dict[str, float]:
    """Train by the recipe on the library's captions and these tables; returns figures on works not seen.

    Raises WrongUse where there is too little to train on, to judge or to test by.
    """
    below: dict[Side, Any] = {side: encoders.load(recipe["encoders"][side]) for side in SIDES}
    encode = readers(below, settings.home)
    songs = gathered(below, data, settings, report)
    parts = split(songs, recipe["data"], recipe["training"]["seed"])
    report({f"{name} {what}": count for name, part in parts.items() for what, count in _counts(part).items()})
    require_enough(parts)
    network = _network(recipe, below)
    how = How(**recipe["learn"], seed=recipe["training"]["seed"])
    asked = {name: questions(part, below, encode) for name, part in parts.items()}
    task = FusedTask(network, asked["train"], asked["judge"], how)
    about = {
        "encoder": FusedEncoder.name,
        "encoders": dict(recipe["encoders"]),
        "pipelines": {side: below[side].pipeline for side in SIDES},
        "shape": network.described(),
        "recipe": dict(recipe),
        "data": [str(one) for one in data],
    }
    plan = Plan(judge_first=True, **recipe["training"])
    best = train(task, plan, folder, about=about, resume=resume, report=report)
    figures = tested(parts["test"], encode, FusedEncoder(best), gated=below["words"].name == "minilm")
    write_text(folder / FIGURES, json.dumps(figures, indent=1) + "\n")
    return figures


def readers(below: Mapping[Side, Any], home: Path) -> dict[Side, Encode]:
    """How each encoder reads descriptions, every one once: they are kept below `home`."""

    def reader(encoder: Any) -> Encode:
        cache = FeatureCache(home / "features", f"{encoder.pipeline}/queries", encoder.dimensions)
        return lambda texts: cache.vectors(texts, encoder.encode_descriptions).astype(np.float32)

    return {side: reader(encoder) for side, encoder in below.items()}


def gathered(
    below: Mapping[Side, Any], data: Sequence[Path], settings: Any, report: Report = lambda line: None
) -> BothSides:
    """The songs of the library, by the vectors that `nw index` kept, and those of tables, heard now."""
    songs = BothSides()
    if settings.catalog.exists():
        with Catalog.open(settings.catalog, read_only=True) as catalog:
            songs = of_library(catalog, {side: below[side].pipeline for side in SIDES})
    for path in data:
        found = of_clips(datasets.table(path), below["sound"], below["words"], progress=_every(100, report))
        report({"table": path.name, **_counts(found), "failed": len(found.failed)})
        songs = songs.and_also(found)
    return songs


def split(songs: BothSides, how: Mapping[str, Any], seed: int) -> dict[str, BothSides]:
    """Songs to train on, to judge and to test by, works together, each with songs put together from its own.

    how: `held_out`, one part of so many to judge by and one to test; `together`, songs made up to train on.
    """
    shares = songs.shares(how["held_out"], seed)
    rows = {"train": shares > 1, "judge": shares == 0, "test": shares == 1}
    parts = {name: songs.only(np.flatnonzero(mine).tolist()) for name, mine in rows.items()}
    counts = {name: how["together"] // (1 if name == "train" else how["held_out"]) for name in parts}
    return {name: part.and_also(put_together(part, counts[name], seed=seed)) for name, part in parts.items()}


def require_enough(parts: Mapping[str, BothSides]) -> None:
    """Refuse data of which one part has fewer than two questions."""
    asked = {name: len(part.asked) for name, part in parts.items()}
    if min(asked.values()) < 2:
        shares = ", ".join(f"{count} to {name} by" for name, count in asked.items())
        raise WrongUse(
            f"the songs have too few captions: {shares}; songs of one artist stay together.",
            try_this="nw train fusion … --data captions.jsonl    (caption, and file, lyrics or both)",
        )


def questions(songs: BothSides, below: Mapping[Side, Any], encode: Mapping[Side, Encode]) -> Questions:
    """Every question with both its vectors, and every song with both of its own."""
    widths = (below["sound"].dimensions, below["words"].dimensions)
    texts = [text for text, _ in songs.asked]
    queries = side_by_side(encode["sound"](texts), encode["words"](texts), widths)
    sound, words = (songs.one_each(side, width) for side, width in zip(SIDES, widths, strict=True))
    return Questions(queries, side_by_side(sound, words, widths), np.array([song for _, song in songs.asked]))


def tested(
    songs: BothSides, encode: Mapping[Side, Encode], fused: FusedEncoder, *, gated: bool
) -> dict[str, float]:
    """MRR of the fusion with its interval, of each side alone and of the gate; the gain over the gate."""
    comparison = Comparison(songs, encode, gated=gated)
    ours = metrics.per_query(comparison.ranks("fused", fused=fused))
    others = {way: metrics.per_query(comparison.ranks(way))["mrr"] for way in (*SIDES, "gate")}
    low, high = interval(ours["mrr"])
    gain = paired(ours["mrr"], others["gate"])
    return {
        "queries": float(len(comparison.texts)),
        "songs": float(len(songs.names)),
        **{name: float(ours[name].mean()) for name in ("mrr", "recall@1", "recall@10")},
        **{"mrr_low": low, "mrr_high": high},
        **{f"{way}_mrr": float(values.mean()) for way, values in others.items()},
        **{"gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high, "p": gain.p},
    }


def _network(recipe: Mapping[str, Any], below: Mapping[Side, Any]) -> FusedNetwork:
    network = dict(recipe["network"])
    scale = network.pop("scale")
    torch.manual_seed(recipe["training"]["seed"])
    return FusedNetwork(Shape(below["sound"].dimensions, below["words"].dimensions, **network), scale=scale)


def _every(songs: int, report: Report) -> Callable[[int, str], None]:
    """Tells the report each time that so many songs more were heard or read."""
    done = 0

    def progress(more: int, name: str) -> None:
        nonlocal done
        done += more
        if done % songs == 0:
            report({"heard and read": done, "last": name})

    return progress


def _counts(songs: BothSides) -> dict[str, int]:
    return {"songs": len(songs.names), "captions": len(songs.asked)}
