"""Artists whose name is said in another way: "Holm, Ida", "I. Holm"."""

from collections.abc import Sequence

from catalog.library.database import Catalog
from catalog.library.names.lookup import names_among, names_where
from catalog.library.names.misspelled import LAST
from catalog.library.names.spans import Place, runs

LONGEST = 4
"""Words of a name that is said in another way."""


def turned_names(catalog: Catalog, words: Sequence[str]) -> dict[Place, str]:
    """Artists whose last name stands first, by the place of their name: "holm ida".

    words: as `words_of` gives them.
    """
    turned: dict[str, Place] = {}
    for start, end in runs(len(words), LONGEST):
        surname, *first = words[start:end]
        if first:
            turned[" ".join([*first, surname])] = start, end
    named = names_among(catalog, list(turned))
    return {turned[name]: written for kind, name, written in named if kind == "artist"}


def name_with_initials(catalog: Catalog, initials: Sequence[str], surname: str) -> str | None:
    """The one artist of that surname whose other names begin so, or whose first name alone is told.

    initials: letters in lower case. surname: as `words_of` gives it. None for no such artist, and for
    several.
    """
    first = initials[0]
    artists = names_where(
        catalog,
        "kind = 'artist' AND name >= ? AND name < ? AND name LIKE ?",
        (first, first + LAST, f"% {surname}"),
    )
    found = {written for _, name, written in artists if _begins(name.split()[:-1], initials)}
    return found.pop() if len(found) == 1 else None


def _begins(names: Sequence[str], initials: Sequence[str]) -> bool:
    """Whether names begin with so many letters, one each; more names than letters may be left untold."""
    if len(names) < len(initials):
        return False
    return all(name.startswith(letter) for name, letter in zip(names, initials, strict=False))
