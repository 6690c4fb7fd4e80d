"""A song is its sound: files that move, swap, are copied; rows that share ids; what was said follows."""

import os
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from shard_maker import AUDIO, RATE_HZ, song

from catalog import clip_ingest, file_identity, sources
from catalog.audio.samples import encoded
from catalog.data_sets import Place
from catalog.files import folder
from catalog.files.table import add_table
from catalog.library import songs
from catalog.records import Facts, SoundFile
from catalog.shards.order import Cursor


@pytest.fixture
def music(tmp_path):
    place = tmp_path / "music"
    place.mkdir()
    return place


def sound(path, seed):
    """A second of noise of its own; every file of another moment, as files are."""
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 8_000)
    soundfile.write(path, noise, 8_000)
    os.utime(path, ns=(10**18 + seed, 10**18 + seed))
    return path


def ingest(catalog, music):
    made = folder.plan(catalog, [music])
    return made, folder.carry_out(catalog, made)


@pytest.mark.parametrize("time_s", [10**10, 9_223_372_037, -9_223_372_037, -1])
def test_a_file_of_any_time_is_a_song_and_unchanged_the_second_time(catalog, music, time_s):
    """One of the year 2286, whose ns SQLite cannot hold, ended the whole run; so would one of 1677."""
    path = sound(music / "a.wav", 1)
    os.utime(path, ns=(time_s * 10**9, time_s * 10**9))
    if path.stat().st_mtime_ns != time_s * 10**9:
        pytest.skip("this disk keeps no such time")
    _, report = ingest(catalog, music)
    assert (report.new, report.failed) == (1, [])
    made, _ = ingest(catalog, music)
    assert (made.todo, made.unchanged) == ([], 1)
    shutil.copy2(path, music / "b.wav")
    path.rename(music / "c.wav")
    ingest(catalog, music)
    [song] = songs.iterate(catalog)
    assert song.path.parent == music


def told(catalog):
    """What is said of each song, by the name of its file."""
    return {
        song.path.name if song.path else None: [caption.text for caption in song.captions]
        for song in songs.iterate(catalog, light=False)
    }


@pytest.fixture
def two(catalog, music, tmp_path):
    """Two pieces of which a table says which they are."""
    for number, name in enumerate(("01.flac", "02.flac"), start=1):
        sound(music / name, number)
    ingest(catalog, music)
    (tmp_path / "t.csv").write_text("file,caption\n01.flac,the first piece\n02.flac,the second piece\n")
    add_table(catalog, tmp_path / "t.csv")
    return catalog


def test_what_was_said_follows_the_sound_where_files_swap_names(two, music):
    (music / "01.flac").rename(music / "x")
    (music / "02.flac").rename(music / "01.flac")
    (music / "x").rename(music / "02.flac")
    _, report = ingest(two, music)
    assert told(two) == {"01.flac": ["the second piece"], "02.flac": ["the first piece"]}
    assert (report.moved, report.new, report.changed, report.replaced) == (2, 0, 0, [])
    assert ingest(two, music)[0].unchanged == 2


def test_three_files_may_change_round(two, music):
    sound(music / "03.flac", 3)
    ingest(two, music)
    before = {s.path.name: s.id for s in songs.iterate(two)}
    for old, new in (("01", "x"), ("02", "01"), ("03", "02"), ("x", "03")):
        (music / f"{old}.flac").rename(music / f"{new}.flac")
    ingest(two, music)
    after = {s.path.name: s.id for s in songs.iterate(two)}
    assert after == {
        "01.flac": before["02.flac"],
        "02.flac": before["03.flac"],
        "03.flac": before["01.flac"],
    }


def test_another_sound_at_a_path_is_another_song_and_what_was_said_stays(two, music):
    sound(music / "01.flac", 9)
    _, report = ingest(two, music)
    assert told(two) == {"01.flac": [], "02.flac": ["the second piece"], None: ["the first piece"]}
    assert len(report.replaced) == 1
    sound(music / "back.flac", 1)
    _, report = ingest(two, music)
    assert told(two)["back.flac"] == ["the first piece"]
    assert report.moved == 1


