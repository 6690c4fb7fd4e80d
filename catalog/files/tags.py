"""What a file says about itself: its tags, whatever container holds them, and its name."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog.files.containers import read_tags
from catalog.files.cue import cue_facts
from catalog.files.lyrics_tags import songs_lyrics
from catalog.records import Facts
from catalog.values.columns import year_of
from catalog.values.languages import language_code

_EXTRA = ("albumartist", "composer", "comment", "bpm", "key", "tracknumber", "label")
_TAG_NAMES = ("genre", "mood", "grouping", "tags", "keywords", "style", "theme")
_DATES = ("date", "originaldate", "releasedate")
"""Where a song's year stands: of this issue, of the first one, of the release; the first that is a year."""
# A track's number: "07. ", "1-", "03 ", but not that of "99 Luftballons".
_NUMBERED = re.compile(r"^(?:\d{1,3}\s*[-.)_]+\s*|0\d\s+)(?=\D)")


def tag_facts(path: Path) -> Facts:
    """The tags of a file; no facts where it has none or they are broken, for the sound counts."""
    tags = read_tags(path)
    values = tags.values
    words = []
    for name in _TAG_NAMES:
        words += _split(values.get(name, ()))
    language = _first(values, "language")
    lyrics = songs_lyrics(tags.lyrics, language_code(language))
    extra = {}
    for name in _EXTRA:
        if values.get(name):
            extra[name] = _first(values, name)
    if lyrics.note:
        extra["lyrics_note"] = lyrics.note
    if lyrics.instrumental:
        extra["instrumental"] = "the lyrics tag says so"
    album = Facts("tags")
    if values.get("cuesheet"):
        album = cue_facts("\n".join(values["cuesheet"]), path.name, "the cue sheet in its tags", "tags")
    artists = dict.fromkeys(values.get("artist", ()))  # some taggers write each twice
    named = {name: _first(values, name) for name in ("title", "album", "genre")}
    artist = ", ".join(artists) or _first(values, "albumartist")
    license_ = _first(values, "license") or _first(values, "copyright")
    told = {
        "artist": artist,
        "year": _year(values),
        "license": license_,
        "language": language or lyrics.language,
    }
    return Facts(
        "tags",
        values={**named, **told},
        tags=tuple(dict.fromkeys(words)),
        lyrics=lyrics.lines,
        captions=album.captions,
        extra={**extra, **album.extra},
    )


def name_facts(path: Path) -> Facts:
    """What a file's name says: "01 - Artist - Title.mp3", "Artist_-_Title.ogg" or the title alone.

    >>> name_facts(Path("07. Nina_Simone_-_Sinnerman.mp3")).values
    {'title': 'Sinnerman', 'artist': 'Nina Simone'}
    """
    stem = path.stem
    name = stem if re.search(r"\s-\s", stem) else stem.replace("_", " ")
    unnumbered = _NUMBERED.sub("", name.strip())
    name = " ".join(unnumbered.split()) or stem
    artist, dash, title = name.partition(" - ")
    if dash and artist.strip() and title.strip():
        return Facts("name", {"title": title.strip(), "artist": artist.strip()})
    return Facts("name", {"title": name})


def _first(tags: Mapping[str, list[str]], name: str) -> str:
    values = tags.get(name) or [""]
    return values[0].strip()


def _split(values: Iterable[str]) -> list[str]:
    """Each of several words in a value: ID3v2.4 has zeros between them, people semicolons, commas, " / "."""
    words = []
    for value in values:
        for part in re.split(r"[;,\0]|\s/\s", value):
            if part.strip():
                words.append(part.strip())
    return words


def _year(tags: Mapping[str, list[str]]) -> int | None:
    """The year of the first date that holds one, by the order of _DATES."""
    for name in _DATES:
        for value in tags.get(name, ()):
            year = year_of(value)
            if year is not None:
                return year
    return None
