"""All that is to be measured on a card, in seven minutes: steps, busy share, hearing, torchrun.

python benchmarks/training/gpu.py MP3_FOLDER [--small]    (--small: tiny networks and sizes, for a processor)

Full-size CLAP (HTSAT-tiny, RoBERTa-base), weights by chance. Prints a table for EXPERIMENTS.md:
- forward and backward of a batch at 10, 60 and 240 s, chunks and `stretch`, with memory of the card, and what
  TF32, channels-last and fused AdamW change;
- the pipeline with that step: the share of the time that the card is busy, and what a row costs the workers;
- hearing: log-mel, HTSAT and both, windows a second in f32, TF32 and bf16, and how far bf16 is from f32;
- `nw index --encoder clap`: windows a second from files;
- torchrun: one process under NCCL, two under gloo on one card.
"""

import argparse
import functools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from feed import cpu_s, write_shards
from gpu_clap import HAS_CARD, batch, network, row, seconds_of, task, tf32, wait
from torch.nn.functional import normalize

from catalog.data_sets import Place
from catalog.files import folder as ingest
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.sources import shards
from models.encoders import clap
from models.indexing import embed
from models.networks.clap.log_mel import log_mel
from models.networks.device import autocast, chosen
from models.training.clap import front
from models.training.clap.feed import Feed, Lengths
from models.training.clap.feed_process import FeedProcess, Opening
from models.training.clap.task import ClapTask
from models.training.meter import GIB, Meter

SIZES = {10: 256, 60: 96, 240: 48}
STEPS = 8
"""That are measured, after those that are not."""


def steps(sizes: dict[int, int], *, small: bool, memory_s: float) -> dict[int, float]:
    """Forward and backward; returns seconds of a step by seconds of sound."""
    found = {}
    for strategy in ("attention", "stretch"):
        own = task(network(strategy, small=small), memory_s)
        for seconds, rows in sizes.items():
            if strategy == "stretch" and seconds < max(sizes):
                continue
            given = batch(seconds, rows, stretched=strategy == "stretch")
            if HAS_CARD:
                torch.cuda.reset_peak_memory_stats()
            took = seconds_of(functools.partial(own.backward, given), 2)
            memory = torch.cuda.max_memory_allocated() / GIB if HAS_CARD else 0.0
            what = f"{seconds} s {strategy}"
            row("step", what, f"batch {rows}", f"{took:.2f} s", f"{memory:.1f} GiB")
            if strategy == "attention":
                found[seconds] = took
    return found


def variants(seconds: int, rows: int, *, small: bool, memory_s: float) -> None:
    """What else might make a step faster."""
    given = batch(seconds, rows, stretched=False)
    net = network("attention", small=small)
    step = functools.partial(task(net, memory_s).backward, given)
    with tf32():
        took = seconds_of(step, 2)
    row("variant", "TF32", f"{took:.2f} s")
    net.to(memory_format=torch.channels_last)
    took = seconds_of(step, 2)
    row("variant", "channels-last", f"{took:.2f} s")
    for fused in (False, True) if HAS_CARD else (False,):
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, fused=fused)
        took = seconds_of(optimizer.step, 3)
        row("variant", f"AdamW fused={fused}", f"{took:.4f} s a step")


def busy(
    folder: Path,
    alone_s: dict[int, float],
    sizes: dict[int, int],
    *,
    small: bool,
    jobs: int,
    memory_s: float,
    mel: str,
    apart: bool = True,
) -> None:
    """Real songs through the real pipeline into the real step.

    alone_s: what a step takes where nothing else runs. The card is busy for that share of the time; the log
    of a training calls busy also what a step waits for Python, of which making batches takes its part.
    apart: batches are made in a process of their own, as they are for a card, and not in a thread.
    """
    net = network("attention", small=small)
    open_data = functools.partial(shards.opened, seed=0)
    place = Place(folder, (str(folder),))
    for seconds, rows in sizes.items():
        with open_data(place) as data:
            lengths = Lengths((seconds, seconds), (77, 77))
            feed = Feed(data, lengths, rows, _ids, jobs=jobs, mel=mel)
            batches = FeedProcess(feed, Opening(open_data, place)) if apart else feed
            own = task(net, memory_s, batches)
            for step in range(FeedProcess.HELD + 1):  # what was made while the first step began is no measure
                own.backward(own.batch(step))
            found, here_s, workers_s = _fed(own)
            own.close()
        own_s = alone_s[seconds]
        whole_s = found["data_s"] + found["step_s"]
        busy_share = min(1.0, own_s / whole_s)
        row_ms = 1000 * workers_s / rows
        where = "process" if apart else "thread"
        shares = f"{busy_share:.0%}", f"logged {found['busy']:.0%}"
        times = f"{whole_s:.2f} s a step, alone {own_s:.2f} s"
        costs = f"{row_ms:.0f} ms a row in {jobs} workers", f"{here_s:.2f} s a batch here"
        row("busy", f"{seconds} s", f"mel: {mel}", where, *shares, times, *costs)


def _ids(text: str) -> list[int]:
    """Ids of a caption: what words cost is no part of the measure."""
    return [0, 5, 6, 2]


