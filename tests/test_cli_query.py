"""nw query over a small library of real files: filters, steering, exact words, saved queries, playlists."""

import json
import os
import shlex
import subprocess
import sys

import library_of_tones
import pytest
import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tones, tmp_path_factory):
    """Eight indexed pieces, four of them sung, with facts from a table; queries are saved in it."""
    return served.copy_library(tones, tmp_path_factory.mktemp("query")) / "home"


def run_nw(home, *arguments, code=0, stdin=None):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), *arguments]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home / "config")}
    run = subprocess.run(command, capture_output=True, text=True, input=stdin, env=environment, check=False)
    assert run.returncode == code, run.stderr
    return run


def titles(home, *arguments, **how):
    rows = json.loads(run_nw(home, "query", *arguments, "--format", "json", **how).stdout)
    return [row["title"] for row in rows]


def test_an_exact_name_is_found_where_it_is_written(home):
    assert titles(home, "Harbour", "-k", "1") == ["Harbour"]
    assert set(titles(home, "songs by the cogs", "--by", "written")) == {"Rivets", "Sunday Dog"}
    [row] = json.loads(
        run_nw(home, "query", '"haul the anchor"', "-k", "1", "--explain", "-f", "json").stdout
    )
    assert (row["title"], row["matched"]) == ("Harbour", "lyrics: haul the anchor")


def test_what_it_is_about_comes_first(home):
    assert titles(home, "a song about robots and machines")[0] == "Rivets"
    assert titles(home, "sailing the ocean", "--by", "words")[0] == "Harbour"


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
def test_filters_apply_before_ranking(home, options, expected):
    if expected is None:
        assert titles(home, "music", *options, code=1) == []
    else:
        assert set(titles(home, "music", *options)) == expected


def test_at_most_so_many_by_an_artist(home):
    found = titles(home, "music", "--max-per-artist", "1", "--where", "artist = 'The Cogs'")
    assert len(found) == 1


@pytest.mark.parametrize("asked", [("music, no vocals",), ("music", "--not", "vocals")])
def test_no_vocals_leaves_the_sung_behind(home, asked):
    sung = set(library_of_tones.WORDS)
    found = titles(home, *asked)
    assert not sung & set(found[:4])


def test_like_a_song_leads_to_its_kind_and_not_to_itself(home):
    found = titles(home, "music", "--like", "Nocturne", "--by", "sound")
    assert found[-1] == "Nocturne"
    away = titles(home, "music", "--unlike", found[0], "--by", "sound")
    assert away.index(found[0]) > found.index(found[0])


def test_more_of_it_changes_the_order(home):
    plain = titles(home, "music", "--by", "sound")
    drums = titles(home, "music", "--by", "sound", "--more", "drum machine:3")
    assert drums != plain
    said = run_nw(home, "query", "music", "--more", "drums:lots", code=2).stderr
    assert "'lots' in 'drums:lots' is no number" in said
    assert '--more "drums:0.5"' in said.split("try:")[1]


def test_every_way_to_fuse_answers(home):
    for way in ("evidence", "gate"):
        assert titles(home, "a song about robots", "--by", way)[0] == "Rivets"
    for way in ("weighted", "rrf"):
        assert len(titles(home, "a song about robots", "--by", way)) == 8
    assert "there is no 'magic' to search by" in run_nw(home, "query", "x", "--by", "magic", code=2).stderr


def test_diverse_shows_the_same_songs_in_another_order(home):
    assert set(titles(home, "plucked strings", "--diverse")) == set(titles(home, "plucked strings"))


def test_saved_queries_keep_their_options_and_can_be_changed(home, tmp_path):
    run_nw(home, "query", "a robot", "--year", "1980-1989", "--save", "tin")
    assert titles(home, "@tin") == ["Rivets"]
    assert set(titles(home, "@tin", "--year", "1999")) == {"Nocturne", "Sunday Dog"}
    run_nw(home, "playlist", "write", str(tmp_path / "lists"))
    playlist = (tmp_path / "lists" / "tin.m3u8").read_text()
    assert playlist.startswith("#EXTM3U\n#EXTINF:12,The Cogs - Rivets\n")
    assert run_nw(home, "playlist", "list").stdout.split("\t")[0] == "tin"
    run_nw(home, "playlist", "remove", "@tin")
    said = run_nw(home, "query", "@tin", code=2).stderr
    assert "no query was saved as 'tin'" in said
    run_nw(home, "query", "x", "--save", "two words", code=2)


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


@pytest.mark.parametrize(
    "options",
    [("--more", "strings:nan"), ("--more", "strings:inf"), ("--min-score", "nan"), ("--min-score", "inf")],
)
def test_what_is_no_number_is_refused(home, options):
    assert "is no number" in run_nw(home, "query", "piano", *options, code=2).stderr


def test_a_query_that_takes_the_name_of_another_says_so(home):
    run_nw(home, "query", "a robot", "--save", "twice")
    assert "in place of 'a robot'" in run_nw(home, "query", "rain", "--save", "twice").stderr
    run_nw(home, "query", "x", "--save", "n" * 300, code=2)
