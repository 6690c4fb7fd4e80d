"""Evaluation data sets: where their clips come from.

Data sets by name (`song-describer:DIR`, `musiccaps:TABLE,FOLDER`, `jamendo:SHARDS`), and any table of sound
or lyrics and words about them. What becomes of the clips is in `models.evaluation.gallery`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog import sources
from catalog.data_sets import Place
from catalog.errors import WrongUse
from catalog.records import Clip
from catalog.shards.find import is_remote
from catalog.shards.stream import Lost
from catalog.tables import read_rows
from catalog.values import vocabulary
from catalog.values.columns import text_of


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table calls the sound, the lyrics and the words about them; by default as anywhere in nw."""

    audio: tuple[str, ...] = vocabulary.PATHS
    lyrics: tuple[str, ...] = vocabulary.LYRICS
    texts: tuple[str, ...] = vocabulary.CAPTIONS


def named(on: str) -> str:
    """The data set that published figures go by, `jamendo:SHARDS` and tables by their own name."""
    name, _ = sources.split(on)
    return name if name in sources.judged() else Path(on).name


def clips(on: str, place: Place, columns: Columns = Columns()) -> Iterator[Clip]:  # noqa: B008 (frozen)
    """The clips of NAME[:PLACE[,PLACE]] or of a table. Raises WrongUse, Unreadable or SourceError.

    place: where shards may lie; what `on` names goes into it. columns: how a table calls its own.
    """
    name, files = sources.split(on)
    if name in sources.judged() or name == sources.ANY:
        return _clips_of(name, files, place)
    path = Path(on).expanduser()
    if not name and is_remote(on):
        return _clips_of(sources.ANY, (on,), place)
    if name or not path.exists():
        known = ", ".join(sources.judged())
        raise WrongUse(
            f"there is no data set and no file {on!r} to judge on; there are: {known}, library, a table, or"
            " shards.",
            try_this="nw evaluate mini --on captions.jsonl",
        )
    # Folders and Parquet files are shards, with their sound in them; any other file is a table.
    if path.is_dir() or path.suffix == ".parquet":
        return _clips_of(sources.ANY, (str(path),), place)
    return table(path, columns, place)


def _clips_of(name: str, named: tuple[str, ...], place: Place) -> Iterator[Clip]:
    """The clips of a data set; where nobody names its files, of the shards that mirror it."""
    source = sources.load(name)
    if not named and source.INFO.mirror:
        named = (source.INFO.mirror,)
        source = sources.load(sources.ANY)
    return source.clips(replace(place, named=named))


def table(path: Path, columns: Columns = Columns(), place: Place | None = None) -> Iterator[Clip]:  # noqa: B008
    """The rows of a table (CSV, TSV, JSON, …) that name a sound, or lyrics, and words about it.

    Rows with an empty cell there are left out; of those that cannot be read `place` is told. Raises WrongUse
    where no row has both.
    """
    found = 0
    seen: dict[str, Any] = {}  # the last row, whose columns the error names

    def lost(why: str) -> None:
        if place is not None:
            place.on_lost(Lost(path.name, why))

    for number, row in enumerate(read_rows(path, on_lost=lost)):
        cells = seen = vocabulary.plain(row)
        clip = _clip(cells, columns, path.parent, number)
        if clip is not None:
            found += 1
            yield clip
    if not found:
        raise WrongUse(
            f"no row of {path} has a sound (or lyrics) and words about it; its columns: {', '.join(seen)}.",
            try_this="nw evaluate … --columns text=NAME,audio=NAME    (or lyrics=NAME)",
        )


def _clip(cells: vocabulary.Row, columns: Columns, folder: Path, number: int) -> Clip | None:
    """A row of a table as a clip; None where it has no words, or nothing that they are about."""
    audio = text_of(vocabulary.first(cells, columns.audio))
    lyrics = vocabulary.lyrics(cells, columns.lyrics)
    texts = vocabulary.descriptions(cells, columns.texts, with_title=bool(lyrics))
    if not texts or not (audio or lyrics):
        return None
    ids = vocabulary.identifiers(cells)
    name = ids[0] if ids else audio or f"row {number}"
    title = text_of(vocabulary.first(cells, vocabulary.FIELDS["title"]))
    sound = folder / audio if audio else None
    return Clip(id=name, audio=sound, texts=texts, song={"title": title, "lyrics": lyrics})
