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
from models.search.retrieval import CANDIDATES

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
        same_place = previous if previous is not None and _is_at(previous, job) else None
        if same_place is not None:
            built = update.brought_up_to_date(job, same_place)
            if built is not None:
                return built
        return _anew(job, before, previous, same_place)


def _is_at(previous: Manifest, job: Job) -> bool:
    """Whether an index is where the new one goes: of the same kind, in the same store."""
    return (previous.kind, previous.store) == (job.kind, job.store)


def _anew(job: Job, before: Manifest | None, previous: Manifest | None, same: Manifest | None) -> Built:
    """The whole index written anew.

    before: what is there, which may be damaged. previous: the same where it is good enough to take over from.
    same: the same where it is in the same place too.
    """
    live = job.folder / before.content if before is not None else None
    left = _store_of(live, before, job)
    old = job.folder / previous.content if previous is not None else None
    weight = _weight(job, before)
    if job.place is not None:
        built = Built(stored.published(job, old, live, weight), changed=True)
    else:
        built = _local(job, same, old, weight)
    # The new index answers from here on, so nothing needs what the old one kept in a store.
    if left is not None and built.changed:
        with contextlib.suppress(NewWaveError):  # it is another's, or away
            left.drop()
    return built


def _job(catalog: Catalog, encoder: Encoder, folder: Path, store: str | None) -> Job:
    """What is to be done. store: as `--store` names it; None is the folder itself."""
    kind, address = indexes.store_named(store or "local")
    # Before a vector is read: a song that changes meanwhile is looked at again by the next run.
    seen = changes.latest(catalog)
    job = Job(catalog, encoder, folder, catalog.library_id(), seen, kind, place=None)
    if not address:
        return job
    return replace(job, place=job.owned_place(address))


def _there(folder: Path) -> Manifest | None:
    """The manifest of the index that is there, whether its files are sound or not."""
    with contextlib.suppress(NotReady, Damaged, Incompatible):
        return read_manifest(folder)
    return None


def _previous(job: Job) -> Manifest | None:
    """The index that is there, if it is sound and of the same pipeline and catalog."""
    try:
        manifest = read_manifest(job.folder)
        is_of_library = manifest.library in ("", job.library)  # an older nw wrote no id
        if manifest.pipeline != job.encoder.pipeline or not is_of_library:
            return None
        prove(job.folder, manifest)  # what is damaged is not taken over
    except (NotReady, Damaged, Incompatible):
        return None
    return manifest


def _weight(job: Job, before: Manifest | None) -> float:
    """What the index that is there counts, also where files are damaged; 1 without one of this pipeline."""
    if before is None or before.pipeline != job.encoder.pipeline:
        return 1.0
    return before.weight


def _store_of(live: Path | None, before: Manifest | None, job: Job) -> StoredIndex | None:
    """What a new index leaves behind in a store; None where that is nothing, another's, or away."""
    if live is None or before is None:
        return None
    kind = indexes.load(before.kind)
    if not kind.HOLDS_VECTORS:
        return None
    with contextlib.suppress(NewWaveError):
        left = cast(StoredIndex, kind.open_file(live / kind.FILE))
        left.claim(job.owned_place(before.store))
        return left
    return None


def _local(job: Job, same: Manifest | None, old: Path | None, weight: float) -> Built:
    """All vectors to an index in the folder. same: the index before, where it is of the same kind."""
    keys, vectors = all_rows(job.catalog, job.encoder)
    if not len(keys):
        raise job.nothing()
    if same is not None and _same(same, job.folder, keys, vectors):
        return Built(keep_seen(job.folder, same, job.seen), changed=False)
    song_ids = np.unique(keys >> PART_BITS)  # a key is the song's id and its part
    exact_words = sparse_index.writer(job.catalog, job.encoder, song_ids, old)
    manifest = _publish(job, keys, vectors, old, exact_words, {"weight": weight})
    return Built(manifest, changed=True)


def _same(previous: Manifest, folder: Path, keys: Keys, vectors: Halves) -> bool:
    """Whether an index to which nothing was added holds just these."""
    content = folder / previous.content
    is_of_older_nw = not (content / fitting.FILE).exists()
    if is_of_older_nw or len(keys) != previous.vectors:
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
    """A new content, with what is still good of the old one: its text encoder, its background."""
    encoder = job.encoder
    kind = indexes.load(job.kind)
    prompts, old = query_side(encoder, old)
    others = chance.others_of(encoder, old)
    index = kind.build(keys, vectors)
    starts = starts_of(keys)
    # The index is tried before it is published: its manifest says how much of the truth it finds.
    looked_at = kind.width(len(keys)) * CANDIDATES
    recall = measured_recall(index, exact.build(keys, vectors), prompts, looked_at)

    def write(aside: Path) -> None:
        index.save(aside / kind.FILE)
        more(aside)
        np.save(aside / "keys.npy", keys)
        np.save(aside / "vectors.npy", vectors)
        background = background_of(vectors, starts, prompts)  # (songs, 2)
        np.save(aside / "background.npy", background)
        write_query_side(encoder, prompts, old, aside)
        above = chance.best_above(vectors, starts, background, others)  # (sentences,)
        chance.write(aside, encoder, others, above, old)

    counts = {"songs": len(starts), "vectors": len(keys), "recall_at_10": recall}
    return publish(job.folder, described(job, {**about, **counts}), write)
