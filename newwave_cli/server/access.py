"""Who may ask: the token, the host's name, the origin of what changes something; and headers for browsers."""

import secrets
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newwave_cli.server.errors import refusal

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
COOKIE = "nw_token"


class Guard:
    """ASGI middleware. With a token every request needs it; without, only this machine's names are served.

    The latter keeps a page elsewhere from reading the library through a host name that it points at 127.0.0.1
    (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, token: str | None, origins: tuple[str, ...]) -> None:
        self._app, self._token, self._origins = app, token, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by itself, or let the app do so."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send, self._origins)
        answer = self._refused(scope) or self._let_in(scope)
        if answer is not None:
            await answer(scope, receive, send)
        else:
            await self._app(_without_token(scope), receive, send)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if self._token is None and _host(headers) not in LOOPBACK:
            return refusal(403, "this server answers only to localhost.", "http://localhost:PORT/")
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not self._may_change(origin, headers):
            return refusal(403, f"a page of {origin} may change nothing here.", "nw serve --cors ORIGIN")
        if self._token is not None and not self._knows_token(scope, headers):
            hint = {"WWW-Authenticate": "Bearer"}
            return refusal(401, "this library asks for its token.", "Authorization: Bearer TOKEN", hint)
        return None

    def _may_change(self, origin: str | None, headers: Headers) -> bool:
        if origin is None or origin in self._origins:
            return True
        return urlsplit(origin).netloc == headers.get("host")

    def _knows_token(self, scope: Scope, headers: Headers) -> bool:
        if scope["method"] == "OPTIONS" and headers.get("origin") in self._origins:
            return True  # a browser asks whether it may ask, and cannot bring a token
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        given = [bearer.strip()] if scheme.lower() == "bearer" else []
        given += [morsel.value] if morsel else []
        given += [value for name, value in _query(scope) if name == "token"]
        return any(self._same(one) for one in given)

    def _same(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), (self._token or "").encode())

    def _let_in(self, scope: Scope) -> ASGIApp | None:
        """For the page opened with `?token=`: keep it in a cookie and out of the address bar."""
        rest = [(name, value) for name, value in _query(scope) if name != "token"]
        if self._token is None or scope["path"] != "/" or len(rest) == len(_query(scope)):
            return None
        answer = RedirectResponse(f"./?{urlencode(rest)}" if rest else "./", 303)
        secure = scope["scheme"] == "https"
        answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", secure=secure)
        return answer


def at_home(scope: Scope) -> bool:
    """Whether the client is on this machine and called it so: then paths of files mean something to it."""
    client = scope.get("client")
    return client is not None and client[0] in LOOPBACK and _host(Headers(scope=scope)) in LOOPBACK


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _without_token(scope: Scope) -> Scope:
    """The request without its token, which is nobody's business any more."""
    rest = [(name, value) for name, value in _query(scope) if name != "token"]
    if len(rest) == len(_query(scope)):
        return scope
    return {**scope, "query_string": urlencode(rest).encode("latin-1")}


def _host(headers: Headers) -> str:
    value = headers.get("host", "")
    return urlsplit(f"//{value}").hostname or "" if value.isascii() and "@" not in value else ""


def _with_headers(send: Send, origins: tuple[str, ...]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if origins else "same-origin")
        await send(message)

    return sending
