"""What a run keeps so that it can be gone on with, and what it may be gone on with."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from catalog.atomic import write_text
from catalog.errors import Damaged, Incompatible
from catalog.values.numbers import counted
from models.evaluation.runs import source_state
from models.networks import checkpoint

FREE = ("steps", "warmup", "judge_every", "log_every", "judge_first", "patience", "keep_every", "keep")
"""What may be another on resuming: none of it changes a step that was taken already."""


def start_from(network: nn.Module, weights: str) -> None:
    """Give a network the weights of a checkpoint of the same recipe; "" leaves those that it has.

    Raises Damaged, and Incompatible for one of another network.
    """
    if not weights:
        return
    folder = Path(weights).expanduser()
    tensors, _ = checkpoint.load(folder)
    with fitting(folder):
        network.load_state_dict(tensors)


def require_same_plan(manifest: Mapping[str, Any], config: Any, folder: Path) -> None:
    """Refuse to go on with a run of another plan; a run may be extended.

    Raises Incompatible, naming what differs, and Damaged for a manifest that is no run's.
    """
    plan = manifest.get("plan")
    step = manifest.get("step")
    if not isinstance(plan, Mapping) or not isinstance(step, int):
        raise Damaged(
            f"{folder} holds a checkpoint that is not of a run: its config.json names no plan and no step.",
            try_this="nw train … --run again    (another name, without --resume)",
        )
    wanted = asdict(config)
    planned = {**wanted, **plan}  # a field that is newer than the run has its default
    differing = []
    for name, now in wanted.items():
        then = planned[name]
        if name not in FREE and then != now:
            differing.append(f"{name} {then} and not {now}")
    if differing:
        named = ", ".join(differing)
        raise Incompatible(
            f"the run in {folder} was planned otherwise ({named}), so it cannot be gone on with.",
            try_this="nw train …    (without --resume, or with the settings of then)",
        )


@contextmanager
def fitting(folder: Path) -> Iterator[None]:
    """Turn what torch says of a checkpoint of another network into Incompatible."""
    try:
        yield
    except (KeyError, RuntimeError, ValueError) as error:
        why = str(error).strip().splitlines()[0]
        raise Incompatible(
            f"{folder} is of another network than this recipe trains ({why}).",
            try_this="nw train … --run again    (another name, without --resume)",
        ) from error


def extended(manifest: Mapping[str, Any], steps: int) -> str:
    """What to say of a run that is gone on with for another number of steps; nothing where it is the same."""
    before = manifest["plan"]["steps"]
    if before == steps:
        return ""
    return (
        f"the run was planned for {counted(before, 'step')} and goes on to {steps}: from here on the learning"
        f" rate is that of a run of {counted(steps, 'step')}"
    )


def forget_after(log: Path, step: int) -> int:
    """Leave of a log what came before a step: what a kill let happen after the checkpoint happens again.

    Returns how many lines could not be read and were dropped, but for one that a kill cut off.
    """
    texts = []  # of a run that begins anew nothing stays
    if step and log.exists():
        texts = log.read_text(errors="replace").splitlines(keepends=True)
    kept = []
    dropped = 0
    for text in texts:
        line = _line(text)
        if line is None:
            # Cut off by a kill: expected, and said by nobody.
            dropped += text.endswith("\n")
        elif line["step"] < step:
            kept.append(text)
    write_text(log, "".join(kept))
    return dropped


def _line(text: str) -> dict[str, Any] | None:
    """A line of the log with a step; None for anything else."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    if not isinstance(line, dict) or not text.endswith("\n"):
        return None  # what a kill cut off may still be JSON: 12 of 123
    if not isinstance(line.get("step"), int):
        return None
    return line


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin so, named without that."""
    found = {}
    for name, tensor in tensors.items():
        if name.startswith(prefix):
            found[name.removeprefix(prefix)] = tensor
    return found


def put_under(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The way back: the tensors under names that begin so."""
    return {f"{name}/{key}": tensor for key, tensor in tensors.items()}


def circumstances() -> dict[str, Any]:
    """Versions and the state of the source, for the manifest."""
    versions = {name: version(name) for name in ("torch", "numpy", "newwave-cli")}
    return {"git": source_state(), "versions": versions}
