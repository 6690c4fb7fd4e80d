"""What the server refuses, and how every error looks over HTTP: a sentence, and what to try."""

import re
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from catalog.errors import (
    CatalogBusy,
    DiskFull,
    Incompatible,
    NewWaveError,
    NoSuchSong,
    NotReady,
    StoreError,
    Unreadable,
    WrongUse,
)

CLOSED_REQUEST = 499
"""Nobody reads this status; it stands in the access log."""


class Missing(NewWaveError):
    """What was asked for is not there."""


class Busy(NewWaveError):
    """Too much is asked at once."""


class TooLarge(NewWaveError):
    """More bytes than are taken."""


class Gone(Exception):
    """Whoever asked has gone away."""


# looked up by the error's own class, then by what it is a kind of
_STATUS: dict[type[NewWaveError], int] = {
    WrongUse: 400,
    NoSuchSong: 404,
    Missing: 404,
    Incompatible: 409,
    TooLarge: 413,
    Unreadable: 422,
    Busy: 503,
    CatalogBusy: 503,
    NotReady: 503,
    StoreError: 503,
    DiskFull: 507,
}
_FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^/\n'\"]+/)+")
"""From the root of a disk to the last slash; not what an address or a relative path has."""
_NO_OBJECT = ("json_invalid", "model_attributes_type")
"""What pydantic calls a body that has no fields to look at."""
_WORDS = {404: "there is nothing here", 405: "that cannot be done here"}


def refusal(status: int, error: str, try_this: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as every client gets it."""
    return JSONResponse({"error": error, "try_this": try_this}, status, headers)


def install(app: FastAPI, home: Path) -> None:
    """Let the app answer every error as JSON, without saying where on this machine anything lies."""
    app.state.home = home
    app.add_exception_handler(NewWaveError, _of_nw)
    app.add_exception_handler(RequestValidationError, _of_parameters)
    app.add_exception_handler(HTTPException, _of_http)
    # Nobody reads this answer; without a handler the log would show a traceback for every closed tab.
    app.add_exception_handler(Gone, lambda request, error: Response(status_code=CLOSED_REQUEST))


def placeless(text: str, home: Path) -> str:
    """A message without folders: the library's own becomes NW_HOME, of others the last name stays.

    >>> placeless("/home/ada/My Music/a b.flac cannot be read", Path("/srv/nw"))
    'a b.flac cannot be read'
    >>> placeless("mv /srv/nw/catalog.db x, or see http://localhost:1/docs/", Path("/srv/nw"))
    'mv NW_HOME/catalog.db x, or see http://localhost:1/docs/'
    """
    return _FOLDERS.sub("", text.replace(str(home), "NW_HOME"))


async def _of_nw(request: Request, error: Exception) -> Response:
    assert isinstance(error, NewWaveError)
    kinds = type(error).__mro__  # the error's own class first, then what it is a kind of
    statuses = (_STATUS[kind] for kind in kinds if kind in _STATUS)
    status = next(statuses, 500)
    home = request.app.state.home
    message = placeless(str(error), home)
    try_this = placeless(error.try_this, home)
    retry = {"Retry-After": "2"} if status == 503 else None  # in seconds (RFC 9110, section 10.2.3)
    return refusal(status, message, try_this, retry)


async def _of_parameters(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = []
    for one in error.errors():
        if one["type"] in _NO_OBJECT:
            wrong.append("the body is no JSON object, sent as application/json")
            continue
        name = one["loc"][-1]  # before it stands where the parameter was looked for: ("query", "k")
        first_letter, rest = one["msg"][:1], one["msg"][1:]
        wrong.append(f"{name}: {first_letter.lower()}{rest}")
    return refusal(400, "; ".join(wrong), "docs    (every parameter and what it takes)")


async def _of_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    message = _WORDS.get(status, str(error.detail))
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"  # which http_rules.py answers everywhere
    return refusal(status, message, "docs    (all addresses)", headers)
