"""nw show: all that is known of a song, each value with its origin."""

import json
from pathlib import Path

import numpy as np
import pytest

from catalog.library import embeddings, songs
from catalog.library.embeddings import Embedding
from catalog.records import Caption, Facts, Line, SoundFile


@pytest.fixture
def song(catalog):
    values = {"title": "[b]Bold[/b]", "year": 1980}
    captions = (Caption("calm", 0, 30, "table:t.csv"),)
    facts = [
        Facts("tags", values, tags=("folk",), lyrics=(Line("la", 61.0), Line("lo"))),
        Facts("table:t.csv", {"artist": "Ada"}, captions=captions, extra={"bpm": 90}),
    ]
    path = Path("/m/a very long path " + "x" * 200 + ".ogg")
    file = SoundFile(path, 1, 1, "hash", 61.5, 44100, 1, "ogg/vorbis")
    return songs.add_or_update(catalog, facts, file=file)


def test_every_value_has_its_origin(nw, song):
    text = nw("show", str(song)).out
    assert text.startswith("1: Ada - [b]Bold[/b]\n")
    for line in (
        "title      [b]Bold[/b]  [tags]",
        "artist     Ada  [table:t.csv]",
        "year       1980  [tags]",
        "sound      1:02, ogg/vorbis, 44100 Hz, 1 channel",
        "tags       folk",
        "bpm        90  [table:t.csv]",
        "vectors    none yet: nw index",
        "caption    0:00–0:30 calm  [table:t.csv]",
        "lyrics     [tags]",
        "   1:01  la",
        "         lo",
        "x" * 200,
    ):
        assert line in text


def test_json_holds_everything_and_the_vectors(nw, catalog, song):
    embeddings.register_pipeline(catalog, "ears", role="sound")
    embeddings.put_many(
        catalog, "ears", [Embedding("hash", np.ones((2, 3), np.float16), np.ones(3, np.float16))]
    )
    shown = json.loads(nw("show", "bold", "--format", "json").out)
    assert (shown["id"], shown["extra"]) == (song, {"bpm": 90})
    assert shown["lyrics"][0] == {"text": "la", "start_s": 61.0}
    assert shown["origins"]["artist"] == "table:t.csv"
    assert shown["vectors"] == [{"pipeline": "ears", "role": "sound", "parts": 2}]
    assert "vectors    sound: 2 by ears" in nw("show", "1").out


def test_a_song_whose_file_is_gone_is_marked(nw, catalog, song):
    songs.mark_missing(catalog, [song], missing=True)
    assert ".ogg  (gone)\n" in nw("show", "1").out


def test_wrong_use_has_a_way_out(nw, song):
    assert "Near it: 1: Ada - [b]Bold[/b]" in nw("show", "ada bolt", code=2).err
    assert "try: nw show SONG --format json" in nw("show", "1", "--format", "m3u8", code=2).err
