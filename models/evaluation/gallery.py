"""The gallery of an evaluation data set: each song once, as vectors, with the captions relevant to it.

A song is its sound (or, for an encoder of words, its lyrics), never an id or a name: a file that three rows
name is one candidate, and one id over two sounds is two of them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog import sources
from catalog.errors import NewWaveError
from catalog.identity import Claims, Contents, sounds_of
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.records import Caption, Clip
from catalog.song_index import SongIndex
from catalog.vectors import Vectors, block_starts
from models.evaluation.protocols import Qrel
from models.indexing.embed_clip import Encoder, vectors_or_error

Progress = Callable[[int, str], None]
EmbedClips = Callable[[Iterable[Clip]], Iterator[tuple[Clip, Vectors | NewWaveError]]]
"""Embeds clips and gives them back in order, each with its vectors or what is wrong with it."""
_NOTHING = np.empty((0, 0), np.float32)


@dataclass(slots=True)
class Gallery:
    """An evaluation data set as an encoder sees it.

    ids: names of the songs, to be shown. vectors: (parts of all songs, dimensions); starts: (songs,) the
    first part of each. qrels: which caption is relevant to which song. failed: songs that could not be
    embedded, and why: they are counted, never scored as silence. notes: what a person should know.
    """

    data: str
    ids: list[str] = field(default_factory=list)
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    qrels: list[Qrel] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def embedded(
    encoder: Encoder,
    clips: Iterable[Clip],
    data: str,
    *,
    progress: Progress = lambda songs, name: None,
    elsewhere: EmbedClips | None = None,
) -> Gallery:
    """Embed every song once, however many clips are of it; their captions come together.

    elsewhere: what embeds them in place of this process, such as a cluster.
    """
    gallery = Gallery(data)
    blocks: list[Vectors] = []
    contents = Contents()
    # A song is its lyrics to who reads and its sound to who hears.
    known_by = contents.lyrics if encoder.role == "words" else contents.sound
    rows = _Rows(known_by)
    place: dict[str, int] = {}  # by sound or lyrics, of what could be embedded
    songs_once = rows.songs(clips)
    # Rows are read as they are wanted, so `rows` knows each song a little before its vectors come.
    results = elsewhere(songs_once) if elsewhere else _here(encoder, songs_once)
    for clip, found in results:
        progress(1, clip.id)
        number, who = rows.new.popleft()
        if isinstance(found, NewWaveError):
            rows.fail(number, clip, found)
            continue
        place[who] = len(blocks)
        blocks.append(found)
        gallery.ids.append(str(clip.song.get("title") or clip.id))
    # Last, for the rows of a song may stand anywhere, also before one that could be embedded.
    for who, texts in rows.said:
        if who in place:
            gallery.qrels += _qrels(place[who], texts)
    gallery.failed += rows.failed()
    gallery.notes += rows.claims.notes()
    return _joined(gallery, blocks)


class _Rows:
    """The rows of a data set as they pass: what each is about, what it says, and which failed.

    new: number and sound (or lyrics) of those that were handed on. said: the captions of each row.
    """

    def __init__(self, known_by: Callable[[Clip], str]) -> None:
        self.claims = Claims()
        self.new: deque[tuple[int, str]] = deque()
        self.said: list[tuple[str, Sequence[Caption]]] = []
        self._known_by = known_by
        self._failed: dict[tuple[str, str], int] = {}  # (clip, why) to the number of its row

    def songs(self, clips: Iterable[Clip]) -> Iterator[Clip]:
        """The first clip of each song."""
        seen: set[str] = set()
        for number, clip in enumerate(clips):
            try:
                who = self._known_by(clip)
            except NewWaveError as problem:
                self.fail(number, clip, problem)
                continue
            self.claims.add(clip.id, who)
            self.said.append((who, clip.texts))
            if who in seen:
                continue
            seen.add(who)
            self.new.append((number, who))
            yield clip

    def fail(self, number: int, clip: Clip, problem: NewWaveError) -> None:
        """Note that a row cannot be used; the same twice counts once."""
        self._failed.setdefault((clip.id, str(problem)), number)

    def failed(self) -> list[tuple[str, str]]:
        """Which rows failed and why, in their order, whenever it was known."""
        return sorted(self._failed, key=self._failed.__getitem__)


def _here(encoder: Encoder, clips: Iterable[Clip]) -> Iterator[tuple[Clip, Vectors | NewWaveError]]:
    for clip in clips:
        yield clip, vectors_or_error(encoder, clip)


def library(catalog: Catalog, pipeline: str, *, words: bool = False) -> Gallery:
    """Songs of the catalog that have captions, by the vectors that `nw index` kept.

    words: judge what the lyrics say; captions are left out of a song's parts, since they are the queries.
    """
    if not words:
        ids, tracks = embeddings.tracks(catalog, pipeline)
        return _captioned(catalog, lambda song: tracks[ids == song].astype(np.float32))

    def of_lyrics(song: int) -> Vectors:
        kept = embeddings.labeled_windows(catalog, pipeline, [song])
        vectors, labels = kept.get(song, ((), ()))
        # A caption among the parts would be found by itself.
        rows = [at for at, label in enumerate(labels or ()) if "lines" in label]
        return np.asarray(vectors, np.float32)[rows] if rows else _NOTHING

    return _captioned(catalog, of_lyrics)


def indexed(catalog: Catalog, index: SongIndex) -> Gallery:
    """Songs of the catalog that have captions, by the vectors of an index of sound."""

    def track(song: int) -> Vectors:
        # As (1, dimensions), like the parts of a song of words.
        vector = index.track_embedding(song)
        return _NOTHING if vector is None else vector[None]

    return _captioned(catalog, track)


def _captioned(catalog: Catalog, vectors: Callable[[int], Vectors]) -> Gallery:
    """The library's songs that have captions. vectors: of a song by its id (parts, dimensions)."""
    gallery = Gallery("library")
    blocks: list[Vectors] = []
    sounds: Mapping[int, str] = sounds_of(catalog)
    places: dict[str, int] = {}  # by sound, of the songs that are in the gallery
    for song in songs.iterate(catalog, light=False):
        descriptions = [caption for caption in song.captions if caption.is_description]
        if not descriptions:
            continue
        who = sounds.get(song.id) or f"song {song.id}"
        name = song.title or f"song {song.id}"  # rows of some data sets have no title
        if who not in places:
            block = vectors(song.id)
            if not len(block):
                gallery.failed.append((name, "has no vector; nw index makes it"))
                continue
            places[who] = len(blocks)
            gallery.ids.append(name)
            blocks.append(block)
        gallery.qrels += _qrels(places[who], descriptions)
    return _joined(gallery, blocks)


def _joined(gallery: Gallery, blocks: list[Vectors]) -> Gallery:
    if blocks:
        gallery.vectors = np.concatenate(blocks)
        gallery.starts = block_starts(blocks)
    return gallery


def _qrels(song: int, captions: Sequence[Caption]) -> list[Qrel]:
    """That these captions are relevant to a song; those that a data set holds for less sure are not valid."""
    others = {info.other_captions for info in sources.infos().values() if info.other_captions}
    found = []
    for caption in captions:
        text = caption.text.strip()
        if text:
            found.append(Qrel(song, text, valid=caption.origin not in others))
    return found
