"""What does each thing cost at 10,000, 100,000 and a million songs, beside FAISS and LanceDB in the same run?

    python benchmarks/search/scale.py [SONGS ...] [--real HOME] [--keep FILE] [--files] [--plot FILE.svg]

The peers are no dependency: pip install faiss-cpu lancedb. Vectors are drawn from the real ones of a library
(HOME; the demo's thirty pieces without one): a real one, plus a third of the difference of two others, plus a
little noise. Peers get a query's vector, nw its words. Times are of the processor, of one thread where a
library lets itself be told; whole processes are also timed by the clock. --keep adds the figures to a file of
JSON lines, --plot draws what such a file holds, --files also times an ingest of so many files that did not
change, --alone leaves the peers out.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scale_peers
import scale_plot
from cold_query import QUERY

from catalog.indexes import exact
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding
from catalog.song_index import SongIndex
from models import encoders
from models.indexing.build import build_index
from models.search.request import SearchRequest
from models.search.searcher import Searcher

NEW = 1_000
QUERIES = 100
BLOCK = 10_000
DIFFERENCE, NOISE = 0.33, 0.1
"""Of a drawn vector: what it has of the difference of two real ones, and of noise in all directions."""
RUNS = 5
HALF = "id % 2 = 0"


def real_vectors(home: Path | None) -> np.ndarray:
    """Track vectors (songs, dimensions) of a library by `mini`, float32."""
    pipeline = encoders.load("mini").pipeline
    with tempfile.TemporaryDirectory() as folder:
        if home is None:
            demo = [sys.executable, "-m", "newwave_cli", "--home", folder, "demo"]
            subprocess.run(demo, check=True, capture_output=True)
            home = Path(folder, "demo")
        with Catalog.open(home / "catalog.db", read_only=True) as catalog:
            _, tracks = embeddings.tracks(catalog, pipeline)
            return tracks.astype(np.float32)


def drawn(real: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of unit vectors, float16, that lie as the real ones do."""
    chance = np.random.default_rng(seed)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        picks = [chance.integers(0, len(real), size) for _ in range(3)]
        one, plus, minus = (real[rows] for rows in picks)
        noise = chance.standard_normal(one.shape, dtype=np.float32)
        noise /= np.sqrt(one.shape[1])  # of about length 1
        rows = one + DIFFERENCE * (plus - minus) + NOISE * noise
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        yield (rows / lengths).astype(np.float16)


def add_songs(catalog: Catalog, pipeline: str, first: int, blocks: Iterator[np.ndarray]) -> None:
    """Songs of these vectors, as `nw ingest` and `nw index` leave them."""
    for block in blocks:
        ids = range(first, first + len(block))
        with catalog.transaction():
            rows = []
            for number in ids:
                named = f"/music/{number}.mp3", f"Song {number}", f"Artist {number % 900}"
                rows.append((number, *named, 1950 + number % 70, f"a{number}"))
            catalog.executemany(
                "INSERT INTO songs (id, path, title, artist, year, audio_hash, duration_s)"
                " VALUES (?, ?, ?, ?, ?, ?, 200)",
                rows,
            )
            kept = []
            for number, vector in zip(ids, block, strict=True):
                kept.append(Embedding(f"a{number}", vector[None], vector))
            embeddings.put_many(catalog, pipeline, kept)
        first += len(block)


def processor_s(work: Callable[[], Any]) -> float:
    """Seconds of the processor that something takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def megabytes(*folders: Path) -> float:
    """What lies in folders."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6


