"""Rows of an export as they are read back: each as its columns promise, or what is odd about it."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from catalog.errors import Unreadable
from catalog.library import embeddings
from catalog.library.embeddings import Embedding, Halves
from catalog.library.precedence import DETECTED, FIELDS
from catalog.records import Caption, Facts, Line
from catalog.values.columns import seconds_of, text_of
from catalog.values.numbers import counted

AGAIN = "nw catalog export FOLDER    (makes one)"


class OddRow(Exception):
    """A row that cannot be taken in, and why."""


@dataclass(frozen=True, slots=True)
class SongRow:
    """What is said of a song, and what is known of its sound: columns of `songs`, by name."""

    facts: list[Facts]
    sound: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """Every single value that somebody said."""
        values: dict[str, Any] = {}
        for fact in self.facts:
            values |= fact.values
        return values


@dataclass(frozen=True, slots=True)
class EmbeddingRow:
    """Vectors and the pipeline that made them."""

    pipeline: str
    role: embeddings.Role
    meta: dict[str, Any]
    embedding: Embedding


def check_columns(path: Path, found: pa.Schema, wanted: pa.Schema) -> None:
    """Raise Unreadable for columns that are missing, are there twice or hold something else."""
    missing = sorted(set(wanted.names) - set(found.names))
    if missing:
        raise Unreadable(
            f"{path} lacks the columns {', '.join(missing)}, so it is no export of nw.", try_this=AGAIN
        )
    for field in wanted:
        for at in found.get_all_field_indices(field.name):
            there = found.field(at).type
            if not _fits(there, field.type):
                raise Unreadable(
                    f"{path} is no export of nw: its column {field.name} holds {there}, not {field.type}.",
                    try_this=AGAIN,
                )


_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
_NUMBERS = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column may be read as another: the same kind of thing, however it is laid out."""
    kinds = pa.types
    if kinds.is_dictionary(found):
        found = found.value_type
    if kinds.is_null(found):
        return True
    if kinds.is_struct(wanted):
        if not kinds.is_struct(found):
            return False
        there = {field.name: field.type for field in found}
        return all(field.name in there and _fits(there[field.name], field.type) for field in wanted)
    if kinds.is_list(wanted):
        is_list = any(is_one(found) for is_one in _LISTS)
        return is_list and _fits(found.value_type, wanted.value_type)
    likes = _TEXTS if kinds.is_string(wanted) else _NUMBERS
    return any(is_one(found) for is_one in likes)


def song_row(row: Mapping[str, Any]) -> SongRow:
    """What a row of songs says. Raises OddRow."""
    sound = {
        "audio_hash": text_of(row["audio_hash"]) or None,
        "duration_s": seconds_of(row["duration_s"]),
        "rate_hz": _count(row["rate_hz"]),
        "channels": _count(row["channels"]),
        "format": text_of(row["format"]),
    }
    return SongRow(_facts(row), sound)


def embedding_row(row: Mapping[str, Any]) -> EmbeddingRow:
    """The vectors of a row. Raises OddRow."""
    pipeline, content_hash, role = text_of(row["pipeline"]), text_of(row["content_hash"]), row["role"]
    if not pipeline or not content_hash:
        raise OddRow("does not say which vectors they are")
    if role not in get_args(embeddings.Role):
        raise OddRow(f"embeds {role}, which is none of {', '.join(get_args(embeddings.Role))}")
    windows = _halves(row["windows"])  # (parts, dimensions)
    track = _halves(row["track"])  # (dimensions,)
    labels = _json(row, "labels", list)
    embedding = Embedding(content_hash, windows, track, labels)
    try:
        embeddings.check(embedding)
    except ValueError as error:
        raise OddRow(str(error)) from error
    if labels is not None and len(labels) != len(windows):
        raise OddRow(f"has {counted(len(labels), 'label')} for {counted(len(windows), 'window')}")
    length = float(np.linalg.norm(track.astype(np.float32)))
    if length and abs(length - 1) > 0.1:  # 0: windows that cancel each other
        raise OddRow(f"its track vector has the length {length:.3g}, not 1")
    return EmbeddingRow(pipeline, role, _object(row, "meta"), embedding)


def _facts(row: Mapping[str, Any]) -> list[Facts]:
    """What each origin said, as it was told to the catalog that was exported."""
    origins = _object(row, "origins")  # field -> who said so
    # Tags and captions may be several, by several: each has an origin of its own.
    named = [*origins.values()]
    for one in (*_parts(row, "tags"), *_parts(row, "captions")):
        named.append(one["origin"])
    if not all(isinstance(origin, str) and origin for origin in named):
        raise OddRow("does not say who said what")
    who = set(named) - {DETECTED}  # a guess is made again where the lyrics arrive
    facts = []
    for origin in sorted(who):
        said = {name for name, by in origins.items() if by == origin}
        facts.append(_said_by(origin, said, row))
    return facts


def _said_by(origin: str, said: AbstractSet[str], row: Mapping[str, Any]) -> Facts:
    """What one origin said. said: the fields it told, as `origins` has them; notes are `extra.NAME` there."""
    values = {name: row[name] for name in FIELDS if name in said}
    tags = [one["tag"] for one in _parts(row, "tags") if one["origin"] == origin]
    captions = []
    for one in _parts(row, "captions"):
        if one["origin"] == origin:
            captions.append(Caption(one["text"] or "", one["start_s"], one["end_s"], origin))
    lyrics = []
    if "lyrics" in said:
        lyrics = [Line(one["text"] or "", one["start_s"]) for one in _parts(row, "lyrics")]
    notes = {}
    for name, value in _object(row, "extra").items():
        if f"extra.{name}" in said:
            notes[name] = value
    return Facts(origin, values, tuple(tags), tuple(lyrics), tuple(captions), notes)


def _parts(row: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The items of a cell that is a list; a null among them is none."""
    return [one for one in row[name] or () if one is not None]


def _json(row: Mapping[str, Any], name: str, kind: type[dict[Any, Any]] | type[list[Any]]) -> Any:
    """What stands in a cell of JSON, None in an empty one. Raises OddRow where it is something else."""
    if not row[name]:
        return None
    try:
        value = json.loads(row[name])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        what = "list" if kind is list else "object"
        raise OddRow(f"{name} holds no JSON {what}: {row[name][:40]!r}")
    return value


def _object(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    values: dict[str, Any] = _json(row, name, dict) or {}
    return values


def _count(value: Any) -> int | None:
    """A whole number above 0 that SQLite can hold; None for anything else."""
    number = seconds_of(value)
    return int(number) if number else None


def _halves(values: Sequence[Any] | None) -> Halves:
    try:
        with np.errstate(over="ignore"):  # what is too large for halves is infinite, which is looked for
            return np.asarray(() if values is None else values, np.float16)
    except (TypeError, ValueError) as error:
        raise OddRow("its windows are not all of one length") from error
