"""Songs in files that all machines of a cluster see, heard by its workers: an encoder each, on card or cores.

What comes is known by its song: twice counts once, and what did not come is asked for again.
"""

import inspect
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from catalog.errors import NewWaveError, NotReady
from catalog.library.embeddings import Missing
from catalog.values.numbers import counted
from models.cluster import pool
from models.cluster.encoder_worker import EncoderJob, EncoderWorker
from models.cluster.pool import Cluster
from models.indexing.embed_source import TrackVectors, one_by_one, path_of

SONGS = 16
"""Songs in an item, heard again all together if its worker dies."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A song's vectors, or what is wrong with it; `seen`: whether the worker can read its file."""

    song_id: int
    result: TrackVectors | NewWaveError
    seen: bool = True


def takes_a_card(encoder: Any) -> bool:
    """Whether an encoder can compute on a card.

    >>> from models import encoders
    >>> takes_a_card(encoders.load("mini"))
    False
    """
    return "device" in inspect.signature(type(encoder)).parameters


def embedded(
    cluster: Cluster, job: EncoderJob, songs: Iterable[Missing]
) -> Iterator[tuple[Missing, TrackVectors | NewWaveError]]:
    """Every song with its vectors or what is wrong with it, as they come.

    Raises NotReady where workers cannot see a file that is here, or died over what is left, and what stopped
    a worker: another nw, no weights.
    """
    waiting = {song.song_id: song for song in songs}
    for answer in pool.answers_for(cluster, FileListener, (job, cluster.cores), waiting, SONGS):
        for one in answer:
            song = waiting.pop(one.song_id, None)
            if song is not None:
                yield song, _checked(song, one)
    if waiting:
        raise NotReady(
            f"{counted(len(waiting), 'song was', 'songs were')} not heard, for the workers that tried died,"
            " one after the other.",
            try_this="nw index …    (goes on where it stopped; without --ray, on this machine)",
        )


def _checked(song: Missing, one: Heard) -> TrackVectors | NewWaveError:
    """What became of a song. Raises NotReady where only the worker cannot see its file."""
    if not one.seen and _is_readable(song):
        raise NotReady(
            f"a worker of the cluster cannot read {song.path}, which can be read here.",
            try_this="nw index …    (without --ray, or put the music where all machines see it)",
        )
    return one.result


class FileListener(EncoderWorker):
    """Hears songs in files."""

    def work(self, item: tuple[Missing, ...]) -> Iterator[list[Heard] | NewWaveError]:
        """The songs of an item."""
        try:
            encoder = self.encoder
            results = one_by_one(encoder, item, jobs=self.cores)
            yield [Heard(song.song_id, result, seen=_is_readable(song)) for song, result in results]
        except NewWaveError as problem:
            yield problem


def _is_readable(song: Missing) -> bool:
    return os.access(path_of(song), os.R_OK)
