"""An index brought up to date with the songs that changed since, in a time that does not grow with it.

The files of the index before are taken over by links. What changed goes into `added/`, which is small and
written anew each time; when it is no longer small, all is written anew.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import taken_over
from catalog.errors import Damaged
from catalog.index_manifest import Manifest, publish
from catalog.index_segment import ADDED, REPLACED, Segment
from catalog.indexes import PART_BITS, Halves, Keys, StoredIndex, among, blocks, once
from catalog.library import changes
from catalog.song_index import SongIndex
from models.indexing import chance
from models.indexing.background import background_of, starts_of
from models.indexing.job import Built, Job, now
from models.indexing.rows import rows_of
from models.search import fitting

MOST_ADDED = 10_000
"""Vectors beside the base, which a search looks at one by one: a millisecond or two."""
BLOCK = 5_000
"""Songs that are read at a time."""
_NO_LIMIT = 1 << 40  # a store takes any number of songs in place


@dataclass(frozen=True, slots=True)
class Part:
    """Keys (vectors,), ascending; vectors (vectors, dimensions), None in a store; background (songs, 2).

    above: (sentences,) what `chance.best_above` says of its songs; None where the index knows them already.
    """

    keys: Keys
    vectors: Halves | None
    background: NDArray[np.float32]
    above: NDArray[np.float32] | None = None

    @property
    def songs(self) -> Keys:
        """Ids (songs,), ascending."""
        return self.keys[starts_of(self.keys)] >> PART_BITS


def brought_up_to_date(job: Job, previous: Manifest) -> Built | None:
    """The index with what changed in the catalog since; None where it has to be written anew.

    What a store holds is changed first and the manifest last: a kill between the two is mended by the next
    run, which does the same again.
    """
    changed = _changed(job, previous)
    if changed is None:
        return None
    if not len(changed):
        return Built(previous, changed=False)
    try:
        index = SongIndex(job.folder)
        # Those of the index, not of this nw: one background for all its songs.
        prompts = np.load(index.content / "prompts.npy")
        others = np.load(index.content / chance.OTHERS)
    except (Damaged, OSError, ValueError, EOFError):
        return None
    if job.place is not None:
        cast(StoredIndex, index.vector_index).claim(job.place)
    else:
        # A song that was read again may have the vectors it had: then nothing has to be written.
        keys, vectors = rows_of(job.catalog, job.encoder, changed)
        if _holds(index, keys, vectors, changed):
            return Built(previous, changed=False)
    parts = [_new_part(job, index, block, prompts, others) for block in blocks(changed, BLOCK)]
    new = _joined(parts)
    all_changed = among(index.songs, changed).all()
    if all_changed and not len(new.songs):
        return None  # nothing is left, and that is told as for a library that never had anything
    added = new
    if index.added is not None:
        added = _joined([_kept_of_added(index, changed, job), new])
    # A changed song of the base is only marked: its vectors stay there and are passed over.
    marked = changed[among(changed, index.base.songs)]
    replaced = once(np.concatenate([index.replaced, marked]))
    if len(added.keys) + len(replaced) <= MOST_ADDED:
        return Built(_published(job, previous, index, added, replaced), changed=True)
    if job.place is None:
        return None  # too much beside the base: all is built anew
    # The vectors of a store are in place already; what lies beside them is folded in.
    whole = _joined([_without(index.base, replaced, job), added])
    return Built(_folded(job, previous, index, whole), changed=True)


def _changed(job: Job, previous: Manifest) -> Keys | None:
    """Ids of songs that changed since the index was made, ascending; None where that is no way to go."""
    if job.encoder.role == "fused" or getattr(job.encoder, "weighs_words", False):
        return None  # both are made of a library as a whole
    if not (job.folder / previous.content / fitting.FILE).exists():
        return None  # an index of an older nw
    most = MOST_ADDED if job.place is None else _NO_LIMIT
    return changes.since(job.catalog, previous.seen, most=most)


def _holds(index: SongIndex, keys: Keys, vectors: Halves, songs: Keys) -> bool:
    """Whether the index has just these vectors of these songs."""
    held, same = index.held(songs)
    return np.array_equal(held, keys) and np.array_equal(same, vectors)


def _new_part(
    job: Job, index: SongIndex, songs: Keys, prompts: NDArray[np.float32], others: NDArray[np.float32]
) -> Part:
    """What the catalog has of these songs now; a store is told of it."""
    keys, vectors = rows_of(job.catalog, job.encoder, songs)
    starts = starts_of(keys)
    background = background_of(vectors, starts, prompts)
    above = chance.best_above(vectors, starts, background, others)
    if job.place is None:
        return Part(keys, vectors, background, above)
    store = cast(StoredIndex, index.vector_index)
    # First put, then remove: a search in between finds a song twice rather than not at all.
    store.put(keys, vectors)
    gone = np.setdiff1d(index.held_keys(songs), keys)
    store.remove(gone)
    return Part(keys, None, background, above)


def _without(segment: Segment, songs: Keys, job: Job) -> Part:
    """A segment less some songs."""
    is_left = ~among(segment.songs, songs)
    at = np.flatnonzero(is_left)
    rows, _ = segment.rows_of(at)
    vectors = segment.vectors.picked(rows) if job.place is None else None
    return Part(segment.keys[rows], vectors, segment.background[at])


def _kept_of_added(index: SongIndex, changed: Keys, job: Job) -> Part:
    """What was added before, less what changed; what songs that went had reached stays."""
    kept = _without(cast(Segment, index.added), changed, job)
    file = index.content / ADDED / fitting.ABOVE
    above = np.load(file) if file.exists() else None
    return replace(kept, above=above)


def _joined(parts: list[Part]) -> Part:
    """Parts without a song in common as one, in the order of keys."""
    keys = np.concatenate([part.keys for part in parts])
    by_key = np.argsort(keys, kind="stable")
    blocks = [part.vectors for part in parts if part.vectors is not None]
    vectors = np.concatenate(blocks)[by_key] if blocks else None
    # Vectors are in the order of keys, backgrounds in that of songs.
    songs = np.concatenate([part.songs for part in parts])
    by_song = np.argsort(songs, kind="stable")
    background = np.concatenate([part.background for part in parts])[by_song]
    reached = [part.above for part in parts if part.above is not None]
    above = np.max(reached, axis=0) if reached else None  # (sentences,) the best song of all parts
    return Part(keys[by_key], vectors, background, above)


def _published(job: Job, previous: Manifest, index: SongIndex, added: Part, replaced: Keys) -> Manifest:
    """The index with these songs in `added/`, and these of its base passed over."""
    known = _known(previous)

    def write(aside: Path) -> None:
        for name in known:  # by links: what is large is not copied
            taken_over(index.content / name, aside / name)
        (aside / ADDED).mkdir()
        _save(added, aside / ADDED)
        np.save(aside / ADDED / REPLACED, replaced)
        if added.above is not None:
            np.save(aside / ADDED / fitting.ABOVE, added.above)

    base = index.base
    at = np.searchsorted(base.songs, replaced)
    gone, _ = base.rows_of(at)  # vectors of the base that count no more
    songs = len(base.songs) - len(replaced) + len(added.songs)
    vectors = len(base.keys) - len(gone) + len(added.keys)
    counted = replace(previous, songs=songs, vectors=vectors)
    return _finished(job, index, counted, write, known)


def _folded(job: Job, previous: Manifest, index: SongIndex, whole: Part) -> Manifest:
    """A store's index with nothing beside its base; no vector moves."""
    known = _known(previous, {fitting.FILE, "keys.npy", "background.npy"})

    def write(aside: Path) -> None:
        for name in known:
            taken_over(index.content / name, aside / name)
        _save(whole, aside)
        reached = fitting.read(index.content)
        if reached is not None and whole.above is not None:
            reached = reached.with_more(whole.above)
        if reached is not None:
            reached.save(aside)

    counted = replace(previous, songs=len(whole.songs), vectors=len(whole.keys))
    return _finished(job, index, counted, write, known)


def _known(previous: Manifest, anew: Collection[str] = ()) -> dict[str, str]:
    """Files of the index before that stay as they are, with their checksums."""
    known = {}
    for name, digest in previous.files.items():
        is_added = name.startswith(f"{ADDED}/")
        if name not in anew and not is_added:
            known[name] = digest
    return known


def _finished(
    job: Job, index: SongIndex, manifest: Manifest, write: Callable[[Path], None], known: Mapping[str, str]
) -> Manifest:
    """Publish a changed index, once the store has all that it is told of."""
    if job.place is not None:
        cast(StoredIndex, index.vector_index).finish()
    up_to_date = replace(manifest, seen=job.seen, made_at=now())
    return publish(job.folder, up_to_date, write, known)


def _save(part: Part, folder: Path) -> None:
    np.save(folder / "keys.npy", part.keys)
    np.save(folder / "background.npy", part.background)
    if part.vectors is not None:
        np.save(folder / "vectors.npy", part.vectors)
