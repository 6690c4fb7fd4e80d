"""Files and the songs that they are: a path is where a sound was last seen (`catalog.identity` has the rule).

What a person, a table or a data set said of a song goes with its sound to another path. It never passes to
another sound that comes to lie at the old one. A copy, a hard link and a symbolic link are one song; the
paths beside its own are kept in the table `copies`, so that an unchanged folder is not read again.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from catalog.audio.apart import audio_hash
from catalog.errors import NewWaveError
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.precedence import DETECTED, FILE_ORIGINS
from catalog.records import Facts, SoundFile
from catalog.values.numbers import in_64_bits

How = Literal["new", "changed", "moved", "copy"]
_OWN_ORIGINS = {*FILE_ORIGINS, DETECTED}
"""Origins that a file brings with it: what others said is everything else."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The song that a file is, and how it came. released: another song that was at this path before."""

    song_id: int
    how: How
    released: int | None = None


def keep_file(
    catalog: Catalog,
    facts: Sequence[Facts],
    file: SoundFile,
    *,
    tell: bool = False,
    words_only: int | None = None,
) -> Kept:
    """Keep what a file holds under the song that its sound is.

    The sound lay at this path before: its song is brought up to date. It is known from a path where it is no
    more: the song moved, with all that was said of it. It is known from where it still is: the file is a
    copy, and the song keeps its path, and its facts unless `tell`. It is not known: a new song; but where
    nobody else said anything of the song that was here, that one simply changed. words_only: the song of a
    new sound of which only words were known.
    """
    # Paths are bytes on Linux, and SQLite's TEXT takes them as they are.
    path = os.fsencode(file.path)
    with catalog.transaction():
        rows = catalog.fetch("SELECT id, audio_hash FROM songs WHERE path = CAST(? AS TEXT)", (path,))
        here, sound_here = rows[0] if rows else (None, None)
        if here is not None and sound_here == file.audio_hash:
            return _changed(catalog, facts, file, here)
        known = song_with(catalog, file.audio_hash)
        if known is not None and _is_there(catalog, known, file.audio_hash):
            released = None if here is None else _release(catalog, here)
            _keep_copy(catalog, known, file)
            if tell:
                songs.add_or_update(catalog, facts, song_id=known)
            return Kept(known, "copy", released)
        # A copy no more: the sound at this path is another, or the song itself comes here.
        forget_copy(catalog, str(file.path))
        if known is None and here is not None and not _is_told_of(catalog, here):
            return _changed(catalog, facts, file, here)
        released = None if here is None else _release(catalog, here)
        song_id = words_only if known is None else known
        song_id = songs.insert(catalog) if song_id is None else song_id
        songs.add_or_update(catalog, facts, file=file, song_id=song_id)
        return Kept(song_id, "new" if known is None else "moved", released)


def _changed(catalog: Catalog, facts: Sequence[Facts], file: SoundFile, song_id: int) -> Kept:
    songs.add_or_update(catalog, facts, file=file, song_id=song_id)
    return Kept(song_id, "changed")


def keep_sound(catalog: Catalog, facts: Sequence[Facts], file: SoundFile, *, words_only: int | None) -> int:
    """Keep a sound whose file does not stay, as `keep_file` does."""
    known = song_with(catalog, file.audio_hash)
    song_id = words_only if known is None else known
    song_id = songs.insert(catalog) if song_id is None else song_id
    songs.add_or_update(catalog, facts, song_id=song_id)
    # A song that has a file is described by that file, not by a download that is gone again.
    of_the_sound = (file.duration_s, file.audio_hash, file.rate_hz, file.channels, file.format)
    catalog.execute(
        "UPDATE songs SET duration_s = ?, audio_hash = ?, rate_hz = ?, channels = ?, format = ?"
        " WHERE id = ? AND path IS NULL",
        (*of_the_sound, song_id),
    )
    return song_id


def lose_file(catalog: Catalog, path: str, song_id: int) -> bool:
    """A file is gone: whether its song has none now. A copy that is there takes its place."""
    with catalog.transaction():
        forget_copy(catalog, path)
        now = catalog.fetch("SELECT path FROM songs WHERE id = ?", (song_id,))
        if not now or now[0][0] != path:
            return False
        return not _takes_place(catalog, song_id)


