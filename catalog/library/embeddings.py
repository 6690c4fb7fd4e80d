"""Vectors in the catalog, by (content, pipeline): window vectors and a track vector, float16.

Content is a song's sound (`audio_hash`) or its words (`words_hash`), so a file that was moved or tagged
anew keeps its vectors, and two copies of one recording are embedded once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Incompatible, NotReady
from catalog.library.database import Catalog, as_parameter

Halves = NDArray[np.float16]
Role = Literal["sound", "words"]

_HASH = {"sound": "audio_hash", "words": "words_hash"}
"""The column of a song that says what its content is."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Content without vectors: a song that has it, its hash, and (for sound) where to hear it."""

    song_id: int
    content_hash: str
    path: Path | None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Embedding:
    """The vectors of one content: windows (parts, dimensions), track (dimensions,).

    `labels` says what each part is, where its place in the row does not: any JSON value a part.
    """

    content_hash: str
    windows: Halves
    track: Halves
    labels: Sequence[Any] | None = None


def register_pipeline(
    catalog: Catalog, pipeline: str, *, role: Role, meta: Mapping[str, Any] | None = None
) -> None:
    """Make a pipeline known; again is fine. Raises Incompatible where it had another role."""
    with catalog.transaction():
        for (role_here,) in catalog.fetch("SELECT role FROM pipelines WHERE name = ?", (pipeline,)):
            if role_here != role:
                raise Incompatible(
                    f"pipeline {pipeline} embeds {role_here} here, so it cannot embed {role}.",
                    try_this="nw models    (lists encoders and their pipelines)",
                )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        as_json = json.dumps(dict(meta or {}))
        catalog.execute(
            "INSERT INTO pipelines (name, role, meta, added_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET meta = excluded.meta",
            (pipeline, role, as_json, now),
        )


def pipelines(catalog: Catalog) -> list[tuple[str, Role, dict[str, Any], int]]:
    """(name, role, meta, contents embedded) of every pipeline."""
    rows = catalog.fetch(
        "SELECT name, role, meta, (SELECT count(*) FROM embeddings WHERE pipeline_id = p.id) FROM pipelines p"
    )
    found = []
    for name, role, meta, contents in rows:
        found.append((name, role, json.loads(meta), contents))
    return found


def is_registered(catalog: Catalog, pipeline: str) -> bool:
    """Whether anything was ever to be embedded with this pipeline."""
    return bool(_registered(catalog, pipeline))


def role_of(catalog: Catalog, pipeline: str) -> Role:
    """What a pipeline embeds."""
    _, role = _pipeline(catalog, pipeline)
    return role


def dimensions(catalog: Catalog, pipeline: str) -> int | None:
    """How many numbers a vector of a pipeline has; None before the first one."""
    pipeline_id, _ = _pipeline(catalog, pipeline)
    found = catalog.fetch("SELECT track FROM embeddings WHERE pipeline_id = ? LIMIT 1", (pipeline_id,))
    return len(_decoded([(0, found[0][0])])[1][0]) if found else None


def has(catalog: Catalog, pipeline: str, content_hash: str) -> bool:
    """Whether a content has vectors of this pipeline."""
    pipeline_id, _ = _pipeline(catalog, pipeline)
    of_content = (pipeline_id, content_hash)
    return bool(
        catalog.fetch("SELECT 1 FROM embeddings WHERE pipeline_id = ? AND content_hash = ?", of_content)
    )


def missing(catalog: Catalog, pipeline: str, role: Role) -> list[Missing]:
    """What this pipeline has still to embed, each content once, in the order of song ids.

    For "sound": songs whose file is there. For "words": songs with lyrics or captions. What could not be
    embedded before (`catalog.library.unembedded`) is not among them.
    """
    of_pipeline = "WHERE pipeline_id = (SELECT id FROM pipelines WHERE name = ?)"
    # A column of ours, never a user's text: so it may stand in the statement.
    content = _HASH[role]
    conditions = [
        f"{content} IS NOT NULL",
        f"{content} NOT IN (SELECT content_hash FROM embeddings {of_pipeline})",
        f"{content} NOT IN (SELECT content_hash FROM unembedded {of_pipeline})",
    ]
    if role == "sound":
        conditions.append("path IS NOT NULL AND missing = 0")
    fulfilled = " AND ".join(conditions)
    # With one min() SQLite takes the other columns from the row that has it: its path is that song's.
    rows = catalog.fetch(
        f"SELECT min(id), {content}, path, duration_s FROM songs WHERE {fulfilled}"
        f" GROUP BY {content} ORDER BY min(id)",
        (pipeline, pipeline),
    )
    found = []
    for song_id, digest, name, seconds in rows:
        path = Path(name) if name else None
        found.append(Missing(song_id, digest, path, seconds))
    return found


