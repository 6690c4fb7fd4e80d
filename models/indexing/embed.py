"""Songs to vectors in the catalog: what is missing, several at once for sound, a batch at a time for words.

What is done is kept: a run that is interrupted loses at most the songs in hand.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from catalog.errors import NewWaveError
from catalog.library import embeddings, unembedded
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding, Missing
from catalog.library.song_texts import texts_for_words
from models.encoders import PcmEncoder, SoundEncoder, WordsEncoder
from models.indexing import embed_on_card
from models.indexing.chunking import Part, parts
from models.indexing.embed_source import TrackVectors, one_by_one, path_of

KEEP_EVERY_S = 2.0
"""Seconds of work that a kill may cost."""
WORTH_A_WORKER = 2
"""So many songs win back the second that another worker process takes to start."""
WORDS_BATCH = 64
"""Songs whose texts are read from the catalog and encoded together."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A song that could not be embedded, and why."""

    path: Path
    message: str


Progress = Callable[[int, str], None]
"""Called with (songs done more, the song at hand)."""
Elsewhere = Callable[[Sequence[Missing]], Iterator[tuple[Missing, TrackVectors | NewWaveError]]]
"""Songs to their vectors, or what is wrong with them, in any order."""


def embed_sound(
    catalog: Catalog,
    encoder: SoundEncoder,
    *,
    jobs: int = 1,
    elsewhere: Elsewhere | None = None,
    progress: Progress = lambda n, name: None,
) -> list[Failed]:
    """Embed every song whose sound this encoder's pipeline has not embedded; returns those that failed.

    A sound that failed is not tried again before it is forgotten (`catalog.library.unembedded`), for it may
    cost all the time a file is given. Where the file is gone, or closed to us, its sound is not at fault.
    elsewhere: what embeds the songs in place of threads here.
    """
    seconds = {"window_s": encoder.window_s, "hop_s": encoder.hop_s}
    embeddings.register_pipeline(catalog, encoder.pipeline, role="sound", meta=seconds)
    todo = embeddings.missing(catalog, encoder.pipeline, "sound")
    failed: list[Failed] = []
    jobs = max(1, min(jobs, len(todo) // WORTH_A_WORKER))
    results = elsewhere(todo) if elsewhere else _embedded(encoder, todo, jobs=jobs)
    with _Keeper(catalog, encoder.pipeline) as keeper:
        for song, result in results:
            path = path_of(song)
            if isinstance(result, NewWaveError):
                failed.append(Failed(path, str(result)))
                if os.access(path, os.R_OK):
                    unembedded.record(catalog, encoder.pipeline, song.content_hash, str(result))
            else:
                windows, track = result.halves()
                keeper.add(Embedding(song.content_hash, windows, track))
            progress(1, path.name)
    return failed


def embed_words(
    catalog: Catalog, encoder: WordsEncoder, *, progress: Progress = lambda n, name: None
) -> None:
    """Embed the lyrics and captions of every song whose words this encoder's pipeline has not embedded."""
    embeddings.register_pipeline(catalog, encoder.pipeline, role="words")
    todo = iter(embeddings.missing(catalog, encoder.pipeline, "words"))
    while batch := list(islice(todo, WORDS_BATCH)):
        hashes = {song.song_id: song.content_hash for song in batch}
        texts = texts_for_words(catalog, list(hashes))
        pieces = [(hashes[song_id], parts(lyrics, captions)) for song_id, lyrics, captions in texts]
        embeddings.put_many(catalog, encoder.pipeline, _read(encoder, pieces))
        progress(len(batch), "")


def _embedded(
    encoder: SoundEncoder, songs: Sequence[Missing], *, jobs: int
) -> Iterator[tuple[Missing, TrackVectors | NewWaveError]]:
    """The songs with their vectors or what is wrong with them, by this process."""
    if isinstance(encoder, PcmEncoder) and encoder.pcm_batch:
        return embed_on_card.embedded(encoder, songs, jobs=jobs)
    return one_by_one(encoder, songs, jobs=jobs)


def _read(encoder: WordsEncoder, pieces: Sequence[tuple[str, Sequence[Part]]]) -> list[Embedding]:
    """Embeddings of songs by content hash; the parts of all of them are encoded as one batch."""
    texts = [part.text for _, song in pieces for part in song]
    vectors = encoder.encode_lyrics(texts).astype(np.float16)  # (parts of all songs, dimensions)
    rows = []
    start = 0
    for content_hash, song in pieces:
        if not song:
            continue
        own = vectors[start : start + len(song)]
        start += len(song)
        labels = [part.label() for part in song]
        # The first part is the whole text, which stands for the song.
        rows.append(Embedding(content_hash, own, own[0], labels))
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
