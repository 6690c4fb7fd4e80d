"""Clips of an evaluation data set, embedded by the workers of a cluster; in order, each once."""

from collections.abc import Iterable, Iterator, Sequence

from catalog.errors import NewWaveError, NotReady
from catalog.records import Clip
from catalog.vectors import Vectors
from models.cluster import pool
from models.cluster.encoder_worker import EncoderJob, EncoderWorker
from models.cluster.pool import Cluster
from models.indexing.embed_clip import vectors_or_error
from models.indexing.embed_source import in_threads

CLIPS = 8
"""Clips in an item, embedded again all together if its worker dies."""
PASS_BYTES = 1_000_000_000
"""So much sound is in the cluster's hands at a time, where clips hold it; files are read by the workers."""

Embedded = Vectors | NewWaveError
Numbered = tuple[int, Clip]


def embedded(cluster: Cluster, job: EncoderJob, clips: Iterable[Clip]) -> Iterator[tuple[Clip, Embedded]]:
    """Every clip with its vectors or what is wrong with it, in order.

    Raises NotReady where workers died over what is left, and what stopped a worker: another nw, no weights.
    """
    for some in _passes(clips):
        found = _all_of(cluster, job, some)
        for number, clip in enumerate(some):
            yield clip, found[number]


def _passes(clips: Iterable[Clip]) -> Iterator[list[Clip]]:
    """The clips, so many together as hold PASS_BYTES of sound."""
    some: list[Clip] = []
    held = 0  # bytes
    for clip in clips:
        some.append(clip)
        if isinstance(clip.audio, bytes):
            held += len(clip.audio)
        if held >= PASS_BYTES:
            yield some
            some, held = [], 0
    if some:
        yield some


def _all_of(cluster: Cluster, job: EncoderJob, clips: Sequence[Clip]) -> dict[int, Embedded]:
    """What became of each clip, by its place."""
    found: dict[int, Embedded] = {}
    waiting = {number: (number, clip) for number, clip in enumerate(clips)}
    for answer in pool.answers_for(cluster, ClipListener, (job, cluster.cores), waiting, CLIPS):
        for number, result in answer:
            is_new = waiting.pop(number, None) is not None  # a clip may come twice
            if is_new:
                found[number] = result
    if waiting:
        raise NotReady(
            f"{len(waiting)} songs were not heard, for the workers that tried died, one after the other.",
            try_this="nw evaluate …    (without --ray, on this machine)",
        )
    return found


class ClipListener(EncoderWorker):
    """Embeds clips of a data set."""

    def work(self, item: tuple[Numbered, ...]) -> Iterator[list[tuple[int, Embedded]] | NewWaveError]:
        """The clips of an item."""
        try:
            encoder = self.encoder

            def embed(numbered: Numbered) -> Embedded:
                _, clip = numbered
                return vectors_or_error(encoder, clip)

            results = in_threads(embed, item, jobs=self.cores)
            yield [(number, result) for (number, _), result in results]
        except NewWaveError as problem:
            yield problem
