"""The type of vectors; apart from the other nouns, for they need no numpy and commands start without it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 of shape (rows, dimensions), each row of length 1 unless said otherwise."""


def unit(rows: NDArray[np.floating]) -> Vectors:
    """Rows (..., dimensions) at length 1; a row of zeros stays one.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    at_length_1: Vectors = rows / np.maximum(lengths, 1e-9)
    return at_length_1


def put_together(blocks: list[NDArray[Any]]) -> NDArray[Any]:
    """Blocks (rows, ...) one after the other; takes them from the list, so that no row is in memory twice.

    >>> put_together([np.array([1, 2]), np.array([3])]).tolist()
    [1, 2, 3]
    """
    end = sum(len(block) for block in blocks)
    whole = np.empty((end, *blocks[0].shape[1:]), blocks[0].dtype)
    while blocks:
        block = blocks.pop()
        start = end - len(block)
        whole[start:end] = block
        end = start
    return whole


def block_starts(blocks: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Where each block begins (blocks,) among the rows of all, put one after the other.

    >>> block_starts([np.zeros((2, 4)), np.zeros((3, 4)), np.zeros((1, 4))]).tolist()
    [0, 2, 5]
    """
    lengths = [len(block) for block in blocks]
    return np.cumsum([0, *lengths[:-1]])
