"""Songs by sound and words, with what is asked for them: joined, split, put together, read from a library."""

import numpy as np
import pytest
from fakes import tone

from catalog.data_sets import Excluded
from catalog.library import songs
from catalog.records import Facts
from models.indexing.embed import embed_sound, embed_words
from models.indexing.song_vectors import PairedEmbeddings, of_catalog, of_library, pooled, put_together

A, B = np.array([[1.0, 0]], np.float32), np.array([[0, 1.0]], np.float32)


@pytest.fixture
def three():
    """A song by sound, one by words, one by both."""
    made = PairedEmbeddings(left_out=1, failed=[("x", "gone")])
    made.add("one", "work 1", {"sound": A}, ["calm. ", "calm.", " "])
    made.add("two", "work 2", {"words": B}, ["about the sea"])
    made.add("three", "work 1", {"sound": B, "words": A}, ["calm.", "loud"])
    return made


def test_a_song_is_asked_for_by_each_of_its_texts_once(three):
    assert three.queries == [("calm.", 0), ("about the sea", 1), ("calm.", 2), ("loud", 2)]


def test_what_is_not_known_at_all_is_no_song(three):
    three.add("none", "work 9", {}, ["lost"])
    assert three.names == ["one", "two", "three"]
    assert ("lost", 3) not in three.queries


def test_joined_songs_stand_behind_those_before(three):
    both = three.and_also(three)
    assert both.names == ["one", "two", "three"] * 2
    assert both.queries[4:] == [("calm.", 3), ("about the sea", 4), ("calm.", 5), ("loud", 5)]
    assert (both.left_out, both.failed) == (2, [("x", "gone")] * 2)


def test_some_songs_alone_keep_what_is_asked_for_them(three):
    part = three.only([2, 1])
    assert (part.names, part.works) == (["three", "two"], ["work 1", "work 2"])
    assert [set(known) for known in part.known] == [{"sound", "words"}, {"words"}]
    assert part.queries == [("about the sea", 1), ("calm.", 0), ("loud", 0)]


def test_songs_of_one_work_stay_together_and_more_songs_move_none(three):
    shares = three.shares(5, seed=0)
    assert shares[0] == shares[2]
    assert three.and_also(three).shares(5, seed=0)[:3].tolist() == shares.tolist()
    many = PairedEmbeddings(works=[f"work {number}" for number in range(1_000)])
    counts = np.bincount(many.shares(5, seed=0), minlength=5)
    assert counts.min() > 150  # of 200 each
    assert (many.shares(5, seed=0) != many.shares(5, seed=1)).any()


def test_one_vector_a_song_is_not_a_number_where_a_role_lacks(three):
    sound = three.one_each("sound", 2)
    assert sound[[0, 2]].tolist() == [[1, 0], [0, 1]]
    assert np.isnan(sound[1]).all()
    assert PairedEmbeddings().one_each("sound", 2).shape == (0, 2)


def test_parts_are_pooled_to_their_mean_direction():
    assert pooled(np.array([[3.0, 0], [0, 4]])).tolist() == pytest.approx([0.6, 0.8])
    assert pooled(np.zeros((2, 2))).tolist() == [0, 0]


def test_made_up_songs_have_the_sound_of_one_and_the_words_of_another(three):
    made = put_together(three, 3, seed=0)
    assert made.names == made.works == ["one + two"] * 3
    assert [text for text, _ in made.queries] == ["calm, about about the sea"] * 3
    assert made.known[0]["sound"] is A
    assert made.known[0]["words"] is B
    assert put_together(three.only([0, 2]), 3, seed=0).names == []  # no song of words alone


@pytest.fixture
def library(catalog, add_song, ears, reader):
    """A song of each role and one of both; the first two are of one artist."""
    for title, lyrics, hz in (("sung", "the sea", 100), ("poem", "a robot", None), ("played", "", 2000)):
        waveform = None if hz is None else tone(hz, 3)
        number = add_song(title, waveform, lyrics=lyrics, captions=[f"about {title}"])
        about = {"source": "list", "source_id": f"{number}00"}
        if title != "played":
            about["artist"] = "Salts"
        songs.add_or_update(
            catalog, [Facts("list", about, extra={"artist_id": f"a{number}"})], song_id=number
        )
    embed_sound(catalog, ears)
    embed_words(catalog, reader)
    return catalog


@pytest.fixture
def pipelines(ears, reader):
    return {"sound": ears.pipeline, "words": reader.pipeline}


def test_a_library_is_known_by_its_tracks_and_its_lyrics(library, pipelines, reader):
    known = of_catalog(library, pipelines)
    assert {song: set(roles) for song, roles in known.items()} == {
        1: {"sound", "words"}, 2: {"words"}, 3: {"sound"},
    }  # fmt: skip
    assert known[1]["sound"].shape[0] == 1
    # A caption is a question, and none of the parts.
    assert known[1]["words"].tolist() == reader.encode_lyrics(["the sea"]).tolist()


def test_songs_of_one_artist_are_one_work(library, pipelines):
    found = of_library(library, pipelines)
    assert found.works == ["Salts", "Salts", "song 3"]
    assert found.queries == [("about sung", 0), ("about poem", 1), ("about played", 2)]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        pytest.param(Excluded(), ["sung", "poem", "played"], id="nothing"),
        pytest.param(Excluded(tracks=frozenset({"200"})), ["sung", "played"], id="by its id"),
        pytest.param(Excluded(artists=frozenset({"a3"})), ["sung", "poem"], id="by its artist"),
    ],
)
def test_what_is_for_judging_stays_out(library, pipelines, exclude, left):
    found = of_library(library, pipelines, exclude=exclude)
    assert found.names == left
    assert found.left_out == 3 - len(left)


def test_a_song_is_left_out_by_its_sound(library, pipelines):
    [(sound,)] = library.fetch("SELECT audio_hash FROM songs WHERE id = 3")
    found = of_library(library, pipelines, exclude=Excluded(sounds=frozenset({sound})))
    assert (found.names, found.left_out) == (["sung", "poem"], 1)
