"""Rendered scores as training material: composed in blocks, each played by one soundfont and kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import written_aside
from models.networks.mini import spectra
from models.training.mini.material import performance, scores
from models.training.mini.material.figures import SECONDS
from models.training.mini.material.songs import WINDOW_S, log_mel_of
from models.training.mini.material.teachers import Teacher

BLOCK = 45
"""Scores in a block, all played by one soundfont."""
SOLO = 0.3
"""The share of scores for one instrument alone."""
PITCHED = 116
"""General MIDI's programs from here on are drums and noises."""

NOT_TONES = {55, 96, 101, 102, 103}
"""Programs that are effects, whatever their names say."""
SOUNDFONTS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3")
SKIPPED_S = 1.0
"""The attack of the first chord tells more than the music: windows start after it."""


def tones() -> list[int]:
    """The programs that play notes."""
    return [program for program in range(PITCHED) if program not in NOT_TONES]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A block: log10 mel power (scores, frames, 96), teachers' labels (scores, labels) and the scores."""

    log_mels: NDArray[np.float16]
    labels: NDArray[np.float32]
    scores: tuple[scores.Score, ...]


def soundfonts() -> list[Path]:
    """The soundfonts of this machine, in order of their names."""
    found = []
    for folder in SOUNDFONTS:
        # Debian links its default soundfont to one that is there by name.
        found += [path for path in Path(folder).glob("*.sf[23]") if not path.is_symlink()]
    return sorted(found)


def blocks(
    count: int, fonts: Sequence[Path], teachers: Sequence[Teacher], cache: Path, note: Callable[[str], None]
) -> Iterator[Rendered]:
    """That many blocks, none without soundfonts; what the cache holds is not played again."""
    cache.mkdir(parents=True, exist_ok=True)
    if not fonts:
        return
    for number in range(count):
        path = cache / f"{number:03}.npz"
        if not path.exists():
            font = fonts[number % len(fonts)]
            _keep(path, _composed(number), font, teachers)
            note(f"rendered {(number + 1) * BLOCK} scores")
        yield _kept(path)


def _composed(number: int) -> list[scores.Score]:
    """The scores of a block, the same whenever that block is asked for."""
    rng = np.random.default_rng(1000 + number)
    styles = list(scores.styles())
    programs = tones()
    composed = []
    for _ in range(BLOCK):
        if rng.random() < SOLO:
            program = int(rng.choice(programs))
            composed.append(scores.solo(program, rng))
        else:
            style = styles[rng.integers(len(styles))]
            composed.append(scores.compose(style, rng))
    return composed


def _keep(path: Path, written: Sequence[scores.Score], font: Path, teachers: Sequence[Teacher]) -> None:
    """Play the scores, ask the teachers, and write a block."""
    sounds = [_even(sound) for sound in performance.render(written, font)]
    first = int(SKIPPED_S * spectra.RATE_HZ)
    last = first + int(WINDOW_S * spectra.RATE_HZ)
    windows = np.stack([sound[first:last] for sound in sounds])  # (scores, samples)
    labels = np.concatenate([teacher(windows) for teacher in teachers], 1)
    log_mels = np.stack([log_mel_of(sound) for sound in sounds])  # (scores, frames, 96)
    about = json.dumps([_described(score) for score in written])
    with written_aside(path) as aside, aside.open("wb") as file:
        np.savez(file, pictures=log_mels, labels=labels, about=about)


def _even(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound at the length of a score, to the sample."""
    return np.resize(sound, int(SECONDS * spectra.RATE_HZ))


def _described(score: scores.Score) -> dict[str, Any]:
    """A score without what only the player needs."""
    return {**asdict(score), "notes": (), "programs": {}}


def _kept(path: Path) -> Rendered:
    with np.load(path) as block:
        about = json.loads(str(block["about"]))
        told = tuple(_score(written) for written in about)
        return Rendered(block["pictures"], block["labels"], told)


def _score(written: dict[str, Any]) -> scores.Score:
    values: dict[str, Any] = {}
    for name, value in written.items():
        values[name] = tuple(value) if isinstance(value, list) else value  # JSON has no tuples
    return scores.Score(**values)
