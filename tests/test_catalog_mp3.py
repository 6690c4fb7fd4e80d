"""Frames of an MP3 that are found by their heads: the same sound as by libav, which reads all before it."""

import io
import itertools

import numpy as np
import pytest
import soundfile

from catalog.audio import mp3, waveform
from catalog.errors import Unreadable
from catalog.shards.decode_rows import Crop, decode

MPEG_1, MPEG_2, MPEG_25 = 0xFB, 0xF3, 0xE3
SECONDS = 20


def frame(second, third, size):
    return bytes([0xFF, second, third, 0]) + bytes(size - 4)


@pytest.mark.parametrize(
    ("second", "third", "size"),
    [
        pytest.param(MPEG_1, 0x90, 417, id="128 kbit/s, 44.1 kHz: 144 * 128000 / 44100, rounded down"),
        pytest.param(MPEG_1, 0x92, 418, id="with a byte of padding"),
        pytest.param(MPEG_1, 0xE4, 960, id="320 kbit/s, 48 kHz"),
        pytest.param(MPEG_1, 0x18, 144, id="32 kbit/s, 32 kHz"),
        pytest.param(MPEG_2, 0x80, 208, id="MPEG 2: half as many samples, and rates of its own"),
        pytest.param(MPEG_25, 0x48, 288, id="MPEG 2.5: 32 kbit/s, 8 kHz"),
    ],
)
def test_a_frame_is_as_long_as_its_head_says(second, third, size):
    content = b"tag" + frame(second, third, size) * 3
    places = [mp3.place_of(content, 3, number) for number in range(4)]
    assert places == [3, 3 + size, 3 + 2 * size, None]  # at the end there is no head any more
    assert mp3.place_of(memoryview(content), 3, 2) == 3 + 2 * size


PLAIN = frame(MPEG_1, 0x90, 417)


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(b"TAG" + bytes(125), id="a tag"),
        pytest.param(frame(MPEG_2, 0x90, 261), id="another version"),
        pytest.param(frame(MPEG_1, 0x94, 384), id="another sample rate"),
        pytest.param(frame(MPEG_1, 0x00, 417), id="a frame of any rate, which tells no size"),
        pytest.param(frame(MPEG_1, 0xF0, 417), id="a rate that there is not"),
        pytest.param(frame(0xFD, 0x90, 417), id="another layer"),
    ],
)
def test_behind_what_is_no_frame_of_its_kind_nothing_is_found(between):
    content = PLAIN * 2 + between + PLAIN * 4
    assert mp3.place_of(content, 0, 1) == 417
    assert mp3.place_of(content, 0, 4) is None


@pytest.mark.parametrize("begin", [0, 417 * 3 - 1, 10_000])
def test_where_no_frame_begins_none_follows(begin):
    assert mp3.place_of(b"\0" + PLAIN * 3, begin, 1) is None


def noise(rate, channels=2):
    sound = np.random.default_rng(3).normal(0, 0.1, (SECONDS * rate, channels))
    return np.cumsum(sound, axis=0) * 0.02


def encoded(rate, channels=2, **options):
    content = io.BytesIO()
    soundfile.write(content, noise(rate, channels), rate, format="MP3", **options)
    return content.getvalue()


def holed(content):
    """With a hole, and junk that looks like the head of a frame."""
    middle = len(content) // 2
    return content[:middle] + b"\xff\xfb\x90junk" * 9 + content[middle + 1000 :]


KINDS = {
    "constant": lambda: encoded(44_100, bitrate_mode="CONSTANT"),
    "variable": lambda: encoded(44_100, bitrate_mode="VARIABLE", compression_level=0.3),
    "mono": lambda: encoded(22_050, 1),
    "slow": lambda: encoded(8_000, 1),
    "holed": lambda: holed(encoded(44_100, bitrate_mode="VARIABLE")),
    "cut": lambda: encoded(44_100)[:150_000],
    "joined": lambda: encoded(44_100) + encoded(48_000, bitrate_mode="CONSTANT"),
    "behind a tag": lambda: b"ID3\4\0\0\0\0\1\0" + bytes(128) + encoded(32_000),
}


def heard(source, start_s):
    """Two seconds of a source, none where it ends before."""
    try:
        return waveform.crop_of(source, start_s, 2, lambda rate_hz: rate_hz).sound
    except Unreadable:
        return np.empty(0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_crop_of_bytes_is_that_of_their_file_bit_for_bit(kind, tmp_path, monkeypatch):
    content = KINDS[kind]()
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    found = []
    place_of = mp3.place_of
    monkeypatch.setattr(mp3, "place_of", lambda *given: found.append(place_of(*given)) or found[-1])
    for start_s in (0.3, 0.7, 3, 6.2, 9.99, 15.5, 17, 18.5):
        of_file = heard(path, start_s)  # libav moves in it by itself
        np.testing.assert_array_equal(heard(content, start_s), of_file)
        np.testing.assert_array_equal(heard(memoryview(content), start_s), of_file)
    assert any(found)


def test_a_share_of_the_room_is_of_what_the_file_claims(tmp_path):
    content = encoded(44_100, bitrate_mode="CONSTANT")
    whole = decode(content, Crop(SECONDS, 0.0), 44_100).sound
    for at, view in itertools.product((0.0, 0.25, 1.0), (False, True)):
        source = memoryview(content) if view else content
        sound, start_s, rate_hz = decode(source, Crop(4, None, at), 44_100)
        assert start_s == pytest.approx(at * (SECONDS - 4), abs=0.05)
        start = round(start_s * rate_hz)
        np.testing.assert_allclose(sound, whole[start : start + len(sound)], rtol=1e-6, atol=2e-3)
