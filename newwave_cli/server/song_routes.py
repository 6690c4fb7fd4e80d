"""What is in the library: its songs, one song, its tags, its numbers, and whether it is well."""

import json
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from catalog.errors import NewWaveError
from catalog.index_manifest import read_manifest
from catalog.library import overview
from catalog.library import songs as catalog_songs
from catalog.library.filters import select
from catalog.records import ALONE, Song
from newwave_cli.output import formats
from newwave_cli.server.errors import placeless
from newwave_cli.server.library import LibraryDep, Reader, SongId
from newwave_cli.server.responses import media_addresses
from newwave_cli.server.search_routes import Name, Text

_UNSHOWN = {"path", "origins"}  # they say where on this machine things lie
_LONG = {"lyrics", "captions", "extra"}  # a page of 1,000 songs would have megabytes of them


class Listing(BaseModel):
    """Which songs, in which order."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1_000)] = 50
    offset: Annotated[int, Field(ge=0)] = 0
    match: Annotated[Text | None, Field(description="Words in title, artist, album, lyrics or tags.")] = None
    where: Annotated[Text | None, Field(description="An SQL expression: year < 1990")] = None
    sort: Annotated[Name, Field(description='Columns, comma-separated; "-year" for descending.')] = ""


routes = APIRouter(tags=["library"])


@routes.get("/api/songs")
async def songs(request: Request, asked: Annotated[Listing, Query()], library: LibraryDep) -> Response:
    """Songs of the library, a page at a time, and how many there are in all."""

    def work(reader: Reader) -> dict[str, Any]:
        # All ids, for "total" needs them anyway; of the songs themselves only the page is read.
        ids = select(reader.catalog, asked.where, asked.match, sort=asked.sort)
        end = asked.offset + asked.limit
        page = catalog_songs.get_many(reader.catalog, ids[asked.offset : end], light=True)
        records = [record(song, leave_out=_LONG) for song in page.values()]
        return {"songs": records, "total": len(ids)}

    return _json(await library.ask(request, work))


@routes.get("/api/songs/{song}")
async def one_song(request: Request, song: SongId, library: LibraryDep) -> Response:
    """All that is known of one song, with its lyrics and captions."""

    def told(reader: Reader) -> dict[str, Any]:
        return record(catalog_songs.get(reader.catalog, song))

    return _json(await library.ask(request, told))


@routes.get("/api/tags")
async def tags(request: Request, library: LibraryDep) -> Response:
    """Tags and how many songs have them, the commonest first."""

    def work(reader: Reader) -> list[tuple[str, int]]:
        return overview.tags(reader.catalog)

    found = await library.ask(request, work)
    counts = [{"tag": tag, "songs": count} for tag, count in found]
    return _json({"tags": counts})


@routes.get("/api/stats")
async def stats(request: Request, library: LibraryDep) -> Response:
    """How many songs there are, and what they are indexed by."""

    def work(reader: Reader) -> overview.Counts:
        return overview.counts(reader.catalog)

    counts = await library.ask(request, work)
    indexes = []
    for side in ALONE:
        folder = library.settings.indexes / side
        if not (folder / "manifest.json").exists():  # written last, so what it describes is whole
            continue
        manifest = read_manifest(folder)
        index = {
            "side": manifest.role,
            "songs": manifest.songs,
            "encoder": manifest.encoder,
            "pipeline": manifest.pipeline,
        }
        indexes.append(index)
    return _json(asdict(counts) | {"indexes": indexes})


@routes.get("/api/health")
async def health(request: Request, library: LibraryDep) -> Response:
    """200 where searches can be answered, 503 with the reason where not."""
    own_version = version("newwave-cli")
    try:
        sides = await library.ask(request, _opened)
    except NewWaveError as problem:
        # 503 and not an error's own status: whoever asks for health, a balancer, knows only "not now".
        home = library.settings.home
        error = placeless(str(problem), home)
        try_this = placeless(problem.try_this, home)
        state = {"ready": False, "error": error, "try_this": try_this, "version": own_version}
        return JSONResponse(state, 503)
    return _json({"ready": True, "searched_by": sides, "version": own_version})


def _opened(reader: Reader) -> list[str]:
    """The roles that can be searched, each opened: a damaged index is not well."""
    roles = reader.searcher.indexes.roles()
    for role in roles:
        reader.searcher.indexes.index(role)
    return list(roles)


def record(song: Song, leave_out: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """A song for clients elsewhere: without its path, with where to hear and see it."""
    known = asdict(song)
    for name in _UNSHOWN | leave_out:
        del known[name]
    return known | media_addresses(song)


def _json(content: Any) -> Response:
    """JSON as the command line writes it: with numpy's numbers, and letters of any script as they are."""
    text = json.dumps(content, default=formats.plain, ensure_ascii=False)
    return Response(text, media_type="application/json")
