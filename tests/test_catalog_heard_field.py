"""What was heard, in a field of a file's tags: written, read, taken out; sound and other tags stay."""

import struct

import mutagen
import odd_sound
import pytest
from mutagen.id3 import ID3, TIT2

from catalog.audio.packets import audio_hash
from catalog.errors import Unreadable
from catalog.files import heard_field

KINDS = ("mp3", "ogg", "opus", "flac", "wav", "wv")


@pytest.fixture
def file(tmp_path):
    def make(kind):
        path = tmp_path / f"song.{kind}"
        path.write_bytes(odd_sound.encoded(kind, 440))
        return path

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_written_and_taken_out_and_the_sound_stays(file, tmp_path, kind):
    path = file(kind)
    sound = audio_hash(path)
    heard_field.write(path, ["piano", "calm"])
    assert heard_field.read(path) == "piano; calm"
    assert not heard_field.would_change(path, ["piano", "calm"])
    assert audio_hash(path) == sound
    heard_field.write(path, [])
    assert heard_field.read(path) == ""
    assert audio_hash(path) == sound
    assert [one.name for one in tmp_path.iterdir()] == [path.name], "nothing is left beside it"


def test_other_tags_and_their_version_stay(file):
    path = file("mp3")
    tags = ID3()
    tags.add(TIT2(encoding=1, text="Rent Day"))
    tags.save(path, v2_version=3)
    heard_field.write(path, ["bass"])
    tags = mutagen.File(path).tags
    assert tags.version == (2, 3, 0)
    assert tags["TIT2"] == "Rent Day"


def id3v23(frames):
    """The bytes of a tag with these frames, as its standard has them."""
    written = b"".join(name + struct.pack(">IH", len(body), 0) + body for name, body in frames)
    size = len(written)
    in_sevens = bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + in_sevens + written


def frames_of(path):
    """(name, body) of the frames of a tag of ID3v2.3 at the start of a file, sorted."""
    with path.open("rb") as file:
        head = file.read(10)
        size = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        left = file.read(size)
    assert head[:4] == b"ID3\x03"
    found = []
    while left[:1] not in (b"", b"\0"):
        end = 10 + struct.unpack(">I", left[4:8])[0]
        found.append((left[:4], left[10:end].rstrip(b"\0")))
        left = left[end:]
    return sorted(found)


OLD_FRAMES = [
    (b"TYER", b"\x001984"),  # of 2.4 it is TDRC, which players do not look for in a tag of 2.3
    (b"TDAT", b"\x000607"),
    (b"TORY", b"\x001970"),
    (b"TSIZ", b"\x00999"),  # 2.4 has no such frame
    (b"RVAD", b"\x03\x10\0\1\0\1"),
    (b"TCON", b"\0(17)(4)"),
    (b"TPE1", b"\0Ada\0Bob"),  # two, and not one "Ada/Bob"
    (b"XHD3", b"of somebody"),
]


def test_frames_of_an_older_version_stay_as_they_are(file):
    path = file("mp3")
    ID3().delete(path)
    id3v1 = b"TAG" + b"Rent Day".ljust(94, b"\0") + b"a comment of 28 characters..." + b"\xff\xff"
    assert len(id3v1) == 128
    path.write_bytes(id3v23(OLD_FRAMES) + path.read_bytes() + id3v1)
    before = frames_of(path)
    heard_field.write(path, ["bass"])
    after = frames_of(path)
    assert [one for one in after if b"NW_HEARD" not in one[1].replace(b"\0", b"")] == before
    assert len(after) == len(before) + 1
    heard_field.write(path, [])
    assert frames_of(path) == before
    assert path.read_bytes().endswith(id3v1)


@pytest.mark.parametrize("kind", ["aac", "ts"])
def test_a_format_without_tags_says_so_and_stays(file, kind):
    path = file(kind)
    before = path.read_bytes()
    with pytest.raises(Unreadable):
        heard_field.write(path, ["bass"])
    assert path.read_bytes() == before


def test_a_sound_that_would_change_is_left_alone(file, monkeypatch, tmp_path):
    path = file("ogg")
    before = path.read_bytes()
    monkeypatch.setattr(heard_field, "_change", lambda opened, value: opened.tags.clear())
    monkeypatch.setattr(heard_field, "audio_hash", lambda place: str(place))
    with pytest.raises(Unreadable):
        heard_field.write(path, ["bass"])
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_with_two_names_keeps_both(file, tmp_path):
    path = file("flac")
    (tmp_path / "other.flac").hardlink_to(path)
    with pytest.raises(Unreadable, match="several names"):
        heard_field.write(path, ["bass"])
