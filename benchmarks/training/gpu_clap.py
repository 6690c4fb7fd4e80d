"""What `gpu.py` measures with: CLAP by chance, batches of noise, and how long work takes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from models.networks.clap.network import ClapNetwork
from models.networks.device import chosen
from models.training.clap.batch import Batch
from models.training.clap.task import ClapTask

HAS_CARD = torch.cuda.is_available()
RATES = {"text": 1.0, "audio": 1.0, "pooling": 1.0}
TINY = {
    "patch_embeds_hidden_size": 16,
    "hidden_size": 128,
    "depths": [2, 2, 2, 2],
    "num_attention_heads": [1, 2, 4, 8],
}
PORTION = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 1, "intermediate_size": 64}
CHUNK_S = 10
RATE_HZ = 44_100
"""Of most files: a card makes 48 kHz of it."""


def network(strategy: str, *, small: bool) -> ClapNetwork:
    """CLAP by chance."""
    from transformers import ClapConfig, ClapModel

    config = ClapConfig(audio_config=TINY, text_config=PORTION) if small else ClapConfig()
    torch.manual_seed(0)
    made = ClapNetwork(ClapModel(config), strategy)
    made.to(chosen()).train()
    made.checkpointing = True
    return made


def batch(seconds: int, rows: int, *, stretched: bool) -> Batch:
    """Noise of so many seconds at 44.1 kHz in 16 bits, as workers hand it to a card."""
    chunks, chunk_s = max(1, seconds // CHUNK_S), CHUNK_S
    if stretched:
        chunks, chunk_s = 1, seconds
    size = chunks, chunk_s * RATE_HZ
    sound = [torch.randint(-9_000, 9_000, size, dtype=torch.int16) for _ in range(rows)]
    tokens = [0, *range(3, 60), 2]  # of a caption of some length
    names = [str(row) for row in range(rows)]
    made = Batch(0, float(seconds), sound, [tokens] * rows, names, names, names)
    return made.pinned() if HAS_CARD else made


def task(net: ClapNetwork, memory_s: float, feed: Any = None) -> ClapTask:
    """What the loop trains."""
    precision = "bf16" if HAS_CARD else "f32"
    return ClapTask(net, feed, Path(), memory_s=memory_s, rates=RATES, precision=precision)


def seconds_of(work: Callable[[], object], times: int) -> float:
    """Of one call, after one that is not counted."""
    work()
    wait()
    started = time.perf_counter()
    for _ in range(times):
        work()
    wait()
    return (time.perf_counter() - started) / times


def wait() -> None:
    """Until a card has done what it was given."""
    if HAS_CARD:
        torch.cuda.synchronize()


@contextmanager
def tf32() -> Iterator[None]:
    """Matrix products of f32 in TF32."""
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision("highest")


def row(*cells: str) -> None:
    """A row of a table in Markdown, at once."""
    print("| " + " | ".join(cells) + " |", flush=True)