CHILD = """
import json, os, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def whole_process(command: list[str]) -> dict[str, float]:
    """Median seconds by the clock and of the processor, and the peak memory (MB), of whole processes."""
    runs = []
    for _ in range(RUNS + 1):  # the first brings files into memory
        child = [sys.executable, "-c", CHILD, *command]
        run = subprocess.run(child, check=True, capture_output=True, text=True)
        runs.append([float(value) for value in run.stdout.split()])
    wall, cpu, memory = np.median(runs[1:], axis=0)
    return {"cold_s": wall, "cold_cpu_s": cpu, "cold_mb": memory}


def nw_figures(home: Path, count: int, real: np.ndarray, queries: np.ndarray) -> dict[str, float]:
    """Build a library and measure nw on it."""
    encoder, folder = encoders.load("mini"), home / "indexes" / "sound"
    figures: dict[str, float] = {"songs": count}
    with Catalog.open(home / "catalog.db") as catalog:
        embeddings.register_pipeline(catalog, encoder.pipeline, role="sound")
        add_songs(catalog, encoder.pipeline, 1, drawn(real, count, 0))
        figures["index_cpu_s"] = processor_s(lambda: build_index(catalog, encoder, folder))
        figures["index_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures["index_mb"] = megabytes(folder)
        figures["catalog_mb"] = (home / "catalog.db").stat().st_size / 1e6
        figures |= _searched(home, catalog, queries)
        nw = [sys.executable, "-m", "newwave_cli", "--home", str(home)]
        command = [*nw, "query", QUERY, "-f", "tsv"]
        figures |= whole_process(command)
        add_songs(catalog, encoder.pipeline, count + 1, drawn(real, NEW, 1))
        start = time.perf_counter()
        figures["update_cpu_s"] = processor_s(lambda: build_index(catalog, encoder, folder))
        figures["update_s"] = time.perf_counter() - start
        figures["updated_recall"] = _searched(home, catalog, queries)["recall"]
    return figures


def _searched(home: Path, catalog: Catalog, queries: np.ndarray) -> dict[str, float]:
    """Milliseconds of a warm search, with and without filters, and recall@10 against every vector."""
    index = SongIndex(home / "indexes" / "sound")
    searcher = Searcher(home / "indexes", catalog)
    keys, vectors = index.held(index.songs)
    truth = exact.build(keys >> 12, vectors)
    recalls, took, answered, half = [], [], [], []
    for query in queries:
        best: Any = None

        def search(query: np.ndarray = query) -> None:
            nonlocal best
            near = index.nearest(query, 200)
            scores = index.score(query, near)
            best_first = np.argsort(-scores)
            best = near[best_first[:10]]

        took.append(processor_s(search))
        recalls.append(scale_peers.found(truth, query, best))
    for number in range(12):
        text = f"{QUERY} {number}"  # no two alike: an answer that was given is kept
        request = SearchRequest(text, by="sound")
        answered.append(processor_s(partial(searcher.search, request)))
        narrowed = SearchRequest(text, by="sound", where=HALF)
        half.append(processor_s(partial(searcher.search, narrowed)))
    return {
        "warm_ms": _median_ms(took),
        "answer_ms": _median_ms(answered[2:]),  # the first ones read what the others find in memory
        "half_ms": _median_ms(half[2:]),
        "recall": float(np.mean(recalls)),
    }


def _median_ms(seconds: list[float]) -> float:
    return 1000 * statistics.median(seconds)


def measured(count: int, real: np.ndarray, *, files: bool, peers: bool) -> Iterator[dict[str, Any]]:
    """Figures of nw and of every peer over the same vectors."""
    half = QUERIES // 2
    songs = next(drawn(real, half, 7)).astype(np.float32)
    texts = [f"{QUERY} {number}" for number in range(half)]
    descriptions = encoders.load("mini").encode_descriptions(texts)
    queries = np.concatenate([songs, descriptions])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        ours = nw_figures(home, count, real, queries)
        if files:
            ours |= _again(count)
        yield {"who": "nw", **ours}
        vectors = np.concatenate(list(drawn(real, count, 0)))
        for peer in scale_peers.PEERS if peers else ():
            place = Path(folder) / peer.name
            place.mkdir()
            found = scale_peers.figures(peer, place, vectors, queries)
            yield {"who": peer.name, "songs": count, **found}


def _again(count: int) -> dict[str, float]:
    """Seconds of `nw ingest` over so many files of which none changed."""
    import second_ingest

    with tempfile.TemporaryDirectory() as folder:
        home, music = Path(folder, "home"), Path(folder, "music")
        second_ingest.make(music, count)
        second_ingest.enter(home, music)
        times = [second_ingest.ingest_s(home, music) for _ in range(2)]
        return {"again_s": min(times)}


COLUMNS = ("index_cpu_s", "index_mb", "warm_ms", "half_ms", "recall", "cold_s", "cold_cpu_s", "cold_mb")
MORE = ("answer_ms", "update_s", "update_cpu_s", "updated_recall", "index_peak_mb", "catalog_mb", "again_s")


def show(rows: list[dict[str, Any]]) -> None:
    """The table of one size, and what only nw has."""
    nw = rows[0]
    load, _, _ = os.getloadavg()
    print(f"\n{nw['songs']:,} songs on {os.cpu_count()} cores, load average {load:.1f}")
    print("| | " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * (len(COLUMNS) + 1))
    for row in rows:
        cells = [_cell(row, nw, name) for name in COLUMNS]
        print(f"| {row['who']} | " + " | ".join(cells) + " |")
    more = [f"{name} {nw[name]:.3f}" for name in MORE if name in nw]
    print(", ".join(more), flush=True)


def _cell(row: dict[str, Any], nw: dict[str, Any], name: str) -> str:
    """A figure, and of a peer how many times that of nw it is."""
    if name not in row:
        return ""
    figure = f"{row[name]:.3f}"
    if row is nw:
        return figure
    ratio = row[name] / nw[name]
    return f"{figure} ({ratio:.1f} x)"


def main() -> None:
    """Measure every size that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("songs", nargs="*", type=int)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--files", action="store_true")
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    real = real_vectors(given.real) if given.songs else None
    for count in given.songs:
        rows = []
        for row in measured(count, real, files=given.files, peers=not given.alone):
            rows.append(row)
            if given.keep:
                with given.keep.open("a") as file:
                    file.write(json.dumps(row) + "\n")
        show(rows)
    if given.plot and given.keep:
        kept = [json.loads(line) for line in given.keep.read_text().splitlines()]
        given.plot.write_text(scale_plot.svg(kept))


if __name__ == "__main__":
    main()
