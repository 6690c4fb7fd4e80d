"""nw train: train an encoder or the fusion by a recipe."""

import contextlib
import fcntl
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.atomic import make_folder
from catalog.errors import NewWaveError, NoModel, TrainingFailed, WrongUse, quoted
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


StartFrom = Annotated[
    str | None,
    typer.Option(help="Begin with the weights of this run, or those in this folder."),
]
Keep = Annotated[int | None, typer.Option(min=1, help="How many of the latest checkpoints to keep.")]
LogTo = Annotated[
    list[str] | None, typer.Option(help="tensorboard, trackio or wandb; may be given several times.")
]
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
        list[str] | None, typer.Option("--set", help="Change a value of the recipe: training.steps=100")
    ] = None,
    run: Annotated[str | None, typer.Option(help="A name for the run (default: date and recipe).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run of that name.")] = False,
    disk_budget: DiskBudget = None,
    start_from: StartFrom = None,
    keep: Keep = None,
    log_to: LogTo = None,
) -> None:
    """Train an encoder or the fusion by a recipe; the run is kept below --home, in runs/.

    nw train sound --recipe mini --data ~/Music --data ~/teachers

    nw train sound --recipe clap-long --data ~/shards --run long --set data.batch=64

    Ctrl-C loses what came after the last checkpoint; the same command with --run NAME --resume goes on, and
    with --set training.steps=8000 it goes on for longer.

    What the recipes learn from (--data):

    sound: mini: folders with music; musicnn's weights and MusicCaps' table beside them.

    sound: mini-audioset: folders with songs that are sung; mn04.onnx with AudioSet's classes, and MusicCaps'
    table, in folders beside them.

    sound: mini-solos: folders with songs, which are heard as before while solos are learned.

    sound: clap-long, clap-stretch: jamendo, or parquet shards (a folder, owner/name on the hub, an address)
    with columns audio (an encoded file: bytes, or {bytes, path} as `datasets` writes it) and caption (a text
    or a list); id and artist where there are. Of two shards or more the last one judges. The network
    begins with laion/clap-htsat-unfused of the hub; --start-from FOLDER takes another.

    words: minilm, minilm-full, bge-m3, bge-m3-25, bge-m3-large-batch, longformer: tables with columns
    description (or caption, comment, title), lyrics, artist and tags; or musiccaps:TABLE, whose tags stand
    for lyrics.

    fusion: mlp, weights: captions of the library; tables with columns caption, and file, lyrics or both.

    fusion: gate: nothing.
    """
    weights = _weights(context, start_from)
    options = {"data.disk_budget": disk_budget, "training.keep": keep, "weights": weights}
    # An option is a change of the recipe like any --set, so that the run's manifest says both alike.
    changes = list(change or ())
    for name, value in options.items():
        if value:
            changes.append(f"{name}={value}")
    wanted = _recipe(recipe, kind, changes)
    if resume and run is None:
        raise WrongUse("--resume goes on with a run, and none was named.", try_this="nw runs list")
    run_name = _named(context.obj.runs, run, recipe, resume=resume)
    started = _Started(context.obj, wanted, run_name, data=data or (), log_to=log_to or (), resume=resume)
    _carry_out(started)


def _recipe(name: str, kind: Kind, changes: Sequence[str]) -> dict[str, Any]:
    """The recipe with these changes. Raises WrongUse where it trains something else."""
    from models import recipes

    wanted = recipes.load(name, changes)
    recipe_kind = wanted.get("kind")
    if recipe_kind != kind:
        said = f"the recipe {name!r} trains {recipe_kind}, not {kind.value}."
        raise WrongUse(said, try_this=f"nw train {recipe_kind} --recipe {quoted(name)}")
    return wanted


@dataclass(frozen=True, slots=True)
class _Started:
    """What was typed, as it is carried out."""

    settings: Settings
    recipe: Mapping[str, Any]
    name: str
    data: Sequence[Path]
    log_to: Sequence[str]
    resume: bool

    @property
    def folder(self) -> Path:
        return self.settings.runs / self.name


