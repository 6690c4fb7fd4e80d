"""`nw query calm -piano`: a word with a minus is what is not wanted, and no row of options of one letter."""

import re
from collections.abc import Sequence
from typing import Any

from newwave_cli.output.formats import Format

_MARK = "\ue000"
"""In place of the minus while options are read: of private use, so nobody types it."""
_WORD = re.compile(r"-([^\W\d_]{2,}(?:['’-][^\W\d_]+)*)")
_GLUED = {f"f{name}" for name in Format}
"""`-fjson` is `-f json`."""


def protected(arguments: Sequence[str], params: Sequence[Any]) -> list[str]:
    """Arguments as they are read; words with a minus look like other words. params: of the command.

    >>> [word.replace(_MARK, "~") for word in protected(["calm", "-piano", "-vv", "-k5", "-fjson", "-f"], [])]
    ['calm', '~piano', '-vv', '-k5', '-fjson', '-f']
    """
    found: list[str] = []
    before = ""
    for place, argument in enumerate(arguments):
        if argument == "--":
            return [*found, *arguments[place:]]
        is_word = _is_minus_word(argument) and not _takes_value(before, params)
        found.append(argument.replace("-", _MARK, 1) if is_word else argument)
        before = argument
    return found


def restored(word: str) -> str:
    """A word as it was typed."""
    return word.replace(_MARK, "-", 1) if word.startswith(_MARK) else word


def _is_minus_word(argument: str) -> bool:
    """Whether it is a word behind a minus: not -vv, -vh or -fjson, which are options side by side."""
    word = _WORD.fullmatch(argument)
    if word is None:
        return False
    are_flags = set(word[1]) <= {"v", "h"}
    return not are_flags and word[1] not in _GLUED


def _takes_value(argument: str, params: Sequence[Any]) -> bool:
    """Whether what follows belongs to an option, as in `--not -piano`."""
    if not argument.startswith("-"):
        return False
    for param in params:
        is_counted = getattr(param, "count", False)  # -vv
        is_flag = getattr(param, "is_flag", False) or is_counted
        if argument in param.opts and not is_flag:
            return True
    return False
