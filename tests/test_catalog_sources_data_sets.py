"""The data sets by their real schemas: what of a row becomes what of a clip."""

import ast
import json
import os
from pathlib import Path

import pytest
from hub_server import Hub
from shard_maker import write_shards

from catalog import held_out, sources
from catalog.data_sets import Excluded, Place
from catalog.errors import Unreadable, WrongUse
from catalog.records import Caption
from catalog.shards.lines_by_id import LinesById
from catalog.shards.local_store import Limits
from catalog.sources import StreamedSource, jamendo, mtg_jamendo, musiccaps, shards, song_describer
from catalog.sources.shards import clip_from
from catalog.values.ids import plain_id
from models.evaluation.protocols import PROTOCOLS

TRACK = {
    "id": "1001",
    "name": "Night Walk",
    "duration": 227,
    "artist_id": "77",
    "artist_name": "Someone",
    "album_name": "First",
    "releasedate": "2012-05-17",
    "license_ccurl": "http://creativecommons.org/licenses/by/3.0/",
    "musicinfo": {
        "vocalinstrumental": "instrumental",
        "lang": "",
        "speed": "low",
        "tags": {"genres": ["ambient"], "instruments": ["piano"], "vartags": ["calm", "piano"]},
    },
}
SDD = """caption_id,track_id,caption,is_valid_subset,familiarity,artist_id,album_id,path,duration
1,1004034,"A calm piano, slow",True,0,430577,12,34/1004034.mp3,227.3
2,1004034,Piano at night,False,1,430577,12,34/1004034.mp3,227.3
3,1000,Fast guitars,False,2,77,13,00/1000.mp3,100.0
"""
MTG = """TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS
track_0000214\tartist_000014\talbum_000031\t14/214.mp3\t124.6\tgenre---punkrock
track_0000215\tartist_000014\talbum_000031\t15/215.mp3\t151.4\tgenre---metal\tinstrument---drums\
\tmood/theme---dark
"""
MUSICCAPS = """ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,is_balanced_subset,\
is_audioset_eval
-0Gj8-vB1q4,30,40,"/m/0140xf","['low quality', 'sad']","The recording is sad.",4,False,True
"""


@pytest.fixture
def maxcaps(tmp_path):
    """A small JamendoMaxCaps: 12 tracks in 2 shards, captions for two, metadata in two files."""
    folder = tmp_path / "maxcaps"
    write_shards(folder, shards=2, rows=6)
    captions = [
        {"id": "1001", "caption": "later", "start_time": 30.0, "end_time": 60.0},
        {"id": "1001", "caption": "first", "start_time": 0.0, "end_time": 30.0},
        {"id": "1004", "caption": "other", "start_time": 0.0, "end_time": 30.0},
    ]
    lines = [json.dumps(line) for line in captions]
    (folder / "final_caption30sec.jsonl").write_text("\n".join([*lines[:2], '{"id": "cut', lines[2]]))
    (folder / "2024-01-01.jsonl").write_text(json.dumps(TRACK) + "\n")
    newer = {"id": "1001", "name": "", "duration": 228, "musicinfo": {}}
    (folder / "2024-01-02.jsonl").write_text(json.dumps(newer) + "\n")
    return folder


def by_id(module, place):
    return {clip.id: clip for clip in module.clips(place)}


@pytest.mark.parametrize("remote", [False, True])
def test_jamendo_joins_sound_captions_and_metadata(maxcaps, tmp_path, remote):
    notes = []
    with Hub({"amaai-lab/JamendoMaxCaps": maxcaps}) as hub:
        place = Place(
            tmp_path / "root",
            () if remote else (str(maxcaps),),
            Limits(budget=200_000),
            endpoint=hub.url,
            on_note=notes.append,
        )
        clips = by_id(jamendo, place)
    assert sorted(clips) == [str(i) for i in range(1000, 1012)]
    clip = clips["1001"]
    assert clip.texts == (Caption("first", 0.0, 30.0, "jamendo"), Caption("later", 30.0, 60.0, "jamendo"))
    assert clip.song["title"] == "Night Walk"
    assert clip.song["license"] == "http://creativecommons.org/licenses/by/3.0/"
    assert clip.song["tags"] == ("ambient", "piano", "calm")
    assert (clip.song["year"], clip.song["duration_s"]) == (2012, 228.0)
    assert "language" not in clip.song
    assert clips["1002"].texts == ()
    assert all(isinstance(clip.audio, bytes) for clip in clips.values())
    assert any("2 shards, 3 captions, 2 records" in note for note in notes)
    assert any("no test set is left out" in note for note in notes)


def test_tracks_and_artists_of_the_test_set_stay_out_and_are_counted(maxcaps, tmp_path):
    (tmp_path / "song_describer.csv").write_text(SDD)
    excluded = held_out.of_table(tmp_path / "song_describer.csv")
    assert excluded == Excluded(frozenset({"1004034", "1000"}), frozenset({"430577", "77"}))
    assert excluded.sets == {"song-describer": 2}
    notes = []
    place = Place(tmp_path, (str(maxcaps),), exclude=excluded, on_note=notes.append)
    clips = by_id(jamendo, place)
    assert "1000" not in clips  # by its id
    assert "1001" not in clips  # by its artist
    assert len(clips) == 10
    assert "2 tracks that are for judging, or of their artists, were left out" in notes


def test_song_describer_gathers_captions_by_track_and_knows_the_valid_ones(tmp_path):
    (tmp_path / "song_describer.csv").write_text(SDD)
    sound = tmp_path / "audio" / "34" / "1004034.2min.mp3"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"x")
    clips = by_id(song_describer, Place(tmp_path, (str(tmp_path / "song_describer.csv"),)))
    first = clips["1004034"]
    assert [(text.text, text.origin) for text in first.texts] == [
        ("A calm piano, slow", "song-describer:valid"),
        ("Piano at night", "song-describer"),
    ]
    assert (first.audio, first.song["valid"]) == (sound, True)
    assert (clips["1000"].audio, clips["1000"].song["valid"]) == (None, False)


