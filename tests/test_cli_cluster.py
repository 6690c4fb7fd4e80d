"""--ray: a cluster hears what one process hears, once, whatever is killed on the way.

The cluster is real, of two workers on this machine, with a small store of objects beside its session.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import cluster_work
import pytest
from ray_cluster import PATIENCE_S, environment_of, ray_cluster
from shard_maker import song, write_captions, write_shards
from waiting import wait_for

from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from models import encoders
from models.evaluation import runs

SHARDS, ROWS, BAD = 4, 8, 1011
TESTS = Path(__file__).parent
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra cluster")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Shards in which one song is no sound."""
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder, shards=SHARDS, rows=ROWS, group=3, bad=frozenset({BAD}))
    return folder


@pytest.fixture(scope="module")
def session():
    """A folder for Ray whose path is short, for it holds sockets."""
    folder = Path(tempfile.mkdtemp(prefix="nw", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster(session):
    """The environment of programs that are to use a Ray cluster of two cores."""
    (session / "marks").mkdir()
    environment = environment_of(session) | {
        cluster_work.MARKS: str(session / "marks"),
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]),
    }
    with ray_cluster(session, environment, cores=2):
        yield environment


@pytest.fixture
def marks(session):
    """What workers left here, of this test alone."""
    for old in (session / "marks").iterdir():
        old.unlink()
    return session / "marks"


def nw_command(home, *arguments, work=""):
    program = [str(TESTS / "cluster_work.py"), work] if work else ["-m", "newwave_cli"]
    return [sys.executable, *program, "--home", str(home), "--jobs", "1", *map(str, arguments)]


def run(command, environment=None):
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


def kept(home, name="source_id"):
    """What a library holds of each song, by that name: what is said of it, and its vectors as they lie."""
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        hashes = dict(catalog.fetch("SELECT id, audio_hash FROM songs"))
        pipeline = encoders.load(encoders.DEFAULT_SOUND).pipeline
        vectors = {one.content_hash: one for one in embeddings.all_of(catalog, pipeline)}
        assert len(vectors) == len(hashes)
        found = {}
        for one in songs.iterate(catalog, light=False):
            own = vectors[hashes[one.id]]
            said = (one.title, one.captions, one.tags, one.duration_s, one.extra)
            assert getattr(one, name) not in found
            found[getattr(one, name)] = (*said, own.content_hash, own.windows.tobytes(), own.track.tobytes())
        return found


def reasons(written):
    """The lines that say which rows failed and why, without the names of temporary files."""
    lines = [line for line in written.splitlines() if line.startswith("failed: ")]
    return sorted(line.rsplit(": ", 1)[-1] for line in lines)


@pytest.fixture(scope="module")
def alone(data, tmp_path_factory):
    """What one process keeps of the shards, and what it says of the rest."""
    home = tmp_path_factory.mktemp("alone")
    done = run(nw_command(home, "ingest", "shards", data, "--index"))
    assert done.returncode == 3, done.stderr
    return kept(home), reasons(done.stderr)


@needs_ray
@pytest.mark.slow
def test_a_killed_worker_loses_and_doubles_nothing(data, alone, cluster, marks, tmp_path):
    command = nw_command(
        tmp_path, "ingest", "shards", data, "--index", "--ray", "auto", work="takes_its_worker_down"
    )
    done = run(command, cluster)
    assert done.returncode == 3, done.stderr
    assert "2 workers with 1 core each, 4 shards to hear" in done.stderr
    assert (marks / "died").exists()
    assert (kept(tmp_path), reasons(done.stderr)) == alone


