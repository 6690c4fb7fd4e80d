"""Frames of an MP3 in memory, found by their heads: libav, asked for a moment, reads all packets before it.

A head is four bytes (ISO/IEC 11172-3, 2.4.2.3): eleven ones, two bits for the version, two for the layer, one
for a checksum; four bits for the bit rate, two for the sample rate, one for a byte of padding; and others.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import av
from av.codec.context import Flags2

Content = bytes | memoryview

_ONES = 0xFF
_LAYER_III = 0b01
_RATES_HZ = {0b11: (44_100, 48_000, 32_000), 0b10: (22_050, 24_000, 16_000), 0b00: (11_025, 12_000, 8_000)}
"""By version: MPEG 1, MPEG 2, and 2.5, which is in no standard."""
_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBITS_OF_LESS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
"""Of the versions after 1. The first stands for any rate, the last for none: such frames tell no size."""
_NOWHERE = 1 << 62
"""The size of a frame that tells none, or has another sample rate: what follows lies beyond any content."""


def packets_at(opened: Any, stream: Any, content: Content, moment: int) -> Iterator[Any] | None:
    """As libav would go on at a moment, in a fifth of the time; None where the heads do not lead there."""
    with suppress(av.FFmpegError, OSError):
        first = next(opened.demux(stream))
        begin, ticks = first.pos, first.duration
        is_start = first.size and first.pts == 0 and ticks
        head = bytes(first)[:4]
        if not is_start or content[begin : begin + 4] != head:
            return None
        number = moment // ticks
        place = place_of(content, begin, number)
        if not number or place is None:
            return None
        opened.seek(place, stream=stream, unsupported_byte_offset=True)
        # libav counts anew from here, and would leave out what it leaves out at the start.
        stream.codec_context.flags2 |= Flags2.skip_manual
        return _stamped(opened.demux(stream), number, ticks)
    return None


def _stamped(packets: Iterator[Any], number: int, ticks: int) -> Iterator[Any]:
    """Packets of so many ticks each, which tell their time by their number."""
    for packet in packets:
        if packet.size:  # the last one, which is none, only says that there are no more
            packet.pts = packet.dts = number * ticks
            number += 1
        yield packet


def place_of(content: Content, begin: int, number: int) -> int | None:
    """Where a frame begins: that of this number, 0 being the one at byte `begin`.

    None where one frame on the way does not follow the other (a tag, damage, the end of the content), or is
    of another kind.
    """
    at = begin
    try:
        kind = content[begin + 1]
        sizes = _sizes(kind, content[begin + 2])
        for _ in range(number):
            if not _begins_frame(content, at, kind):
                return None
            at += sizes[content[at + 2]]
        is_there = _begins_frame(content, at, kind)
    except IndexError:
        return None
    return at if is_there else None


def _begins_frame(content: Content, at: int, kind: int) -> bool:
    return content[at] == _ONES and content[at + 1] == kind


@cache
def _sizes(second: int, third: int) -> tuple[int, ...]:
    """Bytes of a frame by the third byte of its head, for frames with the version and sample rate of a head.

    second, third: of its bytes.
    """
    # AAAAAAAA AAABBCCD EEEEFFGH: B is the version, C the layer, E the bit rate, F the sample rate, G padding.
    version = second >> 3 & 0b11
    layer = second >> 1 & 0b11
    rate = third >> 2 & 0b11
    is_known = layer == _LAYER_III and version in _RATES_HZ and rate < 3
    if not is_known:
        return (_NOWHERE,) * 256
    is_first = version == 0b11
    samples = 1152 if is_first else 576
    kbits = _KBITS if is_first else _KBITS_OF_LESS
    rate_hz = _RATES_HZ[version][rate]
    sizes = []
    for byte in range(256):
        bytes_a_second = kbits[byte >> 4] * 125
        padding = byte >> 1 & 1
        size = samples * bytes_a_second // rate_hz + padding
        has_its_rate = byte >> 2 & 0b11 == rate
        tells_size = has_its_rate and bytes_a_second > 0
        sizes.append(size if tells_size else _NOWHERE)
    return tuple(sizes)
