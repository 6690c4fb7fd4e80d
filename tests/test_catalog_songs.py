"""Songs: whose word counts, what a second reading of a file forgets, and that nothing is lost on the way."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import NoSuchSong
from catalog.library import filters, songs
from catalog.library.failures import Failure, clear_failures, failures, record_failure
from catalog.library.song_texts import texts_for_words
from catalog.records import Caption, Facts, Line, SoundFile
from catalog.values.text import clean

FILE = SoundFile(Path("/m/a.mp3"), 10, 20, "hash", 61.5, 44100, 2, "mp3")
TAGS = Facts(
    "tags",
    {"title": "Tagged", "artist": "Ada", "year": 1980},
    tags=("rock", "loud"),
    lyrics=(Line("from the tags"),),
    extra={"bpm": 120},
)
NAME = Facts("name", {"title": "a"})


def test_everything_said_of_a_song_comes_back(catalog):
    captions = (Caption("calm", 1.0, 2.5, "table"), Caption("then loud", origin="table"))
    facts = [
        NAME,
        TAGS,
        Facts("sidecar", lyrics=(Line("one", 1.5), Line("two"))),
        Facts("table", captions=captions),
    ]
    song = songs.get(catalog, songs.add_or_update(catalog, facts, file=FILE))
    assert (song.title, song.artist, song.year, song.duration_s) == ("Tagged", "Ada", 1980, 61.5)
    assert song.path == FILE.path
    assert song.tags == ("loud", "rock")
    assert song.lyrics == (Line("one", 1.5), Line("two"))
    assert song.captions == captions
    assert song.extra == {"bpm": 120}
    assert song.origins == {
        "title": "tags",
        "artist": "tags",
        "year": "tags",
        "extra.bpm": "tags",
        "lyrics": "sidecar",
    }


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        pytest.param("name", "tags", "then", id="tags beat the file's name"),
        pytest.param("tags", "name", "first", id="whatever comes last"),
        pytest.param("tags", "sidecar", "then", id="a file beside the song beats its tags"),
        pytest.param("tags", "table:x.csv", "then", id="a table beats tags"),
        pytest.param("table:x.csv", "tags", "first", id="and stays"),
        pytest.param("table:x.csv", "table:y.csv", "then", id="a later table beats an earlier one"),
        pytest.param("user", "table:x.csv", "first", id="the user has the last word"),
        pytest.param("user", "user", "then", id="and may change it"),
    ],
)
def test_whose_word_counts(catalog, first, then, kept):
    song_id = songs.add_or_update(catalog, [Facts(first, {"title": "first"}, lyrics=(Line("first"),))])
    songs.add_or_update(catalog, [Facts(then, {"title": "then"}, lyrics=(Line("then"),))], song_id=song_id)
    song = songs.get(catalog, song_id)
    assert (song.title, song.lyrics) == (kept, (Line(kept),))
    assert song.origins["title"] == {"first": first, "then": then}[kept]


def test_reading_a_file_again_forgets_its_old_tags_and_nothing_else(catalog):
    song_id = songs.add_or_update(catalog, [NAME, TAGS], file=FILE)
    table = Facts(
        "table:t.csv",
        {"artist": "From the table"},
        tags=("jazz",),
        captions=(Caption("c", origin="table:t.csv"),),
        extra={"mood": "blue"},
    )
    songs.add_or_update(catalog, [table], song_id=song_id)
    again = songs.add_or_update(catalog, [NAME, Facts("tags", {"album": "New"}, tags=("pop",))], file=FILE)
    song = songs.get(catalog, again)
    assert again == song_id
    assert (song.title, song.artist, song.album, song.year) == ("a", "From the table", "New", None)
    assert song.tags == ("jazz", "pop")
    assert song.lyrics == ()
    assert song.extra == {"mood": "blue"}
    assert [caption.text for caption in song.captions] == ["c"]


def test_a_table_read_twice_does_not_double(catalog):
    song_id = songs.add_or_update(catalog, [TAGS], file=FILE)
    for text in ("old", "new", "new"):
        fact = Facts("table:t", tags=(text,), captions=(Caption(text, origin="table:t"),))
        songs.add_or_update(catalog, [fact], song_id=song_id)
    song = songs.get(catalog, song_id)
    assert song.tags == ("loud", "new", "rock")
    assert [caption.text for caption in song.captions] == ["new"]


def test_a_song_without_a_file_is_known_by_source_and_id(catalog):
    def said(title):
        return [Facts("jamendo", {"title": title, "source": "jamendo", "source_id": "214"})]

    first = songs.add_or_update(catalog, said("one"))
    assert songs.add_or_update(catalog, said("two")) == first
    song = songs.get(catalog, first)
    assert (song.title, song.path, song.source, song.source_id) == ("two", None, "jamendo", "214")
    assert songs.add_or_update(catalog, [Facts("user", {"title": "without an id"})]) != first


def test_many_songs_in_the_order_asked(catalog):
    ids = [
        songs.add_or_update(catalog, [Facts("user", {"title": str(n)}, lyrics=(Line("la"),))])
        for n in range(5)
    ]
    asked = [ids[3], 999, ids[0]]
    assert list(songs.get_many(catalog, asked)) == [ids[3], ids[0]]
    assert songs.get_many(catalog, asked)[ids[3]].lyrics == (Line("la"),)
    assert songs.get_many(catalog, asked, light=True)[ids[3]].lyrics == ()
    assert [song.id for song in songs.iterate(catalog, batch=2)] == ids
    with pytest.raises(NoSuchSong, match="999"):
        songs.get(catalog, 999)


def test_texts_for_words_are_lyrics_and_captions(catalog):
    plain = songs.add_or_update(catalog, [NAME], file=FILE)
    sung = songs.add_or_update(catalog, [Facts("user", {"title": "s"}, lyrics=(Line("la", 1.0),))])
    told = songs.add_or_update(catalog, [Facts("user", captions=(Caption("calm"),))])
    expected = [(sung, (Line("la", 1.0),), ()), (told, (), (Caption("calm"),))]
    assert list(texts_for_words(catalog)) == expected
    assert list(texts_for_words(catalog, [plain, told])) == expected[1:]


def test_what_is_removed_leaves_no_trace(catalog):
    song_id = songs.add_or_update(catalog, [TAGS, Facts("user", captions=(Caption("c"),))], file=FILE)
    songs.remove(catalog, [song_id])
    for table in ("songs", "tags", "lyrics", "captions", "songs_fts"):
        assert catalog.fetch(f"SELECT count(*) FROM {table}") == [(0,)]
    assert len(filters.ids_where(catalog, match="tagged")) == 0


def test_failures_are_kept_replaced_and_cleared(catalog):
    one, other = Failure(Path("/m/a\udcff.mp3"), 1, 2, "empty"), Failure(Path("/m/b.mp3"), 1, 2, "no sound")
    for failure in (other, one, replace(one, size=5)):
        record_failure(catalog, failure)
    assert failures(catalog) == [replace(one, size=5), other]
    clear_failures(catalog, [one.path])
    assert failures(catalog) == [other]


names = st.text(st.characters(exclude_characters="\0/", codec="utf-8"), min_size=1).map(lambda s: f"/m/{s}")
raw_names = (
    st.binary(min_size=1)
    .filter(lambda b: b"\0" not in b)
    .map(lambda b: f"/m/{b.decode(errors='surrogateescape')}")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(
    path=st.one_of(names, raw_names),
    title=st.text(min_size=1),
    lines=st.lists(st.text()),
    tag=st.text(min_size=1),
)
def test_any_name_and_any_text_survives(catalog, path, title, lines, tag):
    file = replace(FILE, path=Path(path))
    facts = Facts("tags", {"title": title}, tags=(tag,), lyrics=tuple(map(Line, lines)))
    song = songs.get(catalog, songs.add_or_update(catalog, [facts], file=file))
    assert song.path == Path(path)
    assert song.title == clean(title)
    assert [line.text for line in song.lyrics] == list(filter(None, map(clean, lines)))
    assert filters.find(catalog, str(song.path)).path == song.path


def test_the_id_of_a_removed_song_is_given_to_no_other(catalog):
    """An index that was made before still holds it."""
    first, last = (songs.add_or_update(catalog, [Facts("user", {"title": one})]) for one in "ab")
    songs.remove(catalog, [last])
    assert songs.add_or_update(catalog, [Facts("user", {"title": "c"})]) == last + 1
    songs.remove(catalog, [first])
    assert songs.add_or_update(catalog, [Facts("user", {"title": "d"})]) == last + 2
