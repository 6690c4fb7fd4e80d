"""Candidates to z-scores: how far each song stands out from what unrelated descriptions get from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.exact_match import Found
from models.search.indexes import Indexes
from models.search.query_embedding import Query
from models.search.ranking import EXACT, SCALE
from models.search.relevance_feedback import added
from models.search.retrieval import Candidates
from models.search.score_fusion import Scores

EXACT_TOP = 5.0
"""The z-score of a song whose title is the whole description."""
EXACT_POWER = 1.5
"""A song with half of a description's words is worth less than half of one that has them all."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Songs `ids` (songs,), z-scores (songs,) by role and for exact words, and what feedback adds (songs,).

    A z-score is not-a-number where a song lacks the role.
    """

    ids: NDArray[np.int64]
    z_scores: dict[str, Scores]
    feedback: Scores


def score(query: Query, candidates: Candidates, indexes: Indexes, catalog: Catalog) -> Scored:
    """Score every candidate exactly."""
    ids = candidates.ids
    feedback = added(query.feedback, ids, indexes, catalog)
    if not query.parsed.text:
        if query.feedback:
            return Scored(ids, {indexes.roles()[0]: feedback}, np.zeros(len(ids), np.float32))
        return Scored(ids, {}, np.full(len(ids), SCALE, np.float32))  # nothing asked: all songs fit
    z_scores: dict[str, Scores] = {}
    for role, embedding in query.embeddings.items():
        index = indexes.index(role)
        z_scores[role] = index.z_scores(index.score(embedding, ids), ids)
    if candidates.matches or candidates.shares or not z_scores:
        z_scores[EXACT] = exact_scores(candidates.matches, ids, candidates.shares)
    return Scored(ids, z_scores, feedback)


def exact_scores(
    matches: Sequence[Found],
    ids: NDArray[np.int64],
    shares: tuple[NDArray[np.int64], Scores] | None = None,
) -> Scores:
    """How much of a description is written in each song (songs,), on the scale of the z-scores.

    The share of the terms, by rarity, times how prominent they are; not-a-number where a song has none.
    shares: songs (ids, ascending) and their shares as an encoder weighs words: the higher share counts.
    """
    total = sum(match.rarity for match in matches)
    share = np.zeros(len(ids), np.float32)
    for match in matches:
        at = np.searchsorted(ids, match.ids)
        inside = at < len(ids)
        inside[inside] = ids[at[inside]] == match.ids[inside]
        share[at[inside]] += match.strengths[inside] * np.float32(match.rarity / total)
    if shares is not None and len(shares[0]):
        at = np.minimum(np.searchsorted(shares[0], ids), len(shares[0]) - 1)
        share = np.maximum(share, np.where(shares[0][at] == ids, shares[1][at], 0))
    exact = EXACT_TOP * np.minimum(share, 1) ** EXACT_POWER
    return np.where(share > 0, exact, np.nan).astype(np.float32)
