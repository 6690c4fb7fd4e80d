"""`lyrics`: a folder of lyrics files for songs that lie elsewhere, matched by name."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import Unreadable, WrongUse
from catalog.files.lyrics_file import SUFFIXES, read_lines
from catalog.files.walk import stem_key
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, Line, Song
from catalog.text import folded


@dataclass(slots=True)
class LyricsReport:
    """Songs whose lyrics are new or other than before, songs that had them, files that could not be read."""

    changed: int = 0
    unchanged: int = 0
    files: int = 0
    failed: list[str] = field(default_factory=list)


def add_lyrics(catalog: Catalog, folder: Path, *, dry_run: bool = False) -> LyricsReport:
    """Give songs the lyrics that `folder` (and what is below it) has for them.

    A file belongs to the song whose file has the same name, or that is called "artist - title" like it,
    whatever the case and the composition of accents. Timed lyrics win over plain ones. What came so is kept
    when the song's file is read again. Raises WrongUse where there is no such folder.
    """
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder} with lyrics.", try_this=f"ls {folder.parent}")
    origin = f"lyrics:{folder.absolute().name}"
    files = _files(folder)
    report = LyricsReport(files=len(files))
    with catalog.transaction():
        for song in list(songs.iterate(catalog)):
            path = next((files[key] for key in _keys(song) if key in files), None)
            lines = _read(path, report) if path else ()
            if lines:
                _give(catalog, song.id, lines, origin, report, dry_run=dry_run)
    return report


def name_key(name: str) -> str:
    """A name as names are compared: composed, without case, underscores as spaces.

    >>> name_key("Se\\u0301culaire_feat") == name_key("s\\u00e9culaire Feat")
    True
    """
    return folded(name.replace("_", " "))


def _files(folder: Path) -> dict[str, Path]:
    """Lyrics files by the key of their names, the kind that tells most where there are several."""
    found: dict[str, Path] = {}
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                key = name_key(stem_key(name))
                found[key] = min(found.get(key, path), path, key=_preference)
    return found


def _preference(path: Path) -> int:
    return SUFFIXES.index(path.suffix.lower())


def _keys(song: Song) -> Iterable[str]:
    if song.path is not None:
        yield name_key(stem_key(song.path.name))
    if song.source_id:
        yield name_key(song.source_id)
    if song.artist and song.title:
        yield name_key(f"{song.artist} - {song.title}")


def _read(path: Path, report: LyricsReport) -> tuple[Line, ...]:
    try:
        return read_lines(path)
    except Unreadable as error:
        report.failed.append(str(error))
        return ()


def _give(
    catalog: Catalog,
    song_id: int,
    lines: tuple[Line, ...],
    origin: str,
    report: LyricsReport,
    *,
    dry_run: bool,
) -> None:
    before = songs.get(catalog, song_id)
    if before.lyrics == lines and before.origins.get("lyrics") == origin:
        report.unchanged += 1
        return
    report.changed += 1
    if not dry_run:
        songs.add_or_update(catalog, [Facts(origin, lyrics=lines)], song_id=song_id)
