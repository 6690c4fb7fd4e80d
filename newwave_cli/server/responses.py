"""Found songs as clients get them: JSON, a line for each, or a playlist."""

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Literal

from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict

from catalog.records import Hit, Song
from models.search.searcher import Answer as SearchAnswer
from newwave_cli.output import formats, hits
from newwave_cli.server.access import at_home

Kind = Literal["json", "ndjson", "m3u8"]
NDJSON, M3U8 = "application/x-ndjson", "application/vnd.apple.mpegurl"
PLACE_PARTS = 3
"""Of a path: two folders and the file."""
_HOMES = ("home", "Users")
"""Where the homes of others are."""
_TEXT = {"schema": {"type": "string"}}
KINDS: dict[int | str, dict[str, Any]] = {200: {"content": {NDJSON: _TEXT, M3U8: _TEXT}}}
"""The other forms of an answer, for the list of endpoints: FastAPI knows of JSON by itself."""


class Found(BaseModel):
    """A song that answers, with what is known of it. Scores run from 0 to 100."""

    model_config = ConfigDict(extra="allow")  # every field of the song goes along

    id: int
    rank: int
    score: float
    sound: float | None
    words: float | None
    written: float | None
    title: str
    artist: str
    duration_s: float | None
    tags: list[str]
    moment_s: tuple[float, float] | None
    line: str | None
    line_s: float | None
    audio: str | None
    cover: str | None
    place: str | None
    wish: str


class Answer(BaseModel):
    """Songs, best first. `read_as` says how the request was read, `fits` whether any song fits it (has 50 of
    100 or more), `note` why none does.
    """

    query: str
    read_as: list[str]
    hits: list[Found]
    fits: bool
    note: str | None
    took_ms: float


def kind_of(request: Request) -> Kind:
    """What the client would like to read."""
    # No weighing of q-values: browsers and curl send "*/*", and whoever names one of these two means it.
    accepted = request.headers.get("accept", "")
    if NDJSON in accepted:
        return "ndjson"
    return "m3u8" if M3U8 in accepted else "json"


def written(request: Request, answer: SearchAnswer, query: str, took_ms: float, kind: Kind) -> Response:
    """An answer in that form."""
    found = answer.hits
    if kind == "m3u8":
        return playlist(request, found)
    rows = list(map(record, found, count(1)))
    if kind == "ndjson":
        lines = (_json_line(row) for row in rows)
        return StreamingResponse(lines, media_type=NDJSON)
    body = {
        "query": query,
        "read_as": answer.reading(),
        "hits": rows,
        "fits": hits.fits(answer),
        "note": hits.weakness(answer, query),
        "took_ms": round(took_ms, 1),
    }
    return JSONResponse(body)


def _json_line(row: dict[str, Any]) -> str:
    return json.dumps(row, default=formats.plain, ensure_ascii=False) + "\n"


def record(hit: Hit, rank: int) -> dict[str, Any]:
    """One hit as a flat record, with where to hear and see it instead of its path."""
    song, moment = hit.song, hit.moment
    row = hits.row(hit, rank)
    del row["path"]
    row["place"] = _place(song.path)
    row["tags"] = list(song.tags)
    row["moment_s"] = moment and [moment.start_s, moment.end_s]
    row["line_s"] = hit.line and hit.line.start_s
    return row | media_addresses(song)


def media_addresses(song: Song) -> dict[str, str | None]:
    """Where to hear and see a song; None where its file is not here."""
    if song.path is None or song.missing:
        return {"audio": None, "cover": None}
    # Relative, so that they also hold behind a proxy that serves the page below a path of its own.
    return {"audio": f"audio/{song.id}", "cover": f"cover/{song.id}"}


def _place(path: Path | None) -> str | None:
    """A file's name and the two folders that it lies in, so that one track 31 can be told from another.

    Never where home is, nor whose.

    >>> _place(Path("/srv/games/drascula/audio/track31.ogg")), _place(Path("/home/ada/Music/x.ogg"))
    ('drascula/audio/track31.ogg', 'Music/x.ogg')
    """
    if path is None:
        return None
    parts = path.parts[1:]  # without the root
    with suppress(RuntimeError, ValueError):  # a user without a home, or a file outside of it
        parts = path.relative_to(Path.home()).parts
    if parts[0] in _HOMES:
        parts = parts[2:]  # "home", and the name of who lives there
    return "/".join(parts[-PLACE_PARTS:])


def playlist(request: Request, found: Sequence[Hit]) -> Response:
    """Extended M3U: of files for a player on this machine, of addresses here for one elsewhere."""
    rows = []
    for rank, hit in enumerate(found, start=1):
        if hit.song.path:
            rows.append(hits.row(hit, rank))
    if at_home(request.scope):
        lines = formats.playlist(rows)
    else:

        def address(row: formats.Row) -> str:
            return str(request.url_for("audio", song=row["id"]))

        lines = formats.playlist(rows, address)
    # Names of files need not be UTF-8 on Linux: their bytes go out as they are on the disk.
    content = "".join(lines).encode(errors="surrogateescape")
    return Response(content, media_type=M3U8)
