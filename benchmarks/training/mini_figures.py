"""Two listeners on one task: a row of a table with both figures, their intervals and the difference."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        said = dict(said or {})
        if kept and kept.exists():
            said = dict(np.load(kept))
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
        samples = [measure(rng.integers(n, size=n)) for _ in range(SAMPLES)]
        our_samples, their_samples = np.array(samples).T  # (SAMPLES,) each
        ours, theirs = measure(np.arange(n))
        our_cell = f"{ours:.3f} ({_interval(our_samples, '.3f')})"
        their_cell = f"{theirs:.3f} ({_interval(their_samples, '.3f')})"
        # Of the same samples: what is hard for one is mostly hard for the other.
        difference = f"{ours - theirs:+.3f} ({_interval(our_samples - their_samples, '+.3f')})"
        self.say(f"| {what} | {n} | {chance:.3f} | {our_cell} | {their_cell} | {difference} |")

    def compare(self, what: str, chance: float, ours: NDArray[Any], theirs: NDArray[Any]) -> None:
        """A row of means over values per item; yes and no are 1 and 0."""

        def means(i: NDArray[np.int64]) -> tuple[float, float]:
            return float(ours[i].mean()), float(theirs[i].mean())

        self.row(what, chance, means, len(ours))

    def pick(
        self, what: str, heard: tuple[Floats, Floats], right: NDArray[np.bool_], prompts: tuple[str, str]
    ) -> None:
        """A row on how well the first prompt against the second tells the right songs from the others."""
        our_vectors, their_vectors = heard
        # How much nearer each song is to the first prompt than to the second: (songs,).
        our_first, our_second = self.student.read(prompts)
        their_first, their_second = self.teacher.read(prompts)
        ours = our_vectors @ (our_first - our_second)
        theirs = their_vectors @ (their_first - their_second)

        def aucs(i: NDArray[np.int64]) -> tuple[float, float]:
            return auc(ours[i], right[i]), auc(theirs[i], right[i])

        self.row(what, 0.5, aucs, len(right))

    def scores(self, heard: tuple[Floats, Floats], texts: Sequence[str]) -> tuple[Floats, Floats]:
        """How near each song is to each text, by either listener: (songs, texts) each."""
        our_vectors, their_vectors = heard
        ours = our_vectors @ self.student.read(texts).T
        theirs = their_vectors @ self.teacher.read(texts).T
        return ours, theirs


def _interval(samples: Floats, form: str) -> str:
    """95 % of bootstrap samples (SAMPLES,) lie between."""
    low, high = np.nanquantile(samples, [0.025, 0.975])
    return f"{low:{form}} – {high:{form}}"


def ranks_of(scores: Floats) -> Floats:
    """Where the diagonal stands in each row, from 1; ties share their mean place."""
    own = np.diag(scores)[:, None]
    better = (scores > own).sum(1)
    tied = (scores == own).sum(1) - 1  # others that score the same
    return 1 + better + tied / 2


def by_chance(n: int) -> float:
    """The mean reciprocal rank of an answer by chance among n."""
    places = np.arange(1, n + 1)
    return float(np.mean(1 / places))


def auc(scores: Floats, right: NDArray[np.bool_]) -> float:
    """The share of pairs, a right and a wrong one, that are in order; not-a-number without both."""
    if right.all() or not right.any():
        return float("nan")
    is_in_order = scores[right][:, None] > scores[~right][None]  # (right, wrong)
    return float(is_in_order.mean())


def average_precision(scores: Floats, right: NDArray[np.bool_]) -> float:
    """The mean precision at each right one, best first; not-a-number without any."""
    if not right.any():
        return float("nan")
    ordered = right[np.argsort(-scores, kind="stable")]
    places = np.arange(1, len(ordered) + 1)
    precision = np.cumsum(ordered) / places
    return float(precision[ordered].mean())
