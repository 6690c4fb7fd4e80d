"""A bank's sounds where windows are mixed: all samples in one tensor, and where each sound lies in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.training.mini.mixtures.bank import Bank, Sound

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sounds:
    """The sounds of a kind. A file has one or more stretches, which lie side by side in `start` and `length`.

    start, length: (stretches,) in samples of the pool. first, count: (files,) a file's stretches.
    """

    start: Ints
    length: Ints
    first: Ints
    count: Ints

    def drawn(self, rng: np.random.Generator, many: int) -> tuple[Ints, Ints]:
        """Start and length (many,) of stretches by chance, every file as likely as another."""
        files = rng.integers(len(self.first), size=many)
        stretches = self.first[files] + rng.integers(self.count[files])
        return self.start[stretches], self.length[stretches]


@dataclass(frozen=True, slots=True)
class Pool:
    """All samples of a bank (samples,), 16-bit numbers at 32 kHz, and the sounds of each kind."""

    samples: Tensor
    sounds: Mapping[str, Sounds]

    @staticmethod
    def of(bank: Bank, device: torch.device) -> "Pool":
        """What a bank may draw from. A day of sound takes 5.5 GB."""
        files = [stretches for kind in bank.kinds for stretches in bank.files(kind)]
        packages = sorted({sound.package for stretches in files for sound in stretches})
        begins: dict[str, int] = {}
        parts = []
        at = 0
        for name in packages:
            samples = torch.from_numpy(np.array(bank.samples(name)))
            begins[name] = at
            at += len(samples)
            parts.append(samples.to(device))
        sounds = {kind: _sounds(bank.files(kind), begins) for kind in bank.kinds}
        return Pool(torch.cat(parts), sounds)


def _sounds(files: Sequence[Sequence[Sound]], begins: Mapping[str, int]) -> Sounds:
    """Where the stretches of each file lie. begins: of each package in the pool."""
    stretches = [sound for of_file in files for sound in of_file]
    count = np.array([len(of_file) for of_file in files])
    start = np.array([begins[sound.package] + sound.start for sound in stretches])
    length = np.array([sound.length for sound in stretches])
    first = np.cumsum(count) - count
    return Sounds(start, length, first, count)
