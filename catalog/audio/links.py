"""Files that are several files one behind the other: where each begins.

A chained Ogg file (RFC 3533, section 4), `cat one.flac two.flac` and the like have a head for each link, with
a rate, channels and even a codec of its own. Decoders believe the first, so every link is opened by itself.
"""

import mmap
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

Source = Path | bytes | memoryview
"""A file, or what lies in one: bytes, or a view of them that nobody changes meanwhile."""
Span = tuple[int, int]
"""The first byte of a link, and the one behind its last."""

ID3_HEAD = 10  # bytes of an ID3v2 tag that say how long it is
_OGG_FIRST_PAGE = b"OggS\0\x02"
_FLAC_HEAD = b"fLaC\0\0\0\x22"
_OGG_HEADER = 27  # bytes of a page's head; the last says how many segments follow (RFC 3533, section 6)
_WAVPACK_HEADER = struct.Struct("<6I")
_INITIAL = 0x800  # the flag of the first block of a frame
MOST_LINKS = 10_000  # a file of more is opened as one


def links(source: Source) -> list[Span]:
    """The links of a file, in order; one of the whole file where it is not chained or is no such format.

    >>> links(b"fLaC\\0\\0\\0\\x22one" + b"fLaC\\0\\0\\0\\x22another")
    [(0, 11), (11, 26)]
    """
    if isinstance(source, memoryview):
        begin = behind_id3(bytes(source[:ID3_HEAD]))
        if bytes(source[begin : begin + 4]) not in _STARTS:
            return [(0, len(source))]
        source = bytes(source)  # a view cannot be searched
    if isinstance(source, bytes):
        return _links(source)
    with source.open("rb") as file:
        begin = behind_id3(file.read(ID3_HEAD))
        file.seek(begin)
        if file.read(4) not in _STARTS:
            return [(0, source.stat().st_size)]
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _links(content)


def _links(content: bytes | mmap.mmap) -> list[Span]:
    """The links of a content; what lies before the first head, an ID3 tag, belongs to the first link."""
    begin = behind_id3(content[:ID3_HEAD])
    head = content[begin : begin + 4]
    starts: list[int] = []
    if head in _STARTS:
        starts = list(_STARTS[head](content, begin))
    if not 1 < len(starts) <= MOST_LINKS:
        return [(0, len(content))]
    edges = [0, *starts[1:], len(content)]
    return list(pairwise(edges))


def behind_id3(head: bytes) -> int:
    """Where a leading ID3v2 tag ends, by its first ten bytes: some programs put one even before FLAC."""
    if head[:3] != b"ID3":
        return 0
    size = 0
    for digit in head[6:10]:  # seven bits each
        size = size << 7 | digit & 0x7F
    return ID3_HEAD + size


def _ogg_starts(content: bytes | mmap.mmap, begin: int) -> Iterator[int]:
    """Pages that begin a stream, but of those in a row, which belong to one link, only the first."""
    at, expected = begin, -1
    while (at := content.find(_OGG_FIRST_PAGE, at)) >= 0:
        if at != expected:
            yield at
        expected = at + _page_size(content, at)
        at += len(_OGG_FIRST_PAGE)


def _page_size(content: bytes | mmap.mmap, at: int) -> int:
    """Bytes of an Ogg page: the header, a table of segment sizes, and the segments (RFC 3533, section 6)."""
    header = content[at : at + _OGG_HEADER]
    segments = header[-1] if len(header) == _OGG_HEADER else 0
    table_at = at + _OGG_HEADER
    table = content[table_at : table_at + segments]
    return _OGG_HEADER + segments + sum(table)


def _flac_starts(content: bytes | mmap.mmap, begin: int) -> Iterator[int]:
    """Where a FLAC file begins: its mark, and the head of STREAMINFO, which always comes first."""
    at = begin
    while (at := content.find(_FLAC_HEAD, at)) >= 0:
        yield at
        at += len(_FLAC_HEAD)


def _wavpack_starts(content: bytes | mmap.mmap, begin: int) -> Iterator[int]:
    """Blocks whose first sample is sample 0 again; blocks tell their size, and tags lie between files."""
    at = begin
    while (at := content.find(b"wvpk", at)) >= 0:
        header = content[at + 4 : at + 28].ljust(24, b"\0")  # the last one may be cut
        size, _, _, first_sample, samples, flags = _WAVPACK_HEADER.unpack(header)
        begins = first_sample == 0 and samples
        if begins and flags & _INITIAL:  # not the blocks of further channels
            yield at
        at += 8 + max(size, 24)


def _riff_starts(content: bytes | mmap.mmap, begin: int) -> Iterator[int]:
    at = begin
    while True:
        head = content[at : at + 12]  # "RIFF", the size of what follows, "WAVE"
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return
        yield at
        length = int.from_bytes(head[4:8], "little")
        at += 8 + length + length % 2  # chunks are padded to even lengths


_STARTS = {b"OggS": _ogg_starts, b"fLaC": _flac_starts, b"wvpk": _wavpack_starts, b"RIFF": _riff_starts}
