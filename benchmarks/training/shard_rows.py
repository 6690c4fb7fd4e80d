"""How many rows a second come from a shard of mp3 songs, against datasets + librosa + ClapFeatureExtractor?

python benchmarks/training/shard_rows.py MP3_FOLDER [--seconds 10 240] [--jobs 2]  (datasets, librosa)

Both read the same shard (the songs of MP3_FOLDER, with the columns of JamendoMaxCaps) and end with CLAP's
log-mel of a crop of so many seconds: the peer as its documentation shows, in one process; ours as
`nw train sound --recipe clap-long` does, in worker processes and half precision. Where a card trains, it also
resamples and makes log-mel, which no processor has to: that is a row of its own. What is given is the slope:
of two runs, one with more epochs than the other, the difference in time by the difference in rows. So the
start of workers and imports counts for neither, as in a run of days. CPU time counts the workers too: it
also compares on a machine that is busy.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from feed import cpu_s

RATE_HZ = 48_000
AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@dataclass
class Took:
    """Rows and the time that they took."""

    rows: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def rows_a_second(self) -> float:
        """By the clock."""
        return self.rows / self.wall_s

    @property
    def cpu_ms_a_row(self) -> float:
        """Milliseconds of CPU time, of all processes."""
        return 1000 * self.cpu_s / self.rows


def write_shard(songs: list[Path], path: Path) -> None:
    """One parquet file of songs, in row groups of four."""
    cells = [{"bytes": song.read_bytes(), "path": song.name} for song in songs]
    pq.write_table(pa.table({"audio": pa.array(cells, AUDIO)}), path, row_group_size=4)


def theirs(shard: Path, seconds: int, cache: Path, epochs: int = 1) -> Iterator[object]:
    """The usual way: the whole song decoded and resampled, then a crop of it."""
    import librosa
    from datasets import load_dataset
    from transformers import ClapFeatureExtractor

    extractor = ClapFeatureExtractor(max_length_s=seconds, truncation="rand_trunc")
    rows = load_dataset("parquet", data_files=str(shard), split="train", cache_dir=str(cache))
    for row in chain.from_iterable(rows for _ in range(epochs)):
        content = io.BytesIO(row["audio"]["bytes"])
        waveform, _ = librosa.load(content, sr=RATE_HZ, mono=True)
        features = extractor(waveform, sampling_rate=RATE_HZ, return_tensors="pt")
        yield features["input_features"]


def ours(
    shard: Path, seconds: int, jobs: int, epochs: int = 1, *, for_card: bool = False
) -> Iterator[object]:
    """The crop alone is decoded, in worker processes; for_card: resampling and log-mel are left to a card."""
    from catalog.data_sets import Place
    from catalog.shards.decode_rows import Crop, sounds
    from catalog.shards.order import Cursor
    from catalog.sources import shards
    from models.networks.clap.pcm import kept_rate
    from models.training.clap.front import half_mel, pcm

    rate_hz, front = (kept_rate, pcm) if for_card else (RATE_HZ, half_mel)
    crop = Crop(seconds, start_s=None, at=0.5)
    place = Place(shard.parent, (str(shard),))
    with shards.opened(place) as data:
        rows = chain.from_iterable(data.rows(Cursor(epoch)) for epoch in range(epochs))
        heard = sounds(rows, lambda row, clip: crop, rate_hz=rate_hz, jobs=jobs, front=front)
        for sound in heard:
            yield sound.waveform  # chunks of log-mel, or of sound


@contextmanager
def timed(took: Took) -> Iterator[None]:
    """Add wall time and the CPU time of this process and of its workers, which rest afterwards."""
    before, cpu = time.perf_counter(), cpu_s()
    yield
    took.wall_s += time.perf_counter() - before
    took.cpu_s += cpu_s() - cpu


def slope(work: Callable[[int], Iterator[object]], epochs: int) -> Took:
    """What `epochs` more epochs take than one alone."""
    short = _measured(lambda: work(1))
    long = _measured(lambda: work(1 + epochs))
    return Took(
        rows=long.rows - short.rows,
        wall_s=long.wall_s - short.wall_s,
        cpu_s=long.cpu_s - short.cpu_s,
    )


def _measured(work: Callable[[], Iterator[object]]) -> Took:
    took = Took()
    with timed(took):
        took.rows = sum(1 for _ in work())
    return took


def main() -> None:
    """Print rows a second and CPU time a row of both, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 240])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=6, help="of ours beyond the first")
    given = parser.parse_args()
    songs = sorted(given.folder.rglob("*.mp3"))
    if not songs:
        sys.exit(f"there is no mp3 in {given.folder}")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        shard, warm = Path(folder, "songs.parquet"), Path(folder, "warm.parquet")
        cache = Path(folder, "cache")
        write_shard(songs, shard)
        write_shard(songs[:1], warm)
        for work in (theirs(warm, 10, cache), ours(shard, 10, given.jobs)):
            for _ in work:  # imports, and what is compiled at first use, are not what is measured
                pass
        print(f"{len(songs)} songs, {shard.stat().st_size / 1e6:.0f} MB; {given.jobs} workers")
        for seconds in given.seconds:
            peer = slope(partial(theirs, shard, seconds, cache), 1)
            print(f"crops of {seconds:g} s")
            _print("datasets + librosa + ClapFeatureExtractor", peer, peer)
            for name, for_card in (("nw", False), ("nw, log-mel left to a card", True)):
                work = partial(ours, shard, seconds, given.jobs, for_card=for_card)
                own = slope(work, given.epochs)
                _print(name, own, peer)


def _print(name: str, took: Took, peer: Took) -> None:
    ratios = ""
    if took is not peer:
        faster = took.rows_a_second / peer.rows_a_second
        cheaper = peer.cpu_ms_a_row / took.cpu_ms_a_row
        ratios = f"  {faster:.1f} x by the clock, {cheaper:.1f} x by CPU time"
    cost = f"{took.rows_a_second:6.2f} rows/s  {took.cpu_ms_a_row:7.0f} ms CPU a row"
    print(f"  {name:42} {cost}  ({took.rows} rows){ratios}", flush=True)


if __name__ == "__main__":
    main()
