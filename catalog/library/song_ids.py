"""Ids of songs are never given twice: an index that still holds a removed song would answer with another."""

from catalog.library.database import Catalog


def next_id(catalog: Catalog) -> int:
    """An id that no song has or had."""
    highest = catalog.fetch(
        "SELECT max(coalesce((SELECT max(id) FROM songs), 0), CAST(value AS INTEGER)) FROM about"
        " WHERE key = 'last_removed'"
    )
    return int(highest[0][0]) + 1


def note_removed(catalog: Catalog, among: tuple[str]) -> None:
    """Remember the highest id among songs that are about to be removed: a JSON list of ids."""
    catalog.execute(
        "UPDATE about SET value = max(CAST(value AS INTEGER), (SELECT coalesce(max(id), 0) FROM songs"
        " WHERE id IN (SELECT value FROM json_each(?)))) WHERE key = 'last_removed'",
        among,
    )
