"""`lyrics`: a folder of lyrics files for songs that lie elsewhere, matched by name."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import Unreadable, WrongUse, quoted
from catalog.files.lyrics_file import SUFFIXES, read_lines
from catalog.files.tags import name_facts
from catalog.files.walk import stem_key
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, Line
from catalog.song_names import Found, SongNames, name_key

EXAMPLES = 3  # files that a report names


@dataclass(slots=True)
class LyricsReport:
    """Songs whose lyrics are new or other than before, songs that had them, files that could not be read.

    unmatched: files that name no song; ambiguous: that name several, or a song that another one names as
    well; examples of both.
    """

    changed: int = 0
    unchanged: int = 0
    files: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    examples: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def add_lyrics(catalog: Catalog, folder: Path, *, dry_run: bool = False) -> LyricsReport:
    """Give songs the lyrics that `folder` (and what is below it) has for them.

    A file belongs to the song whose file has the same name, or that is called "artist - title" like it,
    whatever the case and the composition of accents; where several have, the folders decide, or it is given
    to none (`catalog.song_names`). Timed lyrics win over plain ones. What came so is kept when the song's
    file is read again. Raises WrongUse where there is no such folder.
    """
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder} with lyrics.", try_this=f"ls {quoted(folder.parent)}")
    # By the folder's name and not its path: moved elsewhere, it replaces what it said before.
    origin = f"lyrics:{folder.absolute().name}"
    files = _files(folder)
    report = LyricsReport(files=len(files))
    with catalog.transaction():
        matched = _matched(SongNames(catalog), files, folder, report)
        for song_id, path in sorted(matched.items()):
            lines = _read(path, report)
            if lines:
                _give(catalog, song_id, lines, origin, report, dry_run=dry_run)
    return report


def _files(folder: Path) -> list[Path]:
    """Lyrics files, of those in one folder with one name the kind that tells most."""
    found: dict[tuple[str, str], Path] = {}
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            is_hidden = name.startswith(".")  # macOS leaves a ._song.lrc beside song.lrc on foreign disks
            if is_hidden or path.suffix.lower() not in SUFFIXES:
                continue
            key = place, name_key(stem_key(name))
            rival = found.get(key, path)
            found[key] = min(rival, path, key=_preference)
    return sorted(found.values())


def _preference(path: Path) -> int:
    return SUFFIXES.index(path.suffix.lower())


def _matched(names: SongNames, files: list[Path], folder: Path, report: LyricsReport) -> dict[int, Path]:
    """The file of each song: the nearest of those that name it, none where two are equally near."""
    claims: dict[int, list[tuple[int, Path]]] = {}
    for path in files:
        found = _find(names, path, folder)
        if len(found.songs) == 1:
            [song] = found.songs
            claims.setdefault(song, []).append((found.nearness, path))
        else:
            report.ambiguous += bool(found.songs)
            report.unmatched += not found.songs
            _example(report, path)
    chosen: dict[int, Path] = {}
    for song, claimed in claims.items():
        nearest = max(nearness for nearness, _ in claimed)
        best = [path for nearness, path in claimed if nearness == nearest]
        kinds = {name_key(stem_key(path.name)) for path in best}
        if len(best) == 1 or len(kinds) > 1:
            chosen[song] = best[0]  # by its file's name, or by artist and title: both name it
        else:
            report.ambiguous += len(best)
            _example(report, best[0])
        for _, path in claimed:
            if path not in best:
                report.unmatched += 1
                _example(report, path)
    return chosen


def _find(names: SongNames, path: Path, folder: Path) -> Found:
    below = str(path.relative_to(folder))
    by_file = names.at(below, root=str(folder.absolute()))
    if by_file.songs:
        return by_file
    by_id = names.identified(path.stem)
    # An id before artist and title: it was given to one song, where a title may have many recordings.
    if by_id.songs:
        return by_id
    artist, _, title = path.stem.partition(" - ")
    titled = names.titled(artist, title)
    if titled.songs:
        return titled
    said = name_facts(path).values  # "07. Nina_Simone_-_Sinnerman.lrc" too, as songs are read
    return names.titled(said.get("artist", ""), said["title"])


def _example(report: LyricsReport, path: Path) -> None:
    if len(report.examples) < EXAMPLES:
        report.examples.append(str(path))


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
    """Give a song its lyrics, and count whether that changed anything."""
    before = songs.get(catalog, song_id)
    came_from_here = before.origins.get("lyrics") == origin
    if came_from_here and before.lyrics == lines:
        report.unchanged += 1
        return
    report.changed += 1
    if not dry_run:
        songs.add_or_update(catalog, [Facts(origin, lyrics=lines)], song_id=song_id)
