"""Searching over HTTP: by words, by a song, by a clip; for the page, for programs, for players."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.library.filters import find
from models.search.request import WAYS, SearchRequest
from models.search.searcher import Answer as SearchAnswer
from newwave_cli.output import hits
from newwave_cli.search_request import over_saved
from newwave_cli.server.clip_upload import clip_embedding
from newwave_cli.server.library import Library, LibraryDep, Reader
from newwave_cli.server.responses import KINDS, Answer, Kind, kind_of, written

MOST = 200
"""Songs of one answer."""

Text = Annotated[str, StringConstraints(max_length=2_000)]
Name = Annotated[str, StringConstraints(max_length=200)]
Written = Annotated[Kind | None, Field(description="Else by Accept; json where that does not say.")]
Names = Annotated[list[Name], Field(max_length=20)]


class Filters(BaseModel):
    """How many songs may answer, and which."""

    model_config = ConfigDict(extra="forbid")  # a mistyped filter would silently filter nothing

    k: Annotated[int | None, Field(ge=1, le=MOST, description="How many songs.")] = None
    page: Annotated[
        int,
        Field(ge=1, le=MOST, description='How many where neither k nor the request ("five songs") says so.'),
    ] = 10
    by: Annotated[str | None, Field(description=f"both, or {', '.join(WAYS)}.")] = None
    where: Annotated[Text | None, Field(description="An SQL expression: year < 1990")] = None
    match: Annotated[Text | None, Field(description="Words in title, artist, album, lyrics or tags.")] = None
    tag: Annotated[Names, Field(description="Only songs with this tag.")] = []
    year: Annotated[Name | None, Field(description="1984, or 1980-1989.")] = None
    has_lyrics: Annotated[bool, Field(description="Only songs whose lyrics are known.")] = False


class Question(Filters):
    """All that `nw query` takes."""

    q: Annotated[Text, Field(description="What to look for; empty where something else is asked.")] = ""
    without: Annotated[Names, Field(description="Avoid songs with this: vocals, drums, ...")] = []
    like: Annotated[Names, Field(description="Nearer to this song.")] = []
    unlike: Annotated[Names, Field(description="Less like this song.")] = []
    more: Annotated[Names, Field(description='More of this; "strings:0.5" is half as much more.')] = []
    diverse: Annotated[bool, Field(description="Songs that differ from one another.")] = False
    max_per_artist: Annotated[int | None, Field(ge=1)] = None
    min_score: Annotated[float, Field(ge=0, le=100)] = 0
    sequence: Annotated[bool, Field(description="In an order whose neighbours sound alike.")] = False
    first: Annotated[Name | None, Field(description="The song that a sequence begins with.")] = None
    last: Annotated[Name | None, Field(description="The song that it ends with.")] = None

    def search_request(self) -> SearchRequest:
        """The same as the command line has it."""
        names = set(Question.model_fields) - {"q"}  # not those of a class that has more
        asked = self.model_dump(include=names)
        return SearchRequest.of({"text": self.q, **asked})


class Search(Question):
    """A question, and how to answer it."""

    explain: Annotated[bool, Field(description="The moment and the line that fit best.")] = True
    format: Written = None


class SimilarTo(Filters):
    """Songs like a song of the library."""

    song: Annotated[Name, Field(description='An id, a path, a title or "artist - title".')]
    by: Annotated[str | None, Field(description="sound, words, fused or both.")] = "sound"
    format: Written = None


routes = APIRouter(tags=["search"])


@routes.get("/api/search", response_model=Answer, responses=KINDS)
async def search(request: Request, given: Annotated[Search, Query()], library: LibraryDep) -> Response:
    """Songs that fit a description, best first: all of `nw query`."""
    return await search_for(request, library, given)


@routes.post(
    "/api/similar",
    response_model=Answer,
    responses=KINDS,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def similar_to_clip(
    request: Request, given: Annotated[Search, Query()], library: LibraryDep
) -> Response:
    """Songs that sound like the clip in the body, an audio file's bytes; with all that a search takes."""
    vector = await clip_embedding(request, library)
    return await search_for(request, library, given, clip=vector)


@routes.get("/api/similar", response_model=Answer, responses=KINDS)
async def similar(request: Request, given: Annotated[SimilarTo, Query()], library: LibraryDep) -> Response:
    """Songs like a song of the library, best first."""
    asked = given.model_dump(exclude={"song", "format"})
    asked["by"] = hits.role(given.by)
    wanted = SearchRequest.of({**asked, "explain": True})

    def work(reader: Reader) -> SearchAnswer:
        song = find(reader.catalog, given.song)
        return reader.searcher.similar(song.id, wanted)

    return await _answered(request, library, work, "", given.format)


async def search_for(request: Request, library: Library, given: Search, **more: Any) -> Response:
    """The answer to a search, in the form that was asked for."""
    typed = replace(given.search_request(), explain=given.explain, **more)
    wanted = over_saved(typed, library.settings)

    def work(reader: Reader) -> SearchAnswer:
        return reader.searcher.search(wanted)

    return await _answered(request, library, work, wanted.text, given.format)


async def _answered(
    request: Request, library: Library, work: Callable[[Reader], SearchAnswer], query: str, kind: Kind | None
) -> Response:
    began = time.perf_counter()  # with the wait for a free worker, for that is what a client waits
    answer = await library.ask(request, work)
    took_ms = 1000 * (time.perf_counter() - began)
    return written(request, answer, query, took_ms, kind or kind_of(request))
