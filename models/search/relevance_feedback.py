"""Relevance feedback: away from this, nearer to that (Rocchio 1971), by songs and by descriptions.

Not a query vector that moves, as Rocchio's: each example adds its own z-score to the fused one, so that an
unwanted sound can cost a song without bringing up what merely lacks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.errors import WrongUse, quoted
from catalog.library import exact_match
from catalog.library.database import Catalog
from catalog.library.filters import find, ids_where
from catalog.records import Role
from catalog.values.numbers import finite
from models.search.indexes import Indexes
from models.search.ranking import union
from models.search.reading.query_parser import VOICE, ParsedQuery
from models.search.request import SearchRequest
from models.search.score_fusion import Scores

# Not 0: half of all songs lie above it by chance, and would lose something.
UNWANTED_FROM = 0.5
"""The z-score from which on a song is held to have what is not wanted."""
CERTAIN = 4.0
"""What a song loses where it is written that it has what is not wanted."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """An example to go nearer to or away from: a description, a song of the library, or a clip.

    embedding: (dimensions,) in the space of `role`; None where the song has none. weight: how much of its
    z-score is added; below zero it is taken away. unwanted: the more a song has of it, the more it loses,
    and what lacks it wins nothing.
    """

    role: Role
    embedding: NDArray[np.float32] | None
    weight: float = 1.0
    text: str = ""
    song: int | None = None
    unwanted: bool = False


def feedback_of(
    request: SearchRequest, parsed: ParsedQuery, indexes: Indexes, catalog: Catalog
) -> tuple[Feedback, ...]:
    """All examples of a request, and what its text does not want, embedded.

    What can be heard is fed back on: the role of sound where it is indexed. Raises NoSuchSong, WrongUse.
    """
    if not (request.feeds_back or parsed.unwanted or parsed.like or parsed.unlike):
        return ()
    # ROLES begin with sound: what is heard is what people mean by "more like this".
    role = indexes.roles()[0]
    found = [] if request.clip is None else [Feedback("sound", request.clip)]
    for text in (*request.without, *parsed.unwanted):
        embedding = indexes.encode(text, role)
        found.append(Feedback(role, embedding, text=text, unwanted=True))
    for names, weight in ((request.like, 1.0), (request.unlike, -1.0)):
        for name in names:
            song = find(catalog, name).id
            found.append(_of_song(indexes, role, song, weight))
    for songs, weight in ((parsed.like, 1.0), (parsed.unlike, -1.0)):
        for song in songs:
            share = weight / len(songs)  # several songs of one artist are one wish
            found.append(_of_song(indexes, role, song, share))
    for text, weight in map(weighted, request.more):
        embedding = indexes.encode(text, role)
        found.append(Feedback(role, embedding, weight, text=text))
    return tuple(found)


def _of_song(indexes: Indexes, role: Role, song: int, weight: float) -> Feedback:
    return Feedback(role, indexes.index(role).track_embedding(song), weight, song=song)


def weighted(text: str) -> tuple[str, float]:
    """A description and how much of it: "strings:0.5" is half as much as "strings". Raises WrongUse.

    >>> weighted("strings:0.5"), weighted("strings")
    (('strings', 0.5), ('strings', 1.0))
    """
    what, colon, number = text.rpartition(":")
    if not colon:
        return text, 1.0
    try:
        return what, finite(number)
    except ValueError:
        raise WrongUse(
            f"{number!r} in {text!r} is no number.", try_this=f"--more {quoted(f'{what}:0.5')}"
        ) from None


def toward(feedback: Sequence[Feedback]) -> list[tuple[Role, NDArray[np.float32]]]:
    """Where to look for songs that feedback brings up."""
    found = []
    for one in feedback:
        is_wanted = one.weight > 0 and not one.unwanted
        if is_wanted and one.embedding is not None:
            found.append((one.role, one.embedding))
    return found


def added(feedback: Sequence[Feedback], ids: NDArray[np.int64], indexes: Indexes, catalog: Catalog) -> Scores:
    """What all feedback together adds to the scores (songs,) of these songs."""
    total = np.zeros(len(ids), np.float32)
    for one in feedback:
        if one.embedding is not None:
            index = indexes.index(one.role)
            if one.text:
                scores = index.score(one.embedding, ids)
                z_scores = index.z_scores(scores, ids)
            else:
                # Among songs: their cosines to each other are higher than those to any text.
                z_scores = index.among_songs(one.embedding, ids)
            total += gained(one, z_scores)
        if one.song is not None:
            total[ids == one.song] -= 2 * np.float32(CERTAIN)  # what is known already is no answer
        elif one.unwanted:
            certain = np.isin(ids, _have_for_certain(catalog, one.text))
            total -= np.float32(CERTAIN * one.weight) * certain
    return total


def lacking(feedback: Sequence[Feedback], ids: NDArray[np.int64], indexes: Indexes) -> dict[str, Scores]:
    """By role how surely songs (songs,) lack all that is not wanted, where nothing else is said."""
    z_scores: dict[str, Scores] = {}
    for one in feedback:
        if one.unwanted and one.embedding is not None:
            index = indexes.index(one.role)
            scores = index.score(one.embedding, ids)
            has = index.z_scores(scores, ids)  # (songs,)
            before = z_scores.get(one.role, -has)
            # Whatever it has most of decides: a song without drums that is all piano is no answer to both.
            z_scores[one.role] = np.fmin(before, -has)
    return z_scores


def gained(one: Feedback, z_scores: Scores) -> Scores:
    """What songs with these z-scores (songs,) for the example gain; nothing where that is unknown.

    >>> gained(Feedback("sound", None, 0.5), np.array([2.0, np.nan])).tolist()
    [1.0, 0.0]
    >>> gained(Feedback("sound", None, unwanted=True), np.array([2.5, -3.0])).tolist()
    [-2.0, -0.0]
    """
    known = np.nan_to_num(z_scores)
    if one.unwanted:
        too_much = np.maximum(known - UNWANTED_FROM, 0)
        lost: Scores = -one.weight * too_much
        return lost
    gain: Scores = one.weight * known
    return gain


def _have_for_certain(catalog: Catalog, thing: str) -> NDArray[np.int64]:
    """Songs of which a tag says that they have the thing, or lyrics that somebody sings."""
    tagged = [match.ids for match in exact_match.find(catalog, [thing], only="tags")]
    sung = [ids_where(catalog, "lyrics IS NOT NULL")] if VOICE.search(thing) else []
    return union([*tagged, *sung])
