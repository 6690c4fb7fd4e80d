"""Scores that people wrote, read from MIDI files: whole arrangements, single parts, other instruments."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

DRUMS = 9
DEFAULT_TEMPO = 500_000
"""Microseconds a beat, where a file names none."""


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
    tracks, division = struct.unpack(">HH", content[10:14])
    if division & 0x8000 or not division:
        raise ValueError("its clock counts frames, not beats")
    events: list[tuple[int, int, bytes]] = []
    at = 14
    for _ in range(tracks):
        size = int.from_bytes(content[at + 4 : at + 8], "big")
        events += _events(content[at + 8 : at + 8 + size])
        at += 8 + size
    events.sort(key=lambda event: event[0])
    return sorted(_notes(events, division), key=lambda note: note.start_s)


def _number(track: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = track[at]
        value, at = value << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return value, at


def _events(track: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Tick, status and data of what matters: notes, programs, and tempo (status 0xFF)."""
    at, tick, status = 0, 0, 0
    try:
        while at < len(track):
            delta, at = _number(track, at)
            tick += delta
            if track[at] >= 0x80:
                status, at = track[at], at + 1
            if status == 0xFF:
                kind = track[at]
                size, at = _number(track, at + 1)
                if kind == 0x51:
                    yield tick, 0xFF, track[at : at + size]
                at += size
            elif status in (0xF0, 0xF7):
                size, at = _number(track, at)
                at += size
            else:
                size = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
                if status & 0xF0 in (0x80, 0x90, 0xC0):
                    yield tick, status, track[at : at + size]
                at += size
    except IndexError:
        return


def _notes(events: list[tuple[int, int, bytes]], division: int) -> Iterator[Note]:
    now, last, tempo = 0.0, 0, DEFAULT_TEMPO
    programs = [0] * 16
    sounding: dict[tuple[int, int], tuple[float, int, int]] = {}
    for tick, status, data in events:
        now += (tick - last) * tempo / division / 1e6
        last = tick
        channel = status & 15
        if status == 0xFF:
            tempo = int.from_bytes(data, "big")
        elif status & 0xF0 == 0xC0:
            programs[channel] = data[0] & 0x7F
        else:
            begun = sounding.pop((channel, data[0]), None)
            if begun is not None:
                start, program, velocity = begun
                yield Note(start, max(now - start, 0.03), channel, program, data[0] & 0x7F, velocity)
            if status & 0xF0 == 0x90 and data[1]:
                sounding[channel, data[0]] = now, programs[channel], data[1] & 0x7F
