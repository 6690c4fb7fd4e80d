"""Whether the parts of a song come in the order of a request: "starts calm, then gets loud"."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NotReady
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.song_index import SongIndex
from catalog.vectors import Vectors
from models.search.score_fusion import Scores

PAGE = 200
"""Songs whose windows are in memory together."""


def order_gains(
    parts: Sequence[NDArray[np.float32]], ids: NDArray[np.int64], index: SongIndex, catalog: Catalog
) -> Scores:
    """What songs (songs,) gain by parts in this order, in deviations: nothing where the reverse fits better.

    parts: of each its embedding (dimensions,). A song is cut into as many stretches of equal length, and each
    part is compared with the mean of its stretch. 0 for a song that has too few windows to be cut.
    """
    gained = np.zeros(len(ids), np.float32)
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        windows = _windows(catalog, index, page)
        for at, song in enumerate(page.tolist(), start):
            own = windows.get(song, ())
            if len(own) >= len(parts):
                gained[at] = _ahead(np.asarray(own, np.float32), parts)
    # Songs that lose nothing stay where the description as a whole puts them.
    ahead = np.maximum(gained, 0) / index.spread
    return ahead.astype(np.float32)


def _windows(catalog: Catalog, index: SongIndex, ids: NDArray[np.int64]) -> dict[int, NDArray[np.float16]]:
    try:
        return embeddings.windows(catalog, index.manifest.pipeline, ids.tolist())
    except NotReady:  # an index that was copied here without the catalog it was made from
        return {}


def _ahead(windows: Vectors, parts: Sequence[NDArray[np.float32]]) -> float:
    """By how much the mean cosine of parts and stretches falls when the song is played backwards."""
    stretches = []
    for stretch in np.array_split(windows, len(parts)):
        mean = stretch.mean(axis=0)  # (dimensions,)
        length = float(np.linalg.norm(mean))
        stretches.append(mean / max(length, 1e-9))
    forwards = [heard @ part for heard, part in zip(stretches, parts, strict=True)]
    stretches.reverse()
    backwards = [heard @ part for heard, part in zip(stretches, parts, strict=True)]
    return float(np.mean(forwards) - np.mean(backwards))