def test_a_song_of_which_nobody_said_anything_just_changes(catalog, music):
    sound(music / "a.flac", 1)
    ingest(catalog, music)
    sound(music / "a.flac", 2)
    _, report = ingest(catalog, music)
    assert (report.changed, report.replaced, songs.count(catalog)) == (1, [], 1)


@pytest.mark.parametrize(
    "link", [shutil.copy2, os.link, os.symlink], ids=["copy", "hard link", "symbolic link"]
)
def test_a_copy_and_a_link_are_one_song(catalog, music, link):
    sound(music / "a.flac", 1)
    link(music / "a.flac", music / "b.flac")
    _, report = ingest(catalog, music)
    assert (report.new, report.copies, songs.count(catalog)) == (2, 1, 1)
    assert ingest(catalog, music)[0].unchanged == 2


def test_a_copy_takes_the_place_of_a_song_that_is_gone(catalog, music, tmp_path):
    sound(music / "a.flac", 1)
    shutil.copy2(music / "a.flac", music / "b.flac")
    ingest(catalog, music)
    (tmp_path / "t.csv").write_text("file,caption\na.flac,said\n")
    add_table(catalog, tmp_path / "t.csv")
    (music / "a.flac").unlink()
    made, _ = ingest(catalog, music)
    assert made.gone == {}
    assert told(catalog) == {"b.flac": ["said"]}
    (music / "b.flac").unlink()
    made, _ = ingest(catalog, music)
    assert len(made.gone) == 1
    assert folder.prune(catalog, made, sure=True) == 1


def test_a_copy_that_becomes_another_sound_is_another_song(catalog, music):
    sound(music / "a.flac", 1)
    shutil.copy2(music / "a.flac", music / "b.flac")
    ingest(catalog, music)
    sound(music / "b.flac", 2)
    _, report = ingest(catalog, music)
    assert (report.new, songs.count(catalog)) == (1, 2)
    assert file_identity.copies(catalog) == []


def test_a_copy_that_goes_leaves_the_song_where_it_is(catalog, music):
    sound(music / "a.flac", 1)
    shutil.copy2(music / "a.flac", music / "b.flac")
    ingest(catalog, music)
    (music / "b.flac").unlink()
    made, _ = ingest(catalog, music)
    assert (made.gone, told(catalog)) == ({}, {"a.flac": []})
    assert file_identity.copies(catalog) == []


def test_a_song_and_its_copy_may_go_together(catalog, music):
    sound(music / "a.flac", 1)
    shutil.copy2(music / "a.flac", music / "b.flac")
    ingest(catalog, music)
    for name in ("a.flac", "b.flac"):
        (music / name).unlink()
    made, _ = ingest(catalog, music)
    assert len(made.gone) == 1


def test_songs_that_lost_their_place_are_told_once(two, music):
    for number in (1, 2):
        sound(music / f"0{number}.flac", 10 + number)
        _, report = ingest(two, music)
        assert len(report.replaced) == 1


def of(path, digest="one sound", **about):
    state = path.stat() if path.exists() else None
    size, moment = (state.st_size, state.st_mtime_ns) if state else (1, 1)
    return SoundFile(path, size, moment, digest, **about)


@pytest.mark.parametrize(("tell", "tags"), [(False, ("a",)), (True, ("b",))], ids=["a copy", "told anew"])
def test_a_copy_says_nothing_of_the_song_unless_it_is_told(catalog, music, tell, tags):
    for name in ("a", "b"):
        path = sound(music / f"{name}.flac", 1)
        kept = file_identity.keep_file(catalog, [Facts("tags", tags=(name,))], of(path), tell=tell)
    assert kept.how == "copy"
    assert songs.get(catalog, kept.song_id).tags == tags


