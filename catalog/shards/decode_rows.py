"""Rows to sound: only the part that is asked for is decoded, in worker processes, in the rows' order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from catalog.audio import waveform
from catalog.audio.decode import Source, Waveform
from catalog.errors import NewWaveError, Unreadable
from catalog.processes.workers import ItemLost, patience_s, spread
from catalog.records import Clip
from catalog.shards.stream import Lost, Row


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a sound to decode: `seconds` long, None for all of it.

    start_s: None puts it at the share `at` (0 to 1) of the room that the sound leaves.
    """

    seconds: float | None = None
    start_s: float | None = 0.0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip that was decoded, `seconds` of it from `start_s` of the song on.

    waveform: mono float32 (samples,) at `rate_hz`, or what `front` made of that.
    """

    row: Row
    clip: Clip
    waveform: NDArray[Any]
    start_s: float
    seconds: float
    rate_hz: int


RateOf = Callable[[int], int]
Front = Callable[[Waveform, float, int], NDArray[Any]]
Decoded = tuple[NDArray[Any], float, float, int]


def sounds(
    rows: Iterable[tuple[Row, Clip]],
    crop: Callable[[Row, Clip], Crop],
    *,
    rate_hz: int | RateOf,
    jobs: int = 1,
    front: Front | None = None,
    on_lost: Callable[[Lost], None] = lambda lost: None,
) -> Iterator[Sound]:
    """Decode the clips of rows, in their order, in `jobs` worker processes.

    rate_hz: of what comes out; or a module's function that says it for the rate of a file.
    front: a function of a module, what the workers make of a waveform, the seconds that were asked for and
    its rate, and hand over in its place.

    What does not decode, or crashes, stalls or swells the decoder, goes to `on_lost` and is left out. At most
    two songs a worker are in memory.
    """

    def tasks() -> Iterator[_Task]:
        for row, clip in rows:
            order = _Order(clip.audio, crop(row, clip), rate_hz, front)
            yield _Task(row, clip, order)

    jobs = max(1, jobs)
    # In the rows' order whoever is done first: a run that goes on must see what it would have seen.
    decoded = spread(
        _decode,
        tasks(),
        jobs=jobs,
        ordered=True,
        ahead=2,
        given=lambda task: task.order,
        limit_s=lambda task: patience_s(task.clip.audio),
    )
    for task, result in decoded:
        if isinstance(result, NewWaveError | ItemLost):
            place = task.row.place
            if task.clip.id:
                place = f"{place} ({task.clip.id})"
            on_lost(Lost(place, str(result)))
        else:
            yield Sound(task.row, task.clip, *result)


def decode(source: Source, crop: Crop, rate_hz: int | RateOf) -> waveform.Crop:
    """The part of a sound. Raises Unreadable.

    Where the sound is shorter than what is asked for, all of it.
    """
    seconds = crop.seconds if crop.seconds is not None else _LONGEST_S

    def by_share(claimed_s: float) -> float:
        room_s = max(0.0, claimed_s - seconds)
        return crop.at * room_s

    start = by_share if crop.start_s is None else crop.start_s
    rate_of = rate_hz if callable(rate_hz) else lambda _: rate_hz
    return waveform.crop_of(source, start, seconds, rate_of)


_LONGEST_S = 24 * 3600.0  # "all of it": no recording is longer, and it is a number that can be added to


@dataclass(frozen=True, slots=True)
class _Order:
    """What a worker is given."""

    audio: Source | None
    crop: Crop
    rate_hz: int | RateOf
    front: Front | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """A row, and what a worker is given of it: its other cells stay here."""

    row: Row
    clip: Clip
    order: _Order


def _decode(order: _Order) -> Decoded:
    """In a worker: what it makes of the sound, from where and for how many seconds, and its rate."""
    if order.audio is None:
        raise Unreadable("the row holds no sound", try_this="nw shards verify")
    sound, start_s, rate_hz = decode(order.audio, order.crop, order.rate_hz)
    seconds = len(sound) / rate_hz
    if order.front is not None:
        # Here, in the worker: a spectrogram is computed on all cores, and is smaller to hand over.
        sound = order.front(sound, order.crop.seconds or _LONGEST_S, rate_hz)
    return sound, start_s, seconds, rate_hz
