"""nw ingest as a user meets it: read once, changed, moved, gone, killed at any moment, any name."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from waiting import any_alive, children_of, wait_for

from catalog.audio import waveform
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.failures import failures
from newwave_cli import app

RATE = 8000


def nw(*arguments, home, **options):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def ingest(home, music, monkeypatch, capfd):
    """Run `nw ingest MUSIC`; returns what it said on stderr."""

    def run(*arguments, places=(music,), code=0):
        words = ["nw", "--home", home, "ingest", *places, *arguments]
        monkeypatch.setattr(sys, "argv", list(map(str, words)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            app.main()
        said = capfd.readouterr().err
        assert (left.value.code or 0) == code, said
        return said

    return run


@pytest.fixture
def library(home):
    def read():
        with Catalog.open(home / "catalog.db", read_only=True) as catalog:
            return {str(song.path): song for song in songs.iterate(catalog, light=False)}

    return read


def write(path, seed=0, seconds=0.3):
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * RATE)).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        soundfile.write(file, sound, RATE, format=path.suffix[1:].upper())
    return path


def test_a_folder_is_read_once(ingest, library, music):
    write(music / "Ada - One.flac", 1)
    write(music / "deep" / "two.ogg", 2)
    (music / "deep" / "two.lrc").write_text("[00:01]la")
    (music / "notes.txt").write_text("no song has this name")
    write(music / ".hidden.flac")
    assert "2 new" in ingest()
    assert "2 unchanged" in ingest()
    one, two = library().values()
    assert (one.title, one.artist, one.origins["title"]) == ("One", "Ada", "name")
    assert [(line.text, line.start_s) for line in two.lyrics] == [("la", 1.0)]
    assert (two.rate_hz, two.channels, two.format) == (RATE, 1, "ogg/vorbis")


def test_unchanged_files_are_not_opened(ingest, music):
    path = write(music / "a.flac")
    ingest()
    status = path.stat()
    path.write_bytes(b"no sound at all, but the same size and time".ljust(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "1 unchanged" in ingest()


def test_changed_files_and_lyrics_are_read_again(ingest, library, music):
    path = write(music / "a.flac", 1)
    ingest()
    before = library()[str(path)]
    write(path, 2, seconds=0.5)
    assert "1 changed" in ingest()
    after = library()[str(path)]
    assert (after.id, after.duration_s) == (before.id, 0.5)
    for text, lines in (("la", 1), ("la\nla", 2)):
        (music / "a.txt").write_text(text)
        assert "1 changed" in ingest()
        assert len(library()[str(path)].lyrics) == lines
    (music / "a.txt").unlink()
    assert "1 changed" in ingest()
    assert library()[str(path)].lyrics == ()


def test_a_text_with_an_address_is_a_note_and_not_lyrics(ingest, library, music):
    path = write(music / "a.flac")
    (music / "a.txt").write_text("A by Ada, CC BY: https://creativecommons.org/licenses/by/3.0/.\n")
    ingest()
    song = library()[str(path)]
    assert (song.lyrics, song.license) == ((), "https://creativecommons.org/licenses/by/3.0/")
    assert song.extra["notes"].startswith("A by Ada")


def test_a_moved_file_keeps_its_song(ingest, library, music, tmp_path):
    path = write(music / "a.flac", 1)
    write(music / "b.flac", 2)
    ingest()
    before = library()[str(path)]
    (music / "sorted").mkdir()
    new = path.rename(music / "sorted" / "renamed.flac")
    assert "1 moved, 1 unchanged" in ingest()
    assert library()[str(new)].id == before.id
    assert str(path) not in library()
    write(music / "copy.flac", 1)
    assert "1 new, 2 unchanged" in ingest()
    away = new.rename(tmp_path / "away.flac")
    assert "1 moved" in ingest(places=(away,))
    assert library()[str(away)].id == before.id


def test_what_is_gone_stays_until_it_is_pruned(ingest, library, music):
    paths = [write(music / f"{number}.flac", number) for number in range(12)]
    ingest()
    ids = {song.id for song in library().values()}
    hidden = music.parent / "hidden.flac"
    paths[3].rename(hidden)
    said = ingest()
    assert "1 song has lost its file" in said
    assert f"gone: {paths[3]}" in said
    assert library()[str(paths[3])].missing
    hidden.rename(paths[3])
    assert "12 unchanged" in ingest()
    assert not library()[str(paths[3])].missing
    paths[3].unlink()
    assert "1 song pruned" in ingest("--prune")
    assert {song.id for song in library().values()} < ids
    paths[4].unlink()
    assert "1 song pruned" in ingest("--prune", places=())
    assert len(library()) == 10


def test_a_disk_that_is_not_there_is_not_pruned(ingest, library, music):
    for number in range(30):
        write(music / f"{number}.flac", number)
    ingest()
    elsewhere = music.rename(music.parent / "elsewhere")
    for empty in (False, True):
        if empty:
            music.mkdir()
        said = ingest("--prune", code=2)
        assert "pruning would drop 30 songs" in said
        assert "holds no music now" in said
        assert "--yes" in said
        assert len(library()) == 30
    music.rmdir()
    elsewhere.rename(music)
    for number in range(11):
        (music / f"{number}.flac").unlink()
    assert "much more than usual, of 30" in ingest("--prune", code=2)
    assert "11 songs pruned" in ingest("--prune", "--yes")
    assert len(library()) == 19


def test_a_closed_folder_is_named_and_loses_nothing(ingest, library, music, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    write(music / "closed" / "a.flac")
    ingest()
    (music / "closed").chmod(0)
    try:
        said = ingest("--prune")
    finally:
        (music / "closed").chmod(0o755)
    assert "could not be read" in said
    assert len(library()) == 1


def test_files_that_fail_are_listed_kept_and_retried(ingest, library, home, music):
    good, bad = write(music / "good.flac"), music / "bad.flac"
    (music / "empty.mp3").touch()
    bad.write_bytes(good.read_bytes()[:30])
    said = ingest(code=3)
    assert "1 new, 2 failed" in said
    assert f"failed: {music / 'empty.mp3'}: is empty (0 bytes)." in said
    assert "2 files failed before and were not tried" in ingest()
    assert "2 failed" in ingest("--retry-failed", code=3)
    status = bad.stat()
    write(bad, 5)
    os.truncate(bad, bad.stat().st_size)
    assert "1 new" in ingest()
    os.utime(bad, ns=(status.st_atime_ns, status.st_mtime_ns))
    write(music / "empty.mp3", 6)
    assert "1 new" in ingest("--retry-failed", places=())
    with Catalog.open(home / "catalog.db") as catalog:
        assert failures(catalog) == []
    assert len(library()) == 3


def test_a_truncated_song_is_used_and_said(ingest, library, music):
    path = write(music / "a.flac", seconds=20)
    os.truncate(path, path.stat().st_size // 2)
    assert f"used in part: {path}: only 1" in ingest()
    assert "of 20 s are there" in library()[str(path)].extra["partly"]


NAMES = [
    "new\nline.flac",
    "tab\t'\"$HOME;*.flac",
    "東京 🎵.flac",
    "zu\u0308rich.flac",
    "-rf.flac",
    "[b]x[/b].flac",
]


@pytest.mark.slow
def test_names_of_any_kind_come_back_whole(ingest, music, home):
    raw = [os.fsencode(music) + b"/not \xff utf-8.flac", *(os.fsencode(music / name) for name in NAMES)]
    for number, path in enumerate(raw):
        write(Path(os.fsdecode(path)), number)
    assert "7 new" in ingest()
    assert "7 unchanged" in ingest()
    listed = nw("songs", "--format", "paths0", home=home).stdout
    assert sorted(listed.split(b"\0")[:-1]) == sorted(raw)
    for path in raw:
        shown = nw("show", os.fsdecode(path), "--format", "json", home=home)
        assert json.loads(shown.stdout.decode(errors="surrogateescape"))["path"] == os.fsdecode(path)


def test_links_are_followed_once(ingest, library, music):
    path = write(music / "a" / "one.flac")
    (music / "loop").symlink_to(music)
    (music / "broken.flac").symlink_to(music / "nowhere.flac")
    (music / "a" / "link.flac").symlink_to(path)
    assert "2 new" in ingest()
    assert "2 unchanged" in ingest()


@pytest.mark.slow
def test_dry_run_says_and_does_nothing(ingest, library, home, music):
    path = write(music / "a.flac")
    done = nw("ingest", music, "--dry-run", home=home)
    assert done.stdout.decode() == f"add\t{path}\n"
    assert library() == {}
    ingest()
    write(path, 1, seconds=0.4)
    assert nw("ingest", music, "--dry-run", home=home).stdout.decode() == f"change\t{path}\n"
    path.unlink()
    assert nw("ingest", music, "--dry-run", "--prune", home=home).stdout.decode() == f"prune\t{path}\n"
    assert len(library()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to ingest"),
        (("nowhere",), "there is no"),
        (("--lyrics", "nowhere"), "no folder"),
        (("--table", "none.csv"), "none.csv"),
    ],
)
def test_wrong_use_has_a_way_out(ingest, arguments, says):
    said = ingest(*arguments, places=(), code=2)
    assert says in said
    assert "\n  try: " in said
    assert "Traceback" not in said


def test_a_file_is_tried_whatever_its_name(ingest, library, music):
    path = write(music / "song.flac")
    plain = path.rename(music / "song without ending")
    ingest(places=(plain,))
    assert list(library()) == [str(plain)]
    assert "1 unchanged" in ingest(places=(plain,))
    assert not library()[str(plain)].missing
    ingest()
    assert not library()[str(plain)].missing


def start(home, music, *arguments):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), "ingest", str(music), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def many(music, count):
    path = write(music / "original.flac", seconds=2)
    data = path.read_bytes()
    path.unlink()
    for number in range(count):
        (music / f"{number:04}.flac").write_bytes(data + bytes([number % 256, number // 256]))


def sound(home):
    """Whether the catalog opens, and nothing in it is half there; returns how many songs it has."""
    if not (home / "catalog.db").exists():
        return 0
    with Catalog.open(home / "catalog.db") as catalog:
        assert catalog.fetch("PRAGMA integrity_check") == [("ok",)]
        assert catalog.fetch("SELECT count(*) FROM songs_fts") == [(songs.count(catalog),)]
        assert catalog.fetch("SELECT count(*) FROM songs WHERE audio_hash IS NULL OR title = ''") == [(0,)]
        return songs.count(catalog)


@pytest.mark.slow
def test_killed_at_many_moments_it_goes_on(ingest, library, home, music):
    many(music, 600)
    kept = []
    for moment in (0.15, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2):
        with start(home, music) as run:
            time.sleep(moment)
            os.killpg(run.pid, signal.SIGKILL)
        kept.append(sound(home))
    assert kept == sorted(kept)
    ingest()
    assert sound(home) == 600
    assert "600 unchanged" in ingest()


@pytest.mark.slow
def test_workers_end_with_a_parent_that_was_killed(home, music):
    many(music, 2000)
    with start(home, music) as run:
        wait_for(lambda: children_of(run) >= 2, run)
        run.kill()
    wait_for(lambda: not any_alive(run.pid))
    assert sound(home) < 2000  # they were not simply done


STOPS_ITSELF = """
import contextlib, os, signal, sys
from catalog.library import songs
from catalog.library.database import Catalog
from newwave_cli.app import main

