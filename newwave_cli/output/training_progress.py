"""How a training looks while it runs: two rows that move at a terminal, a plain log in a pipe.

A terminal keeps what was judged and what went wrong; the figures of a step replace those of the one before.
"""

import contextlib
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newwave_cli.output import show

if TYPE_CHECKING:
    from rich.console import Group

Line = Mapping[str, Any]
UNITS = {"sound_s": "s sound", "tokens": "tokens", "rows_per_s": "rows/s", "disk": "GB disk"}
ROUGH = ("accuracy", "rows_per_s", "disk")
"""Three digits of these are enough, and all that matters has room in 80 columns."""
FIRST = ("loss", "accuracy", *UNITS)
"""What the row of figures shows before all else."""
LOOK_AGAIN_S = 5.0  # adding up the sizes of thousands of shards takes longer than a short step


@contextlib.contextmanager
def telling(shards: Path) -> Iterator[Callable[[Line], None]]:
    """Shows the lines of a training's log while the block runs. shards: where downloads lie."""
    if not sys.stderr.isatty():
        yield _plain_log()
        return
    with contextlib.ExitStack() as open_views:
        yield _View(shards, open_views).tell


def _plain_log() -> Callable[[Line], None]:
    """Every line as it comes; that judging began is said the first time alone."""
    is_told = False

    def tell(line: Line) -> None:
        nonlocal is_told
        if "judging" not in line:
            figures = "  ".join(_parts(line))
            show.note(_message(line) or figures)
        elif not is_told:
            is_told = True
            show.note("judging on held-out songs, which may take minutes ...")

    return tell


def say(message: str) -> None:
    """A note that a terminal shows without breaking words."""
    if not sys.stderr.isatty():
        show.note(message)
        return
    rows = textwrap.wrap(message, _width(), subsequent_indent="  ", break_long_words=False)
    for row in rows:
        show.note(row)


class _View:
    """A bar with the time that is left, and the figures of the last step below it."""

    def __init__(self, shards: Path, views: contextlib.ExitStack) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        name = TextColumn("{task.description}", markup=False)
        self._bar = Progress(
            name, BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left")
        )
        self._views, self._shards = views, shards
        self._figures: dict[str, Any] = {}
        self._looked, self._is_shown = 0.0, False

    def tell(self, line: Line) -> None:
        """Show a line: above the bar to stay, or in its place."""
        if message := _message(line):
            say(message)
            return
        if "judging" in line:
            self._judging()
            return
        if "of" in line:
            self._move(line)
        if "loss" in line:
            self._figures |= line
            for shown_by_the_bar in ("step", "of"):
                self._figures.pop(shown_by_the_bar, None)
            self._look_at_disk()
            return
        is_partial = "embedded" in line and line["texts"] != line["of"]
        if not is_partial:  # of texts that are embedded only that all are done
            for row in _folded(_parts(line), _width()):
                show.note(row)

    def _judging(self) -> None:
        """A bar without an end until the next step."""
        # A new task, not a reset: the time that is left is guessed by the pace of this task alone.
        self._clear()
        self._bar.add_task("judging on held-out songs", total=None)
        if not self._is_shown:
            self._show()

    def _move(self, line: Line) -> None:
        """Set the bar to where a line says the run is, or begin another one."""
        if "embedded" in line:
            name, done = f"reading {line['embedded']}", line["texts"]
        else:
            name, done = "training", line["step"] + 1
        tasks = list(self._bar.tasks)
        goes_on = any(task.description == name and task.completed <= done for task in tasks)
        if goes_on:
            self._bar.update(tasks[0].id, total=line["of"], completed=done)
        else:
            self._clear()
            self._bar.add_task(name, total=line["of"], completed=done)  # the pace is that of this process
        if not self._is_shown:
            self._show()

    def _clear(self) -> None:
        for task in list(self._bar.tasks):
            self._bar.remove_task(task.id)

    def _show(self) -> None:
        from rich.console import Console
        from rich.live import Live

        # Opened with the first figures: until then notes may still be printed.
        live = Live(
            get_renderable=self._drawn, console=Console(stderr=True), transient=True, refresh_per_second=5
        )
        self._views.enter_context(live)
        self._is_shown = True

    def _drawn(self) -> "Group":
        from rich.console import Group
        from rich.text import Text

        important = [name for name in FIRST if name in self._figures]
        first = {name: self._figures[name] for name in important}
        in_order = _parts({**first, **self._figures})
        # One row: a terminal that must move up over several leaves pieces of them when it is made smaller.
        [row, *_] = _folded(in_order, _width()) or [""]
        return Group(self._bar, Text(row, no_wrap=True, overflow="ellipsis"))

    def _look_at_disk(self) -> None:
        """Note what shards take on the disk, now and then."""
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN_S:
            return
        self._looked = now
        taken = 0
        for path in self._shards.rglob("*"):
            with contextlib.suppress(OSError):  # pruned meanwhile
                taken += path.stat().st_size
        # Less is listings and locks: nothing is being downloaded.
        if taken > 5_000_000:
            self._figures["disk"] = round(taken / 1e9, 2)


def _message(line: Line) -> str:
    """What a line says in words, where it is not about figures."""
    if "lost" in line:
        return f"failed: {line['lost']}: {line['why']}"
    return str(line.get("note", ""))


def _parts(line: Line) -> list[str]:
    """The figures of a line as words."""
    if "embedded" in line:
        return [f"embedded {line['embedded']} {line['texts']}/{line['of']}"]
    parts = [_place(line)] if "step" in line else []
    for name, value in line.items():
        if name not in ("step", "of"):
            parts.append(_figure(name, value))
    return parts


def _place(line: Line) -> str:
    if line["step"] < 0:
        return "untrained"
    of = f"/{line['of']}" if "of" in line else ""
    return f"step {line['step']}{of}"


def _figure(name: str, value: Any) -> str:
    text = str(value)
    if isinstance(value, float):
        digits = 3 if name in ROUGH else 4
        text = f"{value:.{digits}g}"
    unit = UNITS.get(name)
    if unit is None:
        return f"{name} {text}"
    return f"{text} {unit}"


def _folded(parts: Sequence[str], width: int) -> list[str]:
    """Parts in rows of that width, none broken, the later ones indented."""
    rows: list[str] = []
    for part in parts:
        if not rows:
            rows.append(part)
            continue
        longer = f"{rows[-1]}  {part}"
        if len(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(f"  {part}")
    return rows


def _width() -> int:
    # Some terminals begin a new row as soon as the last column is written.
    return shutil.get_terminal_size().columns - 1
