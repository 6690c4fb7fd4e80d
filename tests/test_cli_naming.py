"""One name for one thing: options that choose songs, words that name data, words of a query, sequences."""

import sys

import pytest
from fakes import tone
from typer.testing import CliRunner

from catalog.library import songs
from catalog.records import Facts
from models.indexing.build import build_index
from models.indexing.embed import embed_sound
from newwave_cli import app

CHOOSING = ("--where", "--match", "--tag", "--year", "--has-lyrics")


@pytest.mark.parametrize("command", ["query", "similar", "songs", "stats", "duplicates"])
def test_songs_are_chosen_by_the_same_options(command):
    text = CliRunner().invoke(app.app, [command, "--help"], terminal_width=100).output
    assert [option for option in CHOOSING if option not in text] == []
    assert "--limit" in text


def test_they_choose_the_same_songs(nw, catalog, lines_of):
    for title, year, tags in (("A", 1984, ("jazz",)), ("B", 1991, ("jazz", "calm")), ("C", 1984, ())):
        songs.add_or_update(catalog, [Facts("tags", {"title": title, "year": year}, tags=tags)])
    found = lines_of(nw("songs", "--tag", "jazz", "--year", "1980-1990", "-f", "ndjson").out)
    assert [song["title"] for song in found] == ["A"]
    assert "songs\t1" in nw("stats", "--tag", "jazz", "--year", "1984").out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("stats jamendo", "amaai-lab/JamendoMaxCaps", id="a name is the data set"),
        pytest.param("shards status jamendo", "amaai-lab/JamendoMaxCaps", id="of its shards too"),
        pytest.param("ingest jamendo", "amaai-lab/JamendoMaxCaps", id="to be ingested"),
        pytest.param("evaluate --on jamendo", "amaai-lab/JamendoMaxCaps", id="to be judged on"),
        pytest.param("stats ./jamendo", "no parquet", id="./ is the folder"),
        pytest.param("stats jamendo:./jamendo", "no parquet", id="a colon names its files"),
        pytest.param("shards status ./jamendo", "no parquet", id="a folder of shards"),
        pytest.param("evaluate --on ./jamendo", "no parquet", id="a folder to be judged on"),
        pytest.param("ingest ./jamendo", "no music there", id="a folder of music"),
    ],
)
def test_a_folder_called_jamendo_hides_nothing(typed, said, nw, catalog, tmp_path, monkeypatch, capfd):
    (tmp_path / "here" / "jamendo").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "argv", ["nw", "--home", str(tmp_path / "home"), "--offline", *typed.split()])
    with pytest.raises(SystemExit):
        app.main()
    assert said in capfd.readouterr().err


@pytest.fixture
def tones_of(nw, catalog, add_song, ears, tmp_path):
    """Songs by title, as much low as high as their names say, and one that was never heard."""
    for title, share in (("low", 0.0), ("high", 1.0), ("lowish", 0.25), ("highish", 0.75), ("middle", 0.5)):
        sound = (1 - share) * tone(200, 4) + share * tone(2_000, 4)
        add_song(title, sound, lyrics="sea")
    add_song("silent", lyrics="sea")
    embed_sound(catalog, ears)
    build_index(catalog, ears, tmp_path / "home" / "indexes" / "sound")


def titles(lines, written):
    return [line["title"] for line in lines(written.out)]


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        pytest.param("--sequence", ["low", "lowish", "middle", "highish", "high"], id="from the best one on"),
        pytest.param(
            "--from high",
            ["high", "highish", "middle", "lowish", "low"],
            id="from a song, the near ones first",
        ),
        pytest.param(
            "--from middle --to low", ["middle", "high", "highish", "lowish", "low"], id="from A to B"
        ),
        pytest.param("--to silent -k 4", ["low", "lowish", "middle", "silent"], id="to one that is no hit"),
        pytest.param("--from low --to low", ["low", "lowish", "middle", "highish", "high"], id="to itself"),
    ],
)
def test_a_sequence(typed, order, tones_of, nw, lines_of):
    found = nw("query", "low", "--by", "sound", "-f", "ndjson", *typed.split())
    assert titles(lines_of, found) == order


def test_similar_songs_in_sequence(tones_of, nw, lines_of):
    found = nw("similar", "low", "--from", "low", "--to", "high", "-f", "ndjson")
    assert titles(lines_of, found) == ["low", "lowish", "middle", "highish", "high"]


def test_words_of_a_query_need_no_quotation_marks(tones_of, nw):
    assert nw("query", "low", "low", "--by", "sound").out == nw("query", "low low", "--by", "sound").out


def test_a_saved_sequence_stays_one(tones_of, nw, lines_of):
    nw("query", "low", "--by", "sound", "--sequence", "--save", "walk")
    assert titles(lines_of, nw("query", "@walk", "-f", "ndjson"))[0] == "low"
    assert titles(lines_of, nw("query", "@walk", "-f", "ndjson")) == [
        *("low", "lowish", "middle", "highish", "high")
    ]
