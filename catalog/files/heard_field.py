"""What was heard, written into a file's own tags: in a field that nothing else uses, so it can be undone.

The field is NW_HEARD, its value the names with "; " between them: TXXX in ID3, a freeform atom in MP4, a key
in Vorbis comments, APEv2 and ASF.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import mutagen
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TXXX
from mutagen.mp4 import MP4FreeForm, MP4Tags

from catalog.atomic import written_aside
from catalog.audio.apart import audio_hash
from catalog.errors import Unreadable
from catalog.files import id3v22

_text_frame: Any = TXXX  # mutagen tells no types of these
_atom: Any = MP4FreeForm

FIELD = "NW_HEARD"
SEPARATOR = "; "
_TRY = "nw tags --keep    (keeps them in the catalog alone)"


def would_change(path: Path, names: Sequence[str]) -> bool:
    """Whether the field says something else. Raises Unreadable, OSError."""
    return read(path) != SEPARATOR.join(names)


def write(path: Path, names: Sequence[str]) -> None:
    """Put these names into the field, or take it out where there are none.

    The file is copied, changed, compared and put in place of the old one, which stays where anything fails.
    Raises Unreadable where its format keeps no such field, or its sound would change; OSError of the disk.
    """
    place = path.resolve(strict=True)
    kind = type(_opened(place))  # a copy under another name may not be known by its content alone
    # The new file takes the place of one name; the others would go on naming the old content.
    if place.stat().st_nlink > 1:
        raise Unreadable(f"{path} has several names (hard links), which it would lose.", try_this=_TRY)
    with written_aside(place) as aside:
        shutil.copyfile(place, aside)
        shutil.copystat(place, aside)  # its time becomes that of the change below
        with suppress(OSError):  # only root may give a file to another
            os.chown(aside, place.stat().st_uid, place.stat().st_gid)
        try:
            file = kind(aside)
            if isinstance(file.tags, ID3):
                _change_id3(file, SEPARATOR.join(names), aside)
            else:
                _change(file, SEPARATOR.join(names))
                file.save(aside)
        except mutagen.MutagenError as problem:
            why = f"{path} cannot keep tags ({problem})."
            raise Unreadable(why, try_this=_TRY) from problem
        # A tagger that damages one file in a million would damage somebody's only copy.
        if audio_hash(aside) != audio_hash(place):
            raise Unreadable(f"{path} would sound otherwise with another field in its tags.", try_this=_TRY)


def read(path: Path) -> str:
    """What the field of a file says, "" without one. Raises Unreadable."""
    return _value(_opened(path).tags)


def _opened(path: Path) -> Any:
    """The file as mutagen knows it."""
    try:
        found = mutagen.File(path)
    except mutagen.MutagenError as problem:
        raise Unreadable(f"the tags of {path} cannot be read ({problem}).", try_this=_TRY) from problem
    if found is None:
        raise Unreadable(f"{path} is of a format whose tags are not known here.", try_this=_TRY)
    return found


def _value(tags: Any) -> str:
    """What the field holds, whatever the container keeps it as; "" where it is not there."""
    key = _key(tags)
    if tags is None or key not in tags:
        return ""
    found = tags[key]
    texts = found.text if isinstance(tags, ID3) else found
    first = texts[0]
    if isinstance(first, MP4FreeForm):
        return first.decode()
    return str(first)


def _key(tags: Any) -> str:
    if isinstance(tags, ID3):
        return f"TXXX:{FIELD}"
    return f"----:com.apple.iTunes:{FIELD}" if isinstance(tags, MP4Tags) else FIELD


def _change(file: Any, value: str) -> None:
    """Set the field in a file's tags, or take it out where the value is ""."""
    if file.tags is None:
        file.add_tags()
    tags = file.tags
    if value:
        tags[_key(tags)] = _of_kind(tags, value)
    elif _key(tags) in tags:
        del tags[_key(tags)]


def _change_id3(file: Any, value: str, path: Path) -> None:
    """The same in ID3, whose other frames stay as they are.

    mutagen makes frames of ID3v2.4 of what it reads, which a tag of 2.3 must not hold: players would miss the
    year. It would also join several values by a slash, and bring ID3v1 up to date.
    """
    end = _id3v1(path)
    version = file.tags.version
    if version == (2, 2, 0) and _change_id3v22(path, value):
        return
    if version < (2, 3, 0):  # ID3v1 alone, or ID3v2.2 within another container
        file.tags.update_to_v23()
    else:
        file = type(file)(path, translate=False, load_v1=False)
    _change(file, value)
    file.save(path, v2_version=3 if version < (2, 4, 0) else 4, v23_sep=None)
    if end and _id3v1(path):
        with path.open("r+b") as out:
            out.seek(-len(end), os.SEEK_END)
            out.write(end)


def _change_id3v22(path: Path, value: str) -> bool:
    """The same in a file that begins with ID3v2.2, which mutagen does not write; whether it is one."""
    content = path.read_bytes()
    if not content.startswith(id3v22.HEAD):
        return False
    try:
        changed = id3v22.with_text(content, FIELD, value)
    except id3v22.Unknown as problem:
        raise Unreadable(f"the tags of {path} cannot be read ({problem}).", try_this=_TRY) from problem
    path.write_bytes(changed)
    return True


def _id3v1(path: Path) -> bytes:
    """The tag of 128 bytes at the end of a file, b"" where there is none."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 128))
        end = file.read()
    return end if len(end) == 128 and end.startswith(b"TAG") else b""


def _of_kind(tags: Any, value: str) -> Any:
    if isinstance(tags, ID3):
        return _text_frame(encoding=1, desc=FIELD, text=[value])  # UTF-16, which both versions know
    if isinstance(tags, MP4Tags):
        return [_atom(value.encode())]
    return value if isinstance(tags, APEv2) else [value]
