"""A trained fusion as the index wants it: songs from the vectors that both encoders left in the catalog."""

import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Incompatible, WrongUse
from catalog.index_manifest import read_manifest
from catalog.library.database import Catalog
from catalog.records import ROLES, Role
from catalog.vectors import Vectors
from models import encoders
from models.indexing.song_vectors import PairedEmbeddings, of_catalog
from models.networks import checkpoint
from models.networks.late_fusion_tower import QUERY, side_by_side
from models.networks.manifest import manifest_of

if TYPE_CHECKING:
    from models.networks.late_fusion import FusedNetwork

WEIGHTS = "weights"
"""Where an index keeps a copy of the fusion's weights, in its tower."""
BLOCK = 2_000
"""Songs that go through the network together."""


class FusedEncoder:
    """The fusion of a run, and the two encoders below it.

    It hears and reads nothing itself. Raises WrongUse where the folder holds no fusion, Damaged where its
    weights are broken, and Incompatible where an encoder below has changed since it was trained.
    """

    name = "fused"
    role: Literal["fused"] = "fused"
    languages: frozenset[str] | None = None

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        about = manifest_of(weights)
        if about.get("encoder") != self.name:
            raise WrongUse(
                f"{weights} holds no fusion of two encoders.", try_this="nw train fusion --recipe mlp"
            )
        self._shape: dict[str, Any] = about["shape"]
        self.widths: tuple[int, int] = (self._shape["sound"], self._shape["words"])
        self.dimensions = sum(self.widths)
        self.pipelines: dict[Role, str] = about["pipelines"]
        both = " + ".join(self.pipelines[role] for role in ROLES)
        self.pipeline = f"fused/{about['sha256'][:8]}/{both}"
        self.below = {}
        for role in ROLES:
            encoder = encoders.load(about["encoders"][role])
            self.below[role] = _same(encoder, self.pipelines[role])

    def encode_songs(self, songs: PairedEmbeddings) -> Vectors:
        """Unit vectors (songs, dimensions) of songs of which at least one role is known."""
        sound_width, words_width = self.widths
        sound = songs.one_each("sound", sound_width)  # (songs, width), not-a-number where it lacks the role
        words = songs.one_each("words", words_width)
        return self._through("song", sound, words)

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (texts, dimensions)."""
        sound = self.below["sound"].encode_descriptions(texts)
        words = self.below["words"].encode_descriptions(texts)
        return self._through("query", sound, words)

    def song_blocks(self, catalog: Catalog) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Ids, ascending, and vectors of all songs of the catalog that an encoder below has embedded."""
        known = of_catalog(catalog, self.pipelines)
        # `of_catalog` gives them ascending, as an index wants its keys.
        ids = np.array(list(known), np.int64)
        for start in range(0, len(ids), BLOCK):
            block = ids[start : start + BLOCK]
            embedded = [known[song] for song in block.tolist()]
            songs = PairedEmbeddings(names=list(map(str, block)), known=embedded)
            vectors = self.encode_songs(songs)  # (block, dimensions)
            yield block, vectors.astype(np.float16)

    def export_text_tower(self, folder: Path) -> None:
        """Write the query side for `models.networks.late_fusion_tower`, and the weights for songs to come."""
        import torch

        from models.networks.onnx_export import export

        for role in ROLES:
            self.below[role].export_text_tower(folder / role)
        axes = {"both": {0: torch.export.Dim("texts")}}
        example = {"both": torch.randn(2, self.dimensions)}
        query = export(self._network.query, example, axes)
        (folder / QUERY).write_bytes(query)
        tensors, about = checkpoint.load(self._weights)
        checkpoint.save(folder / WEIGHTS, tensors, about)
        described = {"name": self.name, "pipeline": self.pipeline}
        (folder / "tower.json").write_text(json.dumps(described))

    def _through(self, tower: Literal["song", "query"], sound: Vectors, words: Vectors) -> Vectors:
        """Vectors of both roles (rows, widths) through one tower: (rows, dimensions)."""
        import torch

        both = torch.from_numpy(side_by_side(sound, words, self.widths))
        network = self._network.song if tower == "song" else self._network.query
        with torch.inference_mode():
            vectors: Vectors = network(both).numpy()
        return vectors

    @functools.cached_property
    def _network(self) -> "FusedNetwork":
        """Read at the first use, so that naming the fusion costs no torch."""
        from models.networks.late_fusion import network_of

        tensors, _ = checkpoint.load(self._weights)
        return network_of(tensors, self._shape)


def indexed(indexes: Path) -> FusedEncoder | None:
    """The fusion that is indexed in that folder, by its own copy of the weights; None without one."""
    folder = indexes / FusedEncoder.role
    if not (folder / "manifest.json").exists():
        return None
    content = folder / read_manifest(folder).content
    return FusedEncoder(content / "tower" / WEIGHTS)


def _same(encoder: Any, pipeline: str) -> Any:
    """The encoder, if its vectors are those that the fusion was trained on. Raises Incompatible."""
    if encoder.pipeline != pipeline:
        raise Incompatible(
            f"the fusion was trained on vectors of {pipeline}, but {encoder.name} now makes"
            f" {encoder.pipeline}; their scores mean nothing to each other.",
            try_this="nw train fusion --recipe mlp    (again, with the encoders of now)",
        )
    return encoder
