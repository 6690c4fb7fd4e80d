"""What the catalog has under a name: rows of the table `names`, and ids of songs by its full text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import match_query, words_of

MOST = 1_000
"""Songs or names that are looked at where many have the same."""

Name = tuple[str, str, str]
"""Its kind, the name as it is compared, and as it is written."""


def names_among(catalog: Catalog, texts: Sequence[str]) -> list[Name]:
    """The texts that are names, whole and as they are compared."""
    among = ", ".join("?" * len(texts))
    return names_where(catalog, f"name IN ({among}) ORDER BY name, kind", texts)


def names_where(catalog: Catalog, condition: str, values: Sequence[object]) -> list[Name]:
    """The names that fulfil a condition of SQL over `kind`, `name` and `written`."""
    rows = catalog.fetch(f"SELECT kind, name, written FROM names WHERE {condition}", values)
    return [(kind, name, written) for kind, name, written in rows]


def ids_titled(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has just these words, ascending."""
    if not words:
        return np.empty(0, np.int64)
    # Full text finds titles that hold the words; of these, the ones that are no longer.
    holding = ids_named(catalog, "title", " ".join(words))
    ids = holding[:MOST].tolist()
    among = ", ".join("?" * len(ids))
    rows = catalog.fetch(f"SELECT id, title FROM songs WHERE id IN ({among}) ORDER BY id", ids)
    wanted = list(words)
    titled = [song_id for song_id, title in rows if words_of(title) == wanted]
    return np.array(titled, np.int64)


def ids_named(catalog: Catalog, columns: str, name: str) -> NDArray[np.int64]:
    """Songs that have these words, one after the other, in a column or in any of several ("title album")."""
    quoted = name.replace('"', " ")
    query = match_query(f'"{quoted}"')
    if not query:
        return np.empty(0, np.int64)
    if columns:
        query = f"{{{columns}}} : {query}"
    rows = catalog.fetch("SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? ORDER BY rowid", (query,))
    return np.array([row[0] for row in rows], np.int64)


def ids_with_title_words(catalog: Catalog, words: Sequence[str]) -> NDArray[np.int64]:
    """Songs whose title has every one of these words, or one that begins with it, ascending."""
    if not words:
        return np.empty(0, np.int64)
    every = " AND ".join(f'"{word}"*' for word in words)
    rows = catalog.fetch(
        "SELECT rowid FROM songs_fts WHERE songs_fts MATCH ? ORDER BY rowid LIMIT ?",
        (f"{{title}} : ({every})", MOST),
    )
    return np.array([row[0] for row in rows], np.int64)
