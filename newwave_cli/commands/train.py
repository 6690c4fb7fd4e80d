"""nw train: train an encoder or the fusion by a recipe."""

import contextlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.errors import NewWaveError, NoModel, TrainingFailed, WrongUse
from models import trainers
from newwave_cli.output import show, training_progress
from newwave_cli.settings import Settings

TORCHRUN = ("-m", "--", "newwave_cli")
"""Before a command that torchrun is to run; without the dashes it would take --run for its own."""


class Kind(StrEnum):
    """What can be trained."""

    SOUND = "sound"
    WORDS = "words"
    FUSION = "fusion"


DiskBudget = Annotated[
    str | None, typer.Option(help="What downloaded shards may take, in place of the recipe's: 20GB, 300MB.")
]


def train(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What to train.")],
    *,
    recipe: Annotated[
        str, typer.Option(help="A recipe by name, or a TOML file of your own; models/recipes has them.")
    ],
    data: Annotated[
        list[Path] | None, typer.Option(help="What to learn from, see above; may be given several times.")
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Another value than the recipe's: training.steps=100")
    ] = None,
    run: Annotated[str | None, typer.Option(help="A name for the run (default: date and recipe).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run of that name.")] = False,
    disk_budget: DiskBudget = None,
) -> None:
    """Train an encoder or the fusion by a recipe; the run is kept below --home, in runs/.

    nw train sound --recipe mini --data ~/Music --data ~/teachers

    Ctrl-C loses what came after the last checkpoint; the same command with --run NAME --resume goes on.

    What the recipes learn from (--data):

    sound: mini: folders with music; musicnn's weights and MusicCaps' table beside them.

    sound: mini-audioset: folders with songs that are sung; mn04.onnx with AudioSet's classes, and MusicCaps'
    table, in folders beside them.

    sound: clap-long, clap-stretch: jamendo, or parquet shards (a folder, owner/name on the hub, an address)
    with columns audio and caption.

    words: minilm, minilm-full, bge-m3, bge-m3-25, bge-m3-large-batch, longformer: tables with columns
    description (or caption, comment, title), lyrics, artist and tags; or musiccaps:TABLE, whose tags stand
    for lyrics.

    fusion: mlp, weights: captions of the library; tables with columns caption, and file, lyrics or both.

    fusion: gate: nothing.
    """
    from models import recipes

    changes = [*(change or ()), *([f"data.disk_budget={disk_budget}"] if disk_budget else [])]
    wanted = recipes.load(recipe, changes)
    if wanted.get("kind") != kind:
        raise WrongUse(
            f"the recipe {recipe!r} trains {wanted.get('kind')}, not {kind.value}.",
            try_this=f"nw train {wanted.get('kind')} --recipe {recipe}",
        )
    if resume and run is None:
        raise WrongUse("--resume goes on with a run, and none was named.", try_this="nw runs list")
    name = _named(context.obj.runs, run, recipe, resume=resume)
    if not _is_first():
        _run(context.obj, wanted, name, data or (), resume=resume)
        return
    training_progress.say(f"run {name}: {wanted['about']}")
    _show(name, _run(context.obj, wanted, name, data or (), resume=resume))
    show.note(f"weights are in {context.obj.runs / name}")


def _show(name: str, figures: Mapping[str, float]) -> None:
    if sys.stdout.isatty():
        show.rows(
            ({"figure": k, "value": v} for k, v in figures.items()), columns=("figure", "value"), output=None
        )
    else:
        show.rows([{"run": name, **figures}], columns=("run", *figures), output=None)


def _is_first() -> bool:
    """Whether this is the one of several processes of torchrun that speaks."""
    return os.environ.get("RANK", "0") == "0"


def _named(runs: Path, run: str | None, recipe: str, *, resume: bool) -> str:
    """What the run is called. Raises WrongUse where that would write over another one."""
    if run is None:
        if os.environ.get("WORLD_SIZE", "1") != "1":
            raise WrongUse(
                "several processes train together, and their run has no name.",
                try_this=shlex.join([*_program(), *sys.argv[1:], "--run", Path(recipe).stem]),
            )
        return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{Path(recipe).stem}"
    if not resume and (runs / run / "metrics.jsonl").exists():
        raise WrongUse(
            f"there is a run {run!r} already, and training anew would write over it.",
            try_this=f"nw train … --run {run} --resume    (goes on with it; or another name)",
        )
    return run


def _run(
    settings: Settings, recipe: Mapping[str, Any], name: str, data: Sequence[Path], *, resume: bool
) -> Mapping[str, float]:
    task: Any = trainers.load(recipe["task"])
    folder = settings.runs / name
    try:
        with (
            training_progress.telling(settings.shards)
            if _is_first()
            else contextlib.nullcontext(_only_losses) as tell
        ):
            figures: Mapping[str, float] = task.run(
                recipe, folder=folder, data=data, settings=settings, resume=resume, report=tell
            )
    except KeyboardInterrupt:
        _say_how_to_go_on("stopped", folder)
        raise
    except TrainingFailed:
        raise  # the same again would fail again
    except NoModel as problem:
        raise NoModel(str(problem), try_this=_where_weights_lie(recipe) or problem.try_this) from problem
    except NewWaveError:
        if (folder / "last").is_dir() and not resume:
            _say_how_to_go_on("the last checkpoint is good", folder)
        raise
    return figures


def _where_weights_lie(recipe: Mapping[str, Any]) -> str:
    """How to name a folder with the weights that a recipe begins with; "" where it takes none."""
    for key in ("weights", "model"):
        if isinstance(recipe.get(key), str):
            return f"nw train … --set {key}=FOLDER    (where they lie; the network has them too)"
    return ""


def _only_losses(line: Mapping[str, Any]) -> None:
    """What the other processes of torchrun say: the first one says all else too."""
    if "lost" in line:
        show.note(f"lost: {line['lost']}: {line['why']}")


def _say_how_to_go_on(what: str, folder: Path) -> None:
    if _is_first():
        again = [*_program(), *_without_run(sys.argv[1:]), "--run", folder.name, "--resume"]
        show.note(f"{what}; to go on: {shlex.join(again)}")


def _program() -> list[str]:
    """What stands before a command that is to be run as this one is."""
    world = os.environ.get("WORLD_SIZE", "1")
    return ["nw"] if world == "1" else ["torchrun", "--nproc-per-node", world, *TORCHRUN]


def _without_run(arguments: list[str]) -> list[str]:
    """What was typed, without a --run and --resume that are said anew."""
    kept = [argument for argument in arguments if not argument.startswith("--run=")]
    if "--run" in kept:
        at = kept.index("--run")
        del kept[at : at + 2]
    return [argument for argument in kept if argument != "--resume"]
