"""Trains the gate of fusion on made-up requests, and judges it on topics that it has not seen."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models import encoders
from models.search.gate import CLASSES, FILE, Gate
from models.training.fusion import requests
from models.training.loop import Plan, train


class GateTask:
    """A linear layer over sentence vectors, all of them in every batch."""

    def __init__(
        self, learned: tuple[Tensor, Tensor], held_out: tuple[Tensor, Tensor], smoothing: float
    ) -> None:
        self.learned, self.held_out, self.smoothing = learned, held_out, smoothing
        self.linear = nn.Linear(learned[0].shape[1], len(CLASSES))

    @property
    def model(self) -> nn.Module:
        """The linear layer."""
        return self.linear

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Everything, whatever the step."""
        return self.learned

    def backward(self, batch: tuple[Tensor, Tensor]) -> Mapping[str, float]:
        """Cross entropy with smoothed labels."""
        vectors, labels = batch
        loss = cross_entropy(self.linear(vectors), labels, label_smoothing=self.smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        return {"loss": float(loss.detach())}

    def judge(self, model: nn.Module) -> Mapping[str, float]:
        """The share of held-out requests that are told right."""
        vectors, labels = self.held_out
        right: Tensor = model(vectors).argmax(1) == labels
        return {"accuracy": float(right.float().mean())}


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: Any,
    resume: bool,
    report: Callable[[Mapping[str, Any]], None],
) -> Mapping[str, float]:
    """Train as the recipe says and write `folder`/gate.json; returns its accuracy on unseen topics.

    Its requests are made up, so `data` and `settings` are not looked at.
    """
    encoder = encoders.load("minilm")
    learned = _vectors(encoder, recipe, seed=1, held_out=False)
    task = GateTask(learned, _vectors(encoder, recipe, seed=2, held_out=True), recipe["smoothing"])
    plan = Plan(**recipe["training"])
    train(task, plan, folder, about={"recipe": dict(recipe)}, resume=resume, report=report)
    slopes, offsets = task.linear.weight.detach().numpy(), task.linear.bias.detach().numpy()
    figures = task.judge(task.linear)
    gate = Gate(slopes, offsets, recipe["floor"])
    gate.save(folder / FILE.name, {"sentences": encoder.pipeline, **figures})
    return figures


def _vectors(encoder: Any, recipe: Mapping[str, Any], *, seed: int, held_out: bool) -> tuple[Tensor, Tensor]:
    """Sentence vectors (texts, 384) and their classes (texts,)."""
    every = recipe["held_out"]
    count = recipe["texts"] // (5 if held_out else 1)
    texts: list[str] = []
    for kind in CLASSES:
        shares = [0] if held_out else range(1, every)
        for share in shares:
            texts += requests.texts(seed + share, count // len(shares), kind, part=share, parts=every)
    labels = np.repeat(np.arange(len(CLASSES)), len(texts) // len(CLASSES))
    return torch.from_numpy(_encoded(encoder, texts)), torch.from_numpy(labels)


def _encoded(encoder: Any, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    unique = list(dict.fromkeys(texts))
    place = {text: i for i, text in enumerate(unique)}
    vectors: np.ndarray[Any, np.dtype[np.float32]] = encoder.encode_descriptions(unique)
    return vectors[[place[text] for text in texts]]
