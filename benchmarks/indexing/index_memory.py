"""Does `nw index` need more memory when the library or a song grows?

    python benchmarks/indexing/index_memory.py [SONGS]

Indexes a library of one-minute songs with a two-hour file among them, and samples the memory of nw and its
workers (proportional share, so that pages they share count once). The peer is `librosa.load` of the two-hour
file at 16 kHz, as most scripts do it. Prints peaks, and the growth of nw's memory over the second half.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE = 22_050
TWO_HOURS_S = 7_200


def write_library(folder: Path, songs: int) -> Path:
    """Songs of noise and tones, none like another, and one of two hours; returns the long one."""
    random = np.random.default_rng(0)
    for i in range(songs):
        time_s = np.arange(60 * RATE) / RATE
        hz = random.uniform(80, 2_000)
        tone = np.sin(2 * np.pi * hz * time_s)
        noise = random.standard_normal(60 * RATE)
        mixed = 0.3 * tone + 0.05 * noise
        soundfile.write(folder / f"song {i}.ogg", mixed.astype(np.float32), RATE)
    long = folder / "song of two hours.ogg"
    with soundfile.SoundFile(long, "w", RATE, 2, format="OGG") as file:
        for _ in range(TWO_HOURS_S // 60):
            minute = 0.1 * random.standard_normal((60 * RATE, 2))
            file.write(minute.astype(np.float32))
    return long


def memory_of(root: int) -> float:
    """Megabytes of a process and its descendants, pages that they share counted once."""
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            kilobytes = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
            total += sum(kilobytes) / 1024
            for task in Path(f"/proc/{pid}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def sampled(command: list[str]) -> np.ndarray:
    """Run a command; its memory in megabytes, four times a second."""
    process, samples = subprocess.Popen(command, stderr=subprocess.DEVNULL), []
    while process.poll() is None:
        samples.append(memory_of(process.pid))
        time.sleep(0.25)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    return np.array(samples)


def main() -> None:
    """Make the library, index it, and let the peer load the long file."""
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        music, home = Path(folder) / "music", Path(folder) / "home"
        music.mkdir()
        long = write_library(music, songs)
        nw = [sys.executable, "-m", "newwave_cli", "--home", str(home)]
        subprocess.run([*nw, "ingest", str(music)], check=True, capture_output=True)
        ours = sampled([*nw, "index", "--encoder", "mini"])
        program = f"import librosa; librosa.load({str(long)!r}, sr=16000)"
        peer = sampled([sys.executable, "-c", program])
    half = ours[len(ours) // 2 :]
    quarter = len(half) // 4
    growth = half[-quarter:].mean() - half[:quarter].mean()
    print(f"nw index, {songs + 1} songs, one of two hours: peak {ours.max():.0f} MB, all processes together")
    print(f"growth over the second half: {growth:+.0f} MB")
    print(f"librosa.load of the two-hour file alone: peak {peer.max():.0f} MB")
    print(f"ratio: {peer.max() / ours.max():.1f} x")


if __name__ == "__main__":
    main()
