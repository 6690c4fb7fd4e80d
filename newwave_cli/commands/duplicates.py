"""nw duplicates: the same recording in several files."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli import options
from newwave_cli.output import show

if TYPE_CHECKING:
    from catalog.records import Song

COLUMNS = ("group", "likeness", "title", "artist", "duration_s", "format", "path")
KNOWN = ("id", "album", "year", "genre", "rate_hz", "channels", "source", "source_id")


def duplicates(
    context: typer.Context,
    *,
    where: options.Where = None,
    match: options.Match = None,
    tag: options.Tag = None,
    year: options.Year = None,
    has_lyrics: options.HasLyrics = False,
    limit: options.AtMost = None,
    output: options.Output = None,
    fields: options.Fields = None,
) -> None:
    """List songs that are the same recording in other files: by sound, length and title.

    Nothing is deleted or changed. Each group has a number; likeness is to the first song of the group, 100
    for the same sound. Exits with 1 where there are none.

    nw duplicates --fields group,path
    """
    from catalog.index_manifest import read_manifest
    from catalog.library.song_filter import SongFilter
    from catalog.library.songs import get_many
    from models.search.duplicates import groups

    pipeline = read_manifest(context.obj.indexes / "sound").pipeline
    tags = tuple(tag or ())
    chosen = SongFilter(where, match, tags, year, has_lyrics=has_lyrics)
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        ids = chosen.sorted_ids(catalog)
        songs = get_many(catalog, ids, light=True)  # no column needs lyrics or captions
        # A song without its file takes no room any more, so it is no duplicate to get rid of.
        present = {song_id: song for song_id, song in songs.items() if not song.missing}
        found = groups(catalog, pipeline, present)[:limit]
    rows = _rows(found, present)
    if not show.rows(rows, columns=COLUMNS, output=output, fields=fields, known=KNOWN):
        show.note("no two songs are the same recording")
        raise typer.Exit(1)
    songs_found = sum(len(group) for group in found)
    recordings = counted(len(found), "recording")
    show.note(f"{songs_found:,} songs are {recordings}")


def _rows(found: list[list[tuple[int, float]]], songs: "dict[int, Song]") -> Iterator[dict[str, Any]]:
    of_the_song = (*COLUMNS[2:], *KNOWN)  # the first two columns are the group's
    for number, group in enumerate(found, start=1):
        for song_id, likeness in group:
            song = songs[song_id]
            percent = round(100 * likeness, 1)
            values = {name: getattr(song, name) for name in of_the_song}
            yield {"group": number, "likeness": percent, **values}
