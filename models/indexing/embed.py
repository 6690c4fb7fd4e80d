"""Songs to vectors in the catalog: what is missing, in worker processes for sound, a batch at a time.

What is done is kept: a run that is interrupted loses at most the songs in hand.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog import workers
from catalog.audio import waveform
from catalog.errors import CatalogError, NewWaveError, Unreadable
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding, Missing
from models import encoders
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing.chunking import Part, parts

KEEP_EVERY_S = 2.0
WORTH_WORKERS = 4
"""From so many songs on, the seconds that worker processes take to start are won back."""
WORDS_BATCH = 64


@dataclass(frozen=True, slots=True)
class Failed:
    """A song that could not be embedded, and why."""

    path: Path
    message: str


Progress = Callable[[int, str], None]
"""Called with (songs done more, the song at hand)."""


def embed_sound(
    catalog: Catalog, encoder: SoundEncoder, *, jobs: int = 1, progress: Progress = lambda n, name: None
) -> list[Failed]:
    """Hear every song whose sound this encoder's pipeline has not embedded; returns those that failed."""
    embeddings.register_pipeline(
        catalog, encoder.pipeline, role="sound", meta={"window_s": encoder.window_s, "hop_s": encoder.hop_s}
    )
    todo = embeddings.missing(catalog, encoder.pipeline, "sound")
    failed: list[Failed] = []
    with _Keeper(catalog, encoder.pipeline) as keeper:
        for song, result in _heard(todo, encoder, jobs):
            assert song.path is not None  # `missing` gives songs with a file
            if isinstance(result, NewWaveError):
                failed.append(Failed(song.path, str(result)))
            else:
                keeper.add(Embedding(song.content_hash, *result))
            progress(1, song.path.name)
    return failed


def embed_words(
    catalog: Catalog, encoder: WordsEncoder, *, progress: Progress = lambda n, name: None
) -> None:
    """Read the lyrics and captions of every song whose words this encoder's pipeline has not embedded."""
    embeddings.register_pipeline(catalog, encoder.pipeline, role="words")
    todo = iter(embeddings.missing(catalog, encoder.pipeline, "words"))
    while batch := list(islice(todo, WORDS_BATCH)):
        hashes = {song.song_id: song.content_hash for song in batch}
        texts = songs.texts_for_words(catalog, list(hashes))
        pieces = [(hashes[song_id], parts(lyrics, captions)) for song_id, lyrics, captions in texts]
        embeddings.put_many(catalog, encoder.pipeline, _read(encoder, pieces))
        progress(len(batch), "")


def hear(encoder: SoundEncoder, path: Path) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """A file to window vectors (windows, dimensions) and track vector (dimensions,), both float16.

    Memory does not grow with the length of the file beyond its vectors. Raises Unreadable.
    """
    blocks = waveform.windows(path, rate_hz=encoder.rate_hz, window_s=encoder.window_s, hop_s=encoder.hop_s)
    vectors = [encoder.encode_windows(block) for block in blocks]
    if not vectors:
        raise Unreadable(f"{path} holds no sound.", try_this=f"nw ingest {path.parent} --prune")
    windows = np.concatenate(vectors)
    return windows.astype(np.float16), encoder.pool(windows).astype(np.float16)


def _read(encoder: WordsEncoder, pieces: Sequence[tuple[str, Sequence[Part]]]) -> list[Embedding]:
    vectors = encoder.encode_lyrics([part.text for _, song in pieces for part in song]).astype(np.float16)
    rows, start = [], 0
    for content_hash, song in pieces:
        if song:
            own = vectors[start : start + len(song)]
            rows.append(Embedding(content_hash, own, own[0], [part.label() for part in song]))
            start += len(song)
    return rows


class _Keeper:
    """Collects embeddings and saves them every two seconds, and at the end whatever happens."""

    def __init__(self, catalog: Catalog, pipeline: str) -> None:
        self._catalog, self._pipeline = catalog, pipeline
        self._rows: list[Embedding] = []
        self._saved_at = time.monotonic()

    def add(self, row: Embedding) -> None:
        self._rows.append(row)
        if time.monotonic() - self._saved_at > KEEP_EVERY_S:
            self._save()

    def _save(self) -> None:
        embeddings.put_many(self._catalog, self._pipeline, self._rows)
        self._rows = []
        self._saved_at = time.monotonic()

    def __enter__(self) -> "_Keeper":
        return self

    def __exit__(self, *_: object) -> None:
        self._save()


Heard = tuple[NDArray[np.float16], NDArray[np.float16]]


def _heard(
    todo: Sequence[Missing], encoder: SoundEncoder, jobs: int
) -> Iterator[tuple[Missing, Heard | NewWaveError]]:
    if jobs == 1 or len(todo) < WORTH_WORKERS:
        for song in todo:
            yield song, _hear_or_error(encoder, song)
        return
    with workers.pool(min(jobs, len(todo)), _load_in_worker, encoder.name) as processes:
        waiting: dict[Future[Heard | NewWaveError], Missing] = {}
        rest = iter(todo)
        while True:
            for song in islice(rest, 2 * jobs - len(waiting)):  # a few ahead, so that memory stays flat
                waiting[processes.submit(_hear_in_worker, song)] = song
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), _result(future)


def _result(future: Future[Heard | NewWaveError]) -> Heard | NewWaveError:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise CatalogError(
            "a worker process was killed, most likely because memory ran out; what was heard so far is kept.",
            try_this="nw index --jobs 1    (goes on with one process)",
        ) from error


def _hear_or_error(encoder: SoundEncoder, song: Missing) -> Heard | NewWaveError:
    assert song.path is not None
    try:
        return hear(encoder, song.path)
    except NewWaveError as error:
        return error
    except OSError as error:  # gone, or no longer to be read, since it was ingested
        return Unreadable(f"{song.path} cannot be read ({error.strerror}).", try_this="nw ingest --prune")


_worker_encoder: list[SoundEncoder] = []


def _load_in_worker(encoder_name: str) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported: a core for each worker
    _worker_encoder.append(encoders.load(encoder_name))


def _hear_in_worker(song: Missing) -> Heard | NewWaveError:
    return _hear_or_error(_worker_encoder[0], song)