def settle(catalog: Catalog, released: Sequence[int]) -> list[int]:
    """After all files were read: forget songs whose sound is nowhere, unless somebody said something of them.

    released: songs whose place another sound took in this run; returns those that stay without a file.
    """
    lost = without_file(catalog)
    # What a table or a person said would be lost with the song; tags can be read again.
    untold = {song for song in lost if not _is_told_of(catalog, song)}
    if untold:
        songs.remove(catalog, untold)
    staying = set(released) - untold
    return [song for song in lost if song in staying]


def without_file(catalog: Catalog) -> list[int]:
    """Songs that had a file, whose sound is nowhere now."""
    return [int(song) for (song,) in catalog.fetch("SELECT id FROM songs WHERE path IS NULL AND missing = 1")]


def forget_copy(catalog: Catalog, path: str) -> None:
    """That path is no copy of a song's sound any more."""
    catalog.execute("DELETE FROM copies WHERE path = CAST(? AS TEXT)", (os.fsencode(path),))


def copies(catalog: Catalog) -> list[tuple[str, int, int, int, str]]:
    """(path, song, size, time, sidecar) of every file that is a copy of a song's."""
    return list(catalog.rows("SELECT path, song_id, size, mtime_ns, sidecar FROM copies"))


def song_with(catalog: Catalog, digest: str) -> int | None:
    """The song that is this sound; of several (made by an older nw) one that has its file."""
    rows = catalog.fetch(
        "SELECT id FROM songs WHERE audio_hash = ? ORDER BY path IS NULL, missing, id", (digest,)
    )
    found = [int(song) for (song,) in rows]
    present = (song for song in found if _is_there(catalog, song, digest))
    usual = found[0] if found else None
    return next(present, usual)


def _is_there(catalog: Catalog, song_id: int, digest: str) -> bool:
    """Whether the song's own file still holds its sound."""
    path, size, mtime_ns = catalog.fetch("SELECT path, size, mtime_ns FROM songs WHERE id = ?", (song_id,))[0]
    if path is None:
        return False
    try:
        status = Path(path).stat()
    except OSError:
        return False
    # As it was read, so it need not be hashed again.
    if (status.st_size, in_64_bits(status.st_mtime_ns)) == (size, mtime_ns):
        return True
    try:
        return audio_hash(Path(path)) == digest  # new tags, or another sound
    except NewWaveError:
        return False


def _release(catalog: Catalog, song_id: int) -> int:
    """Another sound took the song's place: a copy becomes its file, else it has none."""
    if not _takes_place(catalog, song_id):
        catalog.execute(
            "UPDATE songs SET path = NULL, size = NULL, mtime_ns = NULL, sidecar = '', missing = 1"
            " WHERE id = ?",
            (song_id,),
        )
    return song_id


def _takes_place(catalog: Catalog, song_id: int) -> bool:
    """Give the song the path of a copy that is there; whether there was one."""
    for path, size, mtime_ns, sidecar in catalog.fetch(
        "SELECT path, size, mtime_ns, sidecar FROM copies WHERE song_id = ? ORDER BY path", (song_id,)
    ):
        forget_copy(catalog, path)
        if os.path.lexists(path):
            now = (os.fsencode(path), size, mtime_ns, sidecar)
            catalog.execute(
                "UPDATE songs SET path = CAST(? AS TEXT), size = ?, mtime_ns = ?, sidecar = ?, missing = 0"
                " WHERE id = ?",
                (*now, song_id),
            )
            return True
    return False


def _keep_copy(catalog: Catalog, song_id: int, file: SoundFile) -> None:
    path = os.fsencode(file.path)
    [(is_own,)] = catalog.fetch("SELECT path = CAST(? AS TEXT) FROM songs WHERE id = ?", (path, song_id))
    if is_own:
        return
    sidecar = os.fsencode(file.sidecar)
    catalog.execute(
        "INSERT OR REPLACE INTO copies (path, song_id, size, mtime_ns, sidecar)"
        " VALUES (CAST(? AS TEXT), ?, ?, ?, CAST(? AS TEXT))",
        (path, song_id, file.size, file.mtime_ns, sidecar),
    )


def _is_told_of(catalog: Catalog, song_id: int) -> bool:
    """Whether anybody but its file said something of a song."""
    [(source, origins)] = catalog.fetch("SELECT source, origins FROM songs WHERE id = ?", (song_id,))
    told = set(json.loads(origins).values())
    for table in ("tags", "captions"):
        said = catalog.fetch(f"SELECT origin FROM {table} WHERE song_id = ?", (song_id,))
        told |= {origin for (origin,) in said}
    return source != "folder" or bool(told - _OWN_ORIGINS)
