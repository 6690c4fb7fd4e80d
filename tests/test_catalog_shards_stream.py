"""Rows over a bad network, taken up anywhere, decoded in other processes: nothing twice, nothing silent."""

import os
import threading
from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import Hub, random_faults
from shard_maker import AUDIO, RATE_HZ, pitch, song, write_shards

from catalog.errors import Incompatible, SourceError, Unreadable, WrongUse
from catalog.processes.shared_memory import LARGE_BYTES
from catalog.records import Clip
from catalog.shards.decode_rows import Crop, decode, sounds
from catalog.shards.find import find
from catalog.shards.local_store import Limits, LocalFiles
from catalog.shards.order import Cursor
from catalog.shards.parquet import Shard, row_at
from catalog.shards.store import Store
from catalog.shards.stream import Stream
from catalog.shards.transfer import Patience

QUICK = Patience(tries=4, first_s=0.01, longest_s=0.02)


@pytest.fixture
def folder(tmp_path):
    write_shards(tmp_path / "repo", shards=4, rows=6, group=4, bad=frozenset({1003, 1017}))
    return tmp_path / "repo"


@pytest.fixture
def local(folder):
    return LocalFiles(find(str(folder)))


def song_id(row):
    return int(row.values["audio"]["path"].removesuffix(".mp3"))


def clips(rows):
    for row in rows:
        yield row, Clip(str(song_id(row)), row.values["audio"]["bytes"])


@pytest.mark.parametrize("seed", [None, 7])
def test_every_row_comes_once(local, seed):
    rows = list(Stream(local, seed=seed).epoch())
    assert sorted(map(song_id, rows)) == list(range(1000, 1024))
    assert (list(map(song_id, rows)) == list(range(1000, 1024))) == (seed is None)


def test_ranks_share_the_rows(local):
    seen = [song_id(row) for rank in range(3) for row in Stream(local, seed=1, rank=rank, world=3).epoch()]
    assert sorted(seen) == list(range(1000, 1024))


def test_from_any_row_the_same_rows_follow(local):
    stream = Stream(local, seed=3)
    whole = list(stream.epoch(Cursor(epoch=2)))
    assert len(whole) == 24
    for at, row in enumerate(whole):
        state = stream.state(row.cursor)
        again = Stream(local, seed=3)
        assert [r.place for r in again.epoch(again.resumed(state))] == [r.place for r in whole[at + 1 :]]
        assert all(isinstance(value, int | str) for value in state.values())


def test_a_state_of_another_run_is_refused(local):
    state = Stream(local, seed=3).state(Cursor())
    with pytest.raises(Incompatible, match="seed 3"):
        Stream(local, seed=4).resumed(state)
    with pytest.raises(Incompatible, match="world 1"):
        Stream(local, seed=3, world=2).resumed(state)


def test_only_the_columns_that_are_asked_for(local):
    row = next(Stream(local, columns=("extra", "absent")).epoch())
    assert row.values == {"extra": "x1000"}


def test_a_shard_without_the_columns_names_those_it_has(folder):
    path = next(folder.rglob("*.parquet"))
    with pytest.raises(Unreadable, match="no column sound; it has audio, extra"):
        Shard(path, ["sound"])


def test_a_shard_that_is_no_parquet_is_listed_and_skipped(folder, local):
    (folder / "data" / "train-00001-of-00004.parquet").write_bytes(b"PAR1 no, it is not PAR1")
    lost = []
    rows = list(Stream(local, on_lost=lost.append).epoch())
    assert len(rows) == 18
    assert [one.place for one in lost] == ["data/train-00001-of-00004.parquet"]
    with pytest.raises(SourceError, match="1 shard stays broken in "):
        list(Stream(local, max_broken=0).epoch())


