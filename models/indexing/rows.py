"""What goes into an index: keys and vectors of songs, from the catalog, in blocks."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Incompatible
from catalog.indexes import MOST_PARTS, PART_BITS, Halves, Keys
from catalog.library import embeddings
from catalog.library.database import Catalog
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing.late_fusion import FusedEncoder

BLOCK = 2_000
Encoder = SoundEncoder | WordsEncoder | FusedEncoder
Rows = tuple[Keys, Halves]


def all_rows(catalog: Catalog, encoder: Encoder) -> Rows:
    """Keys and vectors of all songs, ascending: the track vector, or the whole text and its parts."""
    return joined(list(blocks(catalog, encoder)), encoder)


def blocks(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    """The same a block at a time. Raises Incompatible where they are of another width than the encoder's."""
    for keys, vectors in _ALL[encoder.role](catalog, encoder):
        if vectors.shape[1] != encoder.dimensions:
            raise Incompatible(
                f"the vectors of {encoder.pipeline} are {vectors.shape[1]} wide here,"
                f" not {encoder.dimensions}.",
                try_this="nw index --rebuild",
            )
        yield keys, vectors


def rows_of(catalog: Catalog, encoder: Encoder, songs: NDArray[np.int64]) -> Rows:
    """Keys and vectors of these songs (ids, ascending) alone; without those that have none.

    Not for a fusion, which makes its vectors for a library as a whole.
    """
    if encoder.role == "sound":
        ids, vectors = embeddings.tracks_of(catalog, encoder.pipeline, songs)
        return joined([(ids << PART_BITS, vectors)] if len(ids) else [], encoder)
    parts = embeddings.windows(catalog, encoder.pipeline, songs)
    return joined([_keyed(song, parts[song]) for song in songs.tolist() if song in parts], encoder)


def joined(parts: list[Rows], encoder: Encoder) -> Rows:
    """Several rows as one."""
    if not parts:
        return np.empty(0, np.int64), np.empty((0, encoder.dimensions), np.float16)
    return np.concatenate([keys for keys, _ in parts]), np.concatenate([vectors for _, vectors in parts])


def _track_rows(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    for ids, vectors in embeddings.track_blocks(catalog, encoder.pipeline):
        yield ids << PART_BITS, vectors


def _part_rows(catalog: Catalog, encoder: Encoder) -> Iterator[Rows]:
    for ids, _ in embeddings.track_blocks(catalog, encoder.pipeline, rows=BLOCK):
        parts = embeddings.windows(catalog, encoder.pipeline, ids.tolist())
        yield joined([_keyed(song, parts[song]) for song in ids.tolist()], encoder)


def _keyed(song: int, parts: Halves) -> Rows:
    own = parts[:MOST_PARTS]
    return (song << PART_BITS) + np.arange(len(own)), own


def _fused_rows(catalog: Catalog, encoder: Any) -> Iterator[Rows]:
    for ids, vectors in encoder.song_blocks(catalog):
        yield ids << PART_BITS, vectors


_ALL: dict[str, Callable[[Catalog, Any], Iterator[Rows]]] = {
    "sound": _track_rows,
    "words": _part_rows,
    "fused": _fused_rows,
}
