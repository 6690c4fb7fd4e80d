"""What the feature cache and gradient caching save in training words, and how fast the ONNX tower reads.

    python benchmarks/training/words_training.py TABLE...    (tables of `nw train words --data`)

Three ratios, each measured in this run: an epoch of heads over cached features against one that computes the
frozen backbone again; the peak memory of a step of 1,024 pairs through the whole backbone without gradient
caching against with it, each in a process of its own; texts a second of the ONNX tower against
sentence-transformers, one text at a time on one thread.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from models import encoders, recipes
from models.encoders import minilm
from models.networks.sentence_encoder import Truncation
from models.networks.text_tower import TextTower
from models.trainers.words import _features, _task
from models.training.words import pairs
from models.training.words.task import WordsTask

BATCH, TOKENS, TEXTS = 1024, 16, 200


def prepared(tables: list[str], home: Path | None, *changes: str) -> SimpleNamespace:
    """A task of the recipe minilm and how long its features took; without `home` they are made up."""
    no_negatives = ("negatives.nearest=0", "negatives.tags=0", "negatives.artist=0")
    recipe = recipes.load("minilm", [*no_negatives, *changes])
    corpus = pairs.read(tables, held_out=10, seed=7)
    backbone = encoders.load("minilm").backbone
    truncation = Truncation(**recipe["read"])
    started = time.monotonic()
    if home is None:
        rng = np.random.default_rng(0)
        shapes = (len(corpus.pairs), 384), (len(corpus.songs), 384)
        features = tuple(rng.normal(size=shape) for shape in shapes)
    else:
        features = _features(backbone, corpus, truncation, home, lambda line: None)
    seconds = time.monotonic() - started
    task = _task(recipe, backbone, corpus, features, truncation, "cpu")
    return SimpleNamespace(task=task, seconds=seconds)


def epoch_s(task: WordsTask) -> float:
    """Seconds of the second epoch of heads."""
    for epoch in range(2):
        started = time.monotonic()
        first = epoch * task.per_epoch
        for step in range(first, first + task.per_epoch):
            task.backward(task.batch(step))
    return time.monotonic() - started


def peak_mb(tables: list[str], chunk: int) -> float:
    """The peak memory of a process that makes one step of the whole backbone."""
    command = [sys.executable, __file__, "--step", str(chunk), *tables]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def step(chunk: int, tables: list[str]) -> None:
    """One step through the whole backbone; prints the peak memory of this process in MB."""
    changes = (
        f"learn.chunk={chunk}",
        "network.backbone=true",
        f"read.tokens={TOKENS}",
        f"learn.batch={BATCH}",
    )
    task = prepared(tables, None, *changes).task
    task.backward(task.batch(0))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def texts_a_second(encode: Callable[[list[str]], object], texts: list[str]) -> float:
    """One text at a time."""
    encode(texts[:1])
    started = time.monotonic()
    for text in texts:
        encode([text])
    return len(texts) / (time.monotonic() - started)


def main() -> None:
    """Measure and print the three ratios."""
    torch.set_num_threads(1)
    tables = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        made = prepared(tables, home)
        heads = epoch_s(made.task)
        print(f"backbone once: {made.seconds:.1f} s; an epoch of heads: {heads:.2f} s;", end=" ")
        ratio = (made.seconds + heads) / heads
        print(f"computing it again each epoch costs {ratio:.0f} times as much", flush=True)
        with_cache, without = peak_mb(tables, 32), peak_mb(tables, BATCH)
        print(f"step of {BATCH}, {TOKENS} tokens: {with_cache:.0f} MB with gradient caching,", end=" ")
        print(f"{without:.0f} MB without: {without / with_cache:.1f} times as much", flush=True)
        encoder = minilm.Encoder()
        encoder.export_text_tower(home / "tower")
        texts = [text for text, _ in made.task.corpus.pairs[:TEXTS]]
        ours = texts_a_second(TextTower(home / "tower").encode, texts)
        from sentence_transformers import SentenceTransformer

        peer = SentenceTransformer(str(minilm.weights_folder()), device="cpu")
        theirs = texts_a_second(lambda one: peer.encode(one, show_progress_bar=False), texts)
        rates = f"ONNX {ours:.0f} texts/s, sentence-transformers {theirs:.0f}"
        print(f"{rates}: {ours / theirs:.1f} times as many")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step(int(sys.argv[2]), sys.argv[3:])
    else:
        main()
