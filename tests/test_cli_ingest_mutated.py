"""nw ingest over mutated texts and tables: no raw exception, nothing lost, nothing double."""

import sys

import pytest
from mutations import SEEDS, mutated, write_sound

from catalog.library import songs
from catalog.library.database import Catalog
from newwave_cli import app

BESIDE = ("lrc", "txt", "cue")
TABLES = ("csv", "tsv", "jsonl", "json")
FEW, MANY = 4, 92
"""Mutants of each kind in the quick run and in the slow one: 7 kinds, 28 and 644 texts."""


@pytest.fixture
def ingest(tmp_path, monkeypatch, capfd):
    """Run `nw ingest`; returns its exit code and what it said."""

    def run(*arguments):
        words = ["nw", "--home", tmp_path / "home", "ingest", *arguments]
        monkeypatch.setattr(sys, "argv", list(map(str, words)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            app.main()
        return left.value.code or 0, capfd.readouterr().err

    return run


def check(ingest, tmp_path, count, first=0):
    """All songs are there once and can be shown, whatever lay beside them and whatever tables said."""
    music, tables = tmp_path / "music", tmp_path / "tables"
    music.mkdir()
    tables.mkdir()
    names = set()
    for kind in BESIDE:
        for seed in range(first, first + count):
            write_sound(music / f"{kind}{seed}.wav", seed * 10 + BESIDE.index(kind))
            (music / f"{kind}{seed}.{kind}").write_bytes(mutated(kind, seed))
            names.add(f"{kind}{seed}.wav")
    write_sound(music / "a.wav", 99_999)
    code, said = ingest(music)
    assert code in (0, 3), said
    assert "Traceback" not in said
    assert "stumbled" not in said
    for kind in TABLES:
        for seed in range(first, first + count):
            table = tables / f"{seed}.{kind}"
            table.write_bytes(mutated(kind, seed))
            code, said = ingest("--table", table)
            assert code in (0, 2, 3), (kind, seed, said)
            assert "Traceback" not in said, (kind, seed, said)
            assert "stumbled" not in said, (kind, seed, said)
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        found = list(songs.iterate(catalog, light=False))
        assert sorted(song.path.name for song in found) == sorted(names | {"a.wav"})
        for song in found:
            repr(song).encode()
            assert song.year is None or isinstance(song.year, int)
        assert catalog.fetch("SELECT count(*) FROM lyrics GROUP BY song_id HAVING count(*) > 1") == []
        assert catalog.fetch("PRAGMA integrity_check") == [("ok",)]
    code, said = ingest(music)
    assert f"{len(names) + 1} unchanged" in said


def test_mutated_texts_and_tables(ingest, tmp_path):
    assert set(BESIDE + TABLES) == set(SEEDS)
    check(ingest, tmp_path, FEW)


@pytest.mark.slow
def test_many_mutated_texts_and_tables(ingest, tmp_path):
    check(ingest, tmp_path, MANY, first=1000)
