"""Why a song was found: the moment of its sound, the line of its words, and what is written in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NotReady
from catalog.indexes import among, once
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.library.exact_match import Found
from catalog.records import Hit, Line, Moment, Role, Song
from catalog.song_index import SongIndex
from models.networks.late_fusion_tower import FusedTower
from models.networks.text_tower import TextTower
from models.search.indexes import Indexes
from models.search.query_embedding import Query, embed_text
from models.search.relevance_feedback import toward

Best = tuple[int, object]
"""A part of a song: its place among the parts, and its label."""


def explain(
    hits: Sequence[Hit], query: Query, matches: Sequence[Found], indexes: Indexes, catalog: Catalog
) -> list[Hit]:
    """The same hits, each with what speaks for it."""
    embedded = query.embeddings or dict(toward(query.feedback))
    if "fused" in embedded and query.parsed.text:  # which says only that; sound and words say why
        embedded = embed_text(query.parsed, indexes.roles(), indexes)
    used = {role: indexes.index(role) for role in embedded}

    def words_tower() -> TextTower | FusedTower:
        return indexes.tower("words")  # opened for the first line of lyrics alone: it takes a while

    return Evidence(catalog, embedded, used, words_tower, matches).explain(hits)


class Evidence:
    """Explains hits of one query."""

    def __init__(
        self,
        catalog: Catalog,
        queries: Mapping[Role, NDArray[np.float32]],
        indexes: Mapping[Role, SongIndex],
        words_tower: Callable[[], TextTower | FusedTower],
        matches: Sequence[Found] = (),
    ) -> None:
        self._catalog = catalog
        self._queries = queries
        self._indexes = indexes
        self._words_tower = words_tower
        self._matches = matches

    def explain(self, hits: Sequence[Hit]) -> list[Hit]:
        """The same hits with moment, line and matched words where there are any."""
        songs = [hit.song for hit in hits]
        moments = self._best_parts("sound", songs)
        lines = self._best_parts("words", songs)
        explained = []
        for hit in hits:
            song = hit.song
            moment = self._moment(song, moments.get(song.id))
            line = self._line(song, lines.get(song.id))
            explained.append(replace(hit, moment=moment, line=line, matched=self._matched(song)))
        return explained

    def _best_parts(self, role: Role, songs: Sequence[Song]) -> dict[int, Best]:
        """Which part of each song is nearest to the query."""
        query = self._queries.get(role)
        if query is None:
            return {}
        try:
            pipeline = self._indexes[role].manifest.pipeline
            shown = once(np.array([song.id for song in songs], np.int64))
            # What was embedded since this index was made had no part in the score.
            asked = shown[among(shown, self._indexes[role].songs)]
            found = embeddings.labeled_windows(self._catalog, pipeline, asked.tolist())
        except NotReady:  # an index that was copied here without the catalog it was made from
            return {}
        best: dict[int, Best] = {}
        for song in songs:
            vectors, labels = found.get(song.id, (None, None))
            if vectors is None:
                continue
            # The parts of a text are labelled; windows of sound are told by their place.
            known = len(vectors) if labels else self._inside(song, len(vectors))
            similarities = vectors[:known].astype(np.float32) @ query  # (parts,)
            at = int(np.argmax(similarities))
            best[song.id] = (at, labels[at] if labels else None)
        return best

    def _inside(self, song: Song, windows: int) -> int:
        """How many windows lie at least half in the song: the last may be its fading end and silence."""
        manifest = self._indexes["sound"].manifest
        if manifest.hop_s is None or manifest.window_s is None or not song.duration_s:
            return windows
        # The last window may be filled up; it counts where more than half of it is song.
        to_middle = song.duration_s - manifest.window_s / 2  # the last start of which that holds, seconds
        inside = int(to_middle / manifest.hop_s) + 1
        return min(windows, max(1, inside))

    def _moment(self, song: Song, best: Best | None) -> Moment | None:
        """Where in the song its best window lies; None where the index has no times."""
        if best is None:
            return None
        manifest = self._indexes["sound"].manifest
        if manifest.hop_s is None or manifest.window_s is None:
            return None
        place, _ = best
        start = place * manifest.hop_s  # seconds
        end = start + manifest.window_s
        if song.duration_s:
            end = min(end, song.duration_s)  # a short song fills a window only in part
        return Moment(start, end)

    def _line(self, song: Song, best: Best | None) -> Line | None:
        """The caption, or the line of the best chunk of lyrics, that is nearest to the query."""
        label = best[1] if best else None
        if not isinstance(label, dict):
            return None
        if "caption" in label:
            caption = song.captions[label["caption"]]
            return Line(caption.text, caption.start_s)
        first, end = label["lines"]
        # The index holds chunks of lines; which line it was is asked now, for the few songs that are shown.
        lines = [line for line in song.lyrics[first:end] if line.text.strip()]
        vectors = self._words_tower().encode([line.text for line in lines])
        similarities = vectors @ self._queries["words"]  # (lines,)
        return lines[int(np.argmax(similarities))]

    def _matched(self, song: Song) -> tuple[str, ...]:
        """Tags that stand in the description, then its other words with the place where they are written."""
        of_song = (match.term for match in self._matches if song.id in match.ids)
        terms = list(dict.fromkeys(of_song))  # each once, in the order of the description
        shown = []
        in_tags: set[str] = set()
        for tag in song.tags:
            inside = [term for term in terms if term in tag.casefold()]
            if inside:
                shown.append(f"tag: {tag}")
                in_tags.update(inside)
        for term in terms:
            if term not in in_tags:  # a word that stands in a tag is not shown a second time
                shown.append(f"{_place(song, term)}: {term}")
        return tuple(shown)


def _place(song: Song, written: str) -> str:
    """Where a word stands in a song: the first of its names, its lyrics, its folder, else "text"."""
    # Words are found by their stem: "robots" stands in "robot's".
    term = written.removesuffix("s") or written
    for name in ("title", "artist", "album"):
        if term in str(getattr(song, name)).casefold():
            return name
    if any(term in line.text.casefold() for line in song.lyrics):
        return "lyrics"
    folder = str(song.path.parent) if song.path else ""
    return "folder" if term in folder.casefold() else "text"
