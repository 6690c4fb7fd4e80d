"""A catalog as Parquet, and back: songs with all that is said of them, and vectors with what made them.

`songs.parquet` has a row a song, `embeddings.parquet` a row for each content and pipeline; the schemas
below say what the columns are. Songs meet by the hash of their sound, so vectors are made once and
carried to any machine that has the same files.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.atomic import clear_leftovers, folder_written_aside
from catalog.errors import Unreadable, WrongUse
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding
from catalog.library.precedence import DETECTED, FIELDS, FILE_ORIGINS
from catalog.records import Caption, Facts, Line

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
    """How much went over: songs, of them new and known, and vectors."""

    songs: int = 0
    new: int = 0
    known: int = 0
    embeddings: int = 0


def export(catalog: Catalog, folder: Path) -> Exchanged:
    """Write the catalog into a new folder, whole or not at all. Raises WrongUse where the folder exists."""
    if folder.exists():
        raise WrongUse(
            f"{folder} exists, and an export never writes over anything.",
            try_this="nw catalog export FOLDER    (one that does not exist yet)",
        )
    done = Exchanged()
    clear_leftovers(folder.parent)
    with folder_written_aside(folder) as aside:
        song_rows = _song_rows(catalog)
        done.songs = _write(aside / SONGS, SONG_SCHEMA, song_rows)
        embedding_rows = _embedding_rows(catalog)
        done.embeddings = _write(aside / EMBEDDINGS, EMBEDDING_SCHEMA, embedding_rows)
    return done


def take_in(catalog: Catalog, folder: Path, *, progress: Callable[[int], None] = lambda n: None) -> Exchanged:
    """Merge an export: songs meet by their sound, what is said joins what was said here, vectors are kept.

    What this machine's files say of a song stays as it is. A song whose sound is not here is kept without a
    file; `nw ingest` gives it one when that sound turns up. Raises Unreadable for what is no export.
    """
    done = Exchanged()
    for batch in _read(folder / SONGS, SONG_SCHEMA):
        with catalog.transaction():
            for row in batch:
                _merge(catalog, row, done)
        progress(len(batch))
    for batch in _read(folder / EMBEDDINGS, EMBEDDING_SCHEMA):
        with catalog.transaction():
            for row in batch:
                _keep_embedding(catalog, row)
        done.embeddings += len(batch)
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


def _read(path: Path, schema: pa.Schema) -> Iterator[list[dict[str, Any]]]:
    """The rows of a file of an export, a batch at a time. Raises Unreadable."""
    try:
        with pq.ParquetFile(path) as file:
            there = set(file.schema_arrow.names)
            missing = set(schema.names) - there
            if missing:
                lacking = ", ".join(sorted(missing))
                raise Unreadable(
                    f"{path} lacks the columns {lacking}, so it is no export of nw.",
                    try_this="nw catalog export FOLDER    (makes one)",
                )
            for batch in file.iter_batches(BATCH, columns=schema.names):
                yield batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise Unreadable(
            f"{path} cannot be read ({error}).", try_this="nw catalog export FOLDER    (makes one)"
        ) from error


def _merge(catalog: Catalog, row: Mapping[str, Any], done: Exchanged) -> None:
    """Let a song of the export join the one here with its sound, or become a new one."""
    done.songs += 1
    facts = _facts(row)
    here = []
    if row["audio_hash"]:
        here = catalog.fetch("SELECT id FROM songs WHERE audio_hash = ?", (row["audio_hash"],))
    if here:
        # What files say is said by the files that lie here, and by no others.
        said_elsewhere = [fact for fact in facts if fact.origin not in FILE_ORIGINS]
        for (song_id,) in here:  # several copies may have one sound
            songs.add_or_update(catalog, said_elsewhere, song_id=song_id)
        done.known += 1
        return
    # A song without sound may be known all the same, by its id in a data set: then it is not new.
    before = songs.count(catalog)
    song_id = songs.add_or_update(catalog, facts)
    if songs.count(catalog) > before:
        done.new += 1
    # What is known of a sound whose file is not here: `nw ingest` finds the song by this hash.
    columns = ("audio_hash", "duration_s", "rate_hz", "channels", "format")
    assignments = ", ".join(f"{name} = ?" for name in columns)
    values = [row[name] for name in columns]
    catalog.execute(f"UPDATE songs SET {assignments} WHERE id = ?", (*values, song_id))


def _facts(row: Mapping[str, Any]) -> list[Facts]:
    """What each origin said, as it was told to the catalog that was exported."""
    origins = _loaded(row["origins"])  # field -> who said so
    tags = row["tags"] or ()
    captions = row["captions"] or ()
    who = set(origins.values())
    # Tags and captions may be several, by several: each has an origin of its own.
    for one in (*tags, *captions):
        who.add(one["origin"])
    who.discard(DETECTED)  # a guess is made again where the lyrics arrive
    facts = []
    for origin in sorted(who):
        said = {name for name, by in origins.items() if by == origin}
        facts.append(_said_by(origin, said, row))
    return facts


def _said_by(origin: str, said: AbstractSet[str], row: Mapping[str, Any]) -> Facts:
    """What one origin said. said: the fields it told, as `origins` has them; notes are `extra.NAME` there."""
    values = {name: row[name] for name in FIELDS if name in said}
    tags = [one["tag"] for one in row["tags"] or () if one["origin"] == origin]
    captions = [Caption(**one) for one in row["captions"] or () if one["origin"] == origin]
    lyrics = []
    if "lyrics" in said:
        lyrics = [Line(**one) for one in row["lyrics"] or ()]
    notes = {}
    for name, value in _loaded(row["extra"]).items():
        if f"extra.{name}" in said:
            notes[name] = value
    return Facts(origin, values, tuple(tags), tuple(lyrics), tuple(captions), notes)


def _loaded(text: str | None) -> dict[str, Any]:
    """The object in a cell of JSON; an empty one where the cell is empty."""
    values: dict[str, Any] = json.loads(text or "{}")
    return values


def _keep_embedding(catalog: Catalog, row: Mapping[str, Any]) -> None:
    """Keep a vector under its content and the pipeline that made it."""
    windows = np.asarray(row["windows"], np.float16)  # (parts, dimensions)
    track = np.asarray(row["track"], np.float16)  # (dimensions,)
    labels = None
    if row["labels"]:
        labels = json.loads(row["labels"])
    pipeline = row["pipeline"]
    meta = _loaded(row["meta"])
    embeddings.register_pipeline(catalog, pipeline, role=row["role"], meta=meta)
    embedding = Embedding(row["content_hash"], windows, track, labels)
    embeddings.put_many(catalog, pipeline, [embedding])
