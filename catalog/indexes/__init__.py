"""The kinds of index: one file each, and the folder is the registry.

`sketch` is what `nw index` makes where nothing else is asked for, by the kernels that usearch is made of;
`hnsw` is usearch's graph (`--store usearch`), which `nw index` made before. `exact` looks at every vector: it
is the truth that the others are measured against. `milvus` keeps graph and vectors on a server or in a file
of its own; the others lie in the folder of the index.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from catalog import registry
from catalog.errors import Damaged, WrongUse

Keys = NDArray[np.int64]
Halves = NDArray[np.float16]
Cosines = NDArray[np.float32]

PART_BITS = 12  # of a key, for the part of the song; the rest is the song's id
MOST_PARTS = 1 << PART_BITS
"""A key is `song id << 12 | part`: up to 4,096 vectors a song."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store keeps an index, and whose it is: two of these never share vectors.

    address: without the name of the store before it, and without secrets. owner: the folder of the index on
    its machine.
    """

    address: str
    role: str = ""
    pipeline: str = ""
    library: str = ""
    owner: str = ""


class Index(Protocol):
    """Unit vectors under int64 keys, searched by cosine."""

    def search(
        self, query: NDArray[np.float32], k: int, among: Keys | None = None
    ) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest: keys and cosines, best first, fewer where there are fewer.

        query: (dimensions,), length 1. among: only vectors of these songs (ids, ascending).
        """

    def save(self, path: Path) -> None:
        """Write the index to a file that `open_file` reads."""

    def __len__(self) -> int: ...


class StoredIndex(Index, Protocol):
    """An index that keeps its vectors, and changes in place."""

    def vectors(self, keys: Keys) -> Halves:
        """Vectors (keys, dimensions). Raises Damaged where one is not there."""

    def cosines(self, query: NDArray[np.float32], keys: Keys) -> NDArray[np.float32]:
        """Cosines (keys,) of a query and the vectors under these keys. Raises Damaged as `vectors`."""

    def claim(self, place: Place) -> None:
        """Raise StoreError where another library, machine or folder made it: who made it changes it."""

    def put(self, keys: Keys, vectors: Halves) -> None:
        """Add vectors, or replace those under the same keys; again is fine."""

    def remove(self, keys: Keys) -> None:
        """Take out the vectors under these keys; again is fine."""

    def finish(self) -> None:
        """Return when every reader sees what was put and removed, and no failure can lose it."""

    def drop(self) -> None:
        """Take the whole index from the store."""


class KindOfIndex(Protocol):
    """A file of this folder.

    FILE: what it writes into the folder of an index. HOLDS_VECTORS: it is a StoredIndex. FILTERS: `among`
    costs it nothing.
    """

    FILE: str
    HOLDS_VECTORS: bool
    FILTERS: bool

    def width(self, vectors: int) -> int:
        """Of so many vectors it is asked for so many times the songs wanted: its order is nearly right."""

    def build(
        self, keys: Keys, vectors: Halves, previous: Path | None = None, place: Place | None = None
    ) -> Index:
        """An index over unit vectors (keys, dimensions) in the order of their keys, ascending.

        previous, place: for a kind that holds vectors: where, and what a file names there that is left alone.
        """

    def open_file(self, path: Path) -> Index:
        """What `Index.save` wrote, as a view of the file where that is possible. Raises Damaged."""


class KindOfStore(KindOfIndex, Protocol):
    """A file of this folder whose indexes hold their vectors, at an address."""

    def checked(self, address: str) -> str:
        """The address as it is kept: without secrets, a path absolute. Raises WrongUse."""


DEFAULT = "sketch"
"""The kind that `nw index` makes."""
LOCAL = "local"
"""What `--store` calls the folder of the index."""
GRAPH = "usearch"
"""What `--store` calls a graph in that folder."""
BEFORE = "hnsw"
"""The kind of an index that names none."""


def blocks(values: Keys, size: int) -> Iterator[Keys]:
    """Values so many at a time."""
    # Slices of an array are views: nothing is copied.
    for start in range(0, len(values), size):
        yield values[start : start + size]