plain, sent = Catalog.transaction, []

@contextlib.contextmanager
def transaction(self):
    with plain(self):
        yield
    if not sent and not self.connection.in_transaction and songs.count(self):
        sent.append(True)
        os.killpg(0, signal.SIGINT)  # as a shell does it: to the workers too

Catalog.transaction = transaction
main()
"""
"""nw that gets Ctrl-C right after it has kept its first songs, on a machine of any speed."""


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done(home, music):
    many(music, 1000)
    command = [sys.executable, "-c", STOPS_ITSELF, "--home", str(home), "ingest", str(music)]
    run = subprocess.run(command, capture_output=True, start_new_session=True, check=False)
    assert run.returncode == 130, run.stderr
    assert b"Traceback" not in run.stderr
    assert 0 < sound(home) < 1000


@pytest.mark.slow
def test_two_at_once_take_turns(home, music, library):
    many(music, 300)
    with start(home, music) as one, start(home, music) as other:
        said = one.communicate()[1] + other.communicate()[1]
        assert (one.returncode, other.returncode) == (0, 0), said
    assert b"waiting for another nw ingest" in said
    assert b"300 new" in said
    assert b"300 unchanged" in said
    assert len(library()) == 300


def test_a_catalog_from_a_newer_version_is_refused(ingest, home, music):
    Catalog.open(home / "catalog.db").close()
    connection = sqlite3.connect(home / "catalog.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    said = ingest(code=2)
    assert "newer nw" in said
    assert "upgrade nw" in said


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small disk wants root")
@pytest.mark.slow
def test_a_full_disk_is_said_and_the_next_run_goes_on(tmp_path, music):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "none", small], check=False).returncode:
        pytest.skip("no mounts here")
    try:
        many(music, 400)
        done = nw("ingest", music, home=small / "home")
        said = done.stderr.decode()
        assert done.returncode == 2, said
        assert "no room left" in said
        assert "Traceback" not in said
        subprocess.run(["mount", "-o", "remount,size=50m", small], check=True)
        assert nw("ingest", music, home=small / "home").returncode == 0
        with Catalog.open(small / "home" / "catalog.db") as catalog:
            assert songs.count(catalog) == 400
    finally:
        subprocess.run(["umount", small], check=False)


def test_real_music_with_its_lyrics(home):
    data = Path(__file__).parents[2] / "shared" / "data" / "jamendolyrics"
    if not data.is_dir():
        pytest.skip("needs ../shared/data/jamendolyrics")
    done = nw(
        "ingest", data / "audio", "--lyrics", data / "lines", "--table", data / "JamendoLyrics.csv", home=home
    )
    assert done.returncode == 3, done.stderr  # 69 of the 79 songs have lyrics there, and no sound
    assert b"69" in done.stderr
    with Catalog.open(home / "catalog.db") as catalog:
        found = list(songs.iterate(catalog, light=False))
    assert len(found) == 10
    assert all(song.lyrics and song.lyrics[0].start_s is not None for song in found)
    assert {song.language for song in found} == {"es", "fr", "de"}
    assert all(waveform.probe(song.path).duration_s > 100 for song in found[:2])
