"""Several processes that train one network: who they are, what they agree on, what they add up.

`torchrun` starts them, on one machine or by its rendezvous on several. Each holds the whole network and hears
its own share of the songs; vectors are gathered for the loss, and gradients are summed. The weights are not
sharded (FSDP): 153 million of them take 2.4 GB with their optimizer, which every card holds many times over.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch import distributed as dist

Made = TypeVar("Made")

PATIENCE = timedelta(hours=6)
"""So long the others wait: the first process judges alone, and a shard may have to be fetched."""


@contextmanager
def processes(device: str) -> Iterator[tuple[int, int]]:
    """This process's rank and how many there are, as `torchrun` started them; (0, 1) without it.

    device: where this process computes, see `models.networks.device.chosen`; a card becomes the current one.
    """
    if device.startswith("cuda") and torch.cuda.is_available():
        torch.cuda.set_device(torch.device(device))
    if not dist.is_available() or not dist.is_torchelastic_launched():
        yield 0, 1
        return
    dist.init_process_group(backend(device), timeout=PATIENCE)
    try:
        yield dist.get_rank(), dist.get_world_size()
    finally:
        dist.destroy_process_group()


def backend(device: str) -> str:
    """What carries messages: NCCL, which wants a card for each process; else gloo."""
    if not device.startswith("cuda"):
        return "gloo"
    has_own_card = on_this_machine() <= torch.cuda.device_count()
    return "nccl" if has_own_card else "gloo"


def on_this_machine() -> int:
    """How many processes of this run share the machine, its disk and its cards."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def anywhere(asked: bool) -> bool:
    """Whether it is so in any process; all must ask at the same place."""
    if not dist.is_initialized():
        return asked
    answer = torch.tensor(float(asked), device=_wire())
    dist.all_reduce(answer, dist.ReduceOp.MAX)  # 1 where any says 1
    return bool(answer)


def agreed(stop: Callable[[], bool]) -> Callable[[], bool]:
    """Whether any process was told to stop: all end at the same step, or one would wait for the others."""
    return lambda: anywhere(stop())


@contextmanager
def one_memory() -> Iterator[None]:
    """A block that may run out of memory: where it does in one process, all raise OutOfMemoryError.

    Else one would try again with less while the others wait for its vectors.
    """
    problem: BaseException | None = None
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        problem = error
    if anywhere(problem is not None):
        raise torch.OutOfMemoryError(str(problem or "another process ran out of memory")) from problem


def from_first(make: Callable[[], Made]) -> Made:
    """What the first process makes, in all of them."""
    if not dist.is_initialized():
        return make()
    own = make() if dist.get_rank() == 0 else None
    made: list[Made | None] = [own]  # it is filled in place in all but the first
    dist.broadcast_object_list(made, src=0, device=torch.device(_wire()))
    [found] = made
    return found  # type: ignore[return-value]


def gathered(vectors: Tensor) -> Tensor:
    """The rows of all processes (all rows, dimensions), those of this one with their gradient."""
    if not dist.is_initialized():
        return vectors
    own = vectors.detach().contiguous().to(_wire())
    received = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(received, own)
    parts = [part.to(vectors.device) for part in received]
    # all_gather sends numbers alone: this process's own rows go back in with their graph.
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
        if parameter.grad is None:
            continue
        dist.all_reduce(parameter.grad)
        is_shared = any(part in name for part in shared)
        if is_shared:  # each process counted it whole, so the sum holds it as many times
            parameter.grad /= dist.get_world_size()


def _wire() -> str:
    """Where a tensor must lie to be sent: gloo gathers from the host's memory alone."""
    return "cpu" if dist.get_backend() == "gloo" else f"cuda:{torch.cuda.current_device()}"