def _fed(own: ClapTask) -> tuple[dict[str, float], float, float]:
    """What a meter says of some steps, and seconds of CPU a step in this process and in its workers."""
    meter = Meter()
    here_s, all_s = time.process_time(), cpu_s()
    first = FeedProcess.HELD + 1
    for step in range(first, first + STEPS):
        meter.start()
        given = own.batch(step)
        meter.got_batch()
        own.backward(given)
        wait()
        meter.done()
    here_s = (time.process_time() - here_s) / STEPS
    all_s = (cpu_s() - all_s) / STEPS
    return meter.read(), here_s, all_s - here_s


def index_files(songs: Sequence[Path], *, small: bool, jobs: int, copies: int) -> None:
    """Sound files to vectors in a catalog, as `nw index --encoder clap` does."""
    net = network("mean", small=small).eval()
    for precision in ("f32", "bf16") if HAS_CARD else ("f32",):
        encoder = clap.InTraining(net, Path("tokenizer.json"), precision=precision)
        with tempfile.TemporaryDirectory() as folder:
            sound = Path(folder, "sound")
            _write_songs(songs, sound, copies)
            with Catalog.open(Path(folder, "catalog.db")) as catalog:
                planned = ingest.plan(catalog, [sound])
                ingest.carry_out(catalog, planned, jobs=jobs)
                started = time.perf_counter()
                failed = embed.embed_sound(catalog, encoder, jobs=jobs)
                took = time.perf_counter() - started
                embedded = embeddings.all_of(catalog, encoder.pipeline)
                windows = sum(len(song.windows) for song in embedded)
        rate = f"{windows / took:.0f} windows/s"
        row("index", precision, rate, f"{copies} songs in {took:.1f} s", f"{len(failed)} lost")


def _write_songs(songs: Sequence[Path], folder: Path, count: int) -> None:
    """So many files, no two of the same sound: each begins elsewhere."""
    folder.mkdir()
    for number in range(count):
        content = songs[number % len(songs)].read_bytes()
        first = 5000 * number
        (folder / f"{number}.mp3").write_bytes(content[first:])


def hearing(*, small: bool, windows: int) -> None:
    """Windows of ten seconds a second, and what half precision changes."""
    net = network("mean", small=small).eval()
    sound = torch.randn(windows, 480_000, device=chosen()) * 0.1

    def hear(what: str, work: Callable[[], object]) -> None:
        rate = windows / seconds_of(work, 2)
        row("hear", what, f"{rate:.0f} windows/s")

    with torch.inference_mode():
        hear("log-mel", lambda: log_mel(sound))
        mel = log_mel(sound)
        hear("HTSAT f32", lambda: net.embed_mel(mel))
        with tf32():
            hear("HTSAT TF32", lambda: net.embed_mel(mel))
        plain = normalize(net.embed_mel(mel), dim=-1)
        with autocast(chosen(), "bf16"):
            hear("HTSAT bf16", lambda: net.embed_mel(mel))
            half = normalize(net.embed_mel(mel).float(), dim=-1)
            hear("both bf16", lambda: net.chunks(sound))
    cosines = (plain * half).sum(-1)  # (windows,)
    row("hear", "bf16 against f32", f"cosine {float(cosines.min()):.5f} at least")


def torchrun(processes: int) -> None:
    """That so many processes gather and agree on this machine, and by what."""
    program = (
        "import torch; from models.networks.device import chosen;"
        "from models.training.distributed import anywhere, gathered, processes, backend;\n"
        "d = chosen()\n"
        "with processes(d) as (rank, world):\n"
        "    all_rows = gathered(torch.full((2, 3), float(rank), device=d))\n"
        "    assert all_rows[:, 0].tolist() == [float(r) for r in range(world) for _ in range(2)]\n"
        "    assert anywhere(rank == world - 1)\n"
        "    print(rank, d, backend(d))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "gather.py")
        script.write_text(program)
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
        command += [str(processes), str(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    lines = sorted(done.stdout.splitlines())
    came_to = done.stderr[-300:] if done.returncode else "ok"
    row("torchrun", f"{processes} processes", came_to, " | ".join(lines))


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--jobs", type=int, default=16)
    given = parser.parse_args()
    songs = sorted(given.folder.rglob("*.mp3"))
    small, sizes, memory_s = given.small, SIZES, 1920.0
    if small:
        sizes, memory_s = {10: 4, 20: 2}, 20.0
    windows, rows, copies = (2, 4, 4) if small else (256, 256, 128)
    name = torch.cuda.get_device_name() if HAS_CARD else "no card"
    print(f"{name}, torch {torch.__version__}, {given.jobs} workers")
    alone_s = steps(sizes, small=small, memory_s=memory_s)
    shortest = min(sizes)
    variants(shortest, sizes[shortest], small=small, memory_s=memory_s)
    hearing(small=small, windows=windows)
    with tempfile.TemporaryDirectory() as folder:
        write_shards(songs, Path(folder), rows)
        options = {"small": small, "jobs": given.jobs, "memory_s": memory_s}
        for mel in (front.CARD, front.WORKERS):
            busy(Path(folder), alone_s, sizes, **options, mel=mel)
        busy(Path(folder), alone_s, {shortest: sizes[shortest]}, **options, mel=front.CARD, apart=False)
    index_files(songs, small=small, jobs=given.jobs, copies=copies)
    torchrun(1)
    torchrun(2)


if __name__ == "__main__":
    main()
