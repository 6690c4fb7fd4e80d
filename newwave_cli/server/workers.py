"""Processes for what strangers' sound may do to a decoder: crash it, stall it, swell it."""

import asyncio
import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from starlette.requests import Request

from catalog.errors import Unreadable
from catalog.workers import begin
from newwave_cli.server.errors import Busy, Gone

LIMIT_S = 60.0
MOST_WAITING = 64

Result = TypeVar("Result")


class Workers:
    """Up to `count` processes, started when they are needed; each does one thing at a time."""

    def __init__(self, count: int, *, limit_s: float = LIMIT_S) -> None:
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
    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def call(self, function: Callable[..., Any], *given: object) -> Any:
        try:
            line = self._started()
            line.send((function, given))
        except (EOFError, OSError) as error:
            self.end()
            raise Busy(f"no process can be started ({error}).", try_this="again in a while") from error
        if not line.poll(self._limit_s):
            self.end()
            raise Unreadable(
                f"it could not be decoded within {self._limit_s:.0f} s.", try_this="a shorter file"
            )
        try:
            worked, result = line.recv()
        except EOFError:
            self.end()
            raise Unreadable("the decoder crashed on it.", try_this="another file") from None
        if not worked:
            raise result
        return result

    def _started(self) -> Connection:
        if self._line is None or self._process is None or not self._process.is_alive():
            self.end()
            context = get_context("spawn")  # a fork of a process with threads may deadlock
            self._line, there = context.Pipe()
            self._process = context.Process(target=_work, args=(there, os.getpid()), daemon=True)
            self._process.start()
            there.close()
            self._line.recv()  # it has begun; on a busy machine that takes a while
        return self._line

    def end(self) -> None:
        """Kill the process, whatever it is at; the next call starts another."""
        if self._process is not None and self._line is not None:
            self._process.kill()
            self._process.join()
            self._line.close()
            self._process = self._line = None


def _work(line: Connection, parent: int) -> None:
    begin(parent)
    line.send(None)
    while True:
        try:
            function, given = line.recv()
        except EOFError:
            return
        try:
            answer = True, function(*given)
        except Exception as error:
            answer = False, error
        line.send(answer)
