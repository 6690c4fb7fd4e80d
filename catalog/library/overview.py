"""What a catalog holds, in a few numbers; and the file of a song, where it may be handed out."""

import stat
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import DamagedCatalog, NoSuchSong
from catalog.library.database import Catalog
from catalog.library.sqlite_errors import make_anew
from catalog.values.numbers import in_64_bits


@dataclass(frozen=True, slots=True)
class Counts:
    """songs; those of them that have a file, lyrics, captions; seconds of all together."""

    songs: int
    with_file: int
    with_lyrics: int
    with_captions: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Playable:
    """A song's file that is there now, and the hash of its sound."""

    path: Path
    audio_hash: str


_NO_OBJECT = "coalesce(json_type(CASE WHEN json_valid({0}) THEN {0} END), '') != 'object'"
_DAMAGED = f"""
SELECT 'song ' || id FROM songs WHERE {_NO_OBJECT.format("extra")} OR {_NO_OBJECT.format("origins")}
    OR typeof(path) NOT IN ('text', 'null') OR typeof(year) NOT IN ('integer', 'null')
    OR 'blob' IN (typeof(title), typeof(artist), typeof(album), typeof(genre))
    OR typeof(duration_s) NOT IN ('real', 'integer', 'null') OR NOT coalesce(duration_s, 0) BETWEEN 0 AND 1e12
UNION ALL SELECT 'embedding ' || id FROM embeddings WHERE typeof(track) != 'blob' OR length(track) % 2
    OR typeof(parts) != 'integer' OR parts < 1
UNION ALL SELECT 'embedding ' || embedding_id FROM embedding_windows
    WHERE typeof(vectors) NOT IN ('blob', 'null') OR length(vectors) % 2
    OR NOT json_valid(coalesce(labels, '[]'))
UNION ALL SELECT 'saved query ' || name FROM saved_queries WHERE {_NO_OBJECT.format("query")}
UNION ALL SELECT 'name of the library' WHERE NOT EXISTS (SELECT 1 FROM about WHERE key = 'library')
"""
"""What no nw wrote: a disk that loses bits changes values too, of which SQLite keeps no checksum."""


def damaged_values(catalog: Catalog) -> list[str]:
    """The rows whose values cannot be what was written: "song 7"."""
    return [str(row) for (row,) in catalog.fetch(_DAMAGED)]


def require_sound(catalog: Catalog) -> None:
    """Raise DamagedCatalog where a value cannot be what was written."""
    rows = damaged_values(catalog)
    if rows:
        some = ", ".join(rows[:5])
        raise DamagedCatalog(
            f"{catalog.path} is damaged: it holds what nw never wrote, at {some}.",
            try_this=make_anew(catalog.path),
        )


def counts(catalog: Catalog) -> Counts:
    """How much there is of everything."""
    row = catalog.fetch(
        "SELECT count(*), count(path) - coalesce(sum(path IS NOT NULL AND missing), 0),"
        " (SELECT count(*) FROM lyrics), (SELECT count(DISTINCT song_id) FROM captions),"
        " coalesce(sum(duration_s), 0.0) FROM songs"
    )[0]
    return Counts(*row)


def tags(catalog: Catalog, limit: int = 1_000) -> list[tuple[str, int]]:
    """(tag, songs that have it, in any spelling of its case), the commonest first."""
    rows = catalog.fetch(
        "SELECT min(tag), count(DISTINCT song_id) FROM tags GROUP BY folded ORDER BY 2 DESC, folded LIMIT ?",
        (limit,),
    )
    return list(rows)


def playable(catalog: Catalog, song_id: int) -> Playable:
    """The file of a song. Raises NoSuchSong where there is none, or where it is not the one that was read.

    A path that leads through a link is followed only to the very file that was read, by size and time: a
    link that was put there since may lead anywhere.
    """
    rows = catalog.fetch("SELECT path, size, mtime_ns, audio_hash FROM songs WHERE id = ?", (song_id,))
    if not rows:
        raise NoSuchSong(f"there is no song {song_id}.", try_this="api/songs    (lists them)")
    place, size, mtime_ns, audio_hash = rows[0]
    if place is None:
        raise _silent(song_id, "only its vectors were kept")
    path = Path(place)
    try:
        status = path.stat()
        linked = path.resolve() != path
    except OSError as error:
        raise _silent(song_id, error.strerror or "it cannot be read") from error
    is_same = (status.st_size, in_64_bits(status.st_mtime_ns)) == (size, mtime_ns)
    is_file = stat.S_ISREG(status.st_mode)  # reading a pipe would wait without end
    if not is_file or (linked and not is_same):
        raise _silent(song_id, "another file is there now")
    return Playable(path, audio_hash or str(song_id))


def _silent(song_id: int, why: str) -> NoSuchSong:
    return NoSuchSong(
        f"song {song_id} has no file that can be played: {why}.", try_this="nw ingest    (again)"
    )
