"""The gallery: a song is its sound, whatever rows call it; each once; what cannot be used is named."""

import json

import numpy as np
import pytest
import shard_maker
from fakes import tone

from catalog.errors import Unreadable
from catalog.identity import Claims
from catalog.library import embeddings, songs
from catalog.library.embeddings import Embedding
from catalog.records import Caption, Clip, Facts, Line, SoundFile
from catalog.sources import song_describer
from catalog.statistics.rows import of_catalog
from models.evaluation import datasets, gallery
from models.evaluation.evaluate import TEXT_TO_MUSIC, compare, evaluate
from models.evaluation.gallery import embedded
from models.evaluation.protocols import protocol
from models.indexing.embed import embed_sound, embed_words
from models.indexing.song_vectors import of_clips, of_library


def judged(found, encoder):
    return evaluate(found, encoder.encode_descriptions, protocol("plain"), encoder="", pipeline="")


@pytest.fixture
def sounds(write_sound):
    return [write_sound(f"{hz}.wav", tone(hz, 3)) for hz in (100, 600, 2500)]


@pytest.mark.parametrize(
    ("ids", "rows", "songs"),
    [
        pytest.param("000", [0, 1, 2], 3, id="one id over three sounds is three songs"),
        pytest.param("012", [0, 0, 0], 1, id="three ids over one sound are one song"),
        pytest.param("01234", [0, 0, 0, 1, 2], 3, id="ids that count the rows"),
        pytest.param("aab", [0, 1, 2], 3, id="an id that names a listener"),
    ],
)
def test_songs_are_told_by_their_sound(sounds, ears, ids, rows, songs):
    words = ["low", "middle", "high"]
    clips = [
        Clip(i, sounds[row], (Caption(f"{words[row]} {n}"),))
        for n, (i, row) in enumerate(zip(ids, rows, strict=True))
    ]
    found = embedded(ears, iter(clips), "data")
    assert len(found.ids) == songs
    assert [qrel.song for qrel in found.qrels] == rows
    assert len(of_clips(clips, ears, None).names) == songs


def test_bytes_and_a_file_with_them_are_one_song(sounds, ears):
    clips = [Clip("a", sounds[0], (Caption("low"),)), Clip("b", sounds[0].read_bytes(), (Caption("deep"),))]
    assert len(embedded(ears, iter(clips), "data").ids) == 1


def test_an_id_over_several_sounds_is_said():
    claims = Claims()
    for name, song in [("0", "a"), ("1", "b"), ("0", "c"), ("0", "a")]:
        claims.add(name, song)
    assert claims.notes() == [
        "one id stands for several songs ('0'): by their sound they are 2, and each is one"
    ]
    assert Claims().notes() == []


def test_songs_of_words_are_told_by_their_lyrics(reader):
    clips = [
        Clip("0", None, (Caption("sea"),), {"lyrics": "the sea"}),
        Clip("0", None, (Caption("robot"),), {"lyrics": "a robot"}),
        Clip("7", None, (Caption("waves"),), {"lyrics": "the sea\n"}),
    ]
    found = embedded(reader, iter(clips), "data")
    assert [qrel.song for qrel in found.qrels] == [0, 1, 0]
    assert len(found.notes) == 1


def test_what_cannot_be_used_fails_once_with_its_reason(sounds, ears, tmp_path):
    clips = [
        Clip("a", None, (Caption("x"),), trouble="there is no file a.wav beside the shard"),
        Clip("b", tmp_path / "none.wav", (Caption("y"),)),
        Clip("b", tmp_path / "none.wav", (Caption("z"),)),
        Clip("c", sounds[0], (Caption("low"),)),
    ]
    found = embedded(ears, iter(clips), "data")
    assert [name for name, _ in found.failed] == ["a", "b"]
    assert found.failed[0][1] == "there is no file a.wav beside the shard"
    assert len(found.qrels) == 1


def test_what_another_machine_cannot_embed_has_failed_too(sounds, ears):
    clips = [Clip(name, sound, (Caption("low"),)) for name, sound in zip("ab", sounds[:2], strict=True)]

    def elsewhere(clips):
        for clip in clips:
            vectors = np.ones((1, 4), np.float32)
            yield clip, Unreadable("is silent", try_this="nw") if clip.id == "a" else vectors

    found = embedded(ears, iter(clips), "data", elsewhere=elsewhere)
    assert found.failed == [("a", "is silent")]
    assert (found.ids, [qrel.song for qrel in found.qrels]) == (["b"], [0])


