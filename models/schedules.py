"""Pure functions of the step: what is asked of the optimizer at each."""

import math


def warmup_cosine(step: int, *, steps: int, peak: float, warmup: int, floor: float = 0.0) -> float:
    """The learning rate at `step` (from 0): a straight way up to `peak`, half a cosine down to `floor`.

    >>> [round(warmup_cosine(s, steps=12, peak=1.0, warmup=2), 2) for s in (0, 1, 2, 7, 12, 99)]
    [0.5, 1.0, 1.0, 0.5, 0.0, 0.0]
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min((step - warmup) / max(steps - warmup, 1), 1.0)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * done))
