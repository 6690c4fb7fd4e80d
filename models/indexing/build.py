"""Vectors in the catalog to an index that can be searched: `nw index`."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from catalog import indexes
from catalog.errors import Damaged, Incompatible, NewWaveError, NotReady
from catalog.index_manifest import Manifest, keep_seen, prove, publish, read_manifest
from catalog.indexes import PART_BITS, Halves, Keys, StoredIndex, exact
from catalog.library import changes
from catalog.library.database import Catalog, alone
from models.indexing import chance, stored, update
from models.indexing.background import background_of, starts_of
from models.indexing.job import Built, Job, described, query_side, write_query_side
from models.indexing.recall import measured_recall
from models.indexing.rows import Encoder, all_rows
from models.search import fitting, sparse_index

Write = Callable[[Path], None]


def build_index(
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    *,
    rebuild: bool = False,
    store: str | None = None,
    on_wait: Callable[[], None] = lambda: None,
) -> Built:
    """Make the index in `folder` hold every song that has vectors of this encoder's pipeline.

    Writes nothing where it does already. Songs that are new or changed are added to the previous index where
    that is less work than a new one. store: where the vectors are, as `--store` names it; None is where
    they were. Another process building it is waited for, after `on_wait`.
    """
    with alone(folder / ".lock", on_wait=on_wait):
        before = _there(folder)
        if store is None and before is not None:
            # Who named no store wants the one that is in use.
            store = before.store or None
        job = _job(catalog, encoder, folder, store)
        previous = None if rebuild else _previous(job)
        wanted = job.kind, job.store
        same_place = previous is not None and (previous.kind, previous.store) == wanted
        if previous is not None and same_place:
            built = update.brought_up_to_date(job, previous)
            if built is not None:
                return built
        # What was there may be damaged (`before`) or good enough to take over from (`previous`).
        live = folder / before.content if before is not None else None
        left = _store_of(live, before, job)
        old = folder / previous.content if previous is not None else None
        if job.place is not None:
            manifest = stored.published(job, old, live, _weight(job, before))
            built = Built(manifest, changed=True)
        else:
            built = _local(job, previous if same_place else None, old, _weight(job, before))
        # The new index answers from here on, so nothing needs what the old one kept in a store.
        if left is not None and built.changed:
            with contextlib.suppress(NewWaveError):  # it is another's, or away
                left.drop()
        return built


def _job(catalog: Catalog, encoder: Encoder, folder: Path, store: str | None) -> Job:
    kind, address = indexes.store_named(store or "local")
    library = catalog.library_id()
    job = Job(catalog, encoder, folder, library, changes.latest(catalog), kind, None)
    return replace(job, place=job.owned_place(address)) if address else job


def _there(folder: Path) -> Manifest | None:
    """The manifest of the index that is there, whether its files are sound or not."""
    with contextlib.suppress(NotReady, Damaged, Incompatible):
        return read_manifest(folder)
    return None


def _previous(job: Job) -> Manifest | None:
    """The index that is there, if it is sound and of the same pipeline and catalog."""
    try:
        manifest = read_manifest(job.folder)
        if manifest.pipeline != job.encoder.pipeline or manifest.library not in ("", job.library):
            return None
        prove(job.folder, manifest)  # a damaged graph would be brought up to date, or crash while it is
    except (NotReady, Damaged, Incompatible):
        return None
    return manifest


def _weight(job: Job, before: Manifest | None) -> float:
    """What the index that is there counts, also where files are damaged; 1 without one of this pipeline."""
    return before.weight if before is not None and before.pipeline == job.encoder.pipeline else 1.0


def _store_of(live: Path | None, before: Manifest | None, job: Job) -> StoredIndex | None:
    """What a new index leaves behind in a store; None where that is nothing, another's, or away."""
    if live is None or before is None or not before.store:
        return None
    kind = indexes.load(before.kind)
    with contextlib.suppress(NewWaveError):
        left = cast(StoredIndex, kind.open_file(live / kind.FILE))
        left.claim(job.owned_place(before.store))
        return left
    return None


def _local(job: Job, same: Manifest | None, old: Path | None, weight: float) -> Built:
    """All vectors to a graph in the folder. same: the index before, where it is of the same kind."""
    keys, vectors = all_rows(job.catalog, job.encoder)
    if not len(keys):
        raise job.nothing()
    if same is not None and _same(same, job.folder, keys, vectors):
        return Built(keep_seen(job.folder, same, job.seen), changed=False)
    # A key is the song's id and its part; shifted, the id is left.
    exact_words = sparse_index.writer(job.catalog, job.encoder, np.unique(keys >> PART_BITS), old)
    return Built(_publish(job, keys, vectors, old, exact_words, {"weight": weight}), changed=True)


def _same(previous: Manifest, folder: Path, keys: Keys, vectors: Halves) -> bool:
    """Whether an index to which nothing was added holds just these."""
    content = folder / previous.content
    if len(keys) != previous.vectors or not (content / fitting.FILE).exists():  # that of an older nw
        return False
    try:
        old_keys = np.load(content / "keys.npy", mmap_mode="r")
        if not np.array_equal(old_keys, keys):
            return False
        old_vectors = np.load(content / "vectors.npy", mmap_mode="r")
        return np.array_equal(old_vectors, vectors)
    except (OSError, ValueError, EOFError):
        return False


def _publish(
    job: Job, keys: Keys, vectors: Halves, old: Path | None, more: Write, about: Mapping[str, Any]
) -> Manifest:
    """A new content, with what is still good of the old one: its graph, its text encoder, its background."""
    encoder, kind = job.encoder, indexes.load(job.kind)
    prompts, old = query_side(encoder, old)
    others = chance.others_of(encoder, old)
    graph = None
    if old is not None and (old / kind.FILE).exists():
        with contextlib.suppress(Damaged):
            graph = kind.build(keys, vectors, old / kind.FILE)
    graph = graph or kind.build(keys, vectors)
    starts = starts_of(keys)
    # The graph is tried before it is published: its manifest says how much of the truth it finds.
    recall = measured_recall(graph, exact.build(keys, vectors), prompts, vectors)

    def write(aside: Path) -> None:
        graph.save(aside / kind.FILE)
        more(aside)
        np.save(aside / "keys.npy", keys)
        np.save(aside / "vectors.npy", vectors)
        background = background_of(vectors, starts, prompts)
        np.save(aside / "background.npy", background)
        write_query_side(encoder, prompts, old, aside)
        chance.write(aside, encoder, others, chance.best_above(vectors, starts, background, others), old)

    counts = {"songs": len(starts), "vectors": len(keys), "recall_at_10": recall}
    return publish(job.folder, described(job, {**about, **counts}), write)