def test_failures_are_told_in_the_order_of_their_first_rows(ears, tmp_path):
    files = [tmp_path / name for name in ("one.wav", "two.wav", "one.wav")]
    clips = [Clip(path.stem, path, (Caption(str(n)),)) for n, path in enumerate(files)]
    assert [name for name, _ in embedded(ears, iter(clips), "data").failed] == ["one", "two"]


@pytest.mark.parametrize(
    ("origin", "valid"),
    [(song_describer.VALID, True), (song_describer.OTHER, False), ("user", True)],
    ids=["of the valid subset", "outside it", "of anybody else"],
)
def test_captions_outside_a_cleaned_subset_are_not_valid(sounds, ears, origin, valid):
    clips = [Clip("a", sounds[0], (Caption("low", origin=origin),))]
    assert [qrel.valid for qrel in embedded(ears, iter(clips), "data").qrels] == [valid]


def test_each_song_is_counted_once_and_shown_by_its_title(sounds, ears):
    clips = [
        Clip("a", sounds[0], (Caption(" low\n"),), {"title": "Cellar"}),
        Clip("a", sounds[0], (Caption("deep"), Caption("  ")), {"title": "Cellar"}),
        Clip("b", sounds[1], (Caption("middle"),)),
    ]
    counted = []
    found = embedded(ears, iter(clips), "data", progress=lambda songs, name: counted.append((songs, name)))
    assert counted == [(1, "a"), (1, "b")]
    assert found.ids == ["Cellar", "b"]  # its id where it has no title
    assert [(qrel.song, qrel.text) for qrel in found.qrels] == [(0, "low"), (0, "deep"), (1, "middle")]
    assert found.starts.tolist() == [0, len(found.vectors) // 2]  # two songs of equal length


def test_a_song_of_the_library_without_vector_is_named_and_not_asked_for(catalog, ears, write_sound):
    for name, caption in (("one", "low"), ("none", "deep"), ("untold", None)):
        path = write_sound(f"{name}.wav", tone(100 if caption == "low" else 600, 3))
        file = SoundFile(path, 1, 1, name, 3.0)
        captions = (Caption(caption),) if caption else ()
        songs.add_or_update(catalog, [Facts("t", {"title": name}, captions=captions)], file=file)
        if name == "one":
            embed_sound(catalog, ears)
    found = gallery.library(catalog, ears.pipeline)
    assert (found.data, found.ids) == ("library", ["one"])
    assert found.failed == [("none", "has no vector; nw index makes it")]
    assert [qrel.text for qrel in found.qrels] == ["low"]


def test_a_song_of_the_library_without_a_title_is_named_by_its_number(catalog, ears, write_sound):
    for number, hz in ((1, 100), (2, 600)):
        file = SoundFile(write_sound(f"{number}.wav", tone(hz, 3)), 1, 1, f"h{number}", 3.0)
        songs.add_or_update(catalog, [Facts("t", captions=(Caption("low"),))], file=file)
        if number == 1:
            embed_sound(catalog, ears)
    found = gallery.library(catalog, ears.pipeline)
    assert found.ids == ["song 1"]
    assert found.failed == [("song 2", "has no vector; nw index makes it")]


def test_by_words_a_song_is_its_lyrics_and_never_the_caption_that_asks_for_it(catalog, reader, write_sound):
    for name, lyrics in (("sung", (Line("the sea"),)), ("hummed", ())):
        file = SoundFile(write_sound(f"{name}.wav", tone(100, 3)), 1, 1, name, 3.0)
        facts = Facts("t", {"title": name}, lyrics=lyrics, captions=(Caption("a robot"),))
        songs.add_or_update(catalog, [facts], file=file)
    embed_words(catalog, reader)
    found = gallery.library(catalog, reader.pipeline, words=True)
    assert found.ids == ["sung"]
    assert found.failed == [("hummed", "has no vector; nw index makes it")]
    assert (found.vectors == reader.encode_lyrics(["the sea"])).all()


def test_vectors_that_do_not_say_what_they_are_of_are_none_of_lyrics(catalog, reader):
    songs.add_or_update(catalog, [Facts("t", {"title": "sung"}, (), (Line("sea"),), (Caption("a robot"),))])
    embeddings.register_pipeline(catalog, reader.pipeline, role="words")
    [(content,)] = catalog.fetch("SELECT words_hash FROM songs")
    vectors = np.ones((1, 4), np.float16)
    embeddings.put_many(catalog, reader.pipeline, [Embedding(content, vectors, vectors[0])])
    found = gallery.library(catalog, reader.pipeline, words=True)
    assert found.failed == [("sung", "has no vector; nw index makes it")]


def test_songs_of_which_no_sound_is_known_are_not_one_song(catalog, reader):
    for name, words in (("one", "the sea"), ("two", "a robot")):
        facts = Facts("t", {"title": name}, lyrics=(Line(words),), captions=(Caption(words),))
        songs.add_or_update(catalog, [facts])
    embed_words(catalog, reader)
    found = gallery.library(catalog, reader.pipeline, words=True)
    assert found.ids == ["one", "two"]
    assert [qrel.song for qrel in found.qrels] == [0, 1]


def test_the_library_has_each_sound_once(catalog, ears, write_sound):
    """Of an older nw two rows may hold one sound: they are one candidate with the captions of both."""
    for name, caption in (("one.wav", "low"), ("two.wav", "deep")):
        path = write_sound(name, tone(100, 3))
        file = SoundFile(path, 1, 1, "same sound", 3.0)
        songs.add_or_update(catalog, [Facts("t", {"title": name}, captions=(Caption(caption),))], file=file)
    embed_sound(catalog, ears)
    found = gallery.library(catalog, ears.pipeline)
    assert found.ids == ["one.wav"]
    assert [(qrel.song, qrel.text) for qrel in found.qrels] == [(0, "low"), (0, "deep")]


@pytest.mark.parametrize(("origin", "asked"), [("user", 1), ("musiccaps", 1), ("tags", 0), ("sidecar", 0)])
def test_names_of_a_cue_sheets_tracks_are_no_descriptions(catalog, ears, write_sound, origin, asked):
    file = SoundFile(write_sound("album.wav", tone(100, 3)), 1, 1, "sound", 3.0)
    songs.add_or_update(catalog, [Facts("t", captions=(Caption("low", 0.0, 3.0, origin),))], file=file)
    embed_sound(catalog, ears)
    assert len(gallery.library(catalog, ears.pipeline).qrels) == asked
    assert len(of_library(catalog, {"sound": ears.pipeline, "words": "none"}).queries) == asked
    assert [len(row.texts) for row in of_catalog(catalog, [1])] == [asked]


def test_a_table_that_trains_can_be_judged(tmp_path, reader):
    """`track_id,comment,lyrics`: one vocabulary for training and judging; a title where nothing else asks."""
    table = tmp_path / "t.csv"
    table.write_text("Track ID,comment,lyrics,title\n1,about the sea,the sea,One\n2,,a robot,robot\n")
    clips = list(datasets.table(table))
    assert [(clip.id, clip.texts[0].text) for clip in clips] == [("1", "about the sea"), ("2", "robot")]
    report = judged(embedded(reader, iter(clips), "t"), reader)
    assert report.directions[TEXT_TO_MUSIC].figures["mrr"].value == 1


def test_a_parquet_file_is_a_shard_with_its_sound_in_it(tmp_path):
    ids = shard_maker.write_shards(tmp_path, shards=1, rows=2)
    [shard] = tmp_path.rglob("*.parquet")
    place = datasets.Place(tmp_path / "kept")
    for on in (shard, tmp_path):
        clips = list(datasets.clips(str(on), place))
        assert [clip.id for clip in clips] == list(map(str, ids))
        assert all(isinstance(clip.audio, bytes) for clip in clips)


def test_bad_rows_of_a_table_are_told_and_the_rest_is_judged(tmp_path):
    lost = []
    table = tmp_path / "t.jsonl"
    rows = ["[" * 100_000, json.dumps({"lyrics": "a", "caption": "b"}), '{"cut']
    table.write_text("\n".join(rows))
    place = datasets.Place(tmp_path, on_lost=lost.append)
    assert len(list(datasets.table(table, place=place))) == 1
    assert [one.why.split(":")[0] for one in lost] == ["t.jsonl, line 1", "t.jsonl, line 3"]


def test_intervals_and_tests_count_songs_and_not_captions(sounds, ears):
    """Eight captions of each song say no more than one of each: the interval stays as wide."""
    few = [
        Clip(str(i), path, (Caption(w),))
        for i, (path, w) in enumerate(zip(sounds, ["low", "low a", "high"], strict=True))
    ]
    many = [
        Clip(clip.id, clip.audio, tuple(Caption(f"{clip.texts[0].text} {n}") for n in range(8)))
        for clip in few
    ]
    one, other = (judged(embedded(ears, iter(clips), "d"), ears) for clips in (few, many))
    for metric in ("mrr", "recall@1", "median_rank"):
        a, b = (report.directions[TEXT_TO_MUSIC].figures[metric] for report in (one, other))
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high)), metric
    assert [query.song for query in other.directions[TEXT_TO_MUSIC].queries] == [0] * 8 + [1] * 8 + [2] * 8
    assert compare(other, other, direction=TEXT_TO_MUSIC).p == 1
    assert (one.captions, other.captions) == (3, 24)