def test_a_shard_that_stays_broken_counts_once_in_all_epochs(folder, local):
    (folder / "data" / "train-00001-of-00004.parquet").write_bytes(b"no parquet")
    stream = Stream(local, max_broken=1)
    assert {len(list(stream.epoch(Cursor(epoch)))) for epoch in range(3)} == {18}
    assert len(stream.broken) == 3


def test_a_damaged_row_group_costs_only_itself(folder, local):
    path = folder / "data" / "train-00000-of-00004.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56  # the header of the first page of the first group
    path.write_bytes(content)
    lost = []
    rows = [song_id(row) for row in Stream(local, on_lost=lost.append).epoch()]
    assert rows == list(range(1004, 1024))
    assert [(one.place, one.rows) for one in lost] == [("data/train-00000-of-00004.parquet:0", 4)]


@pytest.mark.parametrize("jobs", [0, 2])
def test_sounds_are_decoded_in_the_order_of_the_rows(local, jobs):
    lost = []
    stream = Stream(local, seed=5)
    expected = [song_id(row) for row in stream.epoch() if song_id(row) not in {1003, 1017}]
    heard = list(
        sounds(
            clips(stream.epoch()),
            lambda row, clip: Crop(seconds=0.5),
            rate_hz=RATE_HZ,
            jobs=jobs,
            on_lost=lost.append,
        )
    )
    assert [int(one.clip.id) for one in heard] == expected
    assert all(abs(pitch(one.waveform) - (200 + 10 * (int(one.clip.id) - 1000))) < 6 for one in heard)
    assert all(one.waveform.dtype == np.float32 and one.waveform.shape == (8000,) for one in heard)
    assert sorted(one.place.split("(")[1] for one in lost) == ["1003)", "1017)"]


def test_a_crop_lies_where_it_is_asked_for():
    sweep = song(300, 4, "WAV")
    whole, _, _ = decode(sweep, Crop(), RATE_HZ)
    assert len(whole) == 4 * RATE_HZ
    part, start_s, _ = decode(sweep, Crop(seconds=1, start_s=None, at=0.5), RATE_HZ)
    assert start_s == pytest.approx(1.5)
    assert np.allclose(part, whole[int(1.5 * RATE_HZ) : int(2.5 * RATE_HZ)], atol=1e-3)
    short, start_s, _ = decode(sweep, Crop(seconds=60, start_s=None, at=0.9), RATE_HZ)
    assert (len(short), start_s) == (len(whole), 0.0)


def test_the_middle_is_found_of_what_libsndfile_alone_reads():
    part, start_s, _ = decode(song(440, 4.0, form="MAT5"), Crop(seconds=1, start_s=None, at=0.5), RATE_HZ)
    assert (len(part), start_s) == (RATE_HZ, 1.5)
    assert pitch(part) == pytest.approx(440, abs=2)


