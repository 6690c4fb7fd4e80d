"""Several processes that train one network: who they are, what they agree on, what they add up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch import distributed as dist


@contextmanager
def processes(device: str) -> Iterator[tuple[int, int]]:
    """This process's rank and how many there are, as `torchrun` started them; (0, 1) without it."""
    if not dist.is_available() or not dist.is_torchelastic_launched():
        yield 0, 1
        return
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield dist.get_rank(), dist.get_world_size()
    finally:
        dist.destroy_process_group()


def agreed(stop: Callable[[], bool], device: str) -> Callable[[], bool]:
    """Whether any process was told to stop: all end at the same step, or one would wait for the others."""
    if not dist.is_initialized():
        return stop

    def anywhere() -> bool:
        asked = torch.tensor(float(stop()), device=device)
        dist.all_reduce(asked, dist.ReduceOp.MAX)
        return bool(asked)

    return anywhere


def gathered(vectors: Tensor) -> Tensor:
    """The rows of all processes, those of this one with their gradient."""
    if not dist.is_initialized():
        return vectors
    parts = [torch.empty_like(vectors) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, vectors.detach().contiguous())
    parts[dist.get_rank()] = vectors
    return torch.cat(parts)


def gathered_names(names: list[str]) -> list[str]:
    """The names of all processes, in the order of their ranks."""
    if not dist.is_initialized():
        return names
    parts: list[list[str] | None] = [None] * dist.get_world_size()
    dist.all_gather_object(parts, names)
    return [name for part in parts for name in part or ()]


def sum_gradients(network: nn.Module, *, shared: Sequence[str] = ()) -> None:
    """Every process has the gradients of its own rows: their sum is that of the whole batch.

    shared: parts of the names of parameters that took part in every process's whole loss.
    """
    if not dist.is_initialized():
        return
    for name, parameter in network.named_parameters():
        if parameter.grad is not None:
            dist.all_reduce(parameter.grad)
            if any(part in name for part in shared):
                parameter.grad /= dist.get_world_size()
