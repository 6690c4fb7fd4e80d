"""Tables: every kind of file, every way to name a song, and columns nobody foresaw."""

import csv
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.errors import Unreadable, WrongUse
from catalog.files.table import add_table
from catalog.library import songs
from catalog.records import Caption, Facts, Line, SoundFile
from catalog.tables import read_rows

ROWS = [
    {"path": "a.mp3", "caption": "a calm song", "tags": "piano, calm", "mood_score": "0.7", "Title": "Calm"},
    {"path": "deep/b.mp3", "caption": "loud", "tags": "", "mood_score": "", "Title": ""},
]


@pytest.fixture
def library(catalog):
    for number, name in enumerate(["a.mp3", "deep/b.mp3", "other/b.mp3", "1004.2min.mp3"]):
        file = SoundFile(Path("/music") / name, 1, 1, f"h{number}")
        songs.add_or_update(catalog, [Facts("tags", {"title": name}, tags=("tagged",))], file=file)
    songs.add_or_update(catalog, [Facts("jamendo", {"title": "j", "source": "jamendo", "source_id": "214"})])
    return catalog


def write(path, rows):
    if path.suffix == ".parquet":
        pq.write_table(
            pa.Table.from_pylist([{**row, "audio": {"bytes": b"x", "path": "y"}} for row in rows]), path
        )
    elif path.suffix in (".jsonl", ".json"):
        texts = [json.dumps(row) for row in rows]
        path.write_text("\n".join(texts) + "\n" if path.suffix == ".jsonl" else f"[{','.join(texts)}]")
    else:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter={".tsv": "\t", ".csv": ";"}[path.suffix])
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_kind_of_table(library, tmp_path, ending):
    table = write(tmp_path / f"t.{ending}", ROWS)
    assert add_table(library, table, dry_run=True).songs == 2
    assert songs.get(library, 1).captions == ()
    report = add_table(library, table)
    assert (report.rows, report.songs, report.unmatched, report.ambiguous) == (2, 2, 0, 0)
    song = songs.get(library, 1)
    assert (song.title, song.origins["title"]) == ("Calm", f"table:t.{ending}")
    assert song.captions == (Caption("a calm song", origin=f"table:t.{ending}"),)
    assert song.tags == ("calm", "piano", "tagged")
    assert song.extra == {"mood_score": "0.7"}
    other = songs.get(library, 2)
    assert (other.title, [caption.text for caption in other.captions]) == ("deep/b.mp3", ["loud"])


@pytest.mark.parametrize(
    ("column", "value", "song"),
    [
        ("path", "/music/deep/b.mp3", 2),
        ("path", "deep/b.mp3", 2),
        ("path", "./other/b.mp3", 3),
        ("File Name", "A.MP3", 1),
        ("file", "a.wav", 1),
        ("filename", "a", 1),
        ("path", "04/1004.mp3", 4),
        ("track_id", "1004", 4),
        ("track_id", 214, 5),
        ("id", "a", 1),
        ("song_id", 3, 3),
        ("id", "3", None),
        ("path", "b.mp3", "several"),
        ("path", "nowhere.mp3", None),
        ("path", "", None),
    ],
)
def test_every_way_to_name_a_song(library, tmp_path, column, value, song):
    report = add_table(library, write(tmp_path / "t.jsonl", [{column: value, "caption": "found"}]))
    found = [s.id for s in songs.iterate(library, light=False) if s.captions]
    assert found == ([song] if isinstance(song, int) else [])
    assert (report.ambiguous, report.unmatched) == (int(song == "several"), int(song is None))
    assert len(report.examples) == int(not found)


def test_rows_of_one_song_add_up_and_a_second_time_replaces(library, tmp_path):
    rows = [
        {"id": "214", "caption": "first", "start_time": 0, "end_time": 30, "tags": ["a"]},
        {"id": "214", "caption": "second", "start_time": 30, "end_time": 60, "tags": ["b"]},
    ]
    for _ in range(2):
        add_table(library, write(tmp_path / "t.jsonl", rows))
        song = songs.get(library, 5)
        assert [(c.text, c.start_s, c.end_s) for c in song.captions] == [("first", 0, 30), ("second", 30, 60)]
        assert song.tags == ("a", "b")


