"""nw ingest over odd files and texts: each costs itself, is named, and the rest is taken."""

import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from catalog.library import filters, songs
from catalog.library.database import Catalog
from newwave_cli import app


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def ingest(tmp_path, monkeypatch, capfd):
    """Run `nw ingest`; returns what it said on stderr."""

    def run(*arguments, code=0):
        words = ["nw", "--home", tmp_path / "home", "ingest", *arguments]
        monkeypatch.setattr(sys, "argv", list(map(str, words)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            app.main()
        said = capfd.readouterr().err
        assert code is None or (left.value.code or 0) == code, said
        return said

    return run


@pytest.fixture
def library(tmp_path):
    def read():
        with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
            return {song.path.name: song for song in songs.iterate(catalog, light=False)}

    return read


def write(path, seed=0):
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, 2400).astype(np.float32)
    soundfile.write(path, sound, 8000)
    return path


def test_a_link_to_itself_costs_itself_and_is_named(ingest, library, music):
    write(music / "a.flac")
    (music / "latest").symlink_to("latest")
    said = ingest(music, code=3)
    assert "1 new" in said
    assert f"passed over: {music / 'latest'} is a link that leads to itself" in said
    assert list(library()) == ["a.flac"]
    assert "1 unchanged" in ingest(music, code=3)


def test_a_pipe_beside_a_song_or_as_one_is_passed_over(ingest, library, music):
    path = write(music / "a.flac")
    os.mkfifo(music / "a.lrc")
    os.mkfifo(music / "b.flac")
    assert "1 new" in ingest(path)
    assert f"passed over: {music / 'b.flac'} is no regular file" in ingest(music)
    assert "is no regular file" in ingest(music / "b.flac", code=3)
    assert list(library()) == ["a.flac"]


def test_again_reads_what_did_not_seem_to_change(ingest, library, music):
    path, other = write(music / "a.wav"), write(music / "b.wav", 1)
    ingest(music)
    status = path.stat()
    write(path, 2)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert "2 unchanged" in ingest(music)
    assert "2 changed" in ingest(music, "--again")
    assert "2 changed" in ingest("--again")
    other.unlink()
    said = ingest("--again")
    assert "1 changed" in said
    assert "1 song has lost its file" in said
    assert len(library()) == 2


def test_lyrics_in_no_known_encoding_are_left_out_and_that_is_said(ingest, library, music):
    write(music / "a.flac")
    (music / "a.lrc").write_bytes(b"[00:01]" + bytes(range(128, 256)))
    said = ingest(music, code=3)
    assert "1 new" in said
    assert f"{music / 'a.lrc'} is in no encoding that nw can tell" in said
    assert library()["a.flac"].lyrics == ()


def test_lyrics_know_their_language_and_songs_without_words_have_none(ingest, tmp_path, music):
    for number, (name, text) in enumerate(
        {
            "fr": "Non, rien de rien, non, je ne regrette rien\nNi le bien qu'on m'a fait, ni le mal",
            "zh": "[00:01.00]安静的夜晚\n[00:03.00]月光照在窗前\n[00:05.00]我想起了你",
            "none": "[au: instrumental]",
        }.items()
    ):
        write(music / f"{name}.flac", number)
        (music / f"{name}.lrc").write_bytes(text.encode("gbk" if name == "zh" else "utf-8"))
    ingest(music)
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        for condition, names in (
            ("language = 'fr'", ["fr"]),
            ("language = 'zh'", ["zh"]),
            ("lyrics is null", ["none"]),
        ):
            found = songs.get_many(catalog, filters.ids_where(catalog, condition)).values()
            assert [song.path.stem for song in found] == names


def test_the_tracks_of_an_album_in_one_file_are_moments_that_can_be_found(ingest, library, tmp_path, music):
    write(music / "album.flac")
    (music / "album.cue").write_text(
        'PERFORMER "Ada"\nFILE "album.wav" WAVE\n'
        '  TRACK 01 AUDIO\n    TITLE "Harbour"\n    INDEX 01 00:00:00\n'
        '  TRACK 02 AUDIO\n    TITLE "Storm"\n    INDEX 01 00:00:10\n'
    )
    assert "2 tracks of album.cue are moments of this one song: Harbour, Storm" in ingest(music)
    assert [(c.text, c.start_s) for c in library()["album.flac"].captions] == [
        ("Ada - Harbour", 0.0),
        ("Ada - Storm", 0.133),
    ]
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        assert list(filters.ids_where(catalog, match="storm")) == [1]
    (music / "album.cue").write_text("nothing")
    assert "album.cue names no track in this file" in ingest(music)
    assert library()["album.flac"].captions == ()
    (music / "extra.cue").write_text("nothing")
    write(music / "b.flac", 1)
    assert "1 cue sheet belongs to no one sound file and was not used" in ingest(music)


def test_values_that_are_no_numbers_are_left_out_and_named(ingest, tmp_path):
    (tmp_path / "shards").mkdir()
    rows = pa.Table.from_pylist(
        [
            {
                "id": "n1",
                "title": "One",
                "year": "ca. 1999",
                "duration": "3:25",
                "tags": ["Rock", None, "rock"],
            },
            {"id": "n2", "title": "Two", "year": "unknown", "duration": "n/a", "tags": None},
        ]
    )
    pq.write_table(rows, tmp_path / "shards" / "0.parquet")
    said = ingest("shards", tmp_path / "shards", code=None)
    assert "left out: n2: year 'unknown' is no year" in said
    assert "left out: n2: duration_s 'n/a' is no length" in said
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        one, two = songs.iterate(catalog)
        assert (one.year, one.duration_s, one.tags) == (1999, 205.0, ("Rock",))
        assert (two.year, two.duration_s, two.tags) == (None, None, ())
        assert list(filters.ids_where(catalog, "year > 1990")) == [one.id]
