"""A search request to ranked songs: what `nw query` and `nw similar` answer with. Loads no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NotReady, WrongUse
from catalog.library.database import Catalog
from catalog.library.song_filter import SongFilter
from catalog.records import Hit, Role
from models.search.evidence import explain
from models.search.indexes import Indexes
from models.search.limits import Limits, limits
from models.search.query_embedding import Query, embed
from models.search.ranking import by_turns, ranked, union
from models.search.reading.query_parser import ParsedQuery
from models.search.reading.recognition import recognize
from models.search.request import SearchRequest
from models.search.retrieval import WIDE_CANDIDATES, retrieve
from models.search.score_fusion import Scores
from models.search.scoring import Scored, score
from models.search.selection import select

FILTERS_KEPT = 8
"""To look at every row of a large library for each question takes longer than the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, the best first, how the request was read, and what is known of whether anything fits it."""

    hits: list[Hit]
    query: ParsedQuery
    limits: Limits = field(default_factory=Limits)
    takes_turns: bool = False

    def reading(self) -> list[str]:
        """How the request was read, a phrase each, and in which order it is answered where not by score."""
        order = ["the best of each by turns"] if self.takes_turns else []
        return [*self.query.reading(), *order]


class Searcher:
    """Answers requests over the indexes of a library."""

    def __init__(self, indexes: Indexes | Path, catalog: Catalog) -> None:
        self.indexes = Indexes(indexes, catalog.library_id()) if isinstance(indexes, Path) else indexes
        self._catalog = catalog
        self._passing: dict[SongFilter, NDArray[np.int64] | None] = {}
        # What passes a filter is remembered until the catalog changes.
        self._passing_at = catalog.state()

    def search(self, request: SearchRequest) -> Answer:
        """The songs that answer a request best, by sound, by words and by what is written in them.

        Without a description feedback decides, and without that every song that passes the filters fits.
        Raises NoIndex where nothing is indexed, WrongUse where nothing at all is asked.
        """
        indexes, catalog = self.indexes, self._catalog
        allowed = self._allowed(request.songs)
        if allowed is None and not (request.text.strip() or request.feeds_back):
            raise WrongUse("the query is empty.", try_this='nw query "calm piano at night"')
        # parse, embed, retrieve, score, rank, select, explain: a file each.
        parsed = recognize(request.text, catalog, indexes.knows)
        request = request.limited(parsed.limit)
        query = embed(request, parsed, indexes, catalog)
        candidates = retrieve(query, request, allowed, indexes, catalog)
        known = limits(query, indexes)
        # What is about no music finds a title that has most of its words, and not one that shares a word.
        is_doubtful = known.doubt is not None
        scored = score(query, candidates, indexes, catalog, strict=is_doubtful)
        # Where nothing may fit, the line lies above all scores: the order stays, only "fits" is not said.
        lines = known.over(scored.z_scores)
        answer = ranked(scored.ids, scored.z_scores, query.method, query.weights, scored.feedback, lines)
        # With --diverse another rule says which songs come first: see `select`.
        takes_turns = len(scored.turns) > 0 and not request.diverse
        if takes_turns:
            places = np.searchsorted(scored.ids, answer.ids)  # (songs,): scores go by id, the answer by rank
            answer = by_turns(answer, scored.turns[places])
        hits = select(answer, request, indexes, catalog)
        if query.alternatives:
            hits = _with_wishes(hits, scored, parsed)
        if request.explain:
            hits = explain(hits, query, candidates.matches, indexes, catalog)
        return Answer(hits, parsed, known, takes_turns and not request.in_sequence)

    def similar(self, song: int, request: SearchRequest) -> Answer:
        """The songs most like a song of the library, by `request.by`. Raises NotReady for one in no index."""
        embeddings: dict[Role, NDArray[np.float32]] = {}
        for role in self.indexes.roles(request.by):
            embedding = self.indexes.index(role).track_embedding(song)
            if embedding is not None:  # an instrumental has none by words, and is compared by sound alone
                embeddings[role] = embedding
        if not embeddings:
            raise NotReady(
                f"song {song} is in no index yet, so there is nothing to compare.", try_this="nw index"
            )
        return self.similar_to(embeddings, request, leave_out=song)

    def similar_to(
        self,
        embeddings: Mapping[Role, NDArray[np.float32]],
        request: SearchRequest,
        *,
        leave_out: int | None = None,
    ) -> Answer:
        """The songs nearest to track embeddings (dimensions,), by z-scores over the whole library."""
        allowed = self._allowed(request.songs)
        # The song itself and what filters take away must leave enough.
        amount = max(WIDE_CANDIDATES, 2 * request.amount)
        near = []
        for role, embedding in embeddings.items():
            index = self.indexes.index(role)
            near.append(index.nearest(embedding, amount, allowed))
        ids = union(near)
        ids = ids[ids != leave_out]  # (songs,), ascending
        z_scores: dict[str, Scores] = {}
        for role, embedding in embeddings.items():
            index = self.indexes.index(role)
            # Songs are nearer to one another than to any sentence, so each scale is that of songs.
            z_scores[str(role)] = index.among_songs(embedding, ids)
        # There is no sentence that the gate could weigh the roles by: all of them count in full.
        answer = ranked(ids, z_scores, "evidence", {})
        hits = select(answer, request, self.indexes, self._catalog)
        query = Query(ParsedQuery(""), dict(embeddings))
        if request.explain:
            hits = explain(hits, query, (), self.indexes, self._catalog)
        return Answer(hits, query.parsed)

    def _allowed(self, songs: SongFilter) -> NDArray[np.int64] | None:
        """Ids of the songs that pass a filter, ascending; None for all. Kept for the next search with it."""
        state = self._catalog.state()
        if state != self._passing_at or len(self._passing) > FILTERS_KEPT:
            self._passing, self._passing_at = {}, state
        if songs not in self._passing:
            self._passing[songs] = songs.ids(self._catalog)
        return self._passing[songs]


def _with_wishes(hits: Sequence[Hit], scored: Scored, parsed: ParsedQuery) -> list[Hit]:
    """The hits, each with which of several alternatives it answers best."""
    shown = np.array([hit.song.id for hit in hits], np.int64)
    answers = np.flatnonzero(np.isin(scored.ids, shown))  # the song that begins a sequence may be none
    turns = dict(zip(scored.ids[answers].tolist(), scored.turns[answers].tolist(), strict=True))
    wished = []
    for hit in hits:
        turn = turns.get(hit.song.id, -1)
        wished.append(replace(hit, wish=parsed.alternatives[turn]) if turn >= 0 else hit)
    return wished
