"""Does a pass over a bad hub, killed again and again, give every good row once, under the disk budget?

python benchmarks/training/shard_soak.py make FOLDER MUSIC --shards 40 --mb 100
python benchmarks/training/shard_soak.py run FOLDER --budget 300MB --kills 5 --series bytes.tsv

`make` packs real songs into shards with the columns of JamendoMaxCaps; a few rows hold no sound, and a row
group of one shard is damaged. `run` serves them from 127.0.0.1 with failing requests, one shard with bytes
that are never the right ones, and reads a shuffled epoch in a process that is killed (-9) and started again.
Every row that it used is a line of a file, which also is its checkpoint: a row used twice, or never, shows.
"""

import argparse
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.audio import waveform
from catalog.errors import NewWaveError

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
from hub_server import Fault, Hub, random_faults

SET = "owner/soak"
TRUTH = "truth.json"
ROWS_A_GROUP = 8
RATE_HZ = 48_000
NO_SOUND_EVERY = 61
DAMAGED = (1, 1)
"""Shard and row group that cannot be read."""
AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def make(folder: Path, music: Path, shards: int, megabytes: int) -> None:
    """Write the shards, and what is right to read from them."""
    sounds = (path for path in music.rglob("*") if path.suffix in {".ogg", ".mp3"})
    found = (path for path in sounds if path.stat().st_size > 500_000)
    songs = sorted(filter(_plays, found))
    endless = itertools.cycle(random.Random(1).sample(songs, len(songs)))
    (folder / "data").mkdir(parents=True, exist_ok=True)
    truth: list[tuple[str, int, int, bool]] = []
    number = itertools.count(100_000)
    for shard in range(shards):
        rows: list[dict[str, object]] = []
        size = 0
        while size < megabytes * 1_000_000:
            path, row = next(endless), next(number)
            is_broken = row % NO_SOUND_EVERY == 0
            content = random.Random(row).randbytes(200_000) if is_broken else path.read_bytes()
            group = len(rows) // ROWS_A_GROUP
            truth.append((str(row), shard, group, not is_broken))
            rows.append({"bytes": content, "path": f"{row}{path.suffix}"})
            size += len(content)
        name = folder / "data" / f"train-{shard:05d}-of-{shards:05d}.parquet"
        table = pa.table({"audio": pa.array(rows, AUDIO)})
        pq.write_table(table, name, row_group_size=ROWS_A_GROUP)
        if shard == DAMAGED[0]:
            _damage(name)
        print(f"{name.name}: {len(rows)} songs, {name.stat().st_size / 1e6:.0f} MB", flush=True)
    (folder / TRUTH).write_text(json.dumps(truth))


def _plays(path: Path) -> bool:
    try:
        return waveform.probe(path).duration_s > 10
    except NewWaveError:
        return False


def _damage(path: Path) -> None:
    """Spoil the header of a row group's page, so that the file opens and the group cannot be read."""
    _, group = DAMAGED
    column = pq.ParquetFile(path).metadata.row_group(group).column(0)
    start = column.data_page_offset
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * 64)


def expected(folder: Path) -> tuple[set[str], set[str], str]:
    """(ids that must come, ids of rows that hold no sound, the shard that the server always spoils)."""
    truth = json.loads((folder / TRUTH).read_text())
    shards = sorted((folder / "data").glob("*.parquet"))
    spoiled = len(shards) - 2
    good, silent = set(), set()
    for name, shard, group, has_sound in truth:
        if shard == spoiled or (shard, group) == DAMAGED:
            continue
        kind = good if has_sound else silent
        kind.add(name)
    return good, silent, f"data/{shards[spoiled].name}"


