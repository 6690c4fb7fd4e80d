"""The metrics: one file each, and the folder is the registry.

Where a query has several right answers each counts; where scores are equal see `models.evaluation.ranks`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from catalog import registry
from models.evaluation.ranks import Places, Ranks

CUTS = (1, 5, 10, 20)  # the k of recall@k and its like


class Metric(Protocol):
    """A file of this folder.

    CUT: whether it looks at the first k places only. SUMMARY: what a report shows of the values of all
    queries, their mean or their median.
    """

    CUT: bool
    SUMMARY: Callable[[Places], Any]

    def score(self, ranks: Ranks, k: int = ...) -> Places:
        """A value for each query, float64 (queries,); k is given where `CUT` is true."""


def names() -> list[str]:
    """The metrics there are.

    >>> "mrr" in names()
    True
    """
    return registry.names(__path__)


def load(name: str) -> Metric:
    """The module of a metric. Raises WrongUse with the list."""
    module = registry.load(__name__, name, names(), what="metric", try_this="nw evaluate mini --on library")
    return cast(Metric, module)


def per_query(ranks: Ranks, cuts: Sequence[int] = CUTS) -> dict[str, Places]:
    """Every metric for every query: name (`mrr`, `recall@10`) to float64 (queries,)."""
    values: dict[str, Places] = {}
    for name in names():
        metric = load(name)
        if metric.CUT:
            values |= {f"{name}@{k}": metric.score(ranks, k) for k in cuts}
        else:
            values[name] = metric.score(ranks)
    return values


def summary(name: str, values: Places) -> float:
    """What a report shows of a metric's values: the mean over queries, or the median."""
    metric, _, _ = name.partition("@")
    return float(load(metric).SUMMARY(values))
