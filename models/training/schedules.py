"""Pure functions of the step: the learning rate, how many seconds are heard, how many tokens are read."""

import math
from collections.abc import Callable

from catalog.errors import WrongUse


def warmup_cosine(step: int, *, steps: int, peak: float, warmup: int, floor: float = 0.0) -> float:
    """The learning rate at `step` (from 0): a straight way up to `peak`, half a cosine down to `floor`.

    >>> [round(warmup_cosine(s, steps=12, peak=1.0, warmup=2), 2) for s in (0, 1, 2, 7, 12, 99)]
    [0.5, 1.0, 1.0, 0.5, 0.0, 0.0]
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    # 0 after the warm-up, 1 at the last step and beyond.
    steps_down = max(steps - warmup, 1)
    done = min((step - warmup) / steps_down, 1.0)
    height = 0.5 * (1 + math.cos(math.pi * done))  # 1 at first, 0 at the end
    return floor + (peak - floor) * height


def growth(step: int, *, first: float, last: float, steps: int, shape: str = "linear") -> float:
    """A length that grows from `first` at step 0 to `last` at `steps`, and stays there.

    shape: `linear` adds the same at each step; `cosine` starts and ends gently; `stepped` stays for a fifth
    of the steps at each of five lengths, each longer by the same factor. Raises WrongUse for another shape.

    >>> [growth(s, first=10, last=240, steps=230) for s in (0, 1, 115, 230, 999)]
    [10.0, 11.0, 125.0, 240.0, 240.0]
    >>> [round(growth(s, first=10, last=160, steps=100, shape="stepped")) for s in (0, 19, 20, 40, 60, 80)]
    [10, 10, 20, 40, 80, 160]
    """
    if shape not in _SHAPES:
        raise WrongUse(
            f"there is no schedule {shape!r}; there are: {', '.join(_SHAPES)}.",
            try_this="--set schedule.shape=linear",
        )
    done = min(step / steps, 1.0) if steps > 0 else 1.0
    return _SHAPES[shape](done, float(first), float(last))


# Each takes how much is done, from 0 to 1.


def _linear(done: float, first: float, last: float) -> float:
    return first + (last - first) * done


def _cosine(done: float, first: float, last: float) -> float:
    gently = 0.5 * (1.0 - math.cos(math.pi * done))  # from 0 to 1, flat at both ends
    return first + (last - first) * gently


def _stepped(done: float, first: float, last: float, stages: int = 5) -> float:
    stage = min(int(done * stages + 1e-9), stages - 1)  # 3 / 5 * 5 must not be 2.999…
    grown = math.pow(last / first, stage / (stages - 1))
    return first * grown


_SHAPES: dict[str, Callable[[float, float, float], float]] = {
    "linear": _linear,
    "cosine": _cosine,
    "stepped": _stepped,
}


def rows_at_once(seconds: float, *, budget_s: float) -> int:
    """How many rows of that length fit in memory together, where so many seconds of sound do: one or more.

    >>> [rows_at_once(s, budget_s=480) for s in (10, 60, 240, 999)]
    [48, 8, 2, 1]
    """
    return max(1, int(budget_s // seconds))
