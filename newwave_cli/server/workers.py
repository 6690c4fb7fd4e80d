"""Processes for what strangers' sound may do to a decoder: crash it, stall it, swell it."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request

from catalog.errors import Unreadable
from catalog.processes.worker import ItemLost, Worker
from newwave_cli.server.errors import Busy, Gone

LIMIT_S = 60.0  # a song of hours is decoded in less; what takes longer hangs
MOST_WAITING = 64

Result = TypeVar("Result")


class Workers:
    """Up to `count` processes, started when they are needed; each does one thing at a time."""

    def __init__(self, count: int, *, limit_s: float = LIMIT_S) -> None:
        # Last in, first out: who has just worked has its encoder loaded, and others may never be started.
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._all = [_Worker(limit_s) for _ in range(count)]
        for worker in self._all:
            self._idle.put_nowait(worker)
        self._waiting = 0

    async def call(self, request: Request, function: Callable[..., Result], *given: object) -> Result:
        """function(*given), a module's, in another process.

        Raises what it raises; Unreadable where the process crashed or took too long, Busy where too many
        wait, Gone where nobody waits any more.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} files are waiting to be heard already.", try_this="again in a while")
        self._waiting += 1
        try:
            worker = await self._idle.get()
        finally:
            self._waiting -= 1
        try:
            if await request.is_disconnected():
                raise Gone
            result: Result = await asyncio.to_thread(worker.call, function, *given)
            return result
        finally:
            self._idle.put_nowait(worker)

    def close(self) -> None:
        """End the processes."""
        for worker in self._all:
            worker.end()


class _Worker:
    """A process and its time limit, in the words of an answer."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s, self._worker = limit_s, Worker()

    def call(self, function: Callable[..., Any], *given: object) -> Any:
        """function(*given) in the process. Raises what it raises, Unreadable, and Busy."""
        try:
            return self._worker.call(function, *given, limit_s=self._limit_s)
        except ItemLost as problem:
            raise Unreadable(f"{problem}.", try_this="a shorter file, or another one") from None
        except OSError as error:
            self.end()
            raise Busy(f"no process can be started ({error}).", try_this="again in a while") from error

    def end(self) -> None:
        """Kill the process, whatever it is at; the next call starts another."""
        self._worker.end()
