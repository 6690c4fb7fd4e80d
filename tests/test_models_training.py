"""The loop: it learns, goes on where it was killed as if it never stopped, stops early, keeps the best."""

import json
import resource
from dataclasses import replace

import pytest
import torch
from torch import nn

from catalog.errors import DiskFull, Incompatible, TrainingFailed
from models.networks import checkpoint
from models.networks.checkpoint import BEST, LAST, METRICS
from models.networks.manifest import manifest_of
from models.training.loop import LoopConfig, train


class Line:
    """Learn y = 2x + 1 from a batch that depends on the step alone."""

    def __init__(self, *, figures=(), die_at=None, broken_at=None):
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1))
        self.figures, self.die_at, self.broken_at, self.judged = list(figures), die_at, broken_at, 0

    def batch(self, step):
        if step == self.die_at:
            raise KeyboardInterrupt
        x = torch.randn(16, 1, generator=torch.Generator().manual_seed(step))
        return step, x

    def backward(self, batch):
        step, x = batch
        loss = (self.model(x) - (2 * x + 1)).pow(2).mean()
        if step == self.broken_at:
            loss = loss * float("nan")
        loss.backward()
        return {"loss": loss.item()}

    def judge(self, model):
        if not self.figures:
            return {}
        figure = self.figures[min(self.judged, len(self.figures) - 1)]
        self.judged += 1
        return {"mrr": figure}


PLAN = LoopConfig(steps=60, learning_rate=0.1, warmup=5, judge_every=10, log_every=5)


def lines(folder):
    return [json.loads(line) for line in (folder / METRICS).read_text().splitlines()]


def weights(folder):
    return checkpoint.load(folder)[0]


def test_it_learns(tmp_path):
    folder = train(Line(), PLAN, tmp_path / "run")
    tensors, manifest = checkpoint.load(folder)
    assert tensors["0.weight"].item() == pytest.approx(2, abs=0.3)
    assert manifest["plan"]["learning_rate"] == 0.1
    assert "torch" in manifest["versions"]
    logged = [line["loss"] for line in lines(tmp_path / "run") if "loss" in line]
    assert logged[-1] < logged[0] / 4


@pytest.mark.parametrize("average", [0.0, 0.9], ids=["plain", "averaged"])
def test_a_run_that_was_killed_ends_where_an_undisturbed_one_ends(tmp_path, average):
    plan = LoopConfig(**{**{f: getattr(PLAN, f) for f in PLAN.__slots__}, "average": average})
    whole = train(Line(), plan, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(Line(die_at=37), plan, tmp_path / "killed")
    resumed = train(Line(), plan, tmp_path / "killed", resume=True)
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], tensor, rtol=0, atol=0)


def test_the_best_is_kept_and_patience_ends_the_run(tmp_path):
    folder = train(
        Line(figures=[0.2, 0.5, 0.4, 0.3, 0.9]),
        LoopConfig(steps=60, learning_rate=0.1, judge_every=10, patience=2),
        tmp_path / "run",
    )
    assert folder.name == BEST
    assert manifest_of(folder)["mrr"] == 0.5
    assert manifest_of(tmp_path / "run" / LAST)["step"] == 40


def test_the_average_trails_the_weights(tmp_path):
    task = Line()
    folder = train(
        task, LoopConfig(steps=10, learning_rate=0.5, average=0.99, judge_every=10), tmp_path / "run"
    )
    averaged, last = weights(folder)["0.weight"].item(), task.model[0].weight.item()
    assert averaged != pytest.approx(last, abs=1e-3)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    with pytest.raises(TrainingFailed, match="step 7"):
        train(Line(broken_at=7), PLAN, tmp_path / "run")


def test_another_plan_cannot_resume(tmp_path):
    train(Line(), PLAN, tmp_path / "run")
    with pytest.raises(Incompatible):
        train(Line(), LoopConfig(steps=61, learning_rate=0.1), tmp_path / "run", resume=True)


def test_every_line_is_reported(tmp_path):
    told = []
    train(Line(), PLAN, tmp_path / "run", report=told.append)
    assert told == [line | {"of": PLAN.steps} for line in lines(tmp_path / "run")]


def test_weights_without_gradient_stay(tmp_path):
    task = Line()
    task.model[0].bias.requires_grad_(False)
    before = task.model[0].bias.item()
    train(task, PLAN, tmp_path / "run")
    assert task.model[0].bias.item() == before


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path):
    """A limit on the size of files, as a quota: the write fails in the middle."""
    checkpoint.save(tmp_path / "last", {"x": torch.ones(4)}, {"step": 1})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(DiskFull, match="no room left") as full:
            checkpoint.save(tmp_path / "last", {"x": torch.ones(40_000)}, {"step": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "--resume" in full.value.try_this
    assert checkpoint.load(tmp_path / "last")[1]["step"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_a_run_is_judged_first_keeps_every_and_stops_when_told(tmp_path):
    plan = replace(PLAN, judge_first=True, keep_every=4, judge_every=50)
    steps = []
    train(Line(figures=[0.1]), plan, tmp_path, report=steps.append, stopping=lambda: len(steps) > 3)
    assert steps[0] == {"step": -1, "of": 60, "mrr": 0.1}
    assert manifest_of(tmp_path / LAST)["step"] < 60
    assert manifest_of(tmp_path / "step-8")["step"] == 8
    train(Line(figures=[0.1]), plan, tmp_path, resume=True)
    whole = lines(tmp_path)
    assert [line["step"] for line in whole if "loss" in line] == list(range(0, 60, 5))


@pytest.mark.parametrize("asked_after", [9, 12])
def test_a_stop_is_obeyed_at_once_at_a_judged_step_too(tmp_path, asked_after):
    """Steps are judged after every tenth; the checkpoint is of the step that was in hand."""
    done = []
    task = Line(figures=[0.1])
    backward = task.backward
    task.backward = lambda batch: done.append(batch[0]) or backward(batch)
    plan = replace(PLAN, judge_every=10)
    train(task, plan, tmp_path, stopping=lambda: done[-1] >= asked_after)
    assert done[-1] == asked_after
    assert manifest_of(tmp_path / LAST)["step"] == asked_after + 1
