"""All vectors of a library into a store, a block at a time, in memory that hardly grows with it."""

import contextlib
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np

from catalog import indexes
from catalog.errors import NewWaveError
from catalog.index_manifest import Manifest, publish
from catalog.indexes import StoredIndex
from models.indexing import chance, rows
from models.indexing.background import background_of, starts_of
from models.indexing.job import Job, described, query_side, write_query_side
from models.indexing.recall import Truth, queries_of
from models.search import sparse_index


def published(job: Job, old: Path | None, live: Path | None, weight: float) -> Manifest:
    """A new index in the store and its content here: keys, background and the query side, no vectors.

    old: the content before, where it is of use. live: the one that answers now; what it has in the store
    stays. Raises NotReady where there is nothing to index, StoreError; then nothing is left in the store.
    """
    blocks = rows.blocks(job.catalog, job.encoder)
    first = next(blocks, None)
    if first is None:
        raise job.nothing()
    kind = indexes.load(job.kind)
    before = None
    if live is not None and (live / kind.FILE).exists():
        before = live / kind.FILE
    keys, vectors = first
    # Begun empty, of the right width: what is in the store later comes block by block.
    empty = kind.build(keys[:0], vectors[:0], before, job.place)
    store = cast(StoredIndex, empty)
    try:
        return _filled(job, store, chain([first], blocks), old, weight)
    except BaseException:
        with contextlib.suppress(NewWaveError):  # what stopped it is told, not that nobody could clean up
            store.drop()
        raise


def _filled(
    job: Job, store: StoredIndex, blocks: "chain[rows.Rows]", old: Path | None, weight: float
) -> Manifest:
    """Put every block into the store and publish the index. query_from: content with a text tower ready."""
    prompts, query_from = query_side(job.encoder, old)
    others = chance.others_of(job.encoder, query_from)
    keys, backgrounds, above = [], [], []
    truth = None
    for block, vectors in blocks:
        if truth is None:  # songs of the first block are among the queries
            truth = Truth(queries_of(prompts, vectors))
        store.put(block, vectors)
        truth.look(vectors)  # on the way, for no block is read twice
        keys.append(block)
        starts = starts_of(block)
        background = background_of(vectors, starts, prompts)  # (songs, 2)
        backgrounds.append(background)
        above.append(chance.best_above(vectors, starts, background, others))
    store.finish()
    all_keys = np.concatenate(keys)
    songs = np.unique(all_keys >> indexes.PART_BITS)
    exact_words = sparse_index.writer(job.catalog, job.encoder, songs, old)

    def write(aside: Path) -> None:
        # No vectors and nothing that finds them: both are in the store, and its file says where.
        store.save(aside / indexes.load(job.kind).FILE)
        exact_words(aside)
        np.save(aside / "keys.npy", all_keys)
        np.save(aside / "background.npy", np.concatenate(backgrounds))
        write_query_side(job.encoder, prompts, query_from, aside)
        chance.write(aside, job.encoder, others, np.max(above, axis=0), query_from)

    recall = truth.recall(store) if truth is not None else 1.0
    counts = {"songs": len(songs), "vectors": len(all_keys), "recall_at_10": recall}
    return publish(job.folder, described(job, {"weight": weight, **counts}), write)
