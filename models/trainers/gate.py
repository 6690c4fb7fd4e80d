"""Trains the gate of fusion on made-up requests, and judges it on topics that it has not seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import encoders
from models.search.gate import CLASSES, FILE, Gate
from models.training.fusion import requests
from models.training.fusion.gate_task import GateTask
from models.training.loop_config import LoopConfig, Report
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> Mapping[str, float]:
    """Train as the recipe says and write `folder`/gate.json; returns its accuracy on unseen topics.

    Its requests are made up, so `data` and `settings` are not looked at.
    """
    encoder = encoders.load(encoders.DEFAULT_WORDS)
    learned = _vectors(encoder, recipe, seed=1, held_out=False)
    task = GateTask(learned, _vectors(encoder, recipe, seed=2, held_out=True), recipe["smoothing"])
    config = LoopConfig(**recipe["training"])
    train_until_told(task, config, folder, about={"recipe": dict(recipe)}, resume=resume, report=report)
    slopes = task.linear.weight.detach().numpy()
    offsets = task.linear.bias.detach().numpy()
    figures = task.judge(task.linear)
    gate = Gate(slopes, offsets, recipe["floor"], encoder.pipeline)
    gate.save(folder / FILE.name, figures)
    return figures


def _vectors(encoder: Any, recipe: Mapping[str, Any], *, seed: int, held_out: bool) -> tuple[Tensor, Tensor]:
    """Sentence vectors (texts, dimensions) and their classes (texts,)."""
    every = recipe["held_out"]
    count = recipe["texts"]
    if held_out:
        count //= 5  # enough to judge by
    # One share of the topics in `every` is held out, and the others are learned from.
    shares = [0] if held_out else range(1, every)
    texts: list[str] = []
    of_share = count // len(shares)
    for kind in CLASSES:
        for share in shares:
            texts += requests.texts(seed + share, of_share, kind, part=share, parts=every)
    of_each = len(texts) // len(CLASSES)
    labels = np.repeat(np.arange(len(CLASSES)), of_each)  # (texts,)
    vectors = _encoded(encoder, texts)
    return torch.from_numpy(vectors), torch.from_numpy(labels)


def _encoded(encoder: Any, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Vectors (texts, dimensions), each text encoded once: templates give many texts twice."""
    unique = list(dict.fromkeys(texts))
    place = {text: i for i, text in enumerate(unique)}
    vectors: np.ndarray[Any, np.dtype[np.float32]] = encoder.encode_descriptions(unique)
    return vectors[[place[text] for text in texts]]
