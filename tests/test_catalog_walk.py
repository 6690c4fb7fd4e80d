"""Walking folders: every entry is alone, and texts find the song that they belong to."""

import os
import unicodedata
from pathlib import Path

import pytest

from catalog.files.walk import names_beside, walk

NFD = unicodedata.normalize("NFD", "Café Été")


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_what_is_odd_costs_itself_and_is_named(tmp_path):
    touch(tmp_path, "a.flac", "deep/b.flac", "c.flac")
    (tmp_path / "latest").symlink_to("latest")
    (tmp_path / "self.flac").symlink_to("self.flac")
    (tmp_path / "ring").symlink_to("back")
    (tmp_path / "back").symlink_to("ring")
    (tmp_path / "deep" / "up").symlink_to(tmp_path)
    (tmp_path / "gone.mp3").symlink_to("nowhere")
    (tmp_path / "gone.pdf").symlink_to("nowhere")
    (tmp_path / "long").symlink_to("x" * 300)
    os.mkfifo(tmp_path / "pipe.mp3")
    os.mkfifo(tmp_path / "a.lrc")
    os.mkfifo(tmp_path / "pipe")
    walked = walk([tmp_path])
    relative = {os.path.relpath(path, tmp_path) for path in walked.files}
    assert relative == {"a.flac", "c.flac", "deep/b.flac"}
    assert {os.path.relpath(path, tmp_path): why for path, why in walked.broken.items()} == {
        "latest": "is a link that leads to itself",
        "self.flac": "is a link that leads to itself",
        "ring": "is a link that leads to itself",
        "back": "is a link that leads to itself",
        "long": "cannot be looked at (File name too long)",
    }
    assert {os.path.relpath(path, tmp_path): why for path, why in walked.passed.items()} == {
        "gone.mp3": "leads to nothing",
        "pipe.mp3": "is no regular file",
    }
    assert walked.closed == []
    assert all(found.sidecar == "" for found in walked.files.values())


def test_a_place_that_is_no_music_is_named(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe.mp3")
    walked = walk([tmp_path / "loop", tmp_path / "pipe.mp3", tmp_path / "none", tmp_path])
    assert list(walked.broken) == [str(tmp_path / "loop"), str(tmp_path / "pipe.mp3")]
    assert walked.absent == [str(tmp_path / "none")]
    assert walked.empty == [str(tmp_path)]


@pytest.mark.parametrize(
    ("song", "beside", "belong"),
    [
        pytest.param("a.mp3", ["a.lrc", "a.txt"], ["a.lrc"], id="timed lyrics before plain ones"),
        pytest.param("a.mp3", ["a.LRC", "A.txt"], ["a.LRC"], id="endings in any case"),
        pytest.param("Song.mp3", ["song.TXT"], ["song.TXT"], id="names in any case"),
        pytest.param("Café Été.mp3", [f"{NFD}.lrc"], [f"{NFD}.lrc"], id="decomposed beside composed"),
        pytest.param(f"{NFD}.mp3", ["Café Été.lrc"], ["Café Été.lrc"], id="composed beside decomposed"),
        pytest.param("a.mp3", ["a.mp3.lrc"], ["a.mp3.lrc"], id="the whole name and an ending"),
        pytest.param("a.mp3", ["a.lrc", "A.lrc"], ["a.lrc"], id="the exact name first"),
        pytest.param("a.mp3", ["a.lrc", "a.cue"], ["a.lrc", "a.cue"], id="lyrics and a cue sheet"),
        pytest.param("a.mp3", ["CDImage.cue"], ["CDImage.cue"], id="one song and one cue sheet"),
        pytest.param("a.mp3", ["b.lrc", "notes.txt"], [], id="texts of others"),
    ],
)
def test_texts_that_belong_to_a_song(tmp_path, song, beside, belong):
    touch(tmp_path, song, *beside)
    for place in (tmp_path, tmp_path / song):
        [found] = walk([place]).files.values()
        assert names_beside(found.sidecar) == belong


def test_a_text_of_the_neighbour_is_not_shared(tmp_path):
    touch(tmp_path, "song.mp3", "Song.mp3", "song.lrc", "other.cue")
    walked = walk([tmp_path])
    assert {Path(path).name: names_beside(f.sidecar) for path, f in walked.files.items()} == {
        "song.mp3": ["song.lrc"],
        "Song.mp3": [],
    }
    assert walked.spare_cues == [str(tmp_path / "other.cue")]
