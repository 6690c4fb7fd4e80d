"""A description to ranked songs: what `nw query` and `nw similar` answer with. Loads no torch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog import embeddings, songs
from catalog.database import Catalog
from catalog.errors import Incompatible, NoIndex, NotReady
from catalog.records import Hit, Line, Moment, Song
from catalog.song_index import Manifest, SongIndex
from models.encoders import SoundEncoder
from models.fusion import Scores, as_points, evidence
from models.onnx import TextTower

Side = Literal["sound", "words"]
SIDES: tuple[Side, ...] = ("sound", "words")
FITS_AT = {"sound": 2.0, "words": 2.5}
WIDTH = {"sound": 0.5, "words": 0.5}
CANDIDATES = 200
"""At least so many songs are scored exactly on both sides before the best are taken."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Songs, best first, with points 0-100 per side; not-a-number for a side that a song lacks."""

    ids: NDArray[np.int64]
    points: Scores
    sides: dict[Side, Scores]


class Searcher:
    """The indexes of a library, opened as they are asked for and kept warm."""

    def __init__(self, indexes: Path, catalog: Catalog) -> None:
        self._indexes, self._catalog = indexes, catalog
        self._opened: dict[Side, SongIndex] = {}
        self._towers: dict[Side, TextTower] = {}

    def search(
        self,
        text: str,
        *,
        by: Side | None = None,
        k: int = 10,
        within: NDArray[np.int64] | None = None,
        min_points: float = 0,
        explain: bool = False,
    ) -> list[Hit]:
        """The k songs that fit the description best.

        by: one side, or None for all that are indexed. within: only these songs. explain: say which moment
        and which line fit best. Raises NoIndex where nothing is indexed.
        """
        queries = {side: self.tower(side).encode([text])[0] for side in self.sides(by)}
        ranked = self._rank(queries, k, within)
        return self._hits(ranked, queries, k, min_points, explain)

    def similar(
        self,
        song: int,
        *,
        by: Side | None = None,
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
        ids = self._all_songs(queries) if within is None else within
        ids = np.setdiff1d(ids, np.asarray(leave_out, np.int64))
        sides = {side: self._among_songs(side, query, ids) for side, query in queries.items()}
        return self._hits(_ranked(ids, sides), queries, k, 0, explain)

    def sides(self, by: Side | None) -> list[Side]:
        """The sides to ask: the one named, or all that have an index. Raises NoIndex where there is none."""
        if by is not None:
            self.index(by)
            return [by]
        there = [side for side in SIDES if (self._indexes / side / "manifest.json").exists()]
        if not there:
            raise NoIndex(
                f"nothing is indexed in {self._indexes} yet, so nothing can be found.", try_this="nw index"
            )
        return there

    def index(self, side: Side) -> SongIndex:
        """The opened index of a side; once more where a new one has just replaced it."""
        if side not in self._opened:
            try:
                self._opened[side] = SongIndex(self._indexes / side)
            except FileNotFoundError:
                self._opened[side] = SongIndex(self._indexes / side)
        return self._opened[side]

    def tower(self, side: Side) -> TextTower:
        """The query encoder of a side."""
        if side not in self._towers:
            self._towers[side] = TextTower(self.index(side).content / "tower")
        return self._towers[side]

    def _rank(
        self, queries: dict[Side, NDArray[np.float32]], k: int, within: NDArray[np.int64] | None
    ) -> Ranked:
        if within is None:
            wanted = max(CANDIDATES, 2 * k)
            found = [self.index(side).nearest(query, wanted) for side, query in queries.items()]
            ids = np.unique(np.concatenate(found))
        else:
            ids = np.intersect1d(within, self._all_songs(queries))
        sides = {}
        for side, query in queries.items():
            index = self.index(side)
            sides[side] = index.standard(index.score(query, ids), ids)
        return _ranked(ids, sides)

    def _all_songs(self, sides: Iterable[Side]) -> NDArray[np.int64]:
        return np.unique(np.concatenate([self.index(side).songs for side in sides]))

    def _among_songs(self, side: Side, query: NDArray[np.float32], ids: NDArray[np.int64]) -> Scores:
        index = self.index(side)
        everyone = index.score(query, index.songs)
        spread = max(float(everyone.std()), 1e-3)
        standard: Scores = (index.score(query, ids) - everyone.mean()) / np.float32(spread)
        return standard

    def _hits(
        self,
        ranked: Ranked,
        queries: dict[Side, NDArray[np.float32]],
        k: int,
        min_points: float,
        explain: bool,
    ) -> list[Hit]:
        hits: list[Hit] = []
        for start in range(0, len(ranked.ids), max(k, 1)):
            rows = range(start, min(start + k, len(ranked.ids)))
            known = songs.get_many(self._catalog, ranked.ids[start : start + k].tolist(), light=not explain)
            for row in rows:
                song = known.get(int(ranked.ids[row]))
                if song is not None and ranked.points[row] >= min_points:
                    hits.append(_hit(song, ranked, row))
            if len(hits) >= k or not k:
                break
        hits = hits[:k]
        return _Evidence(self, self._catalog, queries).explain(hits) if explain else hits


def _ranked(ids: NDArray[np.int64], sides: dict[Side, Scores]) -> Ranked:
    if not len(ids):
        return Ranked(ids, np.empty(0, np.float32), sides)
    points = {s: as_points(z, fits_at=FITS_AT[s], width=WIDTH[s]) for s, z in sides.items()}
    fused = evidence(*(z - FITS_AT[s] + FITS_AT["sound"] for s, z in sides.items()))
    order = np.lexsort((ids, -fused))
    total = as_points(fused, fits_at=FITS_AT["sound"], width=WIDTH["sound"])
    return Ranked(ids[order], total[order], {side: p[order] for side, p in points.items()})


def _hit(song: Song, ranked: Ranked, row: int) -> Hit:
    def points(side: Side) -> float | None:
        value = ranked.sides[side][row] if side in ranked.sides else np.nan
        return None if np.isnan(value) else float(value)

    return Hit(song, float(ranked.points[row]), sound=points("sound"), words=points("words"))


class _Evidence:
    """Why a song was found: the moment of its sound and the line of its words that fit best."""

    def __init__(
        self, searcher: Searcher, catalog: Catalog, queries: dict[Side, NDArray[np.float32]]
    ) -> None:
        self._searcher, self._catalog, self._queries = searcher, catalog, queries

    def explain(self, hits: list[Hit]) -> list[Hit]:
        ids = [hit.song.id for hit in hits]
        moments = self._best_parts("sound", ids)
        lines = self._best_parts("words", ids)
        return [
            Hit(
                hit.song,
                hit.score,
                hit.sound,
                hit.words,
                self._moment(hit.song, moments.get(hit.song.id)),
                self._line(hit.song, lines.get(hit.song.id)),
            )
            for hit in hits
        ]

    def _best_parts(self, side: Side, ids: list[int]) -> dict[int, tuple[int, object]]:
        """Which part (its place, its label) of each song is nearest to the query."""
        query = self._queries.get(side)
        if query is None:
            return {}
        try:
            found = embeddings.labeled_windows(
                self._catalog, self._searcher.index(side).manifest.pipeline, ids
            )
        except NotReady:  # an index that was copied here without the catalog it was made from
            return {}
        best = {}
        for song, (vectors, labels) in found.items():
            at = int(np.argmax(vectors.astype(np.float32) @ query))
            best[song] = (at, labels[at] if labels else None)
        return best

    def _moment(self, song: Song, best: tuple[int, object] | None) -> Moment | None:
        manifest = self._searcher.index("sound").manifest if best else None
        if best is None or manifest is None or manifest.hop_s is None or manifest.window_s is None:
            return None
        start = best[0] * manifest.hop_s
        end = start + manifest.window_s
        return Moment(start, min(end, song.duration_s) if song.duration_s else end)

    def _line(self, song: Song, best: tuple[int, object] | None) -> Line | None:
        label = best[1] if best else None
        if not isinstance(label, dict):
            return None
        if "caption" in label:
            caption = song.captions[label["caption"]]
            return Line(caption.text, caption.start_s)
        first, end = label["lines"]
        lines = [line for line in song.lyrics[first:end] if line.text.strip()]
        vectors = self._words_tower.encode([line.text for line in lines])
        return lines[int(np.argmax(vectors @ self._queries["words"]))]

    @cached_property
    def _words_tower(self) -> TextTower:
        return self._searcher.tower("words")


def same_pipeline(encoder: SoundEncoder, manifest: Manifest) -> SoundEncoder:
    """The encoder, if it makes the vectors that the index holds. Raises Incompatible."""
    if encoder.pipeline != manifest.pipeline:
        raise Incompatible(
            f"the index for {manifest.role} holds vectors of {manifest.pipeline}, but this nw makes"
            f" {encoder.pipeline}; their scores mean nothing to each other.",
            try_this=f"nw index --encoder {encoder.name}    (makes the index anew)",
        )
    return encoder
