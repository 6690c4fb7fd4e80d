"""The one training loop: batch -> loss -> step -> checkpoint.

What is trained is a `Task`: it owns its modules, makes the batch of a step, goes backward through its loss
and judges itself. The loop owns the optimizer, the learning rate, the average of the weights, checkpoints,
resuming, early stop and the log. A batch is a pure function of the step, so a run that is killed goes on as
if it never stopped.
"""

import json
import math
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from catalog.atomic import make_folder, write_text
from catalog.errors import Incompatible, TrainingFailed
from models.networks import checkpoint
from models.networks.checkpoint import BEST, LAST, METRICS
from models.training.schedules import warmup_cosine

Report = Callable[[Mapping[str, Any]], None]


class Task(Protocol):
    """What the loop trains."""

    @property
    def model(self) -> nn.Module:
        """Everything that is saved; parameters that require a gradient are trained."""

    def batch(self, step: int) -> Any:
        """The batch of that step, the same whenever it is asked for."""

    def backward(self, batch: Any) -> Mapping[str, float]:
        """Add the gradients of the loss; return what to log, `loss` among it."""

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """Figures of merit of (averaged) weights; early stop watches the first. May be empty."""


@runtime_checkable
class Streaming(Protocol):
    """A task whose batches come from a stream: it is asked for one after the other, and takes it up again."""

    def state(self) -> Mapping[str, Any]:
        """Where the stream stands after the last batch, for the manifest."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on there."""


