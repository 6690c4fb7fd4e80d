"""Rows to sound: only the part that is asked for is decoded, in worker processes, in the rows' order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from catalog.audio import waveform
from catalog.audio.decode import Source, Waveform
from catalog.audio.packets import claimed_s
from catalog.errors import NewWaveError, Unreadable
from catalog.records import Clip
from catalog.shards.stream import Lost, Row
from catalog.workers import ItemLost, patience_s, spread


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

    waveform: mono float32 (samples,), or what `front` made of that.
    """

    row: Row
    clip: Clip
    waveform: NDArray[Any]
    start_s: float
    seconds: float


Front = Callable[[Waveform, float], NDArray[Any]]
Decoded = tuple[NDArray[Any], float, float]


def sounds(
    rows: Iterable[tuple[Row, Clip]],
    crop: Callable[[Row, Clip], Crop],
    *,
    rate_hz: int,
    jobs: int = 1,
    front: Front | None = None,
    on_lost: Callable[[Lost], None] = lambda lost: None,
) -> Iterator[Sound]:
    """Decode the clips of rows, in their order, in `jobs` worker processes.

    front: a function of a module, what the workers make of a waveform and the seconds that were asked for,
    and hand over in its place.

    What does not decode, or crashes, stalls or swells the decoder, goes to `on_lost` and is left out. At most
    two songs a worker are in memory.
    """
    tasks = (_Task(row, clip, crop(row, clip), rate_hz, front) for row, clip in rows)
    jobs = max(1, jobs)
    # In the rows' order whoever is done first: a run that goes on must see what it would have seen.
    decoded = spread(_decode, tasks, jobs=jobs, ordered=True, ahead=2, limit_s=_patience_s)
    for task, result in decoded:
        if isinstance(result, NewWaveError | ItemLost):
            place = task.row.place
            if task.clip.id:
                place = f"{place} ({task.clip.id})"
            on_lost(Lost(place, str(result)))
        else:
            yield Sound(task.row, task.clip, *result)


def decode(source: Source, crop: Crop, rate_hz: int) -> tuple[Waveform, float]:
    """The part of a sound and where it starts. Raises Unreadable.

    Where the sound is shorter than what is asked for, all of it.
    """
    start_s = crop.start_s
    if start_s is None:
        start_s = 0.0
        if crop.seconds is not None:
            room_s = max(0.0, claimed_s(source) - crop.seconds)
            start_s = crop.at * room_s
    seconds = crop.seconds if crop.seconds is not None else _LONGEST_S
    return waveform.crop(source, start_s, seconds, rate_hz=rate_hz), start_s


_LONGEST_S = 24 * 3600.0  # "all of it": no recording is longer, and it is a number that can be added to


@dataclass(frozen=True, slots=True)
class _Task:
    row: Row
    clip: Clip
    crop: Crop
    rate_hz: int
    front: Front | None = None


def _patience_s(task: _Task) -> float:
    return patience_s(task.clip.audio)


def _decode(task: _Task) -> Decoded:
    if task.clip.audio is None:
        raise Unreadable("the row holds no sound", try_this="nw shards verify")
    sound, start_s = decode(task.clip.audio, task.crop, task.rate_hz)
    seconds = len(sound) / task.rate_hz
    if task.front is None:
        return sound, start_s, seconds
    # Here, in the worker: a spectrogram is computed on all cores, and is smaller to hand over.
    prepared = task.front(sound, task.crop.seconds or _LONGEST_S)
    return prepared, start_s, seconds
