"""Names of the catalog that stand in a request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.names.lookup import ids_named, names_among
from catalog.library.names.misspelled import nearly
from catalog.library.names.spans import LONG, LONGEST, LONGEST_MISSPELLED, Place, runs

KINDS = ("title", "artist", "album", "tags", "folder")
SAID_OF_ALBUMS = ("", " ost", " soundtrack", " original soundtrack", " score", " ep")
"""What people leave out of the name of an album."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name of the catalog in a request: words [start, end) of it, and the songs (ids) that have it."""

    kind: str
    name: str
    start: int
    end: int
    ids: NDArray[np.int64]

    @property
    def place(self) -> Place:
        """Where in the request it stands."""
        return self.start, self.end

    @property
    def length(self) -> int:
        """Of how many words of the request it is."""
        return self.end - self.start


def known_names(
    catalog: Catalog,
    words: Sequence[str],
    *,
    common: frozenset[str],
    is_ordinary: Callable[[str], bool] = lambda word: False,
) -> list[Known]:
    """Names that stand whole in a request, the longest first; small spelling errors are forgiven.

    words: the request, as `words_of` gives it. common: words that name nothing by themselves. is_ordinary:
    whether a word that no song has is one of a language, and so no misspelled name by itself.
    """
    spans, albums = _ways_to_write(words, common, is_ordinary)
    names = names_among(catalog, list(spans))
    called = names_among(catalog, list(albums))
    names += [one for one in called if one[0] == "album"]
    # A name that stands in the request is where it stands, whatever else may have been meant by it.
    places = albums | spans
    for meant, place in nearly(catalog, words, common, is_ordinary):
        _, name, _ = meant
        places.setdefault(name, place)
        names.append(meant)
    found: dict[tuple[str, int, int], Known] = {}
    for kind, name, written in names:
        start, end = places[name]
        if (kind, start, end) not in found:
            ids = ids_named(catalog, kind, written)
            found[kind, start, end] = Known(kind, written, start, end, ids)
    return sorted(found.values(), key=_longest_first)


def _ways_to_write(
    words: Sequence[str], common: frozenset[str], is_ordinary: Callable[[str], bool]
) -> tuple[dict[str, Place], dict[str, Place]]:
    """The places of all spans by how each may be written, and by how an album of that name may be called."""
    spans: dict[str, Place] = {}
    albums: dict[str, Place] = {}
    for start, end in runs(len(words), LONGEST):
        span = words[start:end]
        if set(span) <= common:
            continue
        place = start, end
        spans |= dict.fromkeys(_written(span), place)
        # "rain" describes: it is not short for "Rain OST".
        describes = len(span) == 1 and is_ordinary(span[0])
        if not describes:
            albums |= dict.fromkeys(_of_albums(span), place)
    return spans, albums


def _longest_first(known: Known) -> tuple[int, int]:
    return -known.length, KINDS.index(known.kind)


def _written(span: Sequence[str]) -> list[str]:
    """A span, the same with the last word in singular or plural, and its words as one."""
    whole = " ".join(span)
    ways = [whole]
    if len(span) > 1 and span[0] != "the":
        ways.append(f"the {whole}")  # "Ellery Trio"
    if len(span[-1]) >= 4:
        other_number = whole.removesuffix("s") if whole.endswith("s") else whole + "s"
        ways.append(other_number)
    together = "".join(span)
    is_several = 1 < len(span) <= LONGEST_MISSPELLED
    # A number makes a short one tell: "8-bit" is 8bit, and "u 2" U2.
    has_number = together[0].isdigit() != together[-1].isdigit()
    if is_several and (has_number or len(together) >= LONG):
        ways.append(together)
    return ways


def _of_albums(span: Sequence[str]) -> list[str]:
    """What an album may be called that people call by the span: "The Battle for Wesnoth OST"."""
    whole = " ".join(span)
    ways = []
    for first, last in product(("", "the "), SAID_OF_ALBUMS):
        if first or last:  # the span itself is looked for among all names
            ways.append(first + whole + last)
    return ways