def test_of_several_songs_of_one_sound_the_one_whose_file_is_there_is_meant(catalog, music):
    """As an older nw made them: one whose file is gone, one with its file, one that never had one."""
    gone, there = of(music / "gone.flac"), of(sound(music / "there.flac", 1))
    ids = [songs.add_or_update(catalog, [Facts("t")], file=file) for file in (gone, there)]
    assert file_identity.song_with(catalog, "one sound") == ids[1]
    (music / "there.flac").unlink()
    assert file_identity.song_with(catalog, "one sound") == ids[0]  # the first that had a file
    catalog.execute("UPDATE songs SET path = NULL WHERE id = ?", (ids[0],))
    assert file_identity.song_with(catalog, "one sound") == ids[1]
    assert file_identity.song_with(catalog, "another") is None


@pytest.mark.parametrize(
    ("gone", "lost", "is_lost", "place"),
    [
        pytest.param("b", "b", False, "a", id="a copy went: the song stays where it is"),
        pytest.param("a", "a", False, "b", id="the file went: the first copy is it now"),
        pytest.param("ab", "a", False, "c", id="that copy is there no more either: the next one"),
        pytest.param("abc", "a", True, None, id="none is there"),
    ],
)
def test_what_a_song_is_played_from_when_a_file_goes(catalog, music, gone, lost, is_lost, place):
    files = {name: sound(music / f"{name}.flac", 1) for name in "abc"}
    for path in files.values():
        song_id = file_identity.keep_file(catalog, [], of(path)).song_id
    for name in gone:
        files[name].unlink()
    assert file_identity.lose_file(catalog, str(files[lost]), song_id) is is_lost
    if place is not None:
        assert songs.get(catalog, song_id).path == files[place]


def test_a_song_of_a_data_set_does_not_become_another_sound(catalog, music):
    """Also one of an older nw, which did not write down who said what."""
    path = sound(music / "a.flac", 1)
    song_id = file_identity.keep_file(catalog, [], of(path)).song_id
    catalog.execute("UPDATE songs SET source = 'jamendo', origins = '{}' WHERE id = ?", (song_id,))
    kept = file_identity.keep_file(catalog, [], of(path, "another sound"))
    assert (kept.how, kept.released) == ("new", song_id)


def test_a_download_does_not_describe_a_song_that_has_its_file(catalog, music):
    path = sound(music / "a.flac", 1)
    song_id = file_identity.keep_file(catalog, [], of(path, duration_s=1.0)).song_id
    again = of(music / "download", duration_s=30.0)
    assert file_identity.keep_sound(catalog, [Facts("list")], again, words_only=None) == song_id
    assert songs.get(catalog, song_id).duration_s == 1
    other = of(music / "download", "other sound", duration_s=30.0)
    new = file_identity.keep_sound(catalog, [Facts("list")], other, words_only=None)
    assert songs.get(catalog, new).duration_s == 30


def write(path, rows, schema):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(schema)), path)


def take(catalog, tmp_path, shards, *, start=Cursor(), stop=None):  # noqa: B008 - frozen
    """Ingest shards, perhaps from a row on and up to another; returns the report and what was lost."""
    lost = []
    place = Place(tmp_path / "store", (str(shards),), on_lost=lost.append)
    with sources.load_streamed("shards").opened(place) as data:
        rows = [(row.cursor, clip) for row, clip in data.rows(start)][:stop]
        report = clip_ingest.keep(
            catalog, rows, source="shards", folder=tmp_path / "home", resumed=start != Cursor()
        )
    return report, lost


SCHEMA = [("id", pa.int64()), ("audio", AUDIO), ("caption", pa.string())]


def row(number, hz, caption, name="audio.wav"):
    return {"id": number, "audio": {"bytes": song(hz), "path": name}, "caption": caption}


@pytest.fixture
def restarting(tmp_path):
    """Three shards whose ids start anew, every sound another, all called audio.wav."""
    for shard in range(3):
        rows = [row(i, 200 + 50 * (3 * shard + i), f"{shard} {i}") for i in range(3)]
        write(tmp_path / "shards" / f"{shard}.parquet", rows, SCHEMA)
    return tmp_path / "shards"


