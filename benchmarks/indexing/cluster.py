"""What does a song cost `nw ingest --index` by one process, and by a Ray cluster of as many cores here?

    python benchmarks/indexing/cluster.py [--cores 2] [--seconds 210] [--songs 4]    (needs the extra cluster)

Both hear the same shards of mp3 songs (44.1 kHz, stereo) with `mini`. What is given is the slope: of two
runs, one over three times the shards of the other, the difference in time by the difference in songs, so that
starting counts for neither. CPU time also compares on a machine that is busy: of the processes that hear a
song, and apart from them of Ray's own and the driver, which take theirs whether songs come or not.
"""

import argparse
import io
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
from ray_cluster import environment_of, processes_of, ray_cluster

RATE_HZ = 44_100
AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FEW, MANY = 2, 6


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, of the processors that heard, and of those that Ray and its driver took."""

    wall_s: float
    cpu_s: float
    ray_s: float = 0.0

    def __sub__(self, other: "Took") -> "Took":
        return Took(
            wall_s=self.wall_s - other.wall_s,
            cpu_s=self.cpu_s - other.cpu_s,
            ray_s=self.ray_s - other.ray_s,
        )


def encoded(seconds: float, hz: float) -> bytes:
    """A chord over noise as an mp3."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(1).normal(0, 0.05, len(time_s))
    turns = 2 * np.pi * hz * time_s
    fifth = 1.5 * turns
    sound = 0.2 * np.sin(turns) + 0.1 * np.sin(fifth) + noise
    buffer = io.BytesIO()
    stereo = np.stack([sound, sound[::-1]], 1)
    soundfile.write(buffer, stereo, RATE_HZ, format="MP3")
    return buffer.getvalue()


def write_shards(folder: Path, shards: int, songs: int, seconds: float) -> None:
    """Shards of that many songs: the same minutes behind a second of their own."""
    folder.mkdir()
    body = encoded(seconds - 1, 220)
    for shard in range(shards):
        cells = []
        for song in range(songs):
            number = shard * songs + song
            own_second = encoded(1, 300 + number)
            cells.append({"bytes": own_second + body, "path": f"{number}.mp3"})
        table = pa.table({"audio": pa.array(cells, AUDIO)})
        pq.write_table(table, folder / f"{shard:03}.parquet")


WORKERS = ("ray::MapWorker", "multiprocessing.spawn")
"""What the processes are called that hear; the rest of a cluster's are Ray's own."""


class Meter:
    """CPU seconds of a cluster's workers and of Ray itself, by looking at its processes all the time."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._ticks = dict[tuple[int, str, bool], int]()  # by process, its start, and whether it hears
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def seconds(self, hears: bool) -> float:
        """Of those that hear, or of the others, up to now."""
        ticks = 0
        for (_, _, listening), count in self._ticks.copy().items():
            ticks += count if listening == hears else 0
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for process in processes_of(self._session):
                with suppress(OSError):
                    _, _, behind_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")
                    fields = behind_name.split()
                    line = Path(f"/proc/{process}/cmdline").read_text()
                    hears = any(name in line for name in WORKERS)
                    began = fields[19]
                    user, system = int(fields[11]), int(fields[12])
                    self._ticks[process, began, hears] = user + system


def ingest(
    folder: Path, options: list[str], environment: Mapping[str, str], meter: Meter | None = None
) -> Took:
    """One `nw ingest --index` of a folder into a new library; `meter`: of the cluster that works for it."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "newwave_cli", "--home", home, *options[:2]]
        command += ["ingest", "shards", str(folder), "--index", *options[2:]]
        before = used(meter)
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        wall_s = time.perf_counter() - start
        after = used(meter)
        return replace(after - before, wall_s=wall_s)


def used(meter: Meter | None) -> Took:
    """What the programs that were run took so far, and the cluster that worked for them."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    driver_s = own.ru_utime + own.ru_stime
    if meter is None:
        return Took(0.0, driver_s)
    return Took(0.0, meter.seconds(hears=True), driver_s + meter.seconds(hears=False))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=210)
    parser.add_argument("--songs", type=int, default=4, help="in a shard")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nw", dir="/tmp") as name:  # short: Ray puts sockets there
        place = Path(name)
        write_shards(place / "few", FEW, asked.songs, asked.seconds)
        write_shards(place / "many", MANY, asked.songs, asked.seconds)
        environment = environment_of(place)
        alone = ["--jobs", str(asked.cores)]
        here = [ingest(place / which, alone, environment) for which in ("few", "many")]
        with ray_cluster(place, environment, cores=asked.cores) as session:
            spread = ["--jobs", "1", "--ray", "auto"]
            meter = Meter(session)
            there = [ingest(place / which, spread, environment, meter) for which in ("few", "many")]
            meter.close()
    songs = (MANY - FEW) * asked.songs
    alone = here[1] - here[0]
    spread = there[1] - there[0]
    for what, more in (("one process", alone), ("Ray", spread)):
        rate = songs / more.wall_s
        cpu_s = more.cpu_s / songs
        print(f"{what:<12} {rate:6.2f} songs/s, {cpu_s:.3f} CPU s a song to hear it")
    faster = alone.wall_s / spread.wall_s
    dearer = spread.cpu_s / alone.cpu_s
    cores = spread.ray_s / spread.wall_s
    print(f"Ray / one process: {faster:.2f} x the songs a second, {dearer:.2f} x the CPU time to hear a song")
    print(f"Ray itself and its driver take {cores:.2f} cores all the while")


if __name__ == "__main__":
    main()
