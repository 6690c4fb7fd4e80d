"""Numbers as their spread: how many, from where to where, and a histogram."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 30  # of a histogram


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers spread. `edges` (bins + 1) and `counts` (bins) are a histogram that ends at the 99th

    percentile: what lies beyond is in the last bin.
    """

    count: int
    mean: float
    std: float
    low: float
    p5: float
    median: float
    p95: float
    high: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def spread(values: Sequence[float] | NDArray[np.float32]) -> Spread | None:
    """The spread of numbers, None of none.

    >>> found = spread([1, 2, 2, 3, 10])
    >>> found.count, found.median, found.high, sum(found.counts)
    (5, 2.0, 10.0, 5)
    """
    numbers = np.asarray(values, np.float64)
    if not numbers.size:
        return None
    percentiles = np.percentile(numbers, (5, 50, 95, 99))
    p5, median, p95, p99 = map(float, percentiles)
    lowest = float(numbers.min())
    are_whole = (numbers == np.round(numbers)).all()
    edges = _edges(lowest, p99, whole=bool(are_whole))
    # What is beyond the last bin is counted in it, so that one odd song does not flatten all others.
    within = np.clip(numbers, edges[0], edges[-1])
    counts, _ = np.histogram(within, edges)
    return Spread(
        count=numbers.size,
        mean=float(numbers.mean()),
        std=float(numbers.std()),
        low=lowest,
        p5=p5,
        median=median,
        p95=p95,
        high=float(numbers.max()),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
    )


def share_above(values: Sequence[float] | NDArray[np.float32], limit: float) -> float:
    """The share of numbers above a limit, 0 of none."""
    if not len(values):
        return 0.0
    return float((np.asarray(values) > limit).mean())


def _edges(low: float, high: float, *, whole: bool) -> NDArray[np.float64]:
    """Bins of equal width; of whole numbers each bin holds as many of them as the next."""
    if not whole:
        end = max(high, low + 1e-6)  # bins of no width hold nothing
        return np.linspace(low, end, BINS + 1)
    bins_of_one = high - low + 1
    step = max(1, math.ceil(bins_of_one / BINS))
    # Edges between the whole numbers, or it would depend on rounding which bin holds one.
    return np.arange(low, high + step + 0.5, step) - 0.5
