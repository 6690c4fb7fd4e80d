"""The picture of a song: from its tags, else from beside its file. Never an error, only a picture or none."""

import base64
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import mutagen
from mutagen.flac import Picture

MOST_BYTES = 10 << 20  # of a picture that is handed to a browser
FRONT = 3
"""The type of a front cover in ID3, FLAC and Ogg."""
BESIDE = ("cover", "folder", "front")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}


def cover(path: Path) -> tuple[bytes, str] | None:
    """(bytes, MIME type) of a song's picture; None where there is none that a browser can show.

    The type is what the bytes say, whatever the tags claim: jpeg, png, webp or gif, and at most 10 MB.
    """
    for picture in _pictures(path):
        if len(picture) <= MOST_BYTES and (kind := _kind(picture)):
            return picture, kind
    return None


def _pictures(path: Path) -> Iterator[bytes]:
    with suppress(Exception):  # mutagen raises kinds of its own for what strangers' files hold
        yield from _in_tags(mutagen.File(path))
    yield from _beside(path)


def _in_tags(file: Any) -> Iterator[bytes]:
    """The front cover first, whatever the format keeps it in."""
    if file is None:
        return
    tags = file.tags or {}
    found = [*getattr(file, "pictures", ())]  # FLAC
    for text in tags.get("metadata_block_picture", ()):  # Ogg
        found.append(Picture(base64.b64decode(text)))  # type: ignore[no-untyped-call]
    if hasattr(tags, "getall"):  # ID3
        found += tags.getall("APIC")
    found.sort(key=lambda picture: picture.type != FRONT)
    for picture in found:
        yield picture.data
    for picture in tags.get("covr", ()):  # MP4
        yield bytes(picture)
    for picture in tags.get("WM/Picture", ()):  # WMA
        yield _of_asf(picture.value)
    if "Cover Art (Front)" in tags:  # APEv2: a name, then the picture
        yield tags["Cover Art (Front)"].value.partition(b"\0")[2]


def _of_asf(value: bytes) -> bytes:
    """The picture in ASF's frame: type, size, MIME type and description in UTF-16, data."""
    (size,) = struct.unpack_from("<I", value, 1)
    return value[-size:]


def _beside(path: Path) -> Iterator[bytes]:
    """cover.jpg and its kin in the song's own folder; not what a link brings from elsewhere."""
    try:
        pictures = sorted(one for one in path.parent.iterdir() if one.suffix.lower() in _SUFFIXES)
        for name in BESIDE:
            for picture in pictures:
                is_named = picture.stem.lower() == name
                if is_named and picture.is_file() and not picture.is_symlink():
                    yield _start_of(picture)
    except OSError:
        return


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        # One byte too many tells that it is too large, without reading a scan of 300 MB.
        return file.read(MOST_BYTES + 1)


def _kind(picture: bytes) -> str | None:
    """The MIME type of a picture by its first bytes; None for one that a browser may not show."""
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    for start, kind in _STARTS.items():
        if picture.startswith(start):
            return kind
    return None
