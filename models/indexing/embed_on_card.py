"""Songs to vectors where a card encodes: processes decode, one thread hands chunks of many songs over.

Of threads that each hand over their own song, all but one wait for Python at each of the card's small pieces.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from catalog.audio.container import unreadable
from catalog.audio.waveform import crop_of
from catalog.errors import NewWaveError
from catalog.library.embeddings import Missing
from catalog.processes.workers import patience_s, spread
from catalog.vectors import Vectors
from models.encoders import PcmEncoder
from models.indexing.embed_source import TrackVectors, embed_or_error, one_by_one, path_of
from models.networks.clap.pcm import Pcm, kept_rate, to_pcm

LONGEST_S = 900.0
"""A longer sound is embedded a block at a time, so that memory does not grow with its length."""
AHEAD = 2
"""Songs that a worker has in hand, and batches that the card has."""

Embedded = tuple[Missing, TrackVectors | NewWaveError]


def embedded(encoder: PcmEncoder, songs: Sequence[Missing], *, jobs: int) -> Iterator[Embedded]:
    """Songs and their vectors, or what is wrong with them, as they are done."""
    short: list[Missing] = []
    long: list[Missing] = []
    for song in songs:
        is_short = 0 < (song.duration_s or 0) <= LONGEST_S  # 0 where nobody knows
        (short if is_short else long).append(song)
    yield from _at_once(encoder, short, jobs=jobs)
    yield from one_by_one(encoder, long, jobs=jobs)


def chunks_of(path: Path) -> Pcm:
    """All chunks (chunks, samples) of a sound that is not long. Raises Unreadable. For a worker."""
    sound, _, rate_hz = crop_of(path, 0.0, LONGEST_S, kept_rate)
    return to_pcm(sound, LONGEST_S, rate_hz)


def _at_once(encoder: PcmEncoder, songs: Sequence[Missing], *, jobs: int) -> Iterator[Embedded]:
    decoded = spread(chunks_of, songs, jobs=jobs, ahead=AHEAD, given=path_of, limit_s=_patience_s)
    waiting: deque[tuple[Sequence[Missing], Future[list[Vectors]]]] = deque()
    with ThreadPoolExecutor(1, "card") as card:
        for good, bad in _batches(decoded, encoder.pcm_batch):
            yield from bad
            if good:
                batch_songs, sound = zip(*good, strict=True)
                waiting.append((batch_songs, card.submit(encoder.encode_pcm, sound)))
            if len(waiting) > AHEAD:
                yield from _pooled(encoder, *waiting.popleft())
        while waiting:
            yield from _pooled(encoder, *waiting.popleft())


def _pooled(
    encoder: PcmEncoder, songs: Sequence[Missing], encoded: Future[list[Vectors]]
) -> Iterator[Embedded]:
    """Each song with its vectors, once the card has them.

    Where it cannot take them together, say for want of memory, each is embedded alone.
    """
    try:
        all_windows = encoded.result()
    except NewWaveError:  # of the encoder, and no song's fault
        raise
    except Exception:
        yield from ((song, embed_or_error(encoder, path_of(song))) for song in songs)
        return
    for song, windows in zip(songs, all_windows, strict=True):
        yield song, TrackVectors(windows, encoder.pool(windows))


def _batches(
    decoded: Iterable[tuple[Missing, Any]], size: int
) -> Iterator[tuple[list[tuple[Missing, Pcm]], list[Embedded]]]:
    """Songs with their chunks, so many that there are `size` chunks, and songs that could not be decoded."""
    good: list[tuple[Missing, Pcm]] = []
    bad: list[Embedded] = []
    for song, result in decoded:
        if isinstance(result, Exception):
            bad.append((song, _error(song, result)))
        else:
            good.append((song, result))
        if sum(len(chunks) for _, chunks in good) >= size:
            yield good, bad
            good, bad = [], []
    yield good, bad


def _error(song: Missing, problem: Exception) -> NewWaveError:
    """What is wrong with a song, said of its file."""
    return problem if isinstance(problem, NewWaveError) else unreadable(path_of(song), str(problem))


def _patience_s(song: Missing) -> float:
    return patience_s(path_of(song))
