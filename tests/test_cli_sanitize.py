"""No title reaches a terminal or a pipe as anything but text, in whatever form it is written."""

import json

import pytest

from catalog.errors import WrongUse
from newwave_cli.output import formats, show
from newwave_cli.output.formats import Format

TITLE = "a\x1b[2J\x1b]0;owned\x07 b\x9b31m \u202etxt.exe\u2066 \x7f\x00\r\b end \ud800"
UNSAFE = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u202e\u2066\ud800\u2028"} - {"\n", "\t"}
ROW = {"id": 1, "title": TITLE, "tags": ["\x1b[31m", TITLE], "extra": {"k": TITLE}, "path": "/m/a.mp3"}


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("fields", [None, "title,tags,extra"], ids=["all", "some"])
def test_no_form_of_output_lets_a_control_through(capsys, form, fields):
    known = ("id", "title", "tags", "extra", "path")
    show.rows([ROW], columns=known, output=form, fields=fields, known=known)
    written = capsys.readouterr().out
    allowed = {"\0"} if form is Format.PATHS0 else {"\r"} if form is Format.CSV else set()
    assert not set(written) & (UNSAFE - allowed)


@pytest.mark.parametrize("form", [Format.M3U8, Format.PATHS, Format.PATHS0])
def test_a_path_is_for_a_program_as_it_is_and_for_eyes_without_controls(capsys, monkeypatch, form):
    row = {"title": "a", "path": "/m/\x1b[2J\u202ea.mp3"}
    show.rows([row], columns=("title", "path"), output=form)
    assert row["path"] in capsys.readouterr().out
    monkeypatch.setattr(formats.out(), "isatty", lambda: True, raising=False)
    show.rows([row], columns=("title", "path"), output=form)
    assert "/m/\\x1b[2J\\u202ea.mp3" in capsys.readouterr().out


@pytest.mark.parametrize("form", [Format.JSON, Format.NDJSON])
def test_json_says_the_same(capsys, form):
    show.rows([ROW], columns=("title",), output=form)
    read = json.loads(capsys.readouterr().out)
    assert (read[0] if form is Format.JSON else read) == ROW


def test_a_line_of_tsv_can_be_read_back(capsys):
    show.rows([{"title": "a\\x1b\x1b\t\n", "path": "/m"}], columns=("title", "path"), output=Format.TSV)
    assert capsys.readouterr().out == "a\\\\x1b\\x1b\\t\\n\t/m\n"


@pytest.mark.parametrize(
    "say", [show.note, show.text, lambda said: show.error(WrongUse(said, try_this=said))]
)
def test_no_message_lets_a_control_through(capsys, say):
    say(f"one\n{TITLE}")
    written = capsys.readouterr()
    assert not set(written.out + written.err) & UNSAFE
    assert (written.out + written.err).count("\n") >= 2


def test_a_name_that_is_no_utf_8_stays_a_path():
    assert formats.cell("/m/\udcff.mp3") == "/m/\udcff.mp3"
