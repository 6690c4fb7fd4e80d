"""What no training may learn from: the songs of evaluation data sets that this machine knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog import held_out
from catalog.data_sets import Excluded
from catalog.values.numbers import counted
from models.training.loop_config import Report
from models.training.settings import TrainSettings


def for_judging_alone(recipe: Mapping[str, Any], settings: TrainSettings) -> Excluded:
    """The evaluation data sets that the library holds, and the one whose table `data.exclude` names.

    Raises Unreadable, WrongUse.
    """
    named = recipe.get("data", {}).get("exclude", "")
    tables = [Path(named)] if named else []
    return held_out.for_training(settings.catalog, tables)


def described(exclude: Excluded) -> dict[str, Any]:
    """For the manifest: the data sets whose songs stayed out, with the tracks of each."""
    return {"left_out_sets": dict(exclude.sets)}


def say(left_out: int, report: Report) -> None:
    """Tell how many songs stayed out."""
    if left_out:
        report({"note": f"{counted(left_out, 'song')} for judging left out"})
