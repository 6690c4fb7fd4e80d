"""`milvus`: vectors in a collection of a Milvus server or cluster, or in a file of milvus-lite.

The collection's name says what is in it: `nw_ROLE_OWNER_PIPELINE_RANDOM`, where OWNER stands for library,
machine and folder and PIPELINE for the pipeline id. A new index is a new collection, so the one that answers
stays whole until it is done; only its owner changes or drops it. Fields: key (the primary key), song, vector
(float32, which milvus-lite knows alone).
"""

import contextlib
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Damaged, Incompatible, StoreError
from catalog.indexes import PART_BITS, Halves, Keys, Place, blocks
from catalog.indexes._milvus_client import TIMEOUT_S, checked, connected, dropped, explained
from catalog.indexes.exact import cosines_to

__all__ = ["checked"]

Cosines = NDArray[np.float32]

FILE = "store.json"
HOLDS_VECTORS = True
FILTERS = True

ROWS = 1_000
"""Vectors in one message: some 2 MB of 64."""
MOST_FOUND = 16_384
"""A server gives no more in one answer."""
IDS = 20_000
"""Songs that one filter names."""
LEAST_EF = 128  # as the graph on disk searches (hnsw.EXPANSION_SEARCH)
WRITE_S = 120.0  # a flush waits until a server's segments are on its disks
NOT_LOADED = "not loaded|'released'"
"""As a server and as milvus-lite say it."""
# the graph that a server builds
INDEX = {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 16, "efConstruction": 128}}


