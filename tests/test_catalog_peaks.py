"""What a waveform is drawn from: as loud as the sound is, stretch by stretch, and kept."""

import contextlib
import errno
import json
import os

import numpy as np
import pytest
import soundfile

from catalog.audio.peaks import cached_peaks, peaks
from catalog.errors import Unreadable

RATE = 8_000


@pytest.fixture
def path(tmp_path):
    """Two seconds of noise, silence, and noise of half the level."""
    noise = np.random.default_rng(3).uniform(-1, 1, (3, 2 * RATE)) * np.array([[1.0], [0.0], [0.5]])
    soundfile.write(tmp_path / "song.wav", noise.ravel().astype(np.float32), RATE, subtype="FLOAT")
    return tmp_path / "song.wav"


@pytest.mark.parametrize("bars", [6, 60, 600])
def test_each_bar_is_the_loudest_sample_of_its_stretch(path, bars):
    seconds, found = peaks(path, bars)
    sound, _ = soundfile.read(path)
    assert seconds == 6
    assert found == [round(255 * np.abs(part).max()) for part in np.split(sound, bars)]


def test_a_song_shorter_than_its_bars_fills_them(tmp_path):
    soundfile.write(tmp_path / "click.wav", np.full(160, 0.5, np.float32), RATE, subtype="FLOAT")
    seconds, found = peaks(tmp_path / "click.wav", 600)
    assert (seconds, len(found), set(found)) == (0.02, 600, {128})


def test_beyond_full_scale_is_full(tmp_path):
    soundfile.write(tmp_path / "hot.wav", np.full(RATE, 3.0, np.float32), RATE, subtype="FLOAT")
    assert set(peaks(tmp_path / "hot.wav")[1]) == {255}


def test_a_file_that_is_no_sound_is_refused(tmp_path):
    (tmp_path / "letter.mp3").write_text("hello, this is a letter\n" * 99)
    with pytest.raises(Unreadable, match=r"letter\.mp3"):
        peaks(tmp_path / "letter.mp3")
    with pytest.raises(Unreadable):
        cached_peaks(tmp_path / "letter.mp3", "letter", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_what_was_drawn_is_kept_by_the_key_of_its_sound(path, tmp_path):
    first = cached_peaks(path, "one", tmp_path / "kept")
    assert json.loads(first)["duration_s"] == 6
    path.unlink()
    assert cached_peaks(path, "one", tmp_path / "kept") == first
    with pytest.raises(Unreadable):
        cached_peaks(path, "another", tmp_path / "kept")
    assert [kept.name for kept in (tmp_path / "kept").iterdir()] == ["one.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_cannot_be_kept_is_drawn_all_the_same(path, tmp_path, monkeypatch, number):
    """On a full disk the page had no waveform, for the song "could not be decoded"."""
    drawn = cached_peaks(path, "one", tmp_path / "kept")

    @contextlib.contextmanager
    def refused(_path):
        raise OSError(number, os.strerror(number))
        yield

    monkeypatch.setattr("catalog.audio.peaks.written_aside", refused)
    assert cached_peaks(path, "one", tmp_path / "elsewhere") == drawn


def test_a_pipe_in_the_place_of_what_was_drawn_is_not_waited_for(path, tmp_path):
    os.mkfifo(tmp_path / "one.json")
    assert b"peaks" in cached_peaks(path, "one", tmp_path)
