"""What `scale.py` measures beside nw: FAISS and LanceDB over the same vectors, with their usual settings."""

import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from catalog.indexes import exact

K = 10
TRAINED_ON = 20_000
"""Vectors that FAISS chooses its lists by: enough for a thousand of them."""


@dataclass(frozen=True, slots=True)
class Peer:
    """name; module that it needs; factory: the string of FAISS's index_factory, "" for LanceDB."""

    name: str
    module: str
    factory: str = ""


PEERS = (
    Peer("FAISS flat", "faiss", "Flat"),
    Peer("FAISS HNSW32", "faiss", "HNSW32"),
    Peer("FAISS IVF-PQ", "faiss", "IVF{lists},PQ96"),
    Peer("LanceDB IVF-PQ", "lancedb"),
)


def found(truth: exact.ExactIndex, query: np.ndarray, best: np.ndarray) -> float:
    """The share of the true ten among these; a copy as near as the tenth counts."""
    _, nearest = truth.search(query, K)
    rows = np.searchsorted(truth.keys, best[best >= 0])
    cosines = exact.cosines_to(truth.vectors[rows], query)
    near_enough = cosines >= nearest[-1] - 1e-4
    return float(np.sum(near_enough) / len(nearest))


def figures(peer: Peer, place: Path, vectors: np.ndarray, queries: np.ndarray) -> dict[str, float]:
    """Time to build, size, warm and cold searches, searches among one half, recall@10."""
    truth = exact.build(np.arange(1, len(vectors) + 1), vectors)
    start = time.process_time()
    index = _Faiss(peer, place, vectors) if peer.factory else _Lance(place, vectors)
    built = time.process_time() - start
    all_ms, half_ms, recalls = [], [], []
    for query in queries:
        took, best = _timed(index, query, half=False)
        all_ms.append(took)
        recalls.append(found(truth, query, best))
        took, _ = _timed(index, query, half=True)
        half_ms.append(took)
    from scale import megabytes, whole_process

    one_query = place.with_suffix(".npy")
    np.save(one_query, queries[0])
    cold = whole_process([sys.executable, "-c", index.COLD, str(place), str(one_query)])
    return {
        "index_cpu_s": built,
        "index_mb": megabytes(place),
        "warm_ms": statistics.median(all_ms),
        "half_ms": statistics.median(half_ms),
        "recall": float(np.mean(recalls)),
        **cold,
    }


def _timed(index: Any, query: np.ndarray, *, half: bool) -> tuple[float, np.ndarray]:
    start = time.process_time()
    best = index.search(query, half=half)
    return 1000 * (time.process_time() - start), best


class _Faiss:
    COLD = """
import sys, faiss, numpy as np
index = faiss.read_index(sys.argv[1] + "/index", faiss.IO_FLAG_MMAP)
print(index.search(np.load(sys.argv[2])[None], 10))
"""

    def __init__(self, peer: Peer, place: Path, vectors: np.ndarray) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        lists = round(len(vectors) ** 0.5)
        factory = peer.factory.format(lists=lists)
        self._index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
        rows = vectors.astype(np.float32)
        every = max(1, len(rows) // TRAINED_ON)
        self._index.train(rows[::every])
        self._index.add(rows)
        faiss.write_index(self._index, str(place / "index"))
        if "HNSW" in factory:
            parameters = partial(faiss.SearchParametersHNSW, efSearch=128)
        elif "IVF" in factory:
            parameters = partial(faiss.SearchParametersIVF, nprobe=lists // 16)
        else:
            parameters = faiss.SearchParameters
        even_rows = np.arange(1, len(vectors), 2)  # of songs with an even number
        self._even = faiss.IDSelectorBatch(even_rows)  # kept, for the parameters only point to it
        self._of_all, self._of_half = parameters(sel=None), parameters(sel=self._even)

    def search(self, query: np.ndarray, *, half: bool) -> np.ndarray:
        parameters = self._of_half if half else self._of_all
        _, found = self._index.search(query[None], K, params=parameters)
        rows = found[0]  # (K,), -1 where there are no more
        return np.where(rows >= 0, rows + 1, -1)  # ids begin at 1


class _Lance:
    COLD = """
import sys, lancedb, numpy as np
songs = lancedb.connect(sys.argv[1]).open_table("songs")
print(songs.search(np.load(sys.argv[2])).limit(10).to_arrow())
"""

    def __init__(self, place: Path, vectors: np.ndarray) -> None:
        import lancedb
        import pyarrow as pa

        flat = pa.array(vectors.astype(np.float32).ravel())
        ids = pa.array(np.arange(1, len(vectors) + 1))
        columns = {"id": ids, "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])}
        self._songs = lancedb.connect(place).create_table("songs", pa.table(columns))
        lists = max(1, round(len(vectors) ** 0.5))
        self._songs.create_index(metric="cosine", num_partitions=lists, num_sub_vectors=96)
        self._probes = max(1, lists // 16)

    def search(self, query: np.ndarray, *, half: bool) -> np.ndarray:
        asked = self._songs.search(query).metric("cosine")
        asked = asked.nprobes(self._probes).refine_factor(10).limit(K)
        if half:
            asked = asked.where("id % 2 = 0", prefilter=True)
        table = asked.select(["id", "_distance"]).to_arrow()
        return np.array(table["id"])
