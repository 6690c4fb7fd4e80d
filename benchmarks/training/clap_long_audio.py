"""What does each way to hear long songs cost, in time and memory, from 10 s to 240 s?

python benchmarks/training/clap_long_audio.py STRATEGY [forward|train]
HTSAT-tiny at full size, weights by chance, one song, one thread: seconds of CPU (so that a busy machine
counts less) and how much the process has grown beyond its size with the model alone. `train` goes backward
too, with checkpointing.
"""

import os
import resource
import sys
import time

import torch

from models.networks.clap import RATE_HZ
from models.networks.clap.log_mel import log_mel
from models.networks.clap.network import ClapNetwork

LENGTHS_S = (10, 30, 60, 120, 240)
CHUNK_S = 10


def network(strategy: str) -> ClapNetwork:
    """CLAP as LAION made it for sound; its text tower small, for it is not measured."""
    from transformers import ClapConfig, ClapModel

    config = ClapConfig(text_config={"num_hidden_layers": 1, "vocab_size": 100})
    built = ClapNetwork(ClapModel(config), strategy)
    built.checkpointing = True
    return built


def hear(built: ClapNetwork, seconds: int) -> torch.Tensor:
    """One song of so many seconds to its vector (1, dimensions)."""
    rows = 1 if built.strategy == "stretch" else seconds // CHUNK_S
    sound = 0.1 * torch.randn(rows, seconds * RATE_HZ // rows)
    raw = built.embed_mel(log_mel(sound))  # (rows, dimensions)
    all_there = torch.ones(1, rows, dtype=torch.bool)
    return built.songs(raw[None], all_there)


def peak_mb() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line for each length."""
    strategy, *given = sys.argv[1:]
    mode = given[0] if given else "forward"
    torch.set_num_threads(1)
    built = network(strategy)
    with torch.inference_mode():
        hear(built.eval(), CHUNK_S)
    built.train(mode == "train")
    before = peak_mb()
    for seconds in LENGTHS_S:
        start = time.process_time()
        if mode == "train":
            vector = hear(built, seconds)
            vector.square().sum().backward()  # a loss that depends on all of it
        else:
            with torch.inference_mode():
                hear(built, seconds)
        spent = time.process_time() - start
        grown = peak_mb() - before
        what = f"{strategy:12} {mode:8} {seconds:4} s"
        print(f"{what}  {spent:7.2f} s CPU  +{grown:6.0f} MB", flush=True)


if __name__ == "__main__":
    os.nice(5)
    main()
