"""Published figures for text→music retrieval, each with its protocol and source: never one column for two."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.values.numbers import counted


@dataclass(frozen=True, slots=True)
class Published:
    """A row of somebody's table.

    protocol: ours by name, or theirs in words where we have none like it.
    """

    data: str
    protocol: str
    system: str
    figures: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Size:
    """What a protocol judges on a whole data set: candidates, and captions that are relevant to them."""

    songs: int
    captions: int


SIZES = {
    ("song-describer", "sdd-full"): Size(706, 1106),
    ("song-describer", "sdd-valid"): Size(547, 746),
    ("song-describer", "first-attempt"): Size(746, 746),
}
"""Of the protocols that are ours too: a part of the songs is an easier task, so its figures stand apart."""
LYRICS = "lyrics of the first attempt"
"""What its trainings of words were judged on; a recipe of the same name is the same system here."""


@cache
def _table() -> tuple[Published, ...]:
    """All rows of `published.toml`."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    return tuple(Published(**row) for row in content["published"])


def published(data: str) -> tuple[Published, ...]:
    """What others report on a data set, of any protocol."""
    return tuple(row for row in _table() if row.data == data)


def why_not_comparable(row: Published, *, data: str, protocol: str, songs: int, captions: int) -> str:
    """Why no figure of ours may stand beside it; "" where it may: the same songs, captions and protocol."""
    if row.data != data:
        return "other data: not comparable"
    if row.protocol != protocol:
        return "another protocol: not comparable"
    size = SIZES.get((data, protocol))
    if size is None:
        return "its songs are not known: not comparable"
    if songs != size.songs:
        return f"{counted(songs, 'song')}, not {size.songs}: not comparable"
    if captions != size.captions:
        return f"{counted(captions, 'caption')}, not {size.captions}: not comparable"
    return ""
