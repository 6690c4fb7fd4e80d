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

KEY_BYTES = 16  # of a text's SHA-256: enough that no two texts share them
BLOCK = 256  # texts that are encoded and written together, and that a kill may cost

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
            missing: dict[bytes, str] = {}  # each text once, however often it is asked for
            for key, text in zip(keys, texts, strict=True):
                if key not in places:
                    missing[key] = text
            done(len(set(keys)) - len(missing))
            # Longest first: a batch pads little, and memory shows its peak at once.
            longest_first = sorted(missing, key=lambda key: -len(missing[key]))
            for start in range(0, len(longest_first), BLOCK):
                block = longest_first[start : start + BLOCK]
                encoded = encode([missing[key] for key in block])
                self._append(block, encoded, places)
                done(len(block))
        stored = self._stored(len(places))
        rows = [places[key] for key in keys]
        return np.asarray(stored[rows])

    def __len__(self) -> int:
        return len(self._places())

    def _stored(self, rows: int) -> NDArray[np.float16]:
        if not rows:
            return np.empty((0, self._dimensions), np.float16)
        return np.memmap(self._vectors_file, np.float16, mode="r", shape=(rows, self._dimensions))

    def _append(self, keys: Sequence[bytes], vectors: Vectors, places: dict[bytes, int]) -> None:
        """Add rows to both files, the vectors first: a key is never there without its vector."""
        halves = np.ascontiguousarray(vectors, np.float16)
        appended = {self._vectors_file: halves.tobytes(), self._keys_file: b"".join(keys)}
        for path, content in appended.items():
            with path.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for key in keys:
            places[key] = len(places)

    def _places(self) -> dict[bytes, int]:
        """Row of each text. What only half arrived before a kill is cut off both files."""
        vector_bytes = 2 * self._dimensions  # float16
        files = ((self._keys_file, KEY_BYTES), (self._vectors_file, vector_bytes))
        # A kill between the two files leaves one longer: both are cut to what is whole.
        rows = min(_size(path) // row_bytes for path, row_bytes in files)
        for path, row_bytes in files:
            if path.exists() and _size(path) != rows * row_bytes:
                os.truncate(path, rows * row_bytes)
        content = self._keys_file.read_bytes() if rows else b""
        places = {}
        for row in range(rows):
            start = row * KEY_BYTES
            places[content[start : start + KEY_BYTES]] = row
        return places

    @property
    def _vectors_file(self) -> Path:
        return self._folder / "vectors.f16"

    @property
    def _keys_file(self) -> Path:
        return self._folder / "keys"


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def _key(text: str) -> bytes:
    digest = hashlib.sha256(text.encode()).digest()
    return digest[:KEY_BYTES]
