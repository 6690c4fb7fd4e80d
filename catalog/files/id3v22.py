"""One text of its own in a tag of ID3v2.2, byte by byte: mutagen writes later ones only.

ID3v2.2 (id3.org/id3v2-00): a head of ten bytes; frames of a name of three letters, a size of three bytes and
a body; then zeros to the end of the tag.
"""

import re
from collections.abc import Iterator

HEAD = b"ID3\x02"
_HEAD_BYTES = 10
_UNSYNCHRONISED, _COMPRESSED = 0x80, 0x40
_LATIN_1, _UCS_2 = b"\0", b"\1"


class Unknown(Exception):
    """A tag whose frames cannot be told apart."""


def with_text(content: bytes, name: str, value: str) -> bytes:
    """A file whose tag has this text (a frame TXX), or none where the value is "". Raises Unknown."""
    flags, size = content[5], _from_sevens(content[6:_HEAD_BYTES])
    end = _HEAD_BYTES + size
    if flags & _COMPRESSED or end > len(content):
        raise Unknown("it is compressed or cut off")
    frames, behind = content[_HEAD_BYTES:end], content[end:]
    if flags & _UNSYNCHRONISED:
        frames = frames.replace(b"\xff\0", b"\xff")
    kept = [frame for frame in _frames(frames) if not _is_text(frame, name)]
    if value:
        kept.append(_text(name, value))
    written = b"".join(kept)
    if flags & _UNSYNCHRONISED:  # so that nothing in the tag looks like a frame of MPEG
        written = re.sub(rb"\xff(?=[\xe0-\xff\0]|$)", b"\xff\0", written)
    written = written.ljust(size, b"\0")
    return content[:6] + _in_sevens(len(written)) + written + behind


def _frames(frames: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(frames) and frames[at]:
        next_at = at + 6 + int.from_bytes(frames[at + 3 : at + 6])
        if next_at > len(frames):
            raise Unknown("a frame is longer than the tag")
        yield frames[at:next_at]
        at = next_at


def _text(name: str, value: str) -> bytes:
    """A frame TXX: the encoding, the name, the value."""
    try:
        body = _LATIN_1 + name.encode("latin-1") + b"\0" + value.encode("latin-1")
    except UnicodeEncodeError:
        mark = "\ufeff"
        named = (mark + name + "\0").encode("utf-16-le")
        body = _UCS_2 + named + (mark + value).encode("utf-16-le")
    return b"TXX" + len(body).to_bytes(3) + body


def _is_text(frame: bytes, name: str) -> bool:
    """Whether a frame is the text of that name, in either encoding."""
    named = (_LATIN_1 + name.encode("latin-1") + b"\0", _UCS_2 + ("\ufeff" + name + "\0").encode("utf-16-le"))
    return frame.startswith(b"TXX") and frame[6:].startswith(named)


def _from_sevens(content: bytes) -> int:
    """A number of which each byte holds seven bits."""
    number = 0
    for byte in content:
        number = number << 7 | byte & 0x7F
    return number


def _in_sevens(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
