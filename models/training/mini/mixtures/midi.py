"""Scores that people wrote, read from MIDI files: whole arrangements, single parts, other instruments."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

DEFAULT_TEMPO = 500_000
"""Microseconds a beat, where a file names none."""
# Status bytes: the upper four bits name the message, the lower four the channel.
_NOTE_OFF, _NOTE_ON, _PROGRAM, _PRESSURE = 0x80, 0x90, 0xC0, 0xD0
_META, _TEMPO = 0xFF, 0x51  # an event of the file itself, and the one that sets the tempo
_SYSTEM_EXCLUSIVE = (0xF0, 0xF7)  # messages of any length for one maker's devices, passed over


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a file: seconds, seconds, and what MIDI calls them."""

    start_s: float
    length_s: float
    channel: int
    program: int
    pitch: int
    velocity: int


def read(content: bytes) -> list[Note]:
    """The notes of a standard MIDI file in order. Raises ValueError where it is none."""
    if content[:4] != b"MThd":
        raise ValueError("not a MIDI file")
    tracks, division = struct.unpack(">HH", content[10:14])  # division: ticks a beat
    if division & 0x8000 or not division:
        raise ValueError("its clock counts frames, not beats")
    events: list[tuple[int, int, bytes]] = []
    at = 14  # behind the file's head
    for _ in range(tracks):
        begin = at + 8  # behind four bytes of name and four of size
        size = int.from_bytes(content[at + 4 : begin], "big")
        end = begin + size
        events += _events(content[begin:end])
        at = end
    # At one tick tracks stay in their order: the first one has the tempo.
    events.sort(key=lambda event: event[0])
    return sorted(_notes(events, division), key=lambda note: note.start_s)


def _number(track: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends: seven bits a byte, bit 8 set on all but the last."""
    value = 0
    while True:
        byte = track[at]
        value = value << 7 | byte & 0x7F
        at += 1
        if byte < 0x80:
            return value, at


def _events(track: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Tick, status and data of what matters: notes, programs, and tempo (status 0xFF).

    A track that breaks off gives what came before.
    """
    at, tick, status = 0, 0, 0
    try:
        while at < len(track):
            delta, at = _number(track, at)
            tick += delta
            if track[at] >= 0x80:  # else the status of the event before still runs
                status = track[at]
                at += 1
            if status == _META:
                kind = track[at]
                size, at = _number(track, at + 1)
                if kind == _TEMPO:
                    yield tick, _META, track[at : at + size]
            elif status in _SYSTEM_EXCLUSIVE:
                size, at = _number(track, at)
            else:
                message = status & 0xF0
                size = 1 if message in (_PROGRAM, _PRESSURE) else 2
                if message in (_NOTE_OFF, _NOTE_ON, _PROGRAM):
                    yield tick, status, track[at : at + size]
            at += size
    except IndexError:
        return


def _notes(events: list[tuple[int, int, bytes]], division: int) -> Iterator[Note]:
    """Pairs what switches a note on with what ends it; a note that nothing ends is none."""
    now_s, last, tempo = 0.0, 0, DEFAULT_TEMPO
    programs = [0] * 16
    sounding: dict[tuple[int, int], tuple[float, int, int]] = {}  # (channel, pitch): start, program, velocity
    for tick, status, data in events:
        now_s += (tick - last) * tempo / division / 1e6
        last = tick
        channel = status & 15
        message = status & 0xF0
        if status == _META:
            tempo = int.from_bytes(data, "big")
        elif message == _PROGRAM:
            programs[channel] = data[0] & 0x7F
        else:
            # A note that is struck again ends first, whether or not it was switched off.
            begun = sounding.pop((channel, data[0]), None)
            if begun is not None:
                start_s, program, velocity = begun
                length_s = max(now_s - start_s, 0.03)
                yield Note(start_s, length_s, channel, program, data[0] & 0x7F, velocity)
            # Many files switch notes off by "on" with velocity 0.
            if message == _NOTE_ON and data[1]:
                sounding[channel, data[0]] = now_s, programs[channel], data[1] & 0x7F
