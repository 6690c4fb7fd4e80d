"""The app: every endpoint, the page, the list of endpoints, and who may use them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from newwave_cli.server import (
    errors,
    first_attempt_routes,
    media_routes,
    playlist_routes,
    search_routes,
    song_routes,
)
from newwave_cli.server.access import Guard
from newwave_cli.server.http_rules import HttpRules
from newwave_cli.server.library import Library
from newwave_cli.settings import Settings

WEB = Path(__file__).parents[1] / "web"
FRESH = {"Cache-Control": "no-cache"}  # kept, but asked for each time: an update of nw brings another page


def build(settings: Settings, *, token: str | None = None, origins: tuple[str, ...] = ()) -> FastAPI:
    """An ASGI app over a library.

    token: every request must bring it. origins: pages elsewhere that may use the endpoints from a browser.
    """

    @asynccontextmanager
    # Within the event loop, for the library's semaphore and queues belong to it.
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.library = library = Library(settings)
        yield
        library.close()

    app = FastAPI(
        title="newwave",
        summary="Find music by description.",
        version=version("newwave-cli"),
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    errors.install(app, settings.home)
    parts = (search_routes, first_attempt_routes, song_routes, playlist_routes, media_routes)
    for part in parts:
        app.include_router(part.routes)
    app.add_api_route("/", _page("index.html"), include_in_schema=False)
    app.add_api_route("/docs", _page("docs.html"), include_in_schema=False)
    app.mount("/web", StaticFiles(directory=WEB))
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Range"],
            expose_headers=["Content-Range", "Accept-Ranges"],
        )
    # What is added last is outermost: a body that is too large is refused before anything looks at it.
    app.add_middleware(Guard, token=token, origins=origins)
    app.add_middleware(HttpRules)
    return app


def _page(name: str) -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        return FileResponse(WEB / name, headers=FRESH)

    return page
