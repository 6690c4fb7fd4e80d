"""The loop: it learns, goes on where it was killed as if it never stopped, stops early, keeps the best."""

import hashlib
import json
import math
import resource
from dataclasses import asdict, replace
from itertools import count
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from catalog.errors import Damaged, DiskFull, Incompatible, TrainingFailed
from models.evaluation import runs
from models.networks import checkpoint
from models.networks.checkpoint import BEST, LAST, METRICS
from models.networks.late_fusion import FusedNetwork, LateFusionConfig
from models.networks.manifest import manifest_of
from models.networks.projection_heads import HeadsConfig, WordsNetwork
from models.training import loop, meter, optimizer, resuming
from models.training.averaging import averaged
from models.training.loop import train
from models.training.loop_config import LoopConfig


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


def test_another_plan_cannot_resume_and_what_differs_is_said(tmp_path):
    train(Line(), PLAN, tmp_path / "run")
    with pytest.raises(Incompatible, match="learning_rate 0.1 and not 0.2"):
        train(Line(), replace(PLAN, learning_rate=0.2), tmp_path / "run", resume=True)


def test_a_run_is_extended(tmp_path):
    train(Line(), replace(PLAN, steps=20), tmp_path)
    told = []
    train(Line(), replace(PLAN, steps=30), tmp_path, resume=True, report=told.append)
    assert "planned for 20 steps and goes on to 30" in told[0]["note"]
    assert [line["step"] for line in lines(tmp_path) if "loss" in line] == list(range(0, 30, 5))
    assert manifest_of(tmp_path / LAST)["step"] == 30


def test_a_run_begins_anew_unless_it_is_to_go_on(tmp_path):
    told = []
    for _ in "12":
        train(Line(), replace(PLAN, steps=10), tmp_path, report=told.append)
    assert [line["step"] for line in told if "loss" in line] == [0, 5, 0, 5]


def test_every_line_is_reported(tmp_path):
    told = []
    train(Line(), PLAN, tmp_path / "run", report=told.append)
    logged = [line for line in told if "judging" not in line]  # that judging began is no figure
    assert logged == [line | {"of": PLAN.steps} for line in lines(tmp_path / "run")]
    [first, *_] = logged
    assert first["data_s"] >= 0
    assert first["step_s"] > 0
    assert 0 < first["busy"] <= 1
    assert first["host_gib"] > 0.01


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
    train(Line(figures=[0.1]), plan, tmp_path, report=steps.append, stopping=lambda: len(steps) > 4)
    assert steps[:2] == [{"judging": 0}, {"step": -1, "of": 60, "mrr": 0.1}]
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


