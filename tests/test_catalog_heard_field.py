"""What was heard, in a field of a file's tags: written, read, taken out; sound and other tags stay."""

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
    monkeypatch.setattr(heard_field, "_change", lambda opened, value, aside: aside.write_bytes(b"OggS"))
    with pytest.raises(Unreadable):
        heard_field.write(path, ["bass"])
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_with_two_names_keeps_both(file, tmp_path):
    path = file("flac")
    (tmp_path / "other.flac").hardlink_to(path)
    with pytest.raises(Unreadable, match="several names"):
        heard_field.write(path, ["bass"])
