"""The kinds of index: one file each, and the folder is the registry.

A file offers `build(keys, vectors, previous=None)` and `open_file(path)`, both giving an `Index`.
"""

from pathlib import Path
from typing import Any, Protocol

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


def names() -> list[str]:
    """The kinds there are.

    >>> names()
    ['exact', 'hnsw']
    """
    return registry.names(__path__)


def load(name: str) -> Any:
    """The module of that kind. Raises WrongUse with the list."""
    return registry.load(__name__, name, names(), what="kind of index", try_this="nw index --rebuild")
