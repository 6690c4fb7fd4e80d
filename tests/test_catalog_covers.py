"""The picture of a song: whatever its tags keep it in, or from beside it; never an error."""

import base64
import struct

import av
import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.asf import ASFByteArrayAttribute
from mutagen.flac import Picture
from mutagen.id3 import APIC
from mutagen.mp4 import MP4Cover

from catalog.audio import covers
from catalog.audio.covers import cover

JPEG = b"\xff\xd8\xff\xe0" + b"front" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"back" * 20
FRONT, BACK = 3, 4
CODECS = {"m4a": "aac", "wma": "wmav2"}
"""What soundfile cannot write."""


@pytest.fixture
def song(tmp_path):
    """Write a second of sound in a format and return its path."""

    def write(ending):
        path = tmp_path / "album" / f"song.{ending}"
        path.parent.mkdir(exist_ok=True)
        sound = 0.3 * np.sin(np.arange(22_050) / 9).astype(np.float32)
        if ending not in CODECS:
            soundfile.write(path, sound, 22_050)
            return path
        with av.open(str(path), "w") as out:
            stream = out.add_stream(CODECS[ending], rate=22_050, layout="mono", bit_rate=64_000)
            frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            frame.rate = 22_050
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                out.mux(packet)
        return path

    return write


def picture(data, kind):
    made = Picture()
    made.data, made.type, made.mime = data, kind, "image/jpeg"
    return made


def in_tags(path, *pictures):
    """Keep (bytes, type) pairs in the tags of a file, in the way of its format."""
    file = mutagen.File(path)
    if path.suffix == ".flac":
        for data, kind in pictures:
            file.add_picture(picture(data, kind))
    elif path.suffix == ".ogg":
        file["metadata_block_picture"] = [
            base64.b64encode(picture(*one).write()).decode("ascii") for one in pictures
        ]
    elif path.suffix == ".wma":
        about = "image/jpeg\0\0".encode("utf-16-le")
        file["WM/Picture"] = [
            ASFByteArrayAttribute(bytes([kind]) + struct.pack("<I", len(data)) + about + data)
            for data, kind in pictures
        ]
    elif path.suffix == ".m4a":
        file["covr"] = [MP4Cover(data) for data, _ in pictures]
    else:
        file.add_tags()
        for number, (data, kind) in enumerate(pictures):
            file.tags.add(APIC(encoding=3, mime="image/jpeg", type=kind, desc=str(number), data=data))
    file.save()


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "m4a", "wma"])
def test_a_picture_in_the_tags(song, ending):
    path = song(ending)
    assert cover(path) is None
    in_tags(path, (JPEG, FRONT))
    assert cover(path) == (JPEG, "image/jpeg")


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg"])
def test_the_front_comes_before_the_back(song, ending):
    path = song(ending)
    in_tags(path, (PNG, BACK), (JPEG, FRONT))
    assert cover(path) == (JPEG, "image/jpeg")


def test_the_type_is_what_the_bytes_say(song):
    path = song("flac")
    in_tags(path, (PNG, FRONT))  # which calls itself a JPEG
    assert cover(path) == (PNG, "image/png")


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", b"<html>", b"", b"%PDF-1.7"])
def test_what_is_no_picture_is_passed_over(song, data):
    path = song("flac")
    in_tags(path, (data, FRONT), (PNG, BACK))
    assert cover(path) == (PNG, "image/png")


def test_what_is_too_large_is_passed_over(song, monkeypatch):
    monkeypatch.setattr(covers, "MOST_BYTES", 200)
    path = song("flac")
    in_tags(path, (JPEG + bytes(200), FRONT))
    (path.parent / "folder.jpg").write_bytes(JPEG + bytes(200))
    assert cover(path) is None


def test_a_picture_beside_the_song(song):
    path = song("wav")
    for name in ("Front.PNG", "folder.jpg", "holiday.jpg"):
        (path.parent / name).write_bytes(PNG if name.endswith("PNG") else JPEG)
    assert cover(path) == (JPEG, "image/jpeg")
    (path.parent / "COVER.png").write_bytes(PNG)
    assert cover(path) == (PNG, "image/png")


def test_a_link_brings_nothing_from_elsewhere(song, tmp_path):
    path = song("wav")
    (tmp_path / "private.jpg").write_bytes(JPEG)
    (path.parent / "cover.jpg").symlink_to(tmp_path / "private.jpg")
    assert cover(path) is None


@pytest.mark.parametrize("where", [0.0, 0.01, 0.2, 0.5])
@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "m4a"])
def test_damaged_tags_are_no_error(song, ending, where):
    path = song(ending)
    in_tags(path, (JPEG, FRONT))
    content = bytearray(path.read_bytes())
    start = int(len(content) * where)
    content[start : start + 64] = np.random.default_rng(start).bytes(64)
    path.write_bytes(content)
    found = cover(path)
    assert found is None or found[1] == "image/jpeg"


def test_a_file_that_is_gone_has_no_picture(tmp_path):
    assert cover(tmp_path / "nowhere" / "song.mp3") is None
