"""A catalog whose values were changed by a disk that loses bits: named as the reason, not a fault of nw."""

import sqlite3
from contextlib import closing

import pytest
import served


@pytest.fixture
def damaged(tones, tmp_path):
    """Change the catalog of a library of eight pieces; its home."""

    def change(sql):
        home = served.copy_library(tones, tmp_path) / "home"
        with closing(sqlite3.connect(home / "catalog.db")) as catalog, catalog:
            catalog.execute(sql)
        return home

    return change


@pytest.mark.parametrize(
    ("change", "row", "command"),
    [
        ("UPDATE songs SET extra = '{\"a\":' WHERE id = 3", "song 3", ["songs"]),
        ("UPDATE songs SET extra = '[]' WHERE id = 3", "song 3", ["show", "3"]),
        ("UPDATE songs SET origins = '[1]' WHERE id = 3", "song 3", ["show", "3"]),
        ("UPDATE songs SET duration_s = 'abc' WHERE id = 3", "song 3", ["stats"]),
        ("UPDATE songs SET duration_s = 1e308", "song 1, song 2, song 3", ["stats"]),
        ("UPDATE songs SET path = x'fffe' WHERE id = 3", "song 3", ["songs"]),
        ("UPDATE songs SET year = 'x' WHERE id = 3", "song 3", ["catalog", "export", "out"]),
        ("UPDATE songs SET title = x'ff' WHERE id = 3", "song 3", ["catalog", "export", "out"]),
        ("UPDATE embeddings SET track = x'00' WHERE id = 2", "embedding 2", ["duplicates"]),
        ("UPDATE embeddings SET parts = 0 WHERE id = 2", "embedding 2", ["catalog", "export", "out"]),
        ("UPDATE embedding_windows SET vectors = x'01'", "embedding 1", ["catalog", "export", "out"]),
        ("UPDATE embedding_windows SET labels = '{'", "embedding 1", ["catalog", "export", "out"]),
        ("INSERT INTO saved_queries VALUES ('rain', '[]', '')", "saved query rain", ["query", "@rain"]),
        ("INSERT INTO saved_queries VALUES ('rain', '{', '')", "saved query rain", ["playlist", "list"]),
        ("DELETE FROM about", "name of the library", ["query", "piano"]),
    ],
)
def test_a_command_that_meets_damage_names_it_and_so_does_the_doctor(
    damaged, nw_in, tmp_path, monkeypatch, change, row, command
):
    monkeypatch.chdir(tmp_path)
    home = damaged(change)
    said = nw_in(home, *command, code=2).err
    assert f"{home}/catalog.db is damaged: it holds what nw never wrote, at {row}" in said
    assert "Traceback" not in said
    assert f"mv {home}/catalog.db {home}/catalog.db.damaged && nw ingest" in said
    assert "it holds what nw never wrote" in nw_in(home, "doctor", code=2).out


def test_a_catalog_that_is_whole_is_no_excuse(damaged, nw_in, monkeypatch):
    home = damaged("UPDATE songs SET title = title")
    nw_in(home, "query", "piano", "--save", "rain")
    assert "catalog\tok" in nw_in(home, "doctor").out

    def fail(*_, **__):
        raise ValueError("a fault")

    monkeypatch.setattr("newwave_cli.output.show.rows", fail)
    assert "nw stumbled: ValueError: a fault" in nw_in(home, "songs", code=2).err
