"""A run that is told to stop: the step in hand is finished, and a checkpoint is left."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.training.distributed import agreed
from models.training.loop import train
from models.training.loop_config import LoopConfig, Report
from models.training.task import Task


@contextmanager
def stopping(report: Report) -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or Ctrl-C came since; a second Ctrl-C is not waited with."""
    asked: list[int] = []
    untold: list[Mapping[str, Any]] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False  # Python lets the main thread alone handle signals
        return

    def ask(number: int, frame: Any) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)
        note = {"note": "stopping after this step; Ctrl-C once more stops at once"}
        try:
            report(note)
        except RuntimeError:  # it came while a line was written, and no other can be written within that
            untold.append(note)

    def is_asked() -> bool:
        while untold:
            report(untold.pop())
        return bool(asked)

    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, ask) for number in wanted}
    try:
        yield is_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def train_until_told(
    task: Task,
    config: LoopConfig,
    folder: Path,
    *,
    about: Mapping[str, Any],
    resume: bool,
    report: Report,
    writes: bool = True,
) -> Path:
    """`models.training.loop.train`, which SIGTERM and Ctrl-C end after the step in hand.

    Of several processes all end at the same step, whichever was told. Raises KeyboardInterrupt then, with a
    checkpoint left to go on from.
    """
    done = -1

    def told(line: Mapping[str, Any]) -> None:
        nonlocal done
        done = line.get("step", done)
        report(line)

    with stopping(report) as asked:
        stop = agreed(asked)
        best = train(
            task, config, folder, about=about, resume=resume, report=told, stopping=stop, writes=writes
        )
        stopped = stop()
    if stopped and done + 1 < config.steps:  # the last step is always told of
        raise KeyboardInterrupt
    return best
