"""An order that makes a playlist: neighbours sound alike, from the first song to the last.

The shortest path through all songs is the travelling salesman's without the way home. Up to eleven songs it
is found exactly (Held and Karp 1962); beyond that from several starts by nearest neighbours, then mended
until neither turning a stretch around (2-opt, Croes 1958) nor moving up to three songs elsewhere (Or 1976)
makes it shorter. The same songs give the same order.
"""

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import Vectors

EXACTLY = 11
"""So many songs at most are ordered exactly: 2^n paths are looked at."""
STARTS = 8
"""From so many songs the nearest neighbours are followed, where the first one is free."""
_ENOUGH = 1e-7
"""A change that gains less is none: by rounding alone two could undo each other for ever."""

Distances = NDArray[np.float64]
"""(songs, songs): 0 between songs that sound the same."""
Order = NDArray[np.int64]
"""(songs,) rows along a path."""


def sequence(embeddings: Vectors, *, first: int | None = None, last: int | None = None) -> list[int]:
    """Rows of all songs in an order whose neighbours are near.

    embeddings: (songs, dimensions) of length 1. first, last: rows that must begin and end it; None is free.

    >>> sequence(np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]]), first=0)
    [0, 2, 1]

    Raises ValueError where one row is to be both first and last of several.
    """
    count = len(embeddings)
    if first is not None and first == last and count > 1:
        raise ValueError("a sequence of several songs cannot begin and end with the same one")
    if count < 2:
        return list(range(count))
    distances = distances_between(embeddings)
    if count <= EXACTLY:
        return _exact(distances, first, last)
    starts = [first] if first is not None else _spread_out(distances, last)
    paths = []
    for start in starts:
        rough = _nearest_neighbours(distances, start, last)
        paths.append(_mended(rough, distances, first, last))
    return min(paths, key=lambda path: length(path, distances))


def distances_between(embeddings: Vectors) -> Distances:
    """1 - cosine of all songs with each other. embeddings: as in `sequence`."""
    rows = embeddings.astype(np.float64)
    cosines = rows @ rows.T
    found: Distances = np.maximum(1 - cosines, 0)  # rounding takes a cosine beyond 1
    np.fill_diagonal(found, 0)
    return found


def length(path: list[int] | Order, distances: Distances) -> float:
    """How far it is along a path."""
    from_here, to_there = path[:-1], path[1:]
    steps = distances[from_here, to_there]  # (songs - 1,)
    return float(steps.sum())


def _exact(distances: Distances, first: int | None, last: int | None) -> list[int]:
    """The shortest path, built from smaller sets of songs to larger (Held and Karp).

    A set is a number whose bits are songs. best[set, song]: the shortest way through the set that ends at the
    song. came_from[set, song]: the song before it on that way.
    """
    count = len(distances)
    sets = 1 << count
    best = np.full((sets, count), np.inf)
    came_from = np.zeros((sets, count), np.int64)
    starts = range(count) if first is None else [first]
    for start in starts:
        best[1 << start, start] = 0
    # A set without one of its songs is a smaller number, so it is done when the set is looked at.
    for visited in range(1, sets):
        for at in range(count):
            is_visited = visited >> at & 1
            before = visited & ~(1 << at)
            if not before or not is_visited:
                continue
            ways = best[before] + distances[:, at]  # (songs,), infinite from songs not yet visited
            came_from[visited, at] = ways.argmin()
            best[visited, at] = ways.min()
    return _traced_back(best, came_from, last)


def _traced_back(best: NDArray[np.float64], came_from: NDArray[np.int64], last: int | None) -> list[int]:
    """The way through all songs that `_exact` found, from its end to its beginning and turned around."""
    sets, count = best.shape
    visited = sets - 1  # all songs
    nearest_end = int(best[visited].argmin())
    at = nearest_end if last is None else last
    path = [at]
    while len(path) < count:
        before = int(came_from[visited, at])
        visited &= ~(1 << at)
        at = before
        path.append(at)
    return path[::-1]


def _spread_out(distances: Distances, last: int | None) -> list[int]:
    """A few songs far from one another, to start from; never the one that must be last."""
    furthest_from_all = int(distances.sum(axis=1).argmax())
    chosen = [furthest_from_all]
    nearest = distances[furthest_from_all].copy()  # (songs,) how far each is from the nearest chosen one
    while len(chosen) < STARTS:
        nearest = np.minimum(nearest, distances[chosen[-1]])
        chosen.append(int(nearest.argmax()))
    different = dict.fromkeys(chosen)  # where all songs are alike, one is chosen again and again
    return [one for one in different if one != last]


