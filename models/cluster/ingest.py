"""Rows of shards, heard by the workers of a cluster: each row comes once, whatever dies on the way.

A worker streams whole shards under its share of the disk budget and hears them as `nw ingest --index` does on
one machine, in processes of its own. It gives back steps: what a row came to, and where its shard stood
before and after. A step counts where the driver stands between the two: what comes twice is passed over, and
what did not come is asked for again, from where its shard stands.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from catalog.clip_ingest import Outcome, Work
from catalog.data_sets import DataSet, Place
from catalog.errors import NewWaveError, Unreadable
from catalog.files.clip_sound import Task
from catalog.processes.workers import ItemLost, patience_s, spread
from catalog.records import Clip
from catalog.shards.order import Cursor
from catalog.shards.progress import Progress
from catalog.shards.stream import Lost
from catalog.sources import load_streamed
from models import encoders
from models.cluster import pool
from models.cluster.pool import MOST_IN_VAIN, Cluster, Worker

BATCH = 8
"""Rows in an answer."""
MOST_SHARDS = 8
"""Shards in an item: the next are fetched while one is heard, and all are heard again if the worker dies."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know: the data set and its place, `work` for each row, encoder and pipeline."""

    source: str
    place: Place
    work: Work
    encoder: str
    pipeline: str


@dataclass(frozen=True, slots=True)
class Step:
    """A row's clip without its sound, and what became of it; or the end of a shard, without a clip."""

    after: Cursor
    cursor: Cursor
    clip: Clip | None = None
    outcome: Outcome = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Steps in order, what was lost between them, and what stopped the worker."""

    steps: Sequence[Step] = ()
    lost: Sequence[Lost] = ()
    problem: NewWaveError | None = None


@dataclass(slots=True)
class Lister:
    """Tells of each loss once, however often it comes."""

    place: Place
    told: set[str] = field(default_factory=set)

    def tell(self, lost: Lost) -> None:
        """Tell it, unless it was told."""
        if lost.place not in self.told:
            self.told.add(lost.place)
            self.place.on_lost(lost)


def ingested(
    cluster: Cluster, job: Job, progress: Progress, names: Sequence[str]
) -> Iterator[tuple[Clip, Outcome]]:
    """Every row that `progress` lacks, which says of each that it is done when it is handed on.

    names: of the shards. A shard whose workers die without getting any further is told to `Place.on_lost`;
    it is begun again by the next ingest. Raises what stopped a worker: no network, no room, another nw.
    """
    lister = Lister(job.place)
    silent = replace(job, place=_portable(job.place, cluster))
    in_vain = 0
    while (starts := progress.starts()) and in_vain < MOST_IN_VAIN:
        items = _items(starts, cluster)
        for answer in pool.answers(cluster, ShardListener, (silent, cluster.cores), items):
            if answer.problem is not None:
                raise answer.problem
            for lost in answer.lost:
                lister.tell(lost)
            for step in answer.steps:
                shard = step.after.shard
                if step.after <= progress[shard] < step.cursor:
                    progress[shard] = step.cursor
                    if step.clip is not None:
                        yield step.clip, step.outcome
        in_vain = in_vain + 1 if progress.starts() == starts else 0
    for start in starts:
        why = "the workers that heard it died, one after the other; the next ingest tries it again"
        lister.tell(Lost(names[start.shard], why, rows=None))


def _items(starts: Sequence[Cursor], cluster: Cluster) -> Iterator[tuple[Cursor, ...]]:
    """Neighbouring shards together, and so few of them that the workers end at about the same time."""
    each = len(starts) // (8 * cluster.workers)
    return pool.in_items(starts, max(1, min(MOST_SHARDS, each)))


def _portable(place: Place, cluster: Cluster) -> Place:
    """The place for a worker: those of one machine share its budget, and what they lose they send."""
    limits = replace(place.limits, processes=cluster.together)
    return Place(
        place.root, place.named, limits, endpoint=place.endpoint, exclude=place.exclude, tags=place.tags
    )


class ShardListener(Worker):
    """Holds the data set open, and its processes hold the encoder."""

    def set_up(self, job: Job, cores: int) -> None:
        """Nothing is opened before the first item."""
        self._job, self._cores = job, cores
        self._lost: list[Lost] = []
        self._data: DataSet | None = None
        self._open = ExitStack()  # until the process ends, which lets go of its files

    def work(self, starts: tuple[Cursor, ...]) -> Iterator[Answer]:
        """The rows of the shards in which the cursors stand, each from there to its end."""
        steps: list[Step] = []
        try:
            for step in self._steps(starts):
                steps.append(step)
                if len(steps) >= BATCH:
                    yield Answer(steps, self._told())
                    steps = []
            yield Answer(steps, self._told())
        except NewWaveError as problem:
            yield Answer(steps, self._told(), problem)

    def _told(self) -> list[Lost]:
        lost, self._lost = self._lost, []
        return lost

    def _steps(self, starts: Sequence[Cursor]) -> Iterator[Step]:
        """Each row in order, and the end of each shard behind its last row."""
        shards = deque((start, Cursor(start.epoch, start.shard + 1)) for start in starts)
        stands, end = shards.popleft()  # how far the shard at hand is, and where it ends
        for cursor, clip, outcome in self._outcomes(starts):
            while cursor >= end:
                yield Step(stands, end)
                stands, end = shards.popleft()
            yield Step(stands, cursor, clip, outcome)
            stands = cursor
        yield Step(stands, end)
        for start, last in shards:  # of which no row came
            yield Step(start, last)

    def _outcomes(self, starts: Sequence[Cursor]) -> Iterator[tuple[Cursor, Clip, Outcome]]:
        """How far each row is, its clip without the sound, and what became of it, in order."""
        rows = self._opened().rows_from(starts)
        encoder = self._job.encoder
        tasks = ((row.cursor, Task(0, clip, Path(), encoder)) for row, clip in rows)
        work = partial(_outcome, self._job.work)
        worked = spread(work, tasks, jobs=self._cores, ordered=True, limit_s=_patience_s)
        for (cursor, task), outcome in worked:
            if isinstance(outcome, ItemLost):
                outcome = Unreadable(f"{outcome}.", try_this="leave it out")  # noqa: PLW2901
            yield cursor, replace(task.clip, audio=None), outcome

    def _opened(self) -> DataSet:
        if self._data is None:
            made = encoders.load(self._job.encoder).pipeline
            pool.same_pipeline(made, self._job.pipeline)
            place = replace(self._job.place, on_lost=self._lost_one)
            source = load_streamed(self._job.source)
            self._data = self._open.enter_context(source.opened(place))
        return self._data

    def _lost_one(self, lost: Lost) -> None:
        self._lost.append(lost)


def _patience_s(placed: tuple[Cursor, Task]) -> float:
    _, task = placed
    return patience_s(task.clip.audio)


def _outcome(work: Work, placed: tuple[Cursor, Task]) -> Outcome:
    _, task = placed
    return None if task.clip.audio is None else work(task)
