"""nw query over a small library of real files: filters, steering, exact words, saved queries, playlists."""

import functools
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import library_of_tones
import pytest
import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tones, tmp_path_factory):
    """Eight indexed pieces, four of them sung, with facts from a table; queries are saved in it."""
    return served.copy_library(tones, tmp_path_factory.mktemp("query")) / "home"


@pytest.fixture
def nw(home, nw_in, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    return functools.partial(nw_in, home)


@pytest.fixture
def titles(nw):
    """The titles that a query finds, in their order."""

    def ask(*arguments, code=0):
        rows = json.loads(nw("query", *arguments, "--format", "json", code=code).out)
        return [row["title"] for row in rows]

    return ask


def test_a_word_with_a_minus_is_left_out(titles):
    assert "Harbour" in titles("the", "sea", "-k3")
    assert "Harbour" not in titles("the", "sea", "-guitar", "-k3")


def test_an_exact_name_is_found_where_it_is_written(nw, titles):
    assert titles("Harbour", "-k", "1") == ["Harbour"]
    assert set(titles("songs by the cogs", "--by", "written")) == {"Rivets", "Sunday Dog"}
    [row] = json.loads(nw("query", '"haul the anchor"', "-k", "1", "--explain", "-f", "json").out)
    assert (row["title"], row["matched"]) == ("Harbour", "lyrics: haul the anchor")


def test_what_it_is_about_comes_first(titles):
    assert titles("a song about robots and machines")[0] == "Rivets"
    assert titles("sailing the ocean", "--by", "words")[0] == "Harbour"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--year", "1999"), {"Nocturne", "Sunday Dog"}),
        (("--year", "1970-1989"), {"Harbour", "Rivets"}),
        (("--tag", "guitar"), {"Harbour", "Sunday Dog"}),
        (("--tag", "Guitar", "--tag", "folk"), {"Harbour"}),
        (("--has-lyrics",), {"Rivets", "Harbour", "Frost", "Sunday Dog"}),
        (("--tag", "it's"), None),
    ],
)
def test_filters_apply_before_ranking(titles, options, expected):
    if expected is None:
        assert titles("music", *options, code=1) == []
    else:
        assert set(titles("music", *options)) == expected


def test_at_most_so_many_by_an_artist(titles):
    found = titles("music", "--max-per-artist", "1", "--where", "artist = 'The Cogs'")
    assert len(found) == 1


def test_a_number_of_songs_in_the_request_is_how_many_are_shown(nw, titles):
    assert len(titles("two loud songs")) == 2
    assert len(titles("two loud songs", "-k", "3")) == 3  # what is said apart from it comes before that
    assert "2 songs, as asked; more: -k 4" in nw("query", "two loud songs").err


@pytest.mark.parametrize("asked", [("music, no vocals",), ("music", "--not", "vocals")])
def test_no_vocals_leaves_the_sung_behind(titles, asked):
    sung = set(library_of_tones.WORDS)
    found = titles(*asked)
    assert not sung & set(found[:4])


def test_like_a_song_leads_to_its_kind_and_not_to_itself(titles):
    found = titles("music", "--like", "Nocturne", "--by", "sound")
    assert found[-1] == "Nocturne"
    away = titles("music", "--unlike", found[0], "--by", "sound")
    assert away.index(found[0]) > found.index(found[0])


def test_more_of_it_changes_the_order(nw, titles):
    plain = titles("music", "--by", "sound")
    drums = titles("music", "--by", "sound", "--more", "drum machine:3")
    assert drums != plain
    said = nw("query", "music", "--more", "drums:lots", code=2).err
    assert "'lots' in 'drums:lots' is no number" in said
    assert "--more drums:0.5" in said.split("try:")[1]


def test_every_way_to_fuse_answers(nw, titles):
    for way in ("evidence", "gate"):
        assert titles("a song about robots", "--by", way)[0] == "Rivets"
    for way in ("weighted", "rrf"):
        assert len(titles("a song about robots", "--by", way)) == 8
    assert "there is no 'magic' to search by" in nw("query", "x", "--by", "magic", code=2).err


def test_diverse_shows_the_same_songs_in_another_order(titles):
    assert set(titles("plucked strings", "--diverse")) == set(titles("plucked strings"))


def test_saved_queries_keep_their_options_and_can_be_changed(nw, titles, tmp_path):
    assert "no query is saved yet" in nw("playlist", "write", str(tmp_path / "lists"), code=1).err
    assert not (tmp_path / "lists").exists()
    nw("query", "a robot", "--year", "1980-1989", "--save", "tin")
    assert titles("@tin") == ["Rivets"]
    assert set(titles("@tin", "--year", "1999")) == {"Nocturne", "Sunday Dog"}
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / ".nw-0123456789ab.part").touch()  # as a kill leaves it
    nw("playlist", "write", str(tmp_path / "lists"))
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["tin.m3u8"]
    playlist = (tmp_path / "lists" / "tin.m3u8").read_text()
    assert playlist.startswith("#EXTM3U\n#EXTINF:12,The Cogs - Rivets\n")
    assert nw("playlist", "list").out.split("\t")[0] == "tin"
    nw("playlist", "remove", "@tin")
    said = nw("query", "@tin", code=2).err
    assert "no query was saved as 'tin'" in said
    nw("query", "x", "--save", "two words", code=2)


def test_a_line_that_is_no_utf_8_costs_itself(home):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), "query", "-", "-k", "1"]
    run = subprocess.run(command, input=b"\xff\xfe rock\na robot\n", capture_output=True, check=False)
    lines = run.stdout.decode().splitlines()
    assert run.returncode == 0, run.stderr
    assert [line.split("\t")[0] for line in lines] == ["\ufffd\ufffd rock", "a robot"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_closed_streams_are_no_fault(home, closed):
    command = f"{shlex.quote(sys.executable)} -m newwave_cli --home {shlex.quote(str(home))} songs {closed}"
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_what_cannot_be_said_beside_the_answer_costs_none_of_it(home):
    command = f"{shlex.quote(sys.executable)} -m newwave_cli --home {shlex.quote(str(home))}"
    asked = ["sh", "-c", f"{command} query 'klaxons of a ship' -k 1 --format json 2> /dev/full"]
    run = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert len(json.loads(run.stdout)) == 1
    wrong = subprocess.run(["sh", "-c", f"{command} query x -k 0 2> /dev/full"], check=False)
    assert wrong.returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_home_whose_name_is_no_text_is_searched(home, nw_in, tmp_path):
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff"))
    shutil.copytree(home, odd)
    assert nw_in(odd, "query", "a robot", "-k", "1").out


@pytest.mark.parametrize(
    "options",
    [("--more", "strings:nan"), ("--more", "strings:inf"), ("--min-score", "nan"), ("--min-score", "inf")],
)
def test_what_is_no_number_is_refused(nw, options):
    assert "is no number" in nw("query", "piano", *options, code=2).err


def test_a_query_that_takes_the_name_of_another_says_so(nw):
    nw("query", "a robot", "--save", "twice")
    assert "in place of 'a robot'" in nw("query", "rain", "--save", "twice").err
    nw("query", "x", "--save", "n" * 300, code=2)
