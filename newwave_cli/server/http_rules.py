"""What HTTP asks of all endpoints (RFC 9110): HEAD, 304 and 412, ranges, bodies that end."""

import asyncio
import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newwave_cli.server.errors import refusal

MOST_BYTES = 1 << 20
"""Of a body, where the endpoint has no bound of its own."""
WITHIN_S = 20.0  # that a body may take to arrive
UPLOADS = "/api/similar"
"""The one address that takes more, and counts by itself."""
_KEPT_BY_304 = {b"etag", b"cache-control", b"last-modified", b"vary", b"expires"}
"""What a client needs to know anew of content that it has (RFC 9110, 15.4.5)."""


class HttpRules:
    """ASGI middleware around all endpoints."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by itself what is too large, else let the app answer and keep to the rules for it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = _in_origin_form(scope)
        headers = Headers(scope=scope)
        body = _Body(receive, own_bound=scope["path"] == UPLOADS)
        if body.announced_too_large(headers):
            await _too_large(scope, receive, send)
            return
        answer = _Answer(scope, headers, send, body)
        asked = _asked(scope, headers)
        await self._app(asked, body.receive, answer.send)


def _in_origin_form(scope: Scope) -> Scope:
    """The request with the path alone, where it names a whole address, as it does on its way through a proxy.

    That address is what was asked for, whatever the header Host says (RFC 9112, 3.2.2).
    """
    path = scope["path"]
    scheme, _, rest = path.partition("://")
    if scheme.lower() not in ("http", "https"):
        return scope
    host, slash, place = rest.partition("/")
    others = [header for header in scope["headers"] if header[0] != b"host"]
    headers = [(b"host", host.encode()), *others]
    path = slash + place or "/"
    return {**scope, "path": path, "raw_path": path.encode(), "headers": headers}


def _asked(scope: Scope, headers: Headers) -> Scope:
    """The request as endpoints know it: HEAD as GET, and without a range in units that nobody knows."""
    is_head = scope["method"] == "HEAD"
    method = "GET" if is_head else scope["method"]
    unit = headers.get("range", "").strip().lower()
    # A HEAD with a range would be a 206 without a body, and a range in other units a 400: RFC 9110 wants both
    # ignored (14.2).
    keeps_range = unit.startswith("bytes") and not is_head
    kept = scope["headers"]
    if not keeps_range:
        kept = [header for header in kept if header[0] != b"range"]
    return {**scope, "method": method, "headers": kept}


class _Body:
    """The body of a request, up to its bounds in size and time."""

    def __init__(self, receive: Receive, *, own_bound: bool) -> None:
        self._receive, self._own_bound = receive, own_bound
        self._size, self._whole = 0, False
        self._end = asyncio.get_running_loop().time() + WITHIN_S
        self.refused: ASGIApp | None = None

    def announced_too_large(self, headers: Headers) -> bool:
        """Whether the head says that the body has more bytes than are taken."""
        length = headers.get("content-length", "")
        if self._own_bound or not length.isdecimal():
            return False
        return int(length) > MOST_BYTES

    async def receive(self) -> Message:
        """The next piece of the body, as ASGI hands it on; a broken one ends the request."""
        # Once the body is here, this waits for the client to leave, which may take as long as the answer.
        if self._whole or self._own_bound:
            return await self._receive()
        try:
            # One end for the whole body: a limit for each piece would let them trickle in for ever.
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self.refused = refusal(408, f"the request did not arrive within {WITHIN_S:.0f} s.", "again")
            return {"type": "http.disconnect"}
        # Counted, for Content-Length may be missing (chunked) or a lie.
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > MOST_BYTES:
            self.refused = _too_large
            return {"type": "http.disconnect"}
        return message


class _Answer:
    """An answer on its way out.

    ASGI sends it as a head, then pieces of a body. The head waits here for the first piece, which may be all
    of the body: only then is it known whether the client has it already, and whether the request was refused.
    """

    def __init__(self, scope: Scope, headers: Headers, send: Send, body: _Body) -> None:
        self._scope, self._asked = scope, headers
        self._send, self._body = send, body
        self._head: Message | None = None  # while it waits
        self._is_silent = scope["method"] == "HEAD"  # no piece of the body goes out
        self._refused: ASGIApp | None = None  # what goes out in place of it

    async def send(self, message: Message) -> None:
        """Take a message of the app's answer and send what HTTP wants of it."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        head, self._head = self._head, None
        if head is None:
            await self._send_piece(message)
            return
        settled = self._settled(head, message)
        # The app answers a body that broke off with an error of its own; the true reason goes out.
        self._refused = self._body.refused or _refused(settled)
        if self._refused is not None:
            self._is_silent = True
            await self._refused(self._scope, self._body.receive, self._send)
            return
        await self._send(settled)
        await self._send_piece(message)

    async def _send_piece(self, message: Message) -> None:
        """Send a piece of the body, or of one that stays empty only its end."""
        if not self._is_silent:
            await self._send(message)
            return
        is_last = not message.get("more_body", False)
        # ASGI wants an end, also of an answer to HEAD and of a 304; a refusal has sent its own.
        if is_last and self._refused is None:
            await self._send({"type": "http.response.body", "body": b""})

    def _settled(self, head: Message, first: Message) -> Message:
        """The head with a tag for what it heads; 304 where the client has that, 412 where it wants other."""
        is_read = self._scope["method"] in ("GET", "HEAD")
        if not is_read or head["status"] not in (200, 206):
            return head
        headers = MutableHeaders(raw=list(head["headers"]))
        # Only of an answer that is here as a whole: what is streamed has no digest before it is sent.
        is_whole = not first.get("more_body", False)
        if is_whole and "etag" not in headers:
            content = first.get("body", b"")
            digest = hashlib.blake2b(content, digest_size=12).hexdigest()
            headers["etag"] = f'"{digest}"'
        if _has_changed(self._asked, headers):
            return {**head, "status": 412, "headers": headers.raw}
        if not _is_known(self._asked, headers):
            return {**head, "headers": headers.raw}
        self._is_silent = True
        kept = [header for header in headers.raw if header[0] in _KEPT_BY_304]
        return {**head, "status": 304, "headers": kept}


