"""What goes into an index: keys and vectors of songs, from the catalog, in blocks."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Incompatible
from catalog.indexes import MOST_PARTS, PART_BITS, Halves, Keys
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.library.song_filter import ids_in_other_languages
from catalog.vectors import put_together
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing.late_fusion import FusedEncoder

BLOCK = 2_000
"""Songs that are in memory together."""
Encoder = SoundEncoder | WordsEncoder | FusedEncoder
Rows = tuple[Keys, Halves]


def all_rows(catalog: Catalog, encoder: Encoder) -> Rows:
    """Keys and vectors of all songs, ascending: the track vector, or the whole text and its parts."""
    return joined(list(blocks(catalog, encoder)), encoder)


def blocks(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    """The same a block at a time. Raises Incompatible where they are of another width than the encoder's."""
    if encoder.role != "fused" and not embeddings.is_registered(catalog, encoder.pipeline):
        return  # a library without lyrics never had any for an encoder of words
    for keys, vectors in _ALL[encoder.role](catalog, encoder):
        if vectors.shape[1] != encoder.dimensions:
            width = vectors.shape[1]
            raise Incompatible(
                f"the vectors of {encoder.pipeline} are {width} wide here, not {encoder.dimensions}.",
                try_this="nw index --rebuild",
            )
        yield keys, vectors


def rows_of(catalog: Catalog, encoder: Encoder, songs: NDArray[np.int64]) -> Rows:
    """Keys and vectors of these songs (ids, ascending) alone; without those that have none.

    Not for a fusion, which makes its vectors for a library as a whole.
    """
    if encoder.role != "sound":
        return joined(list(_parts_of(catalog, encoder, songs)), encoder)
    ids, vectors = embeddings.tracks_of(catalog, encoder.pipeline, songs)
    if not len(ids):
        return joined([], encoder)
    return ids << PART_BITS, vectors


def joined(parts: list[Rows], encoder: Encoder) -> Rows:
    """Several rows as one; takes them from the list, so that the vectors are not in memory twice."""
    if not parts:
        no_vectors = np.empty((0, encoder.dimensions), np.float16)
        return np.empty(0, np.int64), no_vectors
    keys = [keys for keys, _ in parts]
    vectors = [vectors for _, vectors in parts]
    parts.clear()
    return put_together(keys), put_together(vectors)


def _track_rows(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    for ids, vectors in embeddings.track_blocks(catalog, encoder.pipeline):
        yield ids << PART_BITS, vectors


def _part_rows(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    for ids, _ in embeddings.track_blocks(catalog, encoder.pipeline, rows=BLOCK):
        yield joined(list(_parts_of(catalog, encoder, ids)), encoder)


def _parts_of(catalog: Catalog, encoder: Encoder, songs: NDArray[np.int64]) -> Iterator[Rows]:
    """The parts of each song's words; of lyrics in a language that the encoder has not learned none."""
    parts = embeddings.labeled_windows(catalog, encoder.pipeline, songs.tolist())
    foreign = set(foreign_to(catalog, encoder))
    for song in songs.tolist():
        vectors, labels = parts.get(song, (None, None))
        if vectors is None:
            continue
        if song in foreign and labels:
            is_caption = ["caption" in label for label in labels]
            vectors = vectors[is_caption]
        own = vectors[:MOST_PARTS]
        if len(own):
            first_key = song << PART_BITS
            yield first_key + np.arange(len(own)), own


def foreign_to(catalog: Catalog, encoder: Encoder) -> list[int]:
    """Ids of the songs that are sung in a language which the encoder has not learned, ascending."""
    if encoder.languages is None:
        return []
    found: list[int] = ids_in_other_languages(catalog, encoder.languages).tolist()
    return found


def _fused_rows(catalog: Catalog, encoder: Any) -> Iterator[Rows]:
    for ids, vectors in encoder.song_blocks(catalog):
        yield ids << PART_BITS, vectors


_ALL: dict[str, Callable[[Catalog, Any], Iterator[Rows]]] = {
    "sound": _track_rows,
    "words": _part_rows,
    "fused": _fused_rows,
}