class Counted(nn.Module):
    """A weight, and the two kinds of buffers that networks have."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("positions", torch.tensor([3, 2, 1]))


@pytest.mark.parametrize("decay", [0.9999, 0.95, 0.5])
def test_an_average_of_weights_takes_integers_as_they_are_now(decay):
    model = Counted()
    average = averaged(model, decay)
    average.update_parameters(model)
    with torch.no_grad():
        model.weight += 1
        model.mean += 1
        model.positions += 1
    for _ in range(3):
        average.update_parameters(model)
    assert average.module.positions.tolist() == [4, 3, 2]
    assert average.module.weight.item() == pytest.approx(1 - decay**3, rel=1e-4)
    assert average.module.mean.item() == pytest.approx(1 - decay**3, rel=1e-4)


class Steep(Line):
    """A loss whose gradient is always (300, 400)."""

    def __init__(self):
        super().__init__()
        self.model = nn.Linear(1, 1)

    def batch(self, step):
        return step

    def backward(self, batch):
        loss = 300 * self.model.weight.sum() + 400 * self.model.bias.sum()
        loss.backward()
        self.seen = [p.grad for p in self.model.parameters()]
        return {"loss": loss.item()}


@pytest.mark.parametrize(
    ("clip", "norm"),
    [
        pytest.param(1.0, 1.0, id="a longer gradient is cut to the largest norm"),
        pytest.param(1e6, 500.0, id="a shorter one is left"),
    ],
)
def test_gradients_are_clipped(tmp_path, clip, norm):
    task = Steep()
    train(task, LoopConfig(steps=1, learning_rate=0.1, clip=clip), tmp_path)
    assert torch.cat([g.flatten() for g in task.seen]).norm().item() == pytest.approx(norm, rel=1e-4)
    assert lines(tmp_path)[0]["gradient_norm"] == pytest.approx(500), "the log has what it was before"


def test_weights_decay_and_biases_gains_and_temperatures_do_not(tmp_path):
    task = Line()
    task.model = nn.Sequential(nn.Linear(1, 1), nn.LayerNorm(1))
    task.model.register_parameter("scale", nn.Parameter(torch.tensor(2.0)))
    found = {}
    for group in optimizer.groups(task, 0.3):
        for name, parameter in task.model.named_parameters():
            if any(parameter is one for one in group["params"]):
                found[name] = group["weight_decay"]
    assert found == {"scale": 0.0, "0.weight": 0.3, "0.bias": 0.0, "1.weight": 0.0, "1.bias": 0.0}


def test_a_gradient_that_is_no_number_stops_the_run_before_the_weights_are_spoilt(tmp_path):
    task = Steep()
    task.model.weight.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(TrainingFailed, match="gradient has the norm inf at step 0"):
        train(task, LoopConfig(steps=2, learning_rate=0.1), tmp_path)
    assert torch.isfinite(task.model.weight).all()


def test_a_loss_that_is_no_number_stops_the_run_whatever_its_gradient_is(tmp_path):
    """Where a part of the loss is a constant, nothing of it is in the gradient."""
    task = Steep()
    went = task.backward
    task.backward = lambda batch: {**went(batch), "loss": math.inf}
    with pytest.raises(TrainingFailed, match="loss is inf at step 0"):
        train(task, LoopConfig(steps=1, learning_rate=0.1), tmp_path)


def test_several_batches_to_a_step_give_the_mean_of_their_gradients(tmp_path):
    """Two batches of 16 are one of 32."""
    plain = Line()
    plain.model = nn.Linear(1, 1)
    start = {name: value.clone() for name, value in plain.model.state_dict().items()}
    whole = torch.cat([plain.batch(number)[1] for number in (0, 1)])
    plain.batch = lambda step: (step, whole)
    train(plain, LoopConfig(steps=1, learning_rate=0.1), tmp_path / "whole")
    parts = Line()
    parts.model = nn.Linear(1, 1)
    parts.model.load_state_dict(start)
    train(parts, LoopConfig(steps=1, learning_rate=0.1, accumulate=2), tmp_path / "parts")
    for name, value in plain.model.state_dict().items():
        torch.testing.assert_close(parts.model.state_dict()[name], value)
    one, two = (lines(tmp_path / run)[0] for run in ("whole", "parts"))
    assert one["loss"] == pytest.approx(two["loss"], rel=1e-5)
    assert one["gradient_norm"] == pytest.approx(two["gradient_norm"], rel=1e-5)


@pytest.mark.parametrize(
    ("keep", "steps"),
    [
        pytest.param({"keep": 2}, [50, 60], id="the latest, where that is asked"),
        pytest.param({}, [10, 20, 30, 40, 50, 60], id="all where it is not"),
    ],
)
def test_checkpoints_that_stay(tmp_path, keep, steps):
    (tmp_path / "step-notes").mkdir()  # of somebody else
    train(Line(), replace(PLAN, keep_every=10, **keep), tmp_path)
    there = {path.name for path in tmp_path.glob("step-*")}
    assert there == {"step-notes", *(f"step-{number}" for number in steps)}


def test_of_several_processes_only_the_one_that_writes_removes(tmp_path):
    kept = [tmp_path / f"step-{number}" for number in (10, 20)]
    for folder in kept:
        folder.mkdir()
    train(Line(), replace(PLAN, steps=30, keep_every=10, keep=1), tmp_path, writes=False)
    assert sorted(tmp_path.iterdir()) == kept


@pytest.mark.parametrize(("batches", "seconds"), [(1, 4.9), (2, 8.6)])
def test_times_in_the_log_are_of_one_batch_and_rounded(tmp_path, monkeypatch, batches, seconds):
    """A clock that goes on by 1.23456 s at each look; for each batch it is looked at three times."""
    ticks = count()
    clock = SimpleNamespace(monotonic=lambda: next(ticks) * 1.23456)
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(meter, "time", clock)
    train(Line(), LoopConfig(steps=1, learning_rate=0.1, accumulate=batches), tmp_path)
    line = lines(tmp_path)[0]
    assert {name: line[name] for name in ("data_s", "step_s", "busy")} == {
        "data_s": 1.2346,
        "step_s": 1.2346,
        "busy": 0.5,
    }
    assert line["seconds"] == seconds  # from the start: the batch is waited for, comes, is done, is written
    assert line["host_gib"] == round(line["host_gib"], 3) > 0


def test_what_was_lost_on_the_way_is_in_the_log(tmp_path):
    task = Line()
    task.notes = lambda: [{"lost": "a song", "why": "it is empty"}]
    train(task, LoopConfig(steps=2, learning_rate=0.1), tmp_path)
    assert [line for line in lines(tmp_path) if "lost" in line] == [
        {"step": step, "lost": "a song", "why": "it is empty"} for step in (0, 1)
    ]


def test_a_bad_line_in_the_log_is_told_and_the_run_goes_on(tmp_path):
    train(Line(), replace(PLAN, steps=20), tmp_path)
    log = tmp_path / METRICS
    log.write_bytes(b"\xff not JSON\n[1]\n" + log.read_bytes() + b'{"step": 3')
    told = []
    train(Line(), replace(PLAN, steps=30), tmp_path, resume=True, report=told.append)
    assert {"note": "metrics.jsonl: 2 lines of it were dropped, for they could not be read"} in told
    assert [line["step"] for line in lines(tmp_path) if "loss" in line] == list(range(0, 30, 5))


@pytest.mark.parametrize(
    ("manifest", "error", "said"),
    [
        pytest.param([1], Damaged, "says nothing about it", id="a manifest that is a list"),
        pytest.param({"encoder": "clap"}, Damaged, "not of a run", id="a model's config that is no run's"),
        pytest.param({"plan": asdict(PLAN), "step": 1}, Incompatible, "another network", id="other weights"),
    ],
)
def test_a_foreign_checkpoint_is_told_and_not_raised(tmp_path, manifest, error, said):
    checkpoint.save(tmp_path / LAST, {"x": torch.ones(1)}, manifest if isinstance(manifest, dict) else {})
    if isinstance(manifest, list):
        (tmp_path / LAST / "config.json").write_text(json.dumps(manifest))
    with pytest.raises(error, match=said):
        train(Line(), PLAN, tmp_path, resume=True)


def test_a_header_that_is_no_header_is_told(tmp_path):
    content = b"\xff" * 64
    (tmp_path / "model.safetensors").write_bytes(content)
    (tmp_path / "config.json").write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest()}))
    with pytest.raises(Damaged, match="cannot be used"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize(
    "network",
    [WordsNetwork(HeadsConfig(4, 4, 4)), FusedNetwork(LateFusionConfig(4, 4, 4))],
    ids=["words", "fusion"],
)
def test_a_logit_scale_at_its_limit_still_learns(network):
    with torch.no_grad():
        network.log_scale.fill_(9.0)
    network.hold_scale()
    assert network.scale.item() == pytest.approx(100, rel=1e-5)
    network.scale.backward()
    assert network.log_scale.grad.item() == pytest.approx(100, rel=1e-5)


def test_a_parameter_learns_at_its_own_rate(tmp_path):
    """Adam's first step is as long as the rate, whatever the gradient."""
    task = Steep()
    task.rate_of = lambda name: 0.25 if name == "bias" else 1.0
    before = [parameter.item() for parameter in task.model.parameters()]
    train(task, LoopConfig(steps=1, learning_rate=0.1), tmp_path)
    moved = [b - p.item() for b, p in zip(before, task.model.parameters(), strict=True)]
    assert moved == pytest.approx([0.1, 0.025], rel=1e-4)


