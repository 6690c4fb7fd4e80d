"""Clips of an evaluation data set, embedded by the workers of a cluster; in order, each once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import NewWaveError, NotReady
from catalog.records import Clip
from catalog.vectors import Vectors
from models.cluster import pool
from models.cluster.pool import Cluster, Worker
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
        found = _all_of(cluster, job, some)
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


def _all_of(cluster: Cluster, job: Job, clips: Sequence[Clip]) -> dict[int, Embedded]:
    """What became of each clip, by its place."""
    found: dict[int, Embedded] = {}
    waiting = {number: (number, clip) for number, clip in enumerate(clips)}
    for answer in pool.answers_for(cluster, ClipListener, (job, cluster.cores), waiting, CLIPS):
        for number, result in answer:
            if waiting.pop(number, None) is not None:
                found[number] = result
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
