"""What `nw stats` looks at: the catalog, a data set, shards or a table, by the word that was typed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import WrongUse, quoted
from catalog.values.numbers import counted
from newwave_cli.inputs import data_sets
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.library.song_filter import SongFilter
    from catalog.statistics.rows import Described

CATALOG = "catalog"
OWN = (CATALOG, "library")
"""Words for one's own songs; `nw evaluate --on` says library."""
STREAMED = 1_000
"""Songs of a streamed data set that are looked at when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which songs of what, as it was typed."""

    what: str = CATALOG
    named: tuple[str, ...] = ()
    chosen: "SongFilter | None" = None
    limit: int | None = None
    disk_budget: str = "20GB"


def name_of(choice: Choice) -> str:
    """What to call it in a report: a data set by its name, also where its table was named.

    >>> name_of(Choice("mtg-jamendo")), name_of(Choice("some/songs.csv"))
    ('MTG-Jamendo', 'songs.csv')
    """
    from catalog import sources

    path = Path(choice.what).expanduser()
    name, _ = sources.split(choice.what)
    name = name or sources.of_table(path)
    return sources.load(name).INFO.title if name else path.name


def songs(settings: Settings, choice: Choice) -> "Iterator[Described]":
    """The songs that were meant. Raises WrongUse for a word that means nothing, and what reading raises."""
    found = _all(settings, choice)
    return islice(found, choice.limit) if choice.limit else found


def _all(settings: Settings, choice: Choice) -> "Iterator[Described]":
    """All songs that a word means: a data set, the library, a table, or shards. Raises WrongUse."""
    from catalog import sources
    from catalog.shards.find import is_remote
    from catalog.statistics.rows import of_table

    # A data set's name goes before a file of that name, as it does for nw ingest.
    name, files = sources.split(choice.what)
    if name:
        data_set = replace(choice, what=name, named=(*files, *choice.named))
        return _of_name(settings, data_set)
    path = Path(choice.what).expanduser()
    if choice.what in OWN:
        return _of_catalog(settings, choice.chosen)
    if path.is_file() and path.suffix != ".parquet":
        kind = sources.of_table(path)  # a published table is known by its columns
        if kind:
            return _of_source(settings, choice, kind, (str(path),))
        return of_table(path)
    if path.exists() or is_remote(choice.what):
        return _of_source(settings, choice, sources.ANY, (choice.what,))
    names = ", ".join(sources.names())
    raise WrongUse(
        f"there is no data set, table or folder {choice.what}.",
        try_this=f"nw stats    (or a file, or one of: {names})",
    )


def _of_name(settings: Settings, choice: Choice) -> "Iterator[Described]":
    """A data set: from the files named with it, else as it is in the catalog, else streamed."""
    from catalog.sources import load

    if choice.named:
        return _of_source(settings, choice, choice.what, choice.named)
    ids = _ids_from(settings, choice.what)
    if ids:  # what was taken in can be looked at whole and offline
        songs = counted(len(ids), "song")
        show.note(f"{choice.what}: {songs} of it in the catalog")
        return _by_id(settings, ids)
    info = load(choice.what).INFO
    if info.shards:
        return _of_source(settings, choice, choice.what, ())
    name = quoted(choice.what)
    raise WrongUse(
        f"no song of {choice.what} is in the catalog, and no file of it was named.",
        try_this=f"nw stats {name} FILE    (FILE is {info.needs})",
    )


def _of_source(settings: Settings, choice: Choice, name: str, named: Sequence[str]) -> "Iterator[Described]":
    """Songs of a data set from its files or its shards; of a stream the first ones alone."""
    from catalog.shards.find import is_remote
    from catalog.sources import load
    from catalog.statistics.rows import of_clips

    limit = choice.limit
    is_streamed = not named or is_remote(named[0])
    if limit is None and is_streamed:  # without a limit a look at numbers would download a terabyte
        show.note(f"the first {STREAMED:,} songs are looked at; --limit says how many")
        limit = STREAMED
    wanted = data_sets.DataSetOptions(name, tuple(named), limit, disk_budget=choice.disk_budget)
    clips = load(name).clips(data_sets.place_of(settings, wanted))
    return islice(of_clips(clips, name), limit)


def _of_catalog(settings: Settings, chosen: "SongFilter | None") -> "Iterator[Described]":
    from catalog.library.database import Catalog
    from catalog.library.song_filter import SongFilter

    with Catalog.open(settings.catalog, read_only=True) as catalog:
        ids = (chosen or SongFilter()).sorted_ids(catalog)
    return _by_id(settings, ids)


def _ids_from(settings: Settings, source: str) -> list[int]:
    """The songs of the catalog that a data set brought; none without a catalog."""
    from catalog.library.database import Catalog

    if not settings.catalog.exists():
        return []
    with Catalog.open(settings.catalog, read_only=True) as catalog:
        # Missing files too: what a report counts is what is known of songs, not what can be played.
        rows = catalog.fetch("SELECT id FROM songs WHERE source = ?", (source,))
        return [int(song) for (song,) in rows]


def _by_id(settings: Settings, ids: Sequence[int]) -> "Iterator[Described]":
    """Songs of the catalog by id, which stays open as long as they are asked for."""
    from catalog.library.database import Catalog
    from catalog.statistics.rows import of_catalog

    with Catalog.open(settings.catalog, read_only=True) as catalog:
        yield from of_catalog(catalog, ids)
