"""Who may ask: the token, the host's name, the origin of what changes something; and headers for browsers."""

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newwave_cli.server.errors import refusal

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# A title with a script in it must stay text: the page runs its own files alone, is framed by none, sends its
# forms nowhere else, and no answer is taken for another type than it says.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOT_OF_A_HOST = set("@/?#\\ \t")
"""What would end or begin another part of an address."""
COOKIE = "nw_token"
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip", "cf-connecting-ip")
"""Headers by which proxies say for whom they ask."""


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
            return
        await self._app(_without_token(scope), receive, send)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        """The answer to a request that is not let in; None for one that is."""
        headers = Headers(scope=scope)
        host = _host(headers)
        if host is None:
            return refusal(400, "the Host of the request is no name of a host.", "http://localhost:PORT/")
        if self._token is None and host not in LOOPBACK:
            return refusal(403, "this server answers only to localhost.", "http://localhost:PORT/")
        # OPTIONS is a browser's question whether it may ask: the app's CORS rules answer it.
        is_question = scope["method"] == "OPTIONS"
        if not is_question and not self._is_own(headers.get("origin"), headers):
            return refusal(403, "a page of another origin may not ask here.", "nw serve --cors ORIGIN")
        # A browser names no origin for pictures and links, so these are told by its Sec-Fetch headers.
        is_welcome = self._is_friend(headers) or _opens_page(scope, headers)
        if _is_from_elsewhere(headers) and not is_welcome:
            return refusal(403, "a page of another origin may not ask here.", "nw serve --cors ORIGIN")
        if self._token is not None and not self._knows_token(scope, headers):
            hint = {"WWW-Authenticate": "Bearer"}
            return refusal(401, "this library asks for its token.", "Authorization: Bearer TOKEN", hint)
        return None

    def _is_own(self, origin: str | None, headers: Headers) -> bool:
        """Whether no page asks, or one of this server or of an origin that was let in."""
        if origin is None or origin in self._origins:
            return True
        try:
            return urlsplit(origin).netloc == headers.get("host")
        except ValueError:
            return False

    def _is_friend(self, headers: Headers) -> bool:
        """Whether the page is of an origin that was let in; of a picture only the referrer names it."""
        address = headers.get("origin") or headers.get("referer", "")
        try:
            page = urlsplit(address)
        except ValueError:
            return False
        return f"{page.scheme}://{page.netloc}" in self._origins

    def _knows_token(self, scope: Scope, headers: Headers) -> bool:
        is_welcome = headers.get("origin") in self._origins
        if scope["method"] == "OPTIONS" and is_welcome:
            return True  # a browser asks whether it may ask, and cannot bring a token
        given = [*_bearer(headers), *_cookies(headers)]
        for name, value in _query(scope):
            if name == "token":
                given.append(value)
        return any(map(self._same, given))

    def _same(self, given: str) -> bool:
        token = self._token or ""
        # In a time that does not depend on how many letters are right, which would tell them one by one.
        return secrets.compare_digest(given.encode(), token.encode())

    def _let_in(self, scope: Scope) -> ASGIApp | None:
        """For the page opened with `?token=`: keep it in a cookie and out of the address bar."""
        rest = _rest(scope)
        has_token = len(rest) != len(_query(scope))
        if self._token is None or scope["path"] != "/" or not has_token:
            return None
        page = f"./?{urlencode(rest)}" if rest else "./"
        answer = RedirectResponse(page, 303)
        secure = scope["scheme"] == "https"
        # Not for scripts to read, and not sent along by pages elsewhere.
        answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", secure=secure)
        return answer


def at_home(scope: Scope) -> bool:
    """Whether the client is on this machine and called it so: then paths of files mean something to it."""
    headers = Headers(scope=scope)
    is_handed_on = any(name in headers for name in FORWARDED)
    if is_handed_on:
        return False  # by a proxy on this machine, for a client elsewhere
    client = scope.get("client")
    is_here = client is not None and client[0] in LOOPBACK
    return is_here and _host(headers) in LOOPBACK


def _query(scope: Scope) -> list[tuple[str, str]]:
    text = scope["query_string"].decode("latin-1")
    return parse_qsl(text, keep_blank_values=True)


def _without_token(scope: Scope) -> Scope:
    """The request without its token, which is nobody's business any more."""
    rest = _rest(scope)
    if len(rest) == len(_query(scope)):
        return scope
    return {**scope, "query_string": urlencode(rest).encode("latin-1")}  # ASGI hands queries on as bytes


def _is_from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that a page of another site, or of another origin of this one, sends this."""
    return headers.get("sec-fetch-site", "").lower() in ("cross-site", "same-site")


def _opens_page(scope: Scope, headers: Headers) -> bool:
    """Whether somebody follows a link to the page itself, which asks for nothing by that."""
    fetch = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    is_link = fetch == ("navigate", "document")
    asks_for_page = (scope["method"], scope["path"]) == ("GET", "/")
    return asks_for_page and is_link and not _rest(scope)


def _bearer(headers: Headers) -> list[str]:
    """The token of the Authorization header, if it brings one."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return [bearer.strip()] if scheme.lower() == "bearer" else []


def _cookies(headers: Headers) -> list[str]:
    """The token of the page's cookie, if it brings one; a broken cookie brings none."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return []
    return [morsel.value] if morsel else []


def _rest(scope: Scope) -> list[tuple[str, str]]:
    """The query of a request but its token."""
    return [parameter for parameter in _query(scope) if parameter[0] != "token"]


def _host(headers: Headers) -> str | None:
    """The name of the host that was asked, "" for none; None for what cannot be one."""
    value = headers.get("host", "")
    try:
        parts = urlsplit(f"//{value}")
        _ = parts.port  # which is read only here, and raises where it is no number
    except ValueError:
        return None
    # urlsplit is lenient: of `good.example@evil.example` it would take the second for the host.
    is_plain = value.isascii() and not set(value) & _NOT_OF_A_HOST
    if not is_plain:
        return None
    return parts.hostname or ""


def _with_headers(send: Send, origins: tuple[str, ...]) -> Send:
    """The same, with HEADERS on every answer that does not say something else itself."""
    # Pages of origins that were let in may show our pictures and play our sound.
    policy = "cross-origin" if origins else "same-origin"

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cross-Origin-Resource-Policy", policy)
        await send(message)

    return sending
