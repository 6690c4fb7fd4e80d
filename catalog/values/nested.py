"""Cells that hold several values: lists, objects of JSON, structs and maps of Parquet, or any as text."""

import json
import re
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

from catalog.values.columns import text_of

DEEPEST = 6
"""Levels that are looked into; what lies deeper is no text that anybody wrote."""
LONGEST_LIST = 100_000
"""Characters of a list that is written as text; what is longer is none."""

_LISTS = (list, tuple, set, frozenset)
_BRACKETS = re.compile(r"\s*\[(.*)\]\s*", re.DOTALL)
_OBJECTS = re.compile(r"""\s*(?:\{\s*".*\}|\[\s*[{"'].*[}"']\s*\])\s*""", re.DOTALL)
"""An object as JSON has it, a list of objects, a list of texts as JSON or Python has it."""
_ITEM = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,\[\]]*))\s*[\],\[]*""",
    re.DOTALL,
)
_SEPARATORS = re.compile(r"[;,|\t\n]")
_WORDS = ("text", "caption", "description", "line", "value")
"""What an object calls its text: {"text": "calm", "start": 0}."""


def leaves(value: Any, depth: int = DEEPEST) -> Iterator[Any]:
    """What lies in lists and objects, in order; of an object what it calls its text, else all but numbers.

    >>> list(leaves({"en": "calm", "score": 0.9})), list(leaves([{"text": "calm", "start": 0}, "slow"]))
    (['calm'], ['calm', 'slow'])
    """
    if not depth:
        return
    if isinstance(value, Mapping):
        named = {str(name).casefold(): inner for name, inner in value.items()}
        text = next((named[word] for word in _WORDS if named.get(word)), None)
        parts = [part for part in value.values() if not isinstance(part, Real)] if text is None else [text]
    elif _is_map(value):
        parts = [part for _, part in value]
    elif isinstance(value, _LISTS):
        parts = list(value)
    else:
        yield value
        return
    for part in parts:
        yield from leaves(part, depth - 1)


def texts_of(value: Any) -> list[str]:
    """The texts in a cell, without empty ones; a list or an object may be written as text.

    >>> texts_of("calm, slow"), texts_of('["calm", "slow"]'), texts_of('{"en": "calm"}')
    (['calm, slow'], ['calm', 'slow'], ['calm'])
    """
    return list(filter(None, map(text_of, leaves(_parsed(value)))))


def split_tags(value: Any) -> list[str]:
    """Tags from a list, one that is written as text, or text with separators; of numbers by name, the names.

    Nothing is evaluated, and nothing is nested deeper than it looks: 100,000 brackets or minus signs in a
    cell are one odd text and no trouble.

    >>> split_tags("['low quality', 'sad']"), split_tags("rock; pop"), split_tags(["a", None])
    (['low quality', 'sad'], ['rock', 'pop'], ['a'])
    >>> split_tags({"rock": 0.9, "pop": 0}), split_tags({"mood": ["sad"]})
    (['rock'], ['sad'])
    """
    value = _parsed(value)
    if _is_map(value):
        value = dict(value)
    if isinstance(value, Mapping) and value and all(_is_weight(part) for part in value.values()):
        value = [name for name, weight in value.items() if weight]
    if isinstance(value, (*_LISTS, Mapping)):
        return texts_of(value)
    text = text_of(value)
    listed = _BRACKETS.fullmatch(text)
    parts = _items(listed[1]) if listed else _SEPARATORS.split(text)
    return list(filter(None, map(str.strip, parts)))


def _is_weight(value: Any) -> bool:
    return value is None or isinstance(value, Real)


def _is_map(value: Any) -> bool:
    """Whether a value is a map as pyarrow gives it: a list of pairs."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, tuple) and len(part) == 2 for part in value)
    )


def _parsed(value: Any) -> Any:
    """A cell; what a list or an object holds that is written as text."""
    if not isinstance(value, str) or len(value) > LONGEST_LIST or not _OBJECTS.fullmatch(value):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        listed = _BRACKETS.fullmatch(value)
        return _items(listed[1]) if listed and "{" not in value else value


def _items(inside: str) -> list[str]:
    """The items of a list as Python prints it, by what its brackets hold: 'low quality', 'sad'."""
    if len(inside) > LONGEST_LIST:
        return []
    items = []
    for single_quoted, double_quoted, bare in _ITEM.findall(inside):
        escaped = single_quoted or double_quoted or bare
        items.append(re.sub(r"\\(.)", r"\1", escaped))
    return items
