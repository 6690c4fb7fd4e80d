"""nw tags: what is heard in songs, by name; kept as tags beside those that people gave, and forgotten."""

import numpy as np
import pytest
from fakes import Ears, tone

from catalog.files import heard_field
from catalog.library import songs
from catalog.records import Facts
from models.indexing.embed import embed_sound


class Naming(Ears):
    """Calls low tones Bass and high ones Whistle, as surely as `Ears` hears them."""

    kinds = {"Bass": "instrument", "Whistle": "no music"}

    def tags(self, vectors):
        low, _, high, _ = np.atleast_2d(vectors).mean(axis=0)
        return sorted([("Bass", float(low)), ("Whistle", float(high))], key=lambda one: -one[1])


class Silent(Naming):
    """Weights that name nothing."""

    def tags(self, vectors):
        return []


@pytest.fixture
def library(catalog, add_song, ears, monkeypatch):
    monkeypatch.setattr("models.encoders.load", lambda name: Naming())
    low = add_song("Low", tone(200, 4))
    songs.add_or_update(catalog, [Facts("user", tags=("mine",))], song_id=low)
    add_song("Mixed", 0.8 * tone(200, 4) + 0.6 * tone(2_000, 4))
    add_song("Never heard")
    embed_sound(catalog, ears)
    return catalog


def test_a_row_for_each_song_and_name(library, nw, lines_of):
    found = lines_of(nw("tags", "-f", "ndjson").out)
    assert [(one["title"], one["kind"], one["tag"], one["confidence"]) for one in found] == [
        ("Low", "instrument", "Bass", 100),
        ("Mixed", "instrument", "Bass", 80),
        ("Mixed", "no music", "Whistle", 60),
    ]


def test_tags_of_one_kind(library, nw):
    assert nw("tags", "--kind", "no music", "--template", "{title} {tag}").out == "Mixed Whistle\n"
    assert "there are music, instrument" in nw("tags", "--kind", "colour", code=2).err


@pytest.mark.parametrize("named", ["Mixed", "mixed", "2", "music/Mixed.wav"])
def test_one_song_is_named_as_everywhere(library, nw, tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    assert nw("tags", named, "--template", "{title} {tag}").out == "Mixed Bass\nMixed Whistle\n"


def test_several_songs_and_a_filter(library, nw):
    assert nw("tags", "Low", "Mixed", "--template", "{title} {tag}").out.count("\n") == 3
    assert nw("tags", "Low", "Mixed", "--tag", "mine", "--template", "{title} {tag}").out == "Low Bass\n"
    assert "no song has the id" in nw("tags", "Lowly", code=2).err


def test_a_file_that_is_not_in_the_library_is_heard_now(library, nw, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes((tmp_path / "music" / "Low.wav").read_bytes())
    assert nw("tags", other, "--template", "{title} {tag} {confidence}").out == "other.wav Bass 100\n"
    assert f"nw ingest {other}" in nw("tags", other, "--keep", code=2).err


def test_only_the_named_song_is_kept_and_forgotten(library, nw):
    nw("tags", "Low", "--keep")
    assert nw("songs", "--tag", "bass", "--fields", "title").out == "Low\n"
    nw("tags", "--keep")
    nw("tags", "Low", "--forget")
    assert nw("songs", "--tag", "bass", "--fields", "title").out == "Mixed\n"


def test_what_is_less_sure_is_left_out(library, nw):
    assert nw("tags", "--min-confidence", 70, "--template", "{title} {tag}").out == "Low Bass\nMixed Bass\n"
    assert "no tag is that certain" in nw("tags", "--match", "mixed", "--min-confidence", 99, code=1).err


def test_kept_tags_are_tags(library, nw, lines_of):
    assert nw("songs", "--tag", "whistle", code=1).out == ""
    nw("tags", "--keep", "--dry-run")
    assert nw("songs", "--tag", "whistle", code=1).out == ""
    nw("tags", "--keep")
    assert [song["title"] for song in lines_of(nw("songs", "--tag", "Whistle", "-f", "ndjson").out)] == [
        "Mixed"
    ]
    assert nw("songs", "--match", "whistle", "--fields", "title").out == "Mixed\n"
    assert library.fetch("SELECT DISTINCT origin FROM tags WHERE tag = 'bass'") == [("heard",)]


def test_kept_again_they_are_those_of_now(library, nw):
    nw("tags", "--keep")
    nw("tags", "--keep", "--min-confidence", 70)
    assert nw("songs", "--tag", "whistle", code=1).out == ""
    assert nw("songs", "--match", "whistle", code=1).out == ""


def test_forgotten_tags_leave_those_of_people(library, nw):
    nw("tags", "--keep")
    nw("tags", "--forget", "--dry-run")
    assert nw("songs", "--tag", "bass", "--fields", "title").out == "Low\nMixed\n"
    assert "3 tags" in nw("tags", "--forget").err
    assert nw("songs", "--tag", "bass", code=1).out == ""
    assert nw("songs", "--tag", "mine", "--fields", "title").out == "Low\n"


def test_weights_that_name_nothing_say_so(library, nw, monkeypatch):
    monkeypatch.setattr("models.encoders.load", lambda name: Silent())
    assert "name nothing" in nw("tags", code=4).err


def test_files_are_changed_on_request_and_back_again(library, nw, tmp_path):
    low, mixed = (tmp_path / "music" / f"{name}.wav" for name in ("Low", "Mixed"))
    before = low.read_bytes()
    assert "2 files would be changed" in nw("tags", "--write", "--dry-run").err
    assert low.read_bytes() == before
    assert "2 files are changed" in nw("tags", "--write").err
    assert heard_field.read(mixed) == "Bass; Whistle"
    assert "0 files are changed" in nw("tags", "--write").err
    assert "2 files are changed" in nw("tags", "--unwrite").err
    assert heard_field.read(mixed) == ""


def test_a_file_that_cannot_be_changed_is_named_and_the_others_are(library, nw, tmp_path):
    (tmp_path / "music" / "Low.wav").unlink()
    said = nw("tags", "--write", code=3).err
    assert "failed: " in said
    assert "Low.wav" in said
    assert heard_field.read(tmp_path / "music" / "Mixed.wav") == "Bass; Whistle"


def test_adding_and_dropping_at_once_is_refused(library, nw):
    assert "cannot be added and dropped at once" in nw("tags", "--write", "--unwrite", code=2).err