def test_lyrics_in_the_cell_or_in_a_file_that_it_names(library, tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "a.lrc").write_text("[00:01]from a file")
    rows = [{"path": "a.mp3", "lyrics": "words/a.lrc"}, {"path": "deep/b.mp3", "lyrics": "so\nlong"}]
    add_table(library, write(tmp_path / "t.jsonl", rows))
    assert songs.get(library, 1).lyrics == (Line("from a file", 1.0),)
    assert songs.get(library, 2).lyrics == (Line("so"), Line("long"))


def test_odd_values(library, tmp_path):
    row = {
        "path": "a.mp3",
        "aspect_list": "['low quality', 'sad']",
        "year": "1999-01-02",
        "artists": ["A", "B"],
    }
    add_table(
        library, write(tmp_path / "t.jsonl", [row | {"nothing": None, "nan": float("nan"), "list": [1]}])
    )
    song = songs.get(library, 1)
    assert song.tags == ("low quality", "sad", "tagged")
    assert (song.year, song.artist, song.extra) == (1999, "A, B", {"list": [1]})


@pytest.mark.parametrize(
    ("name", "content", "kind", "says"),
    [
        (
            "t.csv",
            "colour,shape\nred,round\n",
            WrongUse,
            "no column of .* there are: colour, shape",
        ),
        ("t.xlsx", "x", WrongUse, "no table that nw reads"),
        ("t.csv", "PK\x03\x04\x14\0\0\0\x08\0", Unreadable, "bytes that no text has"),
        ("t.csv", "<!DOCTYPE html><html><body>Sign in</body></html>\n", Unreadable, "it is a page"),
        ("t.jsonl", '{"path": "a.mp3"\n', Unreadable, "cannot be read as a table"),
        ("t.jsonl", "[1]\n", Unreadable, "not an object"),
        ("t.parquet", "x", Unreadable, "cannot be read as a table"),
        ("none.csv", None, Unreadable, "there is no table .*none.csv"),
    ],
)
def test_what_is_no_table_is_explained(library, tmp_path, name, content, kind, says):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(kind, match=says):
        add_table(library, path)
    assert songs.count(library) == 5


def test_a_pipe_is_no_table_and_is_not_waited_for(library, tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(Unreadable, match="no regular file"):
        add_table(library, tmp_path / "t.csv")


def test_words_in_bytes_are_words_and_what_is_no_number_is_named(library, tmp_path):
    [song] = [song for song in songs.iterate(library) if song.source == "folder"][:1]
    row = {"nw_id": song.id, "artist": "Zoë".encode(), "year": "unknown", "tags": ["Rock", None, "rock"]}
    pq.write_table(pa.Table.from_pylist([{**row, "cover": b"\x89PNG"}]), tmp_path / "t.parquet")
    report = add_table(library, tmp_path / "t.parquet")
    assert report.left_out == [f"{song.id}: year 'unknown' is no year"]
    after = songs.get(library, song.id)
    assert (after.artist, after.year, after.extra) == ("Zoë", None, {})
    assert "Rock" in after.tags
    assert "rock" not in after.tags


@pytest.fixture
def numbers(catalog):
    """Files that are called by numbers, one of them with a title and an artist."""
    tagged = {"title": "Harbour", "artist": "Ada"}
    files = [("5.flac", {}), ("2.0 Reloaded.flac", {}), ("0.flac", {}), ("Ada - Harbour.flac", tagged)]
    for number, (name, values) in enumerate(files):
        file = SoundFile(Path("/music") / name, 1, 1, f"h{number}")
        songs.add_or_update(catalog, [Facts("tags", values or {"title": name})], file=file)
    return catalog


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            [{"title": "Harbour", "artist": "Ada", "key": 5}], [4], id="`key` is a musical key, and no name"
        ),
        pytest.param(
            [{"id": i, "title": "Harbour" if i == 5 else "?", "artist": "Ada"} for i in range(6)],
            [4],
            id="an id that counts rows is no name",
        ),
        pytest.param(
            [{"id": 5, "title": "harbour", "artist": "ADA"}], [4], id="artist and title before a number"
        ),
        pytest.param([{"id": 2}], [], id="half of a name is no name"),
        pytest.param([{"id": 0}, {"id": 1}, {"id": 2}], [], id="ids that count, with no song for some"),
        pytest.param([{"track_id": 0}], [3], id="0 is an id"),
        pytest.param([{"id": 5.0}, {"id": float("nan")}], [1], id="5.0 is 5, and NaN names nothing"),
        pytest.param([{"title": "Harbour", "artist": "Bea"}], [], id="a title of another artist"),
        pytest.param([{"title": "Harbour", "artist": None}], [], id="a title alone"),
    ],
)
def test_a_name_is_no_identity(numbers, tmp_path, rows, told):
    table = write(tmp_path / "t.jsonl", [{**row, "caption": "told"} for row in rows])
    report = add_table(numbers, table)
    assert [s.id for s in songs.iterate(numbers, light=False) if s.captions] == told
    assert report.unmatched + report.ambiguous == len(rows) - len(told)


