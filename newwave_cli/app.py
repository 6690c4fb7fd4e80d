"""`nw`: finds the command that is asked for, and turns every error into a sentence and an exit code.

Exit codes: 0 found or done, 1 nothing matched, 2 wrong use or error, 3 done but some files failed,
4 not ready (no index, no model), 130 interrupted.
"""

import atexit
import functools
import gc
import importlib
import os
import shlex
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from catalog.errors import DamagedCatalog, NewWaveError, causes
from newwave_cli import advice, global_options, system_errors
from newwave_cli.output import show

COMMANDS = (
    "ingest",
    "songs",
    "show",
    "stats",
    "shards",
    "train",
    "runs",
    "evaluate",
    "index",
    "query",
    "similar",
    "playlist",
    "duplicates",
    "tags",
    "catalog",
    "models",
    "serve",
    "doctor",
    "demo",
)


class Commands(Mapping[str, Any]):
    """Every command by its name, imported when it is looked up: `nw query` needs one of nineteen."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Program(TyperGroup):
    """`nw` itself."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.commands = Commands()  # type: ignore[assignment]  # it is only read


@functools.cache
def _command(name: str) -> Any:
    """A function named like its file, or a Typer group called `app` in it."""
    module = importlib.import_module(f"newwave_cli.commands.{name}")
    alone = typer.Typer()
    if hasattr(module, "app"):
        for command in module.app.registered_commands:
            command.cls = global_options.Command
        alone.add_typer(module.app, name=name, cls=global_options.Group)
    else:
        function = getattr(module, f"{name}_command", None) or getattr(module, name)
        alone.command(name, cls=global_options.Command)(function)
    return typer.main.get_group(alone).commands[name]


app = typer.Typer(
    name="nw",
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # `main` turns errors into sentences; -vv asks for the traceback
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        show.text(f"nw {metadata.version('newwave-cli')}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    *,
    home: Annotated[Path | None, typer.Option(help="Where the library lives (NW_HOME).")] = None,
    offline: Annotated[bool | None, typer.Option("--offline", help="Never use the network.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps (NW_DEVICE).")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", help="Worker processes (NW_JOBS).")] = None,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="-vv shows tracebacks.")] = 0,
    header: Annotated[
        bool | None, typer.Option("--header", hidden=True, help="Begin TSV with the names of its columns.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(hidden=True, metavar="TEMPLATE", help="A line for each row: '{artist} - {title}'."),
    ] = None,
    _asked: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Find music by description.

    Start with:  nw ingest ~/Music && nw index && nw query "calm piano at night"

    --home, --offline, --device, --jobs and -v may stand before the command or after it.
    """
    # Every command reads these from its context (see global_options.py): they may be typed after it as well.
    global_options.note_typed(context)


def _open_closed_streams() -> None:
    """Nothing comes from or goes to a stream that was closed (`nw ... <&-`), as some services do."""
    for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 (for good)
            setattr(sys, name, nothing)


# What is left when a command ends is not looked through for cycles, a tenth of what `nw query` takes.
atexit.register(gc.freeze)


def main() -> None:
    """Run `nw`; the one place where an error becomes text."""
    _open_closed_streams()
    try:
        app()
    except NewWaveError as problem:
        _end_if_interrupted(problem)
        if global_options.LastRun.verbose >= 2:
            traceback.print_exc()
        told = system_errors.shortage_behind(problem) or problem
        typed = sys.argv[1:]
        try_this = advice.completed(told.try_this, typed, str(told))
        show.error(told, try_this)
        sys.exit(told.exit_code)
    except Exception as problem:  # of the system, or a fault of nw itself: one line unless asked for it all
        _end_if_interrupted(problem)
        if global_options.LastRun.verbose >= 2:
            raise
        unexpected = system_errors.explained(problem) or _damage() or _fault(problem)
        show.error(unexpected)
        sys.exit(unexpected.exit_code)


def _end_if_interrupted(problem: BaseException) -> None:
    """Exit where Ctrl-C is behind an error: a library that it meets while it is loaded says it is broken."""
    if any(isinstance(cause, KeyboardInterrupt) for cause in causes(problem)):
        sys.exit(130)


def _damage() -> NewWaveError | None:
    """What is wrong with the catalog, which may be why a command met what nobody expected."""
    from catalog.library import overview
    from catalog.library.database import Catalog

    if global_options.LastRun.catalog is None:
        return None
    try:
        with Catalog.open(global_options.LastRun.catalog, read_only=True) as catalog:
            overview.require_sound(catalog)
    except NewWaveError as problem:
        return problem if isinstance(problem, DamagedCatalog) else None
    return None


def _fault(problem: Exception) -> NewWaveError:
    """An error that nobody expected, with the command that shows where it came from."""
    typed = sys.argv[1:]
    again = shlex.join(["nw", "-vv", *typed])
    said = f"nw stumbled: {type(problem).__name__}: {problem}"
    return NewWaveError(said, try_this=f"{again}    (shows where; please report it)")
