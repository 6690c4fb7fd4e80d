"""Candidates to z-scores: how far each song stands out from what unrelated descriptions get from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.exact_match import Found
from catalog.records import Role
from models.search.indexes import Indexes
from models.search.part_order import order_gains
from models.search.query_embedding import Query
from models.search.ranking import EXACT, SCALE
from models.search.reading.common_words import GENERIC
from models.search.reading.query_parser import terms
from models.search.relevance_feedback import added, lacking
from models.search.retrieval import Candidates
from models.search.score_fusion import Scores

ORDERED = 500
"""Songs that gain by parts in an order: those that sound most like all of them together."""
EXACT_TOP = 5.0
"""The z-score of a song whose title is the whole description."""
EXACT_POWER = 1.5
"""A song that has a little of what was written is worth less than that little."""
EXACT_LITTLE = 1.0
"""The most that half of the words or fewer can give a request that is about no music; a song fits at 2."""
EXACT_HALF = 2.0
"""The BM25 at which a song has half of what exact words can give: a rare word in a title brings 5."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Songs `ids` (songs,), z-scores (songs,) by role and for exact words, and what feedback adds (songs,).

    A z-score is not-a-number where a song lacks the role. turns: (songs,) which of several alternatives a
    song answers best, -1 for none; empty where there are none.
    """

    ids: NDArray[np.int64]
    z_scores: dict[str, Scores]
    feedback: Scores
    turns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


def score(
    query: Query, candidates: Candidates, indexes: Indexes, catalog: Catalog, *, strict: bool = False
) -> Scored:
    """Score every candidate exactly. strict: see `exact_scores`."""
    ids = candidates.ids
    feedback = added(query.feedback, ids, indexes, catalog)
    feedback += name_gains(query.parsed.leading, ids)  # (songs,)
    turns = turns_of(query.parsed.turns, ids)
    # First the three kinds of requests that describe nothing to be near to.
    is_away_alone = all(one.unwanted for one in query.feedback)  # from something, and towards no song
    if query.parsed.only_unwanted and is_away_alone:
        lacks = lacking(query.feedback, ids, indexes)
        return Scored(ids, lacks, feedback, turns)
    if not query.parsed.text and query.feedback:
        # Shown as what the first role says, for nothing else was asked.
        nothing_more = np.zeros(len(ids), np.float32)
        return Scored(ids, {indexes.roles()[0]: feedback}, nothing_more, turns)
    if not query.parsed.text:
        all_fit = feedback + np.float32(SCALE)  # filters alone: whatever passes them is an answer
        return Scored(ids, {}, all_fit, turns)
    each = []
    for embeddings, written in _wishes(query):
        each.append(_z_scores(embeddings, written, candidates, indexes, strict=strict))
    if len(each) > 1:
        best = [_best(z_scores) for z_scores in each]  # (alternatives, songs)
        turns = np.argmax(best, axis=0)
    z_scores = {}
    for role in each[0]:
        of_alternatives = [one[role] for one in each]
        z_scores[role] = np.fmax.reduce(of_alternatives)  # which leaves out what is not-a-number
    if query.parts:
        # Of all candidates of a large library the windows would take seconds to read.
        nearest = np.sort(_largest(z_scores["sound"], ORDERED))  # places among the candidates
        gains = order_gains(query.parts, ids[nearest], indexes.index("sound"), catalog)
        z_scores["sound"][nearest] += gains
    return Scored(ids, z_scores, feedback, turns)


def _wishes(query: Query) -> list[tuple[dict[Role, NDArray[np.float32]], Sequence[str]]]:
    """Each alternative of a query, or all of it: its embeddings by role and its terms."""
    if not query.alternatives:
        return [(query.embeddings, query.parsed.terms)]
    texts = query.parsed.alternatives
    return [(embeddings, terms(text)) for embeddings, text in zip(query.alternatives, texts, strict=True)]


def _z_scores(
    embeddings: Mapping[Role, NDArray[np.float32]],
    written: Sequence[str],
    candidates: Candidates,
    indexes: Indexes,
    *,
    strict: bool,
) -> dict[str, Scores]:
    """z-scores (songs,) by role and for the words `written`, of one description."""
    ids = candidates.ids
    z_scores: dict[str, Scores] = {}
    for role, embedding in embeddings.items():
        index = indexes.index(role)
        cosines = index.score(embedding, ids)  # (songs,)
        z_scores[role] = index.z_scores(cosines, ids)
    # Without any role exact words are all there is, also where no song has them.
    if candidates.matches or candidates.shares or not z_scores:
        matches = [match for match in candidates.matches if (match.instead or match.term) in written]
        wanted = len(written) if strict else 0
        # Another word of a scene stands for one of the words of a request.
        telling = set(written) - GENERIC
        related = 1 / max(len(telling), 1)
        z_scores[EXACT] = exact_scores(matches, ids, candidates.shares, wanted, related)
    return z_scores


def _largest(scores: Scores, count: int) -> NDArray[np.int64]:
    """The places of so many scores, the largest first; a song without one comes last."""
    known = np.nan_to_num(scores, nan=-np.inf)
    return np.argsort(-known, kind="stable")[:count]


def _best(z_scores: Mapping[str, Scores]) -> Scores:
    """The z-score (songs,) of the role that speaks most for a song."""
    best: Scores = np.fmax.reduce(list(z_scores.values()))
    return np.nan_to_num(best, nan=-np.inf)


def turns_of(each: Sequence[NDArray[np.int64]], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of several sets of songs (ids) each song belongs to first, -1 for none; empty for no sets.

    >>> turns_of([np.array([2, 3]), np.array([3, 5])], np.array([1, 2, 3, 5])).tolist()
    [-1, 0, 0, 1]
    """
    if not each:
        return np.empty(0, np.int64)
    turns = np.full(len(ids), -1, np.int64)
    for number, songs in reversed(list(enumerate(each))):  # the first set is written last, over the others
        turns[np.isin(ids, songs)] = number
    return turns


