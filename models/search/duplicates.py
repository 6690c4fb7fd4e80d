"""The same recording in several files: told by how it sounds, how long it is and what it is called.

Two songs of nearly the same length are one recording where their track embeddings are nearly the same, and
so are their windows, one by one. "Nearly" is a share of the distance that two songs of this library usually
have, so that it means the same for every encoder. What has the same title may differ more (another encoding,
a fade-out); what has another title must differ less.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.records import Song

APART_S = 3.0
APART = 0.02
"""Lengths differ by so many seconds, or so much of the longer one, at most: silence is cut, encoders pad."""
Halves = NDArray[np.float16]

NEAR = {"same": 0.16, "unknown": 0.08, "unlike": 0.03, "other": 0.015}
"""The share of the usual distance up to which songs are one recording, by what is known of their titles.

Of 36 pairs of re-encoded songs 34 are within 0.03; from 0.04 on lie songs of one composer (EXPERIMENTS.md).
"""
WINDOWS_NEAR = 0.27
"""The same for windows at the same places; a file that begins a second later has other windows."""
USUAL = 0.5
"""The usual distance where there are too few songs to know it; as in libraries of real music with `mini`."""
# Below it one pair of twins would move the median.
ENOUGH = 30
_SAMPLE = 1_000  # songs: half a million pairs, which settle a median
_BLOCK = 256  # songs that are compared with all others together


@dataclass(frozen=True, slots=True)
class Pair:
    """Two songs that are one recording. first < second. likeness: the cosine of their embeddings."""

    first: int
    second: int
    likeness: float


def groups(catalog: Catalog, pipeline: str, songs: Mapping[int, Song]) -> list[list[tuple[int, float]]]:
    """Songs that are one recording, together: (id, likeness to the first of its group), by id.

    pipeline: whose embeddings are compared. songs: which songs, by id; those without an embedding or of
    unknown length are in no group. Raises NotReady where nothing was embedded with that pipeline.
    """
    ids, tracks = embeddings.tracks(catalog, pipeline)
    kept = [row for row, song_id in enumerate(ids.tolist()) if song_id in songs]
    ids, tracks = ids[kept], tracks[kept]
    usual = usual_distance(tracks)
    seconds = [songs[number].duration_s for number in ids.tolist()]
    # In three steps, the cheapest first: the widest distance that any title allows, then the one that these
    # two titles allow, and of the few that are left the windows, which have to be read.
    widest = NEAR["same"] * usual
    found = []
    for pair in near_pairs(ids, tracks, seconds, widest):
        titles = titles_of(songs[pair.first], songs[pair.second])
        near = 1 - pair.likeness <= NEAR[titles] * usual
        if near and _windows_are_near(catalog, pipeline, pair, usual):
            found.append(pair)
    return joined(found)


def usual_distance(tracks: Halves) -> float:
    """How far two songs are from one another, 1 - cosine, in the middle. tracks: (songs, dimensions)."""
    if len(tracks) < ENOUGH:
        return USUAL
    shuffled = np.random.default_rng(0).permutation(len(tracks))  # the same songs each time
    sample = tracks[shuffled[:_SAMPLE]].astype(np.float32)
    cosines = sample @ sample.T  # (songs, songs)
    each_pair = np.triu_indices(len(sample), 1)
    return float(1 - np.median(cosines[each_pair]))


def near_pairs(
    ids: NDArray[np.int64], tracks: Halves, seconds: Sequence[float | None], within: float
) -> Iterator[Pair]:
    """Pairs of about the same length whose embeddings are within a distance.

    Songs are compared with those that are up to APART longer alone, in the order of their lengths: a hundred
    thousand songs are a few thousand comparisons each.
    """
    lengths = np.array(seconds, np.float64)  # None becomes not-a-number
    # A song of unknown length is compared with none.
    known = int(np.isfinite(lengths).sum())
    order = np.argsort(lengths)[:known]  # not-a-number comes last
    lengths = lengths[order]
    longest = lengths + np.maximum(APART_S, APART * lengths)  # that a copy of each may be
    ends = np.searchsorted(lengths, longest, side="right")
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        rows = np.arange(start, stop)
        furthest = int(ends[rows].max())
        others = np.arange(start, furthest)
        these, those = order[rows], order[others]
        left = tracks[these].astype(np.float32)  # (rows, dimensions); sums in halves would lose digits
        right = tracks[those].astype(np.float32)
        cosines = left @ right.T  # (rows, others)
        is_longer = others > rows[:, None]  # each pair once
        is_in_reach = others < ends[rows][:, None]
        is_near = 1 - cosines <= within
        for row, other in np.argwhere(is_longer & is_in_reach & is_near):
            pair = ids[these[row]], ids[those[other]]
            # The smaller id first, so that a pair is the same from both sides.
            first, second = sorted(map(int, pair))
            yield Pair(first, second, float(cosines[row, other]))


def titles_of(one: Song, other: Song) -> str:
    """Whether two songs are called the same: "same" or "other".

    Where only the name of a file says what one is called it is "unknown", or "unlike" where neither name has
    the other in it ("stg00", "tt1"). Titles are compared by their letters and digits; two artists that are
    told must agree too.
    """
    title, other_title = _letters(one.title), _letters(other.title)
    if _is_named_by_file(one) or _is_named_by_file(other):
        is_like = title in other_title or other_title in title
        return "unknown" if is_like else "unlike"
    artist, other_artist = _letters(one.artist), _letters(other.artist)
    same_title = bool(title) and title == other_title
    same_artist = artist == other_artist or not artist or not other_artist
    return "same" if same_title and same_artist else "other"


def _is_named_by_file(song: Song) -> bool:
    """Whether nobody but the name of its file says how a song is called."""
    return song.origins.get("title", "name") == "name"


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _windows_are_near(catalog: Catalog, pipeline: str, pair: Pair, usual: float) -> bool:
    found = embeddings.windows(catalog, pipeline, (pair.first, pair.second))
    if len(found) < 2:  # nothing to compare: what the track embeddings say stands
        return True
    first = found[pair.first].astype(np.float32)
    second = found[pair.second].astype(np.float32)
    count = min(len(first), len(second))
    products = first[:count] * second[:count]  # (windows, dimensions), of windows at the same places
    cosines = products.sum(axis=1)
    distance = float(1 - cosines.mean())
    return distance <= WINDOWS_NEAR * usual


def joined(pairs: Sequence[Pair]) -> list[list[tuple[int, float]]]:
    """Pairs that share a song, as one group: (id, likeness to its first), the first with 1.

    >>> joined([Pair(1, 3, 0.9), Pair(2, 3, 0.8)])
    [[(1, 1.0), (2, 0.8), (3, 0.9)]]
    """
    group_of: dict[int, set[int]] = {}
    for pair in pairs:
        of_first = group_of.get(pair.first, {pair.first})
        of_second = group_of.get(pair.second, {pair.second})
        together = of_first | of_second
        for song in together:
            group_of[song] = together
    likeness = {(pair.first, pair.second): pair.likeness for pair in pairs}
    nearest: dict[int, float] = {}  # for songs that reach the first of their group by way of others
    for pair in pairs:
        for song in (pair.first, pair.second):
            nearest[song] = max(nearest.get(song, 0.0), pair.likeness)
    found = []
    groups_once = {tuple(sorted(group)) for group in group_of.values()}
    for group in sorted(groups_once):
        first, *others = group
        likenesses = [(first, 1.0)]
        for other in others:
            like_first = likeness.get((first, other), nearest[other])
            likenesses.append((other, like_first))
        found.append(likenesses)
    return found
