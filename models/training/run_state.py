"""A run between two steps, and how it is kept: what a checkpoint holds, and how a run goes on from it."""

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from catalog.values.numbers import counted
from models.networks import checkpoint
from models.networks.checkpoint import LAST, METRICS
from models.training import optimizer, resuming
from models.training.averaging import averaged
from models.training.loop_config import LoopConfig, Report
from models.training.meter import Meter
from models.training.task import Remembering, Streaming, Task


class RunState:
    """What a run is between two steps.

    about: what the manifest of each checkpoint says beside figures. writes: whether this process, of several
    that train together, is the one that writes.
    """

    def __init__(
        self,
        task: Task,
        config: LoopConfig,
        folder: Path,
        about: Mapping[str, Any],
        report: Report,
        *,
        writes: bool,
    ) -> None:
        torch.manual_seed(config.seed)
        self.task = task
        self.config = config
        self.folder = folder
        self.about = about
        self.report = report
        self.writes = writes
        self.meter = Meter()
        self.optimizer = optimizer.adamw(task, config.learning_rate, config.weight_decay)
        self.average = None
        if config.average:
            self.average = averaged(task.model, config.average)
        self.step = 0  # that comes next
        self.best = -math.inf
        self.judged = 0  # judgements so far
        self.best_at = 0  # which of them was the best

    @property
    def weights(self) -> nn.Module:
        """What is judged and kept: the average where there is one."""
        if self.average is None:
            return self.task.model
        inner: nn.Module = self.average.module
        return inner

    def keep(self) -> None:
        """Write all that the run needs to go on: weights, optimizer, averages, stream, chance."""
        state: dict[str, Any] = {
            "step": self.step,
            "best": self.best,
            "best_at": self.best_at,
            "judged": self.judged,
        }
        if isinstance(self.task, Streaming):
            state["stream"] = dict(self.task.state())
        tensors = resuming.put_under("model", self.task.model.state_dict())
        if self.average is not None:
            # Copies: safetensors writes no two names of one memory.
            state_of_average = self.average.state_dict()
            averages = {name: value.clone() for name, value in state_of_average.items()}
            tensors |= resuming.put_under("average", averages)
        if isinstance(self.task, Remembering):
            tensors |= resuming.put_under("remembered", self.task.remembered())
        tensors |= dict(optimizer.flat(self.optimizer))
        # Dropout goes on as it would have; on a card, which draws by itself, by what `ClapTask.state` keeps.
        tensors["random"] = torch.get_rng_state()
        self.save(LAST, tensors, state)

    def keep_some(self) -> None:
        """A checkpoint that stays, every so many steps, and no more of them than are wanted."""
        every, keep = self.config.keep_every, self.config.keep
        if not every or self.step % every:
            return
        weights = self.weights.state_dict()
        self.save(f"step-{self.step}", weights, {"step": self.step})
        if not keep or not self.writes:
            return
        kept = sorted(self._kept())
        too_old = kept[:-keep]
        for number in too_old:
            shutil.rmtree(self.folder / f"step-{number}", ignore_errors=True)

    def _kept(self) -> list[int]:
        """The steps of which there is a checkpoint that stays."""
        # Half-written ones have other names (`catalog.atomic`).
        there = self.folder.glob("step-*")
        names = [path.name.removeprefix("step-") for path in there]
        return [int(name) for name in names if name.isdigit()]

    def save(self, name: str, tensors: Mapping[str, Tensor], described: Mapping[str, Any]) -> None:
        """A checkpoint of that name, whole or not at all. described: beside what the run is about."""
        if self.writes:
            checkpoint.save(self.folder / name, tensors, {**self.about, **described})

    def restore(self) -> None:
        """Go on from the last checkpoint. Raises Incompatible for a run of another plan or network."""
        tensors, manifest = checkpoint.load(self.folder / LAST)
        resuming.require_same_plan(manifest, self.config, self.folder)
        if note := resuming.extended(manifest, self.config.steps):
            self.report({"note": note})
        with resuming.fitting(self.folder / LAST):
            self._take_back(tensors, manifest)

    def _take_back(self, tensors: Mapping[str, Tensor], manifest: Mapping[str, Any]) -> None:
        """Put everything back that `keep` wrote, in the same order."""
        self.task.model.load_state_dict(resuming.under(tensors, "model/"))
        if self.average is not None:
            self.average.load_state_dict(resuming.under(tensors, "average/"))
        if isinstance(self.task, Remembering):
            self.task.remember(resuming.under(tensors, "remembered/"))
        optimizer.unflatten(self.optimizer, resuming.under(tensors, "optimizer/"))
        torch.set_rng_state(tensors["random"])
        self.step = manifest["step"]
        self.best = manifest["best"]
        self.judged = manifest["judged"]
        self.best_at = manifest["best_at"]
        # A stream goes on behind the rows that were trained on, not behind those that were read.
        if isinstance(self.task, Streaming):
            self.task.resume(manifest["stream"])

    def forget_what_comes_again(self) -> None:
        """Drop lines of the log that a kill left behind the checkpoint: those steps are taken once more."""
        dropped = resuming.forget_after(self.folder / METRICS, self.step)
        if dropped:
            lines = counted(dropped, "line of it was", "lines of it were")
            self.report({"note": f"{METRICS}: {lines} dropped, for they could not be read"})
