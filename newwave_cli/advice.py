"""What an error says to type next, made whole: the command that was typed, changed as the error advises.

An error knows which option would help and not what else was typed. So it may name the option alone
(`--disk-budget 20GB`) or put `…` for the rest (`nw train … --set training.steps=100`); here the rest is
filled in. A remark behind four spaces stays; where it says "without --resume", that option is taken away.
"""

import re
import shlex
from collections.abc import Sequence

_REMARK = "    "
_WITH_REST = re.compile(r"^(?P<before>.*?\b)nw(?: \w+)? …(?P<added>.*)$")
_FLAGS = frozenset(
    """--again --all --deep --diverse --dry-run --explain --forget --has-lyrics --header --index
    --install-completion --keep --no-dry-run --no-rebuild --offline --prune --queries --rebuild --refresh
    --resume --retry-failed --sequence --show-completion --unwrite --verbose --version --write --yes -v
    -y""".split()
)
"""Options without a value, so that the word behind them is not taken for one."""
_SHORT = {"-f": "--format", "-j": "--jobs", "-k": "--limit"}
"""Options with a value that have a letter too."""
_SEVERAL = frozenset(
    """--compare --cors --data --encoder --kind --like --log-to --lyrics --more --not --set --table --tag
    --unlike""".split()
)
"""Options that may be typed several times: one more takes away only the one that the error speaks of."""


def completed(try_this: str, typed: Sequence[str], message: str = "") -> str:
    """The advice as a line that can be typed. typed: the arguments of this `nw`. message: of the error.

    >>> completed("--set training.steps=9    (or more)", ["train", "words", "--set", "training.steps=x"])
    'nw train words --set training.steps=9    (or more)'
    >>> completed("nw train …    (without --resume)", ["-v", "train", "fusion", "--resume"])
    'nw -v train fusion    (without --resume)'
    >>> completed("nw index", ["query", "rain"])
    'nw index'
    """
    command, space, remark = try_this.partition(_REMARK)
    # "nw train … --set x=1", or the option alone; any other advice is a command of its own.
    with_rest = _WITH_REST.match(command)
    if not typed or not (with_rest or command.startswith("--")):
        return try_this
    before, added = "", command
    if with_rest:
        before, added = with_rest["before"], with_rest["added"]
    again = _words(added)
    dropped = re.findall(r"without (--[a-z-]+)", remark)
    kept = _kept(typed, again, dropped, message)
    whole = " ".join((f"{before}nw", shlex.join(kept), added.strip()))
    return whole.rstrip() + space + remark


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a lone quotation mark
        return text.split()


def _kept(typed: Sequence[str], again: Sequence[str], dropped: Sequence[str], message: str) -> list[str]:
    """What was typed, without options that the advice takes away or says anew, and without their values."""
    said = {word.partition("=")[0] for word in again if word.startswith("--")}
    kept: list[str] = []
    at = 0
    while at < len(typed):
        name, value, takes = _option(typed[at:])
        is_said_anew = name in said and _is_replaced(name, value, again, message)
        if name in dropped or is_said_anew:
            at += takes
        else:
            kept.append(typed[at])
            at += 1
    return kept


def _option(words: Sequence[str]) -> tuple[str, str, int]:
    """The option that these words begin with, by its long name; its value; how many words both are."""
    word, following, *_ = (*words, "")
    letter, attached = word[:2], word[2:]
    if letter in _SHORT and attached:  # "-k3"
        return _SHORT[letter], attached, 1
    if letter in _SHORT:  # "-k 3"
        return _SHORT[letter], following, 2
    name, equals, value = word.partition("=")
    if equals or name in _FLAGS:
        return name, value, 1
    return name, following, 2


def _is_replaced(name: str, value: str, again: Sequence[str], message: str) -> bool:
    """Whether an option that the advice names stands in place of this one that was typed."""
    if name not in _SEVERAL:
        return True
    # Of several --set only the one that sets the same thing is replaced.
    key, _, _ = value.partition("=")
    sets_the_same = any(word.startswith(f"{key}=") for word in again)
    return sets_the_same or repr(value) in message
