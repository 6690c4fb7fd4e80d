"""Rendered scores as training material: composed in blocks, each played by one soundfont and kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import written_aside
from models.networks import mini_mel
from models.training.mini.material import performance, scores
from models.training.mini.material.songs import WINDOW_S, log_mel_of
from models.training.mini.material.teachers import Teacher

BLOCK = 45
SOLO = 0.3
"""The share of scores for one instrument alone."""
NOT_TONES = {55, 96, 101, 102, 103}
"""Programs that are effects, whatever their names say."""
SOUNDFONTS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3")
SKIPPED_S = 1.0


@dataclass(frozen=True, slots=True)
class Rendered:
    """A block: log10 mel power (scores, frames, 96), teachers' labels (scores, labels) and the scores."""

    log_mels: NDArray[np.float16]
    labels: NDArray[np.float32]
    scores: tuple[scores.Score, ...]


def soundfonts() -> list[Path]:
    """The soundfonts of this machine, in order of their names."""
    return sorted(
        path for folder in SOUNDFONTS for path in Path(folder).glob("*.sf[23]") if not path.is_symlink()
    )


def blocks(
    count: int, fonts: Sequence[Path], teachers: Sequence[Teacher], cache: Path, note: Callable[[str], None]
) -> Iterator[Rendered]:
    """That many blocks; what the cache holds is not played again."""
    cache.mkdir(parents=True, exist_ok=True)
    for number in range(count if fonts else 0):
        path = cache / f"{number:03}.npz"
        if not path.exists():
            _keep(path, _composed(number), fonts[number % len(fonts)], teachers)
            note(f"rendered {(number + 1) * BLOCK} scores")
        yield _kept(path)


def _composed(number: int) -> list[scores.Score]:
    rng = np.random.default_rng(1000 + number)
    names = list(scores.styles())
    tones = [program for program in range(116) if program not in NOT_TONES]

    def one() -> scores.Score:
        if rng.random() < SOLO:
            return scores.solo(int(rng.choice(tones)), rng)
        return scores.compose(names[rng.integers(len(names))], rng)

    return [one() for _ in range(BLOCK)]


def _keep(path: Path, written: Sequence[scores.Score], font: Path, teachers: Sequence[Teacher]) -> None:
    sounds = [_even(sound) for sound in performance.render(written, font)]
    first = int(SKIPPED_S * mini_mel.RATE_HZ)
    windows = np.stack([sound[first : first + int(WINDOW_S * mini_mel.RATE_HZ)] for sound in sounds])
    labels = np.concatenate([teacher(windows) for teacher in teachers], 1)
    with written_aside(path) as aside, aside.open("wb") as file:
        about = json.dumps([_described(score) for score in written])
        np.savez(file, pictures=np.stack([log_mel_of(s) for s in sounds]), labels=labels, about=about)


def _even(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.resize(sound, int(scores.SECONDS * mini_mel.RATE_HZ))


def _described(score: scores.Score) -> dict[str, Any]:
    return {**asdict(score), "notes": (), "programs": {}}


def _kept(path: Path) -> Rendered:
    with np.load(path) as block:
        told = tuple(map(_score, json.loads(str(block["about"]))))
        return Rendered(block["pictures"], block["labels"], told)


def _score(written: dict[str, Any]) -> scores.Score:
    values: dict[str, Any] = {}
    for name, value in written.items():
        values[name] = tuple(value) if isinstance(value, list) else value  # JSON has no tuples
    return scores.Score(**values)
