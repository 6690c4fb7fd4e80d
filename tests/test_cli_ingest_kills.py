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


def killed_at_any_moment(home, command, kills, check):
    """Kill the command and all of its workers, again and again; the catalog must open every time.

    A run that ended by itself is checked and begins anew, so that kills meet every part of it.
    """
    moments = random.Random(11)
    usual_s = 2.0
    killed = 0
    for _ in range(kills):
        started = time.monotonic()
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            assert process.wait(timeout=moments.uniform(0.2, 1.2) * usual_s) == 0
            usual_s = time.monotonic() - started  # on this machine, at this hour
            check(home)
            shutil.rmtree(home)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            usual_s *= 1.1  # until a run ends, so that later moments are met too
        if (home / "catalog.db").exists():
            with Catalog.open(home / "catalog.db") as catalog:
                assert catalog.fetch("PRAGMA quick_check") == [("ok",)]
    assert killed
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    check(home)


def found(home):
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        return list(songs.iterate(catalog, light=False))


def every_row_is_a_song(home):
    taken = found(home)
    captions = sorted(caption.text for one in taken for caption in one.captions)
    assert captions == sorted(f"{shard} {row}" for shard in range(SHARDS) for row in range(ROWS))
    assert len({one.path for one in taken}) == len(taken) == SHARDS * ROWS
    assert all(one.path.is_file() for one in taken)


def every_file_is_a_song(home):
    taken = found(home)
    assert len(taken) == FILES
    assert {one.path.stem.removesuffix("-link") for one in taken} == {str(number) for number in range(FILES)}


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
    killed_at_any_moment(tmp_path / "home", command, kills, every_row_is_a_song)


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
    killed_at_any_moment(tmp_path / "home", command, kills, every_file_is_a_song)
