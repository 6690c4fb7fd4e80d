"""Scores of the sides to ranked songs with points, and the calibration that says what fits well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.library.exact_match import Found
from models.search.score_fusion import Method, Scores, as_points, fuse

Side = Literal["sound", "words", "fused"]
SIDES: tuple[Side, ...] = ("sound", "words")
"""Those that fusion puts together."""
ALONE: tuple[Side, ...] = (*SIDES, "fused")
"""Those that answer alone; `fused` is what `nw train fusion --recipe mlp` learned from both."""
WRITTEN: Literal["written"] = "written"
FITS_AT = {"sound": 1.7, "words": 2.0, "fused": 2.0, WRITTEN: 2.0}
WIDTH = {"sound": 0.5, "words": 0.5, "fused": 0.5, WRITTEN: 0.5}
SCALE = 2.0
"""Where a song fits well on the scale of all sides together."""
WRITTEN_TOP = 5.0
"""What a song has whose title is the whole description."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Songs, best first, with points 0-100 per side; not-a-number for a side that a song lacks."""

    ids: NDArray[np.int64]
    points: Scores
    sides: dict[str, Scores]

    def taken(self, rows: Sequence[int]) -> "Ranked":
        """These rows, in this order."""
        at = np.asarray(rows, np.int64)
        return Ranked(self.ids[at], self.points[at], {side: p[at] for side, p in self.sides.items()})


def union(ids: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """All of these ids once, ascending; none of nothing."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *ids]))


def ranked(
    ids: NDArray[np.int64],
    sides: Mapping[str, Scores],
    method: Method,
    weights: Mapping[str, float],
    steering: Scores | float = 0.0,
) -> Ranked:
    """Songs by their standardised sides, plus what steering adds (songs,); ties in the order of ids.

    Without any side steering alone decides.
    """
    if not len(ids):
        return Ranked(ids, np.empty(0, np.float32), dict(sides))
    points = {s: as_points(z, fits_at=FITS_AT[s], width=WIDTH[s]) for s, z in sides.items()}
    fused = (
        fuse(method, on_one_scale(sides), weights) if sides else np.zeros(len(ids), np.float32)
    ) + steering
    order = np.lexsort((ids, -fused))
    total = as_points(fused, fits_at=SCALE, width=0.5)
    return Ranked(ids[order], total[order], {side: p[order] for side, p in points.items()})


def on_one_scale(sides: Mapping[str, Scores]) -> dict[str, Scores]:
    """The same sides, moved so that each fits well at the same place."""
    return {s: z - np.float32(FITS_AT[s] - SCALE) for s, z in sides.items()}


def written_scores(
    found: Sequence[Found],
    ids: NDArray[np.int64],
    weighed: tuple[NDArray[np.int64], Scores] | None = None,
) -> Scores:
    """How much of a description stands in each song (songs,), on the scale of the other sides.

    The share of the terms, by rarity, times how prominent they are; not-a-number where a song has none.
    weighed: songs (ids, ascending) and their shares as an encoder weighs words: the higher share counts.
    """
    total = sum(one.rarity for one in found)
    share = np.zeros(len(ids), np.float32)
    for one in found:
        at = np.searchsorted(ids, one.ids)
        inside = at < len(ids)
        inside[inside] = ids[at[inside]] == one.ids[inside]
        share[at[inside]] += one.strengths[inside] * np.float32(one.rarity / total)
    if weighed is not None and len(weighed[0]):
        at = np.minimum(np.searchsorted(weighed[0], ids), len(weighed[0]) - 1)
        share = np.maximum(share, np.where(weighed[0][at] == ids, weighed[1][at], 0))
    return np.where(share > 0, WRITTEN_TOP * np.minimum(share, 1) ** 1.5, np.nan).astype(np.float32)
