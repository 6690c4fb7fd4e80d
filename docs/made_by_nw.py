"""What cog writes into docs/cli.md and README.md: help pages and a session, made by the program itself.

`just docs` writes them anew, `just lint` fails where they differ from what the program says. Nothing here
depends on the machine: help is plain text of one width, and the session shows no figure that a processor's
rounding could change.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer

from newwave_cli.app import app

WIDTH = 100


def help_pages() -> str:
    """The help of nw and of every command, as Markdown with a heading each."""
    return "\n".join(_pages(typer.main.get_command(app), None, "nw"))


def _pages(command: Any, parent: Any, name: str) -> list[str]:
    command.rich_markup_mode = None  # plain text: no boxes, no colours
    context = command.make_context(
        name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH
    )
    path = context.command_path
    pages = [f"{'##' if parent is None or parent.parent is None else '###'} {path}\n"]
    pages += [f"```text\n$ {path} --help\n{command.get_help(context)}\n```\n"]
    for below, one in getattr(command, "commands", {}).items():
        pages += _pages(one, context, below)
    return pages


def session(*commands: str) -> str:
    """What a terminal shows when these commands are typed in the library that `nw demo` makes.

    The demo is composed where it is not there yet, which takes a minute; later it is only looked through.
    """
    home = _demo()
    lines = []
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "nw", command
        answer = _nw(*arguments, *_as_table(arguments), home=home).stdout
        lines += [f"$ {command}", *(line.rstrip() for line in answer.splitlines())]
    return "\n".join(["```console", *lines, "```"])


def _as_table(arguments: list[str]) -> tuple[str, ...]:
    return () if "--format" in arguments or "-f" in arguments else ("--format", "table")


def _demo() -> Path:
    """The home of the demo library, whole and indexed by today's encoders."""
    home = Path(os.environ.get("NW_HOME") or "~/.local/share/newwave").expanduser()
    _nw("demo", home=home)
    return home / "demo"


def _nw(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NW_HOME": str(home), "NW_OFFLINE": "1", "COLUMNS": "80", "NO_COLOR": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "newwave_cli", *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise RuntimeError(f"nw {shlex.join(arguments)} ended with {run.returncode}:\n{run.stderr}")
    return run
