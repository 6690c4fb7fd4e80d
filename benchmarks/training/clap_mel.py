"""How fast is CLAP's front end against transformers' ClapFeatureExtractor, and how far are they apart?

python benchmarks/training/clap_mel.py [WINDOWS] [THREADS]
"""

import itertools
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
    rng = np.random.default_rng(0)
    time_s = np.arange(round(RATE_HZ * WINDOW_S)) / RATE_HZ

    def sine(hz: float) -> np.ndarray:
        return np.sin(2 * np.pi * hz * time_s)

    noise = rng.normal(0, 0.2, time_s.size)
    chord = (sine(220) + sine(277.2) + sine(329.6)) / 4
    clicks = np.where(time_s % 0.5 < 0.01, 0.8, 0) * sine(880)
    hiss = rng.normal(0, 1e-4, time_s.size)
    kinds = itertools.cycle((noise, chord, clicks, hiss))
    in_turn = list(itertools.islice(kinds, windows))
    return np.stack(in_turn).astype(np.float32)


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
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    torch.set_num_threads(threads)
    sound = sounds(windows)
    theirs = ClapFeatureExtractor(truncation="rand_trunc", frequency_min=LOWEST_HZ)

    def extract() -> np.ndarray:
        features = theirs(list(sound), sampling_rate=RATE_HZ, return_tensors="np")
        return features["input_features"][:, 0]  # of one channel

    def ours_of_sound() -> np.ndarray:
        return log_mel(torch.from_numpy(sound)).numpy()

    apart = np.abs(extract() - ours_of_sound()).max()
    peer = best_of(extract, 3)
    ours = best_of(ours_of_sound)
    peer_ms, our_ms = 1000 * peer / windows, 1000 * ours / windows
    print(f"ClapFeatureExtractor  {peer_ms:6.1f} ms a window of 10 s")
    print(f"models.networks.clap.log_mel       {our_ms:6.1f} ms a window of 10 s")
    print(f"ratio                 {peer / ours:6.1f} x; largest difference {apart:.1e} dB")


if __name__ == "__main__":
    main()
