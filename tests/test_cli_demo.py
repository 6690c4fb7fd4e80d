"""nw demo: composed, ingested, indexed, asked; again; interrupted. On a few short pieces, to stay quick."""

import dataclasses
import re
import subprocess
import sys

import pytest
import soundfile
from typer.testing import CliRunner

from catalog.library import songs
from catalog.library.database import Catalog
from newwave_cli import app
from newwave_cli.commands.demo import ASKED
from newwave_cli.demo import library
from newwave_cli.demo.instruments.dsp import RATE

pytestmark = pytest.mark.slow

STYLES = ("piano", "choir", "techno", "blues", "chiptune", "music_box")


def few():
    """Some pieces of the library, cut to twelve seconds."""
    return [dataclasses.replace(p, seconds=12.0) for p in library.pieces() if p.style in STYLES]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run nw demo on few pieces below one home: home, first answer, second answer."""
    home = tmp_path_factory.mktemp("home")
    pieces = few()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "pieces", lambda: pieces)
        first, second = (
            CliRunner().invoke(app.app, ["--home", str(home), "--jobs", "2", "demo"]) for _ in range(2)
        )
    return home, first, second


def test_it_shows_what_it_does(demo):
    home, first, _ = demo
    assert first.exit_code == 0, first.stderr
    music = home / "demo" / "music"
    assert f"composed {len(STYLES)} pieces in {music}" in first.stderr
    said = [line for line in first.stderr.splitlines() if line.startswith("$ nw")]
    assert [line.split()[2] for line in said] == ["ingest", "index", *["query"] * len(ASKED)]
    assert f"export NW_HOME={home / 'demo'}" in first.stderr


def answers(stdout):
    """The tables on stdout, each a list of rows, its heading and what long paths wrapped to left out."""
    tables = []
    for line in stdout.splitlines():
        if line.startswith("score"):
            tables.append([])
        elif re.match(r" *\d+ ", line):
            tables[-1].append(line)
    return tables


def test_every_question_is_answered(demo):
    tables = answers(demo[1].stdout)
    counts = [int(q.arguments[q.arguments.index("-k") + 1]) for q in ASKED]
    assert [len(table) for table in tables] == counts


@pytest.mark.parametrize("title", ["Stone Rooms", "Rent Day", "Bonus Stage"])
def test_the_piece_that_was_meant_comes_first(demo, title):
    [table] = [t for t, q in zip(answers(demo[1].stdout), ASKED, strict=True) if q.title == title]
    assert title in table[0]


def test_the_second_run_finds_everything_done(demo):
    _, first, second = demo
    assert second.exit_code == 0
    assert "the pieces are there already" in second.stderr
    assert f"{len(STYLES)} unchanged" in second.stderr
    assert "(up to date)" in second.stderr
    assert second.stdout == first.stdout


def test_ones_own_library_stays_as_it_is(demo):
    assert [path.name for path in demo[0].iterdir()] == ["demo"]


def test_tags_and_timed_lyrics_arrive_in_the_catalog(demo):
    with Catalog.open(demo[0] / "demo" / "catalog.db", read_only=True) as catalog:
        held = {song.title: song for song in songs.iterate(catalog, light=False)}
    for piece in few():
        song = held[piece.title]
        assert (song.artist, song.album) == (piece.artist, piece.album)
        assert song.duration_s == pytest.approx(piece.seconds, abs=0.01)
        assert [line.text for line in song.lyrics] == list(piece.lyrics)
        starts = [line.start_s for line in song.lyrics]
        assert starts == sorted(starts)
        assert all(1 < start < piece.seconds for start in starts)


def test_every_question_is_about_a_piece_that_there_is():
    assert {question.title for question in ASKED} <= {piece.title for piece in library.pieces()}


STOPS_ITSELF = """
import os, signal
from newwave_cli.app import main
from newwave_cli.demo import library

plain = library.write_library

def write_library(*arguments, **options):
    for piece in plain(*arguments, **options):
        yield piece
        os.killpg(0, signal.SIGINT)  # as a shell does it: to the workers too

library.write_library = write_library
main()
"""
"""nw that gets Ctrl-C right after its first piece is there, on a machine of any speed."""


@pytest.mark.slow
def test_ctrl_c_leaves_whole_pieces_and_the_next_run_goes_on(tmp_path):
    music = tmp_path / "demo" / "music"
    command = [sys.executable, "-c", STOPS_ITSELF, "--home", str(tmp_path), "--jobs", "2", "demo"]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True, start_new_session=True, check=False)
    assert run.returncode == 130, run.stderr
    assert "Traceback" not in run.stderr
    lengths = {piece.name: piece.seconds for piece in library.pieces()}
    whole = list(music.glob("[!.]*.flac"))
    assert whole
    for path in whole:
        assert soundfile.info(path).frames == lengths[path.stem] * RATE
    assert len(library.missing(music)) == len(lengths) - len(whole)
