"""Pairs of words: computed once, read from tables, split by artist, and negatives that are none in truth."""

import json

import numpy as np
import pytest

from catalog.data_sets import Excluded
from catalog.errors import WrongUse
from models.training.feature_cache import FeatureCache
from models.training.words import hard_negatives, pairs
from models.training.words.hard_negatives import Wanted, mine
from models.training.words.near_duplicates import near_duplicates
from models.training.words.pairs import Words

SONG = "the wind blows over the hill and the rain falls on the town where nobody waits for me tonight"


def encode(texts):
    encode.seen += list(texts)
    return np.array([[len(text), text.count("a")] for text in texts], np.float32)


@pytest.fixture(autouse=True)
def _nothing_seen():
    encode.seen = []


def test_a_text_is_encoded_once_in_any_company_and_process(tmp_path):
    first = FeatureCache(tmp_path, "p", 2).vectors(["aa", "b", "aa"], encode)
    again = FeatureCache(tmp_path, "p", 2).vectors(["b", "ccc", "aa"], encode)
    assert first.tolist() == [[2, 2], [1, 0], [2, 2]]
    assert again.tolist() == [[1, 0], [3, 0], [2, 2]]
    assert sorted(encode.seen) == ["aa", "b", "ccc"]


def test_another_pipeline_has_other_vectors(tmp_path):
    FeatureCache(tmp_path, "one", 2).vectors(["aa"], encode)
    FeatureCache(tmp_path, "two", 2).vectors(["aa"], encode)
    assert encode.seen == ["aa", "aa"]


@pytest.mark.parametrize("cut", [("keys", 16 + 7), ("vectors.f16", 4 + 3)])
def test_what_a_kill_left_half_is_computed_again(tmp_path, cut):
    FeatureCache(tmp_path, "p", 2).vectors(["aa", "b", "ccc"], encode)
    [file] = tmp_path.glob(f"*/{cut[0]}")
    file.write_bytes(file.read_bytes()[: cut[1]])
    cache = FeatureCache(tmp_path, "p", 2)
    assert len(cache) == 1
    assert cache.vectors(["aa", "b", "ccc"], encode).tolist() == [[2, 2], [1, 0], [3, 0]]
    assert len(encode.seen) == 5


def test_a_kill_between_blocks_loses_only_the_block(tmp_path):
    def fails_late(texts):
        if len(encode.seen) >= 256:
            raise KeyboardInterrupt
        return encode(texts)

    texts = [f"text {i}" for i in range(300)]
    with pytest.raises(KeyboardInterrupt):
        FeatureCache(tmp_path, "p", 2).vectors(texts, fails_late)
    FeatureCache(tmp_path, "p", 2).vectors(texts, encode)
    assert len(encode.seen) == 300


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(SONG.upper().replace(" ", ", "), True, id="case and punctuation do not count"),
        pytest.param(SONG + " oh yes", True, id="two words more are the same song"),
        pytest.param(" ".join(reversed(SONG.split())), False, id="the same words in another order are not"),
        pytest.param("quite another song about a dog", False, id="another song"),
    ],
)
def test_near_duplicates(other, same):
    one, two = near_duplicates([SONG, other])
    assert bool(one == two) is same


