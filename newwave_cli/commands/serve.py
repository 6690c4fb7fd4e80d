"""nw serve: the page and the endpoints of a library."""

import ipaddress
import os
import re
import signal
import socket
import sys
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit

import typer

from catalog.errors import WrongUse, quoted
from newwave_cli import blas
from newwave_cli.output import show
from newwave_cli.settings import Settings

MOST_CONNECTIONS = 1_024  # past them uvicorn answers 503 at once, and those who are listening hear on
NEEDS = ("fastapi", "uvicorn")
_HOST = re.compile(r"[a-z0-9._:-]+")
_USUAL_PORTS = {"http": 80, "https": 443}
"""Browsers leave them out of an origin."""


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Which address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(envvar="NW_TOKEN", help="Every request must bring it; required unless on 127.0.0.1."),
    ] = None,
    cors: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Let pages of https://ORIGIN ask too.")
    ] = None,
) -> None:
    """Serve the library: a page to search and listen with, and JSON endpoints (their list is at /docs).

    nw serve

    NW_TOKEN=$(openssl rand -hex 16) nw serve --host 0.0.0.0
    """
    settings: Settings = context.obj
    blas.use_one_thread()
    if any(find_spec(name) is None for name in NEEDS):
        raise WrongUse(
            "the server needs fastapi and uvicorn, which are not installed.",
            try_this="python -m pip install 'newwave-cli[serve]'    (or: pip install fastapi uvicorn)",
        )
    _check(host, token)
    origins = tuple(_origin(text) for text in cors or ())
    with _bound(host, port) as listening:
        _run(settings, listening, token, origins)


def _check(host: str, token: str | None) -> None:
    """Raise WrongUse for a server that strangers could read the library from."""
    if token is not None and len(token) < 8:
        raise WrongUse(
            "a token of fewer than 8 letters is soon guessed.", try_this="--token $(openssl rand -hex 16)"
        )
    if token is None and not _loopback(host):
        raise WrongUse(
            f"{host} can be reached from elsewhere, and whoever reaches it could read the whole library.",
            try_this=f"nw serve --host {quoted(host)} --token $(openssl rand -hex 16)",
        )


def _origin(text: str) -> str:
    """The origin of a page as browsers write it; https where the scheme is not said. Raises WrongUse.

    >>> _origin("Example.org"), _origin("http://localhost:3000/")
    ('https://example.org', 'http://localhost:3000')
    """
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    path = parts.path.strip("/")
    says_more = path or parts.query or parts.fragment or parts.username
    if not _HOST.fullmatch(host) or says_more:
        raise WrongUse(
            f"{text!r} is no origin of pages: that is a host, with scheme and port where they are unusual.",
            try_this="--cors https://example.org",
        )
    if ":" in host:
        host = f"[{host}]"
    origin = f"{parts.scheme}://{host}"
    is_usual = port in (None, _USUAL_PORTS.get(parts.scheme))
    return origin if is_usual else f"{origin}:{port}"


def _loopback(host: str) -> bool:
    """Whether a host is this machine and no other can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises WrongUse where that cannot be."""
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = resolved[0]
        listening = socket.socket(family, kind, protocol)
        # Else a server that was just ended keeps its port for the minute that TIME_WAIT lasts.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        where = f"{host} port {port}"
        raise WrongUse(
            f"nw cannot listen on {where} ({error.strerror}); does another nw run there?",
            try_this="nw serve --port 0    (takes any that is free)",
        ) from error
    return listening


def _run(settings: Settings, listening: socket.socket, token: str | None, origins: tuple[str, ...]) -> None:
    """Serve until a signal comes, then end the process whatever still runs in it."""
    import uvicorn

    from newwave_cli.server import log
    from newwave_cli.server.app import build
    from newwave_cli.server.connections import GRACE_S, Connection, Server

    log.set_up(sys.stderr)
    application = build(settings, token=token, origins=origins)
    # No log of uvicorn's: an access log would hold tokens from addresses, and errors go to ours.
    config = uvicorn.Config(
        application,
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    # uvicorn raises the signal that ended it once more: to end it is no error.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    address = _address(listening, token)
    show.note(f"{settings.home} is at {address}    (Ctrl-C ends it)")
    server.run(sockets=[listening])
    sys.stderr.flush()
    os._exit(0 if server.started else 2)  # a thread in the middle of a search would be waited for


def _address(listening: socket.socket, token: str | None) -> str:
    host, port = listening.getsockname()[:2]  # of IPv6 two more follow
    name = f"[{host}]" if ":" in host else host
    query = "?token=..." if token else ""
    return f"http://{name}:{port}/{query}"
