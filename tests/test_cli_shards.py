"""nw shards: what is there, fetch, prune, verify, and what each says when it cannot."""

import fcntl
import json
import os
import subprocess
import sys

import pytest
from hub_server import Hub, random_faults
from shard_maker import write_shards

SET = "amaai-lab/JamendoMaxCaps"


@pytest.fixture
def hub(tmp_path):
    write_shards(tmp_path / "repo", shards=4, rows=3)
    with Hub({SET: tmp_path / "repo"}) as hub:
        yield hub


@pytest.fixture
def nw(nw, hub, monkeypatch):
    hub.is_asked_here(monkeypatch)

    def run(*arguments, status=0):
        out, err = nw(*arguments, code=status)
        return subprocess.CompletedProcess(arguments, status, out, err)

    return run


def rows(done):
    return json.loads(done.stdout)


def downloaded(tmp_path):
    return sorted((tmp_path / "home" / "shards").rglob("*.parquet"))


@pytest.mark.slow
def test_fetch_then_status_then_prune(nw, hub, tmp_path):
    hub.faults = random_faults(3)
    nw("shards", "fetch", "jamendo", "--limit", "2")
    [shelf] = rows(nw("shards", "status", "-f", "json"))
    assert (shelf["source"], shelf["ready"], shelf["listed"], shelf["in_use"]) == (SET, 2, 4, 0)
    assert shelf["held"] == sum(path.stat().st_size for path in downloaded(tmp_path))
    files = rows(nw("shards", "status", "jamendo", "-f", "json"))
    assert [file["state"] for file in files] == ["ready", "ready", "absent", "absent"]
    assert nw("shards", "status", "jamendo", "-f", "paths").stdout.split() == [
        str(path) for path in downloaded(tmp_path)
    ]
    assert len(rows(nw("shards", "prune", "--dry-run", "-f", "json"))) == 2
    assert len(downloaded(tmp_path)) == 2
    nw("shards", "prune", "jamendo")
    assert downloaded(tmp_path) == []


def test_fetch_takes_what_the_budget_holds_and_says_what_it_leaves(nw, tmp_path):
    size = max(path.stat().st_size for path in (tmp_path / "repo" / "data").iterdir())
    done = nw("shards", "fetch", "jamendo", "--disk-budget", str(3 * size))
    assert len(downloaded(tmp_path)) == 2  # the listing takes some room too
    assert "2 more do not fit" in done.stderr


def test_fetched_shards_are_used_without_the_network(nw, hub, tmp_path):
    nw("shards", "fetch", "jamendo")
    served = hub.served
    done = nw("--offline", "ingest", "jamendo", "--keep", "--limit", "5")
    assert "5 songs" in done.stderr
    assert hub.served == served


@pytest.mark.slow
def test_a_damaged_shard_is_found_named_and_dropped(nw, tmp_path):
    nw("shards", "fetch", "jamendo")
    hurt = downloaded(tmp_path)[1]
    hurt.write_bytes(hurt.read_bytes()[:-1] + b"?")
    found = rows(nw("shards", "verify", "jamendo", "--keep", "-f", "json", status=3))
    assert [one["intact"] for one in found] == [True, False, True, True]
    assert found[0]["rows"] == 3
    assert "checksum" in found[1]["why"]
    assert hurt.exists()
    nw("shards", "verify", status=3)
    assert not hurt.exists()
    assert "3 intact, 0 damaged" in nw("shards", "verify").stderr
    nw("shards", "fetch", "jamendo")
    assert hurt.exists()


def test_a_folder_of_ones_own_is_checked_and_never_deleted(nw, tmp_path):
    one = sorted((tmp_path / "repo" / "data").iterdir())[2]
    content = bytearray(one.read_bytes())
    content[200:260] = bytes(60)
    one.write_bytes(content)
    assert all(row["intact"] for row in rows(nw("shards", "verify", str(tmp_path / "repo"), "-f", "json")))
    whole = bytes(content)
    one.write_bytes(whole[:-300])
    found = rows(nw("shards", "verify", str(tmp_path / "repo"), "--deep", "-f", "json", status=3))
    assert [row["intact"] for row in found] == [True, True, False, True]
    assert one.exists()


def test_what_a_process_uses_is_not_pruned(nw, tmp_path):
    nw("shards", "fetch", "jamendo", "--limit", "2")
    used = downloaded(tmp_path)[0]
    with used.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        done = nw("shards", "prune")
    assert "1 is in use" in done.stderr
    assert downloaded(tmp_path) == [used]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--offline", "shards", "fetch", "jamendo"], "offline", id="offline"),
        pytest.param(["shards", "fetch", "owner/none"], "no data set owner/none", id="missing"),
        pytest.param(["shards", "status", "jamendo"], "ever fetched", id="never fetched"),
        pytest.param(["shards", "prune", "jamendo"], "nothing of", id="nothing to prune"),
        pytest.param(["shards", "status", "musiccaps"], "is a table", id="a table"),
        pytest.param(["shards", "fetch", "jamendo", "--disk-budget", "2kB"], "no room", id="no room"),
    ],
)
def test_what_cannot_be_says_what_to_do(nw, arguments, says):
    done = nw(*arguments, status=2)
    assert says in done.stderr
    assert "  try: " in done.stderr


def test_nothing_downloaded_is_an_empty_answer(nw):
    assert nw("shards", "status", "-f", "json", status=1).stdout.strip() == "[]"
    nw("shards", "verify", status=1)


def test_a_gated_data_set_says_how_to_get_in(nw, hub):
    hub.gated.add(SET)
    done = nw("shards", "fetch", "jamendo", status=2)
    assert "is gated" in done.stderr
    assert "hf auth login" in done.stderr


def test_no_network_says_that_nothing_is_lost(nw, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "newwave_cli", "--home", str(tmp_path), "shards", "fetch", "jamendo"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert "check the network" in done.stderr