def write(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def test_rows_of_two_tables_with_one_id_are_one_song(tmp_path):
    """The schemas of Song-Interpretation and enrich-music4all."""
    said = write(tmp_path / "a.jsonl", [{"music4all_id": "x", "comment": "of loss", "lyrics": SONG}])
    made = {"track_id": "x", "artist_name": "Ann", "tag_list": "['Folk', 'sad']", "pseudo_caption": "a song"}
    corpus = pairs.read([said, write(tmp_path / "b.jsonl", [made])], held_out=10, seed=0)
    [song] = corpus.songs
    assert (song.artist, song.tags, song.lyrics) == ("Ann", {"folk", "sad"}, SONG)
    assert corpus.pairs == [("of loss", 0), ("a song", 0)]


def test_a_title_describes_where_nothing_else_does(tmp_path):
    rows = [{"title": "Wind", "lyrics": SONG}, {"title": "Dog", "lyrics": "a dog", "caption": "on a pet"}]
    corpus = pairs.read([write(tmp_path / "a.jsonl", rows)], held_out=10, seed=0)
    assert [text for text, _ in corpus.pairs] == ["Wind", "on a pet"]


def test_lyrics_may_lie_in_files_beside_the_table(tmp_path):
    (tmp_path / "wind.txt").write_text(SONG)
    corpus = pairs.read(
        [write(tmp_path / "a.jsonl", [{"title": "W", "lyrics": "wind.txt"}])], held_out=9, seed=0
    )
    assert corpus.songs[0].lyrics == SONG


def test_no_artist_and_no_copy_is_on_two_sides(tmp_path):
    rows = [
        {"artist": f"artist {i // 3}", "title": str(i), "lyrics": f"{i} " * 9, "caption": f"c{i}"}
        for i in range(300)
    ]
    rows += [
        {"artist": f"copier {i}", "lyrics": f"{i} " * 9, "caption": f"copy {i}"} for i in range(0, 300, 5)
    ]
    corpus = pairs.read([write(tmp_path / "a.jsonl", rows)], held_out=5, seed=0)
    for key in (lambda i: corpus.songs[i].artist, lambda i: corpus.songs[i].lyrics):
        sides = {}
        for i in range(len(corpus.songs)):
            sides.setdefault(key(i), set()).add(int(corpus.side[i]))
        assert all(len(one) == 1 for one in sides.values())
    assert set(corpus.side.tolist()) == {0, 1, 2}


def test_data_without_pairs_says_what_is_missing(tmp_path):
    with pytest.raises(WrongUse, match="both lyrics and a description") as problem:
        pairs.read([write(tmp_path / "a.jsonl", [{"title": "no lyrics"}])], held_out=9, seed=0)
    assert "columns description, lyrics" in problem.value.try_this


def test_the_test_is_a_table_that_evaluate_reads(tmp_path):
    rows = [{"artist": f"a{i}", "title": f"t{i}", "lyrics": f"{i} la", "caption": f"c{i}"} for i in range(60)]
    corpus = pairs.read([write(tmp_path / "a.jsonl", rows)], held_out=4, seed=0)
    pairs.write_test(corpus, tmp_path / "test.jsonl")
    kept = [json.loads(line) for line in (tmp_path / "test.jsonl").read_text().splitlines()]
    assert len(kept) == len(corpus.pairs_of(2)) > 0
    assert set(kept[0]) == {"id", "title", "description", "lyrics"}


SONGS = [
    Words("0", "", "ann", tags=frozenset({"folk"})),
    Words("1", "", "ann"),
    Words("2", "", "bob", tags=frozenset({"folk"})),
    Words("3", "", "bob"),
    Words("4", "", "cyd"),
]
ALONE = np.arange(5)
TOWARDS = np.array([[1.0, 0], [0, 1], [0, 1], [0.9, 0.436], [0.6, 0.8]], np.float32)


@pytest.mark.parametrize(
    ("wanted", "group", "teacher", "expected"),
    [
        pytest.param((1, 0, 0), ALONE, None, [1], id="another song of the artist"),
        pytest.param((0, 1, 0), ALONE, None, [2], id="another song with the tag"),
        pytest.param((0, 0, 2), ALONE, None, [3, 4], id="the nearest first"),
        pytest.param((1, 1, 1), ALONE, None, [1, 2, 3], id="of every kind, none twice"),
        pytest.param((0, 0, 2), np.array([0, 1, 2, 0, 4]), None, [4, 1], id="a cover is never one"),
        pytest.param((0, 0, 1), ALONE, 0.85, [4], id="nor what the teacher finds nearly as right"),
        pytest.param((2, 0, 0), ALONE, None, [1, -1], id="what does not exist is left empty"),
    ],
)
def test_hard_negatives(wanted, group, teacher, expected):
    query = np.array([[1.0, 0.0]], np.float32)
    [found] = mine(
        SONGS,
        group,
        np.arange(5),
        np.array([0]),
        now=(query, TOWARDS),
        teacher=(query, TOWARDS),
        wanted=Wanted(*wanted),
        margin=teacher or 0.0,
        rng=np.random.default_rng(0),
    )
    assert found.tolist() == expected


@pytest.mark.parametrize("block", [1, 2, 512])
def test_hard_negatives_are_the_same_in_blocks_of_any_size(block, monkeypatch):
    """Song 0 asked by its own direction, 1 by the other, 3 by the first; one of the artist, one near.

    What the teacher finds nearly as right is not taken: of 0 the songs 1 and 2 are far from right and 3 is
    not; of 1 it sees all but 2 as right; of 3 all but 0.
    """
    monkeypatch.setattr(hard_negatives, "BLOCK", block)
    east, north = [1.0, 0.0], [0.0, 1.0]
    found = mine(
        SONGS,
        ALONE,
        np.arange(5),
        np.array([0, 1, 3]),
        now=(np.array([east, north, east], np.float32), TOWARDS),
        teacher=(np.array([east, east, north], np.float32), TOWARDS),
        wanted=Wanted(artist=1, tags=0, nearest=1),
        margin=0.85,
        rng=np.random.default_rng(0),
    )
    assert found.tolist() == [[1, 4], [2, -1], [0, -1]]


@pytest.mark.parametrize("block", [1, 512])
def test_a_cover_is_no_hard_negative_in_any_block(block, monkeypatch):
    monkeypatch.setattr(hard_negatives, "BLOCK", block)
    queries = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    found = mine(
        SONGS,
        np.array([0, 1, 2, 0, 4]),  # 3 is a cover of 0
        np.arange(5),
        np.array([1, 3]),
        now=(queries, TOWARDS),
        teacher=(queries, TOWARDS),
        wanted=Wanted(0, 0, 1),
        margin=0.0,
        rng=np.random.default_rng(0),
    )
    assert found.tolist() == [[2], [4]]


@pytest.mark.parametrize(
    ("row", "learned"),
    [
        pytest.param({"track_id": "track_0001000"}, False, id="a track of the test"),
        pytest.param({"track_id": "5", "artist_id": "artist_000077"}, False, id="its artist"),
        pytest.param({"music4all_id": "x", "jamendo_id": 1000}, False, id="by another id of the row"),
        pytest.param({"track_id": "5", "artist_id": 770}, True, id="other numbers"),
        pytest.param({}, True, id="no id at all"),
    ],
)
def test_songs_of_an_evaluation_data_set_are_not_learned(tmp_path, row, learned):
    test = Excluded(frozenset({"1000"}), frozenset({"77"}))
    rows = [{"lyrics": SONG, "caption": "of wind"} | row, {"id": "z", "lyrics": "a dog", "caption": "a pet"}]
    corpus = pairs.read([write(tmp_path / "a.jsonl", rows)], held_out=9, seed=0, exclude=test)
    assert (len(corpus.songs), len(corpus.left_out)) == ((2, 0) if learned else (1, 1))
