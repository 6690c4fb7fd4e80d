"""What columns may be called and what their cells hold: one vocabulary for tables, shards, judging, training.

Columns are compared without case and punctuation ("Track Name" is `track_name`). Where several columns mean
one thing, the first that says anything counts; of captions and tags all do.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.records import Caption
from catalog.values.columns import seconds_of, text_of
from catalog.values.nested import leaves, split_tags, texts_of

Row = Mapping[str, Any]

PATHS = ("path", "file", "filepath", "file_path", "filename", "file_name", "audio", "audio_path", "location")
"""A song's file."""
SOUNDS = ("audio", "mp3", "sound", *PATHS)
"""The sound itself, or a file with it."""
RATES = ("sampling_rate", "sample_rate", "rate_hz", "sr")
"""Of samples, in Hz."""
LIBRARY_IDS = ("nw_id", "song_id")
"""A song's number in this catalog."""
IDS = ("music4all_id", "jamendo_id", "track_id", "ytid", "song_id", "source_id", "id", "stem", "name_id")
"""What a data set calls a song, the most telling first: `id` may be that of the row, a caption, a listener.

`key` is none of them: in tables of music it is C sharp minor.
"""
FIELDS = {
    "title": ("title", "name", "track_name", "track_title"),
    "artist": ("artist", "artist_name", "artists", "artist_names", "author"),
    "album": ("album", "album_name", "release"),
    "year": ("year", "date", "releasedate", "release_date"),
    "genre": ("genre",),
    "license": ("license", "licence", "licensetype", "license_ccurl", "license_url"),
    "language": ("language", "lang"),
}
"""Fields of a song that are told by text."""
DURATIONS = ("duration", "duration_s", "seconds")
ARTIST_IDS = ("artist_id",)
CAPTIONS = (
    *("caption", "captions", "text", "texts", "description", "pseudo_caption", "final_caption"),
    *("main_caption", "comment", "lyrics_english"),
)
"""Words about a song; all of them count."""
TAGS = (
    *("tags", "tag", "tag_list", "aspect_list", "genres", "genre", "moods", "mood", "instruments"),
    *("keywords", "m4a_tags", "m4a_genres", "meter"),
)
LYRICS = ("lyrics", "lyric")
STARTS, ENDS = ("start_time", "start_s"), ("end_time", "end_s")

TOLD = frozenset().union(SOUNDS, LIBRARY_IDS, IDS, CAPTIONS, TAGS, LYRICS, STARTS, ENDS, *FIELDS.values())
"""Every column that names a song or that the catalog keeps in a place of its own."""


def column(name: object) -> str:
    """A column's name as names of columns are compared.

    >>> column(" Track-Name "), column("TITLE")
    ('track_name', 'title')
    """
    words = re.sub(r"\W+", "_", str(name).casefold())
    return words.strip("_")


def plain(row: Row) -> dict[str, Any]:
    """The row with its columns as they are compared; of two that are alike, the first that says anything."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        key = column(name)
        if key not in found or not told(found[key]):
            found[key] = value
    return found


def told(value: Any) -> bool:
    """Whether a cell says anything: not None, NaN, or empty."""
    return value is not None and value != "" and value != [] and value == value


def first(row: Row, names: Iterable[str]) -> Any:
    """The value of the first of these columns that says anything, None where none does."""
    for name in names:
        if told(row.get(name)):
            return row[name]
    return None


def identifiers(row: Row, names: Iterable[str] = IDS) -> list[str]:
    """Every id that a row gives, as text: 0 is one, 1004.0 is "1004", NaN is none."""
    texts = (text_of(row[name]) for name in names if name in row)
    return [text for text in dict.fromkeys(texts) if text]


def fields(row: Row) -> dict[str, Any]:
    """The song's fields that a row tells, as text."""
    texts: dict[str, Any] = {}
    for field, names in FIELDS.items():
        text = text_of(first(row, names))
        if text:
            texts[field] = text
    return texts


def captions(row: Row, origin: str, names: Iterable[str] = CAPTIONS) -> tuple[Caption, ...]:
    """All that a row says about its song, each with the part of it that the row names."""
    start_s = seconds_of(first(row, STARTS))
    end_s = seconds_of(first(row, ENDS))
    texts: dict[str, None] = {}  # each once: data sets repeat a caption under another column's name
    for name in names:
        texts |= dict.fromkeys(texts_of(row.get(name)))
    return tuple(Caption(text, start_s, end_s, origin) for text in texts)


def descriptions(
    row: Row, names: Iterable[str] = CAPTIONS, *, with_title: bool, origin: str = "table"
) -> tuple[Caption, ...]:
    """What a song may be asked for by: its captions, or its title where there is none and it is wanted.

    It is wanted of songs that are known by their lyrics: a title is about what they say, not how they sound.
    """
    found = captions(row, origin, names)
    if found or not with_title:
        return found
    title = text_of(first(row, FIELDS["title"]))
    return (Caption(title, origin=origin),) if title else ()


def tags(row: Row) -> tuple[str, ...]:
    """All tags of a row, each once."""
    found: dict[str, None] = {}
    for name in TAGS:
        found |= dict.fromkeys(split_tags(row.get(name)))
    return tuple(found)


def lyrics(row: Row, names: Iterable[str] = LYRICS) -> str:
    """The lyrics in a row, lines by newlines; a list is its lines, of an object those that it holds."""
    value = first(row, names)
    return "\n".join(map(_lines_of, leaves(value)))


def _lines_of(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, str):
        return value.strip()  # and no more: `text_of` would put all lines on one
    return text_of(value)
