"""What is sung and said in songs: lyrics and captions as the catalog keeps them, and a hash of both."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from catalog.library.database import AMONG, Catalog, as_parameter
from catalog.records import Caption, Line

_PAGE = 500
"""Songs whose texts are in memory at once."""


def lyrics_of(catalog: Catalog, ids: Iterable[int]) -> dict[int, tuple[Line, ...]]:
    """The lyrics of these songs by id; a song without any is left out."""
    found = {}
    rows = catalog.fetch(
        f"SELECT song_id, text, starts FROM lyrics WHERE song_id{AMONG}", (as_parameter(ids),)
    )
    for song_id, text, starts in rows:
        lines = text.split("\n")
        times = [None] * len(lines)
        if starts:
            times = json.loads(starts)
        found[song_id] = tuple(map(Line, lines, times))
    return found


def captions_of(catalog: Catalog, ids: Iterable[int]) -> dict[int, tuple[Caption, ...]]:
    """The captions of these songs by id, in the order they were told; a song without any is left out."""
    found: dict[int, tuple[Caption, ...]] = {}
    rows = catalog.fetch(
        f"SELECT song_id, text, start_s, end_s, origin FROM captions WHERE song_id{AMONG} ORDER BY id",
        (as_parameter(ids),),
    )
    for song_id, *values in rows:
        before = found.get(song_id, ())
        found[song_id] = (*before, Caption(*values))
    return found


def texts_for_words(
    catalog: Catalog, ids: Iterable[int] | None = None
) -> Iterator[tuple[int, tuple[Line, ...], tuple[Caption, ...]]]:
    """(id, lines of the lyrics, captions) of the songs that have either; of all, or of these ids."""
    if ids is None:
        rows = catalog.fetch("SELECT id FROM songs WHERE words_hash IS NOT NULL ORDER BY id")
        ids = [song_id for (song_id,) in rows]
    wanted = [int(song_id) for song_id in ids]
    for start in range(0, len(wanted), _PAGE):
        page = wanted[start : start + _PAGE]
        all_lyrics = lyrics_of(catalog, page)
        all_captions = captions_of(catalog, page)
        for song_id in page:
            lyrics = all_lyrics.get(song_id, ())
            captions = all_captions.get(song_id, ())
            if lyrics or captions:
                yield song_id, lyrics, captions


def keep_lyrics(catalog: Catalog, song_id: int, lines: Sequence[Line]) -> None:
    """Write lyrics in place of those there were: one text for full text search, times beside it."""
    catalog.execute("DELETE FROM lyrics WHERE song_id = ?", (song_id,))
    if not lines:
        return
    text = "\n".join(line.text for line in lines)
    times = [line.start_s for line in lines]
    is_timed = any(start_s is not None for start_s in times)
    starts = json.dumps(times) if is_timed else None
    catalog.execute("INSERT INTO lyrics VALUES (?, ?, ?)", (song_id, text, starts))


def keep_words_hash(catalog: Catalog, song_id: int) -> None:
    """Bring the hash of a song's words up to date: none where it has neither lyrics nor captions."""
    lyrics = lyrics_of(catalog, [song_id]).get(song_id, ())
    captions = captions_of(catalog, [song_id]).get(song_id, ())
    digest = None
    if lyrics or captions:
        # Times count: they are where a hit says that a line is sung.
        lines = [(line.text, line.start_s) for line in lyrics]
        told = [(caption.text, caption.start_s, caption.end_s) for caption in captions]
        words = json.dumps([lines, told])
        # Kept beside the vectors of the words: where it differs, they are of other words.
        digest = hashlib.blake2b(words.encode(), digest_size=16).hexdigest()
    catalog.execute("UPDATE songs SET words_hash = ? WHERE id = ?", (digest, song_id))
