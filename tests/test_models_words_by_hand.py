"""What `nw train words` learns from, in small tables: hard negatives, songs of several rows, sides, works."""

import json

import numpy as np
import pytest

from models.training.words import pairs
from models.training.words.hard_negatives import Wanted, doubtful, mine
from models.training.words.pairs import Words


@pytest.mark.parametrize(
    ("scores", "margin", "doubted"),
    [
        pytest.param([0.8, 0.77, 0.75], 0.95, [True, True, False], id="above 0.76 it may be right too"),
        pytest.param([0.0, 0.09, 0.2], 0.95, [False, False, True], id="a right song near zero counts as 0.1"),
        pytest.param([-0.5, -0.4, 0.2], 0.95, [False, False, True], id="and one below zero"),
        pytest.param([0.8, 0.9, 0.7], 0.0, [False, False, False], id="a margin of 0 doubts nothing"),
    ],
)
def test_what_may_be_right_too(scores, margin, doubted):
    assert doubtful(np.array([scores]), np.array([0]), margin).tolist() == [doubted]


def negatives(songs, wanted, *, near=None, teacher=None, margin=0.0, seed=0):
    """Hard negatives of song 0, its description as near to each song as told."""
    near = np.array([near or [0.0] * len(songs)], np.float32)
    taught = near if teacher is None else np.array([teacher], np.float32)
    every = np.arange(len(songs))
    each = np.eye(len(songs), dtype=np.float32)
    [found] = mine(
        songs,
        every,
        every,
        np.array([0]),
        now=(near, each),
        teacher=(taught, each),
        wanted=Wanted(*wanted),
        margin=margin,
        rng=np.random.default_rng(seed),
    )
    return found.tolist()


def test_of_many_songs_of_an_artist_some_are_drawn():
    songs = [Words(str(number), "", "Ann" if number % 2 else "ANN") for number in range(9)]
    drawn = {tuple(sorted(negatives(songs, (2, 0, 0), seed=seed))) for seed in range(30)}
    assert len(drawn) > 10
    assert {song for two in drawn for song in two} == set(range(1, 9))
    assert all(len(set(two)) == 2 for two in drawn)


def test_songs_without_an_artist_are_not_of_one():
    assert negatives([Words("0", ""), Words("1", "")], (1, 0, 0)) == [-1]


def test_the_nearest_are_the_nearest_and_not_drawn():
    songs = [Words(str(number), "") for number in range(6)]
    near = [1, 0.2, 0.9, 0.5, 0.7, 0.1]
    assert all(negatives(songs, (0, 0, 3), near=near, seed=seed) == [2, 4, 3] for seed in range(5))


def test_what_is_chosen_for_its_artist_is_not_chosen_again_for_being_near():
    songs = [Words("0", "", "ann"), Words("1", "", "ann"), Words("2", "")]
    assert negatives(songs, (1, 0, 1), near=[1, 0.9, 0.8]) == [1, 2]


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        pytest.param(["ab", "a", "b"], {1, 2}, id="a tag in common"),
        pytest.param(["ab", "ab", "c"], {1, -1}, id="no tag in common is no kin"),
        pytest.param(["", "a", "b"], {-1}, id="without tags there is none"),
    ],
)
def test_kin_by_tags(tags, chosen):
    songs = [Words(str(number), "", tags=frozenset(own)) for number, own in enumerate(tags)]
    assert set(negatives(songs, (0, 2, 0))) == chosen


def test_a_rare_tag_counts_more_than_two_that_many_songs_have():
    """Beyond 64 of kin only the best are left to draw from: the one with the rare tag among them."""
    common = [Words(f"c{number}", "", tags=frozenset("ab")) for number in range(100)]
    songs = [Words("0", "", tags=frozenset("abr")), *common, Words("rare", "", tags=frozenset("r"))]
    drawn = {song for seed in range(4) for song in negatives(songs, (0, 63, 0), seed=seed)}
    assert 101 in drawn