def captions(catalog):
    return sorted(caption.text for s in songs.iterate(catalog, light=False) for caption in s.captions)


EVERY = sorted(f"{shard} {i}" for shard in range(3) for i in range(3))


def test_ids_that_start_anew_in_every_shard_merge_nothing(catalog, tmp_path, restarting):
    report, _ = take(catalog, tmp_path, restarting)
    assert (report.songs, songs.count(catalog)) == (9, 9)
    assert captions(catalog) == EVERY
    assert report.shared_ids == {"0", "1", "2"}
    paths = {s.path for s in songs.iterate(catalog)}
    assert len(paths) == 9
    assert all(path.is_file() for path in paths)
    take(catalog, tmp_path, restarting)
    assert (songs.count(catalog), captions(catalog)) == (9, EVERY)


@pytest.mark.parametrize("stop", [1, 4, 8])
def test_ids_that_start_anew_merge_nothing_across_a_resume(catalog, tmp_path, restarting, stop):
    report, _ = take(catalog, tmp_path, restarting, stop=stop)
    take(catalog, tmp_path, restarting, start=report.cursor)
    assert (songs.count(catalog), captions(catalog)) == (9, EVERY)


def test_rows_of_one_sound_are_one_song_and_their_captions_add_up(catalog, tmp_path):
    rows = [row(7, 300, "first"), row(7, 300, "second"), row(8, 300, "third"), row(9, 400, "other")]
    write(tmp_path / "shards" / "0.parquet", rows, SCHEMA)
    for _ in range(2):
        report, _ = take(catalog, tmp_path, tmp_path / "shards")
        assert report.songs == 2
        assert captions(catalog) == ["first", "other", "second", "third"]


def test_a_sound_of_the_folder_and_of_a_shard_are_one_song(catalog, tmp_path, music):
    (music / "mine.mp3").write_bytes(song(300))
    ingest(catalog, music)
    write(tmp_path / "shards" / "0.parquet", [row(7, 300, "said by the data set")], SCHEMA)
    take(catalog, tmp_path, tmp_path / "shards")
    assert told(catalog) == {"mine.mp3": ["said by the data set"]}


def test_id_0_is_an_id(catalog, tmp_path):
    write(tmp_path / "shards" / "0.parquet", [row(0, 300, "x", "named.wav")], SCHEMA)
    take(catalog, tmp_path, tmp_path / "shards")
    assert [s.source_id for s in songs.iterate(catalog)] == ["0"]


def test_a_file_beside_the_shard_is_read_and_what_is_not_there_is_named(catalog, tmp_path):
    shards = tmp_path / "shards"
    cells = [
        {"bytes": None, "path": "s0.mp3"},
        {"bytes": None, "path": "deep/s1.mp3"},
        {"bytes": None, "path": "none.mp3"},
        {"bytes": None, "path": "../outside.mp3"},
        {"bytes": b"", "path": None},
        None,
    ]
    write(shards / "data" / "0.parquet", [{"id": i, "audio": c} for i, c in enumerate(cells)], SCHEMA[:2])
    (shards / "data" / "deep").mkdir()
    (shards / "data" / "s0.mp3").write_bytes(song(300))
    (shards / "data" / "deep" / "s1.mp3").write_bytes(song(400))
    (tmp_path / "outside.mp3").write_bytes(song(500))
    report, _ = take(catalog, tmp_path, shards)
    assert sorted(s.path.name for s in songs.iterate(catalog)) == ["s0.mp3", "s1.mp3"]
    assert [problem.split(":")[1].strip()[:25] for problem in report.failed] == [
        "there is no file none.mp3",
        "there is no file ../outsi",
        "the row holds no sound",
        "the row holds no sound",
    ]


