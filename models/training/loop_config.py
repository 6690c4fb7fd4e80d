"""How the loop trains a task, and whom it tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Report = Callable[[Mapping[str, Any]], None]
"""Told every line of a run's log as it is written, and what a person should know besides."""


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How a task is trained.

    average: decay of the exponential average of the weights, which is what is judged and kept (0: none).
    judge_every: steps between judgements and checkpoints. patience: judgements without a better one before
    an early stop (0: never). clip: the largest gradient norm. judge_first: judge before the first step too.
    keep_every: steps between checkpoints that stay, `step-N/` (0: none). keep: so many of them, the latest
    (0: all). accumulate: batches whose gradients are averaged for one step, where memory holds no larger
    batch; unlike gradient caching it adds no negatives.

    A batch `k` times as large wants a learning rate `sqrt(k)` times as high with AdamW (Malladi et al. 2022,
    arXiv:2205.10287), and as many steps of warm-up for as many pairs.
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
    keep: int = 0
    accumulate: int = 1
