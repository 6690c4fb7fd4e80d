"""Files behind files, several streams, heads that lie: heard whole at the right moments, or refused."""

import struct

import numpy as np
import odd_sound
import pytest
import soundfile

from catalog.audio import peaks, waveform
from catalog.audio.links import links
from catalog.audio.mono import mono
from catalog.errors import Unreadable

RATE_HZ = 8_000
LOW, MIDDLE, HIGH = 440, 660, 880


def heard(path, window_s=0.5):
    """The pitch of every half second."""
    blocks = waveform.windows(path, rate_hz=RATE_HZ, window_s=window_s, hop_s=window_s)
    return odd_sound.pitches(np.concatenate(list(blocks)), RATE_HZ)


CHANGES = {
    "stereo to mono": ({}, {"channels": 1}),
    "mono to stereo": ({"channels": 1}, {}),
    "to another rate": ({}, {"other_rate": True}),
    "back from another rate": ({"other_rate": True}, {}),
    "nothing changes": ({}, {}),
    "rate and channels at once": ({"other_rate": True, "channels": 1}, {}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", odd_sound.KINDS)
def test_a_file_behind_a_file_is_heard_whole_at_its_moments(tmp_path, capfd, kind, change):
    path = tmp_path / f"both.{kind}"
    first, second = change
    path.write_bytes(odd_sound.encoded(kind, LOW, **first) + odd_sound.encoded(kind, HIGH, **second))
    found = waveform.probe(path)
    assert found.duration_s == pytest.approx(4, abs=0.3)
    assert found.partly == ""
    assert found.channels == first.get("channels", 2)
    moments = heard(path)
    assert len(moments) in (8, 9)  # some codecs put a little silence around what they are given
    assert moments[:4] == pytest.approx([LOW] * 4, abs=2)
    assert moments[5:8] == pytest.approx([HIGH] * 3, abs=2)
    for source in (path, path.read_bytes()):
        for start_s, pitch in ((0.5, LOW), (3.0, HIGH)):
            crop = waveform.crop(source, start_s, 0.5, rate_hz=RATE_HZ)
            assert odd_sound.pitches(crop[None], RATE_HZ) == pytest.approx([pitch], abs=2)
    assert peaks.peaks(path)[0] == pytest.approx(4, abs=0.3)
    assert capfd.readouterr() == ("", "")


def test_a_chain_of_two_codecs_is_heard_whole(tmp_path):
    path = tmp_path / "radio.ogg"
    parts = [
        odd_sound.encoded("ogg", LOW),
        odd_sound.encoded("opus", MIDDLE, channels=1),
        odd_sound.encoded("ogg", HIGH, other_rate=True),
    ]
    path.write_bytes(b"".join(parts))
    assert waveform.probe(path).duration_s == pytest.approx(6, abs=0.1)
    assert heard(path, 1.0) == pytest.approx([LOW, LOW, MIDDLE, MIDDLE, HIGH, HIGH], abs=1)


def test_a_damaged_link_costs_itself(tmp_path):
    path = tmp_path / "radio.ogg"
    middle = bytearray(odd_sound.encoded("ogg", MIDDLE))
    middle[60:] = np.random.default_rng(0).bytes(len(middle) - 60)
    path.write_bytes(odd_sound.encoded("ogg", LOW) + middle + odd_sound.encoded("ogg", HIGH))
    assert heard(path, 1.0) == pytest.approx([LOW, LOW, HIGH, HIGH], abs=1)


@pytest.mark.parametrize("kind", ["ogg", "opus", "flac", "wv", "wav"])
def test_links_begin_where_their_files_do(kind):
    one, two = odd_sound.encoded(kind, LOW), odd_sound.encoded(kind, HIGH, channels=1)
    assert links(one) == [(0, len(one))]
    assert links(one + two) == [(0, len(one)), (len(one), len(one) + len(two))]
    tagged = b"ID3\4\0\0\0\0\1\0" + bytes(128) + one
    assert links(tagged + two) == [(0, len(tagged)), (len(tagged), len(tagged) + len(two))]


@pytest.mark.parametrize("form", ["matroska", "mp4"])
@pytest.mark.parametrize("default", [0, 1])
def test_of_several_streams_the_default_is_heard(tmp_path, form, default):
    path = tmp_path / "song.bin"
    tracks = [odd_sound.tone(hz, 44_100, 2) for hz in (LOW, HIGH)]
    path.write_bytes(odd_sound.by_av("aac", form, 44_100, tracks, default=default))
    assert heard(path, 1.0)[:2] == pytest.approx([(LOW, HIGH)[default]] * 2, abs=1)


@pytest.mark.parametrize("kind", ["mp3", "mp2", "aac"])
@pytest.mark.parametrize(
    "tag",
    [
        pytest.param(b"", id="nothing of it is there"),
        pytest.param(
            b"TIT2\0\0\0\x05\0\0\0Name" + b"APIC\0\0\7\0" + b"\xff\xd8\xff\xe0" * 400, id="a picture"
        ),
    ],
)
def test_a_tag_that_claims_more_than_the_file_hides_no_sound(tmp_path, kind, tag):
    sound = odd_sound.encoded(kind, MIDDLE)
    path, plain = tmp_path / f"tagged.{kind}", tmp_path / f"plain.{kind}"
    path.write_bytes(b"ID3\3\0\0\x7f\x7f\x7f\x7f" + tag + sound)
    plain.write_bytes(sound)
    found, without = waveform.probe(path), waveform.probe(plain)
    assert (found.audio_hash, found.duration_s) == (without.audio_hash, without.duration_s)
    heard = waveform.crop(path.read_bytes(), 1.0, 0.5, rate_hz=8000)  # as a clip that is sent comes
    assert np.abs(heard).max() > 0.2


def wav(rate_hz, channels, samples, *, data_bytes=None):
    """A wav of 16-bit silence whose head says what it is told to."""
    data = bytes(2 * samples)
    size = len(data) if data_bytes is None else data_bytes
    frame = 2 * channels
    head = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, channels, rate_hz, rate_hz * frame & 0xFFFFFFFF, frame, 16
    )
    body = b"WAVE" + head + struct.pack("<4sI", b"data", size)
    return struct.pack("<4sI", b"RIFF", min(len(body) + size, 0xFFFFFFFF)) + body + data


@pytest.mark.parametrize(
    ("head", "why"),
    [
        pytest.param({"rate_hz": 1, "channels": 1}, "1 Hz is no rate", id="1 Hz"),
        pytest.param({"rate_hz": 999, "channels": 1}, "999 Hz is no rate", id="too slow for any sound"),
        pytest.param({"rate_hz": 4_000_000_000, "channels": 1}, ".", id="4 GHz"),
        pytest.param({"rate_hz": 44_100, "channels": 5_000}, ".", id="5,000 channels"),
        pytest.param({"rate_hz": 44_100, "channels": 0}, ".", id="no channel"),
    ],
)
def test_what_a_head_claims_is_checked_before_it_is_believed(tmp_path, head, why):
    path = tmp_path / "song.wav"
    path.write_bytes(wav(samples=128_000, **head))
    for read in (waveform.probe, heard, peaks.peaks, lambda p: waveform.crop(p, 0, 1, rate_hz=RATE_HZ)):
        with pytest.raises(Unreadable, match=why):
            read(path)


def test_a_length_that_is_not_there_is_said_and_not_believed(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(wav(8_000, 1, 24_000, data_bytes=0xFFFFFF00))
    assert waveform.probe(path).duration_s == pytest.approx(3, abs=0.1)
    assert len(heard(path, 1.0)) == 3


def test_more_sound_than_the_bytes_can_be_is_refused(tmp_path):
    """Six hours of digital silence in a few kilobytes: nobody recorded that, and hearing it has no end."""
    path = tmp_path / "song.flac"
    with soundfile.SoundFile(path, "w", 1_000, 1, format="FLAC") as file:
        for _ in range(6 * 60):
            file.write(np.zeros(60_000, np.float32))
    assert path.stat().st_size < 100_000
    with pytest.raises(Unreadable, match="claims more than 1 hour of sound in"):
        heard(path, 10.0)


def test_a_head_that_points_beside_the_file_is_quiet(tmp_path, capfd):
    """libsndfile asked Python for a seek that cannot be, and soundfile printed what Python said to that."""
    sound = odd_sound.by_av("pcm_s16be", "aiff", 44_100, [odd_sound.tone(LOW, 44_100, 2)])
    path = tmp_path / "song.aiff"
    path.write_bytes(sound.replace(b"SSND", b"S[ND"))
    for source in (path, path.read_bytes()):
        with pytest.raises(Unreadable, match="none of its sound can be decoded"):
            waveform.crop(source, 0, 1, rate_hz=RATE_HZ)
    assert capfd.readouterr() == ("", "")


def test_two_files_without_packets_are_not_one_sound(tmp_path):
    """A head alone opens; the hash of no packets at all is everyone's."""
    heads = [odd_sound.encoded("wv", hz)[:32] + bytes([number]) for number, hz in enumerate((LOW, HIGH))]
    assert waveform.audio_hash(heads[0]) != waveform.audio_hash(heads[1])


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_numbers_that_are_none_are_silence_without_a_warning(channels):
    sound = np.full((channels, 4), 0.5, np.float32)
    sound[0] = np.nan, np.inf, -np.inf, 0.5
    heard = mono(sound)
    assert np.isfinite(heard).all()
    assert heard[[0, 3]].tolist() == [0.0, 0.5]


SECONDS_OF_A_PITCH = [440, 550, 660, 770, 880, 990]


def steps(rate_hz, channels=2):
    """A tone of another pitch each second, so that it is heard which second one is."""
    return np.concatenate([odd_sound.tone(hz, rate_hz, channels, seconds=1) for hz in SECONDS_OF_A_PITCH])


def check_its_time(path):
    """A sound of `steps` has its length, and each moment is found, in a file as in bytes."""
    assert waveform.probe(path).duration_s == pytest.approx(6, abs=0.1)
    assert heard(path, 1.0)[:6] == pytest.approx(SECONDS_OF_A_PITCH, abs=2)
    for source in (path, path.read_bytes()):
        crops = [waveform.crop(source, second + 0.25, 0.5, rate_hz=8_000) for second in range(6)]
        assert odd_sound.pitches(np.stack(crops), 8_000) == pytest.approx(SECONDS_OF_A_PITCH, abs=2)


@pytest.fixture(scope="module")
def stepped_mp4():
    return odd_sound.by_av("aac", "mp4", 44_100, [steps(44_100)])


@pytest.mark.parametrize("ticks_a_second", [0, 1, 100, 4_410, 22_050, 88_200, 2**31 - 1])
def test_mp4_whose_ticks_are_wrong_is_heard_whole(tmp_path, stepped_mp4, ticks_a_second):
    """Its edit list is in seconds, so that at one tick a second the first packet was all there was."""
    sound = bytearray(stepped_mp4)
    # Of "mdhd" version 0: flags, two times of day, then the ticks.
    struct.pack_into(">I", sound, sound.index(b"mdhd") + 16, ticks_a_second)
    path = tmp_path / "song.m4a"
    path.write_bytes(sound)
    check_its_time(path)


@pytest.mark.parametrize("first_ticks", [0, 44_100 * 4, 2**31 - 1])
def test_mp4_of_which_one_packet_has_a_wrong_length_is_heard_whole(tmp_path, stepped_mp4, first_ticks):
    """All packets behind it were said to be beyond the end of the edit list."""
    sound = bytearray(stepped_mp4)
    table = sound.index(b"stts")
    # Flags, how many entries, then packets and ticks of each for each entry: all but the last are alike.
    _, entries, packets, ticks, last, _ = struct.unpack_from(">6I", sound, table + 4)
    assert (entries, ticks, last) == (2, 1_024, 1)
    struct.pack_into(">4I", sound, table + 12, 1, first_ticks, packets, ticks)
    path = tmp_path / "song.m4a"
    path.write_bytes(sound)
    check_its_time(path)


@pytest.mark.parametrize("number", [0, 3])
def test_mp4_of_which_one_packet_has_a_wrong_size_is_heard_whole(tmp_path, stepped_mp4, number):
    """That packet then holds all behind it, and the next ones lie beyond the end of the file."""
    sound = bytearray(stepped_mp4)
    # Of "stsz": flags, one size for all or 0, how many packets, then the size of each.
    struct.pack_into(">I", sound, sound.index(b"stsz") + 16 + 4 * number, 10 * len(sound))
    path = tmp_path / "song.m4a"
    path.write_bytes(sound)
    assert waveform.probe(path).partly == ""
    check_its_time(path)


def test_real_audio_whose_stamps_are_all_0_is_heard_whole(tmp_path):
    path = tmp_path / "song.rm"
    path.write_bytes(odd_sound.by_av("real_144", "rm", 8_000, [steps(8_000, channels=1)]))
    check_its_time(path)


@pytest.mark.parametrize("codec", ["adpcm_ms", "pcm_s16le"])
@pytest.mark.parametrize("bytes_a_second", [0, 1, 3_000, 2**31])
def test_wav_whose_bytes_a_second_are_wrong_is_heard_at_its_moments(tmp_path, codec, bytes_a_second):
    sound = bytearray(odd_sound.by_av(codec, "wav", 44_100, [steps(44_100)]))
    # Of "fmt ": its size, the codec, channels, samples a second, then bytes a second.
    struct.pack_into("<I", sound, sound.index(b"fmt ") + 16, bytes_a_second)
    path = tmp_path / "song.wav"
    path.write_bytes(sound)
    check_its_time(path)


def test_what_an_edit_list_leaves_out_stays_out(tmp_path):
    sound = bytearray(odd_sound.by_av("aac", "mp4", 44_100, [odd_sound.tone(LOW, 44_100, 2, seconds=5)]))
    # Of "elst" version 0: flags, the number of stretches, then how long the first is, in milliseconds.
    struct.pack_into(">I", sound, sound.index(b"elst") + 12, 2_000)
    path = tmp_path / "song.m4a"
    path.write_bytes(sound)
    assert waveform.probe(path).duration_s == pytest.approx(2, abs=0.1)


def test_a_short_sound_of_a_format_without_a_head_has_its_length(tmp_path):
    path = tmp_path / "song.ac3"
    path.write_bytes(odd_sound.by_av("ac3", "ac3", 48_000, [odd_sound.tone(LOW, 48_000, 2, seconds=0.5)]))
    assert waveform.probe(path).duration_s == pytest.approx(0.5, abs=0.05)
