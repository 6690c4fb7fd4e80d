"""Two listeners on one task: a row of a table with both figures, their intervals and the difference."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from mini_listeners import Floats, Student, Teacher
from numpy.typing import NDArray

Sounds = Iterator[tuple[str, NDArray[np.float32]]]
Measure = Callable[[NDArray[np.int64]], tuple[float, float]]
SAMPLES = 1_000
"""Bootstrap samples behind each interval."""


@dataclass
class Card:
    """Both listeners, and where to keep what the second one said."""

    student: Student
    teacher: Student | Teacher
    keep: Path | None
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print a line of the table, and keep it."""
        self.lines.append(line)
        print(line, flush=True)

    def hear(
        self, name: str, sounds: Sounds, said: Mapping[str, Floats] | None = None
    ) -> tuple[list[str], list[Floats], list[Floats]]:
        """Names of the songs, and what each listener heard; what the teacher said is kept in a file.

        said: what is known of it beforehand.
        """
        kept = self.keep / f"{name}.npz" if self.keep else None
        said = dict(np.load(kept)) if kept and kept.exists() else dict(said or {})
        names, ours = [], []
        for song, windows in sounds:
            names.append(song)
            ours.append(self.student.hear(windows))
            if song not in said:
                said[song] = self.teacher.hear(windows)
        if kept:
            np.savez(kept, **said)
        return names, ours, [said[song] for song in names]

    def row(self, what: str, chance: float, measure: Measure, n: int) -> None:
        """Measure both listeners on all items and on samples of them; print a row of the table."""
        rng = np.random.default_rng(0)
        drawn = np.array([measure(rng.integers(n, size=n)) for _ in range(SAMPLES)])
        ours, theirs = measure(np.arange(n))
        low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
        apart = np.nanquantile(drawn[:, 0] - drawn[:, 1], [0.025, 0.975])
        cells = [f"{v:.3f} ({a:.3f} – {b:.3f})" for v, a, b in zip((ours, theirs), low, high, strict=True)]
        difference = f"{ours - theirs:+.3f} ({apart[0]:+.3f} – {apart[1]:+.3f})"
        self.say(f"| {what} | {n} | {chance:.3f} | {' | '.join(cells)} | {difference} |")

    def compare(self, what: str, chance: float, ours: Floats, theirs: Floats) -> None:
        """A row of means over values per item."""
        self.row(what, chance, lambda i: (float(ours[i].mean()), float(theirs[i].mean())), len(ours))

    def pick(
        self, what: str, heard: tuple[Floats, Floats], right: NDArray[np.bool_], prompts: tuple[str, str]
    ) -> None:
        """A row on how well the first prompt against the second tells the right songs from the others."""
        ours, theirs = [
            vectors @ np.subtract(*listener.read(prompts))
            for listener, vectors in zip((self.student, self.teacher), heard, strict=True)
        ]
        self.row(what, 0.5, lambda i: (auc(ours[i], right[i]), auc(theirs[i], right[i])), len(right))


def ranks_of(scores: Floats) -> Floats:
    """Where the diagonal stands in each row, from 1; ties share their mean place."""
    own = np.diag(scores)[:, None]
    return 1 + (scores > own).sum(1) + ((scores == own).sum(1) - 1) / 2


def by_chance(n: int) -> float:
    """The mean reciprocal rank of an answer by chance among n."""
    return float(np.mean(1 / np.arange(1, n + 1)))


def auc(scores: Floats, right: NDArray[np.bool_]) -> float:
    """The share of pairs, a right and a wrong one, that are in order; not-a-number without both."""
    if right.all() or not right.any():
        return float("nan")
    return float((scores[right][:, None] > scores[~right][None]).mean())


def average_precision(scores: Floats, right: NDArray[np.bool_]) -> float:
    """The mean precision at each right one, best first; not-a-number without any."""
    if not right.any():
        return float("nan")
    ordered = right[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ordered) / np.arange(1, len(ordered) + 1))[ordered].mean())
