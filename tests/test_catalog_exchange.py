"""A catalog that was exported is the same catalog elsewhere, and two catalogs meet by sound."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from catalog import exchange
from catalog.errors import Unreadable, WrongUse
from catalog.files import folder
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding
from catalog.library.precedence import DETECTED
from catalog.records import Caption, Facts, Line, SoundFile


def sound(name, audio_hash):
    return SoundFile(name, 1, 1, audio_hash, duration_s=12.0, rate_hz=44100, channels=2, format="flac")


@pytest.fixture
def elsewhere(tmp_path):
    with Catalog.open(tmp_path / "elsewhere" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def exported(catalog, tmp_path):
    harbour = [
        Facts("tags", {"title": "Harbour", "artist": "Old Salts", "year": 1971}, tags=("folk",)),
        Facts("table", tags=("sea",), captions=(Caption("a shanty", 1.0, 2.0, "table"),), extra={"bpm": 90}),
        Facts("sidecar", lyrics=(Line("we sail", 3.5), Line("away", None))),
    ]
    songs.add_or_update(catalog, harbour, file=sound(tmp_path / "a.flac", "aa"))
    songs.add_or_update(catalog, [Facts("tags", {"title": "Anvil"})], file=sound(tmp_path / "b.flac", "bb"))
    embeddings.register_pipeline(catalog, "ears/1", role="sound", meta={"window_s": 10})
    windows = np.array([[1, 0], [0.6, 0.8]], np.float16)
    embeddings.put_many(catalog, "ears/1", [Embedding("aa", windows, windows[1], [{"lines": [0, 1]}, None])])
    done = exchange.export(catalog, tmp_path / "out")
    assert (done.songs, done.embeddings) == (2, 1)
    return tmp_path / "out"


def told(catalog, title):
    [song] = [one for one in songs.iterate(catalog, light=False) if one.title == title]
    return song


def test_everything_said_of_a_song_arrives_with_its_origin(catalog, exported, elsewhere):
    steps = []
    done = exchange.take_in(elsewhere, exported, progress=steps.append)
    assert (done.songs, done.new, done.known, done.embeddings) == (2, 2, 0, 1)
    assert steps == [2, 1]  # songs, then vectors
    before, after = told(catalog, "Harbour"), told(elsewhere, "Harbour")
    for name in ("artist", "year", "tags", "lyrics", "captions", "extra", "origins", "duration_s", "format"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.path is None


def test_vectors_arrive_as_they_were(catalog, exported, elsewhere):
    exchange.take_in(elsewhere, exported)
    [before], [after] = (list(embeddings.all_of(one, "ears/1")) for one in (catalog, elsewhere))
    assert np.array_equal(after.windows, before.windows)
    assert np.array_equal(after.track, before.track)
    assert after.labels == before.labels
    assert embeddings.pipelines(elsewhere) == embeddings.pipelines(catalog)


def test_songs_meet_by_their_sound_and_their_own_tags_stay(exported, elsewhere, tmp_path):
    mine = [Facts("tags", {"title": "Hafen"}, tags=("mine",))]
    songs.add_or_update(elsewhere, mine, file=sound(tmp_path / "elsewhere.flac", "aa"))
    done = exchange.take_in(elsewhere, exported)
    assert (done.known, done.new) == (1, 1)
    song = told(elsewhere, "Hafen")
    assert song.tags == ("mine", "sea")
    assert [caption.text for caption in song.captions] == ["a shanty"]
    assert embeddings.embedded_by(elsewhere, song.id) == [("ears/1", "sound", 2)]


def test_vectors_of_sound_and_of_words_keep_their_role_and_are_counted_each(catalog, elsewhere, tmp_path):
    row = np.array([[1, 0]], np.float16)
    for role, contents in (("sound", "ab"), ("words", "c")):
        embeddings.register_pipeline(catalog, f"{role}/1", role=role, meta={})
        some = [Embedding(content, row, row[0]) for content in contents]
        embeddings.put_many(catalog, f"{role}/1", some)
    exchange.export(catalog, tmp_path / "out")
    assert exchange.take_in(elsewhere, tmp_path / "out").embeddings == 3
    roles = {(pipeline, role) for pipeline, role, *_ in embeddings.pipelines(elsewhere)}
    assert roles == {("sound/1", "sound"), ("words/1", "words")}


@pytest.mark.parametrize("column", ["tags", "captions", "lyrics"])
def test_an_empty_cell_is_an_empty_list(exported, elsewhere, column):
    """A program that wrote the file again may leave a null where we write none."""
    [path] = [path for path in exported.iterdir() if column in pq.read_schema(path).names]
    table = pq.read_table(path)
    at = table.schema.get_field_index(column)
    nothing = pa.nulls(len(table), table.schema.field(at).type)
    pq.write_table(table.set_column(at, table.schema.field(at), nothing), path)
    assert exchange.take_in(elsewhere, exported).new == 2
    song = told(elsewhere, "Harbour")
    empty = {name for name in ("tags", "captions", "lyrics") if not getattr(song, name)}
    assert empty == {column}


def test_notes_arrive_with_whoever_said_each(catalog, elsewhere, tmp_path):
    said = [Facts("table", extra={"bpm": 90}), Facts("user", extra={"key": "d"})]
    songs.add_or_update(catalog, said, file=sound(tmp_path / "a.flac", "aa"))
    exchange.export(catalog, tmp_path / "out")
    exchange.take_in(elsewhere, tmp_path / "out")
    [song] = songs.iterate(elsewhere, light=False)
    assert song.extra == {"bpm": 90, "key": "d"}
    assert (song.origins["extra.bpm"], song.origins["extra.key"]) == ("table", "user")


def test_a_guess_does_not_travel(catalog, elsewhere, tmp_path):
    """There it was guessed from other lyrics; here it is guessed from those that are here."""
    english = "the winter is long and I am waiting for the summer to come back to me"
    german = "der Winter ist lang und ich warte darauf, dass der Sommer zu mir zurückkommt"
    for one, words in ((catalog, english), (elsewhere, german)):
        facts = Facts("sidecar", lyrics=(Line(words),))
        songs.add_or_update(one, [facts], file=sound(tmp_path / "a.flac", "aa"))
    assert [song.language for song in songs.iterate(catalog, light=False)] == ["en"]
    exchange.export(catalog, tmp_path / "out")
    exchange.take_in(elsewhere, tmp_path / "out")
    [song] = songs.iterate(elsewhere, light=False)
    assert (song.language, song.origins["language"]) == ("de", DETECTED)


def test_a_song_is_known_or_new_once(catalog, elsewhere, tmp_path):
    """Of an older nw two songs here may have one sound; a song without sound is known by its data set."""
    songs.add_or_update(catalog, [Facts("t", {"title": "A"})], file=sound(tmp_path / "a.flac", "aa"))
    listed = [Facts("t", {"title": "B", "source": "list", "source_id": "7"})]
    songs.add_or_update(catalog, listed)
    exchange.export(catalog, tmp_path / "out")
    for name in ("one.flac", "two.flac"):
        songs.add_or_update(elsewhere, [Facts("user")], file=sound(tmp_path / name, "aa"))
    songs.add_or_update(elsewhere, listed)
    done = exchange.take_in(elsewhere, tmp_path / "out")
    assert (done.songs, done.known, done.new) == (2, 1, 0)
    assert songs.count(elsewhere) == 3


def test_a_second_import_changes_nothing(exported, elsewhere):
    exchange.take_in(elsewhere, exported)
    first = list(songs.iterate(elsewhere, light=False))
    done = exchange.take_in(elsewhere, exported)
    assert (done.known, done.new) == (2, 0)
    assert list(songs.iterate(elsewhere, light=False)) == first


def test_a_song_that_came_without_its_file_gets_it_when_its_sound_turns_up(catalog, elsewhere, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    soundfile.write(music / "Harbour.flac", np.zeros(44_100), 44_100)
    for one in (catalog, elsewhere):
        if one is elsewhere:
            exchange.export(catalog, tmp_path / "out")
            exchange.take_in(elsewhere, tmp_path / "out")
        folder.carry_out(one, folder.plan(one, [music]), jobs=1)
    assert songs.count(elsewhere) == 1
    assert told(elsewhere, "Harbour").path == music / "Harbour.flac"


def test_what_a_kill_left_of_an_export_is_cleared_by_the_next(catalog, tmp_path):
    (tmp_path / ".nw-0123456789ab.part").mkdir()
    (tmp_path / "mine.part").write_text("of somebody else")
    exchange.export(catalog, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.glob("*.part")) == ["mine.part"]
    assert not list(tmp_path.glob(".nw-*"))


def test_what_exists_is_never_written_over(catalog, exported):
    with pytest.raises(WrongUse, match="exists"):
        exchange.export(catalog, exported)


def test_what_another_export_wrote_meanwhile_stays(catalog, tmp_path, monkeypatch):
    """It was "nw stumbled: Directory not empty"."""
    write = exchange._write

    def overtaken(path, *given):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / "theirs").write_text("whole")
        return write(path, *given)

    monkeypatch.setattr(exchange, "_write", overtaken)
    with pytest.raises(WrongUse, match="exists"):
        exchange.export(catalog, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["theirs"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".nw-")] == []


def test_what_is_no_export_is_named(elsewhere, exported, tmp_path):
    with pytest.raises(Unreadable, match="cannot be read"):
        exchange.take_in(elsewhere, tmp_path)
    table = pq.read_table(exported / exchange.SONGS).drop_columns(["origins"])
    pq.write_table(table, exported / exchange.SONGS)
    with pytest.raises(Unreadable, match="origins"):
        exchange.take_in(elsewhere, exported)
    assert songs.count(elsewhere) == 0


def changed(folder, name, column, value):
    """Let the first row of a file of an export say something else there."""
    rows = pq.read_table(folder / name)
    first, *others = rows.to_pylist()
    pq.write_table(
        pa.Table.from_pylist([first | {column: value}, *others], schema=rows.schema), folder / name
    )


NOBODY = {"tag": "calm", "origin": None}
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "column", "value", "why"),
    [
        pytest.param(exchange.SONGS, "extra", "{oops", "extra holds no JSON object", id="no JSON"),
        pytest.param(exchange.SONGS, "origins", '["title"]', "origins holds no JSON object", id="a list"),
        pytest.param(exchange.SONGS, "extra", "[" * 99_999, "extra holds no JSON object", id="too deep"),
        pytest.param(exchange.SONGS, "origins", '{"title": ["a"]}', "who said what", id="several said it"),
        pytest.param(exchange.SONGS, "tags", [NOBODY], "who said what", id="a tag of nobody"),
        pytest.param(exchange.EMBEDDINGS, "pipeline", None, "which vectors", id="no pipeline"),
        pytest.param(exchange.EMBEDDINGS, "content_hash", "", "which vectors", id="of nothing"),
        pytest.param(
            exchange.EMBEDDINGS, "role", "smell", "smell, which is none of sound", id="no such role"
        ),
        pytest.param(exchange.EMBEDDINGS, "meta", "[1]", "meta holds no JSON object", id="meta is a list"),
        pytest.param(exchange.EMBEDDINGS, "labels", "[null]", "1 label for 2 windows", id="too few labels"),
        pytest.param(exchange.EMBEDDINGS, "labels", "5", "labels holds no JSON list", id="labels are none"),
        pytest.param(exchange.EMBEDDINGS, "track", [1.0], "do not belong together", id="another length"),
        pytest.param(exchange.EMBEDDINGS, "track", None, "do not belong together", id="no track vector"),
        pytest.param(exchange.EMBEDDINGS, "track", [1.0, NAN], "not all finite", id="nan"),
        pytest.param(exchange.EMBEDDINGS, "track", [1.0, 1e30], "not all finite", id="too large for a half"),
        pytest.param(exchange.EMBEDDINGS, "track", [3.0, 4.0], "the length 5, not 1", id="not normalized"),
        pytest.param(exchange.EMBEDDINGS, "windows", [[1, 0], [1]], "not all of one length", id="ragged"),
        pytest.param(exchange.EMBEDDINGS, "windows", None, "do not belong together", id="no windows"),
    ],
)
def test_an_odd_row_costs_itself_and_is_named(elsewhere, exported, name, column, value, why):
    changed(exported, name, column, value)
    done = exchange.take_in(elsewhere, exported)
    [odd] = done.odd
    assert odd.startswith(f"row 1 of {name}: ")
    assert why in odd
    is_song = name == exchange.SONGS
    assert (done.songs, done.embeddings) == ((1, 1) if is_song else (2, 0))
    assert songs.count(elsewhere) == (1 if is_song else 2)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [("duration_s", -5.0, None), ("duration_s", INF, None), ("year", 90_000, None), ("audio_hash", "", None)],
)
def test_a_value_that_a_column_cannot_hold_is_not_kept(elsewhere, exported, column, value, kept):
    changed(exported, exchange.SONGS, column, value)
    assert exchange.take_in(elsewhere, exported).odd == []
    assert elsewhere.fetch(f"SELECT {column} FROM songs ORDER BY id LIMIT 1") == [(kept,)]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("tags", pa.list_(pa.string())),
        ("title", pa.int64()),
        ("year", pa.bool_()),
        ("audio_hash", pa.binary()),
    ],
)
def test_a_column_of_another_kind_is_named_before_anything_is_taken_in(elsewhere, exported, column, kind):
    path = exported / exchange.SONGS
    table = pq.read_table(path)
    at = table.schema.get_field_index(column)
    odd = pa.array([{"tags": ["calm"], "title": 1, "year": True, "audio_hash": b"aa"}[column]] * 2, kind)
    pq.write_table(table.set_column(at, column, odd), path)
    with pytest.raises(Unreadable, match=f"its column {column} holds"):
        exchange.take_in(elsewhere, exported)
    assert songs.count(elsewhere) == 0


def test_no_song_is_taken_in_where_the_vectors_are_no_export(elsewhere, exported):
    (exported / exchange.EMBEDDINGS).write_bytes((exported / exchange.SONGS).read_bytes())
    with pytest.raises(Unreadable, match="lacks the columns"):
        exchange.take_in(elsewhere, exported)
    assert songs.count(elsewhere) == 0


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(elsewhere, exported):
    (exported / exchange.EMBEDDINGS).unlink()
    os.mkfifo(exported / exchange.EMBEDDINGS)
    with pytest.raises(Unreadable, match="it is a pipe and no file"):
        exchange.take_in(elsewhere, exported)


def test_columns_laid_out_in_another_way_are_the_same(catalog, exported, elsewhere):
    path = exported / exchange.SONGS
    table = pq.read_table(path)
    for column in ("title", "audio_hash"):
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, table[column].dictionary_encode())
    year = table.schema.get_field_index("year")
    table = table.set_column(year, "year", table["year"].cast(pa.float64()))
    pq.write_table(table, path)
    assert exchange.take_in(elsewhere, exported).new == 2
    assert told(elsewhere, "Harbour").year == 1971


def test_an_id_of_another_sound_is_another_song(catalog, elsewhere, tmp_path):
    """What a song sounds like says which it is: the one here with that id got the other's sound."""
    for here, audio_hash in ((catalog, "aa"), (elsewhere, "bb")):
        clip = Facts("set", {"title": audio_hash, "source": "set", "source_id": "7"})
        song_id = songs.add_or_update(here, [clip])
        here.execute("UPDATE songs SET audio_hash = ? WHERE id = ?", (audio_hash, song_id))
    exchange.export(catalog, tmp_path / "out")
    assert exchange.take_in(elsewhere, tmp_path / "out").new == 1
    found = elsewhere.fetch("SELECT title, audio_hash FROM songs ORDER BY id")
    assert found == [("bb", "bb"), ("aa", "aa")]


