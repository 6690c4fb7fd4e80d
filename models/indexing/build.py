"""Vectors in the catalog to an index that can be searched: `nw index`."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog import indexes
from catalog.errors import Damaged, Incompatible, NotReady
from catalog.index_manifest import Manifest, prove, publish, read_manifest
from catalog.indexes import Halves, Index, Keys, exact
from catalog.library import embeddings
from catalog.library.database import Catalog, alone
from catalog.song_index import MOST_PARTS, PART_BITS, song_scores
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing import calibration
from models.indexing.late_fusion import FusedEncoder
from models.search import sparse_index

PROBES = 200
LOOKED_AT = 800
"""Vectors that a search for ten songs takes from the graph, to score them exactly."""
BLOCK = 2_000
Encoder = SoundEncoder | WordsEncoder | FusedEncoder
Write = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What building an index came to. `changed` is False where the index was up to date already."""

    manifest: Manifest
    changed: bool


def build_index(
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    *,
    rebuild: bool = False,
    on_wait: Callable[[], None] = lambda: None,
) -> Built:
    """Make the index in `folder` hold every song that has vectors of this encoder's pipeline.

    Writes nothing where it does already. The graph of the previous index is brought up to date where that
    is less work than a new one. Another process building it is waited for, after `on_wait`.
    """
    with alone(folder / ".lock", on_wait=on_wait):
        keys, vectors = _rows(catalog, encoder)
        if not len(keys):
            raise NotReady(
                f"no song has {_WHAT[encoder.role]}, so there is nothing to index by {encoder.role}.",
                try_this="nw ingest ~/Music    (with lyrics: --lyrics DIR)",
            )
        library = catalog.library_id()
        previous = None if rebuild else _previous(folder, encoder.pipeline, library)
        if previous is not None and _same(previous, folder, keys, vectors):
            return Built(previous, changed=False)
        old = folder / previous.content if previous is not None else None
        exact_words = sparse_index.writer(catalog, encoder, np.unique(keys >> PART_BITS), old)
        about = {"library": library, "weight": _weight(folder, encoder.pipeline)}
        return Built(_publish(encoder, folder, keys, vectors, old, about, exact_words), changed=True)


_WHAT = {
    "sound": "a sound that could be heard",
    "words": "lyrics or captions",
    "fused": "vectors of the encoders that this fusion was trained on",
}


def _rows(catalog: Catalog, encoder: Encoder) -> tuple[Keys, Halves]:
    """Keys and vectors of all songs, ascending: the track vector, or the whole text and its parts."""
    blocks = list(_ROWS[encoder.role](catalog, encoder))
    if not blocks:
        return np.empty(0, np.int64), np.empty((0, encoder.dimensions), np.float16)
    vectors = np.concatenate([block for _, block in blocks])
    if vectors.shape[1] != encoder.dimensions:
        raise Incompatible(
            f"the vectors of {encoder.pipeline} are {vectors.shape[1]} wide here, not {encoder.dimensions}.",
            try_this="nw index --rebuild",
        )
    return np.concatenate([keys for keys, _ in blocks]), vectors


def _track_rows(catalog: Catalog, encoder: Encoder) -> Iterator[tuple[Keys, Halves]]:
    for ids, vectors in embeddings.track_blocks(catalog, encoder.pipeline):
        yield ids << PART_BITS, vectors


def _part_rows(catalog: Catalog, encoder: Encoder) -> Iterator[tuple[Keys, Halves]]:
    for ids, _ in embeddings.track_blocks(catalog, encoder.pipeline, rows=BLOCK):
        parts = embeddings.windows(catalog, encoder.pipeline, ids.tolist())
        for song in ids.tolist():
            own = parts[song][:MOST_PARTS]
            yield (song << PART_BITS) + np.arange(len(own)), own


def _fused_rows(catalog: Catalog, encoder: Any) -> Iterator[tuple[Keys, Halves]]:
    for ids, vectors in encoder.song_blocks(catalog):
        yield ids << PART_BITS, vectors


_ROWS: dict[str, Callable[[Catalog, Any], Iterator[tuple[Keys, Halves]]]] = {
    "sound": _track_rows,
    "words": _part_rows,
    "fused": _fused_rows,
}


def _previous(folder: Path, pipeline: str, library: str) -> Manifest | None:
    """The index that is there, if it is sound and of the same pipeline and catalog."""
    try:
        manifest = read_manifest(folder)
        if manifest.pipeline != pipeline or manifest.library not in ("", library):
            return None
        prove(folder, manifest)  # a damaged graph would be brought up to date, or crash while it is
    except (NotReady, Damaged, Incompatible):
        return None
    return manifest