def _nearest_neighbours(distances: Distances, start: int, last: int | None) -> list[int]:
    """From each song to the nearest that is left; `last` waits for the end."""
    left = np.ones(len(distances), bool)
    left[start] = False
    if last is not None:
        left[last] = False
    path = [start]
    while left.any():
        here = path[-1]
        ahead = np.where(left, distances[here], np.inf)
        # Of equally near ones the first: the same songs give the same order.
        following = int(ahead.argmin())
        path.append(following)
        left[following] = False
    return path if last is None else [*path, last]


def _mended(path: list[int], distances: Distances, first: int | None, last: int | None) -> list[int]:
    """The path without any stretch that would be shorter turned around or elsewhere."""
    order = np.array(path)
    while True:
        shorter = _turned(order, distances, first, last)
        if shorter is None:
            shorter = _moved(order, distances, first, last)
        if shorter is None:
            return [int(row) for row in order]
        order = shorter


def _free(order: Order, first: int | None, last: int | None) -> tuple[int, int]:
    """[begin, end) of the places whose songs may be moved: a fixed end stays where it is."""
    begin = 0 if first is None else 1
    end = len(order) if last is None else len(order) - 1
    return begin, end


def _turned(order: Order, distances: Distances, first: int | None, last: int | None) -> Order | None:
    """The path with the stretch turned around that gains most by it; None where no turn makes it shorter."""
    begin, end = _free(order, first, last)
    best = -_ENOUGH
    turn: tuple[int, int] | None = None
    for start in range(begin, end - 1):
        stops = np.arange(start + 1, end)  # the stretch is order[start : stop + 1]
        gained = _longer_by_turning(order, distances, start, stops)
        at = int(gained.argmin())
        if gained[at] < best:
            best = float(gained[at])
            turn = start, int(stops[at])
    if turn is None:
        return None
    start, stop = turn
    stretch = order[start : stop + 1]
    turned = order.copy()
    turned[start : stop + 1] = stretch[::-1]
    return turned


def _longer_by_turning(order: Order, distances: Distances, start: int, stops: Order) -> NDArray[np.float64]:
    """By how much the path gets longer, below 0 shorter, for stretches that end at each of `stops`.

    Only the steps into and out of a stretch change: inside it the same ways are gone backwards.
    """
    count = len(order)
    first, lasts = order[start], order[stops]  # of the stretch, for each of its ends
    longer = np.zeros(len(stops))
    if start > 0:
        before = order[start - 1]
        longer += distances[before, lasts] - distances[before, first]
    has_behind = stops < count - 1  # a stretch that reaches the end has nothing behind it
    next_places = np.minimum(stops + 1, count - 1)
    behind = order[next_places]
    out = distances[first, behind] - distances[lasts, behind]
    longer += np.where(has_behind, out, 0)
    return longer


def _moved(order: Order, distances: Distances, first: int | None, last: int | None) -> Order | None:
    """The path with one to three songs elsewhere, the first such move that makes it shorter, or None."""
    begin, end = _free(order, first, last)
    now = length(order, distances)
    # Up to three, as Or-opt has it (Or 1976): each size is one more pass over all gaps.
    for size in (1, 2, 3):
        for start in range(begin, end - size + 1):
            stop = start + size
            piece = order[start:stop]
            rest = np.delete(order, np.s_[start:stop])
            for one in (piece, piece[::-1]):
                at, total = _best_gap(rest, one, distances, first, last)
                if total < now - _ENOUGH:
                    return np.insert(rest, at, one)
    return None


def _best_gap(
    rest: Order, piece: Order, distances: Distances, first: int | None, last: int | None
) -> tuple[int, float]:
    """Where a piece fits best into the rest of a path, and how long the whole is then."""
    inside = length(piece, distances)
    steps = distances[rest[:-1], rest[1:]]  # (gaps,) of the rest, as it is without the piece
    into = distances[rest, piece[0]]  # (rest,) from each song to the piece
    out = distances[piece[-1], rest]  # (rest,) from the piece to each song
    between = into[:-1] + out[1:] - steps  # (gaps,)
    ahead_of_all, behind_all = out[:1], into[-1:]
    longer = np.concatenate([ahead_of_all, between, behind_all])  # by how much, at each place
    if first is not None:
        longer[0] = np.inf
    if last is not None:
        longer[-1] = np.inf
    at = int(longer.argmin())
    whole = float(steps.sum()) + inside + float(longer[at])
    return at, whole
