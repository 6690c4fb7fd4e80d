"""`table`: captions, tags, lyrics and any other columns for songs that are in the catalog already."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.errors import Unreadable, WrongUse
from catalog.files.lrc import lines_of
from catalog.files.lyrics_file import read_lines
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, Line
from catalog.song_names import EXACT, NOTHING, Found, SongNames, are_row_numbers
from catalog.tables import Row, read_rows
from catalog.values import vocabulary
from catalog.values.columns import left_out, text_of

EXAMPLES = 3
_IDS = tuple(name for name in vocabulary.IDS if name not in vocabulary.LIBRARY_IDS)


@dataclass(slots=True)
class TableReport:
    """rows: how many there were; songs: how many got something; the rest by the reason, with examples.

    unmatched: rows that name no song of the catalog; ambiguous: that name several. failed: rows that could
    not be read, and why. left_out: values that their columns cannot hold, one sentence each.
    """

    rows: int = 0
    songs: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    examples: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Told:
    """A row as far as it matters: what names its song, and what it says."""

    numbers: list[str]
    paths: list[str]
    ids: dict[str, str]
    artist: str
    title: str
    facts: Facts

    @property
    def mention(self) -> str:
        """What to call the row in a message."""
        titled = " - ".join(part for part in (self.artist, self.title) if part)
        names = (*self.paths, *self.numbers, *self.ids.values(), titled, "a row without a name")
        return next(name for name in names if name)


def add_table(catalog: Catalog, table: Path, *, dry_run: bool = False) -> TableReport:
    """Give songs what the rows of a table say about them; a second time replaces the first.

    A row finds its song by its number here, by the path in it (the more folders agree, the better), by artist
    and title, or by an id, unless the ids only count the rows. See `catalog.song_names` for when a name is
    enough. Columns that mean nothing to nw go to the song's `extra`. Raises WrongUse where no column names a
    song, and Unreadable.
    """
    origin = f"table:{table.name}"
    report = TableReport()
    rows = [_told(row, table, origin) for row in read_rows(table, on_lost=report.failed.append)]
    report.rows = len(rows)
    names = SongNames(catalog)
    counting = _counting(rows, names)
    gathered: dict[int, Facts] = {}
    for row, found in _nearest(rows, [_find(row, names, counting) for row in rows]):
        if len(found.songs) != 1:
            _count(report, row, found)
            continue
        song = found.songs[0]
        left_out_here = left_out(row.facts)
        report.left_out += [f"{row.mention}: {said}" for said in left_out_here]
        before = gathered.get(song)
        gathered[song] = row.facts if before is None else _joined(before, row.facts)
    report.songs = len(gathered)
    if not dry_run:
        with catalog.transaction():
            for song_id, facts in gathered.items():
                songs.add_or_update(catalog, [facts], song_id=song_id)
    return report


def _told(row: Row, table: Path, origin: str) -> _Told:
    cells = vocabulary.plain(row)
    naming = (*vocabulary.LIBRARY_IDS, *vocabulary.PATHS, *vocabulary.IDS)
    has_title = any(name in cells for name in vocabulary.FIELDS["title"])
    has_artist = any(name in cells for name in vocabulary.FIELDS["artist"])
    if not (has_title and has_artist) and not any(name in cells for name in naming):
        paths = ", ".join(vocabulary.PATHS)
        raise WrongUse(
            f"no column of {table} names a song; there are: {', '.join(cells)}.",
            try_this=f"call the column with the file's path or name one of: {paths}",
        )
    values = vocabulary.fields(cells)
    extra = {}
    for name, value in row.items():
        if vocabulary.column(name) not in vocabulary.TOLD and vocabulary.told(value):
            extra[name] = value
    facts = Facts(
        origin,
        values=values,
        tags=vocabulary.tags(cells),
        lyrics=_lyrics(vocabulary.lyrics(cells), table.parent),
        captions=vocabulary.captions(cells, origin),
        extra=extra,
    )
    ids = {name: text_of(cells.get(name)) for name in _IDS}
    return _Told(
        vocabulary.identifiers(cells, vocabulary.LIBRARY_IDS),
        vocabulary.identifiers(cells, vocabulary.PATHS),
        {name: text for name, text in ids.items() if text},
        text_of(values.get("artist")),
        text_of(values.get("title")),
        facts,
    )


def _is_named_otherwise(row: _Told) -> bool:
    """By more than one id."""
    return bool(row.paths or (row.artist and row.title)) or len(row.ids) > 1


def _counting(rows: Sequence[_Told], names: SongNames) -> set[str]:
    """Columns of ids that only count the rows, so that they name no song.

    Files may really be called 1, 2, 3, so a column that counts is believed where every number in it finds a
    song and nothing else in the table names one.
    """
    counting = set()
    for column in _IDS:
        ids = [row.ids.get(column, "") for row in rows]
        if are_row_numbers(ids):
            named_otherwise = any(_is_named_otherwise(row) for row in rows)
            counted = [len(names.called([one]).songs) for one in ids]
            if named_otherwise or set(counted) != {1}:
                counting.add(column)
    return counting


def _find(row: _Told, names: SongNames, counting: Container[str]) -> Found:
    numbered = names.numbered(row.numbers)
    if numbered.songs:
        return numbered
    for path in row.paths:
        found = names.at(path)
        if found.songs:
            return found
    titled = names.titled(row.artist, row.title)
    if titled.songs:
        return titled
    ids = [text for column, text in row.ids.items() if column not in counting]
    return names.called(ids)


def _nearest(rows: list[_Told], found: list[Found]) -> Iterable[tuple[_Told, Found]]:
    """Rows with the songs that they mean; of rows that mean one song by its file's name, the nearest alone.

    Of `A/intro.flac` and `B/intro.flac` only one can be the song in the folder A.
    """
    nearest: dict[int, int] = {}
    for row, one in zip(rows, found, strict=True):
        if row.paths and len(one.songs) == 1:
            [song] = one.songs
            nearest[song] = max(nearest.get(song, 0), one.nearness)
    for row, one in zip(rows, found, strict=True):
        farther = False
        if row.paths and len(one.songs) == 1:
            farther = one.nearness < min(EXACT, nearest[one.songs[0]])
        yield row, NOTHING if farther else one


def _count(report: TableReport, row: _Told, found: Found) -> None:
    report.ambiguous += len(found.songs) > 1
    report.unmatched += not found.songs
    if len(report.examples) < EXAMPLES:
        report.examples.append(row.mention)


def _joined(one: Facts, other: Facts) -> Facts:
    """Two rows about one song: lists add up, of single values the later counts."""
    tags = dict.fromkeys((*one.tags, *other.tags))
    captions = dict.fromkeys((*one.captions, *other.captions))
    return replace(
        one,
        values={**one.values, **other.values},
        tags=tuple(tags),
        lyrics=other.lyrics or one.lyrics,
        captions=tuple(captions),
        extra={**one.extra, **other.extra},
    )


def _lyrics(value: str, folder: Path) -> tuple[Line, ...]:
    """Lyrics in the cell, or in the file that the cell names."""
    may_be_path = bool(value) and "\n" not in value and len(value) < 300
    path = folder / value if may_be_path else None
    if path is not None and path.suffix and path.is_file():
        try:
            return read_lines(path)
        except Unreadable:
            return ()
    return lines_of(value)
