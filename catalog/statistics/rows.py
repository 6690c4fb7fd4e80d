"""What statistics are about: songs of the catalog, clips of a data set and rows of a table, alike."""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import Unreadable, WrongUse
from catalog.library.database import Catalog
from catalog.records import Clip, Song
from catalog.values.columns import seconds_of

if TYPE_CHECKING:
    from catalog.audio.apart import Head

FIELDS = ("title", "artist", "album", "year", "genre", "license", "language")
PAGE = 500  # songs in memory together


@dataclass(frozen=True, slots=True)
class Described:
    """A song with what is said about it. `values` are the fields of a song that are told.

    sound: a hash of the sound, "" where there is none. jamendo_id: "" where it has none.
    """

    texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lyrics: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    duration_s: float | None = None
    rate_hz: int | None = None
    format: str = ""
    sound: str = ""
    jamendo_id: str = ""


def of_catalog(catalog: Catalog, ids: Sequence[int]) -> Iterator[Described]:
    """Songs of the catalog."""
    from catalog.library.songs import get_many
    from catalog.sources import with_jamendo_ids

    jamendo = with_jamendo_ids()
    for start in range(0, len(ids), PAGE):
        page = list(ids[start : start + PAGE])
        among = ", ".join("?" * len(page))
        hashes = dict(catalog.fetch(f"SELECT id, audio_hash FROM songs WHERE id IN ({among})", page))
        for song in get_many(catalog, page).values():
            sound = hashes.get(song.id) or ""
            yield _of_song(song, sound, jamendo)


def _of_song(song: Song, sound: str, jamendo: Container[str]) -> Described:
    """A song of the catalog. jamendo: sources whose ids are Jamendo's."""
    told = {name: getattr(song, name) for name in FIELDS}
    texts = [caption.text for caption in song.captions if caption.is_description]
    lines = [line.text for line in song.lyrics]
    is_jamendos = song.source in jamendo
    return Described(
        texts=tuple(texts),
        tags=song.tags,
        lyrics="\n".join(lines),
        values=_said(told),
        duration_s=song.duration_s,
        rate_hz=song.rate_hz,
        format=song.format,
        sound=sound,
        jamendo_id=song.source_id if is_jamendos else "",
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left empty; 0 is a value."""
    nothing = (None, "")
    return {name: value for name, value in values.items() if value not in nothing}


def of_clips(clips: Iterable[Clip], source: str) -> Iterator[Described]:
    """Clips of a data set; of their sound only the head is looked at."""
    from catalog.sources import with_jamendo_ids

    jamendo = source in with_jamendo_ids()
    for clip in clips:
        song = clip.song
        seconds, rate_hz, form = None, None, ""
        # Decoding a data set would take hours; a head says length and rate at once.
        head = _head(clip.audio)
        if head is not None:
            seconds, rate_hz, form = head.seconds, head.rate_hz, head.format
        elif clip.audio is not None:
            form = "unreadable"
        told = seconds_of(song.get("duration_s"))
        if told is not None:  # what the data set says of the song: the clip may be a part of it
            seconds = told
        fields = {name: song.get(name) for name in FIELDS}
        texts = [caption.text for caption in clip.texts]
        tags = map(str, song.get("tags", ()))
        lyrics = song.get("lyrics") or ""
        yield Described(
            texts=tuple(texts),
            tags=tuple(tags),
            lyrics=str(lyrics),
            values=_said(fields),
            duration_s=seconds,
            rate_hz=rate_hz,
            format=form,
            sound=_which(clip.audio),
            jamendo_id=clip.id if jamendo else "",
        )


def _which(sound: bytes | Path | None) -> str:
    """What is equal for two clips of one sound: a hash of bytes, or the path of a file."""
    if isinstance(sound, bytes):
        return hashlib.blake2b(sound, digest_size=8).hexdigest()  # 64 bits: enough for millions of clips
    return str(sound or "")


def _head(sound: bytes | Path | None) -> "Head | None":
    """What the head of a sound says; None where there is no sound, or none to read."""
    if sound is None:
        return None
    from catalog.audio import apart

    try:
        return apart.head(sound)
    except Unreadable:
        return None


def of_table(path: Path) -> Iterator[Described]:
    """Rows of a CSV, TSV or JSON table, by the usual names of columns. Raises Unreadable, WrongUse."""
    from catalog.sources.shards import clip_from
    from catalog.tables import read_rows

    rows = enumerate(read_rows(path))
    clips = (clip_from(row, str(number)) for number, row in rows)
    # The first row tells whether any column is known: better one error now than a page of zeros.
    first = next(clips, None)
    if first is None:
        return
    about = first.song
    says_more = about.keys() - {"tags"} or about.get("tags")
    if not first.texts and not says_more:
        raise WrongUse(
            f"no column of {path} says anything about songs.",
            try_this="call columns caption, tags, title, artist, duration, license or language",
        )
    yield from of_clips([first], "")
    yield from of_clips(clips, "")
