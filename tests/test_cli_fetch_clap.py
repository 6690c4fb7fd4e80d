"""CLAP from a hub: fetched once at its pinned revision, checked, used offline; refusals said clearly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import library_of_tones
import pytest
import tiny_clap
from hub_server import Fault, Hub

from models.encoders.clap import DEFAULT, REVISIONS

pytestmark = pytest.mark.slow

WEIGHTS = "model.safetensors"
TEXTS = "file,text\nmusic/Nocturne.wav,slow piano\nmusic/Anvil.wav,fast loud drums\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder as the hub has CLAP, the weights as a pickle too and with files that nobody needs."""
    folder = tiny_clap.save(tmp_path_factory.mktemp("hub"), **tiny_clap.COARSE)
    (folder / "pytorch_model.bin").write_bytes(b"the same as a pickle")
    (folder / "README.md").write_text("about it")
    return folder


@pytest.fixture
def hub(published):
    with Hub({DEFAULT: published}, revisions=REVISIONS) as hub:
        yield hub


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    library_of_tones.make(folder / "music")
    (folder / "captions.csv").write_text(TEXTS)
    return folder


@pytest.fixture
def nw(tmp_path, hub, music):
    """Run nw in a process of its own, with the hub of the test and an empty cache."""

    def run(*arguments, code=0, **environment):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "newwave_cli", "--home", tmp_path / "home", *arguments],
            capture_output=True,
            text=True,
            cwd=music,
            timeout=120,
            check=False,
            env=os.environ
            | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_TELEMETRY": "1"}
            | {"OMP_NUM_THREADS": "1"}
            | environment,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert "Warning" not in done.stderr
        assert "%|" not in done.stderr, "no progress of the hub's library in a pipe"
        return done

    return run


@pytest.fixture
def nw_here(tmp_path, hub, music, monkeypatch, nw_in):
    """The same in this process, which has torch already: for what need not be found again by another one."""
    from huggingface_hub import constants

    hub.is_asked_here(monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf" / "hub"))
    monkeypatch.chdir(music)

    def run(*arguments, code=0):
        out, err = nw_in(tmp_path / "home", *arguments, code=code)
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


def fetched(hub):
    """Files whose bytes were asked for."""
    return [
        Path(path.partition("?")[0]).name
        for method, path, _ in hub.log
        if "/cdn/" in path and method == "GET"
    ]


def judge(nw, *before, **options):
    return nw(*before, "evaluate", "clap", "--on", "captions.csv", "--format", "ndjson", **options)


def test_it_is_fetched_once_at_its_revision_and_used_offline(nw, hub, published):
    first = judge(nw)
    assert "clap/" in first.stderr
    assert sorted(fetched(hub)) == ["config.json", WEIGHTS, "tokenizer.json"]
    revisions = {path.split("/resolve/")[1].split("/")[0] for _, path, _ in hub.log if "/resolve/" in path}
    assert revisions == {REVISIONS[DEFAULT]}
    hub.log.clear()
    again = judge(nw)
    assert hub.log == []
    offline = judge(nw, "--offline", HF_ENDPOINT="http://127.0.0.1:9")
    assert first.stdout == again.stdout == offline.stdout
    listed = nw("models", "--format", "ndjson")
    rows = {row["encoder"]: row for row in map(json.loads, listed.stdout.splitlines())}
    assert (rows["clap"]["ready"], rows["bge_m3"]["ready"]) == ("yes", "no")
    assert hub.log == []


def test_a_list_of_encoders_fetches_nothing(nw, hub):
    listed = nw("models", "--format", "ndjson")
    rows = {row["encoder"]: row["ready"] for row in map(json.loads, listed.stdout.splitlines())}
    assert rows["clap"] == "no"
    assert "clap: not on this machine; its first use fetches it" in listed.stderr
    assert hub.log == []


def test_weights_are_checked_before_they_are_used(nw_here, hub, tmp_path):
    """What is dead is refused, from the hub as well."""
    dead = tiny_clap.model()
    for parameter in dead.text_projection.parameters():
        parameter.data.zero_()
    dead.text_projection.linear2.bias.data.fill_(1.0)
    dead.save_pretrained(tmp_path / "dead")
    tiny_clap.tokenizer().save(str(tmp_path / "dead" / "tokenizer.json"))
    hub.folders[DEFAULT] = tmp_path / "dead"
    refused = judge(nw_here, code=2)
    assert "unrelated texts are all alike" in refused.stderr


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_what_was_damaged_on_its_way_is_not_used_and_fetched_anew(nw_here, hub, name):
    hub.faults = lambda path, before: Fault("changed") if path == name and not before else None
    refused = judge(nw_here, code=2)
    assert f"{name} in " in refused.stderr
    assert "damaged on its way" in refused.stderr
    assert "the same again" in refused.stderr
    judge(nw_here)
    assert fetched(hub).count(name) == 2


def test_a_connection_that_drops_is_taken_up_again(nw_here, hub):
    hub.faults = lambda path, before: Fault("drop", after=100_000) if path == WEIGHTS and not before else None
    judge(nw_here)
    asked = [path for method, path, _ in hub.log if method == "GET" and "/cdn/" in path and WEIGHTS in path]
    assert len(asked) == 2


def gate(hub):
    hub.gated.add(DEFAULT)


def forget(hub):
    hub.folders.clear()


def move_on(hub):
    hub.revisions[DEFAULT] = "0" * 40


def fail(hub):
    hub.faults = lambda path, before: Fault("status", 500)


@pytest.mark.parametrize(
    ("trouble", "says", "way_out"),
    [
        pytest.param(gate, "agree to terms", "hf auth login", id="gated"),
        pytest.param(forget, "no such model, or it is private", "nw models", id="missing"),
        pytest.param(move_on, f"no revision {REVISIONS[DEFAULT]}", "nw models", id="revision"),
        pytest.param(fail, "refuses", "nw models", id="broken"),
    ],
)
def test_a_hub_that_refuses_is_said(nw, hub, trouble, says, way_out):
    trouble(hub)
    refused = nw("index", "--encoder", "clap", code=4)
    assert f"the weights of {DEFAULT} are not on this machine and could not be fetched" in refused.stderr
    assert says in refused.stderr
    assert way_out in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_no_hub_at_all_is_said(nw):
    refused = nw("index", "--encoder", "clap", code=4, HF_ENDPOINT="http://127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_offline_without_weights_is_said(nw, hub):
    refused = nw("--offline", "index", "--encoder", "clap", code=4)
    assert "(nw is offline)" in refused.stderr
    assert "without --offline" in refused.stderr
    assert hub.log == []
