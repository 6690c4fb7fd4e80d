"""torchrun of nw train sound: two processes, one run; stopped by its scheduler, gone on with."""

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest
import tiny_clap
from shard_maker import write_captions, write_shards

from models.training.meter import TIMES

CHANGES = {
    "data.batch": 2,
    "schedule.seconds": "[10, 12]",
    "schedule.tokens": "[8, 16]",
    "schedule.steps_per_second": 1.0,
    "memory.seconds": 20.0,
    "judge.held_out": 3,
    "training.steps": 4,
    "training.warmup": 1,
    "training.judge_every": 3,
    "training.keep_every": 0,
    "training.average": 0.5,
}
PROGRAM = ("-m", "torch.distributed.run", "--standalone")
TWO = ("--nproc-per-node", "2", "-m", "--", "newwave_cli")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A CLAP and three shards with captions, one of their songs broken."""
    folder = tmp_path_factory.mktemp("torchrun")
    tiny_clap.save(folder / "weights", **tiny_clap.COARSE)
    ids = write_shards(folder / "shards", shards=3, rows=4, group=2, bad=frozenset({1001}))
    # Of many lengths, so that the processes draw unlike chances.
    write_captions(folder / "shards", ids, ["slow " * count + "song" for count in range(5)])
    return folder


def start(place, arguments):
    return subprocess.Popen(
        [sys.executable, "-P", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def train(place, run=None):
    changes = [part for name, value in CHANGES.items() for part in ("--set", f"{name}={value}")]
    named = ["--home", place / "home", "--offline", "--jobs", "1", "train", "sound", "--recipe", "clap-long"]
    named += ["--data", "jamendo", "--data", place / "shards", "--set", f"weights={place / 'weights'}"]
    return [*named, *changes, *(["--run", run] if run else [])]


def curve(place, run):
    lines = map(json.loads, (place / "home" / "runs" / run / "metrics.jsonl").read_text().splitlines())
    # Rows that could not be heard are told while batches are made, whatever the step is.
    return [{k: v for k, v in line.items() if k not in TIMES} for line in lines if "lost" not in line]


@pytest.fixture(scope="module")
def whole(place):
    process = start(place, [*PROGRAM, *TWO, *train(place, "whole")])
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    return out, err


@pytest.mark.slow
def test_two_processes_are_one_run_that_speaks_once(whole, place):
    out, err = whole
    assert [line.split("\t")[0] for line in out.splitlines()] == ["whole"]
    assert err.count("run whole: ") == err.count("weights are in ") == err.count("untrained  mrr") == 1
    assert "pairs_per_step 4  processes 2" in err
    assert "1001" in err, "what one of the processes could not hear is said, whichever it was"
    assert [line["step"] for line in curve(place, "whole") if "loss" in line] == [0, 1, 2, 3]


@pytest.mark.slow
def test_stopped_by_the_scheduler_both_go_on_to_the_same_curve(whole, place):
    """SIGTERM goes to torchrun, which hands it on: both processes stop at the same step."""
    process = start(place, [*PROGRAM, *TWO, *train(place, "cut")])
    told = []
    with process:
        for line in process.stderr:
            told.append(line)
            if line.startswith("step 0/4  loss"):
                process.send_signal(signal.SIGTERM)
    err = "".join(told)
    assert "nw stumbled" not in err
    assert len(curve(place, "cut")) < len(curve(place, "whole"))
    [again] = [line for line in told if "to go on: " in line]
    program, *arguments = shlex.split(again.partition("to go on: ")[2])
    assert program == "torchrun"
    process = start(place, [*PROGRAM, *arguments])
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert curve(place, "cut") == curve(place, "whole")
    assert out.split("\t")[1:] == whole[0].split("\t")[1:]


@pytest.mark.slow
def test_another_number_of_processes_cannot_go_on(whole, place, nw_in, monkeypatch):
    monkeypatch.chdir(place)
    _, _, *arguments = train(place, "whole")
    err = nw_in(place / "home", *arguments, "--resume", code=2).err
    assert "number of processes" in err
    assert "stumbled" not in err


@pytest.mark.slow
def test_a_run_of_several_processes_wants_a_name(place):
    process = start(place, [*PROGRAM, *TWO, *train(place)])
    _, err = process.communicate(timeout=120)
    assert process.returncode
    assert "their run has no name" in err
    # What was typed, with the name that was missing.
    (proposed,) = {line.strip() for line in err.splitlines() if line.strip().startswith("try: ")}
    assert proposed.startswith("try: torchrun --nproc-per-node 2 -m -- newwave_cli --home ")
    assert proposed.endswith(" --run clap-long")
