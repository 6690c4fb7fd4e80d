"""nw train words, killed and told to stop: the next run goes on, nothing is lost, nothing stands twice."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import tiny_words
import torch

from models.networks.manifest import manifest_of

CHANGES = {
    "data.held_out": 4,
    "network.dimensions": 32,
    "network.hidden": 8,
    "learn.batch": 16,
    "learn.refresh": 3,
    "learn.memory_bank": 16,
    "training.epochs": 10,
    "training.judge_every": 3,
    "training.log_every": 1,
    "training.patience": 0,
    "read.tokens": 24,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    tiny_words.table(folder / "pairs.jsonl")
    tiny_words.bge_m3(folder / "bge")
    return folder


def train(place, run, *more, changes=()):
    """The home, and what is typed behind it."""
    settings = {**CHANGES, "model": place / "bge"}
    command = ["--offline", "--jobs", "1", "train", "words", "--recipe", "bge-m3", "--run", run]
    command += ["--data", place / "pairs.jsonl", *more]
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return [place / "home", *command, *changes]


def start(place, run, *more, changes=()):
    typed = train(place, run, *more, changes=changes)
    command = [sys.executable, "-P", "-m", "newwave_cli", "--home", *typed]
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def finished(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def hit(process, number, after):
    """Send a signal once so many lines of the log were told; what was told, and how it ended."""
    told = []
    with process:
        for line in process.stderr:
            told.append(line)
            is_step = line.startswith("step ")
            if is_step and sum(one.startswith("step ") for one in told) == after:
                process.send_signal(number)
    return "".join(told), process.returncode


def log(place, run):
    lines = (place / "home" / "runs" / run / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def weights(place, run):
    return (place / "home" / "runs" / run / "last" / "model.safetensors").read_bytes()


@pytest.fixture
def nw(nw_in):
    """`nw` in this process, which has torch already, with one thread as in the processes that are killed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more would add in another order
    yield nw_in
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def whole(place):
    """A run that nobody disturbed."""
    finished(start(place, "whole"))
    return [line["loss"] for line in log(place, "whole") if "loss" in line]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="a few"), pytest.param(60, id="all", marks=pytest.mark.soak)]
)
def test_kills_lose_nothing_and_double_nothing(place, whole, kills, nw):
    rng, run = np.random.default_rng(kills), f"killed-{kills}"
    for _ in range(kills):
        told, _ = hit(start(place, run, "--resume"), signal.SIGKILL, int(rng.integers(1, 9)))
        assert "stumbled" not in told
    nw(*train(place, run, "--resume"))
    assert [line["loss"] for line in log(place, run) if "loss" in line] == whole
    assert weights(place, run) == weights(place, "whole")
    assert [path.name for path in (place / "home" / "runs" / run).glob(".nw-*")] == []


@pytest.mark.slow
def test_sigterm_leaves_a_checkpoint_and_says_how_to_go_on(place, nw):
    longer = ("--set", "training.epochs=200", "--set", "training.judge_every=100")
    told, code = hit(start(place, "told", changes=longer), signal.SIGTERM, 2)
    assert code == 130, told
    assert "stopping after this step" in told
    assert "to go on: nw " in told
    assert "stumbled" not in told
    stopped_at = manifest_of(place / "home" / "runs" / "told" / "last")["step"]
    assert 1 < stopped_at < 400
    epochs = ("--set", f"training.epochs={stopped_at // 2 + 2}")
    nw(*train(place, "told", "--resume", changes=epochs))
    steps = [line["step"] for line in log(place, "told") if "loss" in line]
    assert steps == list(range(len(steps)))
    assert len(steps) > stopped_at