def among(songs: Keys, some: Keys) -> NDArray[np.bool_]:
    """Which of these songs (songs,) are among some (ids, ascending), whose number hardly matters.

    >>> among(np.array([5, 1, 9]), np.array([1, 5, 6])).tolist()
    [True, True, False]
    """
    if not len(some):
        return np.zeros(len(songs), bool)
    # A binary search for each, where np.isin would sort both anew for every query.
    at = np.searchsorted(some, songs)
    at = np.minimum(at, len(some) - 1)  # what is beyond all of them is looked up as the last, and is not it
    return np.asarray(some[at] == songs)


def ranges(starts: Keys, ends: Keys) -> tuple[Keys, Keys]:
    """All numbers from each start up to its end, and where each range begins among them.

    >>> [found.tolist() for found in ranges(np.array([3, 8]), np.array([5, 9]))]
    [[3, 4, 8], [0, 2]]
    """
    lengths = ends - starts
    begins = np.cumsum(lengths) - lengths  # numbers of the ranges ahead of each
    shift = np.repeat(starts - begins, lengths)
    return np.arange(lengths.sum()) + shift, begins


def filtered(
    nearest: Callable[[int], tuple[Keys, Cosines]], k: int, some: Keys, vectors: int
) -> tuple[Keys, Cosines]:
    """The k nearest of some songs (ids, ascending): keys and cosines, best first.

    nearest: so many of all, best first; of `vectors` so many are looked at that k of those songs are there.
    """
    # Were the wanted songs spread evenly, so many of the nearest would hold k of them; an eighth more often
    # saves the second look.
    expected = k * vectors // max(len(some), 1)
    wide = min(vectors, expected + k // 8)
    while True:
        keys, cosines = nearest(wide)
        inside = among(keys >> PART_BITS, some)
        keys, cosines = keys[inside], cosines[inside]
        if len(keys) >= k or wide == vectors:
            return keys[:k], cosines[:k]
        wide = min(vectors, 2 * wide)


def no_sound_index(path: Path) -> Damaged:
    """The error for a file that no kind can open, with the command that mends it."""
    return Damaged(
        f"{path} is missing or no sound index, so nothing can be looked up in it.",
        try_this="nw index --rebuild    (writes it again from the catalog)",
    )


def once(songs: Keys) -> Keys:
    """Each of these songs (songs,) once, ascending.

    >>> once(np.array([5, 1, 5])).tolist()
    [1, 5]
    """
    # np.unique loads numpy.ma when it is first called, which costs `nw query` a twentieth of its time.
    ascending = np.sort(songs)
    is_first = np.ones(len(ascending), bool)
    is_first[1:] = ascending[1:] != ascending[:-1]
    return ascending[is_first]


def store_named(text: str) -> tuple[str, str]:
    """The kind of index and the address that `--store` names. Raises WrongUse.

    >>> store_named("local"), store_named("usearch"), store_named("milvus:http://vectors:19530")
    (('sketch', ''), ('hnsw', ''), ('milvus', 'http://vectors:19530'))
    """
    if text == LOCAL:
        return DEFAULT, ""
    if text == GRAPH:
        return "hnsw", ""
    kind, _, address = text.partition(":")  # at the first colon: addresses have others
    stores = [name for name in names() if load(name).HOLDS_VECTORS]
    if kind not in stores:
        listed = ", ".join(f"{store}:ADDRESS" for store in stores)
        example = f"nw index --store {stores[0]}:http://localhost:19530"
        raise WrongUse(
            f"there is no store {kind!r} for vectors; there are: {LOCAL}, {GRAPH}, {listed}.",
            try_this=f"{example}    (or --store local)",
        )
    store = cast(KindOfStore, load(kind))
    return kind, store.checked(address)


def names() -> list[str]:
    """The kinds there are.

    >>> names()
    ['exact', 'hnsw', 'milvus', 'sketch']
    """
    return registry.names(__path__)


def load(name: str = DEFAULT) -> KindOfIndex:
    """The module of that kind. Raises WrongUse with the list."""
    module = registry.load(__name__, name, names(), what="kind of index", try_this="nw index --rebuild")
    return cast(KindOfIndex, module)