def name_gains(leading: Sequence[tuple[NDArray[np.int64], float]], ids: NDArray[np.int64]) -> Scores:
    """What songs (songs,) gain by names in the request; of several names the one that leads most.

    >>> name_gains([(np.array([2, 3]), 2.0), (np.array([3]), 8.0)], np.array([1, 2, 3])).tolist()
    [0.0, 2.0, 8.0]
    """
    gain = np.zeros(len(ids), np.float32)
    for named, by in leading:
        own = np.float32(by) * np.isin(ids, named)  # (songs,)
        gain = np.maximum(gain, own)
    return gain


def exact_scores(
    matches: Sequence[Found],
    ids: NDArray[np.int64],
    shares: tuple[NDArray[np.int64], Scores] | None = None,
    wanted: int = 0,
    related: float = 1.0,
) -> Scores:
    """How much of a description is written in each song (songs,), on the scale of the z-scores.

    By BM25 of the terms that are there, so that a word which no song has costs nothing; half of the scale is
    reached at EXACT_HALF. Not-a-number where a song has none. shares: songs (ids, ascending) and their
    shares as an encoder weighs words: the higher share counts. wanted: of so many terms more than half must
    be there, or a song stays below EXACT_LITTLE: "return" alone is no answer to "tax return 2023". related:
    what a word counts that stands for another one.
    """
    bm25 = np.zeros(len(ids), np.float32)
    there = np.zeros(len(ids), np.int64)  # (songs,): how many of the terms each has
    for match in matches:
        at = np.searchsorted(ids, match.ids)
        # searchsorted gives len(ids) for what lies behind all of them.
        inside = at < len(ids)
        inside[inside] = ids[at[inside]] == match.ids[inside]
        # 1 is a rare word in a title; twenty refrains of it say no more.
        strength = np.minimum(match.strengths[inside], 1)
        weight = related * match.rarity if match.instead else match.rarity
        bm25[at[inside]] += strength * np.float32(weight)
        there[at[inside]] += not match.instead
    # 0 where nothing is written, near 1 where all is: a further word adds less and less.
    share = bm25 / (bm25 + np.float32(EXACT_HALF))
    if shares is not None and len(shares[0]):
        sharing, by_tokens = shares
        # The last one stands in for what is not there; the comparison below drops it.
        last = len(sharing) - 1
        at = np.minimum(np.searchsorted(sharing, ids), last)
        weighed = np.where(sharing[at] == ids, by_tokens[at], 0)
        share = np.maximum(share, weighed)
    exact = EXACT_TOP * np.minimum(share, 1) ** EXACT_POWER
    if wanted:
        little = exact * EXACT_LITTLE / EXACT_TOP
        exact = np.where(2 * there > wanted, exact, little)
    return np.where(share > 0, exact, np.nan).astype(np.float32)
