"""The log of `nw serve`: so many lines a minute and no more, and no line that a client could forge."""

import asyncio
import logging
import re
import time
from typing import TextIO

MOST_A_MINUTE = 30  # a client that provokes errors must not fill the disk
_CONTROLS = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneEntry(logging.Formatter):
    """An entry begins at the margin, its other lines do not; control characters are spelled out."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry as text."""
        text = _CONTROLS.sub(_escaped, super().format(record))
        return text.replace("\n", "\n    ")


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


class NoFlood(logging.Filter):
    """Lets MOST_A_MINUTE entries pass, then none until the minute is over; says how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._minute, self._count = 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the entry is written."""
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            return False  # a request that the end of the server cut off
        minute = int(time.monotonic() // 60)
        left_out = self._count - MOST_A_MINUTE
        if minute != self._minute:
            self._minute, self._count = minute, 0
            if left_out > 0:
                record.msg = f"({left_out} entries of the minutes before were left out) {record.msg}"
        self._count += 1
        return self._count <= MOST_A_MINUTE


def set_up(stream: TextIO) -> None:
    """Let every logger of this process write there so."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneEntry("%(levelname)s: %(message)s"))
    handler.addFilter(NoFlood())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
