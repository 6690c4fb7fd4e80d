"""What data sets are like and how two differ: counts by hand, properties, and slow, obvious versions."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shard_maker import write_shards

from catalog.data_sets import Place
from catalog.errors import WrongUse
from catalog.records import Caption
from catalog.sources import load
from catalog.sources import of_table as kind_of_table
from catalog.statistics.comparison import PRIOR_WORDS, compare, divergence, telling_words
from catalog.statistics.rows import Described, of_clips, of_table
from catalog.statistics.spread import spread
from catalog.statistics.summary import summarize
from catalog.statistics.words import FUNCTION_WORDS, language_of, words_of

SONGS = [
    Described(
        ("a calm piano", "soft keys at night"),
        ("Piano", "calm"),
        values={"title": "Moon", "artist": "Ada"},
        duration_s=60,
    ),
    Described(("A  calm piano",), ("piano", "calm", "night"), values={"title": "moon", "artist": "ada"}),
    Described(
        ("loud drums",), ("drums",), values={"license": "CC0"}, duration_s=180, sound="x", rate_hz=48_000
    ),
    Described((), ("drums", "loud"), sound="x", jamendo_id="7"),
]


def test_counts_of_four_songs_by_hand():
    found = summarize(SONGS, "four")
    assert (found.songs, found.captions, found.tags, found.hours) == (4, 4, 5, pytest.approx(240 / 3600))
    assert list(found.tag_counts.items())[:3] == [("calm", 2), ("piano", 2), ("drums", 2)]
    assert (found.same_sound, found.same_name, found.with_sound) == (1, 1, 2)
    assert found.rates_hz == {48_000: 1}
    assert (found.missing["title"], found.missing["license"], found.missing["captions"]) == (0.5, 0.75, 0.25)
    assert found.jamendo_ids == {"7"}


def test_descriptions_of_four_songs_by_hand():
    texts = summarize(SONGS, "four", meters={"letters": lambda texts: [len(t) for t in texts]}).texts
    assert texts.kind == "captions"
    assert (texts.count, texts.different, texts.running_words, texts.vocabulary) == (4, 3, 12, 9)
    assert texts.once == 6  # soft keys at night loud drums
    assert texts.repeated == (("A  calm piano", 2),)
    assert texts.telling[:2] == (("calm", 0.5), ("piano", 0.5))
    assert texts.tokens["letters"].spread.high == len("soft keys at night")
    assert texts.tokens["letters"].over == {77: 0.0, 256: 0.0, 512: 0.0}


def test_tags_stand_for_descriptions_where_there_are_none():
    texts = summarize([Described((), ("rock", "sad")), Described((), ("jazz",))], "tags").texts
    assert (texts.kind, texts.sample) == ("tags", ("rock, sad", "jazz"))


def test_songs_without_words_have_no_texts():
    found = summarize([Described(duration_s=10.0)], "bare")
    assert found.texts is None
    assert found.tags_a_song is None
    assert summarize([], "nothing").songs == 0


def test_lift_is_how_much_more_often_than_by_chance():
    songs = [Described((), ("a", "b"))] * 10 + [Described((), ("c",))] * 30
    found = summarize(songs, "lift")
    assert [(p.first, p.second, p.songs, p.lift) for p in found.together] == [("a", "b", 10, 4.0)]
    names = list(found.tag_counts)
    assert found.matrix[names.index("a")][names.index("b")] == pytest.approx(2.0)  # log2 of 4
    assert found.matrix[names.index("a")][names.index("c")] is None
    assert found.matrix[names.index("c")][names.index("c")] is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_a_histogram_holds_every_number(values):
    found = spread(values)
    assert sum(found.counts) == len(values)
    assert len(found.edges) == len(found.counts) + 1
    assert list(found.edges) == sorted(set(found.edges)) or max(values) - min(values) < 1e-3
    assert found.low <= found.median <= found.high


def test_bins_of_whole_numbers_hold_as_many_of_them():
    found = spread(list(range(100)))
    assert {round(b - a) for a, b in zip(found.edges, found.edges[1:], strict=False)} == {4}
    assert set(found.counts[:-1]) == {4}


@pytest.mark.parametrize("language", FUNCTION_WORDS)
def test_small_words_name_the_language(language):
    assert language_of(FUNCTION_WORDS[language].split()) == language


@pytest.mark.parametrize("text", ["", "rock", "piano, guitar, drums, bass", "xyz " * 40])
def test_what_has_no_small_words_has_no_language(text):
    assert language_of(words_of(text)) == ""


def slow_log_odds(word, one, other):
    """Monroe and others 2008, equations 16 to 22, with nothing shared."""
    total = Counter(one) + Counter(other)
    size = sum(total.values())
    alpha = PRIOR_WORDS * total[word] / size

    def odds(counts):
        n = sum(counts.values())
        return math.log((counts[word] + alpha) / (n + PRIOR_WORDS - counts[word] - alpha))

    variance = 1 / (one[word] + alpha) + 1 / (other[word] + alpha)
    return (odds(other) - odds(one)) / math.sqrt(variance)


def test_telling_words_are_those_of_the_formula():
    one = Counter({"song": 50, "piano": 30, "low": 20})
    other = Counter({"song": 5, "piano": 30, "techno": 40})
    found = telling_words(one, other)
    for word in found:
        assert word.z == pytest.approx(slow_log_odds(word.word, one, other), abs=1e-12)
    assert found[0].word == "song"
    assert next(word.word for word in found if word.z > 0) == "techno"


def test_nothing_tells_sets_apart_that_say_one_word_alone():
    assert telling_words(Counter({"piano": 3}), Counter({"piano": 5})) == ()


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1),
)
def test_divergence_is_a_distance_of_its_kind(one, other):
    found = divergence(one, other)
    assert 0 <= found <= 1
    assert found == pytest.approx(divergence(other, one), abs=1e-12)
    assert divergence(one, {word: 3 * n for word, n in one.items()}) == pytest.approx(0, abs=1e-12)


def test_what_the_first_never_saw():
    first = summarize([Described(("calm piano piano",))], "first")
    second = summarize([Described(("calm techno techno techno",))], "second")
    found = compare(first, second)
    assert (found.shared_words, found.only_first, found.only_second) == (1, 1, 1)
    assert (found.unseen, found.unseen_back) == (0.75, pytest.approx(2 / 3))
    assert found.unseen_words == (("techno", 3),)


def test_the_same_songs_of_jamendo_are_found():
    one = summarize([Described(jamendo_id="1"), Described(jamendo_id="2")], "a")
    other = summarize([Described(jamendo_id="2"), Described(jamendo_id="3")], "b")
    assert compare(one, other).shared_songs == 1


def test_the_sample_of_texts_is_even_and_the_same_each_time():
    songs = [Described((f"text {chr(97 + i % 26)}{i}",)) for i in range(6000)]
    sample = summarize(songs, "many").texts.sample
    assert sample == summarize(songs, "many").texts.sample
    places = [int(text.split()[1][1:]) for text in sample]
    assert len(set(places)) == len(places) == 600
    assert abs(np.mean(places) - 3000) < 250


def test_sound_of_shards_is_told_from_its_head(tmp_path):
    write_shards(tmp_path, shards=1, rows=3, bad=frozenset({1001}))
    rows = list(of_clips(load("shards").clips(Place(tmp_path, (str(tmp_path),))), "shards"))
    assert [row.rate_hz for row in rows] == [16_000, None, 16_000]
    assert rows[0].duration_s == pytest.approx(1.0, abs=0.15)
    assert [row.format for row in rows] == ["mp3", "unreadable", "mp3"]


def test_tables_by_the_usual_names_of_columns(tmp_path):
    path = tmp_path / "songs.jsonl"
    path.write_text(
        json.dumps({"Caption": "a calm piano", "tags": "piano; calm", "duration": "61.5", "license": "CC0"})
        + "\n"
        + json.dumps({"caption": None, "tags": "['loud', 'drums']", "artist": "Ada"})
    )
    first, second = of_table(path)
    assert (first.texts, first.tags, first.duration_s) == (("a calm piano",), ("piano", "calm"), 61.5)
    assert (second.texts, second.tags, second.values) == ((), ("loud", "drums"), {"artist": "Ada"})


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("61.5", 61.5), ("2:00", 120.0), ("inf", None), ("nan", None), (-1, None), ("n/a", None), (1e300, None)],
)
def test_a_length_is_a_number_of_seconds_or_none(tmp_path, told, seconds):
    path = tmp_path / "songs.jsonl"
    path.write_text(json.dumps({"caption": "a calm piano", "duration": told}))
    [row] = of_table(path)
    assert row.duration_s == seconds
    summary = summarize([row], "songs")
    assert (summary.duration_s is None) == (seconds is None)


def test_a_table_about_nothing_says_which_columns_it_wants(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(WrongUse, match="says anything about songs") as caught:
        list(of_table(path))
    assert "caption" in caught.value.try_this


def test_tables_of_data_sets_are_known_by_their_head(tmp_path):
    heads = {
        "mtg-jamendo": "TRACK_ID\tARTIST_ID\tALBUM_ID\n",
        "musiccaps": "ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption\n",
        "song-describer": "caption_id,track_id,caption,is_valid_subset\n",
        "": "title,artist\n",
    }
    for kind, head in heads.items():
        (tmp_path / "table").write_text(head)
        assert kind_of_table(tmp_path / "table") == kind
    assert kind_of_table(Path("/none")) == ""


def test_tags_in_a_parquet_column_as_text_are_split(tmp_path):
    table = pa.table({"caption": ["x y"], "aspect_list": ["['a b', 'c']"]})
    pq.write_table(table, tmp_path / "t.parquet")
    [clip] = load("shards").clips(Place(tmp_path, (str(tmp_path / "t.parquet"),)))
    assert (clip.id, clip.texts) == ("t.parquet:0:0", (Caption("x y", origin="shards"),))
    assert clip.song["tags"] == ("a b", "c")
