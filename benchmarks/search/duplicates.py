"""nw duplicates on re-encodings of your own songs: precision and recall of its pairs.

python benchmarks/search/duplicates.py FOLDER [MOST]: of every song a 64 kbit/s mp3 and a 48 kbit/s opus is
made without its tags; every other opus lacks its first 1.5 seconds and half of its level. Two songs of FOLDER
that are one recording count as mistakes here.
"""

import itertools
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import av
import numpy as np

SOUNDS = {".mp3", ".ogg", ".flac", ".m4a", ".opus", ".wav"}
RATE = 48_000


def decoded(path: Path) -> np.ndarray:
    """Stereo sound (samples, 2) at 48 kHz."""
    resampler = av.AudioResampler("flt", "stereo", RATE)
    blocks = []
    with av.open(str(path), metadata_errors="replace") as opened:
        frames = itertools.chain(opened.decode(audio=0), [None])  # None has it give out what it still holds
        for frame in frames:
            blocks += [one.to_ndarray() for one in resampler.resample(frame)]
    return np.concatenate(blocks, axis=1).reshape(-1, 2)


def encode(sound: np.ndarray, path: Path, codec: str, layout: str, bits: int) -> None:
    """Write sound by a codec."""
    with av.open(str(path), "w") as opened:
        stream = opened.add_stream(codec, rate=RATE, layout="stereo")
        stream.bit_rate = bits
        interleaved = sound.reshape(1, -1).copy()  # left, right, left, ...
        whole = av.AudioFrame.from_ndarray(interleaved, format="flt", layout="stereo")
        whole.sample_rate = RATE
        resampler = av.AudioResampler(layout, "stereo", RATE)
        frames = [*resampler.resample(whole), *resampler.resample(None)]
        for frame in [*frames, None]:  # None has it write what it still holds
            opened.mux(stream.encode(frame))


def copies(songs: list[Path], folder: Path) -> None:
    """The songs under numbers, each with its two re-encodings."""
    for number, path in enumerate(songs):
        (folder / f"{number:04}{path.suffix}").symlink_to(path.resolve())
        sound = decoded(path).astype(np.float32)
        encode(sound, folder / f"{number:04}-a.mp3", "libmp3lame", "fltp", 64_000)
        if number % 2:
            sound = 0.5 * sound[3 * RATE // 2 :]
        encode(sound, folder / f"{number:04}-b.opus", "libopus", "flt", 48_000)


def main(folder: Path, most: int) -> None:
    """Re-encode, index, list the duplicates, and compare them with what was made."""
    files = [path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS]
    songs = sorted(files)[:most]
    with tempfile.TemporaryDirectory() as place:
        music = Path(place, "music")
        nw = [sys.executable, "-m", "newwave_cli", "--home", f"{place}/home"]
        music.mkdir()
        copies(songs, music)
        subprocess.run([*nw, "ingest", str(music)], check=True)
        subprocess.run([*nw, "index", "--encoder", "mini"], check=True)
        found = subprocess.run([*nw, "duplicates", "-f", "ndjson"], capture_output=True, text=True)
    groups = defaultdict(list)
    for line in found.stdout.splitlines():
        row = json.loads(line)
        number = Path(row["path"]).stem[:4]  # as `copies` named it
        groups[row["group"]].append(number)
    pairs: list[tuple[str, str]] = []
    for group in groups.values():
        pairs += itertools.combinations(group, 2)
    right = sum(first == second for first, second in pairs)
    made = 3 * len(songs)  # of three files of a song, each with each
    precision = right / max(len(pairs), 1)
    recall = right / made
    print(f"{len(songs)} songs, {made} pairs of one recording: {right} found, {len(pairs)} listed")
    print(f"precision {precision:.3f}  recall {recall:.3f}")


if __name__ == "__main__":
    _, music, *given = sys.argv
    main(Path(music), int(given[0]) if given else 100)
