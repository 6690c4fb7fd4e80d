"""What an encoder hears in songs, by name: instruments, genres, moods, voices, and what is no music."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from catalog.errors import NotReady
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.vectors import Vectors

PAGE = 200
"""Songs whose windows are in memory together."""


class Tagger(Protocol):
    """An encoder that can name what is in a song."""

    name: str
    pipeline: str

    @property
    def kinds(self) -> Mapping[str, str]:
        """What each of its names is: an instrument, a genre, ..."""

    def tags(self, vectors: Vectors) -> list[tuple[str, float]]:
        """(name, probability), the likeliest first, from window vectors (windows, dimensions)."""


def heard(
    catalog: Catalog, tagger: Tagger, song_ids: Sequence[int], *, least: float
) -> Iterator[tuple[int, list[tuple[str, float]]]]:
    """Each song with the names that are heard in it with a probability of `least` or more.

    From the vectors that `nw index` keeps: nothing is heard again. Songs without them are left out. Raises
    NotReady where the encoder names nothing, or nothing was embedded with it.
    """
    for start in range(0, len(song_ids), PAGE):
        page = song_ids[start : start + PAGE]
        windows = embeddings.windows(catalog, tagger.pipeline, page)
        for song_id in page:
            if song_id in windows:
                yield song_id, heard_in(windows[song_id].astype(np.float32), tagger, least=least)


def heard_in(windows: Vectors, tagger: Tagger, *, least: float) -> list[tuple[str, float]]:
    """The names that are heard in window vectors (windows, dimensions), the likeliest first; see `heard`."""
    named = tagger.tags(windows)
    if not named:
        raise NotReady(
            f"the weights of {tagger.name} that are here name nothing that they hear.",
            try_this="nw index --encoder mini",
        )
    return [(name, likely) for name, likely in named if likely >= least]
