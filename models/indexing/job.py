"""One side of a library that is to be indexed, and what came of it."""

import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog import indexes
from catalog.errors import NotReady
from catalog.index_manifest import Manifest
from catalog.indexes import Place
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from models.indexing import calibration
from models.indexing.rows import Encoder, foreign_to

_WHAT = {
    "sound": "a sound that could be heard",
    "words": "lyrics or captions",
    "fused": "vectors of the encoders that this fusion was trained on",
}


@dataclass(frozen=True, slots=True)
class Built:
    """What building an index came to. `changed` is False where the index was up to date already."""

    manifest: Manifest
    changed: bool


@dataclass(frozen=True, slots=True)
class Job:
    """What is indexed, and where to.

    library: the id of the catalog. seen: its last change when the work began. kind: of index. place: in a
    store; None for the folder itself.
    """

    catalog: Catalog
    encoder: Encoder
    folder: Path
    library: str
    seen: int
    kind: str
    place: Place | None

    @property
    def store(self) -> str:
        """As a manifest names it: nothing for what is made where no store is named."""
        if self.place is not None:
            return f"{self.kind}:{self.place.address}"
        return "" if self.kind == indexes.DEFAULT else indexes.GRAPH

    def owned_place(self, address: str) -> Place:
        """Where a store keeps what this folder on this machine puts there."""
        owner = f"{socket.gethostname()}:{self.folder.absolute()}"
        return Place(address, self.encoder.role, self.encoder.pipeline, self.library, owner)

    def nothing(self) -> NotReady:
        """The error for a library that has nothing for this side."""
        role = self.encoder.role
        foreign = foreign_to(self.catalog, self.encoder) if role == "words" else []
        if foreign:
            songs = counted(len(foreign), "song")
            return NotReady(
                f"{self.encoder.name} has not learned the language of any lyrics here ({songs}), so it judges"
                " none of them.",
                try_this="nw index --encoder bge-m3    (knows a hundred languages)",
            )
        return NotReady(
            f"no song has {_WHAT[role]}, so there is nothing to index by {role}.",
            try_this="nw ingest ~/Music    (with lyrics: --lyrics DIR)",
        )


def described(job: Job, about: Mapping[str, Any]) -> Manifest:
    """The manifest of a new index of this job; about: counts, recall and weight."""
    encoder = job.encoder
    return Manifest(
        role=encoder.role,
        encoder=encoder.name,
        pipeline=encoder.pipeline,
        dimensions=encoder.dimensions,
        window_s=getattr(encoder, "window_s", None),
        hop_s=getattr(encoder, "hop_s", None),
        made_at=now(),
        library=job.library,
        kind=job.kind,
        store=job.store,
        seen=job.seen,
        **about,
    )


def now() -> str:
    """The time as manifests write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def query_side(encoder: Encoder, old: Path | None) -> tuple[NDArray[np.float32], Path | None]:
    """Vectors of the unrelated descriptions, and the content that has the text encoder ready, if one does."""
    prompts = _kept_prompts(old)
    if prompts is not None:
        return prompts, old
    texts = calibration.descriptions(encoder.role)
    return encoder.encode_descriptions(texts), None


def write_query_side(encoder: Encoder, prompts: NDArray[np.float32], old: Path | None, aside: Path) -> None:
    """Write both into a new content; the text encoder as the old one has it."""
    np.save(aside / "prompts.npy", prompts)
    if old is not None:
        shutil.copytree(old / "tower", aside / "tower")
    else:
        encoder.export_text_tower(aside / "tower")


def _kept_prompts(old: Path | None) -> NDArray[np.float32] | None:
    """The vectors of the unrelated descriptions, if an index of this pipeline kept them and its tower."""
    if old is None:
        return None
    has_tower = (old / "tower" / "tower.json").exists()
    if not has_tower:
        return None
    try:
        prompts: NDArray[np.float32] = np.load(old / "prompts.npy")
    except (OSError, ValueError, EOFError):
        return None
    return prompts
