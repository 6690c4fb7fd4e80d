"""Work spread over processes that end with their parent and survive a file that crashes a decoder."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import chain, islice
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    function: Callable[[Item], Result], items: Iterable[Item], *, jobs: int
) -> Iterator[tuple[Item, Result | BrokenProcessPool]]:
    """(item, function(item)) as they are done, in any order; only a few items are ahead of the caller.

    `function` is a module's, and returns errors rather than raising them. An item that takes its process
    down gives BrokenProcessPool, and the others go on.
    """
    rest = iter(items)
    while first := list(islice(rest, jobs)):
        rest = chain(first, rest)
        waiting: dict[Future[Result], Item] = {}
        try:
            with pool(len(first)) as processes:
                yield from _done(processes, function, rest, waiting, jobs)
            return
        except BrokenProcessPool:
            # Whose fault it was shows when each of those in hand has a process for itself.
            for item in waiting.values():
                yield item, _try_one(function, item)


def _done(
    processes: ProcessPoolExecutor,
    function: Callable[[Item], Result],
    rest: Iterator[Item],
    waiting: dict[Future[Result], Item],
    jobs: int,
) -> Iterator[tuple[Item, Result]]:
    while True:
        for item in islice(rest, 4 * jobs - len(waiting)):
            try:
                waiting[processes.submit(function, item)] = item
            except BrokenProcessPool:
                waiting[Future()] = item
                raise
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            result = future.result()
            yield waiting.pop(future), result


def _try_one(function: Callable[[Item], Result], item: Item) -> Result | BrokenProcessPool:
    try:
        with pool(1) as processes:
            return processes.submit(function, item).result()
    except BrokenProcessPool as error:
        return error


@contextmanager
def pool(
    jobs: int, prepare: Callable[..., None] | None = None, *given: object
) -> Iterator[ProcessPoolExecutor]:
    """`jobs` worker processes, ended with the block; see `new_pool`."""
    processes = new_pool(jobs, prepare, *given)
    try:
        yield processes
    except BaseException:
        processes.shutdown(wait=False, cancel_futures=True)
        raise
    processes.shutdown()


def new_pool(jobs: int, prepare: Callable[..., None] | None = None, *given: object) -> ProcessPoolExecutor:
    """Worker processes that end with their parent; each calls prepare(*given) first.

    They are spawned, for a fork of a process with threads may deadlock; and all at once, for CPython 3.11's
    executor loses its thread, and the process hangs at its end, where one dies while another is being added.
    """
    processes = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_start, initargs=(os.getpid(), prepare, given)
    )
    with suppress(BrokenProcessPool):  # whoever gives it work is told
        for _ in range(jobs):
            processes.submit(os.getpid)
    return processes


def _start(parent: int, prepare: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    begin(parent)
    if prepare is not None:
        prepare(*given)


def begin(parent: int) -> None:
    """What a worker process does first; `parent` is the process that it ends with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends the pool
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process when its parent was killed: nobody would ever give it work again."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