@pytest.fixture
def albums(catalog):
    for number, name in enumerate(["A/01.flac", "B/01.flac", "A/intro.flac", "C/02.flac"]):
        file = SoundFile(Path("/music") / name, 1, 1, f"h{number}")
        songs.add_or_update(catalog, [Facts("tags", {"title": name})], file=file)
    return catalog


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        pytest.param(["A/01.flac", "B/01.flac"], [1, 2], id="the folders decide"),
        pytest.param(["x/music/B/01.mp3"], [2], id="as many folders as agree"),
        pytest.param(["01.flac"], [], id="a name that two have"),
        pytest.param(["D/01.flac"], [], id="a name that two have, in no folder of theirs"),
        pytest.param(["D/02.flac"], [], id="a track's number in another folder"),
        pytest.param(["02.flac"], [4], id="a track's number that one alone has, without a folder"),
        pytest.param(["A/intro.flac", "B/intro.flac"], [3], id="of two rows for one file, the nearer"),
        pytest.param(["somewhere/intro.flac"], [3], id="a name of its own, wherever it lay"),
    ],
)
def test_folders_decide_where_a_name_is_not_unique(albums, tmp_path, paths, told):
    rows = [{"path": path, "caption": f"of {path}"} for path in paths]
    report = add_table(albums, write(tmp_path / "t.jsonl", rows))
    assert [s.id for s in songs.iterate(albums, light=False) if s.captions] == told
    assert (report.unmatched + report.ambiguous > 0) is (len(told) < len(paths))
    for song in songs.iterate(albums, light=False):
        assert len(song.captions) <= 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("t.csv", "sep=;\nfile;caption\na.mp3;calm, slow\n", id="Excel's hint"),
        pytest.param("t.csv", 'sep=|\r\nfile|caption\r\na.mp3|"calm, slow"\r\n', id="another hint"),
        pytest.param("t.csv", "file;a,b,c,d;caption\na.mp3;x;calm, slow\n", id="commas in a heading"),
        pytest.param("t.csv", 'file\tcaption\na.mp3\t"calm, slow"\n', id="tabs in a .csv"),
        pytest.param("t.tsv", 'file,caption\na.mp3,"calm, slow"\n', id="commas in a .tsv"),
        pytest.param("t.csv", 'caption,file\n"calm, slow",a.mp3\n', id="commas"),
    ],
)
def test_what_separates_cells_is_seen(library, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert add_table(library, tmp_path / name).songs == 1
    assert [caption.text for caption in songs.get(library, 1).captions] == ["calm, slow"]


def test_lyrics_as_a_list_are_lines_and_none_is_no_tag(library, tmp_path):
    row = {"path": "a.mp3", "lyrics": ["first line", "second line"], "tags": [None, "calm"]}
    add_table(library, write(tmp_path / "t.jsonl", [row]))
    song = songs.get(library, 1)
    assert song.lyrics == (Line("first line"), Line("second line"))
    assert song.tags == ("calm", "tagged")


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param("[" + "-" * 100_000 + "1]", id="100,000 minus signs"),
        pytest.param("[" * 100_000, id="100,000 brackets"),
        pytest.param("['" + "x" * 100_000, id="a quote that never ends"),
        pytest.param("['" + "\\" * 50_000 + "']", id="backslashes"),
        pytest.param("[" + "(" * 5_000 + ")" * 5_000 + "]", id="parentheses"),
    ],
)
def test_one_poisoned_cell_costs_itself(library, tmp_path, poison):
    rows = [
        {"path": "a.mp3", "tags": poison, "caption": "still told"},
        {"path": "deep/b.mp3", "tags": "calm"},
    ]
    assert add_table(library, write(tmp_path / "t.jsonl", rows)).songs == 2
    assert [caption.text for caption in songs.get(library, 1).captions] == ["still told"]
    assert "calm" in songs.get(library, 2).tags


