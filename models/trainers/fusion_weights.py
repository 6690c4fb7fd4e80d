"""`nw train fusion --recipe weights`: how much sound and words count in a query, tuned on captions."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from catalog.atomic import make_folder, write_text
from catalog.index_manifest import keep_weight
from catalog.records import ROLES, Role
from models import encoders
from models.evaluation import metrics
from models.evaluation.bootstrap import paired
from models.evaluation.fusion_methods import Comparison
from models.evaluation.ranks import Places
from models.indexing.song_vectors import PairedEmbeddings, put_together
from models.networks.checkpoint import METRICS
from models.trainers.late_fusion import FIGURES
from models.training import contamination
from models.training.fusion.data import gathered, readers, require_enough
from models.training.loop_config import Report
from models.training.settings import TrainSettings


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> dict[str, float]:
    """Find the best ratio on half of the works, judge it on the other, and keep it in the indexes' manifests.

    Equal weights stay unless the tuned ones do better on the half that they were not tuned on. The run takes
    seconds, so `resume` starts it again. Raises WrongUse where there are too few captions.
    """
    below: dict[Role, Any] = {role: encoders.load(recipe["encoders"][role]) for role in ROLES}
    exclude = contamination.for_judging_alone(recipe, settings)
    songs = gathered(below, data, settings, exclude, report)
    halves = _halves(songs, recipe)
    require_enough(halves)
    encode = readers(below, settings.home)
    words = below["words"].pipeline
    tune = Comparison(halves["tune"], encode, words=words)
    judge = Comparison(halves["judge"], encode, words=words)
    make_folder(folder)
    best = _tuned(tune, recipe, folder, report)
    tuned = _found(judge, recipe, best)  # (questions,) reciprocal ranks
    even = _found(judge, recipe, 1.0)
    gain = paired(tuned, even, songs=judge.song_of)
    ratio = best if gain.mean > 0 else 1.0
    kept = weights(ratio)
    for role, weight in kept.items():
        keep_weight(settings.indexes / role, weight)
    figures = {"queries": float(len(judge.texts))}
    figures |= {"mrr": float(tuned.mean()), "even_mrr": float(even.mean())}
    figures |= gain.figures()
    figures |= {"tuned_ratio": float(best), **kept}
    write_text(folder / FIGURES, json.dumps(figures, indent=1) + "\n")
    return figures


def _tuned(tune: Comparison, recipe: Mapping[str, Any], folder: Path, report: Report) -> float:
    """The ratio of the recipe's grid that finds best; every ratio is a line of the run's log."""
    lines: list[dict[str, float]] = []
    for step, ratio in enumerate(recipe["ratios"]):
        mrr = float(_found(tune, recipe, ratio).mean())
        lines.append({"step": step, "ratio": ratio, "mrr": mrr})
    written = "".join(json.dumps(line) + "\n" for line in lines)
    write_text(folder / METRICS, written)
    for line in lines:
        report(line)
    return max(lines, key=_mrr_then_evenness)["ratio"]


def _mrr_then_evenness(line: Mapping[str, float]) -> tuple[float, float]:
    """Of ratios that find as well, the one nearest to equal weights is the least surprising."""
    unevenness = abs(np.log(line["ratio"]))  # 1 to 2 and 2 to 1 are as uneven
    return line["mrr"], -unevenness


def weights(ratio: float) -> dict[str, float]:
    """What sound and words count where sound counts `ratio` times as much; the larger is 1.

    >>> weights(0.5)
    {'sound': 0.5, 'words': 1.0}
    """
    ratio = float(ratio)
    return {"sound": min(1.0, ratio), "words": min(1.0, 1 / ratio)}


def _halves(songs: PairedEmbeddings, recipe: Mapping[str, Any]) -> dict[str, PairedEmbeddings]:
    """Songs to tune on and songs to judge by, works together, each with songs put together from its own."""
    shares = songs.shares(2, recipe["seed"])  # (songs,) 0 or 1
    halves = {}
    for number, name in enumerate(("tune", "judge")):
        rows = np.flatnonzero(shares == number)
        half = songs.only(rows.tolist())
        made = put_together(half, recipe["together"], seed=recipe["seed"])
        halves[name] = half.and_also(made)
    return halves


def _found(comparison: Comparison, recipe: Mapping[str, Any], ratio: float) -> Places:
    """The reciprocal rank of each question (questions,)."""
    ranks = comparison.ranks(recipe["method"], weights=weights(ratio))
    found: Places = metrics.per_query(ranks)["mrr"]
    return found