def test_the_words_of_a_row_without_its_sound_are_kept_and_it_counts_as_failed(catalog, tmp_path):
    rows = [{"id": 1, "audio": None, "caption": "words"}, {"id": 2, "audio": None, "caption": None}]
    write(tmp_path / "shards" / "0.parquet", rows, SCHEMA)
    report, _ = take(catalog, tmp_path, tmp_path / "shards")
    assert (report.songs, songs.count(catalog)) == (0, 1)
    assert report.failed == [
        "1: the row holds no sound; only its words are kept",
        "2: the row holds no sound",
    ]
    rows[0] = row(1, 300, "words")
    write(tmp_path / "shards" / "0.parquet", rows, SCHEMA)
    take(catalog, tmp_path, tmp_path / "shards")
    assert [(s.duration_s is not None, s.source_id) for s in songs.iterate(catalog)] == [(True, "1")]


def test_samples_with_a_rate_are_sound_and_without_one_are_named(catalog, tmp_path):
    time = np.arange(RATE_HZ) / RATE_HZ
    wave = (0.5 * np.sin(2 * np.pi * 300 * time)).tolist()
    shape = pa.struct([("array", pa.list_(pa.float64())), ("sampling_rate", pa.int64())])
    rows = [
        {"id": 1, "audio": {"array": wave, "sampling_rate": RATE_HZ}},
        {"id": 2, "audio": {"array": wave, "sampling_rate": None}},
    ]
    write(tmp_path / "shards" / "0.parquet", rows, [("id", pa.int64()), ("audio", shape)])
    report, _ = take(catalog, tmp_path, tmp_path / "shards")
    [found] = songs.iterate(catalog)
    assert (found.duration_s, found.rate_hz) == (pytest.approx(1), RATE_HZ)
    assert len(report.failed) == 1
    assert "nothing says how many" in report.failed[0]


@pytest.mark.parametrize(
    ("samples", "rate", "shape"),
    [
        pytest.param([0.0, 0.5], 8_000, (2, 1), id="mono"),
        pytest.param([[0.0, 0.5, 0.1], [0.1, 0.2, 0.3]], 8_000, (3, 2), id="channels first"),
        pytest.param([[0.0, 0.5], [0.1, 0.2], [0.1, 0.2]], 8_000, (3, 2), id="channels last"),
        pytest.param([0, 16_384, -32_768], "8000", (3, 1), id="16-bit numbers"),
    ],
)
def test_samples_of_any_shape(samples, rate, shape):
    import io

    read, hz = soundfile.read(io.BytesIO(encoded(samples, rate)), always_2d=True)
    assert (read.shape, hz) == (shape, 8_000)
    assert np.abs(read).max() <= 1


@pytest.mark.parametrize(
    ("samples", "rate", "why"),
    [
        ([0.1], None, "nothing says"),
        ([0.1], 1, "no rate of sound"),
        ([], 8_000, "shape"),
        (["a"], 8_000, "not all numbers"),
        ([[0.1], [0.2, 0.3]], 8_000, "not all numbers"),
        ([float("nan")], 8_000, "finite"),
        ([[[0.1]]], 8_000, "shape"),
    ],
)
def test_samples_that_are_no_sound_say_why(samples, rate, why):
    with pytest.raises(ValueError, match=why):
        encoded(samples, rate)


def test_rows_of_words_alone_are_songs_by_where_they_lie(catalog, tmp_path):
    """Without a sound nothing tells two rows apart but their place; a second ingest finds them again."""
    schema = [("id", pa.int64()), ("title", pa.string()), ("year", pa.string())]
    for shard, title in enumerate(("one", "two")):
        rows = [{"id": 0, "title": title, "year": "unknown"}]
        write(tmp_path / "shards" / f"{shard}.parquet", rows, schema)
    for _ in range(2):
        report, _ = take(catalog, tmp_path, tmp_path / "shards")
        assert report.failed == []
        assert sorted(s.title for s in songs.iterate(catalog)) == ["one", "two"]
        assert {s.year for s in songs.iterate(catalog)} == {None}
