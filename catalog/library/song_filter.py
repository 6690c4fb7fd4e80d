"""Which songs may answer, from the filters that every command, page and saved query shares."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.library.filters import ids_where, select


@dataclass(frozen=True, slots=True)
class SongFilter:
    """Conditions that a song must all fulfil, as `ids_where` takes them.

    year: "1984", or "1980-1989". Raises WrongUse for a year that is none.
    """

    where: str | None = None
    match: str | None = None
    tags: tuple[str, ...] = ()
    year: str | None = None
    has_lyrics: bool = False

    def __post_init__(self) -> None:
        if self.year:
            years(self.year)

    def ids(self, catalog: Catalog) -> NDArray[np.int64] | None:
        """Ids of the songs that pass, ascending; None where nothing is narrowed. Raises WrongUse."""
        # An empty --match is a question without words, which no song answers; an empty --where is none.
        narrows = self.where or self.match is not None or self.tags or self.year or self.has_lyrics
        if not narrows:
            return None
        between = years(self.year) if self.year else None
        where = self.where or None
        return ids_where(
            catalog, where, self.match, tags=self.tags, years=between, has_lyrics=self.has_lyrics
        )

    def sorted_ids(self, catalog: Catalog, *, sort: str = "") -> list[int]:
        """Ids of the songs that pass, by columns; "-year" for descending. Raises WrongUse."""
        ids = select(catalog, sort=sort)
        passing = self.ids(catalog)
        if passing is None:
            return ids
        allowed = set(passing.tolist())
        return [one for one in ids if one in allowed]


def ids_between(catalog: Catalog, column: str, low: float, high: float) -> NDArray[np.int64]:
    """Ids of the songs whose `year` or `duration_s` is known and lies from low to high, ascending."""
    if column not in ("year", "duration_s"):
        raise ValueError(f"no range of {column}")
    rows = catalog.fetch(f"SELECT id FROM songs WHERE {column} BETWEEN ? AND ? ORDER BY id", (low, high))
    return np.array([row[0] for row in rows], np.int64)


def ids_in_languages(catalog: Catalog, codes: Collection[str]) -> NDArray[np.int64]:
    """Ids of the songs in one of these languages, by their ISO 639 codes, ascending."""
    marks = ", ".join("?" * len(codes))
    rows = catalog.fetch(f"SELECT id FROM songs WHERE language IN ({marks}) ORDER BY id", tuple(codes))
    return np.array([row[0] for row in rows], np.int64)


def ids_in_other_languages(catalog: Catalog, codes: Collection[str]) -> NDArray[np.int64]:
    """Ids of the songs whose language is known and none of these ISO 639 codes, ascending."""
    marks = ", ".join("?" * len(codes))
    rows = catalog.fetch(
        f"SELECT id FROM songs WHERE language != '' AND language NOT IN ({marks}) ORDER BY id", tuple(codes)
    )
    return np.array([row[0] for row in rows], np.int64)


def years(text: str) -> tuple[int, int]:
    """The first and the last year of "1984" or "1980-1989". Raises WrongUse.

    >>> years("1984"), years("1980-1989")
    ((1984, 1984), (1980, 1989))
    """
    begin, dash, end = text.partition("-")
    try:
        first, last = int(begin), int(end if dash else begin)
    except ValueError:
        raise WrongUse(f"{text!r} is no year.", try_this="--year 1984    (or 1980-1989)") from None
    if last < first:
        raise WrongUse(f"{text!r} ends before it begins.", try_this=f"--year {last}-{first}")
    return first, last
