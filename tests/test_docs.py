"""docs/cli.md is what the program says, on every machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newwave_cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "cli.md"
SAY = "import sys; sys.path.insert(0, 'docs'); import made_by_nw; print(made_by_nw.help_pages())"


def help_pages(**environment):
    """All help pages, as a process with this environment makes them."""
    run = subprocess.run(
        [sys.executable, "-c", SAY],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout


def test_the_page_of_commands_is_what_the_program_says():
    made = PAGE.read_text().partition("]]] -->\n")[2].partition("<!-- [[[end]]] -->")[0]
    assert made.strip() == help_pages().strip(), "just docs writes it anew"


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_stands_there(name):
    assert f"\n## nw {name}\n" in PAGE.read_text()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"COLUMNS": "40"}, id="a narrow terminal"),
        pytest.param({"FORCE_COLOR": "1", "TERM": "xterm-256color"}, id="a terminal with colours"),
        pytest.param({"NW_HOME": "/elsewhere", "HOME": "/nowhere", "NW_JOBS": "7"}, id="another home"),
        pytest.param({"NW_TOKEN": "a secret of this machine"}, id="a token in the environment"),
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0"}, id="a plain locale"),
    ],
)
def test_help_is_the_same_everywhere(environment):
    assert help_pages(**environment) == help_pages()
