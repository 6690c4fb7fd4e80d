"""The query side of the fusion without torch: both encoders' text towers, and the MLP over their vectors."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from catalog.errors import Damaged, Incompatible
from catalog.own_files import own_file
from catalog.vectors import Vectors
from models.networks.text_tower import TextTower, open_session

QUERY = "query.onnx"


class FusedTower:
    """Read from a folder that `models.indexing.late_fusion` wrote.

    It holds sound/, words/ (text towers), query.onnx and tower.json.

    Raises Damaged where a part is missing or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.roles = {role: TextTower(folder / role) for role in ("sound", "words")}
        try:
            described = json.loads(own_file(folder / "tower.json").read_text())
            self.pipeline = str(described["pipeline"])
            self._query = open_session(folder / QUERY)
        except Exception as error:  # onnxruntime raises kinds of its own
            raise Damaged(
                f"the fusion in {folder} cannot be read ({error}), so no query can be understood by it.",
                try_this="nw index --rebuild    (writes it again)",
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Descriptions to unit vectors (texts, dimensions) in the space of both roles."""
        sound, words = (tower.encode(texts) for tower in self.roles.values())
        widths = sound.shape[1], words.shape[1]
        both = side_by_side(sound, words, widths)
        outputs = self._query.run(None, {"both": both})
        vectors: Vectors = outputs[0]  # (texts, dimensions)
        return vectors

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """What the trunk of the words' encoder makes of texts (texts, its dimensions)."""
        return self.roles["words"].sentences(texts)

    def knows(self, word: str) -> bool:
        """Whether the words' encoder has a word whole in its vocabulary."""
        return self.roles["words"].knows(word)

    def unread(self, text: str) -> float:
        """The share of a text, 0 to 1, that the words' encoder has no pieces for."""
        return self.roles["words"].unread(text)


def open_tower(folder: Path) -> TextTower | FusedTower:
    """The query encoder in the folder of an index."""
    return FusedTower(folder) if (folder / QUERY).exists() else TextTower(folder)


def side_by_side(sound: Vectors, words: Vectors, widths: tuple[int, int]) -> Vectors:
    """Vectors of both roles (rows, widths) in one row; raises Incompatible where they are of other widths.

    >>> side_by_side(np.ones((1, 2)), np.full((1, 1), np.nan), (2, 1)).tolist()
    [[1.0, 1.0, nan]]
    """
    for role, vectors, width in zip(("sound", "words"), (sound, words), widths, strict=True):
        if vectors.ndim != 2 or vectors.shape[1] != width:
            here = vectors.shape[-1]
            raise Incompatible(
                f"vectors of {role} are {here} wide here, but the fusion knows {width}.",
                try_this="nw train fusion --recipe mlp    (again, with the encoders of now)",
            )
    return np.concatenate([sound, words], axis=1).astype(np.float32)
