"""Which songs changed since an index was made: their sound, their words, their vectors, or that they are.

Triggers of the database write it down (`migrations.m016_changes`), so that nothing that changes a song can
forget to. A song stands there once, with the number of its last change.
"""

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog


def latest(catalog: Catalog) -> int:
    """The number of the last change; ask before reading what is indexed, so that none is passed over."""
    return int(catalog.fetch("SELECT coalesce(max(number), 0) FROM changes")[0][0])


def since(catalog: Catalog, number: int, *, most: int) -> NDArray[np.int64] | None:
    """Songs (ids, ascending) that changed after `number`, those that are gone included.

    None where that is not known, as in a catalog that was put back from a copy, or where they are more than
    `most`.
    """
    if not 0 < number <= latest(catalog):
        return None
    # One more than is wanted tells that there are too many, without counting a million.
    rows = catalog.fetch("SELECT song_id FROM changes WHERE number > ? LIMIT ?", (number, most + 1))
    if len(rows) > most:
        return None
    ids = [song for (song,) in rows]
    return np.sort(np.array(ids, np.int64))
