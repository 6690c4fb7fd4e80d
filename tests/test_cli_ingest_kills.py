"""Kills at any moment of nw ingest, of a folder and of shards: nothing lost, nothing double, it goes on."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from shard_maker import AUDIO, song

from catalog.library import songs
from catalog.library.database import Catalog

SHARDS, ROWS, FILES = 4, 8, 40
KILLS = [pytest.param(3, id="a few"), pytest.param(60, id="all", marks=pytest.mark.soak)]


def nw(home, *arguments):
    return [sys.executable, "-m", "newwave_cli", "--home", str(home), "--jobs", "2", *map(str, arguments)]


def killed_at_any_moment(home, command, kills, check, *, all_songs):
    """Kill the command and all of its workers, again and again; what a kill leaves must be whole.

    check: what holds of songs at any moment; all_songs: how many there are at the end. A run that ended by
    itself is checked and begins anew, so that kills meet every part of it.
    """
    moments = random.Random(11)
    usual_s = 2.0
    killed = 0
    kept = {}
    for _ in range(kills):
        started = time.monotonic()
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            assert process.wait(timeout=moments.uniform(0.2, 1.2) * usual_s) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            usual_s *= 1.1  # until a run ends, so that later moments are met too
            kept = checked(home, check, kept)
        else:
            usual_s = time.monotonic() - started  # on this machine, at this hour
            assert len(checked(home, check, kept)) == all_songs
            shutil.rmtree(home)
            kept = {}
    assert killed
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole = checked(home, check, kept)
    assert len(whole) == all_songs
    assert not list(home.rglob(".nw-*.part")), "what kills left half written is cleared"
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert checked(home, check, whole) == whole, "the same once more adds nothing"


def checked(home, check, kept):
    """The sounds by song that the catalog holds after a kill or a run: no fewer than those `kept` before."""
    if not (home / "catalog.db").exists():
        assert not kept
        return {}
    with Catalog.open(home / "catalog.db") as catalog:
        assert catalog.fetch("PRAGMA quick_check") == [("ok",)]
        assert catalog.fetch("PRAGMA foreign_key_check") == []
        found = list(songs.iterate(catalog, light=False))
        sounds = dict(catalog.fetch("SELECT id, audio_hash FROM songs"))
    check(found)
    assert len(set(sounds.values())) == len(sounds), "each sound is one song"
    assert kept.items() <= sounds.items(), "what was kept stays, under its number"
    return sounds


def rows_are_whole(found):
    """Each song has the one caption of its row, and its sound lies there whole."""
    captions = [caption.text for song in found for caption in song.captions]
    assert len(captions) == len(set(captions)) == len(found)
    assert set(captions) <= {f"{shard} {row}" for shard in range(SHARDS) for row in range(ROWS)}
    for one in found:
        assert soundfile.info(one.path).duration > 0


def files_are_whole(found):
    """Each song is one file or its link, with what was read of it."""
    numbers = [song.path.stem.removesuffix("-link") for song in found]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= {str(number) for number in range(FILES)}
    assert {(song.rate_hz, song.duration_s) for song in found} <= {(8_000, 3.0)}


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.slow
def test_shards_whose_ids_start_anew(tmp_path, kills):
    schema = pa.schema([("id", pa.int64()), ("audio", AUDIO), ("caption", pa.string())])
    (tmp_path / "shards").mkdir()
    for shard in range(SHARDS):
        rows = []
        for row in range(ROWS):
            sound = {"bytes": song(150 + 9 * (shard * ROWS + row)), "path": "audio.wav"}
            rows.append({"id": row, "audio": sound, "caption": f"{shard} {row}"})
        table = pa.Table.from_pylist(rows, schema)
        pq.write_table(table, tmp_path / "shards" / f"{shard}.parquet", row_group_size=2)
    command = nw(tmp_path / "home", "ingest", "shards", tmp_path / "shards")
    killed_at_any_moment(tmp_path / "home", command, kills, rows_are_whole, all_songs=SHARDS * ROWS)


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.slow
def test_a_folder(tmp_path, kills):
    (tmp_path / "music").mkdir()
    chance = np.random.default_rng(3)
    for number in range(FILES):
        noise = chance.uniform(-0.5, 0.5, 24_000)
        path = tmp_path / "music" / f"{number}.flac"
        soundfile.write(path, noise, 8_000)
        if number % 4 == 0:
            os.link(path, path.with_stem(f"{number}-link"))
    command = nw(tmp_path / "home", "ingest", tmp_path / "music")
    killed_at_any_moment(tmp_path / "home", command, kills, files_are_whole, all_songs=FILES)
