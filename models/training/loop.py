"""The one training loop: batch -> loss -> step -> checkpoint.

What is trained is a `models.training.task.Task`: it owns its modules, makes the batch of a step, goes
backward through its loss and judges itself. The loop owns the optimizer, the learning rate, the average of
the weights, checkpoints, resuming, early stop and the log. A batch is a pure function of the step, so a run
that is killed goes on as if it never stopped.
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from catalog.atomic import make_folder, room_for
from catalog.errors import TrainingFailed
from models.networks.checkpoint import BEST, LAST, METRICS
from models.training import resuming
from models.training.loop_config import LoopConfig, Report
from models.training.run_state import RunState
from models.training.schedules import warmup_cosine
from models.training.task import Constrained, Noting, Task


def train(
    task: Task,
    config: LoopConfig,
    folder: Path,
    *,
    about: Mapping[str, Any] | None = None,
    resume: bool = False,
    report: Report = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    writes: bool = True,
) -> Path:
    """Train, and return the folder of the best checkpoint (by the task's first figure, else the last).

    folder gets `last/` and `best/` (see `models.networks.checkpoint`) and `metrics.jsonl`.
    about: recipe, data and whatever else the manifest should remember.
    report: called with every line of the log, and `of` how many steps there are.
    stopping: asked after each step; where it says so, all is kept and the run ends.
    writes: False in all but one of several processes that train together.
    Raises TrainingFailed when the loss is no longer a number, and Incompatible when a run of another config
    would be resumed.
    """
    described = dict(about or {})
    described |= {"plan": asdict(config), **resuming.circumstances()}
    run = _Run(task, config, folder, described, report, writes=writes)
    make_folder(folder)
    if resume and (folder / LAST).exists():
        run.restore()
    if writes:
        run.forget_what_comes_again()
    started = time.monotonic()
    if config.judge_first and not run.step:  # not again after a resume
        run.log({"step": -1, **run.judge()})
    _steps(run, config, stopping, started)
    best = folder / BEST
    return best if best.exists() else folder / LAST


def _steps(run: "_Run", config: LoopConfig, stopping: Callable[[], bool], started: float) -> None:
    """Step after step, until the last one, an early stop, or the word to stop."""
    for step in range(run.step, config.steps):
        logged = run.advance(step)
        if step % config.log_every == 0:
            seconds = round(time.monotonic() - started, 1)
            run.log({**logged, **run.meter.read(), "seconds": seconds})
        is_last = run.step == config.steps
        judged = is_last or run.step % config.judge_every == 0
        if judged:
            run.log({"step": step, **run.judge()})
            if run.is_stale:
                return
        if stopping():
            if not judged:  # a judgement leaves a checkpoint anyway
                run.keep()
            return


class _Run(RunState):
    """A run as it goes: steps, judgements, its log."""

    def advance(self, step: int) -> dict[str, float]:
        """Take one step; what to log of it."""
        config = self.config
        rate = warmup_cosine(step, steps=config.steps, peak=config.learning_rate, warmup=config.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["times"]  # `LayerWise` tasks have groups of their own rates
        self.task.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        logged = self._gradients(step)
        norm = self._clipped()
        self._require_numbers(step, logged["loss"], norm)
        self.optimizer.step()
        # Before the average takes them in: that is judged and kept, and has to be in range as well.
        if isinstance(self.task, Constrained):
            self.task.constrain()
        if self.average is not None:
            self.average.update_parameters(self.task.model)
        self.step = step + 1
        self.meter.done()
        self.keep_some()
        self._note(step)
        return {"step": step, **logged, "learning_rate": rate, "gradient_norm": norm}

    def _gradients(self, step: int) -> dict[str, float]:
        """Go backward through the batch of a step, or the several of which it is the mean; what to log."""
        # Batches are numbered through: a task sees no difference between a step of several and several steps.
        batches = self.config.accumulate
        first = step * batches
        last = first + batches - 1
        logged: list[dict[str, float]] = []
        for number in range(first, last + 1):
            self.meter.start()
            batch = self.task.batch(number)
            self.meter.got_batch()
            logged.append(dict(self.task.backward(batch)))
            if number < last:  # the last one's time goes on with the step of the optimizer
                self.meter.done()
        if batches == 1:
            return logged[0]
        # Each batch added its gradients: their sum to their mean, as one larger batch would have.
        for parameter in self._parameters:
            if parameter.grad is not None:
                parameter.grad /= batches
        loss = sum(line["loss"] for line in logged) / batches
        return {**logged[-1], "loss": loss}

    @property
    def _parameters(self) -> list[nn.Parameter]:
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def _clipped(self) -> float:
        """The norm of the gradients before they were cut to the largest one."""
        return float(nn.utils.clip_grad_norm_(self._parameters, self.config.clip))

    def _require_numbers(self, step: int, loss: float, norm: float) -> None:
        """Refuse a step after which no weight would be a number any more."""
        if math.isfinite(loss) and math.isfinite(norm):
            return
        # A loss that is no number makes gradients that are none: the first of the two is told.
        what = f"gradient has the norm {norm}" if math.isfinite(loss) else f"loss is {loss}"
        lower = self.config.learning_rate / 3
        raise TrainingFailed(
            f"the {what} at step {step}; a step by it would leave weights of no use.",
            try_this=f"nw train … --set training.learning_rate={lower:.1e}",
        )

    def _note(self, step: int) -> None:
        if not isinstance(self.task, Noting):
            return
        for note in self.task.notes():
            self._write({"step": step, **note})  # every process has its own

    @property
    def is_stale(self) -> bool:
        """Whether so many judgements in a row brought nothing better that the run should end."""
        patience = self.config.patience or math.inf
        return self.judged - self.best_at >= patience

    def judge(self) -> dict[str, float]:
        """Judge the weights, keep them where they are the best so far, and leave a checkpoint either way."""
        self.report({"judging": self.step})  # it may take minutes
        model = self.weights.eval()  # `advance` sets it to train again
        with torch.no_grad():
            figures = dict(self.task.judge(model))
        self.judged += 1
        # By the first figure; where a task has none the latest is the best.
        latest = float(self.judged)
        score = next(iter(figures.values()), latest)
        if score > self.best:
            self.best = score
            self.best_at = self.judged
            self.save(BEST, model.state_dict(), {"step": self.step, **figures})
        self.keep()
        return figures

    def log(self, line: Mapping[str, Any]) -> None:
        """Write a line of the log, and tell it to whoever watches."""
        if self.writes:
            self._write(line)
        self.report({"step": line["step"], "of": self.config.steps, **line})

    def _write(self, line: Mapping[str, Any]) -> None:
        """Append a line to the log. Raises DiskFull."""
        what = "the log; the last checkpoint is as it was"
        path = self.folder / METRICS
        with room_for(what, self.folder, again="the same command with --resume"), path.open("a") as file:
            file.write(json.dumps(line) + "\n")
