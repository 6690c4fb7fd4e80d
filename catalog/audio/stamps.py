"""Whether what a container says of time agrees with the sound in it: where it does not, the sound counts."""

from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import av

NUMBERED = ("flac", "mp3", "ogg")
"""Formats whose packets say themselves how much came before them, or that are walked packet by packet."""

_BY_BYTES = tuple("aiff au avr epaf ircam nistsphere pvf rso sln sox voc w64 wav wsd".split())
"""Formats that libav seeks in by the bytes of a second, which stand in the head."""

_FIRST_PACKETS = 10
_SETTLED = 3
"""Packets after which every decoder gives as much as it takes."""

_ENTRIES_LOOKED_AT = 32


class Opened(NamedTuple):
    """PyAV's container and a stream of it. is_in_step: False where MP4's table contradicts its packets."""

    file: Any
    stream: Any
    is_in_step: bool


class _Packet(NamedTuple):
    """stamp_s: where it says that it stands, or None. said_s, heard_s: how long it says it is, and is."""

    stamp_s: float | None
    said_s: float
    heard_s: float
    size: int


def are_near(seconds: float, others_s: float) -> bool:
    """Whether two lengths are one, but for padding and rounding."""
    return abs(seconds - others_s) <= max(1.0, 0.02 * others_s)


def seconds_of_packet(stream: Any) -> float:
    """How long each packet of a stream is by its codec; 0 where they differ or nobody can tell."""
    codec = stream.codec_context
    if codec is None or not codec.sample_rate:
        return 0.0
    return float(codec.frame_size / codec.sample_rate)


def is_plain(stream: Any) -> bool:
    """Whether a stream is of samples as they are, of which a packet holds any number."""
    return str(stream.codec_context.name).startswith("pcm_")


def tells_length(stream: Any) -> bool:
    """Whether how long a packet is shows without reading one."""
    return is_plain(stream) or seconds_of_packet(stream) > 0


def is_out_of_step(opened: Any, stream: Any) -> bool:
    """Whether MP4's table puts packets elsewhere than their lengths do. Reads some, unless `tells_length`."""
    entries = stream.index_entries
    count = len(entries)
    if count < 2 or stream.codec_context is None or is_plain(stream):
        return False
    packet_s = seconds_of_packet(stream) or _decoded_packet_s(opened, stream)
    if not packet_s:
        return False
    begin = entries[0].timestamp
    step = max(1, count // _ENTRIES_LOOKED_AT)
    for number in (1, *range(step, count, step), count - 1):
        at_s = float((entries[number].timestamp - begin) * stream.time_base)
        if not are_near(at_s, number * packet_s):
            return True
    return False


def can_seek(opened: Opened) -> bool:
    """Whether a seek lands where the sound of that moment is. Reads packets, unless it knows the format."""
    kind = opened.file.format.name
    if kind in NUMBERED:
        return True
    if kind.startswith("mov"):
        return opened.is_in_step
    first = _first_packets(opened.file, opened.stream)[_SETTLED:]
    if kind in _BY_BYTES and not _is_rate_right(opened.stream, first):
        return False
    return _agree(first)


def _decoded_packet_s(opened: Any, stream: Any) -> float:
    """How long packets are that are all alike; 0 where they are not."""
    lengths = {packet.heard_s for packet in _first_packets(opened, stream)[_SETTLED:]}
    return lengths.pop() if len(lengths) == 1 else 0.0


def _first_packets(opened: Any, stream: Any) -> list[_Packet]:
    found = []
    with suppress(av.FFmpegError, OSError):
        for packet in islice(opened.demux(stream), _FIRST_PACKETS):
            if packet.size:
                found.append(_packet(packet, stream))
    return found


def _packet(packet: Any, stream: Any) -> _Packet:
    heard_s = 0.0
    with suppress(av.FFmpegError):
        heard_s = sum(frame.samples / frame.sample_rate for frame in packet.decode() if frame.samples)
    stamp_s = None if packet.pts is None else float(packet.pts * stream.time_base)
    said_s = float((packet.duration or 0) * stream.time_base)
    return _Packet(stamp_s, said_s, heard_s, packet.size)


def _agree(packets: list[_Packet]) -> bool:
    """Whether packets say that they stand as far from the first as there is sound in between."""
    if not packets or packets[0].stamp_s is None:
        return True
    heard_s = 0.0
    for packet in packets:
        if packet.stamp_s is not None:
            said_s = packet.stamp_s - packets[0].stamp_s
            if abs(said_s - heard_s) > 0.03 + 0.2 * heard_s:
                return False
        heard_s += packet.heard_s
    return True


def _is_rate_right(stream: Any, packets: list[_Packet]) -> bool:
    """Whether as many bytes are a second as the head says, in each packet."""
    said = stream.codec_context.bit_rate or 0
    for packet in packets:
        bits = 8 * packet.size
        if abs(bits - said * packet.said_s) > 0.01 * bits:
            return False
    return True
