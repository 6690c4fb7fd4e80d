"""The gallery of an evaluation data set: each song once, as vectors, with the captions relevant to it.

A song is its sound (or, for an encoder of words, its lyrics), never an id or a name: a file that three rows
name is one candidate, and one id over two sounds is two of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from models.indexing.embed_clip import Encoder, vectors_of

Progress = Callable[[int, str], None]
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
    encoder: Encoder, clips: Iterator[Clip], data: str, *, progress: Progress = lambda songs, name: None
) -> Gallery:
    """Embed every song once, however many clips are of it; their captions come together."""
    gallery = Gallery(data)
    claims, blocks = Claims(), list[Vectors]()
    place: dict[str, int | None] = {}  # by sound or lyrics; None for what could not be embedded
    contents = Contents()
    known_by = contents.lyrics if encoder.role == "words" else contents.sound
    for clip in clips:
        try:
            who = known_by(clip)
        except NewWaveError as problem:
            _fail(gallery, clip, problem)
            continue
        claims.add(clip.id, who)
        if who not in place:
            place[who] = _embed(gallery, blocks, encoder, clip)
            progress(1, clip.id)
        at = place[who]
        if at is not None:
            gallery.qrels += _qrels(at, clip.texts)
    gallery.notes += claims.notes()
    return _joined(gallery, blocks)


def _embed(gallery: Gallery, blocks: list[Vectors], encoder: Encoder, clip: Clip) -> int | None:
    try:
        vectors = vectors_of(encoder, clip)
    except NewWaveError as problem:
        _fail(gallery, clip, problem)
        return None
    blocks.append(vectors)
    gallery.ids.append(str(clip.song.get("title") or clip.id))
    return len(blocks) - 1


def _fail(gallery: Gallery, clip: Clip, problem: NewWaveError) -> None:
    failure = (clip.id, str(problem))
    if failure not in gallery.failed:
        gallery.failed.append(failure)


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
        vector = index.track_embedding(song)
        return _NOTHING if vector is None else vector[None]

    return _captioned(catalog, track)


def _captioned(catalog: Catalog, vectors: Callable[[int], Vectors]) -> Gallery:
    gallery, blocks = Gallery("library"), list[Vectors]()
    sounds: Mapping[int, str] = sounds_of(catalog)
    places: dict[str, int] = {}
    for song in songs.iterate(catalog, light=False):
        descriptions = [caption for caption in song.captions if caption.is_description]
        if not descriptions:
            continue
        who = sounds.get(song.id) or f"song {song.id}"
        if who not in places:
            block = vectors(song.id)
            if not len(block):
                gallery.failed.append((song.title, "has no vector; nw index makes it"))
                continue
            places[who] = len(blocks)
            gallery.ids.append(song.title)
            blocks.append(block)
        gallery.qrels += _qrels(places[who], descriptions)
    return _joined(gallery, blocks)


def _joined(gallery: Gallery, blocks: list[Vectors]) -> Gallery:
    if blocks:
        gallery.vectors = np.concatenate(blocks)
        gallery.starts = block_starts(blocks)
    return gallery


def _qrels(song: int, captions: Sequence[Caption]) -> list[Qrel]:
    others = {info.other_captions for info in sources.infos().values() if info.other_captions}
    found = []
    for caption in captions:
        text = caption.text.strip()
        if text:
            found.append(Qrel(song, text, valid=caption.origin not in others))
    return found
