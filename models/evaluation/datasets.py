"""What is judged: the songs of a data set as vectors, and the captions that are right for them.

Data sets by name (`song-describer:DIR`, `musiccaps:TABLE,FOLDER`, `jamendo:SHARDS`), any table of audio and
text, and the library itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog import sources
from catalog.data_sets import Place
from catalog.errors import NewWaveError, WrongUse
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.records import Caption, Clip
from catalog.song_index import SongIndex
from catalog.tables import Row as TableRow
from catalog.tables import read_rows
from catalog.vectors import Vectors
from models.evaluation.protocols import Row
from models.indexing.embed_clip import Encoder, vectors_of

_IDS = ("id", "track_id", "ytid", "song_id", "jamendo_id")


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table may call the sound, the lyrics and the words about them: the first that a row has."""

    audio: tuple[str, ...] = (
        *("file", "path", "audio", "audio_path", "file_path", "filename", "file_name", "location"),
    )
    lyrics: tuple[str, ...] = ("lyrics",)
    texts: tuple[str, ...] = ("caption", "captions", "text", "texts", "description", "main_caption")


Progress = Callable[[int, str], None]


@dataclass(slots=True)
class Judged:
    """A data set as an encoder sees it.

    ids: names of the songs. vectors: (parts of all songs, dimensions); starts: (songs,) the first part of
    each. rows: their captions. failed: songs that could not be heard or read, and why: they are counted,
    never scored as silence.
    """

    data: str
    ids: list[str] = field(default_factory=list)
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    rows: list[Row] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def heard(
    encoder: Encoder, clips: Iterator[Clip], data: str, *, progress: Progress = lambda songs, name: None
) -> Judged:
    """Hear (or read) every clip once; captions of clips that share an id come together."""
    judged, places, blocks = Judged(data), dict[str, int](), list[Vectors]()
    lost: set[str] = set()
    for clip in clips:
        if clip.id not in places and clip.id not in lost:
            try:
                vectors = vectors_of(encoder, clip)
            except NewWaveError as problem:
                judged.failed.append((clip.id, str(problem)))
                lost.add(clip.id)
            else:
                places[clip.id] = len(blocks)
                blocks.append(vectors)
                judged.ids.append(str(clip.song.get("title") or clip.id))
            progress(1, clip.id)
        if clip.id in places:
            judged.rows += _rows(places[clip.id], clip.texts)
    return _joined(judged, blocks)


def library(catalog: Catalog, pipeline: str, *, words: bool = False) -> Judged:
    """Songs of the catalog that have captions, by the vectors that `nw index` kept.

    words: judge what the lyrics say; captions are left out of a song's parts, since they are the queries.
    """
    if not words:
        ids, tracks = embeddings.tracks(catalog, pipeline)
        return _captioned(catalog, lambda song: tracks[ids == song].astype(np.float32))

    def of_lyrics(song: int) -> Vectors:
        [(vectors, labels)] = embeddings.labeled_windows(catalog, pipeline, [song]).values() or [((), ())]
        rows = [at for at, label in enumerate(labels or ()) if "lines" in label]
        return np.asarray(vectors, np.float32)[rows] if rows else np.empty((0, 0), np.float32)

    return _captioned(catalog, of_lyrics)


def indexed(catalog: Catalog, index: SongIndex) -> Judged:
    """Songs of the catalog that have captions, by the vectors of an index of sound."""

    def whole(song: int) -> Vectors:
        vector = index.track_embedding(song)
        return np.empty((0, 0), np.float32) if vector is None else vector[None]

    return _captioned(catalog, whole)


def _captioned(catalog: Catalog, vectors: Callable[[int], Vectors]) -> Judged:
    judged, blocks = Judged("library"), list[Vectors]()
    for song in songs.iterate(catalog, light=False):
        if not song.captions:
            continue
        block = vectors(song.id)
        if not len(block):
            judged.failed.append((song.title, "has no vector; nw index makes it"))
            continue
        judged.rows += _rows(len(blocks), song.captions)
        judged.ids.append(song.title)
        blocks.append(block)
    return _joined(judged, blocks)


def _joined(judged: Judged, blocks: list[Vectors]) -> Judged:
    if blocks:
        judged.vectors = np.concatenate(blocks)
        judged.starts = np.cumsum([0, *(len(block) for block in blocks[:-1])])
    return judged


def named(on: str) -> str:
    """The data set that published figures go by, `jamendo:SHARDS` and tables by their own name."""
    name = on.partition(":")[0]
    return name if name in sources.judged() else Path(on).name


def clips(on: str, place: Place, columns: Columns = Columns()) -> Iterator[Clip]:  # noqa: B008 (frozen)
    """The clips of NAME[:PLACE[,PLACE]] or of a table. Raises WrongUse, Unreadable or SourceError.

    place: where shards may lie; what `on` names goes into it. columns: how a table calls its own.
    """
    name, _, given = on.partition(":")
    if name in sources.judged():
        return _clips_of(name, tuple(part for part in given.split(",") if part), place)
    path = Path(on)
    if not path.exists():
        known = ", ".join(sources.judged())
        raise WrongUse(
            f"there is no data set and no file {on!r}; there are: {known}, library, or a table.",
            try_this="nw evaluate mini --on captions.jsonl",
        )
    if path.is_dir() or path.suffix == ".parquet":
        return _clips_of(sources.ANY, (str(path),), place)
    return table(path, columns)


def _clips_of(name: str, named: tuple[str, ...], place: Place) -> Iterator[Clip]:
    """The clips of a data set; where nobody names its files, of the shards that mirror it."""
    source = sources.load(name)
    if not named and source.INFO.mirror:
        source, named = sources.load(sources.ANY), (source.INFO.mirror,)
    return source.clips(replace(place, named=named))


def table(path: Path, columns: Columns = Columns()) -> Iterator[Clip]:  # noqa: B008 (frozen)
    """The rows of a table (CSV, TSV, JSON, …) that name a sound, or lyrics, and words about it.

    Rows with an empty cell there are left out. Raises WrongUse where no row has both.
    """
    found, seen = 0, dict[str, Any]()
    for number, row in enumerate(read_rows(path)):
        values = seen = {name.casefold(): value for name, value in row.items()}
        audio = _first(values, columns.audio)
        lyrics = _first(values, columns.lyrics)
        texts = [text for name in columns.texts for text in _listed(values.get(name))]
        if not texts or not (audio or lyrics):
            continue
        found += 1
        yield Clip(
            str(_first(values, _IDS) or audio or f"row {number}"),
            path.parent / str(audio) if audio else None,
            tuple(Caption(text, origin="table") for text in texts),
            {"title": _first(values, ("title", "name")), "lyrics": lyrics},
        )
    if not found:
        raise WrongUse(
            f"no row of {path} has a sound (or lyrics) and words about it; its columns: {', '.join(seen)}.",
            try_this="nw evaluate … --columns text=NAME,audio=NAME    (or lyrics=NAME)",
        )


def _rows(song: int, captions: Sequence[Caption]) -> list[Row]:
    others = {info.other_captions for info in sources.infos().values() if info.other_captions}
    return [
        Row(song, caption.text.strip(), valid=caption.origin not in others)
        for caption in captions
        if caption.text.strip()
    ]


def _first(values: TableRow, names: tuple[str, ...]) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)


def _listed(value: Any) -> list[str]:
    return [str(v) for v in (value if isinstance(value, list) else [value]) if v not in (None, "")]
