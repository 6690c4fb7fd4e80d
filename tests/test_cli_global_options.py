"""Options of the whole program, before and after a command's name; what nearer to the end counts."""

import json
import sys
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from newwave_cli import __main__, app, global_options


@pytest.fixture
def seen(monkeypatch):
    """A program of one command and one group that write down under which settings they ran."""
    found = []

    def look(context: typer.Context, words: Annotated[list[str] | None, typer.Argument()] = None) -> None:
        found.append((context.obj, words))

    program = typer.Typer()
    program.callback()(app._common)
    program.command("look", cls=global_options.Command)(look)
    below = typer.Typer()
    below.command("look", cls=global_options.Command)(look)
    program.add_typer(below, name="group", cls=global_options.Group)

    def run(line):
        result = CliRunner().invoke(program, line.split())
        assert result.exit_code == 0, result.output
        return found[-1]

    return run


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("--home /h --jobs 3 --offline look", id="before the command"),
        pytest.param("look --home /h --jobs 3 --offline", id="after it"),
        pytest.param("look a --home=/h b -j 3 --offline c", id="between its words"),
        pytest.param("--home /h look -j3 --offline", id="here and there"),
        pytest.param("group --home /h look --jobs 3 --offline", id="between a group and its command"),
        pytest.param("--home /first --jobs 9 look --home /h --offline --jobs 3", id="the last one counts"),
    ],
)
def test_where_options_of_the_program_may_stand(seen, line):
    settings, _ = seen(line)
    assert (str(settings.home), settings.jobs, settings.offline) == ("/h", 3, True)


def test_words_of_a_command_stay_its_own(seen):
    assert seen("look calm --jobs 2 piano")[1] == ["calm", "piano"]
    assert seen("look -- --jobs 2")[1] == ["--jobs", "2"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("look calm -piano at night", ["calm", "-piano", "at", "night"]),
        ("look calm -violin -harp --jobs 2 -jazz", ["calm", "-violin", "-harp", "-jazz"]),
        ("look rock -don't", ["rock", "-don't"]),
        ("look -vv calm -j2", ["calm"]),
        ("look calm -- -piano", ["calm", "-piano"]),
    ],
)
def test_a_word_with_a_minus_is_a_word(seen, line, words):
    assert seen(line)[1] == words


def test_what_follows_an_option_belongs_to_it(seen):
    settings, words = seen("look --home -piano calm")
    assert (settings.home.name, words) == ("-piano", ["calm"])


def test_a_good_option_stands_over_a_bad_environment(seen, monkeypatch):
    monkeypatch.setenv("NW_JOBS", "none")
    assert seen("look --jobs 2")[0].jobs == 2


@pytest.mark.parametrize("line", ["-v look", "look -v", "-v look -v", "look -vv"])
def test_verbosity_adds_up(seen, line):
    seen(line)
    assert global_options.LastRun.verbose == line.count("v")


@pytest.mark.parametrize(
    "line", ["songs --home {home}", "--home {home} songs", "shards --home {home} status"]
)
def test_every_command_takes_them(line, tmp_path):
    result = CliRunner().invoke(app.app, line.format(home=tmp_path).split())
    assert "No such option" not in result.output


def test_help_says_where_they_are_told_once(tmp_path):
    text = CliRunner().invoke(app.app, ["songs", "--help"], terminal_width=100).output
    assert "see nw --help" in text
    assert "--offline" not in text


def test_settings_reach_the_command(tmp_path):
    result = CliRunner().invoke(app.app, ["doctor", "--format", "ndjson", "--home", str(tmp_path / "new")])
    room = [json.loads(line) for line in result.stdout.splitlines() if '"room"' in line]
    assert str(tmp_path / "new") in room[0]["detail"]


class Interrupting:
    """A finder of modules during whose work somebody presses Ctrl-C."""

    def find_spec(self, name, path=None, target=None):
        if name == "newwave_cli.app":
            raise KeyboardInterrupt


def test_ctrl_c_while_nw_is_being_loaded_is_quiet(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "newwave_cli.app")
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == ""
