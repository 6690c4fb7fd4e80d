"""Rows that a cluster hears come once, however often and however incompletely its answers come."""

import shutil
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import pytest
from shard_maker import write_shards

from catalog.data_sets import Place
from catalog.errors import Incompatible, NotReady, Unreadable
from catalog.library.embeddings import Missing
from catalog.shards.order import Cursor
from catalog.shards.progress import Progress, remember, remembered
from models import encoders
from models.cluster import embed, ingest, pool
from models.cluster.embed import Heard
from models.cluster.encoder_worker import EncoderJob
from models.cluster.pool import Cluster, shared_out

SHARDS, ROWS = 3, 8
IDS = [str(number) for number in range(1000, 1000 + SHARDS * ROWS)]
NAMES = [f"shard {number}" for number in range(SHARDS)]
ALONE = Cluster(1, 1, 0, 1)
JOB = EncoderJob("mini", Path(), "pipeline")


def says_its_name(task):
    return task.clip.id


def as_they_are(answers, times):
    return answers


def each_twice(answers, times):
    return [answer for answer in answers for _ in range(2)]


def the_whole_twice(answers, times):
    return answers * 2


def without(place):
    """The answers of the first pass lack one."""
    return lambda answers, times: [
        a for at, a in enumerate(answers) if times > 1 or at != place % len(answers)
    ]


def the_first_alone(answers, times):
    return answers[:1]


def none(answers, times):
    return []


@pytest.fixture(scope="module")
def shards_once(tmp_path_factory):
    """Shards that are written once, for each test to copy."""
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder, shards=SHARDS, rows=ROWS, group=3)
    return folder


@pytest.fixture
def cluster(tmp_path, monkeypatch, shards_once):
    """A cluster that is this process: `cluster(disturb)` gives the ids that arrive."""
    shutil.copytree(shards_once, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(ingest, "BATCH", 3)
    monkeypatch.setattr(ingest, "spread", lambda work, items, **_: ((item, work(item)) for item in items))
    lost = []
    place = Place(tmp_path, (str(tmp_path),), on_lost=lost.append)
    job = ingest.Job("shards", place, says_its_name, "mini", encoders.load("mini").pipeline)

    def hear(disturb=as_they_are, progress=None, job=job):
        passes = 0

        def answers(cluster, worker, given, items):
            nonlocal passes
            passes += 1
            for item in list(items):
                yield from disturb(list(worker(None, *given).work(item)), passes)

        monkeypatch.setattr(pool, "answers", answers)
        for clip, outcome in ingest.ingested(ALONE, job, progress or Progress(SHARDS), NAMES):
            assert outcome == clip.id
            assert clip.audio is None
            yield clip.id

    hear.job, hear.lost = job, lost
    return hear


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(as_they_are, id="as they are"),
        pytest.param(each_twice, id="each answer twice"),
        pytest.param(the_whole_twice, id="all again from the beginning, as after a death"),
        pytest.param(without(0), id="without the first answer"),
        pytest.param(without(1), id="without one in the middle"),
        pytest.param(without(-1), id="without the last answer"),
        pytest.param(the_first_alone, id="little by little"),
    ],
)
def test_every_row_comes_once(cluster, disturb):
    assert sorted(cluster(disturb)) == IDS
    assert not cluster.lost


def test_shards_whose_workers_always_die_are_named_and_begun_again_by_the_next(cluster):
    progress = Progress(SHARDS)
    assert list(cluster(none, progress)) == []
    assert [lost.place for lost in cluster.lost] == NAMES
    assert list(cluster(as_they_are, progress)) == IDS


def test_several_shards_in_hand_are_done_in_one_go(cluster, monkeypatch):
    monkeypatch.setattr(ingest, "_items", lambda starts, cluster: [tuple(starts)])
    progress = Progress(SHARDS)
    first_pass_only = lambda answers, times: answers if times == 1 else []  # noqa: E731
    assert list(cluster(first_pass_only, progress)) == IDS
    assert not progress.starts()


@pytest.mark.parametrize("count", range(SHARDS * ROWS + 1))
def test_the_next_run_goes_on_where_one_stopped(cluster, tmp_path, count):
    progress = Progress(SHARDS)
    first = list(islice(cluster(progress=progress), count))
    remember(tmp_path / "notes.json", {"of": "these"}, progress)
    second = list(cluster(progress=remembered(tmp_path / "notes.json", {"of": "these"}, SHARDS)))
    assert first + second == IDS


