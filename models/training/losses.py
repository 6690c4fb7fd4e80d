"""Losses: pure functions on tensors, and the gradient cache that fits a large batch into little memory."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax

from models.training.distributed import one_memory

Tower = Callable[[Tensor], Tensor]


def info_nce(left: Tensor, right: Tensor, *, scale: Tensor | float, same: Tensor | None = None) -> Tensor:
    """InfoNCE in both directions: row i of one side belongs to row i of the other, all else is a negative.

    left, right: unit vectors (batch, dimensions). scale: 1 / temperature.
    same: bool (batch, batch), True where row i and row j are equally right (the same song or the same words);
    such pairs share the target, so that the truth is never pushed away. The diagonal is always right.
    Returns a scalar: the mean of both directions (van den Oord et al. 2018, arXiv:1807.03748;
    Khosla et al. 2020, arXiv:2004.11362, for several right answers).

    >>> eye = torch.eye(3)
    >>> round(float(info_nce(eye, eye, scale=100.0)), 4)
    0.0
    """
    logits = scale * left @ right.T  # (batch, batch)
    if same is None:
        truth = torch.arange(len(left), device=left.device)  # row i belongs to column i
        forth = cross_entropy(logits, truth)
        back = cross_entropy(logits.T, truth)
        return (forth + back) / 2
    diagonal = torch.eye(len(left), dtype=torch.bool, device=left.device)
    is_right = same | diagonal
    forth = shared_target(logits, is_right)
    back = shared_target(logits.T, is_right.T)
    return (forth + back) / 2


def shared_target(logits: Tensor, right: Tensor) -> Tensor:
    """Cross entropy where all right columns of a row share the target.

    logits: (rows, columns). right: bool (rows, the first so many columns), one True or more in each row; what
    lies beyond is wrong, and a logit of minus infinity is neither.

    >>> logits = torch.tensor([[1.0, 1.0, -torch.inf]])
    >>> round(float(shared_target(logits, torch.tensor([[True, True]]))), 4)
    0.6931
    """
    columns = right.shape[1]
    log_chances = log_softmax(logits, 1)[:, :columns]  # over all columns, of the first so many
    # Filled and not multiplied: zero times the logarithm of zero is not a number.
    of_right = log_chances.masked_fill(~right, 0.0)
    of_rows = of_right.sum(1) / right.sum(1)  # (rows,) the mean over a row's right columns
    return -of_rows.mean()


def cached_backward(
    towers: Sequence[Tower],
    inputs: Sequence[Tensor],
    loss: Callable[..., Tensor],
    *,
    chunk: int | Sequence[int],
) -> Tensor:
    """Backward through a loss over the whole batch, with the memory of a chunk (GradCache).

    towers[k] maps inputs[k] (batch, …) to vectors (batch, dimensions), `chunk` rows at a time (one number for
    each tower, where they differ); loss takes all towers' vectors and returns a scalar. Gradients are added
    to the towers' parameters as one backward over the whole batch would add them, dropout included (its
    random state is replayed). Batch normalization in training mode sees chunks, as everywhere. Returns the
    loss, detached. Gao et al. 2021, arXiv:2101.06983.
    """
    sizes = [chunk] * len(towers) if isinstance(chunk, int) else list(chunk)
    # Each part may run out of memory in one process alone; `one_memory` lets all of them know.
    # 1. Vectors of all rows, without a graph: memory for one chunk at a time.
    with one_memory():
        passes = [_forward(*given) for given in zip(towers, inputs, sizes, strict=True)]
    vectors = [whole for whole, _ in passes]  # each (batch, dimensions), a leaf of the loss
    # 2. The loss over all of them, and its gradient by each vector.
    with one_memory():
        value = loss(*vectors)
        value.backward()  # type: ignore[no-untyped-call]
    # 3. Each chunk once more, with a graph that begins at its vectors' gradients.
    with one_memory():
        for tower, rows, size, (whole, states) in zip(towers, inputs, sizes, passes, strict=True):
            assert whole.grad is not None
            parts = torch.split(rows, size)
            gradients = torch.split(whole.grad, size)
            _backward(tower, parts, gradients, states)
    return value.detach()


def _forward(tower: Tower, rows: Tensor, size: int) -> tuple[Tensor, list[list[Tensor]]]:
    """Vectors of all rows without the graph that led there, and where chance stood before each part."""
    parts, states = [], []
    for part in torch.split(rows, size):
        states.append(random_state())
        with torch.no_grad():
            parts.append(tower(part))
    vectors = torch.cat(parts)  # (rows, dimensions)
    return vectors.detach().requires_grad_(), states


def _backward(
    tower: Tower, parts: Sequence[Tensor], gradients: Sequence[Tensor], states: Sequence[list[Tensor]]
) -> None:
    """The same parts once more, now with a graph, each taking the gradient of its vectors."""
    for part, gradient, state in zip(parts, gradients, states, strict=True):
        with torch.random.fork_rng():
            set_random_state(state)
            again = tower(part)
        if again.requires_grad:  # a frozen tower learns nothing
            again.backward(gradient)  # type: ignore[no-untyped-call]


def random_state() -> list[Tensor]:
    """Where chance stands: on the CPU, and on the GPU where there is one. Dropout draws from either."""
    states = [torch.get_rng_state()]
    if torch.cuda.is_available():
        states.append(torch.cuda.get_rng_state())
    return states


def set_random_state(states: Sequence[Tensor]) -> None:
    """Go on drawing from there."""
    torch.set_rng_state(states[0])
    if len(states) > 1 and torch.cuda.is_available():
        torch.cuda.set_rng_state(states[1])
