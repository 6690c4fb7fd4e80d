"""nw train sound --recipe clap-long in processes of its own: stopped, killed, gone on with, judged, asked."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import library_of_tones
import pytest
import tiny_clap
from captioned_shards import WORDS
from shard_maker import write_captions, write_shards

from models.training.meter import TIMES

CHANGES = {
    "data.batch": 3,
    "schedule.seconds": "[10, 14]",
    "schedule.tokens": "[8, 16]",
    "schedule.steps_per_second": 1.0,
    "memory.seconds": 20.0,
    "judge.held_out": 3,
    "training.steps": 7,
    "training.warmup": 1,
    "training.judge_every": 3,
    "training.keep_every": 0,
    "training.average": 0.5,
}
TEXTS = (
    "file,text\nNocturne.wav,slow piano\nAnvil.wav,fast loud drums\nHum.wav,low tone\nWhistle.wav,high tone\n"
)


class Nw:
    """`nw` in processes of its own, offline, on a library below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.common = ["--home", str(self.home), "--offline", "--jobs", "1"]

    def start(self, arguments, program=("-m", "newwave_cli")):
        return subprocess.Popen(
            [sys.executable, "-P", *program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            start_new_session=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_CACHE": str(self.folder / "none")},
        )

    def __call__(self, *arguments, code=0):
        process = self.start([*self.common, *arguments])
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, err
        no_ugliness(err)
        return out, err

    def hit(self, arguments, number, at):
        """Send a signal to the process and its workers when a line of its log starts so; code and stderr."""
        process = self.start(arguments)
        told, sent = [], False
        with process:
            for line in process.stderr:
                told.append(line)
                if line.startswith(at) and not sent:
                    os.killpg(process.pid, number)
                    sent = True
        assert sent, "".join(told)
        return process.returncode, "".join(told)


def no_ugliness(err):
    for mark in ("Traceback", "Warning", "\r", "\x1b", "Error:", "None"):
        assert mark not in err, err


def train(shards, clap, run, *more):
    given = {"weights": clap, **CHANGES}
    changes = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
    named = ["train", "sound", "--recipe", "clap-long", "--data", "jamendo", "--data", str(shards)]
    return [*named, "--run", run, *changes, *more]


def curve(folder):
    """What was learned. Rows that cannot be heard are told while batches are made, whatever the step is."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in TIMES} for line in lines if "lost" not in line]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A CLAP, three shards of encoded songs with captions, and a library of eight pieces."""
    folder = tmp_path_factory.mktemp("clap")
    tiny_clap.save(folder / "weights", **tiny_clap.COARSE)
    ids = write_shards(folder / "shards", shards=3, rows=4, group=2)
    write_captions(folder / "shards", ids, WORDS)
    library_of_tones.make(folder / "music")
    (folder / "captions.csv").write_text(TEXTS.replace("\n", "\nmusic/").removesuffix("music/"))
    return folder


@pytest.fixture(scope="module")
def nw(place):
    return Nw(place)


@pytest.fixture
def nw_here(nw, nw_in, monkeypatch):
    """The same in this process, which has loaded torch already: for what no signal interrupts."""
    monkeypatch.chdir(nw.folder)

    def run(*arguments, code=0):
        out, err = nw_in(nw.home, *nw.common[2:], *arguments, code=code)
        no_ugliness(err)
        return out, err

    return run


@pytest.fixture(scope="module")
def trained(nw, place):
    """An undisturbed run `whole`, and what it wrote; meanwhile `cut` meets SIGTERM, then SIGKILL."""
    whole = nw.start([*nw.common, *train(place / "shards", place / "weights", "whole")])
    arguments = [*nw.common, *train(place / "shards", place / "weights", "cut")]
    arguments[arguments.index("--jobs") + 1] = "2"
    stopped = nw.hit(arguments, signal.SIGTERM, "step 1/7  loss")
    again = shlex.split(stopped[1].partition("to go on: ")[2].splitlines()[0])
    killed = nw.hit(again[1:], signal.SIGKILL, "step 4/7  loss")
    left = curve(nw.home / "runs" / "cut")
    ended = nw.start(again[1:])
    out = ended.communicate(timeout=120)
    return {
        "whole": (*whole.communicate(timeout=120), whole.returncode),
        "stopped": stopped,
        "again": again,
        "killed": killed,
        "left": left,
        "ended": (*out, ended.returncode),
    }


@pytest.mark.slow
def test_an_undisturbed_run_says_what_it_did(trained, nw):
    out, err, code = trained["whole"]
    assert code == 0, err
    no_ugliness(err)
    assert out.split("\t")[0] == "whole"
    assert "untrained  mrr" in err, "the untrained network is judged first"
    assert "0 songs for judging left out" in err
    sound = [line["sound_s"] for line in curve(nw.home / "runs" / "whole") if "sound_s" in line]
    assert sound == [10, 11, 12, 13, 14, 14, 14], "the schedule was gone through"


@pytest.mark.slow
def test_sigterm_leaves_a_checkpoint_and_the_command_that_goes_on(trained):
    code, err = trained["stopped"]
    assert code == 130
    no_ugliness(err)
    assert err.count("stopping after this step") == 1
    assert trained["again"][0] == "nw"
    assert trained["again"][-3:] == ["--run", "cut", "--resume"]
    assert trained["again"].count("--run") == 1


@pytest.mark.slow
def test_stopped_and_killed_it_ends_with_the_same_curve(trained, nw):
    assert trained["killed"][0] == -signal.SIGKILL
    out, err, code = trained["ended"]
    assert code == 0, err
    no_ugliness(err)
    whole, cut = nw.home / "runs" / "whole", nw.home / "runs" / "cut"
    assert 3 < len(trained["left"]) < len(curve(whole))
    assert curve(cut) == curve(whole)
    assert out.split("\t")[1:] == trained["whole"][0].split("\t")[1:]
    for name in ("best", "last"):
        one, two = (run / name / "model.safetensors" for run in (whole, cut))
        assert one.read_bytes() == two.read_bytes(), name


@pytest.mark.slow
def test_nothing_is_written_over_and_what_is_done_stays_done(trained, nw, nw_here, place):
    arguments = train(place / "shards", place / "weights", "whole")
    _, err = nw_here(*arguments, code=2)
    assert "--run whole --resume" in err
    assert "there is a run 'whole' already" in err
    before = curve(nw.home / "runs" / "whole")
    out, _ = nw_here(*arguments, "--resume")
    assert out == trained["whole"][0]
    assert curve(nw.home / "runs" / "whole") == before


@pytest.mark.slow
def test_a_run_is_judged_indexed_and_asked_by_its_name(trained, nw_here):
    out, err = nw_here("evaluate", "cut", "--on", "captions.csv", "--format", "ndjson")
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["metric"] for row in rows} >= {"mrr", "recall@1", "recall@10", "median_rank"}
    assert "4 songs, 4 texts" in err
    nw_here("ingest", "music")
    _, err = nw_here("index", "--encoder", "cut")
    assert "sound: 8 songs" in err
    out, _ = nw_here("models", "--format", "ndjson")
    [ours] = [row for row in map(json.loads, out.splitlines()) if row["encoder"] == "cut"]
    assert (ours["role"], ours["ready"], ours["indexed"]) == ("sound", "yes", "8 songs")
    assert "/attention/" in ours["pipeline"]
    out, _ = nw_here("query", "low quiet piano", "-k", "3", "--format", "ndjson")
    found = [json.loads(line) for line in out.splitlines()]
    assert [row["rank"] for row in found] == [1, 2, 3]
    assert all(Path(row["path"]).is_file() for row in found)
    out, _ = nw_here("evaluate", "sound", "--on", "captions.csv", "--fields", "metric,value")
    assert "recall@10" in out
    out, _ = nw_here("runs", "list", "--fields", "id,kind", "--format", "tsv")
    assert {"whole\ttraining", "cut\ttraining"} <= set(out.splitlines())


def test_a_run_that_is_not_there_is_said(tmp_path):
    _, err = Nw(tmp_path)("index", "--encoder", "nonesuch", code=2)
    assert "nonesuch" in err
    assert "  try: nw " in err


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_run_with_its_batch_and_a_way_out(nw, nw_here, place):
    arguments = train(place / "shards", place / "weights", "wild", "--set", "training.learning_rate=1e30")
    _, err = nw_here(*arguments, "--set", "training.warmup=0", code=2)
    assert "error: the loss is nan at step 1" in err
    run = nw.home / "runs" / "wild"
    assert f"--set weights='{run}/best' --set training.learning_rate=" in err
    failed = json.loads((run / "failed_batch.json").read_text())
    assert len(failed["songs"]) == len(failed["rows"]) == 3
    out, _ = nw_here("evaluate", str(run / "best"), "--on", "captions.csv", "--format", "ndjson")
    assert '"mrr"' in out
