"""Beside the loop: recipes that extend each other, trackers, batches made ahead, weights to begin with."""

import functools
import os
import signal
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import nn

from catalog.errors import Incompatible, NotReady, WrongUse
from models import recipes
from models.networks import checkpoint
from models.training import meter, resuming, trackers
from models.training.prefetch import Prefetch
from models.training.schedules import growth
from models.training.stopping import stopping, train_until_told


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)


def test_a_recipe_holds_only_what_differs_from_the_one_it_extends():
    base, own = recipes.load("clap-long"), recipes.load("clap-stretch")
    differing = {key for key in base if base[key] != own[key]}
    assert differing == {"name", "about", "strategy"}
    assert "extends" not in own


def test_recipes_extend_over_several_floors(tmp_path):
    write(
        tmp_path,
        a="kind = 'sound'\n[x]\none = 1\ntwo = 2\n",
        b="extends = 'a.toml'\n[x]\ntwo = 3\n",
        c="extends = 'b.toml'\nkind = 'words'\n",
    )
    found = recipes.load(str(tmp_path / "c.toml"), ["x.one=5"])
    assert found == {"name": "c", "kind": "words", "x": {"one": 5, "two": 3}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "extends = 'a.toml'\n[x]\nthree = 3\n", "sets x.three", id="a key that the base has not"
        ),
        pytest.param("extends = 'a.toml'\nx = 3\n", "sets x,", id="a number in place of a table"),
        pytest.param("extends = 'c.toml'\n", "extends itself", id="itself"),
        pytest.param("extends = 'none.toml'\n", "no recipe", id="one that is not there"),
    ],
)
def test_a_recipe_that_means_nothing_is_told(tmp_path, text, said):
    write(tmp_path, a="[x]\none = 1\n", c=text)
    with pytest.raises(WrongUse, match=said):
        recipes.load(str(tmp_path / "c.toml"))


def test_a_pipe_is_no_recipe_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "c.toml")
    with pytest.raises(WrongUse, match="no recipe .*no regular file"):
        recipes.load(str(tmp_path / "c.toml"))


@pytest.mark.parametrize("name", ["trackio", "wandb"])
def test_figures_with_a_step_go_to_a_tracker_and_nothing_else_does(tmp_path, monkeypatch, name):
    calls = []
    fake = types.ModuleType(name)
    fake.__spec__ = types.SimpleNamespace()
    fake.init = lambda **given: calls.append(("init", given["name"], given["config"]))
    fake.log = lambda figures, step: calls.append((step, figures))
    fake.finish = lambda: calls.append("finish")
    monkeypatch.setitem(sys.modules, name, fake)
    with trackers.logging_to([name], tmp_path / "mine", {"kind": "sound"}) as tell:
        tell({"step": -1, "of": 9, "mrr": 0.5})
        tell({"step": 3, "of": 9, "loss": 1, "text": "words"})
        tell({"note": "words alone"})
        tell({"lost": "a song", "why": "empty"})
    assert calls == [
        ("init", "mine", {"kind": "sound"}),
        (0, {"mrr": 0.5}),
        (3, {"loss": 1.0}),
        "finish",
    ]


def test_a_tracker_that_is_not_there_is_told(tmp_path, monkeypatch):
    with (
        pytest.raises(WrongUse, match="tensorboard, trackio, wandb"),
        trackers.logging_to(["x"], tmp_path, {}),
    ):
        pass
    monkeypatch.setattr(trackers.importlib.util, "find_spec", lambda name: None)
    with (
        pytest.raises(NotReady, match="wandb is not installed"),
        trackers.logging_to(["wandb"], tmp_path, {}),
    ):
        pass


def test_tensorboard_gets_the_curves(tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    with trackers.logging_to(["tensorboard"], tmp_path / "mine", {}) as tell:
        tell({"step": 2, "loss": 0.5, "held-out mrr": 0.1})
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "mine" / "tensorboard")).Reload()
    assert [(one.step, one.value) for one in events.Scalars("loss")] == [(2, 0.5)]
    assert events.Scalars("held-out_mrr")[0].value == pytest.approx(0.1)


def test_a_training_in_another_thread_is_never_told_to_stop():
    """Signals come to the main thread alone, which goes on; what is asked there must not end the training."""

    def asked():
        with stopping([].append) as told:
            return told()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(asked).result() is False