def put_many(catalog: Catalog, pipeline: str, rows: Iterable[Embedding]) -> None:
    """Keep vectors, all or none; what was there for the same content is replaced.

    Raises NotReady for a pipeline that is not registered and ValueError for shapes that do not fit or
    values that are not finite.
    """
    with catalog.transaction():
        pipeline_id, _ = _pipeline(catalog, pipeline)
        for row in rows:
            check(row)
            catalog.execute(
                "DELETE FROM embedding_windows WHERE embedding_id IN"
                " (SELECT id FROM embeddings WHERE pipeline_id = ? AND content_hash = ?)",
                (pipeline_id, row.content_hash),
            )
            catalog.execute(
                "DELETE FROM embeddings WHERE pipeline_id = ? AND content_hash = ?",
                (pipeline_id, row.content_hash),
            )
            # Windows in a table of their own: an index reads every track vector and few of the windows,
            # and rows of a megabyte between them would be read through as well.
            track = pipeline_id, row.content_hash, len(row.windows), _bytes(row.track)
            cursor = catalog.execute(
                "INSERT INTO embeddings (pipeline_id, content_hash, parts, track) VALUES (?, ?, ?, ?)", track
            )
            labels = None
            if row.labels is not None:
                labels = json.dumps(list(row.labels))
            windows = cursor.lastrowid, _bytes(row.windows), labels
            catalog.execute("INSERT INTO embedding_windows VALUES (?, ?, ?)", windows)


def tracks(catalog: Catalog, pipeline: str) -> tuple[NDArray[np.int64], Halves]:
    """Track vectors of all songs: ids int64 (songs,) ascending, vectors float16 (songs, dimensions)."""
    blocks = list(track_blocks(catalog, pipeline))
    if not blocks:
        return _no_tracks()
    ids, vectors = zip(*blocks, strict=True)
    return np.concatenate(ids), np.concatenate(vectors)


def track_blocks(
    catalog: Catalog, pipeline: str, *, rows: int = 10_000
) -> Iterator[tuple[NDArray[np.int64], Halves]]:
    """As `tracks`, in blocks of so many rows, for libraries that do not fit in memory."""
    pipeline_id, role = _pipeline(catalog, pipeline)
    # By id and not by OFFSET, which would count through all rows before.
    statement = (
        "SELECT s.id, e.track FROM songs s JOIN embeddings e"
        f" ON e.content_hash = s.{_HASH[role]} AND e.pipeline_id = ? WHERE s.id > ? ORDER BY s.id LIMIT ?"
    )
    last = -1
    while found := catalog.fetch(statement, (pipeline_id, last, rows)):
        last, _ = found[-1]
        yield _decoded(found)


def _decoded(rows: Sequence[tuple[int, bytes]]) -> tuple[NDArray[np.int64], Halves]:
    """(song, bytes of its track vector) to ids (songs,) and vectors (songs, dimensions)."""
    ids, tracks = zip(*rows, strict=True)
    vectors = np.frombuffer(b"".join(tracks), np.float16)
    return np.array(ids, np.int64), vectors.reshape(len(rows), -1)


def _no_tracks() -> tuple[NDArray[np.int64], Halves]:
    no_ids = np.empty(0, np.int64)
    return no_ids, np.empty((0, 0), np.float16)


def tracks_of(catalog: Catalog, pipeline: str, song_ids: Iterable[int]) -> tuple[NDArray[np.int64], Halves]:
    """As `tracks`, of these songs alone; those without a vector are left out."""
    pipeline_id, role = _pipeline(catalog, pipeline)
    # As JSON: a statement takes 32,766 values and no more.
    wanted = as_parameter(song_ids)
    found = catalog.fetch(
        "SELECT s.id, e.track FROM json_each(?) wanted CROSS JOIN songs s ON s.id = wanted.value"
        f" CROSS JOIN embeddings e ON e.content_hash = s.{_HASH[role]} AND e.pipeline_id = ? ORDER BY s.id",
        (wanted, pipeline_id),
    )
    if not found:
        return _no_tracks()
    return _decoded(found)


def windows(catalog: Catalog, pipeline: str, song_ids: Iterable[int]) -> dict[int, Halves]:
    """Window vectors (parts, dimensions) of these songs; songs without vectors are left out."""
    labeled = labeled_windows(catalog, pipeline, song_ids)
    return {song_id: vectors for song_id, (vectors, _) in labeled.items()}


