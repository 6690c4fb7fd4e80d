"""`hnsw`: a graph of near neighbours (Malkov & Yashunin 2016, arXiv:1603.09320), by usearch.

`nw index --store usearch` makes it. So did every `nw index` before there was `sketch`: such an index answers
until the next `nw index`, which makes the other.

It finds candidates, which are scored exactly from the vectors themselves: so its own copy of them is in 8
bits, and a query touches half as much of the file.

A usearch file knows neither its number type nor its search width by itself, and a missing or foreign file
does not always raise: so the type is given, the header is checked, and the folder's manifest keeps the rest.
"""

import contextlib
import ctypes
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.indexes import Halves, Keys, Place, filtered, no_sound_index

FILE = "graph.usearch"
HOLDS_VECTORS = False
FILTERS = False
WIDTH, WIDER_FROM = 8, 100_000
"""In 8 bits, near neighbours change places, and in a large graph a description loses its way: measured in
models/EXPERIMENTS.md, "How wide a graph is searched"."""

CONNECTIVITY = 16  # M of the paper: neighbours of each node
EXPANSION_ADD = 128  # efConstruction of the paper: how widely a place for a new node is looked for
EXPANSION_SEARCH = 128  # ef of the paper: wider finds more, and takes longer


if sys.platform == "linux":
    # usearch 2.26 carries a C++ library of its own. Where that is the first one in a process, numbers that
    # torch prints come out empty (its exporter then fails) and onnxruntime crashes. The system's goes first.
    with contextlib.suppress(OSError):
        ctypes.CDLL("libstdc++.so.6", mode=ctypes.RTLD_GLOBAL)


class HnswIndex:
    """A usearch index over unit vectors, in memory or as a view of its file."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    def search(
        self, query: NDArray[np.float32], k: int, among: Keys | None = None
    ) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest, nearly always: keys and cosines (within 0.02), best first.

        Among some songs: so many of all are looked for that k of those are there.
        """
        if among is None:
            return self._nearest(query, k)
        return filtered(lambda wide: self._nearest(query, wide), k, among, len(self))

    def _nearest(self, query: NDArray[np.float32], k: int) -> tuple[Keys, NDArray[np.float32]]:
        """One query at a time: usearch pads the short rows of a batch with key 0, which is a real key."""
        if not len(self):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        most = min(k, len(self))
        found = self._graph.search(query.astype(np.float16), most)
        cosines = 1 - found.distances.astype(np.float32)
        return found.keys.astype(np.int64), cosines

    def save(self, path: Path) -> None:
        """Write the graph and its vectors."""
        self._graph.save(str(path))

    def __len__(self) -> int:
        return len(self._graph)


def width(vectors: int) -> int:
    """8, and more by the cube root of how far a graph is beyond 100,000 vectors.

    >>> width(1_000), width(1_000_000)
    (8, 17)
    """
    beyond = max(vectors / WIDER_FROM, 1)
    return round(WIDTH * math.cbrt(beyond))


def build(keys: Keys, vectors: Halves, previous: Path | None = None, place: Place | None = None) -> HnswIndex:
    """A graph over these vectors.

    keys: (vectors,), unique. vectors: (vectors, dimensions), finite.
    """
    graph = _empty(vectors.shape[1])
    if len(keys):
        graph.add(keys, np.asarray(vectors))
    return HnswIndex(graph)


def open_file(path: Path) -> HnswIndex:
    """A view of a saved graph: pages are read as the search touches them.

    Raises Damaged where the file is missing or not a usearch index.
    """
    from usearch.index import Index

    try:
        header: Any = Index.metadata(str(path))  # None where there is no file
        graph = _empty(int(header["dimensions"]))
        graph.view(str(path))
    except (TypeError, ValueError, RuntimeError) as error:
        raise no_sound_index(path) from error
    graph.expansion_search = EXPANSION_SEARCH  # which is not in the file
    return HnswIndex(graph)


def _empty(dimensions: int) -> Any:
    from usearch.index import Index

    return Index(
        ndim=dimensions,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
        enable_key_lookups=False,  # a table of keys would be filled at every start, and nothing asks for one
    )
