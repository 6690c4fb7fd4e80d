"""Songs that a training is judged on, and what stays out of training because of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from catalog.data_sets import DataSet
from catalog.records import Clip


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Clips to judge on. A clip is `in` it that is one of them or of one of their artists.

    shards: so many of the last are not trained on, even where few of their clips are held out.
    """

    clips: tuple[Clip, ...] = ()
    shards: int = 0
    _ids: frozenset[str] = field(default=frozenset(), repr=False)
    _artists: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, clips: list[Clip], *, with_sound: bool = True, shards: int = 0) -> "HeldOut":
        """These clips; without their sound they take no memory, and still keep out what they keep out."""
        ids = frozenset(clip.id for clip in clips)
        artists = frozenset(_artist(clip) for clip in clips) - {""}  # nobody known is no artist
        held_out = cls(tuple(clips), shards, ids, artists)
        return held_out if with_sound else held_out.without_sound()

    def without_sound(self) -> "HeldOut":
        """The same clips, which still keep out what they keep out."""
        silent = tuple(replace(clip, audio=None) for clip in self.clips)
        return replace(self, clips=silent)

    def leave_out(self, data: DataSet) -> None:
        """Take its shards out of a data set that was just opened."""
        shards = data.stream.shards
        left = len(shards) - self.shards
        data.stream.shards = shards[:left]

    def __contains__(self, clip: Clip) -> bool:
        return clip.id in self._ids or _artist(clip) in self._artists


def take(data: DataSet, count: int, *, with_sound: bool = True) -> HeldOut:
    """The first clips with words of the last shard; nothing of that shard is left in the stream.

    The same in every process of a run and for every seed: so all leave out the same artists, one can judge
    for all, and runs can be compared. with_sound: whether this process is the one that judges. None where
    there is one shard alone: it is needed for training.
    """
    stream = data.stream
    if count <= 0 or len(stream.shards) < 2:
        return HeldOut()
    *learned, judged = stream.shards
    stream.shards = [judged]
    with _whole_shares(data):
        described = (clip for _, clip in data.rows() if clip.texts)
        clips = list(islice(described, count))
    stream.shards = learned
    return HeldOut.of(clips, with_sound=with_sound, shards=1)


@contextmanager
def _whole_shares(data: DataSet) -> Iterator[None]:
    """Read as one process that is alone, in the order of the file."""
    stream, left_out = data.stream, set(data.left_out)
    before = stream.rank, stream.world, stream.seed
    stream.rank, stream.world, stream.seed = 0, 1, None
    try:
        yield
    finally:
        stream.rank, stream.world, stream.seed = before
        data.left_out = left_out


def _artist(clip: Clip) -> str:
    """An artist's name, whatever its case; "" for nobody known."""
    told = clip.song.get("artist") or ""
    return str(told).strip().casefold()
