"""The endpoints of the first attempt at this idea, for its clients: asked by GET or by POST.

GET gives hits as `/api/search` does, a line each. POST takes `{"query": ..., "top_k": ...}` as JSON and gives
NDJSON lines of `title`, `artist`, `audio` and `cover`, the last two as base64 of whole files or null.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from catalog.errors import NewWaveError
from catalog.library.overview import playable
from catalog.records import Hit
from models.search.request import SearchRequest
from newwave_cli.server.library import Library, LibraryDep, Reader
from newwave_cli.server.responses import NDJSON
from newwave_cli.server.search_routes import MOST, Search, Text, search_for

SONG_BYTES = 32_000_000
"""A longer file is left out of the answer (`audio` is null), for each is held in memory while it is sent."""
ANSWER_BYTES = 256_000_000
"""From here on songs come without their sound."""

routes = APIRouter(tags=["first attempt"])
WAYS = {"": None, "/audio": "sound", "/lyrics": "words", "/combined": None}


class FirstAttemptRequest(BaseModel):
    """What such a client sends."""

    # top_k, which is k elsewhere in this API: its clients are not ours to change.
    query: Annotated[Text, Field(min_length=1)]
    top_k: Annotated[int, Field(ge=1, le=MOST)] = 10


def _hits(by: str | None) -> Callable[..., Any]:
    """The endpoint that gives hits alone."""

    async def hits(
        request: Request, given: Annotated[FirstAttemptRequest, Query()], library: LibraryDep
    ) -> Response:
        asked = Search(q=given.query, k=given.top_k, by=by, format="ndjson")
        return await search_for(request, library, asked)

    return hits


def _sound(by: str | None) -> Callable[..., Any]:
    """The endpoint that gives songs with their sound and cover."""

    async def sound(request: Request, given: FirstAttemptRequest, library: LibraryDep) -> Response:
        wanted = SearchRequest(given.query, k=given.top_k, by=by)

        def work(reader: Reader) -> list[Hit]:
            return reader.searcher.search(wanted).hits

        found = await library.ask(request, work)
        return StreamingResponse(_lines(request, library, found), media_type=NDJSON)

    return sound


async def _lines(request: Request, library: Library, found: list[Hit]) -> AsyncIterator[bytes]:
    """A song after the other, each read when the one before is sent."""
    room = ANSWER_BYTES
    for hit in found:

        def work(reader: Reader, hit: Hit = hit, most: int = min(SONG_BYTES, room)) -> _Sound:
            return _sound_of(reader, hit, most)

        path, sound = await library.ask(request, work)
        room = max(0, room - len(sound or ""))  # of what is sent, so in base64: 4 characters for 3 bytes
        picture = await library.cover(request, path) if path else None
        cover = None
        if picture is not None:
            image, _ = picture  # its type is not asked for by that app
            cover = base64.b64encode(image).decode()
        names = {"title": hit.song.title, "artist": hit.song.artist}
        line = json.dumps({**names, "audio": sound, "cover": cover}, ensure_ascii=False)
        yield f"{line}\n".encode()


_Sound = tuple[Path | None, str | None]
"""Where a song's file lies and its content in base64; None for what is not there or is too large."""


def _sound_of(reader: Reader, hit: Hit, most: int) -> _Sound:
    path = sound = None
    with suppress(NewWaveError, OSError):  # the file has gone: the song is still an answer
        path = playable(reader.catalog, hit.song.id).path
        if path.stat().st_size <= most:
            sound = base64.b64encode(path.read_bytes()).decode()
    return path, sound


for _path, _by in WAYS.items():
    _name = f"first_attempt{_path.replace('/', '_')}"
    routes.add_api_route(
        f"/search{_path}",
        _hits(_by),
        summary="As clients of the first attempt ask: one song a line.",
        operation_id=_name,
    )
    routes.add_api_route(
        f"/search{_path}",
        _sound(_by),
        methods=["POST"],
        summary="As its app asks: a song a line, with its sound and cover in base64.",
        operation_id=f"{_name}_with_sound",
    )
