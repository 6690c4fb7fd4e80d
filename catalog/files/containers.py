"""The tag containers of a file, each asked for what those before it lack.

A file may hold several: ID3v2 in front of an mp3, APEv2 and ID3v1 behind it (whatever the file is called),
Vorbis comments in FLAC and Ogg, atoms in MP4, a RIFF list in WAV. Sources: id3.org's id3v2.4.0-frames and
id3v2.3.0, the APEv2 and Vorbis comment specifications, and the names that taggers (Picard, Mp3tag,
foobar2000) give to what these do not name.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mutagen
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, Encoding, Frames, ParseID3v1, TextFrame

from catalog.audio.decode import container
from catalog.errors import Unreadable
from catalog.files.encodings import true_encoding
from catalog.files.lyrics_tags import LyricsTag, synchronised, unsynchronised
from catalog.values.text import clean

_read_id3: Any = ID3  # mutagen tells no types of these
_read_ape: Any = APEv2
_parse_id3v1: Any = ParseID3v1


def _by_foreign_name(names: dict[str, str]) -> dict[str, str]:
    """From our names, each with what another container calls it, to a look-up by those."""
    found: dict[str, str] = {}
    for own, foreign in names.items():
        found |= dict.fromkeys(foreign.split(), own)
    return found


_ID3 = _by_foreign_name(
    {
        "title": "TIT2",
        "artist": "TPE1",
        "albumartist": "TPE2",
        "album": "TALB",
        "date": "TDRC TYER",
        "originaldate": "TDOR TORY",
        "releasedate": "TDRL",
        "genre": "TCON",
        "copyright": "TCOP",
        "license": "WCOP",
        "language": "TLAN",
        "bpm": "TBPM",
        "composer": "TCOM",
        "mood": "TMOO",
        "key": "TKEY",
        "tracknumber": "TRCK",
        "comment": "COMM",
        "grouping": "TIT1 GRP1",
        "label": "TPUB",
    }
)
_PLAIN_DATES: Any = {**Frames}
"""Frames of ID3 with dates as texts: mutagen makes nothing of "c1994", "June 1987" or "[1994]"."""
for _date in ("TDRC", "TYER", "TDOR", "TORY", "TDRL"):
    _PLAIN_DATES[_date] = type(_date, (TextFrame,), {})
_MP4 = _by_foreign_name(
    {
        "title": "©nam",
        "artist": "©art",
        "albumartist": "aart",
        "album": "©alb",
        "date": "©day",
        "genre": "©gen",
        "copyright": "cprt",
        "lyrics": "©lyr",
        "comment": "©cmt",
        "bpm": "tmpo",
        "composer": "©wrt",
        "grouping": "©grp",
    }
)
_OTHER = _by_foreign_name(
    {
        "title": "trackname",
        "artist": "author",
        "albumartist": "wm/albumartist",
        "album": "wm/albumtitle",
        "date": "year recorddate wm/year",
        "originaldate": "originalyear originalreleaseyear originalreleasedate"
        " wm/originalreleaseyear wm/originalreleasetime",
        "releasedate": "releaseyear",
        "genre": "wm/genre",
        "license": "licence wcop",
        "language": "tlan wm/language",
        "lyrics": "wm/lyrics",
        "mood": "wm/mood",
        "composer": "wm/composer",
        "bpm": "wm/beatsperminute",
        "key": "initialkey",
        "comment": "comments description",
        "label": "publisher organization wm/publisher",
    }
)
_WANTED = {*_ID3.values(), *_MP4.values(), *_OTHER.values()}
_WANTED |= {"tags", "keywords", "style", "theme", "cuesheet"}
_WITH_LISTS = (".wav", ".wave", ".rf64", ".bwf", ".w64", ".aif", ".aiff")
"""Their RIFF and AIFF lists are no container to mutagen; libav reads them."""
_LYRICS = re.compile(r"(?:un|non)?(?:sync(?:ed|hroni[sz]ed)?)?lyrics(?:[-:](?P<language>[a-z]{2,3}))?\d*")


@dataclass(slots=True)
class Tags:
    """Values by the name that is common to all containers, and the lyrics, each with what is said of them.

    `known`: a container was there, whether or not it said anything of use.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    lyrics: list[LyricsTag] = field(default_factory=list)
    known: bool = False

    def add(self, name: str, value: str) -> None:
        """Keep a value; lyrics under whatever name, and nothing that nobody asks for."""
        value = value.strip("\0 \n")
        plain = re.sub(r"[\s_]+", "", name.casefold())
        plain = _OTHER.get(plain, plain)
        found = _LYRICS.fullmatch(plain)
        if not clean(value):  # some are of spaces that nobody sees
            return
        if found:
            self.lyrics.append(unsynchronised(value, found["language"] or "", ""))
        elif plain in _WANTED:
            self.values.setdefault(plain, []).append(value)

    def fill(self, other: "Tags") -> None:
        """Take over what is missing here."""
        for name, values in other.values.items():
            self.values.setdefault(name, values)
        self.lyrics = self.lyrics or other.lyrics
        self.known = self.known or other.known


def read_tags(path: Path) -> Tags:
    """Everything that a file's containers say; empty where there are none or all are broken."""
    tags = Tags()
    for ask in (_by_name_or_content, _id3v2, _apev2, _id3v1):
        try:
            tags.fill(ask(path))
        except Exception:  # mutagen raises whatever broken tags lead it into, and the sound counts
            continue
    if not tags.known or path.suffix.lower() in _WITH_LISTS:
        tags.fill(_by_av(path))
    return tags