class Bomb:
    """Kills the process that unpickles it, as a decoder that crashes would."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.slow
def test_a_song_that_crashes_the_decoder_is_found_and_left_out(local):
    rows = list(Stream(local).epoch())[:8]
    lost = []
    given = ((row, Clip(str(i), Bomb() if i in (2, 5) else song(440))) for i, row in enumerate(rows))
    heard = sounds(given, lambda row, clip: Crop(seconds=0.2), rate_hz=RATE_HZ, jobs=2, on_lost=lost.append)
    assert [one.clip.id for one in heard] == ["0", "1", "3", "4", "6", "7"]
    assert [one.why for one in lost] == ["the decoder crashed on it"] * 2


def test_an_epoch_over_a_bad_network_under_a_budget(folder, tmp_path):
    with Hub({"owner/songs": folder}, faults=random_faults(3)) as hub:
        found = find("owner/songs", endpoint=hub.url)
        largest = max(file.size for file in found.files)
        limits = Limits(budget=2 * largest + 10_000)
        for seed, epoch in ((None, 0), (7, 0), (7, 1)):
            with Store(found, tmp_path / "s", limits, patience=QUICK) as store:
                rows = list(Stream(store, seed=seed).epoch(Cursor(epoch)))
            assert sorted(map(song_id, rows)) == list(range(1000, 1024))


def test_leaving_an_epoch_early_leaves_nothing_running(folder, tmp_path):
    with Hub({"owner/songs": folder}) as hub:
        found = find("owner/songs:data", endpoint=hub.url)
        with Store(found, tmp_path / "s") as store:
            stream = Stream(store, seed=1)
            first = [next(iter(stream.epoch())).place for _ in range(3)]
        assert len(set(first)) == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shard")]


def test_large_groups_are_read_in_blocks_and_shuffled_inside_them(tmp_path, monkeypatch):
    monkeypatch.setattr("catalog.shards.parquet.HELD_BYTES", 1_000)
    cells = [{"bytes": os.urandom(100), "path": f"{i}.mp3"} for i in range(100)]
    pq.write_table(pa.table({"audio": pa.array(cells, AUDIO)}), tmp_path / "a.parquet")
    store = LocalFiles(find(str(tmp_path)))
    rows = list(Stream(store, seed=1).epoch())
    order = [row.row for row in rows]
    assert sorted(order) == list(range(100))
    assert order != sorted(order)
    assert max(abs(place - row) for place, row in enumerate(order)) < 12
    assert all(row.values["audio"] == cells[row.row] for row in rows)


def test_a_cursor_is_four_integers():
    assert astuple(Cursor(1, 2, 3, 4)) == (1, 2, 3, 4)


def test_large_cells_are_read_without_a_copy_and_all_as_they_are():
    sounds = [b"a" * LARGE_BYTES, b"b" * (LARGE_BYTES + 1), None, b"c", b""]
    cells = [{"bytes": sound, "path": f"{number}.mp3"} for number, sound in enumerate(sounds[:4])]
    columns = {
        "audio": pa.array([*cells, None], AUDIO),
        "raw": pa.array(sounds, pa.binary()),
        "tags": [["a"], [], None, ["b", "c"], ["d"]],
        "year": [1, 2, None, 4, 5],
    }
    batch = pa.table(columns).to_batches()[0]
    for part in (batch, batch.slice(1), batch.slice(3)):
        for place in range(part.num_rows):
            viewed = row_at(part, place, views=True)
            assert plain(viewed) == row_at(part, place)
    first = row_at(batch, 0, views=True)
    assert isinstance(first["audio"]["bytes"], memoryview)
    assert isinstance(first["raw"], memoryview)


@pytest.mark.parametrize("views", [False, True])
def test_an_odd_cell_costs_itself_and_not_its_row(views):
    """A date that Python has not took the sound beside it along."""
    no_text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.array(["xx"]).buffers()[1], pa.py_buffer(b"\xff!")]
    )
    cells = {
        "audio": pa.array([b"sound"]),
        "caption": no_text,
        "released": pa.array([2**50], pa.timestamp("ms")),
        "added": pa.array([0], pa.timestamp("s", tz="Mars/Olympus")),
    }
    row = row_at(pa.record_batch(cells), 0, views=views)
    assert (row["audio"], row["caption"], row["added"].year) == (b"sound", "\ufffd!", 1970)
    assert row["released"] == str(2**50)


def plain(value):
    """Views in a value as bytes."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return bytes(value) if isinstance(value, memoryview) else value


def test_what_is_no_file_is_no_shard(tmp_path):
    write_shards(tmp_path / "shards", shards=1, rows=1)
    os.mkfifo(tmp_path / "shards" / "a.parquet")
    (tmp_path / "shards" / "b.parquet").symlink_to("nowhere")
    (tmp_path / "shards" / "c.parquet").mkdir()
    assert [file.name for file in find(str(tmp_path / "shards")).files] == [
        "data/train-00000-of-00001.parquet"
    ]
    with pytest.raises(WrongUse, match="holds no parquet file"):
        find(str(tmp_path / "shards" / "a.parquet"))
