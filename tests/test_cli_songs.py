"""nw songs: filters, order and every format, in a pipe."""

import json
from pathlib import Path

import pytest

from catalog.library import songs
from catalog.records import Caption, Facts, Line, SoundFile

LIBRARY = [
    ("/m/one.ogg", {"title": "One [live]", "artist": "Ada", "year": 1980}),
    ("/m/new\nline.ogg", {"title": "Two", "artist": "bob", "year": 1999}),
    ("/m/three.ogg", {"title": "Three", "artist": "Cleo", "year": 2005}),
]


@pytest.fixture
def library(catalog):
    for number, (path, values) in enumerate(LIBRARY):
        file = SoundFile(Path(path), 1, 1, f"h{number}", 61.5, 44100, 2, "ogg/vorbis")
        words = {"lyrics": (Line("la la", 1.0),), "captions": (Caption("calm"),)}
        facts = Facts("tags", values, tags=("folk",), extra={"bpm": 90}, **words)
        songs.add_or_update(catalog, [facts], file=file)


pytestmark = pytest.mark.usefixtures("library")


def test_a_pipe_gets_one_line_a_song(nw):
    lines = nw("songs").out.splitlines()
    assert len(lines) == 3
    assert lines[0].split("\t") == ["1", "One [live]", "Ada", "", "1980", "", "61.5", "/m/one.ogg"]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--where", "year > 1990"), [2, 3]),
        (("--match", "ada"), [1]),
        (("--match", "la", "--where", "artist = 'Cleo'"), [3]),
        (("--sort", "-year"), [3, 2, 1]),
        (("--sort", "artist"), [1, 2, 3]),
        (("--sort", "-artist", "-k", "1"), [3]),
    ],
)
def test_filters_order_and_limit(nw, arguments, ids):
    found = json.loads(nw("songs", *arguments, "--format", "json").out)
    assert [song["id"] for song in found] == ids


def test_formats_for_other_programs(nw):
    assert nw("songs", "--format", "paths0").out.split("\0") == [*(path for path, _ in LIBRARY), ""]
    playlist = nw("songs", "--format", "m3u8")
    assert playlist.out.splitlines()[:3] == ["#EXTM3U", "#EXTINF:62,Ada - One [live]", "/m/one.ogg"]
    assert "left out" in playlist.err
    assert nw("songs", "--fields", "title,year", "-k", "1").out == "One [live]\t1980\n"
    [first, *_] = nw("songs", "--format", "ndjson").out.splitlines()
    song = json.loads(first)
    assert song["lyrics"] == [{"text": "la la", "start_s": 1.0}]
    assert song["origins"]["title"] == "tags"
    assert song["extra"] == {"bpm": 90}


def test_nothing_found_is_code_1_and_nothing_on_stdout(nw):
    written = nw("songs", "--match", "nobody", code=1)
    assert (written.out, written.err) == ("", "no song fits\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--where", "titel = 1"), "Columns: id, path"),
        (("--sort", "titel"), "cannot be sorted by 'titel'"),
        (("--fields", "titel"), "no field titel"),
    ],
)
def test_wrong_use_has_a_way_out(nw, arguments, says):
    written = nw("songs", *arguments, code=2)
    assert says in written.err
    assert "\n  try: " in written.err
    assert written.out == ""


def test_without_a_catalog_it_is_not_ready(nw, tmp_path):
    written = nw("--home", str(tmp_path / "new"), "songs", code=4)
    assert "try: nw ingest" in written.err
    assert not (tmp_path / "new").exists()
