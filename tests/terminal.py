"""A terminal of so many columns that commands run in, and what its screen shows in the end."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from dataclasses import dataclass
from pathlib import Path

STEP = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|(\r|\n)|([^\x1b\r\n]+)")


@dataclass
class Shown:
    """code: the exit code. rows: the screen and what scrolled away. drawn: every row as it was written."""

    code: int
    rows: list[str]
    drawn: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


def shown(arguments: list[str], *, columns: int = 80, cwd: Path | None = None) -> Shown:
    """Run Python with these arguments in a terminal."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.chdir(cwd or ".")
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        environment |= {"TERM": "xterm-256color", "OMP_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-P", *arguments], environment)
    written = b"".join(iter(lambda: _read(terminal), b""))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = written.decode()
    return Shown(code, screen(text, columns), [row for row in re.split(r"[\r\n]", _plain(text)) if row])


def screen(text: str, columns: int) -> list[str]:
    """What is left on the screen: rows that are too long wrap, as they do on a terminal."""
    rows, row, column = [""], 0, 0
    for count, command, control, words in STEP.findall(text):
        if control == "\r":
            column = 0
        elif control == "\n":
            row += 1
        elif command == "A":
            row = max(0, row - int(count or 1))
        elif command == "K":
            rows[row] = "" if count == "2" else rows[row][:column]
        for letter in words:
            if column == columns:
                row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
            rows[row] = rows[row][:column].ljust(column) + letter + rows[row][column + 1 :]
            column += 1
        rows += [""] * (row + 1 - len(rows))
    return [one.rstrip() for one in rows]


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side is closed
        return b""
