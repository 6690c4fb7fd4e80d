"""A catalog as Parquet, and back: songs with all that is said of them, and vectors with what made them.

`songs.parquet` has a row a song, `embeddings.parquet` a row for each content and pipeline; the schemas
below say what the columns are. Songs meet by the hash of their sound, so vectors are made once and
carried to any machine that has the same files.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.atomic import clear_leftovers, folder_written_aside
from catalog.errors import Unreadable, WrongUse
from catalog.exchange.rows import (
    AGAIN,
    EmbeddingRow,
    OddRow,
    SongRow,
    check_columns,
    embedding_row,
    song_row,
)
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.precedence import FILE_ORIGINS
from catalog.own_files import own_file
from catalog.values.columns import text_of

SONGS, EMBEDDINGS = "songs.parquet", "embeddings.parquet"
BATCH = 500
"""Songs or contents in memory at once."""

_TEXTS = ("title", "artist", "album", "genre", "license", "language", "source", "source_id", "format")
_NUMBERS = ("year", "duration_s", "rate_hz", "channels")

# Arrow's types by what they hold here.
_TEXT = pa.string()
_JSON = pa.string()
_COUNT = pa.int64()
_SECONDS = pa.float64()
_VECTOR = pa.list_(pa.float32())
_TAG = pa.struct([("tag", _TEXT), ("origin", _TEXT)])
_LINE = pa.struct([("text", _TEXT), ("start_s", _SECONDS)])
_CAPTION = pa.struct([("text", _TEXT), ("start_s", _SECONDS), ("end_s", _SECONDS), ("origin", _TEXT)])

_TOLD = [(name, _TEXT) for name in _TEXTS]
SONG_SCHEMA = pa.schema(
    [
        ("audio_hash", _TEXT),  # of the encoded sound; null where the song has none
        *_TOLD,
        ("year", _COUNT),
        ("duration_s", _SECONDS),
        ("rate_hz", _COUNT),
        ("channels", _COUNT),
        ("extra", _JSON),  # an object
        ("origins", _JSON),  # an object: field -> who said so
        ("tags", pa.list_(_TAG)),
        ("lyrics", pa.list_(_LINE)),
        ("captions", pa.list_(_CAPTION)),
    ]
)
EMBEDDING_SCHEMA = pa.schema(
    [
        ("content_hash", _TEXT),  # the audio_hash of songs, or the hash of their words
        ("pipeline", _TEXT),  # vectors of two pipelines are never compared
        ("role", _TEXT),  # sound or words
        ("meta", _JSON),  # an object: window_s, hop_s, ...
        ("labels", _JSON),  # a list: what each part is, or null
        ("track", _VECTOR),  # (dimensions,), length 1
        ("windows", pa.list_(_VECTOR)),  # (parts, dimensions)
    ]
)


@dataclass(slots=True)
class Exchanged:
    """How much went over: songs, of them new and known, and vectors; `odd`: rows that did not, and why."""

    songs: int = 0
    new: int = 0
    known: int = 0
    embeddings: int = 0
    odd: list[str] = field(default_factory=list)


def export(catalog: Catalog, folder: Path) -> Exchanged:
    """Write the catalog into a new folder, whole or not at all. Raises WrongUse where the folder exists."""
    done = Exchanged()
    try:
        if folder.exists():
            raise FileExistsError
        clear_leftovers(folder.parent)
        with folder_written_aside(folder) as aside:
            song_rows = _song_rows(catalog)
            done.songs = _write(aside / SONGS, SONG_SCHEMA, song_rows)
            embedding_rows = _embedding_rows(catalog)
            done.embeddings = _write(aside / EMBEDDINGS, EMBEDDING_SCHEMA, embedding_rows)
    except FileExistsError as error:  # another export may have been as fast
        raise WrongUse(
            f"{folder} exists, and an export never writes over anything.",
            try_this="nw catalog export FOLDER    (one that does not exist yet)",
        ) from error
    return done


def take_in(catalog: Catalog, folder: Path, *, progress: Callable[[int], None] = lambda n: None) -> Exchanged:
    """Merge an export: songs meet by their sound, what is said joins what was said here, vectors are kept.

    What this machine's files say of a song stays as it is. A song whose sound is not here is kept without a
    file; `nw ingest` gives it one when that sound turns up. An odd row costs itself. Raises Unreadable for
    what is no export.
    """
    done = Exchanged()

    def keep_song(row: dict[str, Any]) -> None:
        _merge(catalog, song_row(row), done)

    def keep_embedding(row: dict[str, Any]) -> None:
        _keep_embedding(catalog, embedding_row(row), done)

    files: list[tuple[Path, pa.Schema, Callable[[dict[str, Any]], None]]] = [
        (folder / SONGS, SONG_SCHEMA, keep_song),
        (folder / EMBEDDINGS, EMBEDDING_SCHEMA, keep_embedding),
    ]
    for path, schema, _ in files:  # both, before anything of either is taken in
        _checked(path, schema)
    for path, schema, keep in files:
        for batch in _rows(path, schema):
            with catalog.transaction():
                for number, row in batch:
                    try:
                        keep(row)
                    except OddRow as odd:
                        done.odd.append(f"row {number} of {path.name}: {odd}")
            progress(len(batch))
    return done


def _write(path: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> int:
    """Write rows into a Parquet file, a batch at a time, and say how many there were."""
    count = 0
    options: dict[str, Any] = {"compression": "zstd"}
    if schema is EMBEDDING_SCHEMA:
        # Halves as floats have empty low bytes: split into streams they cost little more than halves.
        options["use_byte_stream_split"] = ["track.list.element", "windows.list.element.list.element"]
        options["use_dictionary"] = False  # where there is one, it is taken in place of split streams
    with pq.ParquetWriter(path, schema, **options) as writer:
        while batch := list(islice(rows, BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def _song_rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Every song as a row of SONG_SCHEMA."""
    for song in songs.iterate(catalog, light=False):
        [(audio_hash,)] = catalog.fetch("SELECT audio_hash FROM songs WHERE id = ?", (song.id,))
        told = catalog.fetch(
            "SELECT tag, origin FROM tags WHERE song_id = ? ORDER BY tag, origin", (song.id,)
        )
        row: dict[str, Any] = {"audio_hash": audio_hash}
        for name in (*_TEXTS, *_NUMBERS):
            row[name] = getattr(song, name)
        row["extra"] = json.dumps(song.extra)
        row["origins"] = json.dumps(song.origins)
        row["tags"] = [{"tag": tag, "origin": origin} for tag, origin in told]
        row["lyrics"] = [asdict(line) for line in song.lyrics]
        row["captions"] = [asdict(caption) for caption in song.captions]
        yield row


