"""The nouns: plain frozen records without behaviour, handed from layer to layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

# Literals and not an Enum: they are names of folders, columns and options, and go to JSON as they are.
Role = Literal["sound", "words", "fused"]
"""What an encoder embeds and an index holds; `fused` is learned from both (`nw train fusion`)."""
ROLES: tuple[Role, ...] = ("sound", "words")
"""Those that fusion puts together."""
ALONE: tuple[Role, ...] = (*ROLES, "fused")
"""Those that can answer alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of lyrics; `start_s` is when it is sung, None where nobody timed it."""

    text: str
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """Words about a song or a part of it, by a person or a machine (`origin` says which)."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    origin: str = "user"

    @property
    def is_description(self) -> bool:
        """Whether it says what the music is like: tags and files beside a song only name its tracks."""
        return self.origin not in ("tags", "sidecar")


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the catalog.

    `path` is None where only vectors were kept. `origins` says where each value came from:
    "tags", "sidecar", "name", "table", "user", or the data set's name.
    """

    id: int
    path: Path | None
    title: str
    artist: str = ""
    album: str = ""
    year: int | None = None
    genre: str = ""
    license: str = ""
    language: str = ""
    duration_s: float | None = None
    rate_hz: int | None = None
    source: str = "folder"
    source_id: str = ""
    tags: tuple[str, ...] = ()
    lyrics: tuple[Line, ...] = ()
    captions: tuple[Caption, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    channels: int | None = None
    format: str = ""
    missing: bool = False
    """True where the file was not there when its folder was last read."""


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A file with sound in it, as it lay on the disk when it was read.

    `audio_hash` is of the encoded sound alone, so new tags keep it. `partly` says why only a part of it
    can be decoded ("" where all of it can). `sidecar` is the lyrics file beside it as "name size time".
    """

    path: Path
    size: int
    mtime_ns: int
    audio_hash: str
    duration_s: float | None = None
    rate_hz: int | None = None
    channels: int | None = None
    format: str = ""
    partly: str = ""
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one origin says about a song.

    `values` are fields of `Song` by name: title, artist, album, year, genre, license, language, source,
    source_id. `origin`, from weakest to strongest: "name", "tags", "sidecar", "table" or a data set's
    name, "user".
    """

    origin: str
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    lyrics: tuple[Line, ...] = ()
    captions: tuple[Caption, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clip:
    """One row of a data set on its way to training, judging or the catalog.

    `audio` is encoded bytes (mp3, ogg, ...) or a file to read; `texts` the captions that are right for it.
    `aliases` are other ids that the row gives it. `trouble` says why a sound that the row promises is not
    there ("" where it is, or where the data set has none).
    """

    id: str
    audio: bytes | Path | None
    texts: tuple[Caption, ...] = ()
    song: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a song in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A song that answers a description.

    `score`, `sound` and `words` run from 0 (no better than chance) to 100; a side that the song lacks
    (no lyrics, say) or that was not asked is None. `moment` is where the sound fits best, `line` the
    lyrics or caption that fits best, `matched` the words of the description that are written in the song
    ("tag: piano", "artist: cogs") and `written` what they count for. `wish` is which of "piano or harp" it
    answers best, "" where there is no choice.
    """

    song: Song
    score: float
    sound: float | None = None
    words: float | None = None
    moment: Moment | None = None
    line: Line | None = None
    written: float | None = None
    matched: tuple[str, ...] = ()
    wish: str = ""