def _carry_out(started: _Started) -> None:
    """Train, and say what came of it; of several processes the first speaks for all."""
    if not _is_first():
        _run(started)
        return
    about = started.recipe["about"]
    training_progress.say(f"run {started.name}: {about}")
    with _alone_in(started.folder):
        # Again, now that nobody else writes there: another run of that name may have begun meanwhile.
        _named(started.settings.runs, started.name, "", resume=started.resume)
        figures = _run(started)
    _show(started.name, figures)
    show.note(f"weights are in {started.folder}")


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder of a run. Raises WrongUse where another process trains in it."""
    make_folder(folder)
    lock = os.open(folder, os.O_RDONLY)
    try:
        _take(lock, folder.name)
        yield
    finally:
        os.close(lock)


def _take(lock: int, run: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WrongUse(
            f"another process trains the run {run!r} now; they would write over each other's checkpoints.",
            try_this=f"nw runs show {quoted(run)}    (how far it is; --run NAME begins another)",
        ) from error


def _weights(context: typer.Context, start_from: str | None) -> str | None:
    """A run's best checkpoint by the run's name, or a folder, a file, a name on the hub as it is."""
    if start_from is None:
        return None
    run = context.obj.runs / start_from
    for checkpoint in (run / "best", run / "last"):  # without a validation there is no best one
        if checkpoint.is_dir():
            return str(checkpoint)
    return start_from


def _show(name: str, figures: Mapping[str, float]) -> None:
    # A person reads figures one below the other; a script gets one row for each run, as `nw runs` writes it.
    if sys.stdout.isatty():
        rows = [{"figure": figure, "value": value} for figure, value in figures.items()]
        show.rows(rows, columns=("figure", "value"), output=None)
    else:
        row = {"run": name, **figures}
        show.rows([row], columns=tuple(row), output=None)


def _is_first() -> bool:
    """Whether this is the one of several processes of torchrun that speaks."""
    return os.environ.get("RANK", "0") == "0"  # torchrun sets it; a process alone is the first


def _named(runs: Path, run: str | None, recipe: str, *, resume: bool) -> str:
    """What the run is called. Raises WrongUse where that would write over another one."""
    if run is None:
        recipe_name = Path(recipe).stem
        if os.environ.get("WORLD_SIZE", "1") != "1":
            # Each process would take its own time of day for a name, and they would not share a folder.
            again = [*_program(), *sys.argv[1:], "--run", recipe_name]
            raise WrongUse(
                "several processes train together, and their run has no name.", try_this=shlex.join(again)
            )
        return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{recipe_name}"
    # Its log and not its folder: one that failed before the first step left nothing to lose.
    if not resume and (runs / run / "metrics.jsonl").exists():
        raise WrongUse(
            f"there is a run {run!r} already, and training anew would write over it.",
            try_this=f"nw train … --run {quoted(run)} --resume    (goes on with it; or another name)",
        )
    return run


def _run(started: _Started) -> Mapping[str, float]:
    """Train; what stops it is raised again, after saying how to go on where that may help."""
    folder = started.folder
    try:
        return _figures(started)
    except KeyboardInterrupt:
        _say_how_to_go_on("stopped", folder)
        raise
    except TrainingFailed:
        raise  # the same again would fail again
    except NoModel as problem:
        where = _where_weights_lie(started.recipe) or problem.try_this
        raise NoModel(str(problem), try_this=where) from problem
    except NewWaveError:
        # Not after --resume: what stopped it twice will most likely stop it again.
        if (folder / "last").is_dir() and not started.resume:
            _say_how_to_go_on("the last checkpoint is good", folder)
        raise


def _figures(started: _Started) -> Mapping[str, float]:
    """Train, telling the terminal and, in the first process, what the log goes to besides."""
    from models.training import trackers

    trainer = trainers.load(started.recipe["task"])
    with contextlib.ExitStack() as open_views:
        tell: Callable[[Mapping[str, Any]], None] = _only_losses
        if _is_first():
            shown = open_views.enter_context(training_progress.telling(started.settings.shards))
            logged = trackers.logging_to(started.log_to, started.folder, started.recipe)
            tracked = open_views.enter_context(logged)

            def tell(line: Mapping[str, Any]) -> None:
                shown(line)
                tracked(line)

        return trainer.run(
            started.recipe,
            folder=started.folder,
            data=started.data,
            settings=started.settings,
            resume=started.resume,
            report=tell,
        )


def _where_weights_lie(recipe: Mapping[str, Any]) -> str:
    """How to name a folder with the weights that a recipe begins with; "" where it takes none."""
    for key in ("weights", "model"):
        if isinstance(recipe.get(key), str):
            return f"nw train … --set {key}=FOLDER    (where they lie; the network has them too)"
    return ""


def _only_losses(line: Mapping[str, Any]) -> None:
    """What the other processes of torchrun say: the first one says all else too."""
    if "lost" in line:
        show.note(f"failed: {line['lost']}: {line['why']}")


def _say_how_to_go_on(what: str, folder: Path) -> None:
    """Tell the command that goes on with the run, with all that was typed."""
    if _is_first():
        typed = _without_run(sys.argv[1:])
        again = [*_program(), *typed, "--run", folder.name, "--resume"]
        show.note(f"{what}; to go on: {shlex.join(again)}")


def _program() -> list[str]:
    """What stands before a command that is to be run as this one is."""
    # torchrun tells its processes how many they are, in all and on this machine, in these two variables.
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        return ["nw"]
    here = int(os.environ.get("LOCAL_WORLD_SIZE", str(world)))
    command = ["torchrun"]
    if world > here:
        command += ["--nnodes", str(world // here)]
        command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", _first_machine()]
    return [*command, "--nproc-per-node", str(here), *TORCHRUN]


def _first_machine() -> str:
    """Where the machines of a run meet: the same command is given on each."""
    return f"{os.environ.get('MASTER_ADDR', 'FIRST_MACHINE')}:29400"  # torchrun's own default port for c10d


def _without_run(arguments: list[str]) -> list[str]:
    """What was typed, without a --run and --resume that are said anew."""
    # Both spellings: "--run=NAME", and "--run NAME" as two arguments.
    kept = [argument for argument in arguments if not argument.startswith("--run=")]
    if "--run" in kept:
        at = kept.index("--run")
        del kept[at : at + 2]
    return [argument for argument in kept if argument != "--resume"]
