"""Artists whose name is said in another way: "Holm, Ida", "I. Holm"."""

from collections.abc import Sequence

from catalog.library.database import Catalog
from catalog.library.names.misspelled import LAST
from catalog.library.names.spans import Place

LONGEST = 4
"""Words of a name that is said in another way."""
MOST_INITIALS = 3


def turned_names(catalog: Catalog, words: Sequence[str]) -> dict[Place, str]:
    """Artists whose last name stands first, by the place of their name: "holm ida".

    words: as `words_of` gives them.
    """
    turned: dict[str, Place] = {}
    for start in range(len(words)):
        for end in range(start + 2, min(start + LONGEST, len(words)) + 1):
            surname, *first = words[start:end]
            turned[" ".join([*first, surname])] = start, end
    among = ", ".join("?" * len(turned))
    rows = catalog.fetch(
        f"SELECT name, written FROM names WHERE kind = 'artist' AND name IN ({among})", list(turned)
    )
    return {turned[name]: written for name, written in rows}


def name_with_initials(catalog: Catalog, initials: Sequence[str], surname: str) -> str | None:
    """The one artist of that surname whose other names begin so, or whose first name alone is told.

    initials: letters in lower case. surname: as `words_of` gives it. None for no such artist, and for
    several.
    """
    first = initials[0]
    rows = catalog.fetch(
        "SELECT name, written FROM names WHERE kind = 'artist' AND name >= ? AND name < ? AND name LIKE ?",
        (first, first + LAST, f"% {surname}"),
    )
    found = {written for name, written in rows if _begins(name.split()[:-1], initials)}
    return found.pop() if len(found) == 1 else None


def _begins(names: Sequence[str], initials: Sequence[str]) -> bool:
    """Whether names begin with so many letters, one each; more names than letters may be left untold."""
    if len(names) < len(initials):
        return False
    return all(name.startswith(letter) for name, letter in zip(names, initials, strict=False))