def test_the_teacher_that_doubts_is_not_the_encoder_in_training():
    songs = [Words(str(number), "") for number in range(3)]
    near, teacher = [0.5, 0.9, 0.6], [0.5, 0.1, 0.6]
    assert negatives(songs, (0, 0, 1), near=near, teacher=teacher, margin=0.95) == [1]


def corpus(tmp_path, *rows, held_out=3, seed=0):
    table = tmp_path / "pairs.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)))
    return pairs.read([str(table)], held_out=held_out, seed=seed)


def row(number, **about):
    return {"id": str(number), "lyrics": f"{number} " * 9, "caption": f"about {number}", **about}


def test_rows_of_one_song_add_up_and_each_text_counts_once(tmp_path):
    found = corpus(
        tmp_path,
        row(1, artist="Ann", tags=["folk"]),
        row(1, artist="Bob", title="Sea", tags=["sad"], lyrics="other words"),
        row(1, caption="about a boat"),
    )
    [song] = found.songs
    assert (song.artist, song.title, song.tags) == ("Ann", "Sea", {"folk", "sad"})
    assert song.lyrics.startswith("1 1 1")  # what came first stands
    assert found.pairs == [("about 1", 0), ("about a boat", 0)]


@pytest.mark.parametrize(
    ("one", "other", "same_work", "same_side"),
    [
        pytest.param({"title": "Sea Song!"}, {"title": "sea  song"}, True, False, id="a cover"),
        pytest.param({"artist": "Ann"}, {"artist": "ANN"}, False, True, id="of one artist"),
        pytest.param({"lyrics": "la " * 9}, {"lyrics": "La, " * 9}, True, True, id="the same lyrics"),
        pytest.param({"title": "?"}, {"title": "!"}, False, False, id="titles without a word"),
        pytest.param({}, {}, False, False, id="nothing in common"),
    ],
)
def test_works_and_sides(tmp_path, one, other, same_work, same_side):
    """A work is never a negative of itself; what tells of one another stays on one side."""
    found = corpus(tmp_path, row(1, **one), row(2, **other))
    assert (found.group[0] == found.group[1]) == same_work
    sides = set()
    for seed in range(40):
        found = corpus(tmp_path, row(1, **one), row(2, **other), seed=seed)
        sides.add(bool(found.side[0] == found.side[1]))
    assert sides == ({True} if same_side else {True, False})


def test_who_is_on_a_side_is_told_through_others(tmp_path):
    """Bob sings a song of Ann's: all that Ann sings is on his side, whichever row comes first."""
    rows = [
        row(1, artist="Bob", lyrics="la " * 9),
        row(2, artist="Ann", lyrics="la " * 9),
        row(3, artist="Ann"),
    ]
    for seed in range(20):
        for order in (rows, rows[::-1]):
            found = corpus(tmp_path, *order, seed=seed)
            assert len(set(found.side.tolist())) == 1


def test_lyrics_that_end_like_a_files_name_are_lyrics(tmp_path):
    words = "la la\n" * 100 + "read me.txt"
    [song] = corpus(tmp_path, row(1, lyrics=words)).songs
    assert song.lyrics.endswith("read me.txt")


def test_tags_of_a_data_set_stand_for_lyrics(tmp_path):
    table = tmp_path / "musiccaps-public.csv"
    table.write_text(
        "ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,"
        "is_balanced_subset,is_audioset_eval\n"
        "a,0,10,x,\"['slow', 'sad piano']\",A slow piano.,1,False,False\n"
    )
    found = pairs.read([f"musiccaps:{table}"], held_out=3, seed=0)
    assert [song.lyrics for song in found.songs] == ["slow, sad piano"]
    assert found.pairs == [("A slow piano.", 0)]


def test_a_split_stays_what_it_was(tmp_path):
    """Runs of two versions are compared on one test, so the hash that makes it is kept."""
    rows = [row(number, artist=name) for number, name in enumerate("abcdefgh")]
    assert corpus(tmp_path, *rows).side.tolist() == [1, 1, 2, 0, 0, 1, 0, 1]