def _embedding_rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Every vector as a row of EMBEDDING_SCHEMA."""
    for pipeline, role, meta, _ in embeddings.pipelines(catalog):
        for row in embeddings.all_of(catalog, pipeline):
            labels = None
            if row.labels is not None:
                labels = json.dumps(list(row.labels))
            # As floats: few programs that read Parquet know halves.
            track = row.track.astype(np.float32)
            windows = row.windows.astype(np.float32)
            yield {
                "content_hash": row.content_hash,
                "pipeline": pipeline,
                "role": role,
                "meta": json.dumps(meta),
                "labels": labels,
                "track": track,
                "windows": list(windows),
            }


def _checked(path: Path, schema: pa.Schema) -> None:
    """Raise Unreadable where a file is no such file of an export, before any of its rows is read."""
    with _opened(path) as file:
        check_columns(path, file.schema_arrow, schema)


def _rows(path: Path, schema: pa.Schema) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """The rows of a file of an export with their numbers, from 1 on, a batch at a time. Raises Unreadable."""
    numbers = count(1)
    with _opened(path) as file:
        for batch in file.iter_batches(BATCH, columns=schema.names):
            yield list(zip(numbers, batch.to_pylist(), strict=False))


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(own_file(path)) as file:
            yield file
    except (OSError, pa.ArrowException, ValueError) as error:
        raise Unreadable(f"{path} cannot be read ({error}).", try_this=AGAIN) from error


def _merge(catalog: Catalog, song: SongRow, done: Exchanged) -> None:
    """Let a song of the export join the one here with its sound, or become a new one."""
    done.songs += 1
    audio_hash = song.sound["audio_hash"]
    here = []
    if audio_hash:
        here = catalog.fetch("SELECT id FROM songs WHERE audio_hash = ?", (audio_hash,))
    if here:
        # What files say is said by the files that lie here, and by no others.
        said_elsewhere = [fact for fact in song.facts if fact.origin not in FILE_ORIGINS]
        for (song_id,) in here:  # several copies may have one sound
            songs.add_or_update(catalog, said_elsewhere, song_id=song_id)
        done.known += 1
        return
    # An id of a data set that has another sound here is another song.
    song_id = _of_its_id(catalog, song)
    if song_id is None:
        song_id = songs.insert(catalog)
        done.new += 1
    songs.add_or_update(catalog, song.facts, song_id=song_id)
    if audio_hash:
        # What is known of a sound whose file is not here: `nw ingest` finds the song by this hash.
        assignments = ", ".join(f"{name} = ?" for name in song.sound)
        values = (*song.sound.values(), song_id)
        catalog.execute(f"UPDATE songs SET {assignments} WHERE id = ?", values)


def _of_its_id(catalog: Catalog, song: SongRow) -> int | None:
    """The song here with that id of a data set; for one with a sound, only where the sound is not known."""
    source = text_of(song.told.get("source"))
    source_id = text_of(song.told.get("source_id"))
    silent = "AND audio_hash IS NULL" if song.sound["audio_hash"] else ""
    found = catalog.fetch(
        f"SELECT id FROM songs WHERE source = ? AND source_id = ? AND source_id <> '' {silent} ORDER BY id",
        (source, source_id),
    )
    return int(found[0][0]) if found else None


def _keep_embedding(catalog: Catalog, row: EmbeddingRow, done: Exchanged) -> None:
    """Keep a vector under its content and the pipeline that made it; what is here of either stays."""
    pipeline, content_hash = row.pipeline, row.embedding.content_hash
    if not embeddings.is_registered(catalog, pipeline):
        embeddings.register_pipeline(catalog, pipeline, role=row.role, meta=row.meta)
    role = embeddings.role_of(catalog, pipeline)
    here = embeddings.dimensions(catalog, pipeline)
    there = len(row.embedding.track)
    if role != row.role:
        raise OddRow(f"{pipeline} embeds {role} here, and {row.role} there")
    if here not in (None, there):
        raise OddRow(f"vectors of {pipeline} have {here} numbers here, and {there} there")
    if not embeddings.has(catalog, pipeline, content_hash):
        embeddings.put_many(catalog, pipeline, [row.embedding])
    done.embeddings += 1