@runtime_checkable
class LayerWise(Protocol):
    """A task whose parameters learn at rates of their own."""

    def rate_of(self, name: str) -> float:
        """What the learning rate of the parameter of that name is multiplied by."""


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How a task is trained.

    average: decay of the exponential average of the weights, which is what is judged and kept (0: none).
    judge_every: steps between judgements and checkpoints. patience: judgements without a better one before
    an early stop (0: never). clip: the largest gradient norm. judge_first: judge before the first step too.
    keep_every: steps between checkpoints that stay, `step-N/` (0: none).
    """

    steps: int
    learning_rate: float
    warmup: int = 0
    weight_decay: float = 0.0
    average: float = 0.0
    clip: float = 1.0
    judge_every: int = 500
    log_every: int = 20
    patience: int = 0
    seed: int = 0
    judge_first: bool = False
    keep_every: int = 0


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
    about = {**(about or {}), "plan": asdict(config), **_circumstances()}
    run = _Run(task, config, folder, about, writes=writes)
    make_folder(folder)
    if resume and (folder / LAST).exists():
        run.restore()
    if writes:
        _forget_after(folder / METRICS, run.step)
    started = time.monotonic()
    if config.judge_first and not run.step:
        run.log({"step": -1, **run.judge()}, report)
    for step in range(run.step, config.steps):
        logged = run.advance(step)
        if step % config.log_every == 0:
            run.log({**logged, "seconds": round(time.monotonic() - started, 1)}, report)
        judged = run.step % config.judge_every == 0 or run.step == config.steps
        if judged:
            run.log({"step": step, **run.judge()}, report)
            if run.is_stale:
                break
        if stopping():
            if not judged:
                run.keep()
            break
    return folder / (BEST if (folder / BEST).exists() else LAST)


class _Run:
    """The state of a run between two steps."""

    def __init__(
        self, task: Task, config: LoopConfig, folder: Path, about: Mapping[str, Any], *, writes: bool
    ) -> None:
        torch.manual_seed(config.seed)
        self.task, self.config, self.folder, self.about, self.writes = task, config, folder, about, writes
        self.optimizer = torch.optim.AdamW(_groups(task, config), lr=config.learning_rate)
        averaging = get_ema_multi_avg_fn(config.average)  # type: ignore[no-untyped-call]
        self.average = (
            AveragedModel(task.model, multi_avg_fn=averaging, use_buffers=True) if config.average else None
        )
        self.step, self.best, self.judged, self.best_at = 0, -math.inf, 0, 0

    def advance(self, step: int) -> dict[str, float]:
        rate = warmup_cosine(
            step, steps=self.config.steps, peak=self.config.learning_rate, warmup=self.config.warmup
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["times"]
        self.task.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        logged = dict(self.task.backward(self.task.batch(step)))
        if not math.isfinite(logged["loss"]):
            raise TrainingFailed(
                f"the loss is {logged['loss']} at step {step}; its weights are of no use.",
                try_this=f"nw train … --set training.learning_rate={self.config.learning_rate / 3:.1e}",
            )
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        norm = nn.utils.clip_grad_norm_(parameters, self.config.clip)
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.task.model)
        self.step = step + 1
        if self.config.keep_every and self.step % self.config.keep_every == 0:
            self._save(f"step-{self.step}", self.weights.state_dict(), {"step": self.step})
        return {"step": step, **logged, "learning_rate": rate, "gradient_norm": float(norm)}

    @property
    def weights(self) -> nn.Module:
        """What is judged and kept: the average where there is one."""
        if self.average is None:
            return self.task.model
        inner: nn.Module = self.average.module
        return inner

    @property
    def is_stale(self) -> bool:
        return bool(self.config.patience) and self.judged - self.best_at >= self.config.patience

    def judge(self) -> dict[str, float]:
        model = self.weights.eval()
        with torch.no_grad():
            figures = dict(self.task.judge(model))
        self.judged += 1
        score = next(iter(figures.values()), float(self.judged))
        if score > self.best:
            self.best, self.best_at = score, self.judged
            self._save(BEST, model.state_dict(), {"step": self.step, **figures})
        self.keep()
        return figures

    def log(self, line: Mapping[str, Any], report: Report) -> None:
        if self.writes:
            with (self.folder / METRICS).open("a") as file:
                file.write(json.dumps(line) + "\n")
        report({"step": line["step"], "of": self.config.steps, **line})

    def keep(self) -> None:
        state: dict[str, Any] = {"best": self.best, "best_at": self.best_at}
        state |= {"judged": self.judged, "step": self.step}
        if isinstance(self.task, Streaming):
            state["stream"] = dict(self.task.state())
        tensors = {f"model/{k}": v for k, v in self.task.model.state_dict().items()}
        if self.average is not None:
            tensors |= {f"average/{k}": v.clone() for k, v in self.average.state_dict().items()}
        tensors |= dict(_flat(self.optimizer))
        tensors["random"] = torch.get_rng_state()
        self._save(LAST, tensors, state)

    def _save(self, name: str, tensors: Mapping[str, Tensor], described: Mapping[str, Any]) -> None:
        if self.writes:
            checkpoint.save(self.folder / name, tensors, {**self.about, **described})

    def restore(self) -> None:
        tensors, manifest = checkpoint.load(self.folder / LAST)
        if manifest["plan"] != asdict(self.config):
            raise Incompatible(
                f"the run in {self.folder} was planned otherwise, so it cannot be gone on with.",
                try_this="nw train … without --resume, or with the same settings",
            )
        self.task.model.load_state_dict(_under(tensors, "model/"))
        if self.average is not None:
            self.average.load_state_dict(_under(tensors, "average/"))
        _unflatten(self.optimizer, _under(tensors, "optimizer/"))
        torch.set_rng_state(tensors["random"])
        self.step, self.best = manifest["step"], manifest["best"]
        self.judged, self.best_at = manifest["judged"], manifest["best_at"]
        if isinstance(self.task, Streaming):
            self.task.resume(manifest["stream"])


def _forget_after(log: Path, step: int) -> None:
    """Leave of a log what came before a step: what a kill let happen after the checkpoint happens again."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() and step else []
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] < step]
    write_text(log, "".join(kept))


def _groups(task: Task, config: LoopConfig) -> list[dict[str, Any]]:
    """What is trained, by its share of the learning rate; biases, gains and temperatures do not decay."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in task.model.named_parameters():
        if parameter.requires_grad:
            times = task.rate_of(name) if isinstance(task, LayerWise) else 1.0
            groups.setdefault((times, parameter.ndim > 1), []).append(parameter)
    return [
        {"params": parameters, "times": times, "weight_decay": config.weight_decay if decays else 0.0}
        for (times, decays), parameters in sorted(
            groups.items(), key=lambda group: group[0], reverse=True
        )  # the same after a resume
    ]


def _flat(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            yield f"optimizer/{number}/{name}", value


def _unflatten(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    described = optimizer.state_dict()
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, name = key.split("/")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**described, "state": state})


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _circumstances() -> dict[str, Any]:
    """Versions and the state of the source, for the manifest."""
    try:
        git = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
    except OSError:
        git = ""
    return {"git": git, "versions": {name: version(name) for name in ("torch", "numpy", "newwave-cli")}}
