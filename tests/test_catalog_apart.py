"""Sound decoded in another process: the same sound, and a decoder that dies costs its file alone."""

import os

import numpy as np
import odd_sound
import pytest

from catalog.audio import apart, waveform
from catalog.errors import Unreadable
from catalog.records import Clip
from catalog.statistics.rows import of_clips

GRID = {"rate_hz": 8_000, "window_s": 1.0, "hop_s": 1.0}


class Bomb(bytes):
    """Kills the process that unpickles it, as a decoder that crashes would."""

    def __reduce__(self):
        return os.abort, ()


@pytest.mark.parametrize("seconds", [0.3, 20.0])
def test_it_is_the_same_sound(tmp_path, seconds):
    path = tmp_path / "song.mp3"
    path.write_bytes(odd_sound.encoded("mp3", 440, seconds=seconds))
    here = list(waveform.windows(path, **GRID))
    for source in (path, path.read_bytes()):
        there = list(apart.windows(source, **GRID))
        assert [block.shape for block in there] == [block.shape for block in here]
        assert all(np.array_equal(one, other) for one, other in zip(here, there, strict=True))


def test_a_decoder_that_crashes_is_an_unreadable_file_and_the_next_is_heard():
    with pytest.raises(Unreadable, match=r"6 bytes of sound: the decoder crashed on it \(SIGABRT\)"):
        list(apart.windows(Bomb(b"a song"), **GRID))
    assert len(list(apart.windows(odd_sound.encoded("ogg", 440), **GRID))) == 1


def test_what_is_no_sound_says_so(tmp_path):
    with pytest.raises(Unreadable, match="does not exist"):
        next(apart.windows(tmp_path / "none.mp3", **GRID))
    path = tmp_path / "text.mp3"
    path.write_text("hello")
    with pytest.raises(Unreadable, match="holds no sound"):
        next(apart.windows(path, **GRID))


def test_whoever_has_heard_enough_leaves_nothing_behind():
    windows = apart.windows(odd_sound.encoded("wav", 440, seconds=60.0), **GRID)
    assert next(windows).shape == (16, 8_000)
    windows.close()
    assert len(next(apart.windows(odd_sound.encoded("ogg", 440), **GRID))) == 2


@pytest.mark.parametrize("question", [apart.audio_hash, apart.head])
def test_a_sound_that_is_only_asked_about_costs_itself_too(question):
    with pytest.raises(Unreadable, match="the decoder crashed on it"):
        question(Bomb(b"a song"))
    assert question(odd_sound.encoded("ogg", 440))


def test_a_clip_that_crashes_libav_is_counted_as_unreadable():
    clips = [Clip("odd", Bomb(b"a song")), Clip("good", odd_sound.encoded("ogg", 440)), Clip("none", None)]
    assert [row.format for row in of_clips(clips, "shards")] == ["unreadable", "ogg", ""]


def test_the_head_of_a_sound_says_what_the_sound_is():
    head = apart.head(odd_sound.encoded("wav", 440, seconds=3.0))
    assert (head.seconds, head.format) == (pytest.approx(3.0), "wav")
