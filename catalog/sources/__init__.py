"""The data sets: one file each, and the folder is the registry.

A file says in `INFO` what it is called, what its user must name, whether it is judged and how, and gives
its songs by `clips(place)`; one that is streamed offers `opened(place, ...)` too. No other code knows one by
name.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from catalog import registry
from catalog.data_sets import DataSet, Place, SourceInfo
from catalog.errors import WrongUse
from catalog.records import Clip

ANY = "shards"
"""The data set that any parquet files are."""


class Source(Protocol):
    """A file of this folder."""

    INFO: SourceInfo

    def clips(self, place: Place) -> Iterator[Clip]:
        """Every song. Raises WrongUse, Unreadable or SourceError."""


@runtime_checkable
class StreamedSource(Source, Protocol):
    """A data set of shards, whose rows can be taken up again at any place."""

    def opened(
        self, place: Place, *, seed: int | None = None, rank: int = 0, world: int = 1
    ) -> AbstractContextManager[DataSet]:
        """The data set as a stream, without what `place.exclude` holds. Raises SourceError."""


def names() -> list[str]:
    """The data sets there are, as they are typed.

    >>> names()
    ['jamendo', 'jamendo-api', 'mtg-jamendo', 'musiccaps', 'shards', 'song-describer']
    """
    return [name.replace("_", "-") for name in registry.names(__path__)]


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """A data set and the files named with it, as every command takes them; ("", ()) for anything else.

    A name means the data set, whatever lies in the folder at hand: ./jamendo is a folder.

    >>> split("jamendo"), split("musiccaps:captions.csv,sound"), split("./jamendo")
    (('jamendo', ()), ('musiccaps', ('captions.csv', 'sound')), ('', ()))
    """
    name, _, files = text.partition(":")
    if name not in names():
        return "", ()
    return name, tuple(filter(None, files.split(",")))


def load(name: str) -> Source:
    """The data set of that name. Raises WrongUse with the list."""
    module = registry.load(__name__, name, names(), what="data set", try_this="nw ingest jamendo")
    return cast(Source, module)


def load_streamed(name: str) -> StreamedSource:
    """The data set of that name as a stream of shards. Raises WrongUse where it has none."""
    found = load(name)
    if not isinstance(found, StreamedSource):
        streamed = []
        for other in names():
            if isinstance(load(other), StreamedSource):
                streamed.append(other)
        listed = ", ".join(streamed)
        raise WrongUse(
            f"{name} has no shards to stream; these have: {listed}.",
            try_this=f"nw shards status {streamed[0]}",
        )
    return found


def infos() -> dict[str, SourceInfo]:
    """What every data set says of itself, by name."""
    return {name: load(name).INFO for name in names()}


def judged() -> list[str]:
    """The data sets that can be judged by."""
    return [name for name, info in infos().items() if info.protocol]


def of_table(path: Path) -> str:
    """The data set whose table a file is, by its first line; "" for none of those that are known here.

    >>> of_table(Path("none.csv"))
    ''
    """
    if not path.is_file():  # a pipe would be waited for
        return ""
    with suppress(OSError, UnicodeDecodeError), path.open(encoding="utf-8") as file:
        head = file.readline(2000)
        for name, info in infos().items():
            words = info.table_head
            if words and all(word in head for word in words):
                return name
    return ""


def with_jamendo_ids() -> set[str]:
    """Sources, as the catalog's songs name them, whose ids Jamendo gave: equal ones are one track."""
    found = set()
    for name, info in infos().items():
        if info.jamendo_ids:
            found.add(info.kept_as or name)
    return found
