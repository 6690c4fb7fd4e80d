"""Connections that wait for nobody for ever: a head that does not arrive in time ends its connection."""

import asyncio
import os
import threading
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From the connection, or the end of the answer before, to the end of the next head."""
GRACE_S = 3
"""For answers that are on their way when the server ends."""


class Server(uvicorn.Server):
    """uvicorn's, which ends in time whatever is going on."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        """End: in good order, or not."""
        super().handle_exit(sig, frame)
        # A thread in the middle of a search, or a client that never reads, would be waited for: a little
        # after uvicorn's own patience is over, the process ends whatever it is at.
        last = threading.Timer(GRACE_S + 1.5, os._exit, [0])
        last.daemon = True
        last.start()


class Connection(H11Protocol):
    """uvicorn's, which counts idle seconds but stops counting at the first byte of a head."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to count."""
        super().connection_made(transport)
        self._count()

    def handle_events(self) -> None:
        """Stop counting where a request has begun."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_counting()

    def on_response_complete(self) -> None:
        """Count to the next head; or, where the body of this request still comes in, to the end."""
        answered = self.cycle
        super().on_response_complete()
        if self.cycle is answered:
            self._count()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to count."""
        self._stop_counting()
        super().connection_lost(exc)

    def _count(self) -> None:
        self._stop_counting()
        # abort, not close: close would first send what is buffered, to somebody who may not read it.
        self._late = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop_counting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
