"""How long does `nw ingest` take when nothing changed? The same command again over 100,000 files.

Peer in the same run: a scan that reads the tags of every file with mutagen, as a library without a catalog
of sizes and times has to. Run it:  python benchmarks/indexing/second_ingest.py [FILES]
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mutagen
import numpy as np
import soundfile

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, SoundFile

FOLDER = 500


def main() -> None:
    """Make the files and their rows, then time the second ingest and the peer."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as place:
        home, music = Path(place, "home"), Path(place, "music")
        make(music, count)
        enter(home, music)
        ours = min(ingest_s(home, music) for _ in range(3))
        peer = _mutagen_scan(music)
    print(f"{count:,} files, nothing changed, best of 3 whole processes")
    print(f"nw ingest again     {ours:7.2f} s")
    print(f"mutagen on each     {peer:7.2f} s")
    print(f"ratio               {peer / ours:7.1f} x")


def make(music: Path, count: int) -> None:
    """Write small FLAC files of noise, each the same sound: what is in them is not read again."""
    sound = io.BytesIO()
    noise = np.random.default_rng(0).normal(0, 0.1, 800)
    soundfile.write(sound, noise, 8000, format="FLAC")
    for number in range(count):
        folder = music / f"{number // FOLDER:04}"
        path = folder / f"Artist {number} - Title {number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sound.getvalue())


def enter(home: Path, music: Path) -> None:
    """Their rows, as a first ingest leaves them, without the minutes that it takes to read the sound."""
    with Catalog.open(home / "catalog.db") as catalog, catalog.transaction():
        for path in sorted(music.rglob("*.flac")):
            status = path.stat()
            identity = path, status.st_size, status.st_mtime_ns, f"hash of {path.name}"
            file = SoundFile(*identity, 0.1, 8000, 1)
            artist, title = path.stem.split(" - ")
            tags = Facts("tags", {"title": title, "artist": artist})
            songs.add_or_update(catalog, [tags], file=file)


def ingest_s(home: Path, music: Path) -> float:
    """Seconds of `nw ingest` over files that are in the catalog already."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "newwave_cli", "--home", home, "ingest", music]
    offline = {**os.environ, "NW_OFFLINE": "1"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=offline)
    seconds = time.perf_counter() - start
    assert run.stderr.split()[1] == "unchanged", run.stderr
    return seconds


def _mutagen_scan(music: Path) -> float:
    start = time.perf_counter()
    for path in music.rglob("*.flac"):
        mutagen.File(path)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
