"""Everything the terminal sees: rows and documents on stdout; progress, notes and errors on stderr.

stdout is data and stderr is the rest, so that a pipe gets what it asked for. Titles come from strangers'
files: nothing here reads markup in them, and no path is ever cut.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from catalog.errors import NewWaveError, WrongUse
from newwave_cli.output import formats, layout, template
from newwave_cli.output.formats import WHOLE, WRITERS, Format, Row, color, duration, out
from newwave_cli.output.sanitize import sanitized

__all__ = [
    "Format",
    "document",
    "duration",
    "error",
    "names_asked",
    "note",
    "passed_over",
    "progress",
    "rows",
    "text",
    "usual_format",
]


def rows(
    records: Iterable[Row],
    *,
    columns: Sequence[str],
    output: Format | None,
    fields: str | None = None,
    known: Sequence[str] = (),
) -> int:
    """Write records to stdout; return how many there were.

    columns: what a table or TSV shows when `fields` does not say. known: what `fields` may name; JSON without
    `fields` gets every value of a record. --header and --template of the command count too (see layout.py).
    Raises WrongUse for a field that does not exist.
    """
    every = [*columns, *known]
    chosen = _chosen_fields(fields, every)
    asked = layout.current()
    if asked.template is not None and (output or fields):
        raise WrongUse(
            "--template says the whole line, so --format and --fields have nothing left to say.",
            try_this="nw …    (without --format, without --fields)",
        )
    parts = None if asked.template is None else template.parse(asked.template, every)
    output = output or usual_format()
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    with _pipe_may_close():
        if parts is not None:
            lines = template.lines(counted(), parts, formats.cell)
            out().writelines(lines)
        elif output is Format.TABLE and chosen is None:
            whole = list(counted())  # columns that are empty everywhere are left out, so all must be seen
            WRITERS[output](whole, formats.fitting(whole, columns))
        else:
            names = chosen or list(columns)
            if asked.header and output is Format.TSV:
                formats.write_header(names)
            WRITERS[output](counted(), chosen if output in WHOLE else names)
        sys.stdout.flush()  # here, where a closed pipe is caught; at exit Python would complain of it
    return count


def usual_format() -> Format:
    """How rows are written where --format does not say: a table for a person, TSV for a program."""
    return Format.TABLE if sys.stdout.isatty() else Format.TSV


def names_asked(fields: str | None) -> set[str]:
    """The fields that --fields or --template of the command names; none where neither was given."""
    in_template = template.fields_of(layout.current().template or "")
    return in_template | set(_names_in(fields or ""))


def _names_in(fields: str) -> list[str]:
    """The names of a list like `title, artist`."""
    names = [name.strip() for name in fields.split(",")]
    return [name for name in names if name]


def document(value: object) -> None:
    """Write one JSON document to stdout."""
    with _pipe_may_close():
        formats.write_document(value)
        sys.stdout.flush()


def text(line: str = "") -> None:
    """Write a line of plain text to stdout."""
    with _pipe_may_close():
        out().write(sanitized(line) + "\n")
        sys.stdout.flush()


def note(message: str) -> None:
    """Say something on stderr that is not data."""
    formats.say(sanitized(message))


def passed_over(what: str, problem: NewWaveError) -> None:
    """Say on stderr what went wrong with one thing of several, and how to mend it; the work goes on."""
    note(f"{what}: {problem}  (try: {problem.try_this})")


def error(problem: NewWaveError, try_this: str = "") -> None:
    """Say what happened, why it matters and what to type next: `try_this`, or what the error knows."""
    label = "\x1b[1;31merror:\x1b[0m" if color(sys.stderr) else "error:"
    advice = try_this or problem.try_this
    message = sanitized(f"{problem}\n  try: {advice}")
    formats.say(f"{label} {message}")


class Advance(Protocol):
    """Moves a progress bar on."""

    def __call__(self, steps: int = 1, note: str | None = None, *, total: int | None = None) -> None:
        """Count `steps` more; say what is at hand or correct the total, where given."""


@contextlib.contextmanager
def progress(task: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on stderr while the block runs; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    # transient: when the work is done the bar goes, and only what matters later stays on the screen.
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        row = bar.add_task(task, total=total)

        def advance(steps: int = 1, note: str | None = None, *, total: int | None = None) -> None:
            description = f"{task}  {_short(note)}" if note else None
            bar.update(row, advance=steps, total=total, description=description)

        yield advance


def _short(name: str, width: int = 32) -> str:
    one_line = " ".join(name.split())
    clean = sanitized(one_line)
    if len(clean) <= width:
        return clean
    return clean[: width - 1] + "…"


def _chosen_fields(fields: str | None, known: Sequence[str]) -> list[str] | None:
    if fields is None:
        return None
    chosen = _names_in(fields)
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        named = ", ".join(unknown) or repr(fields)
        different = dict.fromkeys(known)
        there = ",".join(different)  # without a space behind the comma, to be copied as one word
        raise WrongUse(f"there is no field {named}.", try_this=f"--fields {there}    (or some of these)")
    return chosen


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """`nw ... | head -1` is no error: when the reader leaves, stop quietly."""
    try:
        yield
    except BrokenPipeError:
        # What is still in the buffer is flushed when Python ends and would fail once more: let it go nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        raise SystemExit(0) from None  # also outside a command
