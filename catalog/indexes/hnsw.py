"""`hnsw`: a graph of near neighbours (Malkov & Yashunin 2016, arXiv:1603.09320), by usearch.

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

from catalog.errors import Damaged
from catalog.indexes import PART_BITS, Halves, Keys, Place
from catalog.indexes import among as within

FILE = "graph.usearch"
HOLDS_VECTORS = False
FILTERS = False
WIDTH, WIDER_FROM = 8, 100_000
"""In 8 bits, near neighbours change places, and in a large graph a description loses its way: measured in
models/EXPERIMENTS.md, "How wide a graph is searched"."""

CONNECTIVITY = 16  # M of the paper: neighbours of each node
EXPANSION_ADD = 128  # efConstruction of the paper: how widely a place for a new node is looked for
EXPANSION_SEARCH = 128  # ef of the paper: wider finds more, and takes longer
REBUILD_ABOVE = 0.2
"""Removed vectors stay in the graph as dead ends: past this share of them it is built anew."""
SAME = 0.98
"""The cosine from which on a vector in 8 bits is held to be that of a song: 0.998 for itself."""


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
        if among is None or not len(self):
            return self._nearest(query, k)
        # Were the wanted songs spread evenly, so many of the nearest would hold k of them; an eighth more
        # often saves the second look.
        total = len(self)
        expected = k * total // max(len(among), 1)
        wide = min(total, expected + k // 8)
        while True:
            keys, cosines = self._nearest(query, wide)
            inside = within(keys >> PART_BITS, among)
            keys, cosines = keys[inside], cosines[inside]
            if len(keys) >= k or wide == total:
                return keys[:k], cosines[:k]
            wide = min(total, 2 * wide)

    def _nearest(self, query: NDArray[np.float32], k: int) -> tuple[Keys, NDArray[np.float32]]:
        """One query at a time: usearch pads the short rows of a batch with key 0, which is a real key."""
        if not len(self):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = self._graph.search(query.astype(np.float16), min(k, len(self)))
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
    """A graph over these vectors; one at `previous` is brought up to date where that is less work.

    keys: (vectors,), unique. vectors: (vectors, dimensions), finite.
    """
    kept = _updated(keys, vectors, previous) if previous is not None else None
    if kept is not None:
        return kept
    graph = _empty(vectors.shape[1])
    if len(keys):
        graph.add(keys, np.asarray(vectors))
    return HnswIndex(graph)


def open_file(path: Path) -> HnswIndex:
    """A view of a saved graph: pages are read as the search touches them.

    Raises Damaged where the file is missing or not a usearch index.
    """
    return HnswIndex(_read(path, view=True))


def _empty(dimensions: int, *, by_key: bool = True) -> Any:
    """A graph of the kind that is kept; by_key: vectors can be got and removed by their keys."""
    from usearch.index import Index

    return Index(
        ndim=dimensions,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
        enable_key_lookups=by_key,
    )


def _read(path: Path, *, view: bool) -> Any:
    """The graph of a file; with `view` in place and for searching alone. Raises Damaged."""
    from usearch.index import Index

    try:
        header: Any = Index.metadata(str(path))  # None where there is no file
        # What is only searched needs no table of its keys, which would be filled at every start.
        graph = _empty(int(header["dimensions"]), by_key=not view)
        if view:
            graph.view(str(path))
        else:
            graph.load(str(path))
    except (TypeError, ValueError, RuntimeError) as error:
        raise Damaged(
            f"{path} is missing or no sound index, so nothing can be looked up in it.",
            try_this="nw index --rebuild    (writes it again from the catalog)",
        ) from error
    graph.expansion_search = EXPANSION_SEARCH  # neither is in the file
    graph.expansion_add = EXPANSION_ADD
    return graph


def _updated(keys: Keys, vectors: Halves, previous: Path) -> HnswIndex | None:
    """The previous graph less what is gone plus what is new; None where a new graph is the better way."""
    graph = _read(previous, view=False)
    if graph.ndim != vectors.shape[1]:
        return None
    had = np.asarray(graph.keys, dtype=np.int64)
    stays = np.isin(keys, had)
    if stays.any():
        # A key that is known may stand for another vector by now: the song was changed.
        kept = np.asarray(graph.get(keys[stays]))
        stays[stays] = _likeness(kept, vectors[stays]) > SAME
    gone = np.setdiff1d(had, keys[stays])
    if gone.size > REBUILD_ABOVE * max(had.size, 1):
        return None
    if gone.size:
        graph.remove(gone)
    is_new = ~stays
    if is_new.any():
        graph.add(keys[is_new], np.asarray(vectors[is_new]))
    return HnswIndex(graph)


def _likeness(one: NDArray[np.int8], other: Halves) -> NDArray[np.float32]:
    """Cosines (vectors,) of vectors (vectors, dimensions), row by row; 1 where both are zero."""
    a = one.astype(np.float32)
    b = other.astype(np.float32)
    dots = (a * b).sum(axis=1)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    quotients = dots / np.maximum(lengths, 1e-9)
    cosines: NDArray[np.float32] = np.where(lengths > 0, quotients, 1.0)
    return cosines
