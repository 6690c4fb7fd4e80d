"""Sound out of files: every format, any length, damaged or not, and always the same."""

import io
import subprocess
import sys
import wave

import av
import numpy as np
import pytest
import soundfile
import soxr
from mutagen.flac import FLAC
from mutagen.id3 import COMM, ID3, TIT2, USLT
from mutagen.oggvorbis import OggVorbis

from catalog.audio import waveform
from catalog.audio.decode import decoded
from catalog.errors import Unreadable

RATE = 22_050


def tones(seconds, rate=RATE, channels=1):
    """A tone that climbs, so that every moment sounds different; (samples, channels)."""
    t = np.arange(round(seconds * rate)) / rate
    sound = (0.5 * np.sin(2 * np.pi * (200 + 20 * t) * t)).astype(np.float32)
    return np.repeat(sound[:, None], channels, axis=1)


def encode(path, sound, rate, *, codec, layout="stereo", container=None):
    """Write sound with PyAV, for the formats that soundfile cannot write."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout, bit_rate=64_000 * sound.shape[1])
        # In one plane, for PyAV fills seven at most.
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="flt", layout=layout)
        frame.rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    return path


def all_windows(source, **options):
    options = {"rate_hz": 8000, "window_s": 1.0, "hop_s": 1.0} | options
    return np.concatenate(list(waveform.windows(source, **options)))


def likeness(one, other):
    size = min(len(one), len(other))
    return float(np.corrcoef(one[:size], other[:size])[0, 1])


@pytest.fixture(scope="module")
def mp3_bytes():
    """Twelve seconds, encoded once."""
    content = io.BytesIO()
    soundfile.write(content, tones(12, channels=2), RATE, format="MP3")
    return content.getvalue()


@pytest.fixture
def mp3(mp3_bytes, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(mp3_bytes)
    return path


WRITTEN_BY_SOUNDFILE = [
    ("wav", {}),
    ("wav", {"subtype": "PCM_24"}),
    ("wav", {"subtype": "PCM_U8"}),
    ("wav", {"subtype": "FLOAT"}),
    ("wav", {"subtype": "DOUBLE"}),
    ("flac", {}),
    ("flac", {"subtype": "PCM_24"}),
    ("ogg", {}),
    ("mp3", {}),
    ("aiff", {}),
    ("au", {}),
    ("caf", {}),
    ("w64", {}),
    ("paf", {"format": "PAF", "subtype": "PCM_16"}),
]


@pytest.mark.parametrize(("ending", "options"), WRITTEN_BY_SOUNDFILE, ids=str)
@pytest.mark.parametrize("channels", [1, 2])
def test_formats_of_libsndfile_are_heard(tmp_path, ending, options, channels):
    path = tmp_path / f"song.{ending}"
    soundfile.write(path, tones(3, channels=channels), RATE, **options)
    found = waveform.probe(path)
    assert (found.rate_hz, found.channels, found.partly) == (RATE, channels, "")
    assert found.duration_s == pytest.approx(3, abs=0.1)
    sound = waveform.crop(path, 0, 3, rate_hz=RATE)
    assert likeness(sound, tones(3)[:, 0]) > 0.98
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("ending", "codec", "rate"),
    [
        ("m4a", "aac", 44100),
        ("m4a", "alac", 44100),
        ("wma", "wmav2", 44100),
        ("mka", "aac", 48000),
        ("webm", "libopus", 48000),
        ("opus", "libopus", 48000),
        ("wv", "wavpack", 44100),
        ("mp4", "aac", 44100),
    ],
)
def test_formats_of_pyav_are_heard(tmp_path, ending, codec, rate):
    path = encode(tmp_path / f"song.{ending}", tones(3, rate, 2), rate, codec=codec)
    found = waveform.probe(path)
    assert (found.rate_hz, found.channels, found.partly) == (rate, 2, "")
    assert found.duration_s == pytest.approx(3, abs=0.15)
    assert np.abs(waveform.crop(path, 1, 1, rate_hz=8000)).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("ending", "codec", "layout"),
    [
        pytest.param("m4a", "aac", "7.1", id="eight, floats in planes of their own"),
        pytest.param("wv", "wavpack", "7.1", id="eight, whole numbers in planes of their own"),
        pytest.param("opus", "libopus", "7.1", id="eight of a home cinema in Opus"),
        pytest.param("wv", "wavpack", "hexadecagonal", id="sixteen"),
        pytest.param("flac", "flac", "7.1", id="eight, one after the other"),
    ],
)
def test_a_song_has_as_many_channels_as_a_cinema(tmp_path, ending, codec, layout):
    path, rate = tmp_path / f"song.{ending}", 48_000
    count = av.AudioLayout(layout).nb_channels
    louder_and_louder = np.linspace(0.2, 1.0, count, dtype=np.float32)  # 0.6 in the mean
    sound = tones(3, rate) * louder_and_louder
    encode(path, sound, rate, codec=codec, layout=layout)
    assert waveform.probe(path).channels == count
    heard = waveform.crop(path, 0, 3, rate_hz=rate)
    spectrum, expected = (np.abs(np.fft.rfft(one[: 2 * rate])) for one in (heard, sound[:, 0]))
    assert likeness(spectrum, expected) > 0.95  # not sample by sample, for AAC begins a little later
    if codec in ("wavpack", "flac"):  # the others lose what people do not hear
        assert np.abs(heard).max() == pytest.approx(0.6 * 0.5, rel=0.01)


@pytest.mark.parametrize(
    ("levels", "heard"),
    [
        pytest.param((1.0, 0.0), 0.5, id="the mean of the channels"),
        pytest.param((1.0, 0.0, 0.0), 1 / 3, id="of however many"),
        pytest.param((1.0, -0.5), 0.25, id="what is partly in opposition, too"),
        pytest.param((0.5, -0.5), 0.5, id="in opposition they are no silence: the first"),
        pytest.param((0.5, -0.6), -0.6, id="in opposition the louder one"),
        pytest.param((0.0, 0.0), 0.0, id="silence is silence"),
    ],
)
def test_a_song_is_the_mean_of_its_channels(tmp_path, levels, heard):
    path = tmp_path / "song.wav"
    tone = tones(1)[:, 0]
    soundfile.write(path, np.stack([level * tone for level in levels], axis=1), RATE, subtype="FLOAT")
    np.testing.assert_allclose(waveform.crop(path, 0, 1, rate_hz=RATE), heard * tone, rtol=1e-6, atol=1e-6)


def plain_windows(sound, size, hop):
    """The rule, written down slowly."""
    found, start = [], 0
    while start == 0 or start + size - hop < len(sound):
        part = sound[start : start + size]
        fresh = len(part) - (size - hop if start else 0)
        if len(part) == size or start == 0 or fresh >= size / 10:
            repeated = list(part) * (size // len(part))
            found.append(repeated + [0.0] * (size - len(repeated)))
        start += hop
    return np.array(found, np.float32)


@pytest.mark.parametrize("hop_s", [0.5, 0.75, 1.0])
@pytest.mark.parametrize("samples", [1, 300, 500, 999, 1000, 1001, 1099, 1100, 1700, 2000, 2500, 5003, 12000])
@pytest.mark.parametrize("batch", [1, 3, 16])
def test_windows_are_what_the_rule_says(tmp_path, samples, hop_s, batch):
    path = tmp_path / "song.wav"
    sound = np.random.default_rng(samples).uniform(-1, 1, samples).astype(np.float32)
    soundfile.write(path, sound, 1000, subtype="FLOAT")
    batches = list(waveform.windows(path, rate_hz=1000, window_s=1, hop_s=hop_s, batch=batch))
    assert max(map(len, batches)) <= batch + 1
    assert (np.concatenate(batches) == plain_windows(sound, 1000, round(1000 * hop_s))).all()


def test_streaming_is_the_same_as_all_at_once(tmp_path):
    path = tmp_path / "song.flac"
    soundfile.write(path, tones(30), RATE)
    whole = soxr.resample(soundfile.read(path, dtype="float32")[0], RATE, 8000, quality="HQ")
    expected = np.clip(whole, -1, 1)[: 30 * 8000]
    np.testing.assert_allclose(all_windows(path).reshape(-1), expected, rtol=1e-6, atol=1e-5)


def test_the_same_bytes_are_the_same_windows(mp3):
    first = all_windows(mp3)
    assert (all_windows(mp3) == first).all()
    assert (all_windows(mp3.read_bytes(), batch=5) == first).all()


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("start_s", [0.0, 0.3, 7.7])
def test_a_crop_is_a_part_of_the_whole(tmp_path, ending, start_s):
    path = tmp_path / f"song.{ending}"
    soundfile.write(path, tones(12), RATE)
    whole = waveform.crop(path, 0, 12, rate_hz=RATE)
    part = waveform.crop(path, start_s, 2, rate_hz=RATE)
    start = round(start_s * RATE)
    np.testing.assert_allclose(part, whole[start : start + 2 * RATE], rtol=1e-6, atol=2e-3)
    assert (waveform.crop(path.read_bytes(), start_s, 2, rate_hz=RATE) == part).all()


@pytest.mark.parametrize("start_s", [0, 4.5])
def test_little_is_decoded_behind_what_is_wanted(mp3, start_s):
    with decoded(mp3, start=start_s, seconds=2) as stream:
        heard_s = sum(len(block.sound) / block.rate_hz for block in stream.blocks)
    assert 2 <= heard_s < 2.2  # a frame of an MP3 lasts 26 ms


def test_a_crop_at_the_end_is_short_and_one_behind_it_is_refused(mp3):
    assert 0.8 < len(waveform.crop(mp3, 11, 5, rate_hz=8000)) / 8000 < 1.3
    with pytest.raises(Unreadable, match="ends before 60 s"):
        waveform.crop(mp3, 60, 5, rate_hz=8000)


def test_new_tags_keep_the_hash_and_new_sound_does_not(tmp_path, mp3):
    flac, ogg = tmp_path / "song.flac", tmp_path / "song.ogg"
    for path in (flac, ogg):
        soundfile.write(path, tones(4), RATE)
    before = {path: waveform.probe(path).audio_hash for path in (mp3, flac, ogg)}
    tags = ID3()
    tags.add(TIT2(encoding=3, text="A title"))
    tags.add(USLT(encoding=3, lang="eng", desc="", text="la la\n" * 500))
    tags.add(COMM(encoding=3, lang="eng", desc="", text="x"))
    tags.save(mp3, v1=2)
    for kind, path in ((FLAC, flac), (OggVorbis, ogg)):
        file = kind(path)
        file["title"], file["lyrics"] = "A title", "la la\n" * 5000
        file.save()
    assert {path: waveform.probe(path).audio_hash for path in before} == before
    assert len(set(before.values())) == 3
    soundfile.write(flac, tones(4.5), RATE)
    assert waveform.probe(flac).audio_hash != before[flac]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.mp3", b"", "is empty"),
        ("text.mp3", b"hello, this is a letter\n" * 99, "holds no sound"),
        ("zeros.mp3", bytes(50_000), "no"),
        ("noise.wav", np.random.default_rng(0).bytes(50_000), "holds no sound"),
        ("noise.mp3", np.random.default_rng(1).bytes(50_000), "no"),
        ("header.wav", b"RIFF\0\0\0\0WAVEfmt ", "no"),
        ("web.ogg", b"<!DOCTYPE html><html>" * 99, "holds no sound"),
    ],
)
def test_what_is_no_sound_says_why_and_nothing_else(tmp_path, capfd, name, data, why):
    path = tmp_path / name
    path.write_bytes(data)
    for read in (waveform.probe, all_windows, lambda p: waveform.crop(p, 0, 1, rate_hz=8000)):
        with pytest.raises(Unreadable, match=why) as caught:
            read(path)
        assert str(path) in str(caught.value)
    with pytest.raises(Unreadable, match=f"{len(data):,} bytes"):
        all_windows(data)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("ending", ["mp3", "m3u8", "ogg", "wav"])
@pytest.mark.parametrize(
    "listing",
    [
        "ffconcat version 1.0\nfile '{name}'\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    ],
)
def test_a_list_of_other_files_is_not_followed(tmp_path, mp3, listing, ending):
    path = tmp_path / f"list.{ending}"
    path.write_text(listing.format(name=mp3.name, path=mp3))
    with pytest.raises(Unreadable, match="holds no sound"):
        waveform.crop(path, 0, 1, rate_hz=8000)


def test_a_picture_is_not_a_song(tmp_path):
    path = tmp_path / "cover.mp3"
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    with pytest.raises(Unreadable, match="without any sound"):
        waveform.probe(path)


def test_what_is_not_there_or_no_file(tmp_path):
    with pytest.raises(Unreadable, match="does not exist"):
        waveform.probe(tmp_path / "none.mp3")
    with pytest.raises(Unreadable, match="is not a file"):
        waveform.probe(tmp_path)


@pytest.mark.parametrize("ending", ["mp3", "wav", "flac", "ogg"])
def test_a_truncated_file_is_used_as_far_as_it_goes(tmp_path, capfd, ending):
    path = tmp_path / f"song.{ending}"
    soundfile.write(path, tones(12), RATE)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    heard = len(all_windows(path))
    assert 3 <= heard <= 9
    found = waveform.probe(path)
    assert found.duration_s == pytest.approx(heard, abs=1.5)
    if ending in ("mp3", "flac"):  # of the others libav believes the file's size or its last page
        assert found.partly.endswith("of 12 s are there")
    assert capfd.readouterr() == ("", "")


def test_a_damaged_middle_is_stepped_over(mp3, capfd):
    data = bytearray(mp3.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = np.random.default_rng(0).bytes(3000)
    mp3.write_bytes(data)
    assert len(all_windows(mp3)) >= 11
    assert capfd.readouterr() == ("", "")


def test_numbers_that_are_none_become_silence(tmp_path):
    path = tmp_path / "song.wav"
    sound = tones(2)[:, 0]
    sound[100:200], sound[300], sound[400] = np.nan, np.inf, 7.0
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    heard = all_windows(path, rate_hz=RATE).reshape(-1)
    assert np.isfinite(heard).all()
    assert heard[150] == 0
    assert np.abs(heard).max() == 1


@pytest.mark.parametrize(
    "name", ["a\nb.wav", "ünï 東京 🎵.wav", "a:b?#%.wav", "x\udcff\udcfe.wav", "-dash.wav", "%03d.wav"]
)
def test_any_name_can_be_opened(tmp_path, monkeypatch, name):
    path = tmp_path / name
    with path.open("wb") as file:
        soundfile.write(file, tones(1), RATE, format="WAV")
    monkeypatch.chdir(tmp_path)
    assert waveform.probe(path).duration_s == pytest.approx(1)
    assert len(waveform.crop(type(path)(name), 0, 1, rate_hz=8000)) == 8000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(tmp_path):
    """An hour against two minutes: the peak of a whole process may differ by a few buffers."""
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    for path, minutes in ((long, 60), (short, 2)):
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            for _ in range(minutes):
                file.writeframes(bytes(2 * 8000 * 60))
    program = (
        "import resource, sys; from pathlib import Path; from catalog.audio import waveform as audio\n"
        "n = sum(map(len, audio.windows(Path(sys.argv[1]), rate_hz=16000, window_s=10, hop_s=10)))\n"
        "found = audio.probe(Path(sys.argv[1]))\n"
        "print(n, found.duration_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = {}
    for path in (long, short):
        run = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
        )
        windows, seconds, peaks[path] = map(float, run.stdout.split())
        assert windows * 10 == seconds == (3600 if path == long else 120)
    assert peaks[long] - peaks[short] < 40_000  # kB; the sound itself would be 230,000
