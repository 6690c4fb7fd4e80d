"""How the command that runs writes its rows, beyond format and fields: --header and --template.

Every command that lists rows takes them (see global_options.py), and `show.rows` reads them here, so that no
command hands them on.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """header: TSV begins with the names of its columns. template: a line of text for each row."""

    header: bool = False
    template: str | None = None


_current: ContextVar[Layout] = ContextVar("layout", default=Layout())  # noqa: B039 (frozen)


def current() -> Layout:
    """What was asked for of the command that runs."""
    return _current.get()


@contextlib.contextmanager
def asked(layout: Layout) -> Iterator[None]:
    """Write rows like this while the block runs."""
    before = _current.set(layout)
    try:
        yield
    finally:
        _current.reset(before)
