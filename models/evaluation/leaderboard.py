"""Runs side by side in one table: trainings of words by their test, evaluations by their report. No torch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import write_text
from catalog.errors import Damaged, WrongUse, quoted
from models.evaluation import metrics, runs
from models.evaluation.bootstrap import Difference, paired
from models.evaluation.metrics.mrr import reciprocal
from models.evaluation.ranks import Places
from models.networks import checkpoint
from models.networks.manifest import manifest_of

TEST, FIGURES = "test.jsonl", "test.json"
"""The pairs that `nw train words` tests by, and what came of it."""
TABLE = ("mrr", "recall@1", "recall@5", "recall@10", "recall@20")


@dataclass(frozen=True, slots=True)
class System:
    """A run as the table shows it.

    name: of the recipe, or the encoder that was judged. data: what it was tested by. figures: of TABLE,
    with `mrr_low` and `mrr_high`. reciprocal: 1 / place of the right song, for each query. asked: equal
    where the queries and songs are the same. songs: (queries,) the song of each, where that is known.
    """

    name: str
    run: str
    data: str
    figures: Mapping[str, float]
    reciprocal: Places
    asked: str
    songs: NDArray[np.int64] | None = None

    def against(self, other: "System") -> Difference | None:
        """The difference of MRR, query by query; None where the tests are not the same."""
        if self.asked != other.asked:
            return None
        return paired(self.reciprocal, other.reciprocal, songs=self.songs)


def keep_test(folder: Path, figures: Mapping[str, Any], first: Places) -> None:
    """Write what a training came to on its test. first: the place of each query's right song."""
    content = {**figures, "places": first.tolist()}
    write_text(folder / FIGURES, json.dumps(content) + "\n")


def is_tested(folder: Path) -> bool:
    """Whether a training has figures on a test of its own."""
    return (folder / FIGURES).is_file() and (folder / TEST).is_file()


def of(folder: Path) -> System:
    """The run in that folder. Raises WrongUse for a training without a test, and Damaged."""
    if (folder / runs.RUN).exists():
        return _evaluation(folder)
    if not is_tested(folder):
        raise WrongUse(
            f"{folder.name} is a training without a test of its own; evaluations can be compared.",
            try_this=f"nw evaluate {quoted(folder.name)} --on captions.jsonl",
        )
    try:
        figures = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        places = np.asarray(figures.pop("places"), np.float64)
        test = (folder / TEST).read_bytes()
        asked = hashlib.sha256(test).hexdigest()
        pairs = map(json.loads, test.splitlines())
        # Several descriptions of one song are one witness: see models.evaluation.bootstrap.
        names = [pair["id"] for pair in pairs]
    except (OSError, ValueError, KeyError) as error:
        raise Damaged(
            f"the figures of {folder} cannot be read ({error}).",
            try_this="nw train words --recipe minilm --data pairs.csv    (anew)",
        ) from error
    about = manifest_of(folder / checkpoint.LAST)
    tables = [Path(one).stem for one in about.get("data", ())]
    return System(
        name=str(about.get("recipe_name", "")),
        run=folder.name,
        data=", ".join(tables),
        figures=figures,
        reciprocal=reciprocal(places),
        asked=asked,
        songs=_numbered(names, places),
    )


def _numbered(names: Sequence[str], places: Places) -> NDArray[np.int64] | None:
    """The song of each query as a number; None where the test is not of these queries."""
    if len(names) != len(places):
        return None
    _, numbers = np.unique(names, return_inverse=True)
    return numbers


def _evaluation(folder: Path) -> System:
    """An evaluation by its first direction, text to music."""
    report = runs.read(folder)
    name, direction = next(iter(report.directions.items()))
    figures = {one: direction.figures[one].value for one in TABLE}
    mrr = direction.figures["mrr"]
    figures |= {"mrr_low": mrr.low, "mrr_high": mrr.high}
    queries = [(query.query, query.right) for query in direction.queries]
    # Two systems are compared only where all of this is equal.
    asked = json.dumps([report.data, report.protocol, name, queries])
    return System(
        name=report.encoder,
        run=folder.name,
        data=report.data,
        figures=figures,
        reciprocal=metrics.per_query(direction.ranks)["mrr"],
        asked=asked,
        songs=direction.songs,
    )


def rows(systems: Sequence[System]) -> list[dict[str, Any]]:
    """A row for each: its figures, and its difference from the first one where the test is the same."""
    found = []
    for system in systems:
        is_first = system is systems[0]
        gain = None if is_first else system.against(systems[0])
        row: dict[str, Any] = {
            "system": system.name,
            "run": system.run,
            "measured": f"here, on {system.data}",
        }
        for name in (*TABLE, "mrr_low", "mrr_high"):
            row[name] = round(float(system.figures[name]), 4)
        row["queries"] = len(system.reciprocal)
        if gain is not None:
            row["difference"] = round(gain.mean, 4)
            row["low"] = round(gain.low, 4)
            row["high"] = round(gain.high, 4)
            row["p"] = round(gain.p, 4)
        found.append(row)
    return found
