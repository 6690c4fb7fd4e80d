"""`table`: captions, tags, lyrics and any other columns for songs that are in the catalog already."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
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

EXAMPLES = 3  # rows that a report names
COLUMNS_SHOWN, COLUMN_SHOWN = 20, 40  # columns that an error names, and how much of each name
_IDS = tuple(name for name in vocabulary.IDS if name not in vocabulary.LIBRARY_IDS)


@dataclass(slots=True)
class TableReport:
    """rows: how many there were; songs: how many got something; the rest by the reason, with examples.

    unmatched: rows that name no song of the catalog; ambiguous: that name several. failed: rows that could
    not be read, and why. left_out: values that their columns cannot hold, or that are in no column, one
    sentence each.
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
        titled = " - ".join(filter(None, (self.artist, self.title)))
        names = (*self.paths, *self.numbers, *self.ids.values(), titled)
        return next(filter(None, names), "a row without a name")


def add_table(catalog: Catalog, table: Path, *, dry_run: bool = False) -> TableReport:
    """Give songs what the rows of a table say about them; a second time replaces the first.

    A row finds its song by its number here, by the path in it (the more folders agree, the better), by artist
    and title, or by an id, unless the ids only count the rows. See `catalog.song_names` for when a name is
    enough. Columns that mean nothing to nw go to the song's `extra`. Raises WrongUse where no column names a
    song, and Unreadable.
    """
    origin = f"table:{table.name}"
    report = TableReport()
    cells = read_rows(table, on_lost=report.failed.append, on_cut=report.left_out.append)
    # All of them at once: whether a column only counts is known by looking at every row.
    rows = [_told(row, table, origin) for row in _checked(cells, table)]
    report.rows = len(rows)
    names = SongNames(catalog)
    counting = _counting(rows, names)
    named = [_find(row, names, counting) for row in rows]
    gathered: dict[int, Facts] = {}
    for row, found in _nearest(rows, named):
        if len(found.songs) != 1:
            _count(report, row, found)
            continue
        [song] = found.songs
        for said in left_out(row.facts):
            report.left_out.append(f"{row.mention}: {said}")
        facts = row.facts
        if song in gathered:  # tables of captions have a row for each, so five for a song
            facts = _joined(gathered[song], facts)
        gathered[song] = facts
    report.songs = len(gathered)
    if not dry_run:
        # In one transaction: a table is in the catalog whole or not at all, and one commit is fast.
        with catalog.transaction():
            for song_id, facts in gathered.items():
                songs.add_or_update(catalog, [facts], song_id=song_id)
    return report


def _checked(rows: Iterable[Row], table: Path) -> list[Row]:
    """The rows of a table. Raises WrongUse where none has a column that names a song.

    Those of JSON have columns of their own: where some name a song, the others are rows without a name.
    """
    read = list(rows)
    columns: dict[str, None] = {}
    for row in read:
        cells = vocabulary.plain(row)
        if _names_a_song(cells):
            return read
        columns.update(dict.fromkeys(cells))
    if read:
        there = ", ".join(name[:COLUMN_SHOWN] for name in islice(columns, COLUMNS_SHOWN))
        more = f" and {len(columns) - COLUMNS_SHOWN:,} more" if len(columns) > COLUMNS_SHOWN else ""
        paths = ", ".join(vocabulary.PATHS)
        raise WrongUse(
            f"no column of {table} names a song; there are: {there}{more}.",
            try_this=f"call the column with the file's path or name one of: {paths}",
        )
    return read


