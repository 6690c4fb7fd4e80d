"""Clips of an evaluation data set, embedded by the workers of a cluster; in order, each once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import NewWaveError, NotReady
from catalog.records import Clip
from catalog.vectors import Vectors
from models.cluster import pool
from models.cluster.pool import MOST_IN_VAIN, Cluster, Worker
from models.evaluation.candidates import encoder_of
from models.indexing.embed_clip import vectors_or_error
from models.indexing.embed_source import in_threads

CLIPS = 8
"""Clips in an item, embedded again all together if its worker dies."""
PASS_BYTES = 1_000_000_000
"""So much sound is in the cluster's hands at a time, where clips hold it; files are read by the workers."""

Embedded = Vectors | NewWaveError
Numbered = tuple[int, Clip]


@dataclass(frozen=True, slots=True)
class Job:
    """The encoder as it was typed, its options, the folder with the runs, and its pipeline."""

    encoder: str
    options: Mapping[str, Any]
    runs: Path
    pipeline: str


def embedded(cluster: Cluster, job: Job, clips: Iterable[Clip]) -> Iterator[tuple[Clip, Embedded]]:
    """Every clip with its vectors or what is wrong with it, in order.

    Raises NotReady where workers died over what is left, and what stopped a worker: another nw, no weights.
    """
    for some in _passes(clips):
        found = _all_of(cluster, job, dict(enumerate(some)))
        for number, clip in enumerate(some):
            yield clip, found[number]


def _passes(clips: Iterable[Clip]) -> Iterator[list[Clip]]:
    """The clips, so many together as hold PASS_BYTES of sound."""
    some, held = list[Clip](), 0
    for clip in clips:
        some.append(clip)
        held += len(clip.audio) if isinstance(clip.audio, bytes) else 0
        if held >= PASS_BYTES:
            yield some
            some, held = [], 0
    if some:
        yield some


def _all_of(cluster: Cluster, job: Job, waiting: dict[int, Clip]) -> dict[int, Embedded]:
    """What became of each clip; what did not come is asked for again."""
    found: dict[int, Embedded] = {}
    in_vain = 0
    while waiting and in_vain < MOST_IN_VAIN:
        before = len(waiting)
        items = pool.in_items(list(waiting.items()), CLIPS)
        for answer in pool.answers(cluster, ClipListener, (job, cluster.cores), items):
            if isinstance(answer, NewWaveError):
                raise answer
            for number, result in answer:
                if waiting.pop(number, None) is not None:
                    found[number] = result
        in_vain = in_vain + 1 if len(waiting) == before else 0
    if waiting:
        raise NotReady(
            f"{len(waiting)} songs were not heard, for the workers that tried died, one after the other.",
            try_this="nw evaluate …    (without --ray, on this machine)",
        )
    return found


class ClipListener(Worker):
    """Holds the encoder; its processes decode."""

    def set_up(self, job: Job, cores: int) -> None:
        """Nothing is loaded before the first item."""
        self._job, self._cores = job, cores
        self._encoder: Any = None

    def work(self, item: tuple[Numbered, ...]) -> Iterator[list[tuple[int, Embedded]] | NewWaveError]:
        """The clips of an item."""
        try:
            embed = self._embedding()
            yield [(number, result) for (number, _), result in in_threads(embed, item, jobs=self._cores)]
        except NewWaveError as problem:
            yield problem

    def _embedding(self) -> Callable[[Numbered], Embedded]:
        if self._encoder is None:
            encoder = encoder_of(self._job.encoder, self._job.runs, self._job.options)
            pool.same_pipeline(encoder.pipeline, self._job.pipeline)
            self._encoder = encoder
        return lambda numbered: vectors_or_error(self._encoder, numbered[1])
