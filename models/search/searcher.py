"""A description to ranked songs: what `nw query` and `nw similar` answer with. Loads no torch."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NoIndex, NotReady, WrongUse
from catalog.library import exact_match, songs
from catalog.library.database import Catalog
from catalog.records import Hit, Song
from catalog.song_index import SongIndex
from models.networks.late_fusion_tower import FusedTower, open_tower
from models.networks.text_tower import TextTower
from models.search import diversity, query_parser, score_fusion, sparse_index
from models.search.evidence import Evidence
from models.search.gate import Gate
from models.search.ranking import ALONE, SCALE, SIDES, WRITTEN, Ranked, Side, ranked, union, written_scores
from models.search.score_fusion import Method, Scores
from models.search.steering import Steer, Steering

Way = Side | Literal["written"] | Method
"""One side alone, or a way to put all sides together."""
CANDIDATES = 200
"""At least so many songs are scored exactly on both sides before the best are taken."""
STEERED_CANDIDATES = 1_000


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, as vectors and as written words."""

    wish: query_parser.Wish
    method: Method
    queries: dict[Side, NDArray[np.float32]]
    found: Sequence[exact_match.Found] = ()
    weighed: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None
    steers: Sequence[Steer] = ()
    weights: dict[str, float] = field(default_factory=dict)

    @property
    def named(self) -> list[NDArray[np.int64]]:
        """Songs that words of the description stand in."""
        return [*(one.ids for one in self.found), *(self.weighed or ())[:1]]


@dataclass(frozen=True, slots=True)
class Warm:
    """Indexes and query encoders once opened; searchers in several threads may share them."""

    indexes: dict[Side, SongIndex] = field(default_factory=dict)
    towers: dict[Side, TextTower | FusedTower] = field(default_factory=dict)