def _refused(head: Message) -> ASGIApp | None:
    """What goes out in place of a refusal of Starlette's, which is plain text or nothing."""
    headers = Headers(raw=head["headers"])
    if head["status"] == 412:
        return refusal(412, "this has changed since the client last had it.", "again, without If-Match")
    if head["status"] == 416:
        size = {"Content-Range": headers.get("content-range", "")}
        return refusal(416, "there is nothing in that range.", "Range: bytes=0-    (all of it)", size)
    if head["status"] == 400 and headers.get("content-type", "").startswith("text/plain"):
        return refusal(400, "the header Range holds no range.", "Range: bytes=0-    (all of it)")
    return None


def _has_changed(asked: Headers, answer: Headers) -> bool:
    """Whether the client wants only what this content is no more (RFC 9110, 13.1.1 and 13.1.4)."""
    if known := _tags(asked, "if-match"):
        own = answer.get("etag")
        return "*" not in known and own not in known
    changed, until = _time(answer, "last-modified"), _time(asked, "if-unmodified-since")
    return changed is not None and until is not None and changed > until


def _is_known(asked: Headers, answer: Headers) -> bool:
    """Whether the client has this very content (RFC 9110, 13.1.2 and 13.1.3)."""
    # A tag decides alone where there is one: a time knows nothing within a second (13.2.2).
    if known := _tags(asked, "if-none-match"):
        own = _weak(answer.get("etag", ""))
        return "*" in known or own in [_weak(tag) for tag in known]
    changed, since = _time(answer, "last-modified"), _time(asked, "if-modified-since")
    return changed is not None and since is not None and changed <= since


def _tags(asked: Headers, name: str) -> list[str]:
    """The tags in a header, of which there may be several lines."""
    lines = asked.getlist(name)
    tags = [tag.strip() for line in lines for tag in line.split(",")]
    return [tag for tag in tags if tag]


def _time(headers: Headers, name: str) -> datetime | None:
    """The moment that a header says; None where it says none."""
    try:
        said = parsedate_to_datetime(headers[name])
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)  # "-0000" has none (RFC 5322)


def _weak(tag: str) -> str:
    """A tag as If-None-Match compares it, which takes W/"x" for "x" (RFC 9110, 8.8.3.2)."""
    return tag.removeprefix("W/")


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    answer = refusal(413, f"the request has more than {MOST_BYTES >> 20} MB.", "a smaller one")
    await answer(scope, receive, send)
