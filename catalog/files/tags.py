"""What a file says about itself: its tags by mutagen (by PyAV where mutagen does not know it), its name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mutagen
from mutagen.id3 import ID3

from catalog.audio.decode import container
from catalog.errors import Unreadable
from catalog.files.lrc import lines_of
from catalog.records import Facts, Line

_ID3 = {
    "TIT2": "title", "TPE1": "artist", "TPE2": "albumartist", "TALB": "album", "TDRC": "date",
    "TYER": "date", "TDOR": "originaldate", "TCON": "genre", "TCOP": "copyright", "WCOP": "license",
    "TLAN": "language", "TBPM": "bpm", "TCOM": "composer", "TMOO": "mood", "TKEY": "key",
    "TRCK": "tracknumber", "USLT": "lyrics", "COMM": "comment", "TIT1": "grouping",
}  # fmt: skip
_MP4 = {
    "©nam": "title", "©ART": "artist", "aART": "albumartist", "©alb": "album", "©day": "date",
    "©gen": "genre", "cprt": "copyright", "©lyr": "lyrics", "©cmt": "comment", "tmpo": "bpm",
    "©wrt": "composer", "©grp": "grouping",
}  # fmt: skip
_OTHER = {
    "author": "artist", "wm/albumtitle": "album", "wm/albumartist": "albumartist", "wm/year": "date",
    "wm/genre": "genre", "wm/lyrics": "lyrics", "wm/mood": "mood", "wm/language": "language",
    "wm/composer": "composer", "wm/beatsperminute": "bpm", "year": "date", "unsyncedlyrics": "lyrics",
    "unsynced lyrics": "lyrics", "syncedlyrics": "lyrics", "comments": "comment", "licence": "license",
    "wcop": "license", "track name": "title", "initialkey": "key", "description": "comment",
    "album_artist": "albumartist", "lyrics-eng": "lyrics", "lyrics-xxx": "lyrics",
}  # fmt: skip
_EXTRA = ("albumartist", "composer", "comment", "bpm", "key", "tracknumber")
_TAG_NAMES = ("genre", "mood", "grouping", "tags", "keywords", "style", "theme")
_NUMBERED = re.compile(r"^(?:\d{1,3}\s*[-.)_]+\s*|0\d\s+)(?=\D)")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


def tag_facts(path: Path) -> Facts:
    """The tags of a file; no facts where it has none or they are broken, for the sound counts."""
    tags = _by_mutagen(path) or _by_av(path)
    words = [word for name in _TAG_NAMES for word in _split(tags.get(name, ()))]
    values = {
        "title": _first(tags, "title"),
        "artist": ", ".join(dict.fromkeys(tags.get("artist", ()))) or _first(tags, "albumartist"),
        "album": _first(tags, "album"),
        "year": _year(_first(tags, "date") or _first(tags, "originaldate")),
        "genre": _first(tags, "genre"),
        "license": _first(tags, "license") or _first(tags, "copyright"),
        "language": _first(tags, "language"),
    }
    return Facts(
        "tags",
        values=values,
        tags=tuple(dict.fromkeys(words)),
        lyrics=_lyrics(tags),
        extra={name: _first(tags, name) for name in _EXTRA if tags.get(name)},
    )


def name_facts(path: Path) -> Facts:
    """What a file's name says: "01 - Artist - Title.mp3", "Artist_-_Title.ogg" or the title alone.

    >>> name_facts(Path("07. Nina_Simone_-_Sinnerman.mp3")).values
    {'title': 'Sinnerman', 'artist': 'Nina Simone'}
    """
    stem = path.stem
    name = stem if re.search(r"\s-\s", stem) else stem.replace("_", " ")
    name = " ".join(_NUMBERED.sub("", name.strip()).split()) or stem
    artist, dash, title = name.partition(" - ")
    if dash and artist.strip() and title.strip():
        return Facts("name", {"title": title.strip(), "artist": artist.strip()})
    return Facts("name", {"title": name})


def _by_mutagen(path: Path) -> dict[str, list[str]]:
    try:
        file = mutagen.File(path)
    except Exception:  # mutagen raises whatever broken tags lead it into
        return {}
    if file is None or not file.tags:
        return {}
    plain: dict[str, list[str]] = {}
    pairs = _id3_pairs(file.tags) if isinstance(file.tags, ID3) else _other_pairs(file.tags)
    for name, value in pairs:
        if value and value.strip("\0 \n"):
            plain.setdefault(name, []).append(value.strip("\0 \n"))
    return plain


def _id3_pairs(tags: Any) -> Iterator[tuple[str, str]]:
    for frame in tags.values():
        kind = frame.FrameID
        if kind == "SYLT" and frame.format == 2:  # times in milliseconds
            yield "timed lyrics", _as_lrc(frame.text)
        elif kind == "TXXX":
            name = frame.desc.lower()
            yield from ((_OTHER.get(name, name), str(value)) for value in frame.text)
        elif kind == "TCON":
            yield from (("genre", genre) for genre in frame.genres)
        elif kind in _ID3 and not (kind == "COMM" and frame.desc.startswith("iTun")):
            text: Any = getattr(frame, "text", None) or getattr(frame, "url", "")
            yield from ((_ID3[kind], str(value)) for value in ([text] if isinstance(text, str) else text))


def _as_lrc(pieces: Iterable[tuple[str, int]]) -> str:
    """Synchronised lyrics as LRC; where line ends are marked, the pieces between them are syllables."""
    pieces = list(pieces)
    syllables = any("\n" in text for text, _ in pieces)
    lines: list[tuple[str, int]] = []
    for text, at_ms in pieces:
        if not lines or not syllables or text.startswith("\n"):
            lines.append((text.strip("\n"), at_ms))
        else:
            lines[-1] = (lines[-1][0] + text.rstrip("\n"), lines[-1][1])
            if text.endswith("\n"):
                lines.append(("", at_ms))
    return "\n".join(f"[{ms // 60000:02}:{ms % 60000 / 1000:06.3f}]{text}" for text, ms in lines)


def _other_pairs(tags: Any) -> Iterator[tuple[str, str]]:
    """Vorbis comments, MP4 atoms, APE and ASF: names to one or more values."""
    for key, values in tags.items():
        name = str(key)
        if name.startswith("----:"):
            name = name.rsplit(":", 1)[-1]
        name = _MP4.get(name, name.lower())
        for value in values if isinstance(values, (list, tuple)) else str(values).split("\0"):
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            yield _OTHER.get(name, name), text


def _by_av(path: Path) -> dict[str, list[str]]:
    try:
        with container(path) as (opened, stream):
            said = dict(opened.metadata) | dict(stream.metadata)
    except Unreadable:
        return {}
    return {_OTHER.get(name.lower(), name.lower()): [value] for name, value in said.items() if value.strip()}


def _first(tags: Mapping[str, list[str]], name: str) -> str:
    values = tags.get(name) or [""]
    return values[0].strip()


def _split(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in re.split(r"[;,\0]|\s/\s", value) if part.strip()]


def _year(text: str) -> int | None:
    found = _YEAR.search(text)
    return int(found[1]) if found else None


def _lyrics(tags: Mapping[str, list[str]]) -> tuple[Line, ...]:
    """The timed lyrics if any are, else the longest."""
    found = [lines_of(text) for text in (*tags.get("timed lyrics", ()), *tags.get("lyrics", ()))]
    return max(
        found, key=lambda lines: (any(line.start_s is not None for line in lines), len(lines)), default=()
    )
