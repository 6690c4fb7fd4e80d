"""What a row of a data set says about its song, and what rows before it said."""

from dataclasses import replace

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Clip, Facts
from catalog.values.columns import left_out, tags_of

_LIMITED = ("title", "artist", "album", "year", "genre", "license", "language")


def facts_of(clip: Clip, source: str) -> Facts:
    """What a data set says about a song."""
    song = dict(clip.song)
    tags = tags_of(song.pop("tags", ()))
    song.pop("duration_s", None)
    values = {name: song.pop(name) for name in _LIMITED if name in song}
    values |= {"source": source, "source_id": clip.id}
    return Facts(source, values, tags=tags, captions=clip.texts, extra=song)


def left_out_of(clip: Clip, source: str) -> list[str]:
    """What of it the columns cannot hold, a sentence each."""
    told = facts_of(clip, source)
    return left_out(replace(told, values={**told.values, "duration_s": clip.song.get("duration_s")}))


def added_to(catalog: Catalog, song_id: int, facts: Facts) -> Facts:
    """The facts, with what rows before them said from the same origin."""
    before = songs.get(catalog, song_id)
    origins = {facts.origin, *(caption.origin for caption in facts.captions)}
    captions = [caption for caption in before.captions if caption.origin in origins]
    tags = catalog.fetch("SELECT tag FROM tags WHERE song_id = ? AND origin = ?", (song_id, facts.origin))
    said_before = (tag for (tag,) in tags)
    return replace(
        facts,
        captions=tuple(dict.fromkeys((*captions, *facts.captions))),
        tags=tuple(dict.fromkeys((*said_before, *facts.tags))),
    )
