"""nw ingest of data sets: from the hub into the catalog, killed and started again, heard and not kept."""

import os
import signal
import subprocess
import sys

import pytest
from hub_server import Fault, Hub, random_faults
from shard_maker import write_shards
from waiting import wait_for

from catalog.library import songs
from catalog.library.database import Catalog

pytestmark = pytest.mark.slow

MTG = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS\n" + "".join(
    f"track_{i:07d}\tartist_{i // 3:06d}\talbum_{i // 3:06d}\t{i % 9:02d}/{i}.mp3\t{100 + i}\tgenre---rock\n"
    for i in range(200)
)


@pytest.fixture
def hub(tmp_path):
    write_shards(tmp_path / "repo", shards=3, rows=4, group=2, bad=frozenset({1005}))
    with Hub({"amaai-lab/JamendoMaxCaps": tmp_path / "repo"}) as hub:
        yield hub


@pytest.fixture
def nw(tmp_path, hub, monkeypatch, nw_ended):
    """Run nw in this process, with the hub of the test; (exit code, what it wrote to stderr)."""
    hub.is_asked_here(monkeypatch)

    def run(*arguments):
        code, written = nw_ended(tmp_path / "home", *arguments)
        return code, written.err

    return run


@pytest.fixture
def start(tmp_path, hub):
    """The same in a process of its own, which can be killed."""

    def run(*arguments):
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "newwave_cli", "--home", str(tmp_path / "home"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_TELEMETRY": "1"},
        )

    return run


def in_catalog(tmp_path):
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        return {song.source_id: song for song in songs.iterate(catalog, light=False)}


def test_a_table_of_tags_is_in_at_once(nw, tmp_path):
    (tmp_path / "autotagging.tsv").write_text(MTG)
    code, err = nw("ingest", "mtg-jamendo", str(tmp_path / "autotagging.tsv"))
    assert (code, err.splitlines()[-1][:9]) == (0, "200 songs")
    song = in_catalog(tmp_path)["17"]
    assert (song.artist, song.duration_s, song.tags, song.path) == ("artist_000005", 117.0, ("rock",), None)
    assert nw("ingest", "mtg-jamendo", str(tmp_path / "autotagging.tsv"))[0] == 0
    assert len(in_catalog(tmp_path)) == 200


def test_jamendo_streams_into_the_catalog_with_its_sound(nw, tmp_path):
    code, err = nw("ingest", "jamendo", "--disk-budget", "100kB")
    assert code == 3
    assert "1005" in err
    found = in_catalog(tmp_path)
    assert sorted(found) == [str(i) for i in range(1000, 1012) if i != 1005]
    assert all(song.path.is_file() and song.source == "jamendo" for song in found.values())
    assert not list((tmp_path / "home" / "shards").rglob("*.parquet*"))


def test_a_limit_is_reached_and_then_moved(nw, tmp_path):
    assert nw("ingest", "jamendo", "--limit", "3")[0] == 0
    assert sorted(in_catalog(tmp_path)) == ["1000", "1001", "1002"]
    _, err = nw("ingest", "jamendo", "--limit", "4")
    assert "3 songs were taken before" in err
    assert sorted(in_catalog(tmp_path)) == ["1000", "1001", "1002", "1003"]


def test_killed_and_started_again_it_ends_as_if_nothing_had_been(nw, start, hub, tmp_path):
    hub.faults = lambda path, before: Fault("slow", after=60_000)
    for _ in range(3):
        asked = len(hub.log)
        process = start("ingest", "jamendo")
        wait_for(lambda asked=asked: any("parquet" in path for _, path, _ in hub.log[asked:]), process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    hub.faults = random_faults(2)
    assert nw("ingest", "jamendo")[0] in (0, 3)  # 0: one that was killed had said it
    assert sorted(in_catalog(tmp_path)) == [str(i) for i in range(1000, 1012) if i != 1005]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--offline", "ingest", "jamendo"], "offline", id="offline"),
        pytest.param(["ingest", "shards", "owner/none"], "no data set owner/none", id="missing"),
        pytest.param(["ingest", "jamendo", "--disk-budget", "1kB"], "can never fit", id="small budget"),
        pytest.param(["ingest", "jamendo", "--disk-budget", "much"], "is no size", id="no size"),
        pytest.param(["ingest", "musiccaps"], "musiccaps-public.csv", id="no file"),
    ],
)
def test_what_cannot_be_says_what_to_do(nw, arguments, says):
    code, err = nw(*arguments)
    assert code == 2
    assert says in err
    assert "  try: " in err
    assert "Traceback" not in err


def test_a_gated_data_set_says_how_to_get_in(nw, hub):
    hub.gated.add("amaai-lab/JamendoMaxCaps")
    code, err = nw("ingest", "jamendo")
    assert code == 2
    assert "is gated" in err
    assert "hf auth login" in err


def test_a_dry_run_says_how_much_and_takes_nothing(nw, hub, tmp_path):
    _, err = nw("ingest", "jamendo", "--dry-run")
    assert "3 shards of" in err
    assert in_catalog(tmp_path) == {}


@pytest.mark.slow
def test_vectors_alone_are_kept_and_can_be_indexed(nw, tmp_path):
    from models import encoders

    if "mini" not in encoders.names():
        pytest.skip("there is no mini yet")
    code, err = nw("ingest", "jamendo", "--index", "--limit", "3")
    assert code == 0, err
    found = in_catalog(tmp_path)
    assert [song.path for song in found.values()] == [None] * 3
    assert all(song.duration_s == pytest.approx(1, abs=0.2) for song in found.values())
    _, err = nw("index", "--encoder", "mini")
    assert "sound: 3 songs" in err
