"""What is for judging alone stays out of every training stream: by id, by artist, by sound; counted once."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shard_maker import AUDIO, song

from catalog import held_out, sources
from catalog.audio.packets import audio_hash
from catalog.audio.waveform import probe
from catalog.data_sets import Excluded, Place
from catalog.errors import WrongUse
from catalog.library import songs
from catalog.records import Clip, Facts, SoundFile
from catalog.values.ids import track_id

SDD = """caption_id,track_id,caption,is_valid_subset,familiarity,artist_id,album_id,path,duration
1,1004034,"A calm piano, slow",True,0,430577,12,34/1004034.mp3,227.3
2,1000,Fast guitars,False,2,77,13,00/1000.mp3,100.0
"""
MUSICCAPS = """ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,is_balanced_subset,\
is_audioset_eval
-0Gj8-vB1q4,30,40,"/m/0140xf","['sad']",For the test.,4,False,True
abc,30,40,"/m/0140xf","['glad']",For training.,4,False,False
"""
TEST = Excluded(frozenset({"1000"}), frozenset({"77"}))


@pytest.mark.parametrize(
    ("clip", "held"),
    [
        pytest.param(Clip("1000", None), True, id="its id"),
        pytest.param(Clip("track_0001000", None), True, id="its id, as MTG-Jamendo writes it"),
        pytest.param(Clip("00/1000.2min.mp3", None), True, id="its id, as a path"),
        pytest.param(Clip("5", None, aliases=("1000",)), True, id="another id of the row"),
        pytest.param(Clip("5", None, song={"artist_id": "artist_000077"}), True, id="its artist"),
        pytest.param(Clip("10000", None, song={"artist_id": 770}), False, id="other numbers"),
        pytest.param(Clip("abc1000", None), False, id="a name that ends like it"),
        pytest.param(Clip("5", None), False, id="nothing known of the artist"),
    ],
)
def test_what_is_held_out(clip, held):
    assert TEST.holds(clip) is held


def test_a_float_is_the_number_it_stands_for():
    assert track_id(1004.0) == track_id("1004") == "1004"


def test_equal_sound_under_another_name_is_held_out(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(song(300))
    known = Excluded(sounds=frozenset({probe(path).audio_hash}))
    assert known.holds(Clip("another name", song(300)))
    assert not known.holds(Clip("a", song(310)))
    assert audio_hash(path) == audio_hash(path.read_bytes()) == probe(path).audio_hash
    assert not known.holds(Clip("gone", tmp_path / "none.mp3"))


def test_a_table_of_an_evaluation_data_set_names_its_tracks(tmp_path):
    (tmp_path / "song_describer.csv").write_text(SDD)
    (tmp_path / "musiccaps-public.csv").write_text(MUSICCAPS)
    found = held_out.for_training(None, [tmp_path / "song_describer.csv", tmp_path / "musiccaps-public.csv"])
    assert found.tracks == {"1004034", "1000", "-0Gj8-vB1q4"}
    assert found.artists == {"430577", "77"}
    assert found.sets == {"song-describer": 2, "musiccaps": 1}
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(WrongUse, match="no table of a data set to judge by"):
        held_out.of_table(tmp_path / "other.csv")


def test_the_catalog_knows_what_was_taken_in_for_judging(catalog):
    for source, track, extra in [
        ("song-describer", "1000", {"artist_id": "77"}),
        ("musiccaps", "abc", {"eval": False}),
        ("musiccaps", "xyz", {"eval": True}),
        ("musiccaps", "qrs", {"eval": "no"}),
        ("jamendo", "5", {"artist_id": "9"}),
    ]:
        values = {"title": track, "source": source, "source_id": track}
        songs.add_or_update(catalog, [Facts(source, values, extra=extra)])
    found = held_out.for_training(catalog.path)
    assert found == Excluded(frozenset({"1000", "xyz"}), frozenset({"77"}))
    assert found.sets == {"song-describer": 1, "musiccaps": 1}
    assert held_out.for_training(catalog.path.with_name("none.db")) == Excluded()


def test_the_catalog_knows_the_sound_of_what_is_for_judging(catalog, tmp_path):
    for source, name in (("song-describer", "judged"), ("jamendo", "other")):
        values = {"source": source, "source_id": name}
        file = SoundFile(tmp_path / name, 1, 1, f"sound of {name}")
        songs.add_or_update(catalog, [Facts(source, values)], file=file)
    assert held_out.for_training(catalog.path).sounds == {"sound of judged"}


def test_folders_of_shards_are_streamed_without_them_and_each_row_counts_once(tmp_path):
    rows = [
        {"audio": {"bytes": song(200), "path": "1000.mp3"}, "caption": "the test's track"},
        {"audio": {"bytes": song(220), "path": "x.mp3"}, "caption": "its artist", "artist_id": 77},
        {"audio": {"bytes": song(240), "path": "z.mp3"}, "caption": "to train on", "artist_id": 5},
    ]
    columns = {"audio": AUDIO, "caption": pa.string(), "artist_id": pa.int64()}
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(columns.items())), tmp_path / "0.parquet")
    notes = []
    place = Place(tmp_path / "store", (str(tmp_path),), exclude=TEST, on_note=notes.append)
    with sources.load_streamed("shards").opened(place, seed=0) as data:
        for _ in range(2):
            assert [clip.id for _, clip in data.rows()] == ["z"]
        assert len(data.left_out) == 2
    assert [clip.id for clip in sources.load("shards").clips(place)] == ["z"]
    assert notes == ["2 tracks that are for judging, or of their artists, were left out"]


def test_a_row_that_makes_no_clip_costs_itself(tmp_path):
    lost = []
    pq.write_table(
        pa.table({"audio": pa.array([{"bytes": song(200), "path": "a.mp3"}] * 2, AUDIO)}),
        tmp_path / "0.parquet",
    )
    place = Place(tmp_path / "store", (str(tmp_path),), on_lost=lost.append)
    with sources.load_streamed("shards").opened(place) as data:
        made = data.clip
        data.clip = lambda row: made(row) if row.row else 1 / 0
        assert [row.row for row, _ in data.rows()] == [1]
    assert [(one.place, "ZeroDivisionError" in one.why) for one in lost] == [("0.parquet:0:0", True)]
