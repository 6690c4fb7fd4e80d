"""Is a card kept busy? The pipeline of `nw train sound --recipe clap-long`, with a stand-in for the step.

python benchmarks/training/feed.py MP3_FOLDER [--seconds 10 60 240] [--jobs 2] [--steps 4]

Rows of a shard (the songs of MP3_FOLDER, repeated until they are long enough) go through all that a
training does before its step: parquet, decoding, resampling, log-mel in half precision in the workers,
tokens, the batch that is ready ahead. The step itself sleeps for as long as forward and backward of that
batch took on one H100 beside 16 cores, times 16 / jobs: so many cores make so much less. `busy` is the share
of the time that the step takes; `by CPU` is what the CPU time says that it would be with these cores for
itself, and it alone counts on a machine that others use.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.audio.decode import claimed_s
from catalog.data_sets import Place
from catalog.sources import shards
from models.training.clap.feed import Feed, Lengths
from models.training.meter import GIB, Meter, descendants, host_bytes
from models.training.prefetch import Prefetch

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
CORES = 16
STEPS = {10: (256, 0.50), 60: (96, 0.92), 240: (48, 1.62)}
"""Seconds of sound: rows of a batch, and seconds of its step on one H100 (HTSAT-tiny, RoBERTa-base, bf16)."""
LONG_ENOUGH_S = 245.0


@dataclass
class Fed:
    """What was measured of one length of sound."""

    busy: float
    by_cpu: float
    data_s: float
    step_s: float
    cpu_ms: float
    host_gib: float


def write_shards(songs: list[Path], folder: Path, rows: int) -> None:
    """Two parquet files of songs with a caption each, in row groups of eight."""
    cells, captions = [], []
    for number in range(rows):
        song = songs[number % len(songs)]
        content = song.read_bytes()
        content *= math.ceil(LONG_ENOUGH_S / claimed_s(content))  # an mp3 after an mp3 is an mp3
        cells.append({"bytes": content, "path": f"{number}.mp3"})
        captions.append(f"a song called {song.stem} {number}")
    table = pa.table({"audio": pa.array(cells, AUDIO), "caption": captions})
    for half in (0, 1):
        first = half * rows // 2
        part = table.slice(first, rows // 2)
        pq.write_table(part, folder / f"{half}.parquet", row_group_size=8)


def measure(folder: Path, seconds: int, *, jobs: int, steps: int) -> Fed:
    """Train for some steps that sleep; the first batch, with the start of the workers, is not counted."""
    rows, step_s = STEPS[seconds]
    step_s *= CORES / jobs
    with shards.opened(Place(folder, (str(folder),)), seed=0) as data:
        lengths = Lengths((seconds, seconds), (77, 77))  # the same at every step
        feed = Feed(data, lengths, rows, _tokens, jobs=jobs)
        batches, meter = Prefetch(feed.next), Meter()
        highest = 0  # bytes of memory
        batches.take(0)
        before_s = cpu_s()
        for step in range(1, steps + 1):
            meter.start()
            batches.take(step)
            meter.got_batch()
            time.sleep(step_s)
            meter.done()
            highest = max(highest, host_bytes())
        used_s = (cpu_s() - before_s) / steps
        feed.stop()
        batches.close()
        feed.close()
    found = meter.read()
    return Fed(
        busy=found["busy"],
        by_cpu=min(1.0, jobs * step_s / used_s),
        data_s=found["data_s"],
        step_s=step_s,
        cpu_ms=1000 * used_s / rows,
        host_gib=highest / GIB,
    )


def _tokens(text: str) -> list[int]:
    return [0, *range(3, 3 + len(text.split())), 2]


def cpu_s() -> float:
    """Seconds of CPU time of this process and of those that it started and that still run."""
    used = os.times()
    total = used.user + used.system
    ticks = os.sysconf("SC_CLK_TCK")
    for child in descendants(Path("/proc/self")):
        # A program's name stands in brackets, and may hold some itself.
        _, _, behind_name = (child / "stat").read_text().rpartition(")")
        fields = behind_name.split()
        user, system = int(fields[11]), int(fields[12])  # ticks
        total += (user + system) / ticks
    return total


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, nargs="+", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rows", type=int, default=64, help="of the data set, which is read in epochs")
    given = parser.parse_args()
    songs = sorted(given.folder.rglob("*.mp3"))
    if not songs:
        sys.exit(f"there is no mp3 in {given.folder}")
    with tempfile.TemporaryDirectory() as folder:
        write_shards(songs, Path(folder), given.rows)
        print(f"{given.jobs} workers, {given.steps} steps; a step is scaled from {CORES} cores")
        for seconds in given.seconds:
            fed = measure(Path(folder), seconds, jobs=given.jobs, steps=given.steps)
            rows, _ = STEPS[seconds]
            times = f"step {fed.step_s:5.2f} s  waits {fed.data_s:5.2f} s"
            busy = f"busy {fed.busy:4.0%}  by CPU {fed.by_cpu:4.0%}"
            cost = f"{fed.cpu_ms:4.0f} ms CPU a row  {fed.host_gib:.2f} GiB"
            print(f"  {seconds:4} s  batch {rows:4}  {times}  {busy}  {cost}")


if __name__ == "__main__":
    main()