def one_pass(endpoint: str, root: Path, log: Path, budget: int) -> None:
    """Read the rest of the epoch, from the last line of the log on. Run in a process of its own."""
    from catalog.data_sets import Place
    from catalog.shards.decode_rows import Crop, sounds
    from catalog.shards.local_store import Limits
    from catalog.shards.order import Cursor
    from catalog.sources import shards

    lines = [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    log.write_text("".join(lines))  # without a line that was cut
    used = [entry for entry in map(json.loads, lines) if "id" in entry]
    cursor = Cursor(**used[-1]["cursor"]) if used else Cursor()
    with log.open("a") as out:

        def say(**entry: object) -> None:
            out.write(json.dumps(entry) + "\n")
            out.flush()

        def lost(one: object) -> None:
            say(lost=one.place, why=one.why, rows=one.rows)

        place = Place(root, (SET,), Limits(budget), endpoint=endpoint, on_lost=lost)
        with shards.opened(place, seed=7) as data:
            crop = Crop(10.0, start_s=None, at=0.5)
            rows = data.rows(cursor)
            for sound in sounds(rows, lambda row, clip: crop, rate_hz=RATE_HZ, jobs=1, on_lost=lost):
                seconds = len(sound.waveform) / RATE_HZ
                say(id=sound.clip.id, cursor=asdict(sound.row.cursor), seconds=seconds)
        say(done=True)


class Watched:
    """A pass in a process, whose memory and disk are looked at until it ends or is killed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.peak_bytes = self.peak_memory = 0
        self.started = time.monotonic()
        self.series: list[tuple[float, int]] = []

    def run(self, command: list[str], kill_after_s: float | None) -> bool:
        """Whether the process came to its end by itself."""
        from catalog.shards.files import on_disk

        begun = time.monotonic()
        process = subprocess.Popen(command, start_new_session=True)
        while process.poll() is None:
            held = on_disk(self.root)
            self.peak_bytes = max(self.peak_bytes, held)
            self.peak_memory = max(self.peak_memory, _memory(process.pid))
            self.series.append((time.monotonic() - self.started, held))
            if kill_after_s is not None and time.monotonic() - begun > kill_after_s:
                process.send_signal(signal.SIGKILL)
                process.wait()
                return False
            time.sleep(0.02)
        if process.returncode:
            raise SystemExit(f"the pass failed with status {process.returncode}")
        return True


def _memory(pid: int) -> int:
    """Peak memory of a process and its children in bytes."""
    peaks = 0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            status = Path(f"/proc/{one}/status").read_text()
            peak = next(line for line in status.splitlines() if "VmHWM" in line)
            peaks += int(peak.split()[1]) * 1000  # of kB
    except (OSError, StopIteration):
        return 0
    return peaks


def run(folder: Path, budget: str, kills: int, every_s: float, series: Path | None) -> None:
    """Serve, read, kill, compare."""
    from catalog.shards.files import parse_size

    good, silent, spoiled = expected(folder)
    troubles = random_faults(11)
    happened: Counter[str] = Counter()

    def faults(path: str, before: int) -> Fault | None:
        fault = Fault("changed") if path == spoiled else troubles(path, before)
        kind = fault.kind if fault else "fine"
        if fault and kind == "status":
            kind = f"status {fault.status}"
        happened[kind] += 1
        return fault

    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch, Hub({SET: folder}, faults=faults) as hub:
        log, watched = Path(scratch, "used.jsonl"), Watched(Path(scratch, "shards"))
        watched.root.mkdir()
        log.touch()
        command = [sys.executable, __file__, "pass", hub.url, str(watched.root), str(log)]
        command.append(str(parse_size(budget)))
        done = 0
        hub._server.handle_error = lambda *_: None  # a killed reader breaks the connection: no news
        while not watched.run(command, _kill_after_s(every_s, done, kills)):
            done += 1
            lines = log.read_text().splitlines()
            print(f"killed ({done}) after {len(lines)} lines", flush=True)
        entries = [json.loads(line) for line in log.read_text().splitlines()]
        _compare(entries, good, silent, spoiled)
        _report(watched, parse_size(budget), len(good), done, happened, hub.served)
    if series:
        lines = [f"{at:.2f}\t{held}\n" for at, held in watched.series]
        series.write_text("".join(lines))


def _kill_after_s(every_s: float, done: int, kills: int) -> float | None:
    """When the next pass is killed, about; None where it was done often enough."""
    if done >= kills:
        return None
    return every_s * random.Random(done).uniform(0.5, 1.5)


def _compare(entries: list[dict], good: set[str], silent: set[str], spoiled: str) -> None:
    """Raise SystemExit unless every good row came once and every bad one is listed."""
    used = Counter(entry["id"] for entry in entries if "id" in entry)
    lost = {entry["lost"] for entry in entries if "lost" in entry}
    named = {place.split("(")[-1].rstrip(")") for place in lost}  # the id stands behind a place
    several = {i for i, times in used.items() if times > 1}
    of_rows = {name for name in named if name.isdigit()}  # not of shards
    problems = {
        "never came": good - used.keys(),
        "came twice": several,
        "came and is bad": used.keys() - good,
        "bad and not listed": silent - named,
        "listed and not bad": of_rows - silent,
        "spoiled shard not listed": {spoiled} - lost,
    }
    for what, which in problems.items():
        examples = " ".join(sorted(which)[:5])
        print(f"{what:26} {len(which):6}  {examples}")
    groups = sorted(place for place in lost if "(" not in place)
    print(f"lost: {len(silent)} songs, {'; '.join(groups)}")
    if any(problems.values()):
        raise SystemExit("not exactly once")


def _report(
    watched: Watched, budget: int, rows: int, kills: int, happened: Counter[str], served: int
) -> None:
    took, _ = watched.series[-1]
    rate = rows / took
    peak = watched.peak_bytes
    answers = sum(happened.values())
    gigabytes = served / 1e9
    megabytes = watched.peak_memory / 1e6
    print(f"rows          {rows:,} in {took:.0f} s, killed {kills} times ({rate:.1f} rows/s)")
    print(f"served        {gigabytes:.2f} GB in {answers} answers: {dict(happened)}")
    print(f"peak on disk  {peak:,} of {budget:,} bytes ({peak / budget:.1%})")
    print(f"peak memory   {megabytes:.0f} MB, decoder included")
    if peak > budget:
        raise SystemExit("over the budget")


def main() -> None:
    """Make shards, run the soak, or be one pass of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    actions = parser.add_subparsers(required=True, dest="action")
    making = actions.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("music", type=Path)
    making.add_argument("--shards", type=int, default=40)
    making.add_argument("--mb", type=int, default=100)
    running = actions.add_parser("run")
    running.add_argument("folder", type=Path)
    running.add_argument("--budget", default="300MB")
    running.add_argument("--kills", type=int, default=5)
    running.add_argument("--every", type=float, default=20.0, help="seconds between kills, about")
    running.add_argument("--series", type=Path)
    passing = actions.add_parser("pass")
    for name in ("endpoint", "root", "log", "budget"):
        passing.add_argument(name)
    given = parser.parse_args()
    if given.action == "make":
        make(given.folder, given.music, given.shards, given.mb)
    elif given.action == "run":
        run(given.folder, given.budget, given.kills, given.every, given.series)
    else:
        one_pass(given.endpoint, Path(given.root), Path(given.log), int(given.budget))


if __name__ == "__main__":
    main()