def test_mtg_jamendo_reads_every_tag_column(tmp_path):
    (tmp_path / "autotagging.tsv").write_text(MTG)
    clips = by_id(mtg_jamendo, Place(tmp_path, (str(tmp_path / "autotagging.tsv"),)))
    assert clips["215"].song["tags"] == ("metal", "drums", "dark")
    assert (clips["215"].song["genre"], clips["215"].song["duration_s"]) == ("metal", 151.4)
    assert clips["214"].song["artist"] == "artist_000014"


def test_musiccaps_has_caption_aspects_and_the_file_if_it_is_there(tmp_path):
    (tmp_path / "musiccaps-public.csv").write_text(MUSICCAPS)
    (tmp_path / "wav").mkdir()
    (tmp_path / "wav" / "-0Gj8-vB1q4.wav").write_bytes(b"x")
    named = (str(tmp_path / "musiccaps-public.csv"), str(tmp_path / "wav"))
    [clip] = musiccaps.clips(Place(tmp_path, named))
    assert clip.texts == (Caption("The recording is sad.", origin="musiccaps"),)
    assert clip.song["tags"] == ("low quality", "sad")
    assert clip.audio == tmp_path / "wav" / "-0Gj8-vB1q4.wav"
    assert (clip.song["eval"], clip.song["balanced"], clip.song["start_s"]) == (True, False, 30.0)


def test_any_parquet_with_sound_is_a_data_set(maxcaps, tmp_path):
    clips = by_id(shards, Place(tmp_path, (str(maxcaps / "data"),)))
    assert sorted(clips) == [str(i) for i in range(1000, 1012)]


@pytest.mark.parametrize("name", sources.names())
def test_every_data_set_keeps_the_contract(name, tmp_path):
    source = sources.load(name)
    info = source.INFO
    assert info.title
    assert info.needs
    assert source.__doc__.startswith(f"`{name}`: ")
    assert not info.protocol or info.protocol in PROTOCOLS
    assert not info.mirror or info.protocol, "a mirror is there to judge by"
    assert isinstance(source, StreamedSource) or not info.shards
    with pytest.raises((WrongUse, Unreadable)) as caught:
        list(source.clips(Place(tmp_path, (__file__, "two", "three", "four"))))
    assert caught.value.try_this


@pytest.mark.parametrize("name", sources.names())
def test_what_has_shards_streams_and_the_rest_says_so(name, tmp_path):
    if isinstance(sources.load(name), StreamedSource):
        assert sources.load_streamed(name) is sources.load(name)
    else:
        with pytest.raises(WrongUse, match="no shards to stream; these have: jamendo, shards"):
            sources.load_streamed(name)
    with pytest.raises(WrongUse, match="there are: jamendo"):
        sources.load("nobody")


def test_no_other_code_knows_a_data_set_by_name():
    """The registry's promise: a data set is added by one file, and nothing else changes."""
    root = Path(sources.__file__).parents[2]
    named = {*sources.names(), *(name.replace("-", "_") for name in sources.names())} - {sources.ANY}
    found = []
    for path in (
        path for package in ("catalog", "models", "newwave_cli") for path in (root / package).rglob("*.py")
    ):
        text = path.read_text(encoding="utf-8")
        if path.parent.name != "sources" and any(name in text for name in named):
            tree = ast.parse(text)
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            imported = {
                name.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for name in node.names
            }
            found += [f"{path.relative_to(root)}: {name}" for name in named & (texts | imported)]
    assert found == ["models/evaluation/published.py: song-describer"]


@pytest.mark.parametrize("module", [mtg_jamendo, musiccaps, song_describer])
def test_another_table_is_refused(module, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match="other.csv is not"):
        list(module.clips(Place(tmp_path, (str(tmp_path / "other.csv"),))))


def test_lines_are_found_by_id_in_all_files(tmp_path):
    for name, ids in (("a", [3, 1, 3]), ("b", [2, 3])):
        lines = [json.dumps({"id": str(i), "at": f"{name}{n}"}) for n, i in enumerate(ids)]
        (tmp_path / name).write_text("\n".join(lines))
    found = LinesById([tmp_path / "a", tmp_path / "b"])
    assert [record["at"] for record in found.find("3")] == ["a0", "a2", "b1"]
    assert found.find("4") == []
    assert len(found) == 5
    assert len(LinesById([])) == 0
    assert LinesById([]).find("1") == []


def test_one_id_however_it_is_written():
    assert {plain_id(i) for i in ("track_0000214", 214, "214.mp3", "14/214.2min.mp3")} == {"214"}


def test_a_pipe_is_no_table_of_a_data_set_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert sources.of_table(tmp_path / "pipe") == ""


def test_a_row_whose_columns_say_nothing_is_named():
    """It was kept as a song without anything, and the exit code was 0."""
    clip = clip_from({"song": {"name": "x"}, "page": 3}, "0.parquet:0:7")
    assert clip.trouble == "none of its columns holds a sound or words: song, page"
    assert clip_from({"song": {}, "caption": "calm"}, "0.parquet:0:7").trouble == ""


def test_captions_that_are_objects_are_read():
    said = [{"text": "calm", "start": 0.0}, {"Caption": "a piano"}, {"start": 1.0}, "slow"]
    clip = clip_from({"captions": said, "id": "a"}, "0.parquet:0:7")
    assert [caption.text for caption in clip.texts] == ["calm", "a piano", "slow"]
