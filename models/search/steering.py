"""Away from this, nearer to that: what is not wanted, and what there should be more of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from catalog.library import exact_match
from catalog.library.database import Catalog
from catalog.library.filters import ids_where
from models.search.query_parser import VOICE
from models.search.ranking import Side, union
from models.search.score_fusion import Scores

if TYPE_CHECKING:
    from models.search.searcher import Searcher


@dataclass(frozen=True, slots=True)
class Steer:
    """A push by a description, by a song of the library, or by the vector of what was heard (one of them).

    weight: how much of its score is added; below zero it is taken away. A description that is not wanted at
    all has `forbidden`: the more a song has of it, the more it loses, and what lacks it wins nothing.
    """

    weight: float = 1.0
    text: str = ""
    song: int | None = None
    heard: NDArray[np.float32] | None = None
    forbidden: bool = False


NOT_FROM = 0.5
"""Standard deviations from which on a song is held to have what is not wanted."""
CERTAIN = 4.0
"""What a song loses where it is written that it has what is not wanted."""


def push(steer: Steer, standard: Scores) -> Scores:
    """What a steer adds to songs that have its standardised score (songs,); nothing where that is unknown.

    >>> push(Steer(0.5, "strings"), np.array([2.0, np.nan])).tolist()
    [1.0, 0.0]
    >>> push(Steer(1.0, "vocals", forbidden=True), np.array([2.5, -3.0])).tolist()
    [-2.0, -0.0]
    """
    known = np.nan_to_num(standard)
    if steer.forbidden:
        lost: Scores = -steer.weight * np.maximum(known - NOT_FROM, 0)
        return lost
    added: Scores = steer.weight * known
    return added


class Steering:
    """The steers of one question, over the indexes of a library."""

    def __init__(self, searcher: "Searcher", catalog: Catalog, steers: Sequence[Steer]) -> None:
        self._searcher, self._catalog, self._steers = searcher, catalog, steers

    def toward(self) -> Iterator[tuple[Side, NDArray[np.float32]]]:
        """Where to look for songs that are pushed up."""
        for steer in self._steers:
            if steer.weight > 0 and not steer.forbidden:
                yield from self._vectors(steer).items()

    def of(self, ids: NDArray[np.int64]) -> Scores:
        """What all steers together add to these songs (songs,)."""
        total = np.zeros(len(ids), np.float32)
        for steer in self._steers:
            total += self._of_one(steer, ids)
        return total

    def _of_one(self, steer: Steer, ids: NDArray[np.int64]) -> Scores:
        total = np.zeros(len(ids), np.float32)
        for side, vector in self._vectors(steer).items():
            index = self._searcher.index(side)
            if steer.text:
                standard = index.standard(index.score(vector, ids), ids)
            else:
                standard = index.among_songs(vector, ids)
            total += push(steer, standard)
        if steer.song is not None:
            total[ids == steer.song] -= 2 * np.float32(CERTAIN)  # what is known already is no answer
        elif steer.forbidden:
            total -= np.float32(CERTAIN * steer.weight) * np.isin(ids, self._have_for_certain(steer.text))
        return total

    def _vectors(self, steer: Steer) -> dict[Side, NDArray[np.float32]]:
        """Both songs and descriptions on the side of sound where there is one: what is heard is steered."""
        if steer.heard is not None:
            return {"sound": steer.heard}
        side = self._searcher.sides(None)[0]
        if steer.song is None:
            return {side: self._searcher.tower(side).encode([steer.text])[0]}
        vector = self._searcher.index(side).whole(steer.song)
        return {} if vector is None else {side: vector}

    def _have_for_certain(self, thing: str) -> NDArray[np.int64]:
        """Songs of which a tag says that they have the thing, or lyrics that somebody sings."""
        tagged = [one.ids for one in exact_match.find(self._catalog, [thing], only="tags")]
        sung = [ids_where(self._catalog, "lyrics IS NOT NULL")] if VOICE.search(thing) else []
        return union([*tagged, *sung])
