"""`shards`: any parquet files with sound in them, by the usual names of columns; here or on the hub."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, cast

from catalog.audio.samples import encoded
from catalog.data_sets import ROW, DataSet, Place, SourceInfo, clips_of, opened_store
from catalog.errors import WrongUse
from catalog.records import Clip
from catalog.shards.local_store import ShardStore
from catalog.shards.stream import Row, Stream
from catalog.values import vocabulary
from catalog.values.columns import text_of

INFO = SourceInfo(
    title="parquet files", needs="a folder of parquet files, owner/name on the hub, or an https address"
)
COLUMNS_SHOWN, COLUMN_SHOWN = 10, 40
"""Columns of a row that an error names, and characters of each."""
Sound = tuple[bytes | Path | None, str, str]
"""(the encoded sound or its file, what its file is called, why the sound that a row promises is missing)."""


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
        folders, origin = _folders(store), _origin(store)

        def clip(row: Row) -> Clip:
            beside = folders.get(row.shard, ())
            found = clip_from(row.values, row.place, beside=beside)
            song = {**found.song, ROW: f"{origin}:{row.place}"}
            return replace(found, song=song)

        yield DataSet(stream, clip, place.exclude)


def _origin(store: ShardStore) -> str:
    """A short name for the listing that rows are of, which tells no path of this machine."""
    source = store.listing.source
    if store.listing.local:  # ./data here and ./data there are two
        source = str(Path(source).expanduser().absolute())
    as_bytes = source.encode(errors="surrogateescape")
    return hashlib.blake2b(as_bytes, digest_size=4).hexdigest()


def _folders(store: ShardStore) -> dict[str, tuple[Path, ...]]:
    """Where the files lie that a row names, by shard: beside it, or below the folder that was named.

    Only of shards that lie here: what comes from elsewhere may not name files of this machine.
    """
    if not store.listing.local:
        return {}
    found = {}
    for file in store.listing.files:
        path = Path(file.place)
        root = path
        for _ in PurePosixPath(file.name).parts:
            root = root.parent
        folders = dict.fromkeys((path.parent, root))  # one, where the shard lies in the root
        found[file.name] = tuple(folders)
    return found


def clip_from(row: Mapping[str, Any], place: str, *, beside: tuple[Path, ...] = ()) -> Clip:
    """The values of a row as a clip, by the usual names of columns; `place` is its id where it gives none.

    beside: folders where a file lies that the row names in place of the sound.
    """
    cells = vocabulary.plain(row)
    audio, name, trouble = sound_in(cells, beside)
    ids = vocabulary.identifiers(cells)
    stem = PurePosixPath(name).stem
    if stem:
        ids.append(stem)
    song = vocabulary.fields(cells)
    song["tags"] = vocabulary.tags(cells)
    lyrics = vocabulary.lyrics(cells)
    if lyrics:
        song["lyrics"] = lyrics
    for field, names in (("duration_s", vocabulary.DURATIONS), ("artist_id", vocabulary.ARTIST_IDS)):
        value = vocabulary.first(cells, names)
        if value is not None:
            song[field] = value
    captions = vocabulary.captions(cells, "shards")
    says_something = captions or any(song.values())
    if audio is None and not trouble and not says_something:
        there = ", ".join(column[:COLUMN_SHOWN] for column in islice(cells, COLUMNS_SHOWN))
        trouble = f"none of its columns holds a sound or words: {there}"
    [main, *aliases] = ids or [place]
    return Clip(main, audio, captions, song, tuple(aliases), trouble)


def sound_in(cells: Mapping[str, Any], beside: tuple[Path, ...] = ()) -> Sound:
    """The sound of a row: {bytes, path} as `datasets` keeps it, bytes, samples with a rate, or a file.

    A column that is called like sound and holds none is a trouble; a row without such a column has none.
    Pictures and other bytes are no sound: a column counts by its name, any other only as {bytes, path} that
    names a file of sound.
    """
    trouble = ""
    for column in vocabulary.SOUNDS:
        if column not in cells:
            continue
        audio, name, missing = _sound(cells[column], cells, beside)
        if audio is not None:
            return audio, name, missing
        trouble = trouble or missing
    for column, value in cells.items():
        has_meaning = column in vocabulary.TOLD
        if not has_meaning and isinstance(value, Mapping) and _is_sound(value):
            return _sound(value, cells, beside)
    return None, "", trouble


def _is_sound(value: Mapping[str, Any]) -> bool:
    from catalog.files.walk import AUDIO

    if "array" in value:
        return True
    name = text_of(value.get("path"))
    suffix = PurePosixPath(name).suffix.lower()
    may_be_sound = suffix in AUDIO or not suffix  # pictures are {bytes, path} too
    return "bytes" in value and may_be_sound


def _sound(value: Any, cells: Mapping[str, Any], beside: tuple[Path, ...]) -> Sound:
    """The sound in a cell, whatever it is kept as: (sound, name, why there is none)."""
    if isinstance(value, (bytes, memoryview)):
        content = cast(bytes, value)  # or a view of bytes (`Stream.views`), which serves as well
        return (content, "", "") if value else (None, "", "its sound is empty (0 bytes)")
    if isinstance(value, Mapping):
        name = text_of(value.get("path"))
        if value.get("bytes"):
            return value["bytes"], name, ""
        samples = value.get("array")
        if vocabulary.told(samples):
            return _samples(samples, vocabulary.first(value, vocabulary.RATES), name)
        return _file(name, beside) if name else (None, "", "the row holds no sound")
    if isinstance(value, (list, tuple)) and value:
        return _samples(value, vocabulary.first(cells, vocabulary.RATES), "")
    name = text_of(value)
    return _file(name, beside) if name else (None, "", "the row holds no sound")


def _samples(samples: Any, rate: Any, name: str) -> Sound:
    try:
        return encoded(samples, rate), name, ""
    except ValueError as problem:
        return None, name, f"its samples are no sound: {problem}"


def _file(name: str, beside: tuple[Path, ...]) -> Sound:
    """A file that the row names: below the folders beside it, or where an absolute path says."""
    given = Path(name)
    for folder in beside:
        for path in (folder / given, folder / given.name):
            # "../../.ssh/id_ed25519" of a stranger's row is not read; an absolute path is the user's own.
            is_inside = path.resolve().is_relative_to(folder.resolve())
            may_be_read = is_inside or given.is_absolute()
            if may_be_read and path.is_file():
                return path, name, ""
    return None, name, f"there is no file {name} beside the shard, and the row holds no bytes"
