"""`table`: captions, tags, lyrics and any other columns for songs that are in the catalog already."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from catalog.errors import Unreadable, WrongUse
from catalog.files.lrc import lines_of
from catalog.files.lyrics_file import read_lines
from catalog.files.lyrics_folder import name_key
from catalog.files.walk import stem_key
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Caption, Facts, Line
from catalog.tables import Row, read_rows

_PATHS = ("path", "file", "filepath", "file_path", "filename", "file_name", "audio", "audio_path", "location")
_IDS = ("id", "track_id", "ytid", "source_id", "jamendo_id", "stem", "name_id", "key")
_SONG_IDS = ("song_id", "nw_id")
_VALUES = {
    "title": ("title", "name", "track_name", "track_title"),
    "artist": ("artist", "artist_name", "artists", "artist_names"),
    "album": ("album", "album_name", "release"),
    "year": ("year", "date", "releasedate", "release_date"),
    "genre": ("genre",),
    "license": ("license", "licence", "licensetype", "license_ccurl", "license_url"),
    "language": ("language", "lang"),
}
_CAPTIONS = ("caption", "captions", "text", "description", "pseudo_caption", "final_caption")
_TAGS = (
    "tags",
    "tag",
    "tag_list",
    "aspect_list",
    "genres",
    "moods",
    "mood",
    "keywords",
    "m4a_tags",
    "m4a_genres",
)
_LYRICS = ("lyrics", "lyric")
_TIMES = ("start_time", "start_s", "end_time", "end_s")
_USED = {*_PATHS, *_IDS, *_SONG_IDS, *_CAPTIONS, *_TAGS, *_LYRICS, *_TIMES, *sum(_VALUES.values(), ())}


@dataclass(slots=True)
class TableReport:
    """rows: how many there were; songs: how many got something; the rest by the reason, with examples."""

    rows: int = 0
    songs: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    examples: list[str] = field(default_factory=list)


def add_table(catalog: Catalog, table: Path, *, dry_run: bool = False) -> TableReport:
    """Give songs what the rows of a table say about them; a second time replaces the first.

    A row finds its song by the path in it (absolute, or the end of the song's path), the file name, the
    name without its ending, or an id. Columns that mean nothing to nw go to the song's `extra`. Raises
    WrongUse where no column names a song, and Unreadable.
    """
    report = TableReport()
    names = _Names(catalog)
    origin = f"table:{table.name}"
    gathered: dict[int, Facts] = {}
    for row in read_rows(table):
        plain = {_column(name): value for name, value in row.items()}
        report.rows += 1
        found = names.find(_mentions(plain, table))
        if len(found) == 1:
            facts = _facts(plain, row, origin, table.parent)
            gathered[found[0]] = _joined(gathered[found[0]], facts) if found[0] in gathered else facts
        else:
            report.ambiguous += len(found) > 1
            report.unmatched += not found
            report.examples += [_mention_text(plain)] if len(report.examples) < 3 else []
    report.songs = len(gathered)
    if not dry_run:
        with catalog.transaction():
            for song_id, facts in gathered.items():
                songs.add_or_update(catalog, [facts], song_id=song_id)
    return report


class _Names:
    """Songs by everything a table may call them."""

    def __init__(self, catalog: Catalog) -> None:
        self._ids: set[str] = set()
        self._by_name: dict[str, list[tuple[int, str]]] = {}
        self._by_id: dict[str, list[int]] = {}
        for song_id, path, source_id in catalog.rows("SELECT id, path, source_id FROM songs"):
            self._ids.add(str(song_id))
            if source_id:
                self._by_id.setdefault(name_key(source_id), []).append(song_id)
            if path:
                name = PurePath(path).name
                for key in {name_key(name), name_key(stem_key(name)), name_key(name.partition(".")[0])}:
                    self._by_name.setdefault(key, []).append((song_id, name_key(path)))

    def find(self, mentions: Mapping[str, list[str]]) -> list[int]:
        """Ids of the songs meant; one of them where it is clear."""
        for number in mentions["song ids"]:
            if number in self._ids:
                return [int(number)]
        for path in mentions["paths"]:
            if found := self._by_path(path):
                return found
        for name in mentions["ids"]:
            key = name_key(name)
            if found := self._by_id.get(key) or [i for i, _ in self._by_name.get(key, [])]:
                return found
        return []

    def _by_path(self, path: str) -> list[int]:
        key = name_key(path).removeprefix("./")
        name = key.rsplit("/", 1)[-1]
        same = self._by_name.get(name) or self._by_name.get(stem_key(name)) or []
        same = same or self._by_name.get(name.partition(".")[0], [])
        ending = stem_key(key)
        closer = [i for i, full in same if stem_key(full) == ending or stem_key(full).endswith("/" + ending)]
        return closer or [i for i, _ in same]


def _mentions(row: Row, table: Path) -> dict[str, list[str]]:
    mentions = {
        "song ids": [str(row[name]) for name in _SONG_IDS if row.get(name)],
        "paths": [str(row[name]) for name in _PATHS if row.get(name)],
        "ids": [str(row[name]) for name in _IDS if row.get(name)],
    }
    if not any(name in row for name in (*_SONG_IDS, *_PATHS, *_IDS)):
        raise WrongUse(
            f"no column of {table} names a song; there are: {', '.join(row)}.",
            try_this=f"call the column with the file's path or name one of: {', '.join(_PATHS)}",
        )
    return mentions


def _mention_text(row: Row) -> str:
    named = (str(row[name]) for name in (*_PATHS, *_SONG_IDS, *_IDS, *_VALUES["title"]) if row.get(name))
    return next(named, "a row without a name")


def _facts(row: Row, original: Row, origin: str, folder: Path) -> Facts:
    values = {name: _first(row, columns) for name, columns in _VALUES.items()}
    year = re.search(r"\b\d{4}\b", str(values["year"]))
    return Facts(
        origin,
        values={**values, "year": int(year[0]) if year else None},
        tags=tuple(dict.fromkeys(tag for name in _TAGS for tag in _listed(row.get(name)))),
        lyrics=_lyrics(_first(row, _LYRICS), folder),
        captions=tuple(_captions(row, origin)),
        extra={
            name: value for name, value in original.items() if _column(name) not in _USED and _told(value)
        },
    )


def _joined(one: Facts, other: Facts) -> Facts:
    """Two rows about one song: lists add up, of single values the later counts."""
    return replace(
        one,
        values={**one.values, **{name: value for name, value in other.values.items() if _told(value)}},
        tags=tuple(dict.fromkeys((*one.tags, *other.tags))),
        lyrics=other.lyrics or one.lyrics,
        captions=tuple(dict.fromkeys((*one.captions, *other.captions))),
        extra={**one.extra, **other.extra},
    )


def _captions(row: Row, origin: str) -> Iterator[Caption]:
    start_s, end_s = (_number(row, names) for names in (_TIMES[:2], _TIMES[2:]))
    for name in _CAPTIONS:
        value = row.get(name)
        for text in value if isinstance(value, list) else [value]:
            if _told(text):
                yield Caption(str(text).strip(), start_s, end_s, origin)


def _lyrics(value: str, folder: Path) -> tuple[Line, ...]:
    """Lyrics in the cell, or in the file that the cell names."""
    path = folder / value if value and "\n" not in value and len(value) < 300 else None
    if path is not None and path.suffix and path.is_file():
        try:
            return read_lines(path)
        except Unreadable:
            return ()
    return lines_of(value)


def _first(row: Row, names: tuple[str, ...]) -> str:
    for name in names:
        if _told(row.get(name)):
            value = row[name]
            return ", ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
    return ""


def _listed(value: Any) -> list[str]:
    """Tags from a list, a list written as text, or text with separators.

    >>> _listed("['low quality', 'sad']"), _listed("rock; pop"), _listed(None)
    (['low quality', 'sad'], ['rock', 'pop'], [])
    """
    if isinstance(value, str) and value.startswith("["):
        for parse in (json.loads, ast.literal_eval):
            try:
                value = parse(value)
                break
            except (ValueError, SyntaxError):
                continue
    if isinstance(value, str):
        value = re.split(r"[;,|\t]", value)
    return [str(part).strip() for part in value or () if str(part).strip()]


def _number(row: Row, names: tuple[str, ...]) -> float | None:
    for name in names:
        try:
            return float(row[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _told(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value == value  # NaN is not itself


def _column(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_")