def test_of_equals_the_first_stays_the_best(tmp_path):
    config = LoopConfig(steps=4, learning_rate=0.1, judge_every=2)
    assert manifest_of(train(Line(figures=[0.5, 0.5]), config, tmp_path))["step"] == 2


def test_what_comes_again_is_taken_out_of_the_log(tmp_path):
    log = tmp_path / METRICS
    log.write_text("".join(json.dumps({"step": step}) + "\n" for step in (-1, 0, 1, 2, 3)))
    assert resuming.forget_after(log, 2) == 0
    assert [line["step"] for line in lines(tmp_path)] == [-1, 0, 1]


def test_a_log_is_read_without_the_lines_that_are_none(tmp_path):
    odd = b'{"step": 1, "loss"\n\xff\xfe\n5\n[1]\n\n'
    (tmp_path / METRICS).write_bytes(b'{"step": 0, "loss": 2.0}\n' + odd + b'{"step": 2, "loss": 1.0}\n')
    assert runs.metrics(tmp_path) == [{"step": 0, "loss": 2.0}, {"step": 2, "loss": 1.0}]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"])
def test_a_run_that_cannot_be_read_says_so(tmp_path, content):
    (tmp_path / runs.RUN).write_bytes(content)
    with pytest.raises(Damaged, match="cannot be read"):
        runs.described(tmp_path)
