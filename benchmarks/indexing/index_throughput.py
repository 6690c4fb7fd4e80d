"""How many 3.5-minute mp3s a minute does `nw index` hear with `mini`, and librosa with the same network?

    python benchmarks/indexing/index_throughput.py MUSIC [SONGS]

MUSIC is a folder to make the mp3s from (44.1 kHz, stereo); SONGS: how many (default 40). The peer loads each
whole song with librosa.load at 16 kHz and puts its windows through the same network in eager torch,
with as many threads as there are cores. Starting up counts for neither; prints songs a minute and the ratio.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
import torch

from catalog.audio import waveform
from models.encoders.mini import WEIGHTS
from models.networks.mini.front_end import front_end_of
from models.networks.mini.spectra import RATE_HZ
from models.training.mini.material.songs import files_of

SECONDS = 210
MP3_HZ = 44_100
SHORTEST_BYTES = 1_000_000
WINDOW = 10 * RATE_HZ
"""Samples that `mini` hears at once."""


def make_songs(music: Path, folder: Path, count: int) -> list[Path]:
    """Write that many mp3s of 3.5 minutes, stereo at 44.1 kHz; short pieces are repeated."""
    folder.mkdir()
    found = [path for path in files_of([music]) if path.stat().st_size > SHORTEST_BYTES]
    made = []
    for number in range(count):
        evenly = number * len(found) // count  # over all that was found
        sound = waveform.crop(found[evenly], 0, SECONDS, rate_hz=MP3_HZ)
        made.append(folder / f"{number:03}.mp3")
        mono = np.resize(sound, SECONDS * MP3_HZ)
        stereo = np.repeat(mono[:, None], 2, 1)
        soundfile.write(made[-1], stereo, MP3_HZ)
    return made


def index_s(folder: Path, home: Path) -> float:
    """Seconds of `nw index` over the folder, without its start (the same command with nothing to do).

    One song goes first: the query side of the encoder is written once, when an index is new.
    """
    nw = [sys.executable, "-m", "newwave_cli", "--home", str(home)]
    took = []
    for place in (min(folder.iterdir()), folder, folder):
        subprocess.run([*nw, "ingest", str(place)], check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run([*nw, "index", "--encoder", "mini"], check=True, capture_output=True)
        took.append(time.perf_counter() - start)
    return took[1] - took[2]


def peer_s(paths: list[Path]) -> float:
    """Seconds for the same songs with librosa.load and the network as it was trained."""
    import json

    import librosa
    from safetensors.torch import load_file

    from models.networks.mini.config import MiniConfig
    from models.networks.mini.network import Mini

    described = json.loads((WEIGHTS / "config.json").read_text())
    config = MiniConfig(**described["shape"])
    front_end, network = front_end_of(config), Mini(config)
    tensors = load_file(WEIGHTS / "model.safetensors")
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    network.eval()
    librosa.load(paths[0], sr=RATE_HZ, duration=1)
    start = time.perf_counter()
    for path in paths:
        sound, _ = librosa.load(path, sr=RATE_HZ)
        whole = len(sound) // WINDOW * WINDOW
        windows = sound[:whole].reshape(-1, WINDOW)
        log_mels = torch.from_numpy(front_end.log_mels(windows))  # (windows, frames, bands)
        with torch.no_grad():
            network.sound(log_mels).mean(0)
    return time.perf_counter() - start


def main() -> None:
    """Make the songs, time both, and print the rates."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder:
        paths = make_songs(Path(sys.argv[1]), Path(folder) / "music", count)
        ours = index_s(paths[0].parent, Path(folder) / "home")
        theirs = peer_s(paths)
    load, _, _ = os.getloadavg()
    our_rate = 60 * (count - 1) / ours  # the first song went before
    their_rate = 60 * count / theirs
    print(f"{count} songs of {SECONDS} s on {os.cpu_count()} cores, load average at the end {load:.1f}")
    print(f"nw index:                     {our_rate:6.0f} songs a minute")
    print(f"librosa.load + eager network: {their_rate:6.0f} songs a minute")
    print(f"ratio {our_rate / their_rate:.1f}")


if __name__ == "__main__":
    main()
