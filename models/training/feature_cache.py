"""Vectors of texts by a frozen encoder, computed once: 25 epochs of heads read them from the disk.

A folder per pipeline: `vectors.f16` and `keys` (16 bytes of SHA-256 a text), both only appended to, vectors
first. A kill loses at most the block in hand; what a kill left half is cut off at the next use.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import make_folder
from catalog.library.database import alone
from catalog.vectors import Vectors

KEY_BYTES = 16
BLOCK = 256

Encode = Callable[[Sequence[str]], Vectors]


class FeatureCache:
    """The vectors (texts, dimensions) of one pipeline; another pipeline has another folder below `root`."""

    def __init__(self, root: Path, pipeline: str, dimensions: int) -> None:
        # A pipeline's id holds slashes and spaces.
        named = hashlib.sha256(f"{pipeline}|{dimensions}".encode()).hexdigest()
        self._folder = root / named[:16]
        self._dimensions = dimensions
        make_folder(self._folder)
        (self._folder / "pipeline.txt").write_text(f"{pipeline}\n")

    def vectors(
        self, texts: Sequence[str], encode: Encode, *, done: Callable[[int], None] = lambda texts: None
    ) -> NDArray[np.float16]:
        """The vectors (texts, dimensions) of these texts, those that are not there yet by `encode`.

        Equal texts are encoded once. done: told how many texts more are there. Another process that fills
        the same cache is waited for.
        """
        keys = [_key(text) for text in texts]
        with alone(self._folder / ".lock", on_wait=lambda: None):
            places = self._places()
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in places}
            done(len(set(keys)) - len(missing))
            # Longest first: a batch pads little, and memory shows its peak at once.
            todo = sorted(missing.items(), key=lambda item: -len(item[1]))
            for start in range(0, len(todo), BLOCK):
                block = todo[start : start + BLOCK]
                encoded = encode([text for _, text in block])
                self._append([key for key, _ in block], encoded, places)
                done(len(block))
        stored = self._stored(len(places))
        return np.asarray(stored[[places[key] for key in keys]])

    def __len__(self) -> int:
        return len(self._places())

    def _stored(self, rows: int) -> NDArray[np.float16]:
        if not rows:
            return np.empty((0, self._dimensions), np.float16)
        return np.memmap(self._vectors_file, np.float16, mode="r", shape=(rows, self._dimensions))

    def _append(self, keys: Sequence[bytes], vectors: Vectors, places: dict[bytes, int]) -> None:
        halves = np.ascontiguousarray(vectors, np.float16)
        appended = (self._vectors_file, halves.tobytes()), (self._keys_file, b"".join(keys))
        for path, content in appended:
            with path.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for key in keys:
            places[key] = len(places)

    def _places(self) -> dict[bytes, int]:
        """Row of each text. What only half arrived before a kill is cut off both files."""
        row_bytes = 2 * self._dimensions
        files = ((self._keys_file, KEY_BYTES), (self._vectors_file, row_bytes))
        whole = [path.stat().st_size // size if path.exists() else 0 for path, size in files]
        # A kill between the two files leaves one longer: both are cut to what is whole.
        rows = min(whole)
        for path, size in files:
            if path.exists() and path.stat().st_size != rows * size:
                os.truncate(path, rows * size)
        content = self._keys_file.read_bytes() if rows else b""
        starts = range(0, KEY_BYTES * rows, KEY_BYTES)
        return {content[start : start + KEY_BYTES]: row for row, start in enumerate(starts)}

    @property
    def _vectors_file(self) -> Path:
        return self._folder / "vectors.f16"

    @property
    def _keys_file(self) -> Path:
        return self._folder / "keys"


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:KEY_BYTES]
