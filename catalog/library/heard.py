"""Tags that an encoder heard, kept beside those that people gave: their origin is "heard"."""

from collections.abc import Iterable, Sequence

from catalog.library.database import Catalog
from catalog.library.fulltext import index_text
from catalog.library.songs import add_or_update
from catalog.records import Facts

HEARD = "heard"


def keep(catalog: Catalog, song_id: int, names: Sequence[str]) -> None:
    """Keep what was heard in a song, in place of what was heard before; tags of other origins stay."""
    forget(catalog, [song_id])
    if names:
        tags = tuple(name.casefold() for name in names)
        add_or_update(catalog, [Facts(HEARD, tags=tags)], song_id=song_id)


def forget(catalog: Catalog, song_ids: Iterable[int]) -> int:
    """Drop what was heard in these songs; returns how many tags that were."""
    dropped = 0
    with catalog.transaction():
        for song_id in song_ids:
            gone = catalog.execute("DELETE FROM tags WHERE song_id = ? AND origin = ?", (song_id, HEARD))
            if gone.rowcount:
                # Full text holds tags too. Names stay: the table `names` may know more than songs have.
                index_text(catalog.connection, song_id)
            dropped += gone.rowcount
    return dropped