def test_a_worker_of_another_nw_stops_the_run(cluster):
    job = replace(cluster.job, pipeline="mini of another year")
    with pytest.raises(Incompatible, match="mini of another year"):
        list(cluster(job=job))


def test_rows_that_are_lost_are_told_once(cluster, tmp_path):
    (tmp_path / "data" / "train-00001-of-00003.parquet").write_bytes(b"no parquet")
    heard = list(cluster(each_twice))
    assert heard == IDS[:ROWS] + IDS[2 * ROWS :]
    assert [lost.place for lost in cluster.lost] == ["data/train-00001-of-00003.parquet"]


def test_shards_behind_the_first_that_is_not_done_are_remembered_too():
    progress = Progress(3)
    progress[1] = Cursor(0, 1, 2, 5)
    progress[2] = Cursor(0, 3)
    again = Progress.from_state(progress.state(), 3)
    assert again.starts() == [Cursor(0, 0), Cursor(0, 1, 2, 5)]


def test_what_an_older_nw_wrote_is_understood():
    progress = Progress.from_state({"cursor": {"epoch": 0, "shard": 1, "group": 2, "row": 3}, "songs": 9}, 3)
    assert progress.starts() == [Cursor(0, 1, 2, 3), Cursor(0, 2)]


def test_one_process_goes_on_where_a_cluster_stopped():
    progress = Progress(3)
    progress[1] = Cursor(0, 2)
    progress.pass_on_to(Cursor(0, 0, 1, 1))
    assert progress.starts() == [Cursor(0, 0, 1, 1), Cursor(0, 2)]
    progress.pass_on_to(Cursor(0, 2, 4, 4))
    assert progress.starts() == [Cursor(0, 2, 4, 4)]


def heard_twice(songs):
    answer = [Heard(song.song_id, Unreadable(song.content_hash, try_this="")) for song in songs]
    return [answer, answer]


def heard_but_the_last(songs):
    return [answer[:-1] or answer for answer in heard_twice(songs)]


@pytest.mark.parametrize("give", [heard_twice, heard_but_the_last])
def test_every_file_is_heard_once(monkeypatch, give):
    todo = [Missing(number, f"sound {number}", Path(f"{number}.mp3")) for number in range(40)]
    spread = lambda cluster, worker, given, items: chain.from_iterable(map(give, items))  # noqa: E731
    monkeypatch.setattr(pool, "answers", spread)
    found = [(song, str(result)) for song, result in embed.embedded(ALONE, JOB, todo)]
    assert sorted(found, key=lambda one: one[0].song_id) == [(song, song.content_hash) for song in todo]


def test_files_whose_workers_always_die_are_no_broken_files(monkeypatch):
    monkeypatch.setattr(pool, "answers", lambda *given: iter(()))
    with pytest.raises(NotReady, match="1 song was not heard"):
        list(embed.embedded(ALONE, JOB, [Missing(1, "sound", Path("1.mp3"))]))


def test_a_file_that_only_the_driver_sees_stops_the_run(monkeypatch, tmp_path):
    (tmp_path / "here.mp3").touch()
    unseen = Heard(1, Unreadable("no such file", try_this=""), seen=False)
    monkeypatch.setattr(pool, "answers", lambda *given: iter([[unseen]]))
    with pytest.raises(NotReady, match="here.mp3, which can be read here"):
        list(embed.embedded(ALONE, JOB, [Missing(1, "sound", tmp_path / "here.mp3")]))
    [(_, problem)] = embed.embedded(ALONE, JOB, [Missing(1, "sound", tmp_path / "gone.mp3")])
    assert str(problem) == "no such file"
    monkeypatch.setattr(pool, "answers", lambda *given: iter([[replace(unseen, seen=True)]]))
    assert len(list(embed.embedded(ALONE, JOB, [Missing(1, "sound", tmp_path / "here.mp3")]))) == 1


def test_a_cluster_without_a_core_is_no_cluster():
    with pytest.raises(NotReady, match="no machine"):
        shared_out([{"memory": 1e9}], 4)
    assert shared_out([{"memory": 1e9}, {"CPU": 3.0, "GPU": 1.0}], 4) == Cluster(1, 3, 0, 1)