def test_a_row_that_cannot_be_read_is_named_and_the_rest_told(library, tmp_path):
    lines = [json.dumps({"path": "a.mp3", "caption": "told"}), "[" * 100_000, '{"path": "deep/b.mp3"']
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    report = add_table(library, tmp_path / "t.jsonl")
    assert (report.rows, report.songs) == (1, 1)
    assert [problem.split(":")[0] for problem in report.failed] == ["t.jsonl, line 2", "t.jsonl, line 3"]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        pytest.param(
            ["a.mp3,told", 'deep/b.mp3,"a "" quotation', "other/b.mp3,told"], 3, id="the rest goes on"
        ),
        pytest.param(
            ["", "a.mp3,told", "", 'deep/b.mp3,"open', "other/b.mp3,told"], 5, id="lines without cells"
        ),
        pytest.param(['a.mp3,"to\nld"', 'deep/b.mp3,"open', "other/b.mp3,told"], 4, id="a cell of two lines"),
        pytest.param(["a.mp3,told", "other/b.mp3,told", 'deep/b.mp3,"open'], 4, id="in the last line"),
    ],
)
def test_a_quotation_mark_that_none_closes_costs_its_line(library, tmp_path, lines, line):
    (tmp_path / "t.csv").write_text("\n".join(["path,caption", *lines]))
    report = add_table(library, tmp_path / "t.csv")
    assert (report.rows, report.songs) == (2, 2)
    assert report.failed == [f"t.csv, line {line}: a quotation mark opens a cell and none closes it"]
    assert not songs.get(library, 2).captions


def test_a_table_whose_rows_are_lost_is_none_for_whoever_wants_all_of_it(tmp_path):
    (tmp_path / "t.csv").write_text('path,caption\na.mp3,told\nb.mp3,"open\n')
    with pytest.raises(Unreadable, match="line 3: a quotation mark"):
        list(read_rows(tmp_path / "t.csv"))


def test_cells_beyond_the_last_column_are_named(library, tmp_path):
    rows = ["", "path,caption", "a.mp3,calm, slow, and short", "deep/b.mp3,loud,,", "other/b.mp3"]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    report = add_table(library, tmp_path / "t.csv")
    assert (report.rows, report.songs, report.failed) == (3, 3, [])
    assert report.left_out == ["t.csv, line 3: 4 cells for 2 columns, so not this:  slow;  and short"]


def no_utf8(count):
    """A column of text whose bytes are none."""
    texts = pa.array(["xx"] * count)
    return pa.Array.from_buffers(
        pa.string(), count, [None, texts.buffers()[1], pa.py_buffer(b"\xff!" * count)]
    )


@pytest.mark.parametrize(
    ("column", "cells", "kept"),
    [
        pytest.param("year", pa.array([2**50] * 2, pa.timestamp("ms")), None, id="beyond the calendar"),
        pytest.param("year", pa.array([2**30] * 2, pa.date32()), None, id="a day beyond the calendar"),
        pytest.param("year", pa.array([0] * 2, pa.timestamp("s", tz="Z")), 1970, id="no such time zone"),
        pytest.param("album", no_utf8(2), "\ufffd!", id="no UTF-8"),
    ],
)
def test_an_odd_cell_of_parquet_costs_itself(library, tmp_path, column, cells, kept):
    """The row went with it, and all rows where the time zone was odd."""
    table = pa.table({"path": ["a.mp3", "deep/b.mp3"], "caption": ["calm", "told"], column: cells})
    pq.write_table(table, tmp_path / "t.parquet")
    report = add_table(library, tmp_path / "t.parquet")
    assert (report.songs, report.failed) == (2, [])
    song = songs.get(library, 1)
    assert [caption.text for caption in song.captions] == ["calm"]
    assert getattr(song, column) == kept
    assert len(report.left_out) == (2 if kept is None else 0)


def test_a_row_of_json_without_a_name_costs_itself(library, tmp_path):
    rows = [{"caption": "of whom?"}, {"path": "a.mp3", "caption": "told"}]
    report = add_table(library, write(tmp_path / "t.jsonl", rows))
    assert (report.rows, report.songs, report.unmatched) == (2, 1, 1)


def test_of_many_columns_an_error_names_some(library, tmp_path):
    columns = ["caption", "x" * 5_000, *(f"c{number}" for number in range(3_000))]
    (tmp_path / "t.csv").write_text(",".join(columns) + "\n" + ",".join(["1"] * len(columns)))
    with pytest.raises(WrongUse, match="there are: caption, .* and 2,982 more") as problem:
        add_table(library, tmp_path / "t.csv")
    assert len(str(problem.value)) < 1_000
