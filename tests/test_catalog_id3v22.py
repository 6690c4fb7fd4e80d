"""What was heard, in a tag of ID3v2.2, which stays of that version, byte for byte."""

import struct

import mutagen
import odd_sound
import pytest
from mutagen.id3 import ID3

from catalog.errors import Unreadable
from catalog.files import heard_field

FRAMES = [
    (b"TT2", b"\0Rent Day"),
    (b"TP1", b"\0Ada/Bob"),
    (b"XYZ", b"of another program"),
    (b"PIC", b"\0PNG\x03\0\x89PNG"),
    (b"TXX", b"\0NW_HEARD_ELSEWHERE\0harp"),
]
PIANO = "\u043f\u0438\u0430\u043d\u0438\u043d\u043e"


def frames_of(named):
    return b"".join(name + struct.pack(">I", len(body))[1:] + body for name, body in named)


def id3v22(content, flags=0):
    """A tag with this content, as its standard has it."""
    in_sevens = bytes(len(content) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x02\x00" + bytes([flags]) + in_sevens + content


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(odd_sound.encoded("mp3", 440))
    ID3().delete(path)
    return path


@pytest.mark.parametrize("padding", [0, 1_000])
@pytest.mark.parametrize("names", [["bass", "calm"], [PIANO]])
def test_all_other_frames_stay_as_they_are(path, padding, names):
    sound, frames = path.read_bytes(), frames_of(FRAMES)
    before = id3v22(frames + bytes(padding)) + sound
    path.write_bytes(before)
    for written in (["first"], [PIANO], names):
        heard_field.write(path, written)
        assert heard_field.read(path) == "; ".join(written)
        tags = mutagen.File(path).tags
        assert (tags.version, tags["TIT2"]) == ((2, 2, 0), "Rent Day")
        now = path.read_bytes()
        assert now[10:].startswith(frames)
        assert now.endswith(sound)
        assert now.count(b"TXX") == 2
    heard_field.write(path, [])
    room = len(path.read_bytes()) - len(before)  # what the field took stays as room for the next
    assert path.read_bytes() == id3v22(frames + bytes(padding + room)) + sound
    assert room == 0 or padding == 0


def test_what_is_unsynchronised_stays_so(path):
    """A zero behind each FF that a decoder would take for a frame of MPEG."""
    sound = path.read_bytes()
    picture = b"\0JPG\x03\0\xff\xd8\xff\xe0\xff\0\xff"
    escaped = b"\0JPG\x03\0\xff\xd8\xff\0\xe0\xff\0\0\xff\0"
    frames = b"PIC" + len(picture).to_bytes(3) + escaped
    path.write_bytes(id3v22(frames, 0x80) + sound)
    heard_field.write(path, ["bass"])
    assert heard_field.read(path) == "bass"
    assert mutagen.File(path).tags["APIC:"].data == picture[6:]
    heard_field.write(path, [])
    assert path.read_bytes()[10:].startswith(frames)


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param(id3v22(frames_of(FRAMES), 0x40), id="compressed, in no way that was ever defined"),
        pytest.param(id3v22(frames_of(FRAMES) + b"TT3\0\xff\xff?"), id="a frame that is longer than the tag"),
    ],
)
def test_what_cannot_be_told_apart_is_left_alone(path, tag):
    before = tag + path.read_bytes()
    path.write_bytes(before)
    with pytest.raises(Unreadable):
        heard_field.write(path, ["bass"])
    assert path.read_bytes() == before