class MilvusIndex:
    """A collection of unit vectors. Raises StoreError where it is away, Damaged where it was dropped."""

    def __init__(self, client: Any, place: Place, collection: str) -> None:
        self._client = client
        self.place, self.collection = place, collection

    def search(
        self, query: NDArray[np.float32], k: int, among: Keys | None = None
    ) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest, nearly always, at most MOST_FOUND: keys and cosines, best first."""
        if among is None:
            return self._nearest(query, k, "")
        found = (self._nearest(query, k, _only(block)) for block in blocks(among, IDS))
        keys, cosines = _joined(found)
        if len(keys) < min(k, len(among)):
            # The graph of milvus-lite gives up early among few of many; a server looks at those itself.
            found = (self._cosines(query, block) for block in blocks(among, ROWS))
            keys, cosines = _joined(found)
        best = np.argsort(-cosines, kind="stable")[:k]
        return keys[best], cosines[best]

    def _cosines(self, query: NDArray[np.float32], songs: Keys) -> tuple[Keys, NDArray[np.float32]]:
        """Keys and cosines of all vectors of these songs, which are fetched."""
        wanted = ["key", "vector"]
        rows = self._asked(self._client.query, filter=_only(songs), output_fields=wanted)
        keys = np.array([row["key"] for row in rows], np.int64)
        vectors = np.array([row["vector"] for row in rows], np.float32)
        return keys, vectors.reshape(len(rows), len(query)) @ query

    def _nearest(self, query: NDArray[np.float32], k: int, only: str) -> tuple[Keys, NDArray[np.float32]]:
        """The k nearest with one request: keys and cosines. only: a filter in Milvus' language, or ""."""
        k = min(k, MOST_FOUND)
        # IP: the inner product, which of unit vectors is the cosine. HNSW wants ef to be k at least.
        parameters = {"metric_type": "IP", "params": {"ef": max(k, LEAST_EF)}}
        [hits] = self._asked(
            self._client.search,
            data=[query.astype(np.float32)],
            anns_field="vector",
            limit=k,
            filter=only,
            output_fields=["key"],
            search_params=parameters,
        )
        keys = np.array([hit["key"] for hit in hits], np.int64)
        cosines = np.array([hit["distance"] for hit in hits], np.float32)
        return keys, cosines

    def vectors(self, keys: Keys) -> Halves:
        """Vectors (keys, dimensions). Raises Damaged where one is not there."""
        known: dict[int, Sequence[float]] = {}
        for block in blocks(keys, ROWS):
            ids = block.tolist()
            for row in self._asked(self._client.get, ids=ids, output_fields=["vector"]):
                known[row["key"]] = row["vector"]
        wanted = keys.tolist()
        missing = sum(key not in known for key in wanted)
        if missing:
            lacking = f"lacks {missing} of {len(keys)} vectors that were put there"
            raise Damaged(
                f"the collection {self.collection} at {self.place.address} {lacking},"
                " so its songs cannot be scored.",
                try_this="nw index --rebuild    (writes it again from the catalog)",
            )
        vectors = np.array([known[key] for key in wanted], np.float32)  # in the order that was asked for
        return vectors.astype(np.float16)

    def cosines(self, query: NDArray[np.float32], keys: Keys) -> NDArray[np.float32]:
        """Cosines (keys,) with a query, computed where the vectors are: numbers are read one by one here."""
        known: dict[int, float] = {}
        for block in blocks(keys, MOST_FOUND):
            found, near = self._nearest(query, len(block), f"key in {block.tolist()}")
            known |= zip(found.tolist(), near.tolist(), strict=True)
        # The graph of a store may not come to all of them.
        missing = np.array([key for key in keys.tolist() if key not in known], np.int64)
        if len(missing):
            near = cosines_to(self.vectors(missing), query)
            known |= zip(missing.tolist(), near.tolist(), strict=True)
        return np.array([known[key] for key in keys.tolist()], np.float32)

    def _asked(self, ask: Callable[..., Any], **what: Any) -> Any:
        """What the store answers; one that was started again may have to load the collection first."""
        from pymilvus.exceptions import MilvusException

        with explained(self.place.address, self.collection):
            try:
                return ask(self.collection, **what, timeout=TIMEOUT_S)
            except MilvusException as problem:
                if not re.search(NOT_LOADED, str(problem)):
                    raise
            self._client.load_collection(self.collection)
            return ask(self.collection, **what, timeout=TIMEOUT_S)

    def claim(self, place: Place) -> None:
        """Raise StoreError where another library, machine or folder made the collection."""
        if not self.collection.startswith(_prefix(place)):
            raise StoreError(
                f"the collection {self.collection} at {place.address} belongs to the library that made"
                " it, elsewhere: this one may search there, and would change what that one finds.",
                try_this="nw index --rebuild    (makes a collection of its own)",
            )

    def put(self, keys: Keys, vectors: Halves) -> None:
        """Add vectors, or replace those under the same keys."""
        for start in range(0, len(keys), ROWS):
            block = slice(start, start + ROWS)
            some = keys[block].tolist()
            theirs = vectors[block].astype(np.float32)
            rows = []
            for key, vector in zip(some, theirs, strict=True):
                rows.append({"key": key, "song": key >> PART_BITS, "vector": vector})
            with explained(self.place.address, self.collection):
                self._client.upsert(self.collection, rows, timeout=WRITE_S)

    def remove(self, keys: Keys) -> None:
        """Take out the vectors under these keys."""
        for block in blocks(keys, ROWS):
            with explained(self.place.address, self.collection):
                self._client.delete(self.collection, ids=block.tolist(), timeout=WRITE_S)

    def finish(self) -> None:
        """Flush, then read what was written last: from then on all readers see it."""
        with explained(self.place.address, self.collection):
            self._client.flush(self.collection, timeout=WRITE_S)
        len(self)

    def drop(self) -> None:
        """Take the collection from the store."""
        with explained(self.place.address, self.collection):
            self._client.drop_collection(self.collection, timeout=WRITE_S)

    def save(self, path: Path) -> None:
        """Write where the collection is; no vectors, and no secret."""
        values = {**asdict(self.place), "collection": self.collection}
        path.write_text(json.dumps(values, indent=1))

    def __len__(self) -> int:
        [row] = self._asked(
            self._client.query, filter="", output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(row["count(*)"])


def width(vectors: int) -> int:
    """1: a server looks among `LEAST_EF` or more by itself."""
    return 1


def build(
    keys: Keys, vectors: Halves, previous: Path | None = None, place: Place | None = None
) -> MilvusIndex:
    """A new collection with these vectors; nothing of a previous one is changed. It may be empty.

    What a kill left of the same owner's new ones is dropped first.
    """
    if place is None:
        raise ValueError("a collection needs a place")
    client = connected(place.address)
    _clear(client, place, kept=_named_in(previous))
    pipeline = _short_hash(place.pipeline)
    unique = uuid.uuid4().hex[:8]
    collection = f"{_prefix(place)}{pipeline}_{unique}"
    index = MilvusIndex(client, place, collection)
    description = f"nw: {place.role} by {place.pipeline}"
    with explained(place.address, index.collection):
        _create(client, index.collection, vectors.shape[1], description)
    index.put(keys, vectors)
    if len(keys):
        index.finish()
    return index


def open_file(path: Path) -> MilvusIndex:
    """The collection that a file names. Raises Damaged where it was dropped, Incompatible for another's."""
    values = _read(path)
    try:
        collection = str(values.pop("collection"))
        place = Place(**values)
    except (KeyError, TypeError) as error:
        raise _no_store(path) from error
    if f"_{_short_hash(place.pipeline)}_" not in collection:
        other = f"the collection {collection} at {place.address} holds no vectors of {place.pipeline}."
        raise Incompatible(other, try_this="nw index --rebuild")
    client = connected(place.address)
    with explained(place.address, collection):
        if not client.has_collection(collection):
            raise dropped(place.address, collection)
        client.load_collection(collection)
    return MilvusIndex(client, place, collection)


def _create(client: Any, collection: str, dimensions: int, description: str) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False, description=description)
    schema.add_field("key", DataType.INT64, is_primary=True)
    schema.add_field("song", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    parameters = client.prepare_index_params()
    parameters.add_index("vector", **INDEX)
    client.create_collection(collection, schema=schema, index_params=parameters)


def _named_in(previous: Path | None) -> str | None:
    if previous is None:
        return None
    with contextlib.suppress(Damaged):
        return str(_read(previous).get("collection"))
    return None


def _clear(client: Any, place: Place, kept: str | None) -> None:
    with explained(place.address, _prefix(place)):
        for name in client.list_collections():
            if name.startswith(_prefix(place)) and name != kept:
                client.drop_collection(name, timeout=WRITE_S)


def _prefix(place: Place) -> str:
    owner = _short_hash(f"{place.library} {place.owner}")
    return f"nw_{place.role}_{owner}_"


def _short_hash(text: str) -> str:
    """Twelve letters for any text: names of collections hold letters, digits and underscores alone."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_store(path) from error
    if not isinstance(values, dict):
        raise _no_store(path)
    return values


def _no_store(path: Path) -> Damaged:
    return Damaged(
        f"{path} does not say where the vectors are, so nothing can be looked up in them.",
        try_this="nw index --rebuild    (writes them again from the catalog)",
    )


def _only(songs: Keys) -> str:
    return f"song in {songs.tolist()}"


def _joined(found: Iterable[tuple[Keys, Cosines]]) -> tuple[Keys, Cosines]:
    """What several questions found, one behind the other."""
    # Beginning with none of either: there may be nothing to concatenate.
    all_keys = [np.empty(0, np.int64)]
    all_cosines = [np.empty(0, np.float32)]
    for keys, cosines in found:
        all_keys.append(keys)
        all_cosines.append(cosines)
    return np.concatenate(all_keys), np.concatenate(all_cosines)