class Searcher:
    """The indexes of a library, opened as they are asked for and kept warm."""

    def __init__(self, indexes: Path, catalog: Catalog, warm: Warm | None = None) -> None:
        self._indexes, self._catalog = indexes, catalog
        self._warm = warm or Warm()

    def search(
        self,
        text: str,
        *,
        by: Way | None = None,
        k: int = 10,
        within: NDArray[np.int64] | None = None,
        min_points: float = 0,
        explain: bool = False,
        steers: Sequence[Steer] = (),
        diverse: bool = False,
        max_per_artist: int | None = None,
    ) -> list[Hit]:
        """The k songs that fit the description best, by sound, by words and by what is written in them.

        by: one side, or how to put all that are indexed together (None: the default). "no vocals" in the text
        is understood. within: only these songs. explain: say which moment and which line fit best. steers:
        away from this, nearer to that. diverse: songs that differ from one another. Without a description
        the steers decide, and without those every song of `within` fits.
        Raises NoIndex where nothing is indexed, WrongUse where nothing at all is asked.
        """
        if within is None and not (text.strip() or steers):
            raise WrongUse("nothing is asked for.", try_this='nw query "calm piano at night"')
        question = self._question(text, by, steers)
        wide = bool(question.steers) or diverse or max_per_artist is not None
        answer = self._rank(question, max(k, STEERED_CANDIDATES if wide else 0), within)
        if diverse:
            answer = self._spread(answer, k)
        hits = self._hits(answer, k, min_points, max_per_artist, light=not explain)
        return self._explained(hits, question) if explain else hits

    def similar(
        self,
        song: int,
        *,
        by: Way | None = None,
        k: int = 10,
        within: NDArray[np.int64] | None = None,
        explain: bool = False,
    ) -> list[Hit]:
        """The k songs most like a song of the library. Raises NotReady where it is in no index."""
        vectors = {side: self.index(side).whole(song) for side in self.sides(by)}
        queries = {side: vector for side, vector in vectors.items() if vector is not None}
        if not queries:
            raise NotReady(
                f"song {song} is in no index yet, so there is nothing to compare.", try_this="nw index"
            )
        return self.similar_to(queries, k=k, within=within, explain=explain, leave_out=[song])

    def similar_to(
        self,
        queries: dict[Side, NDArray[np.float32]],
        *,
        k: int = 10,
        within: NDArray[np.int64] | None = None,
        explain: bool = False,
        leave_out: Sequence[int] = (),
    ) -> list[Hit]:
        """The k songs nearest to song vectors (dimensions,), standardised over the whole library."""
        ids = union([self.index(side).songs for side in queries]) if within is None else within
        ids = np.setdiff1d(ids, np.asarray(leave_out, np.int64))
        sides = {str(side): self.index(side).among_songs(query, ids) for side, query in queries.items()}
        hits = self._hits(ranked(ids, sides, "evidence", {}), k, 0, None, light=not explain)
        return (
            self._explained(hits, _Question(query_parser.Wish(""), "evidence", queries)) if explain else hits
        )

    def sides(self, by: Way | None) -> list[Side]:
        """The sides to ask: the one named, or all that have an index. Raises NoIndex where there is none."""
        if by in ALONE:
            self.index(by)
            return [by]
        there = [side for side in SIDES if (self._indexes / side / "manifest.json").exists()]
        if not there:
            raise NoIndex(
                f"nothing is indexed in {self._indexes} yet, so nothing can be found.", try_this="nw index"
            )
        return [] if by == WRITTEN else there

    def index(self, side: Side) -> SongIndex:
        """The opened index of a side; once more where a new one has just replaced it."""
        opened = self._warm.indexes
        if side not in opened:
            index = SongIndex(self._indexes / side)
            index.manifest.require(role=side, library=self._catalog.library_id(), folder=index.content.parent)
            opened[side] = index
        return opened[side]

    def tower(self, side: Side) -> TextTower | FusedTower:
        """The query encoder of a side."""
        if side not in self._warm.towers:
            self._warm.towers[side] = open_tower(self.index(side).content / "tower")
        return self._warm.towers[side]

    def _question(self, text: str, by: Way | None, steers: Sequence[Steer]) -> _Question:
        wish = query_parser.understand(text)
        sides = self.sides(by) if wish.text else []
        method = by if by in score_fusion.METHODS else score_fusion.DEFAULT
        queries = self._vectors(wish, sides)
        exact = bool(wish.text) and (by is None or by == WRITTEN or by in score_fusion.METHODS)
        found = exact_match.find(self._catalog, wish.terms) if exact else []
        pushes = [*steers, *(Steer(text=thing, forbidden=True) for thing in wish.unwanted)]
        weighed = self._weighed(wish.text, sides) if exact else None
        return _Question(wish, method, queries, found, weighed, pushes, self._weights(method, wish, sides))

    def _vectors(self, wish: query_parser.Wish, sides: Sequence[Side]) -> dict[Side, NDArray[np.float32]]:
        return {side: self.tower(side).encode([wish.of(side)])[0] for side in sides}

    def _weighed(
        self, text: str, sides: Sequence[Side]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Songs that hold the words of a description, as the encoder weighs them; None where it does not."""
        tower = self.tower("words") if "words" in sides else None
        postings = sparse_index.opened(self.index("words").content) if tower else None
        if postings is None or not isinstance(tower, TextTower):
            return None
        query = tower.word_weights(text)
        return postings.shares(query) if query else None

    def _weights(self, method: Method, wish: query_parser.Wish, sides: Sequence[Side]) -> dict[str, float]:
        """By what the query speaks of, and by what was tuned on this library."""
        tuned = {str(side): self.index(side).manifest.weight for side in sides}
        if method == "gate" and set(sides) == set(SIDES) and self.index("words").manifest.encoder == "minilm":
            told = Gate.load().weights(self.tower("words").encode([wish.text])[0])
            return {side: weight * told[side] for side, weight in tuned.items()}
        return tuned

    def _rank(self, question: _Question, k: int, within: NDArray[np.int64] | None) -> Ranked:
        push = Steering(self, self._catalog, question.steers)
        if not question.wish.text:
            ids = union([self.index(side).songs for side in self.sides(None)]) if within is None else within
            if not question.steers:
                return ranked(ids, {}, question.method, {}, SCALE)
            return ranked(ids, {self.sides(None)[0]: push.of(ids)}, "evidence", {})
        ids = self._candidates(question, push, k) if within is None else self._known(question, within)
        sides: dict[str, Scores] = {}
        for side, query in question.queries.items():
            index = self.index(side)
            sides[side] = index.standard(index.score(query, ids), ids)
        if question.found or question.weighed or not sides:
            sides[WRITTEN] = written_scores(question.found, ids, question.weighed)
        return ranked(ids, sides, question.method, question.weights, push.of(ids))

    def _candidates(self, question: _Question, push: Steering, k: int) -> NDArray[np.int64]:
        wanted = max(CANDIDATES, 2 * k)
        queries = [*question.queries.items(), *push.toward()]
        near = [self.index(side).nearest(query, wanted) for side, query in queries]
        return union([*near, *question.named])

    def _known(self, question: _Question, within: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of these songs, those that some side can judge."""
        judged = [self.index(side).songs for side in question.queries]
        return np.intersect1d(within, union([*judged, *question.named]))

    def _spread(self, answer: Ranked, k: int) -> Ranked:
        """The same songs with the k that differ first."""
        side = self.sides(None)[0]
        index = self.index(side)
        pool = answer.ids[: max(50, 5 * k)]
        nothing = np.zeros(index.manifest.dimensions, np.float32)
        vectors = [index.whole(int(song)) for song in pool]
        known = np.array([nothing if v is None else v for v in vectors], np.float32).reshape(len(pool), -1)
        rows = diversity.diverse(answer.points[: len(pool)], known, k)
        return answer.taken([*rows, *np.setdiff1d(np.arange(len(answer.ids)), rows).tolist()])

    def _hits(
        self, answer: Ranked, k: int, min_points: float, max_per_artist: int | None, *, light: bool
    ) -> list[Hit]:
        good = self._each_hit(answer, max(k, 10), min_points, light=light)
        return list(itertools.islice(diversity.at_most_per_artist(good, max_per_artist), k))

    def _each_hit(self, answer: Ranked, page: int, min_points: float, *, light: bool) -> Iterator[Hit]:
        """Hits in their order, read from the catalog a page at a time; songs that left it are passed over."""
        for start in range(0, len(answer.ids), page):
            rows = range(start, min(start + page, len(answer.ids)))
            known = songs.get_many(self._catalog, answer.ids[start : start + page].tolist(), light=light)
            for row in rows:
                song = known.get(int(answer.ids[row]))
                if song is not None and answer.points[row] >= min_points:
                    yield _hit(song, answer, row)

    def _explained(self, hits: list[Hit], question: _Question) -> list[Hit]:
        queries = question.queries or dict(Steering(self, self._catalog, question.steers).toward())
        if "fused" in queries and question.wish.text:  # which says only that; its sides say why
            queries = self._vectors(question.wish, self.sides(None))
        manifests = {side: self.index(side).manifest for side in queries}
        return Evidence(
            self._catalog, queries, manifests, lambda: self.tower("words"), question.found
        ).explain(hits)


def _hit(song: Song, answer: Ranked, row: int) -> Hit:
    def points(side: str) -> float | None:
        value = answer.sides[side][row] if side in answer.sides else np.nan
        return None if np.isnan(value) else float(value)

    score = float(answer.points[row])
    return Hit(song, score, sound=points("sound"), words=points("words"), written=points(WRITTEN))
