"""What the optimizer steps on: groups of parameters by rate and decay, and its state as tensors."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from models.training.task import LayerWise, Task


def adamw(task: Task, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW for what a task trains; on a card in one kernel: 2 ms a step of CLAP in place of 29 (H100)."""
    on_card = next(task.model.parameters()).is_cuda
    fused = True if on_card else None  # None leaves it to torch
    return torch.optim.AdamW(groups(task, weight_decay), lr=learning_rate, fused=fused)


def groups(task: Task, weight_decay: float) -> list[dict[str, Any]]:
    """What is trained, by its share of the learning rate; biases, gains and temperatures do not decay."""
    by_rate: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in task.model.named_parameters():
        if not parameter.requires_grad:
            continue
        times = task.rate_of(name) if isinstance(task, LayerWise) else 1.0
        # Matrices decay; biases, gains of norms and a temperature have one dimension or none.
        decays = parameter.ndim > 1
        by_rate.setdefault((times, decays), []).append(parameter)
    highest_first = sorted(by_rate, reverse=True)  # the same after a resume
    found = []
    for times, decays in highest_first:
        decay = weight_decay if decays else 0.0
        found.append({"params": by_rate[times, decays], "times": times, "weight_decay": decay})
    return found


def flat(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    """The state of an optimizer, tensor by tensor: AdamW's moments and step count of each parameter."""
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            yield f"optimizer/{number}/{name}", value


def unflatten(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimizer its state back."""
    described = optimizer.state_dict()  # the groups, which are those of this run
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, name = key.split("/")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**described, "state": state})
