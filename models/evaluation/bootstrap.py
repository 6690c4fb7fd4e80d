"""How sure a figure is: percentile bootstrap over songs, and paired tests between two runs.

Captions of one song are no independent witnesses: they rise and fall together with how well it is heard. So
what is drawn, and swapped, is a song with all of its queries; a query without a song is one by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluation.ranks import Places

SAMPLES = 1_000  # drawn for an interval; a paired test swaps ten times as often
DRAWN_AT_ONCE = 4_000_000
"""Numbers in memory together, 8 bytes each."""

Summary = Callable[..., Places]
Songs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """Run A against run B on the same queries.

    mean: A - B. low, high: 95 % bootstrap interval. p: two-sided, from a permutation test.
    """

    mean: float
    low: float
    high: float
    p: float

    def figures(self) -> dict[str, float]:
        """As the figures of a training have it."""
        return {"gain": self.mean, "gain_low": self.low, "gain_high": self.high, "p": self.p}


def interval(
    values: Places,
    *,
    songs: Songs | None = None,
    summary: Summary = np.mean,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile interval of `summary` (np.mean or np.median) over songs drawn anew.

    values: (queries,). songs: (queries,) equal numbers are queries of one song; None: each of its own.
    Reproducible for a seed. Efron 1979; whole clusters are drawn as in Davison and Hinkley 1997, section 3.8.
    """
    rng = np.random.default_rng(seed)
    group, count = _groups(values, songs)
    summaries: list[Places] = []
    for n in _counts(max(count, len(values)), samples):
        drawn = rng.integers(count, size=(n, count))  # as many songs as there are, with replacement
        times = _times_drawn(drawn, count)  # (n, songs)
        summaries.append(_weighted(values, group, times, summary))
    every = np.concatenate(summaries)  # (samples,)
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(every, tails)
    return float(low), float(high)


def paired(
    ours: Places,
    theirs: Places,
    *,
    songs: Songs | None = None,
    samples: int = 10 * SAMPLES,
    seed: int = 0,
) -> Difference:
    """Whether two runs differ on the same queries.

    ours, theirs: a metric per query (queries,), in the same order; songs as in `interval`. The p-value is of
    Fisher's randomization test: which run had a song's values is swapped by chance (Smucker et al. 2007
    recommend it for retrieval). The order that was seen is one of those that chance may bring, so it counts
    too, and no p-value is 0 (Phipson and Smyth 2010). Raises ValueError where the queries are not the same in
    number.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"{ours.shape} and {theirs.shape} are not the same queries")
    difference = ours - theirs
    group, count = _groups(difference, songs)
    of_songs = np.bincount(group, difference, count)  # (songs,)
    seen = abs(of_songs.sum())
    rng = np.random.default_rng(seed)
    rounding = 1e-12 * len(difference)  # sums of the same numbers in another order differ by so much
    as_extreme = 0
    for n in _counts(count, samples):
        signs = rng.integers(0, 2, size=(n, count)) * 2.0 - 1.0  # (n, songs): -1 where the runs are swapped
        swapped = np.abs(signs @ of_songs)  # (n,)
        as_extreme += int((swapped >= seen - rounding).sum())
    low, high = interval(difference, songs=songs, samples=min(samples, SAMPLES), seed=seed)
    p = (as_extreme + 1) / (samples + 1)
    return Difference(float(difference.mean()), low, high, p)


def _groups(values: Places, songs: Songs | None) -> tuple[Songs, int]:
    """The song of each query as a number from 0 on (queries,), and how many songs there are."""
    if songs is None:
        return np.arange(len(values)), len(values)
    if len(songs) != len(values):
        raise ValueError(f"{len(values)} queries, but songs for {len(songs)}")
    # 0, 1, 2, ... in place of ids with gaps, as bincount wants them.
    found, group = np.unique(songs, return_inverse=True)
    return group, len(found)


def _times_drawn(drawn: Songs, count: int) -> Places:
    """How often each song was drawn (samples, songs), from the songs that were (samples, draws)."""
    samples = len(drawn)
    # Each sample gets numbers of its own, so that one bincount counts them all.
    flat = drawn + count * np.arange(samples)[:, None]
    times = np.bincount(flat.ravel(), minlength=samples * count)
    return times.reshape(samples, count).astype(np.float64)


def _weighted(values: Places, group: Songs, times: Places, summary: Summary) -> Places:
    """The summary of each sample (samples,), where a query counts as often as its song was drawn."""
    if summary is np.median:
        return _medians(values, group, times)
    songs = times.shape[1]
    sum_of_song = np.bincount(group, values, songs)  # (songs,)
    queries_of_song = np.bincount(group, minlength=songs)
    # Row by row: a product of matrices would round with the number of samples in it.
    sums = (times * sum_of_song).sum(axis=1)
    sizes = (times * queries_of_song).sum(axis=1)
    means: Places = sums / sizes
    return means


def _medians(values: Places, group: Songs, times: Places) -> Places:
    """Weighted medians (samples,): the value at which half of the draws are reached."""
    order = np.argsort(values, kind="stable")
    weights = times[:, group[order]]  # (samples, queries), in the order of values
    reached = np.cumsum(weights, axis=1)  # how many are up to here
    total = reached[:, -1:]
    # The two in the middle of an even number of draws, the same twice of an odd one; argmax: the first True.
    before_lower = np.floor((total - 1) / 2)
    before_upper = np.floor(total / 2)
    lower = (reached > before_lower).argmax(axis=1)
    upper = (reached > before_upper).argmax(axis=1)
    ordered = values[order]
    medians: Places = (ordered[lower] + ordered[upper]) / 2
    return medians


def _counts(queries: int, samples: int) -> Iterator[int]:
    """How many samples to draw at a time, so that memory does not grow with queries x samples."""
    at_once = max(1, DRAWN_AT_ONCE // max(queries, 1))
    # Each block draws on from the same generator, so its size changes no figure.
    for start in range(0, samples, at_once):
        yield min(at_once, samples - start)
