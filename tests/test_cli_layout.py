"""--header and --template: what stands before rows, and rows as lines of one's own."""

import pytest
from typer.testing import CliRunner

from catalog.errors import WrongUse
from newwave_cli import app
from newwave_cli.output import formats, layout, show, template

KNOWN = ("rank", "score", "title", "artist", "tags")
SONG = {"rank": 7, "score": 61.25, "title": "Rent\nDay", "artist": "{title}", "tags": ("blues", "slow")}


def written(text, record=SONG):
    return "".join(template.lines([record], template.parse(text, KNOWN), formats.cell))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("{artist}: {tags}", "{title}: blues, slow\n", id="braces in a value stay as they are"),
        pytest.param("{title}", "Rent Day\n", id="a line break in a value does not end the line"),
        pytest.param("{rank:03d}. {score:.0f}", "007. 61\n", id="width, zeros and decimals"),
        pytest.param("{title:>10}|", "  Rent Day|\n", id="text to the right"),
        pytest.param("{{{rank}}}", "{7}\n", id="two braces are one brace"),
        pytest.param("no field", "no field\n", id="text alone"),
        pytest.param("", "\n", id="an empty template is an empty line"),
    ],
)
def test_a_line_by_template(text, line):
    assert written(text) == line


def test_what_is_not_known_is_empty():
    assert written("[{artist:<3}]", {"title": "x"}) == "[]\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{nobody}", id="unknown"),
        pytest.param("{title.__class__}", id="attribute"),
        pytest.param("{tags[0]}", id="item"),
        pytest.param("{}", id="by place"),
        pytest.param("{0}", id="by number"),
        pytest.param("{title!r}", id="conversion"),
        pytest.param("{title:{artist}}", id="a field in a width"),
        pytest.param("{title:>9999}", id="a width without end"),
        pytest.param("{title", id="a brace alone"),
    ],
)
def test_a_template_reaches_nothing_but_fields(text):
    with pytest.raises(WrongUse):
        template.parse(text, KNOWN)


def test_an_unknown_field_is_told_which_there_are():
    with pytest.raises(WrongUse, match=r"no field nobody; there are: rank, score, title, artist, tags"):
        template.parse("{nobody}", KNOWN)


def rows(capsys, how, **more):
    with layout.asked(how):
        show.rows([SONG], columns=("rank", "artist"), known=KNOWN, **more)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "first"),
    [
        pytest.param({"output": None}, "rank\tartist", id="a pipe gets TSV"),
        pytest.param({"output": show.Format.TSV, "fields": "score"}, "score", id="the names of --fields"),
        pytest.param({"output": show.Format.CSV}, "rank,artist", id="CSV has them anyway"),
        pytest.param({"output": show.Format.JSON}, "[", id="JSON needs none"),
    ],
)
def test_header(capsys, more, first):
    assert rows(capsys, layout.Layout(header=True), **more).splitlines()[0] == first
    assert rows(capsys, layout.Layout(header=True), **more).count("rank\tartist") <= 1


def test_without_it_a_pipe_gets_values_alone(capsys):
    assert rows(capsys, layout.Layout(), output=None) == "7\t{title}\n"


@pytest.mark.parametrize("more", [{"output": show.Format.CSV}, {"output": None, "fields": "rank"}])
def test_a_template_says_the_whole_line(capsys, more):
    with pytest.raises(WrongUse, match="says the whole line"):
        rows(capsys, layout.Layout(template="{rank}"), **more)


def test_a_layout_ends_with_its_command():
    with layout.asked(layout.Layout(header=True)):
        pass
    assert layout.current() == layout.Layout()


@pytest.mark.parametrize("command", [["songs"], ["shards", "status"], ["runs", "list"], ["models"]])
def test_commands_that_list_rows_say_so_in_their_help(command):
    text = CliRunner().invoke(app.app, [*command, "--help"], terminal_width=100).output
    assert "--header" in text
    assert "--template" in text


def test_a_command_without_rows_has_none(tmp_path):
    result = CliRunner().invoke(app.app, ["--home", str(tmp_path), "index", "--header"])
    assert result.exit_code == 2
    assert "No such option" in result.output
