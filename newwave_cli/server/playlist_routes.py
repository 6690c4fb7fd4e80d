"""Saved queries as playlists: the same that `nw query --save` and `nw playlist` know."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from catalog.records import Hit
from newwave_cli import saved_queries
from newwave_cli.search_request import saved_under
from newwave_cli.server.errors import Missing
from newwave_cli.server.library import Library, LibraryDep, Reader
from newwave_cli.server.responses import KINDS, playlist
from newwave_cli.server.search_routes import Question, Text

routes = APIRouter(prefix="/api/playlists", tags=["playlists"])
PlaylistName = Annotated[str, Path(max_length=80)]


class PlaylistQuery(Question):
    """What a playlist searches for."""

    q: Annotated[Text, Field(alias="query")] = ""


@routes.get("")
async def playlists(library: LibraryDep) -> Response:
    """Every playlist: its name and what it searches for."""
    kept = saved_queries.all_of(library.settings)
    records = [_record(name, query) for name, query in kept.items()]
    return JSONResponse({"playlists": records})


@routes.put("/{name}")
async def save(name: PlaylistName, kept: PlaylistQuery, library: LibraryDep) -> Response:
    """Keep a search under a name, also for `nw query @NAME`; `replaced` is what had it before."""
    query = kept.search_request().saved()
    # In a thread: it waits where another process is writing to the catalog, and the server must not.
    before = await asyncio.to_thread(saved_queries.put, library.settings, name, query)
    replaced = None if before is None else _record(name, before)
    return JSONResponse(_record(name, query) | {"replaced": replaced})


@routes.delete("/{name}")
async def forget(name: PlaylistName, library: LibraryDep) -> Response:
    """Forget a playlist, never its songs."""
    record = _record(name, _kept(library, name))
    saved_queries.drop(library.settings, name)
    return JSONResponse(record)


@routes.get("/{name}.m3u8", responses=KINDS, response_class=Response)
async def download(request: Request, name: PlaylistName, library: LibraryDep) -> Response:
    """The playlist with the songs that its search finds now."""
    _kept(library, name)  # 404 over HTTP; `saved_under` says it as for a command line
    kept = saved_under(library.settings, name)

    def work(reader: Reader) -> list[Hit]:
        return reader.searcher.search(kept).hits

    return playlist(request, await library.ask(request, work))


def _kept(library: Library, name: str) -> dict[str, Any]:
    """What a playlist searches for. Raises Missing."""
    kept = saved_queries.all_of(library.settings).get(name)
    if kept is None:
        raise Missing(f"there is no playlist {name!r}.", try_this="api/playlists    (lists them)")
    return kept


def _record(name: str, kept: dict[str, Any]) -> dict[str, Any]:
    """A playlist as clients get it: its name, its text, and the rest of what it asks."""
    others = dict(kept)
    text = others.pop("text", "")
    return {"name": name, "query": text, **others}
