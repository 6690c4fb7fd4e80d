"""A run that is told to stop: the step in hand is finished, and a checkpoint is left."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from models.training.loop import Report


@contextmanager
def stopping(report: Report) -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or Ctrl-C came since; a second Ctrl-C is not waited with."""
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def ask(number: int, frame: Any) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)
        with suppress(RuntimeError):  # it may come while a line is written
            report({"note": "stopping after this step; Ctrl-C once more stops at once"})

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
