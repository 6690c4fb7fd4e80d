"""Where the log of a training goes besides its folder: TensorBoard, trackio, Weights & Biases."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from catalog.errors import NotReady, WrongUse

Line = Mapping[str, Any]
PROJECT = "newwave"


@contextmanager
def logging_to(
    names: Sequence[str], folder: Path, recipe: Mapping[str, Any]
) -> Iterator[Callable[[Line], None]]:
    """Hand every line with figures and a step on to these trackers, by name; see `TRACKERS`.

    folder: of the run, whose name they get. Raises WrongUse for an unknown name, and NotReady where its
    package is not installed.
    """
    with ExitStack() as opened:
        sinks = [opened.enter_context(_opened(name, folder, recipe)) for name in names]

        def tell(line: Line) -> None:
            figures: dict[str, float] = {}
            for name, value in line.items():
                if _is_figure(name, value):
                    figures[name] = float(value)
            if "step" not in line or not figures:
                return
            step = max(int(line["step"]), 0)  # -1 is what was judged before the first step
            for sink in sinks:
                sink(figures, step)

        yield tell


def _is_figure(name: str, value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)  # a bool is an int to Python
    return is_number and name not in ("step", "of")


Sink = Callable[[Mapping[str, float], int], None]


@contextmanager
def _tensorboard(folder: Path, recipe: Mapping[str, Any]) -> Iterator[Sink]:
    """Event files in `tensorboard/` of the run: tensorboard --logdir RUNS."""
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(str(folder / "tensorboard"))
    writer.add_text("recipe", str(dict(recipe)))

    def sink(figures: Mapping[str, float], step: int) -> None:
        for name, value in figures.items():
            writer.add_scalar(name.replace(" ", "_"), value, step)
        writer.flush()

    try:
        yield sink
    finally:
        writer.close()


def _with_runs(module: str) -> Callable[[Path, Mapping[str, Any]], Any]:
    """trackio has the interface of wandb."""

    @contextmanager
    def opened(folder: Path, recipe: Mapping[str, Any]) -> Iterator[Sink]:
        tracker: Any = importlib.import_module(module)
        tracker.init(project=PROJECT, name=folder.name, config=dict(recipe))
        try:
            yield lambda figures, step: tracker.log(dict(figures), step=step)
        finally:
            tracker.finish()

    return opened


TRACKERS = {
    "tensorboard": _tensorboard,
    "trackio": _with_runs("trackio"),
    "wandb": _with_runs("wandb"),
}


def _opened(name: str, folder: Path, recipe: Mapping[str, Any]) -> Any:
    if name not in TRACKERS:
        raise WrongUse(
            f"there is no {name!r} to log to; there are: {', '.join(TRACKERS)}.",
            try_this="nw train … --log-to tensorboard",
        )
    if importlib.util.find_spec(name) is None:
        raise NotReady(
            f"{name} is not installed, so nothing can be logged to it.", try_this=f"pip install {name}"
        )
    return TRACKERS[name](folder, recipe)
