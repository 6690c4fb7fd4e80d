"""One kind of training a file, and the folder is the registry: a recipe's `task` names the file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from catalog import registry
from models.training.loop_config import Report
from models.training.settings import TrainSettings


class Trainer(Protocol):
    """What a file of this folder offers."""

    def run(
        self,
        recipe: Mapping[str, Any],
        *,
        folder: Path,
        data: Sequence[Path],
        settings: TrainSettings,
        resume: bool = False,
        report: Report = lambda line: None,
    ) -> Mapping[str, float]:
        """Train by the recipe into a folder, and return figures.

        data: what the person named by `--data`. resume: go on with what lies in the folder. report: told of
        every line of the log. Raises WrongUse where the data are none that this trainer learns from.
        """


def names() -> list[str]:
    """The trainers there are, as recipes name them.

    >>> names()
    ['clap', 'fusion_weights', 'gate', 'late_fusion', 'mini', 'mini_audioset', 'mini_solos', 'words']
    """
    return registry.names(__path__)


def load(name: str) -> Trainer:
    """The module of that trainer. Raises WrongUse for an unknown name."""
    module = registry.load(__name__, name, names(), what="trainer", try_this="nw train sound --recipe mini")
    return cast(Trainer, module)
