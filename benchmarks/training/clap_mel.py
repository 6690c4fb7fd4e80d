"""How fast is CLAP's front end against transformers' ClapFeatureExtractor, and how far are they apart?

python benchmarks/training/clap_mel.py [WINDOWS] [THREADS]
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import ClapFeatureExtractor

from models.networks.clap import RATE_HZ, WINDOW_S
from models.networks.clap.log_mel import LOWEST_HZ, log_mel


def sounds(windows: int) -> np.ndarray:
    """Windows of 10 s: noise, a chord, clicks, silence with a hiss, in turn."""
    rng, time_s = np.random.default_rng(0), np.arange(round(RATE_HZ * WINDOW_S)) / RATE_HZ
    kinds = [
        rng.normal(0, 0.2, time_s.size),
        sum(np.sin(2 * np.pi * hz * time_s) for hz in (220, 277.2, 329.6)) / 4,
        np.where(time_s % 0.5 < 0.01, 0.8, 0) * np.sin(2 * np.pi * 880 * time_s),
        rng.normal(0, 1e-4, time_s.size),
    ]
    return np.stack([kinds[i % len(kinds)] for i in range(windows)]).astype(np.float32)


def best_of(work: Callable[[], object], runs: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print both times a window, the ratio, and the largest difference."""
    windows = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    sound = sounds(windows)
    theirs = ClapFeatureExtractor(truncation="rand_trunc", frequency_min=LOWEST_HZ)

    def extract() -> np.ndarray:
        return theirs(list(sound), sampling_rate=RATE_HZ, return_tensors="np")["input_features"][:, 0]

    apart = np.abs(extract() - log_mel(torch.from_numpy(sound)).numpy()).max()
    peer, ours = best_of(extract, 3), best_of(lambda: log_mel(torch.from_numpy(sound)))
    print(f"ClapFeatureExtractor  {1000 * peer / windows:6.1f} ms a window of 10 s")
    print(f"models.networks.clap.log_mel       {1000 * ours / windows:6.1f} ms a window of 10 s")
    print(f"ratio                 {peer / ours:6.1f} x; largest difference {apart:.1e} dB")


if __name__ == "__main__":
    main()