def _weight(folder: Path, pipeline: str) -> float:
    """What the index that is there counts, also where files are damaged; 1 without one of this pipeline."""
    with contextlib.suppress(NotReady, Damaged, Incompatible):
        manifest = read_manifest(folder)
        if manifest.pipeline == pipeline:
            return manifest.weight
    return 1.0


def _same(previous: Manifest, folder: Path, keys: Keys, vectors: Halves) -> bool:
    content = folder / previous.content
    try:
        return np.array_equal(np.load(content / "keys.npy", mmap_mode="r"), keys) and np.array_equal(
            np.load(content / "vectors.npy", mmap_mode="r"), vectors
        )
    except (OSError, ValueError, EOFError):
        return False


def _publish(
    encoder: Encoder,
    folder: Path,
    keys: Keys,
    vectors: Halves,
    old: Path | None,
    about: Mapping[str, Any],
    more: Write,
) -> Manifest:
    """A new content, with what is still good of the old one: its graph, its text encoder, its background."""
    prompts, graph = _kept_prompts(old), None
    if prompts is None:
        prompts, old = encoder.encode_descriptions(calibration.descriptions(encoder.role)), None
    if old is not None:
        with contextlib.suppress(Damaged):
            graph = indexes.load().build(keys, vectors, old / "graph.usearch")
    graph = graph or indexes.load().build(keys, vectors)
    starts = np.flatnonzero(np.diff(keys >> PART_BITS, prepend=-1))
    recall = measured_recall(graph, exact.build(keys, vectors), prompts, vectors)

    def write(aside: Path) -> None:
        graph.save(aside / "graph.usearch")
        more(aside)
        np.save(aside / "keys.npy", keys)
        np.save(aside / "vectors.npy", vectors)
        np.save(aside / "prompts.npy", prompts)
        np.save(aside / "background.npy", background_of(vectors, starts, prompts))
        if old is not None:
            shutil.copytree(old / "tower", aside / "tower")
        else:
            encoder.export_text_tower(aside / "tower")

    counts = {"songs": len(starts), "vectors": len(keys), "recall_at_10": recall}
    return publish(folder, _described(encoder, {**about, **counts}), write)


def _described(encoder: Encoder, about: Mapping[str, Any]) -> Manifest:
    return Manifest(
        role=encoder.role,
        encoder=encoder.name,
        pipeline=encoder.pipeline,
        dimensions=encoder.dimensions,
        window_s=getattr(encoder, "window_s", None),
        hop_s=getattr(encoder, "hop_s", None),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **about,
    )


def _kept_prompts(old: Path | None) -> NDArray[np.float32] | None:
    """The vectors of the unrelated descriptions, if an index of this pipeline kept them and its tower."""
    if old is None or not (old / "tower" / "tower.json").exists():
        return None
    try:
        prompts: NDArray[np.float32] = np.load(old / "prompts.npy")
    except (OSError, ValueError, EOFError):
        return None
    return prompts


def measured_recall(
    graph: Index, truth: exact.ExactIndex, prompts: NDArray[np.float32], vectors: Halves, k: int = 10
) -> float:
    """The share of the true k nearest among what a search takes from the graph and scores exactly.

    Over descriptions and songs as queries. A neighbour as near as the k-th true one counts as found: copies
    of a recording are interchangeable.
    """
    songs = vectors[np.linspace(0, len(vectors) - 1, min(PROBES // 2, len(vectors)), dtype=int)]
    queries = np.concatenate([prompts[: PROBES // 2], songs.astype(np.float32)])
    found = []
    for query in queries:
        _, nearest = truth.search(query, k)
        rows = np.searchsorted(truth.keys, graph.search(query, LOOKED_AT)[0])
        cosines = exact.cosines_to(vectors[rows], query)
        found.append(np.mean(np.sort(cosines)[::-1][: len(nearest)] >= nearest[-1] - 1e-4))
    return float(np.mean(found))


def background_of(
    vectors: Halves, starts: NDArray[np.int64], prompts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean and standard deviation (songs, 2) of what each song scores against unrelated descriptions."""
    ends = np.append(starts, len(vectors))
    out = np.empty((len(starts), 2), np.float32)
    for first in range(0, len(starts), BLOCK):
        last = min(first + BLOCK, len(starts))
        cosines = vectors[ends[first] : ends[last]].astype(np.float32) @ prompts.T
        scores = song_scores(cosines, starts[first:last] - ends[first])
        out[first:last] = np.stack([scores.mean(axis=1), scores.std(axis=1)], axis=1)
    return out
