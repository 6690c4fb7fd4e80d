"""`sketch`: of each vector a short one in 8 bits, and a search looks at all of these.

Encoders use few of their directions: an eighth of them holds 95 % of what tells songs apart. So each vector
is projected on those (principal components of a sample) and turned at random there, which makes all its
numbers equally wide, as 8 bits want them. It finds candidates, which are scored exactly from the vectors
themselves. Held against a graph: models/EXPERIMENTS.md, "How wide a graph is searched".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numkong
import numpy as np
from numpy.typing import NDArray

from catalog.indexes import PART_BITS, Halves, Keys, Place, filtered, no_sound_index, ranges

FILE = "sketch.arrays"
HOLDS_VECTORS = False
FILTERS = True
WIDTH = 3
"""Near neighbours change places in a sketch: measured in models/EXPERIMENTS.md."""

KEPT = 0.95
"""A sketch has as many numbers as hold this share of the variance,"""
STEP = 32
"""in multiples of this, which is what a processor takes at once."""
SAMPLE = 20_000
"""Vectors that the directions are chosen by."""
BLOCK = 10_000
"""Vectors that are projected at a time."""
ONE_IN = 64
"""Of so many numbers one says how large the largest are."""
FEW = 8
"""Among one song in so many, or fewer, those alone are looked at."""
_MOST = 127

Floats = NDArray[np.float32]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Projection:
    """mean: (dimensions,) of the vectors. directions: (dimensions, numbers). step: what 1 in 8 bits means."""

    mean: Floats
    directions: Floats
    step: float

    def sketches(self, vectors: Halves) -> Codes:
        """Sketches (vectors, numbers) of vectors (vectors, dimensions)."""
        numbers = self.directions.shape[1]
        blocks = [np.empty((0, numbers), np.int8)]
        for start in range(0, len(vectors), BLOCK):
            block = vectors[start : start + BLOCK].astype(np.float32)
            short = (block - self.mean) @ self.directions
            blocks.append(_in_8_bits(short, self.step))
        return np.concatenate(blocks)


class SketchIndex:
    """Keys (vectors,), ascending, and sketches (vectors, numbers), in memory or as views of a file."""

    def __init__(self, projection: Projection, keys: Keys, sketches: Codes) -> None:
        self.projection = projection
        self.keys = keys
        self.sketches = sketches

    def search(self, query: Floats, k: int, among: Keys | None = None) -> tuple[Keys, Floats]:
        """The k nearest, nearly always: keys and cosines (within 0.02), best first."""
        if among is not None and FEW * len(among) <= len(self):
            rows = self._rows_of(among)
            of_these = _Scan(self.projection, query, self.keys[rows], self.sketches[rows])
            return of_these.best(k)
        scan = _Scan(self.projection, query, self.keys, self.sketches)
        if among is None:
            return scan.best(k)
        return filtered(scan.best, k, among, len(self))

    def _rows_of(self, songs: Keys) -> Keys:
        """Rows of all vectors of these songs (ids, ascending), ascending."""
        starts = np.searchsorted(self.keys, songs << PART_BITS)
        ends = np.searchsorted(self.keys, (songs + 1) << PART_BITS)
        return ranges(starts, ends)[0]

    def save(self, path: Path) -> None:
        """Write all arrays one behind the other, each as `np.save` does."""
        kept = self.projection
        step = np.float64(kept.step)
        with path.open("wb") as file:
            for array in (kept.mean, kept.directions, step, self.keys, self.sketches):
                np.save(file, array)

    def __len__(self) -> int:
        return len(self.keys)


class _Scan:
    """What sketches say of a query: products in 8 bits (vectors,), which a factor makes cosines."""

    def __init__(self, projection: Projection, query: Floats, keys: Keys, sketches: Codes) -> None:
        self._keys = keys
        short = query @ projection.directions
        step = _step_of(short)
        # For vector v, mean m and query q: q.v = q.m + q.(v - m), and the latter is what a sketch is of.
        self._offset = float(query @ projection.mean)
        self._factor = step * projection.step
        self._products = np.empty(0)
        if len(keys):
            codes = _in_8_bits(short, step)[None]
            self._products = np.asarray(numkong.cdist(codes, sketches, metric="dot"))[0]

    def best(self, k: int) -> tuple[Keys, Floats]:
        """The k nearest: keys and cosines, best first."""
        rows = _largest(self._products, k)
        best_first = np.argsort(-self._products[rows], kind="stable")
        rows = rows[best_first]
        cosines = self._offset + self._factor * self._products[rows]
        return self._keys[rows], cosines.astype(np.float32)


def width(vectors: int) -> int:
    """3: a sketch is as good in a large library as in a small one."""
    return WIDTH


def build(
    keys: Keys, vectors: Halves, previous: Path | None = None, place: Place | None = None
) -> SketchIndex:
    """Sketches of these vectors, in seconds for a million; a previous file would save nothing.

    keys: (vectors,), ascending. vectors: (vectors, dimensions), finite.
    """
    projection = _projection(vectors)
    return SketchIndex(projection, keys, projection.sketches(vectors))


def open_file(path: Path) -> SketchIndex:
    """A view of what `save` wrote. Raises Damaged."""
    try:
        with path.open("rb") as file:
            # In the order of `save`: the small arrays are read, the large ones looked at where they lie.
            mean, directions, step = (np.load(file) for _ in range(3))
            keys, sketches = (_mapped(file) for _ in range(2))
        projection = Projection(mean, directions, float(step))
        numbers = directions.shape[1:]
        if sketches.shape != (len(keys), *numbers):
            raise ValueError("its parts are of different lengths")
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise no_sound_index(path) from error
    return SketchIndex(projection, keys, sketches)


def _projection(vectors: Halves) -> Projection:
    """The directions that tell vectors (vectors, dimensions) apart, chosen by a sample of them."""
    count, dimensions = vectors.shape
    if not count:
        nothing = np.zeros(dimensions, np.float32)
        return Projection(nothing, np.eye(dimensions, dtype=np.float32), 1.0)
    evenly = np.linspace(0, count - 1, min(SAMPLE, count), dtype=int)
    sample = vectors[evenly].astype(np.float32)
    mean = sample.mean(axis=0)
    apart = sample - mean  # (sample, dimensions)
    variances, axes = np.linalg.eigh(apart.T @ apart)  # the largest last
    numbers = _numbers(variances[::-1])
    largest_first = axes[:, ::-1]
    principal = largest_first[:, :numbers]  # (dimensions, numbers)
    # The first of them would need more than 8 bits and the last none, so they are turned into each other.
    chance = np.random.default_rng(0).standard_normal((numbers, numbers))
    turn, _ = np.linalg.qr(chance)
    directions = (principal @ turn).astype(np.float32)
    return Projection(mean, directions, _step_of(apart @ directions))


def _numbers(variances: NDArray[Any]) -> int:
    """How many directions of these variances (dimensions,), the largest first, hold enough of all.

    >>> _numbers(np.r_[np.full(40, 1.0), np.full(60, 0.01)])
    64
    """
    whole = max(float(variances.sum()), 1e-12)
    share = np.cumsum(variances) / whole  # of the first, of the first two, ...
    enough = int(np.searchsorted(share, KEPT)) + 1
    steps = -(-enough // STEP)  # rounded up
    return min(steps * STEP, len(variances))


def _largest(numbers: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The places of so many of the largest numbers, or of all where there are no more.

    >>> sorted(_largest(np.array([3, 9, 1, 7]), 2).tolist())
    [1, 3]
    """
    if len(numbers) > ONE_IN * count:
        # Of a million numbers most are far too small, as every 64th of them tells in a fifth of the time.
        some = numbers[::ONE_IN]
        generous = 2 * count // ONE_IN + 1
        least = np.partition(some, -generous)[-generous]
        large = np.flatnonzero(numbers >= least)
        if len(large) >= count:
            return large[_largest_of_all(numbers[large], count)]
    return _largest_of_all(numbers, count)


def _largest_of_all(numbers: NDArray[Any], count: int) -> NDArray[np.int64]:
    others = len(numbers) - count
    if others <= 0:
        return np.arange(len(numbers))
    return np.argpartition(numbers, others)[others:]


def _step_of(numbers: NDArray[Any]) -> float:
    """What 1 in 8 bits means where the largest of these numbers is the most that 8 bits hold."""
    largest = float(np.abs(numbers).max())
    return max(largest, 1e-9) / _MOST


def _in_8_bits(numbers: NDArray[Any], step: float) -> Codes:
    rounded = np.rint(numbers / step)
    codes: Codes = np.clip(rounded, -_MOST, _MOST).astype(np.int8)
    return codes


def _mapped(file: BinaryIO) -> Any:
    """The array that comes next in a file, as a view of it."""
    start = file.tell()
    np.lib.format.read_magic(file)
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if 0 in shape:  # nothing to map
        file.seek(start)
        return np.load(file)
    offset = file.tell()
    array = np.memmap(file, kind, mode="r", offset=offset, shape=shape)
    file.seek(offset + array.nbytes)
    return array
