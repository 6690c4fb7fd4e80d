"""nw songs: what is in the catalog, filtered, sorted, in any format."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from catalog.library.database import Catalog
from catalog.records import Song
from newwave_cli.options import AtMost, Fields, HasLyrics, Match, Output, Tag, Where, Year
from newwave_cli.output import show

COLUMNS = ("id", "title", "artist", "album", "year", "genre", "duration_s", "path")
KNOWN = tuple(field.name for field in dataclasses.fields(Song))
PAGE = 500  # songs fetched at once: lyrics of a whole library would not fit into memory


def songs(
    context: typer.Context,
    *,
    where: Where = None,
    match: Match = None,
    tag: Tag = None,
    year: Year = None,
    has_lyrics: HasLyrics = False,
    sort: Annotated[
        str, typer.Option(help='Columns, comma-separated; "-year" for descending. Default: as they came.')
    ] = "",
    limit: AtMost = None,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """List the songs of the catalog.

    nw songs --where "year < 1990 and tags like '%jazz%'" --sort artist,-year
    """
    from catalog.library.song_filter import SongFilter

    tags = tuple(tag or ())
    chosen = SongFilter(where, match, tags, year, has_lyrics=has_lyrics)
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        ids = chosen.sorted_ids(catalog, sort=sort)[:limit]
        # Lyrics and captions are most of what a catalog holds: they are read only where they are shown.
        is_whole = output in (show.Format.JSON, show.Format.NDJSON)
        long = {"lyrics", "captions"} & show.names_asked(fields)
        rows = _rows(catalog, ids, light=not (is_whole or long))
        count = show.rows(rows, columns=COLUMNS, output=output, fields=fields, known=KNOWN)
    if not count:
        show.note("no song fits")
        raise typer.Exit(1)


def _rows(catalog: Catalog, ids: Sequence[int], *, light: bool) -> Iterator[dict[str, Any]]:
    from catalog.library.songs import get_many

    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        songs = get_many(catalog, page, light=light)
        for song in songs.values():
            yield {name: getattr(song, name) for name in KNOWN}
