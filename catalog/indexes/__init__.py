"""The kinds of index: one file each, and the folder is the registry.

`exact` looks at every vector: it is the truth that the others are measured against.
"""

from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from catalog import registry

Keys = NDArray[np.int64]
Halves = NDArray[np.float16]


class Index(Protocol):
    """Unit vectors under int64 keys, searched by cosine."""

    def search(self, query: NDArray[np.float32], k: int) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest: keys and cosines, best first, fewer where there are fewer.

        query: (dimensions,), length 1.
        """

    def save(self, path: Path) -> None:
        """Write the index to a file that `open_file` reads."""

    def __len__(self) -> int: ...


class KindOfIndex(Protocol):
    """A file of this folder."""

    def build(self, keys: Keys, vectors: Halves, previous: Path | None = None) -> Index:
        """An index over unit vectors (keys, dimensions); what is good of the previous file may be kept."""

    def open_file(self, path: Path) -> Index:
        """What `Index.save` wrote, as a view of the file where that is possible. Raises Damaged."""


DEFAULT = "hnsw"
"""The kind that `nw index` makes."""


def names() -> list[str]:
    """The kinds there are.

    >>> names()
    ['exact', 'hnsw']
    """
    return registry.names(__path__)


def load(name: str = DEFAULT) -> KindOfIndex:
    """The module of that kind. Raises WrongUse with the list."""
    module = registry.load(__name__, name, names(), what="kind of index", try_this="nw index --rebuild")
    return cast(KindOfIndex, module)