@needs_ray
@pytest.mark.slow
def test_after_a_killed_driver_the_next_one_goes_on(data, alone, cluster, marks, tmp_path):
    arguments = ("ingest", "shards", data, "--index", "--ray", "auto")
    notes = tmp_path / "ingests" / "shards.json"
    others = SHARDS * ROWS - ROWS - 1  # all but the bad one and the shard at which a worker waits

    def enough():
        return notes.exists() and json.loads(notes.read_text())["songs"] >= others

    with subprocess.Popen(nw_command(tmp_path, *arguments, work="waits_for_the_gate"), env=cluster) as driver:
        wait_for(enough, driver)
        driver.kill()
    before = set(kept(tmp_path))
    assert before < alone[0].keys()
    (marks / "heard").unlink()
    (marks / "gate").touch()
    done = run(nw_command(tmp_path, *arguments, work="waits_for_the_gate"), cluster)
    assert done.returncode == 0, done.stderr  # the bad row was told by the first, whose shard is done
    assert f"{len(before)} songs were taken before" in done.stderr
    assert kept(tmp_path) == alone[0]
    again = (marks / "heard").read_text().split()
    assert not before & set(again)


@needs_ray
@pytest.mark.slow
def test_files_are_heard_as_they_are_here(cluster, tmp_path):
    (tmp_path / "music").mkdir()
    for number in range(20):
        (tmp_path / "music" / f"{number}.mp3").write_bytes(song(200 + 20 * number))
    assert run(nw_command(tmp_path / "here", "ingest", tmp_path / "music")).returncode == 0
    shutil.copytree(tmp_path / "here", tmp_path / "spread")
    done = run(nw_command(tmp_path / "here", "index", "--encoder", "mini"))
    assert done.returncode == 0, done.stderr
    done = run(nw_command(tmp_path / "spread", "index", "--encoder", "mini", "--ray", "auto"), cluster)
    assert done.returncode == 0, done.stderr
    assert "2 workers with 1 core each" in done.stderr
    assert kept(tmp_path / "spread", "title") == kept(tmp_path / "here", "title")


@needs_ray
@pytest.mark.slow
def test_a_data_set_is_judged_as_one_process_judges_it(cluster, tmp_path):
    ids = write_shards(tmp_path / "data", shards=2, rows=6, group=3, bad=frozenset({1003}))
    write_captions(tmp_path / "data", ids, ["a low tone", "a high tone", "noise"])

    def judged(home, *by):
        done = run(nw_command(home, "evaluate", "mini", "--on", f"jamendo:{tmp_path / 'data'}", *by), cluster)
        assert done.returncode == 3, done.stderr  # one song is no sound
        [run_folder] = (home / "runs").iterdir()
        return runs.read(run_folder), reasons(done.stderr)

    assert judged(tmp_path / "spread", "--ray", "auto") == judged(tmp_path / "here")


@pytest.mark.slow
def test_without_a_cluster_it_says_how_to_start_one(data, tmp_path):
    pytest.importorskip("ray.data", reason="needs the extra cluster")
    done = run(nw_command(tmp_path, "ingest", "shards", data, "--index", "--ray", "127.0.0.1:1"))
    assert done.returncode == 4
    assert "no Ray cluster answers at '127.0.0.1:1'" in done.stderr
    assert "try: ray start --head" in done.stderr


def test_without_ray_it_says_what_to_install(data, nw, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)  # importing it fails
    said = nw("ingest", "shards", data, "--index", "--ray", "auto", code=4).err
    assert "try: pip install 'newwave-cli[cluster]'" in said


def test_what_is_not_heard_cannot_be_spread(nw):
    assert "try: nw index --ray auto" in nw("evaluate", "mini", "--ray", "auto", code=2).err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        pytest.param(["shards", "."], "nw ingest shards --index --ray auto", id="sound stays where it is"),
        pytest.param(["musiccaps", "--index"], "nw shards status", id="no shards"),
        pytest.param(["."], "nw ingest jamendo", id="a folder"),
    ],
)
def test_what_cannot_be_spread_is_refused(nw, arguments, advice):
    assert advice in nw("ingest", *arguments, "--ray", "auto", code=2).err