def _by_name_or_content(path: Path) -> Tags:
    """As mutagen knows the file by its name, else by its content, for names lie."""
    for nameless in (False, True):
        try:
            file = _opened(path, nameless=nameless)
        except Exception:  # as above: a name that lies raises too
            continue
        if file is not None and file.tags:
            if isinstance(file.tags, ID3):
                found = _id3(_without_v1(file.tags, path), file.info)
            else:
                found = _named(file.tags)
            found.known = True
            return found
    return Tags()


def _opened(path: Path, *, nameless: bool) -> Any:
    """As mutagen opens it; nameless: by its content alone."""
    if not nameless:
        return mutagen.File(path)
    with open(os.open(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - opened by number, it has no name
        return mutagen.File(file)


def _without_v1(tags: Any, path: Path) -> Any:
    """The frames but for those of ID3v1, which cuts values after thirty letters: it is asked last."""
    if type(tags) is not ID3:  # in a chunk of WAV or AIFF there is none
        return tags
    try:
        return _read_id3(path, load_v1=False)
    except mutagen.MutagenError:
        return {}


def _id3v2(path: Path) -> Tags:
    return _id3(_read_id3(path, load_v1=False, known_frames=_PLAIN_DATES, translate=False), None)


def _id3v1(path: Path) -> Tags:
    """The last 128 bytes: titles of 30 characters, in whatever encoding the tagger's machine had."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 128))
        frames = _parse_id3v1(file.read())
    found = _read_id3()
    for frame in (frames or {}).values():
        found.add(frame)
    return _id3(found, None)


def _apev2(path: Path) -> Tags:
    return _named(_read_ape(path))


def _id3(frames: Any, sound: Any) -> Tags:
    """What the frames of an ID3 tag say (MP3, and WAV and AIFF with one)."""
    tags = Tags()
    # By all texts together: a title of ten letters alone would not tell.
    encoding = _mislabelled(frames)
    for frame in frames.values():
        kind = frame.FrameID
        if kind == "SYLT":
            tags.lyrics += filter(None, [synchronised(frame, sound)])
        elif kind == "USLT":
            text = _mended(frame, frame.text, encoding)
            lyrics = unsynchronised(text, frame.lang, frame.desc)
            tags.lyrics.append(lyrics)
        elif kind == "TXXX":
            for value in frame.text:
                tags.add(frame.desc, str(value))
        elif kind in _ID3 and not _is_of_itunes(frame):
            for value in _values(frame):
                text = _mended(frame, value, encoding)
                tags.add(_ID3[kind], text)
    return tags


def _is_of_itunes(frame: Any) -> bool:
    """Whether a comment is one of iTunes' own, as iTunNORM and iTunSMPB: numbers in hexadecimal."""
    return bool(frame.FrameID == "COMM" and frame.desc.startswith("iTun"))


def _values(frame: Any) -> list[str]:
    """The texts of a frame; of links their address."""
    if frame.FrameID == "TCON":
        return list(frame.genres)  # "(17)" is Rock: ID3v1's numbers as names
    text: Any = getattr(frame, "text", None) or getattr(frame, "url", "")
    if isinstance(text, str):
        return [text]
    return [str(value) for value in text]


def _mislabelled(frames: Any) -> str:
    """The encoding that texts are really in which say that they are Latin-1; "" where they are."""
    told: list[str] = []
    for frame in frames.values():
        if getattr(frame, "encoding", None) == Encoding.LATIN1:
            told += _values(frame)
    return true_encoding("\n".join(told))


def _mended(frame: Any, text: str, encoding: str) -> str:
    """A text of a frame that says it is Latin-1, read in the encoding that it is in."""
    if not encoding or getattr(frame, "encoding", None) != Encoding.LATIN1:
        return text
    return text.encode("latin-1", errors="replace").decode(encoding, errors="replace")


def _named(tags: Any) -> Tags:
    """Vorbis comments, MP4 atoms, APE and ASF: names to one or more values."""
    found = Tags()
    for key, values in tags.items():
        name = str(key).casefold()
        if name.startswith("----:"):  # MP4's freeform atoms: ----:com.apple.iTunes:MOOD
            name = name.rsplit(":", 1)[-1]
        name = _MP4.get(name, name)
        is_list = isinstance(values, (list, tuple))
        for value in values if is_list else _parts(values):
            if isinstance(value, bytes):
                found.add(name, value.decode(errors="replace"))
            else:
                found.add(name, str(value))
    return found


def _parts(value: Any) -> Iterator[str]:
    """The texts of an APE item; its pictures and other bytes are no text."""
    # APEv2 says of each item what it is: 0 text, 1 binary, 2 an address.
    if getattr(value, "kind", 0) == 0:
        yield from str(value).split("\0")


def _by_av(path: Path) -> Tags:
    """What libav finds, of the file and of the sound in it (an Ogg stream has tags of its own)."""
    found = Tags()
    try:
        with container(path) as (opened, stream, _):
            said = dict(opened.metadata) | dict(stream.metadata)
    except Unreadable:
        return found
    for name, value in said.items():
        found.add(name, value)
    return found
