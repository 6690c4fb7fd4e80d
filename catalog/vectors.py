"""The type of vectors; apart from the other nouns, for they need no numpy and commands start without it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 of shape (rows, dimensions), each row of length 1 unless said otherwise."""


def block_starts(blocks: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Where each block begins (blocks,) among the rows of all, put one after the other.

    >>> block_starts([np.zeros((2, 4)), np.zeros((3, 4)), np.zeros((1, 4))]).tolist()
    [0, 2, 5]
    """
    lengths = [len(block) for block in blocks]
    return np.cumsum([0, *lengths[:-1]])