def test_the_first_ctrl_c_waits_for_the_step_and_the_second_does_not():
    said = []
    before = signal.getsignal(signal.SIGINT)
    with stopping(said.append) as told:
        assert not told()
        signal.raise_signal(signal.SIGINT)
        assert told()
        signal.raise_signal(signal.SIGTERM)  # who is told to end by the system has time for its step
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert len(said) == 2
    assert "Ctrl-C once more" in said[0]["note"]
    assert signal.getsignal(signal.SIGINT) is before


def test_what_cannot_be_said_while_a_line_is_written_is_said_after_it():
    said = []

    def report(line):
        if not said:
            said.append("half a line")
            raise RuntimeError("reentrant call inside <_io.BufferedWriter name='<stderr>'>")
        said.append(line["note"])

    with stopping(report) as told:
        signal.raise_signal(signal.SIGTERM)
        assert told()
        assert told()
    assert said == ["half a line", "stopping after this step; Ctrl-C once more stops at once"]


@pytest.mark.parametrize(
    ("told_of", "ends_early"),
    [
        pytest.param([], True, id="before the first step"),
        pytest.param([0], True, id="between two steps"),
        pytest.param([0, 1], False, id="in the last step, after which nothing is left to do"),
    ],
)
def test_a_run_that_was_told_to_stop_ends_as_ctrl_c_does(monkeypatch, tmp_path, told_of, ends_early):
    def train(*_, report, **__):
        for step in told_of:
            report({"step": step})
        report({"note": "no step"})
        signal.raise_signal(signal.SIGTERM)
        return tmp_path

    monkeypatch.setattr("models.training.stopping.train", train)
    config = types.SimpleNamespace(steps=2)
    run = functools.partial(
        train_until_told, None, config, tmp_path, about={}, resume=False, report=[].append
    )
    if ends_early:
        with pytest.raises(KeyboardInterrupt):
            run()
    else:
        assert run() == tmp_path


@pytest.mark.parametrize(
    ("shape", "lengths"),
    [
        pytest.param("linear", [10, 35, 60, 110, 110], id="the same more each time"),
        pytest.param("cosine", [10, 10 + 50 * (1 - 0.5**0.5), 60, 110, 110], id="gently at both ends"),
        pytest.param("stepped", [10, 10 * 11**0.25, 10 * 11**0.5, 110, 110], id="by one factor"),
    ],
)
def test_how_a_length_grows(shape, lengths):
    steps = (0, 25, 50, 100, 999)
    grown = [growth(step, first=10, last=110, steps=100, shape=shape) for step in steps]
    assert grown == pytest.approx(lengths)


def test_the_next_batch_is_made_before_it_is_asked_for_and_no_more_than_that():
    made, reached = [], threading.Semaphore(0)

    def make(step):
        made.append(step)
        reached.release()
        return f"batch {step}"

    batches = Prefetch(make, ready=1)
    assert batches.take(7) == "batch 7"
    for _ in range(3):  # 7, one that is ready, one in the making
        assert reached.acquire(timeout=60)
    assert made == [7, 8, 9]
    assert [batches.take(8), batches.take(9)] == ["batch 8", "batch 9"]
    batches.close()
    assert len(made) <= 6


def test_what_goes_wrong_ahead_is_raised_where_that_batch_is_asked_for():
    def make(step):
        if step == 2:
            raise WrongUse("no more.", try_this="less")
        return step

    batches = Prefetch(make)
    assert [batches.take(0), batches.take(1)] == [0, 1]
    with pytest.raises(WrongUse, match="no more"):
        batches.take(2)


def test_a_network_begins_with_the_weights_of_another_run(tmp_path):
    trained, fresh = nn.Linear(2, 2), nn.Linear(2, 2)
    checkpoint.save(tmp_path / "best", trained.state_dict(), {})
    resuming.start_from(fresh, str(tmp_path / "best"))
    assert torch.equal(fresh.weight, trained.weight)
    resuming.start_from(fresh, "")
    with pytest.raises(Incompatible, match="another network"):
        resuming.start_from(nn.Linear(3, 3), str(tmp_path / "best"))


def test_memory_is_told_in_gib(monkeypatch):
    monkeypatch.setattr(meter, "host_bytes", lambda: 3 * 2**29)
    assert meter.memory()["host_gib"] == 1.5


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")
def test_memory_is_that_of_children_too():
    before = meter.host_bytes()
    program = "import sys; held = b'x' * 2**28; print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as child:
        child.stdout.readline()  # it holds all of it now
        assert 2**28 < meter.host_bytes() - before < 2**29
