"""`shards`: any parquet files with sound in them, by the usual names of columns; here or on the hub."""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Any

from catalog.data_sets import DataSet, Place, SourceInfo, clips_of, opened_store
from catalog.errors import WrongUse
from catalog.records import Caption, Clip
from catalog.shards.stream import Row, Stream

INFO = SourceInfo(
    title="parquet files", needs="a folder of parquet files, owner/name on the hub, or an https address"
)

AUDIO = ("audio", "path", "file", "mp3", "sound")
_IDS = ("id", "track_id", "ytid", "song_id", "jamendo_id")
_CAPTIONS = ("caption", "captions", "text", "description", "pseudo_caption", "main_caption")
_TAGS = ("tags", "tag_list", "aspect_list", "genres", "genre", "moods", "mood", "instruments")
_PLAIN = {
    "title": ("title", "name", "track_name"),
    "artist": ("artist", "artist_name"),
    "album": ("album", "album_name", "release"),
    "license": ("license", "license_ccurl", "licence"),
    "language": ("language", "lang"),
    "duration_s": ("duration", "duration_s", "seconds"),
    "year": ("year",),
    "lyrics": ("lyrics", "lyric"),
    "artist_id": ("artist_id",),
}


def clips(place: Place) -> Iterator[Clip]:
    """Every row of the shards as a clip."""
    yield from clips_of(opened(place), place)


@contextmanager
def opened(place: Place, *, seed: int | None = None, rank: int = 0, world: int = 1) -> Iterator[DataSet]:
    """The rows of the shards that `place` names. Raises SourceError, and WrongUse where it names none."""
    if len(place.named) != 1:
        raise WrongUse(f"`shards` wants {INFO.needs}.", try_this="nw ingest shards FOLDER    (or owner/name)")
    with opened_store(place.named[0], place) as store:
        stream = Stream(store, seed=seed, rank=rank, world=world, on_lost=place.on_lost)
        yield DataSet(stream, clip_of, place.exclude)


def clip_of(row: Row) -> Clip:
    """A row as a clip, by the usual names of columns."""
    return clip_from(row.values, row.place)


def clip_from(row: Mapping[str, Any], place: str) -> Clip:
    """The values of a row as a clip; `place` is its id where no column has one."""
    values = {name.casefold(): value for name, value in row.items()}
    audio, name = sound_in(values)
    ids = [str(values[column]) for column in _IDS if values.get(column) not in (None, "")]
    ids += [stem] if (stem := PurePosixPath(name).stem) else []
    given = ids[0] if ids else place
    plain = {field: _first(values, names) for field, names in _PLAIN.items()}
    song = {field: value for field, value in plain.items() if value not in (None, "")}
    tags = tuple(dict.fromkeys(tag for column in _TAGS for tag in _tags_in(values.get(column))))
    texts = (str(text) for column in _CAPTIONS for text in _listed(values.get(column)) if text)
    captions = tuple(Caption(text, origin="shards") for text in texts)
    return Clip(given, audio, captions, song | {"tags": tags}, aliases=tuple(ids[1:]))


def sound_in(values: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """The encoded sound of a row and the name of its file: {bytes, path} as `datasets` keeps it, or bytes."""
    for column in (*AUDIO, *values):
        value = values.get(column)
        if isinstance(value, Mapping) and "bytes" in value:
            return value["bytes"], str(value.get("path") or "")
        if isinstance(value, bytes):
            return value, ""
    return None, ""


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _tags_in(value: Any) -> list[str]:
    """Tags as a list, as a list that is written as text, or as text with separators.

    >>> _tags_in("['low quality', 'sad']"), _tags_in("rock; pop"), _tags_in(["a"]), _tags_in(None)
    (['low quality', 'sad'], ['rock', 'pop'], ['a'], [])
    """
    if isinstance(value, str):
        with suppress(ValueError, SyntaxError):
            value = ast.literal_eval(value) if value.startswith("[") else re.split(r"[;,|\t]", value)
    return [str(tag).strip() for tag in _listed(value) if str(tag).strip()]
