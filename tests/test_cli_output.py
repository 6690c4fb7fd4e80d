"""What reaches stdout, format by format, whatever strangers wrote into their tags."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from catalog.errors import WrongUse
from newwave_cli.output import show
from newwave_cli.output.show import Format

SONGS = [
    {"id": 1, "title": "Plain", "artist": "Ada", "duration_s": 61.4, "path": "/m/plain.ogg"},
    {"id": 2, "title": "[live] [/b] [red]", "artist": "", "duration_s": None, "path": "/m/ü\tx.ogg"},
    {"id": 3, "title": "Two\nlines", "artist": None, "duration_s": 7, "path": "/m/new\nline.ogg"},
]
COLUMNS = ("id", "title", "path")


def written(capfd, output, **options):
    count = show.rows(iter(SONGS), columns=COLUMNS, output=output, **options)
    assert count == len(SONGS)
    return capfd.readouterr().out


def test_a_table_keeps_brackets_and_whole_paths(capfd):
    text = written(capfd, Format.TABLE)
    assert "[live] [/b] [red]" in text
    assert "/m/plain.ogg" in text


def test_tsv_has_one_line_a_song(capfd):
    lines = written(capfd, Format.TSV).splitlines()
    assert lines[0] == "1\tPlain\t/m/plain.ogg"
    assert lines[1].split("\t")[2] == "/m/ü\\tx.ogg"
    assert lines[2] == "3\tTwo\\nlines\t/m/new\\nline.ogg"


def test_csv_reads_back(capfd):
    rows = list(csv.reader(io.StringIO(written(capfd, Format.CSV))))
    assert rows[0] == list(COLUMNS)
    assert rows[3] == ["3", "Two\nlines", "/m/new\nline.ogg"]


def test_json_and_ndjson_hold_every_value(capfd):
    assert json.loads(written(capfd, Format.JSON)) == SONGS
    assert [json.loads(line) for line in written(capfd, Format.NDJSON).splitlines()] == SONGS


def test_paths_and_paths0(capfd):
    assert written(capfd, Format.PATHS0).split("\0") == [song["path"] for song in SONGS] + [""]
    assert written(capfd, Format.PATHS).splitlines()[0] == "/m/plain.ogg"


def test_a_playlist_names_length_and_title_and_leaves_out_what_it_cannot_hold(capfd):
    show.rows(iter(SONGS), columns=COLUMNS, output=Format.M3U8)
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "#EXTM3U",
        "#EXTINF:61,Ada - Plain",
        "/m/plain.ogg",
        "#EXTINF:-1,[live] [/b] [red]",
        "/m/ü\tx.ogg",
    ]
    assert "left out" in err


@pytest.mark.parametrize("form", [Format.PATHS, Format.PATHS0, Format.M3U8])
def test_songs_without_a_file_are_counted_where_only_paths_are_written(capfd, form):
    here = {"title": "Here", "artist": "", "path": "/m/here.ogg"}
    show.rows(
        [{"title": "A", "path": None}, here, {"title": "B", "path": None}], columns=COLUMNS, output=form
    )
    out, err = capfd.readouterr()
    assert "/m/here.ogg" in out
    assert err == "note: 2 songs have no file here, so no path\n"
    show.rows([here], columns=COLUMNS, output=form)
    assert capfd.readouterr().err == ""


def test_fields_choose_and_order(capfd):
    assert written(capfd, Format.TSV, fields="path,id").splitlines()[0] == "/m/plain.ogg\t1"
    with pytest.raises(WrongUse, match="no field colour") as caught:
        show.rows(SONGS, columns=COLUMNS, output=None, fields="colour", known=("year",))
    assert "id,title,path,year" in caught.value.try_this


def test_a_pipe_gets_tsv(capfd):
    assert written(capfd, None).startswith("1\tPlain\t")


def test_a_name_that_is_not_utf8_keeps_its_bytes():
    name = os.fsdecode(b"/m/caf\xe9.ogg")
    program = (
        "from newwave_cli.output import show; from newwave_cli.output.show import Format;"
        f"show.rows([{{'path': {name!r}}}], columns=('path',), output=Format.PATHS0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout == b"/m/caf\xe9.ogg\0"


def test_a_reader_that_leaves_early_is_no_error():
    program = (
        "import sys; from newwave_cli.output import show\n"
        "show.rows(({'id': i} for i in range(10**6)), columns=('id',), output=show.Format.TSV)"
    )
    run = subprocess.run(
        f'{sys.executable} -c "{program}" | head -1', shell=True, capture_output=True, text=True, check=True
    )
    assert run.stdout == "0\n"
    assert run.stderr == ""
