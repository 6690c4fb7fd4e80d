"""Which songs are looked at closely: those near the query in an index, and those where its words stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import among
from catalog.library import exact_match
from catalog.library.database import Catalog
from models.search import sparse_index
from models.search.indexes import Indexes
from models.search.query_embedding import Query
from models.search.ranking import union
from models.search.reading.query_parser import ParsedQuery
from models.search.reading.scenes import related
from models.search.relevance_feedback import toward
from models.search.request import SearchRequest
from models.search.score_fusion import Scores

CANDIDATES = 200
"""At least so many songs of each index are scored exactly before the best are taken."""
NAMES_OF_SCENES = "title album tags folder"
"""Where a word may stand for the scene that a request tells of; in lyrics it may be anything."""
WIDE_CANDIDATES = 1_000
"""Where feedback or diversity may bring up a song from far below."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Songs to be scored: ids (songs,), ascending.

    matches: for each term of the query the songs where it is written. shares: songs (ids, ascending) and how
    much of the query's tokens they hold (0-1), as the encoder of words weighs them.
    """

    ids: NDArray[np.int64]
    matches: Sequence[exact_match.Found] = ()
    shares: tuple[NDArray[np.int64], Scores] | None = None


def retrieve(
    query: Query,
    request: SearchRequest,
    allowed: NDArray[np.int64] | None,
    indexes: Indexes,
    catalog: Catalog,
) -> Candidates:
    """The songs to score; of `allowed` alone, where that is not None."""
    allowed = _narrowed(allowed, query.parsed)
    if not query.parsed.text or query.parsed.only_unwanted:
        # Nothing wanted is described, so no index is asked for what is near to it.
        songs = _undescribed(query, request, indexes) if allowed is None else allowed
        ids = _without(songs, query.parsed)
        phrases = exact_match.find(catalog, query.parsed.terms)  # in quotation marks; nothing else is left
        return Candidates(ids, phrases)
    matches = _written(query.parsed.terms, catalog) if query.exact else []
    shares = _shares(query, indexes)
    # What a request names is scored however far its embedding lies from the query.
    naming = [match.ids for match in matches]
    naming += [ids for ids, _ in query.parsed.leading]
    if shares is not None:
        sharing, _ = shares
        naming.append(sharing)
    named = union(naming)
    if allowed is not None:
        named = named[among(named, allowed)]
    nearest = _nearest(query, _amount(query, request), indexes, allowed)
    ids = union([*nearest, named])
    return Candidates(_without(ids, query.parsed), matches, shares)


def _written(terms: Sequence[str], catalog: Catalog) -> list[exact_match.Found]:
    """Where the terms stand, and where a name has another word of the scene that one of them tells of."""
    found = exact_match.find(catalog, terms)
    for term in terms:
        others = [word for word in related(term) if word not in terms]
        if not others:
            continue
        # A song that has the word itself wins nothing by another one.
        has_it = union([match.ids for match in found if match.term == term])
        named = exact_match.find(catalog, others, only=NAMES_OF_SCENES)
        found += _once_each(named, term, has_it)
    return found


def _once_each(
    named: Sequence[exact_match.Found], term: str, taken: NDArray[np.int64]
) -> Iterator[exact_match.Found]:
    """The same matches, standing for a term; a song that has it, or has stood for it, is left out."""
    for match in named:
        new = ~np.isin(match.ids, taken)
        taken = union([taken, match.ids])
        yield replace(match, ids=match.ids[new], strengths=match.strengths[new], instead=term)


def _undescribed(query: Query, request: SearchRequest, indexes: Indexes) -> NDArray[np.int64]:
    """Songs near to what feedback asks for more of, or far from what it asks for less of; else all."""
    amount = _amount(query, request)
    if toward(query.feedback):
        return union(_nearest(query, amount, indexes))
    # What is to be avoided alone says nothing of what to look for: the farthest songs are the best.
    away = [(one.role, one.embedding) for one in query.feedback if one.embedding is not None]
    if not away:
        return union([indexes.index(role).songs for role in indexes.roles()])
    return union([indexes.index(role).far_from(embedding, amount) for role, embedding in away])


def _narrowed(allowed: NDArray[np.int64] | None, parsed: ParsedQuery) -> NDArray[np.int64] | None:
    """What both the filters and the text of a request let pass."""
    if allowed is None:
        return parsed.within
    if parsed.within is None:
        return allowed
    return allowed[among(allowed, parsed.within)]


def _without(ids: NDArray[np.int64], parsed: ParsedQuery) -> NDArray[np.int64]:
    """These songs but for those that the text rules out: "not by Ada", "not from the 80s"."""
    if parsed.excluded is None:
        return ids
    return ids[~among(ids, parsed.excluded)]


def _amount(query: Query, request: SearchRequest) -> int:
    """How many songs of each index."""
    wanted = request.amount
    may_come_from_below = bool(query.feedback) or request.diverse or request.max_per_artist is not None
    if may_come_from_below:
        wanted = max(wanted, WIDE_CANDIDATES)
    # Twice what is shown: scores in 8 bits and the fusion of roles change places near the end.
    return max(CANDIDATES, 2 * wanted)


def _nearest(
    query: Query, amount: int, indexes: Indexes, allowed: NDArray[np.int64] | None = None
) -> list[NDArray[np.int64]]:
    """The songs (ids, ascending) nearest to each thing that is asked for."""
    embeddings = list(query.embeddings.items())
    for alternative in query.alternatives:
        # Of "piano or harp" a song that is all harp is near to neither the whole text nor piano.
        embeddings += alternative.items()
    embeddings += toward(query.feedback)
    nearest = []
    for role, embedding in embeddings:
        index = indexes.index(role)
        nearest.append(index.nearest(embedding, amount, allowed))
    return nearest


def _shares(query: Query, indexes: Indexes) -> tuple[NDArray[np.int64], Scores] | None:
    """Songs that hold the words of a description, as the encoder weighs them; None where it does not."""
    if query.token_weights is None:
        return None
    postings = sparse_index.opened(indexes.index("words").content)
    return postings.shares(query.token_weights) if postings else None