def labeled_windows(
    catalog: Catalog, pipeline: str, song_ids: Iterable[int]
) -> dict[int, tuple[Halves, list[Any] | None]]:
    """As `windows`, each with its labels (or None)."""
    pipeline_id, role = _pipeline(catalog, pipeline)
    wanted = as_parameter(song_ids)
    rows = catalog.fetch(
        # CROSS JOIN keeps the order: SQLite would rather begin with every vector of the pipeline.
        "SELECT s.id, e.parts, w.vectors, w.labels FROM json_each(?) wanted"
        " CROSS JOIN songs s ON s.id = wanted.value"
        f" CROSS JOIN embeddings e ON e.content_hash = s.{_HASH[role]} AND e.pipeline_id = ?"
        " CROSS JOIN embedding_windows w ON w.embedding_id = e.id",
        (wanted, pipeline_id),
    )
    found = {}
    for song_id, parts, content, labels in rows:
        vectors = np.frombuffer(content, np.float16)
        said = json.loads(labels) if labels else None
        found[song_id] = vectors.reshape(parts, -1), said
    return found


def all_of(catalog: Catalog, pipeline: str) -> Iterator[Embedding]:
    """Every content that a pipeline has embedded, one by one."""
    pipeline_id, _ = _pipeline(catalog, pipeline)
    rows = catalog.rows(
        "SELECT e.content_hash, e.parts, e.track, w.vectors, w.labels FROM embeddings e"
        " JOIN embedding_windows w ON w.embedding_id = e.id WHERE e.pipeline_id = ? ORDER BY e.id",
        (pipeline_id,),
    )
    for content_hash, parts, track_bytes, window_bytes, labels in rows:
        windows = np.frombuffer(window_bytes, np.float16)
        track = np.frombuffer(track_bytes, np.float16)
        said = json.loads(labels) if labels else None
        yield Embedding(content_hash, windows.reshape(parts, -1), track, said)


def longer_than(catalog: Catalog, pipeline: str, parts: int) -> list[tuple[int, int]]:
    """(song, parts) of the songs whose words have more parts than that; none for a pipeline without any."""
    rows = catalog.fetch(
        f"SELECT s.id, e.parts FROM embeddings e JOIN songs s ON s.{_HASH['words']} = e.content_hash"
        " WHERE e.parts > ? AND e.pipeline_id = (SELECT id FROM pipelines WHERE name = ?) ORDER BY s.id",
        (parts, pipeline),
    )
    return list(rows)


def embedded_by(catalog: Catalog, song_id: int) -> list[tuple[str, Role, int]]:
    """(pipeline, role, parts) of the vectors that a song has."""
    rows = catalog.fetch(
        "SELECT p.name, p.role, e.parts FROM songs s JOIN pipelines p"
        " JOIN embeddings e ON e.pipeline_id = p.id"
        " AND e.content_hash = CASE p.role WHEN 'sound' THEN s.audio_hash ELSE s.words_hash END"
        " WHERE s.id = ?",
        (song_id,),
    )
    return [(name, role, parts) for name, role, parts in rows]


def with_content(catalog: Catalog, role: str) -> int:
    """How many songs have what a role embeds; one that fuses others needs a sound."""
    content = _HASH.get(role, "audio_hash")
    return int(catalog.fetch(f"SELECT count(*) FROM songs WHERE {content} IS NOT NULL")[0][0])


def forget_gone(catalog: Catalog) -> int:
    """Drop the vectors of contents that no song has any more; returns how many."""
    gone = (
        "SELECT id FROM embeddings e WHERE NOT EXISTS (SELECT 1 FROM songs WHERE audio_hash = e.content_hash)"
    )
    gone += " AND NOT EXISTS (SELECT 1 FROM songs WHERE words_hash = e.content_hash)"
    with catalog.transaction():
        catalog.execute(f"DELETE FROM embedding_windows WHERE embedding_id IN ({gone})")
        return catalog.execute(f"DELETE FROM embeddings WHERE id IN ({gone})").rowcount


def _pipeline(catalog: Catalog, pipeline: str) -> tuple[int, Role]:
    """Its number in the catalog, and what it embeds. Raises NotReady for one that is not registered."""
    found = _registered(catalog, pipeline)
    if not found:
        raise NotReady(f"nothing was embedded with {pipeline} yet.", try_this="nw index")
    return found[0]


def _registered(catalog: Catalog, pipeline: str) -> list[tuple[int, Role]]:
    """The number and role of a pipeline; empty where it is not registered."""
    rows = catalog.fetch("SELECT id, role FROM pipelines WHERE name = ?", (pipeline,))
    return [(number, role) for number, role in rows]


def check(row: Embedding) -> None:
    """Raise ValueError for vectors that no search could use."""
    windows, track = row.windows, row.track
    has_rows = windows.ndim == 2 and len(windows) > 0
    if not has_rows or track.shape != windows.shape[1:]:
        raise ValueError(f"windows {windows.shape} and track {track.shape} do not belong together")
    for vectors in (windows, track):
        if not np.isfinite(vectors).all():  # one NaN is at every cosine with it, and sorts anywhere
            raise ValueError(f"the vectors of {row.content_hash} are not all finite")


def _bytes(vectors: Halves) -> bytes:
    return np.ascontiguousarray(vectors, np.float16).tobytes()