def test_what_is_here_of_a_pipeline_stays(catalog, exported, elsewhere):
    """An export of vectors made otherwise under one name changes none that are here, and adds none."""
    embeddings.register_pipeline(elsewhere, "ears/1", role="sound", meta={"window_s": 30})
    ours = np.array([[0, 1]], np.float16)
    embeddings.put_many(elsewhere, "ears/1", [Embedding("aa", ours, ours[0])])
    changed(exported, exchange.EMBEDDINGS, "meta", '{"window_s": "long"}')
    assert exchange.take_in(elsewhere, exported).odd == []
    [(_, _, meta, _)] = embeddings.pipelines(elsewhere)
    assert meta == {"window_s": 30}
    [kept] = embeddings.all_of(elsewhere, "ears/1")
    assert kept.track.tolist() == [0, 1]
    three = [[1.0, 0.0, 0.0]] * 2
    for column, value in (("content_hash", "cc"), ("track", three[0]), ("windows", three)):
        changed(exported, exchange.EMBEDDINGS, column, value)
    assert "have 2 numbers here, and 3 there" in exchange.take_in(elsewhere, exported).odd[0]


def test_the_command_names_odd_rows_and_ends_with_3(exported, nw):
    changed(exported, exchange.EMBEDDINGS, "track", [NAN, NAN])
    said = nw("catalog", "import", str(exported), code=3).err
    assert "left out: row 1 of embeddings.parquet: the vectors of aa are not all finite" in said
    assert "1 row could not be taken in" in said
