"""How sure a figure is: percentile bootstrap over queries, and paired tests between two runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from models.evaluation.ranks import Places

SAMPLES = 1_000
DRAWN_AT_ONCE = 4_000_000

Summary = Callable[..., Places]


@dataclass(frozen=True, slots=True)
class Difference:
    """Run A against run B on the same queries.

    mean: A - B. low, high: 95 % bootstrap interval. p: two-sided, from a permutation test.
    """

    mean: float
    low: float
    high: float
    p: float


def interval(
    values: Places, *, summary: Summary = np.mean, samples: int = SAMPLES, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """The percentile interval of `summary` (mean or median) over queries drawn anew.

    values: (queries,). Reproducible for a seed. Efron 1979.
    """
    rng = np.random.default_rng(seed)
    count = len(values)
    draws = np.concatenate(
        [summary(values[rng.integers(count, size=(n, count))], axis=1) for n in _counts(count, samples)]
    )
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired(ours: Places, theirs: Places, *, samples: int = 10 * SAMPLES, seed: int = 0) -> Difference:
    """Whether two runs differ on the same queries.

    ours, theirs: a metric per query (queries,), in the same order. The p-value is of Fisher's randomization
    test: which run had which value is swapped by chance (Smucker et al. 2007 recommend it for retrieval).
    Raises ValueError where the queries are not the same in number.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"{ours.shape} and {theirs.shape} are not the same queries")
    difference = ours - theirs
    seen = abs(difference.mean())
    rng = np.random.default_rng(seed)
    more_extreme = 0
    for n in _counts(len(difference), samples):
        swaps = rng.integers(0, 2, size=(n, len(difference))) * 2.0 - 1.0
        means = np.abs(swaps @ difference) / len(difference)
        more_extreme += int((means >= seen - 1e-12).sum())
    low, high = interval(difference, samples=min(samples, SAMPLES), seed=seed)
    return Difference(float(difference.mean()), low, high, (more_extreme + 1) / (samples + 1))


def _counts(queries: int, samples: int) -> Iterator[int]:
    """How many samples to draw at a time, so that memory does not grow with queries x samples."""
    at_once = max(1, DRAWN_AT_ONCE // max(queries, 1))
    for start in range(0, samples, at_once):
        yield min(at_once, samples - start)