def _told(row: Row, table: Path, origin: str) -> _Told:
    """What a row says, and by what it names its song."""
    cells = vocabulary.plain(row)
    values = vocabulary.fields(cells)
    extra = {}
    for name, value in row.items():
        has_meaning = vocabulary.column(name) in vocabulary.TOLD
        if not has_meaning and vocabulary.told(value):
            extra[name] = value
    tags = vocabulary.tags(cells)
    lyrics = _lyrics(vocabulary.lyrics(cells), table.parent)
    captions = vocabulary.captions(cells, origin)
    facts = Facts(origin, values=values, tags=tags, lyrics=lyrics, captions=captions, extra=extra)
    ids = {}
    for name in _IDS:
        text = text_of(cells.get(name))
        if text:
            ids[name] = text
    numbers = vocabulary.identifiers(cells, vocabulary.LIBRARY_IDS)
    paths_told = vocabulary.identifiers(cells, vocabulary.PATHS)
    artist, title = text_of(values.get("artist")), text_of(values.get("title"))
    return _Told(numbers, paths_told, ids, artist, title, facts)


def _names_a_song(cells: Container[str]) -> bool:
    """Whether a row with these columns can name a song: by one of many names, or by artist and title."""
    naming = (*vocabulary.LIBRARY_IDS, *vocabulary.PATHS, *vocabulary.IDS)
    if any(name in cells for name in naming):
        return True
    has_title = any(name in cells for name in vocabulary.FIELDS["title"])
    has_artist = any(name in cells for name in vocabulary.FIELDS["artist"])
    return has_title and has_artist


def _is_named_otherwise(row: _Told) -> bool:
    """Whether anything but one id names the song of a row."""
    is_titled = bool(row.artist and row.title)
    return bool(row.paths) or is_titled or len(row.ids) > 1


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
            songs_each = {len(names.called([one]).songs) for one in ids}
            if named_otherwise or songs_each != {1}:
                counting.add(column)
    return counting


def _find(row: _Told, names: SongNames, counting: Container[str]) -> Found:
    """The songs that a row may mean. counting: columns of ids that merely count rows."""
    # From what means one song for certain to what only may: number, path, artist with title, foreign id.
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
    believed = [text for column, text in row.ids.items() if column not in counting]
    return names.called(believed)


def _nearest(rows: list[_Told], found: list[Found]) -> Iterable[tuple[_Told, Found]]:
    """Rows with the songs that they mean; of rows that mean one song by its file's name, the nearest alone.

    Of `A/intro.flac` and `B/intro.flac` only one can be the song in the folder A.
    """
    nearest: dict[int, int] = {}
    for row, one in zip(rows, found, strict=True):
        if row.paths and len(one.songs) == 1:
            [song] = one.songs
            before = nearest.get(song, 0)
            nearest[song] = max(before, one.nearness)
    for row, one in zip(rows, found, strict=True):
        is_farther = False
        if row.paths and len(one.songs) == 1:
            [song] = one.songs
            is_farther = one.nearness < min(EXACT, nearest[song])
        yield row, NOTHING if is_farther else one


def _count(report: TableReport, row: _Told, found: Found) -> None:
    report.ambiguous += len(found.songs) > 1
    report.unmatched += not found.songs
    if len(report.examples) < EXAMPLES:
        report.examples.append(row.mention)


def _joined(one: Facts, other: Facts) -> Facts:
    """Two rows about one song: lists add up, of single values the later counts."""
    values = {**one.values, **other.values}
    extra = {**one.extra, **other.extra}
    tags = tuple(dict.fromkeys(one.tags + other.tags))
    captions = tuple(dict.fromkeys(one.captions + other.captions))
    lyrics = other.lyrics or one.lyrics
    return replace(one, values=values, tags=tags, lyrics=lyrics, captions=captions, extra=extra)


def _lyrics(value: str, folder: Path) -> tuple[Line, ...]:
    """Lyrics in the cell, or in the file that the cell names."""
    # To ask the disk for a file called like a whole song text is an error of its own.
    may_be_path = value and "\n" not in value and len(value) < 300
    if may_be_path:
        path = folder / value
        if path.suffix and path.is_file():
            try:
                return read_lines(path)
            except Unreadable:  # a file that is there but has no lyrics to read says nothing
                return ()
    return lines_of(value)
