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
    song.pop("duration_s", None)  # the sound itself says it better
    values = {}
    for name in _LIMITED:
        if name in song:
            values[name] = song.pop(name)
    values |= {"source": source, "source_id": clip.id}
    # What is left has no column of its own.
    return Facts(source, values, tags=tags, captions=clip.texts, extra=song)


def left_out_of(clip: Clip, source: str) -> list[str]:
    """What of it the columns cannot hold, a sentence each."""
    told = facts_of(clip, source)
    with_length = {**told.values, "duration_s": clip.song.get("duration_s")}
    return left_out(replace(told, values=with_length))


def added_to(catalog: Catalog, song_id: int, facts: Facts) -> Facts:
    """The facts, with what rows before them said from the same origin."""
    before = songs.get(catalog, song_id)
    origins = {facts.origin, *(caption.origin for caption in facts.captions)}
    captions = [caption for caption in before.captions if caption.origin in origins]
    tags = catalog.fetch("SELECT tag FROM tags WHERE song_id = ? AND origin = ?", (song_id, facts.origin))
    # A set of facts replaces what was there from its origin, so what rows before said is said again; each
    # once, and in the order of the rows.
    all_captions = dict.fromkeys((*captions, *facts.captions))
    all_tags = dict.fromkeys((*(tag for (tag,) in tags), *facts.tags))
    return replace(facts, captions=tuple(all_captions), tags=tuple(all_tags))
