"""What a catalog counts, what of it may be handed out, which songs its filters let pass: small tables."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import NoSuchSong, WrongUse
from catalog.library import embeddings, exact_match, filters, heard, overview, saved_queries, songs
from catalog.library.song_filter import SongFilter, years
from catalog.records import Caption, Facts, Line, SoundFile


def add(catalog, title, path=None, *, size=4, mtime_ns=0, seconds=10.0, **facts):
    values = {"title": title} | ({"year": facts.pop("year")} if "year" in facts else {})
    file = None if path is None else SoundFile(path, size, mtime_ns, f"hash of {title}", seconds)
    return songs.add_or_update(catalog, [Facts("user", values, **facts)], file=file)


@pytest.fixture
def four(catalog, tmp_path):
    """Two songs with files, of which one is gone; one with lyrics, one with two captions."""
    here, gone = (
        add(catalog, name, tmp_path / name, seconds=s) for name, s in (("here", 10.0), ("gone", 2.5))
    )
    sung = add(catalog, "sung", lyrics=(Line("la"),), tags=("Pop", "sea"), year=1985)
    told = add(catalog, "told", captions=(Caption("calm"), Caption("slow")), tags=("pop",), year=1990)
    songs.mark_missing(catalog, [gone], missing=True)
    return {"here": here, "gone": gone, "sung": sung, "told": told}


def test_everything_is_counted_once(catalog, four):
    counts = overview.counts(catalog)
    assert (counts.songs, counts.with_file, counts.with_lyrics, counts.with_captions) == (4, 1, 1, 1)
    assert counts.seconds == 12.5


def test_only_a_file_that_is_gone_is_missing(catalog, four):
    assert [title for title, song in four.items() if songs.get(catalog, song).missing] == ["gone"]


def test_an_empty_catalog_counts_nothing(catalog):
    assert overview.counts(catalog) == overview.Counts(0, 0, 0, 0, 0.0)
    assert overview.tags(catalog) == []


def test_the_commonest_tag_comes_first_whatever_its_case(catalog, four):
    assert overview.tags(catalog) == [("Pop", 2), ("sea", 1)]
    assert overview.tags(catalog, limit=1) == [("Pop", 2)]


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(b"RIFF")
    return path


def known(catalog, path, of=None):
    status = (of or path).stat()
    return add(catalog, "one", path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def test_a_file_that_is_there_is_played(catalog, sound):
    assert overview.playable(catalog, known(catalog, sound)) == overview.Playable(sound, "hash of one")


def test_a_song_without_a_hash_is_told_by_its_number(catalog, sound):
    song = known(catalog, sound)
    catalog.execute("UPDATE songs SET audio_hash = NULL")
    assert overview.playable(catalog, song) == overview.Playable(sound, str(song))


def test_a_file_that_was_written_anew_is_played_too(catalog, sound):
    song = known(catalog, sound)
    sound.write_bytes(b"RIFF and more")
    assert overview.playable(catalog, song).path == sound


def test_a_link_is_followed_to_what_was_read_and_nowhere_else(catalog, sound, tmp_path):
    link = tmp_path / "link.wav"
    link.symlink_to(sound)
    song = known(catalog, link)
    assert overview.playable(catalog, song).path == link
    secret = tmp_path / "secret"
    secret.write_bytes(b"a key")
    link.unlink()
    link.symlink_to(secret)
    with pytest.raises(NoSuchSong, match="another file is there now"):
        overview.playable(catalog, song)


def test_a_link_to_another_file_of_that_size_is_not_followed(catalog, sound, tmp_path):
    song = known(catalog, sound)
    other = tmp_path / "other"
    other.write_bytes(b"key!")
    os.utime(other, ns=(1, 1))
    sound.unlink()
    sound.symlink_to(other)
    with pytest.raises(NoSuchSong, match="another file"):
        overview.playable(catalog, song)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda path: path.unlink(), "No such file", id="gone"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "another file", id="a folder now"),
        pytest.param(lambda path: (path.unlink(), os.mkfifo(path)), "another file", id="a pipe now"),
    ],
)
def test_what_is_no_file_any_more_is_not_played(catalog, sound, change, says):
    song = known(catalog, sound)
    change(sound)
    with pytest.raises(NoSuchSong, match=says) as told:
        overview.playable(catalog, song)
    assert "nw ingest" in told.value.try_this


def test_without_a_file_or_a_song_there_is_nothing_to_play(catalog, four):
    with pytest.raises(NoSuchSong, match="only its vectors were kept"):
        overview.playable(catalog, four["sung"])
    with pytest.raises(NoSuchSong, match="no song 99"):
        overview.playable(catalog, 99)


@pytest.mark.parametrize(
    ("asked", "passing"),
    [
        (SongFilter(tags=("POP",)), ["sung", "told"]),
        (SongFilter(tags=("pop", "sea")), ["sung"]),
        (SongFilter(year="1985"), ["sung"]),
        (SongFilter(year="1985-1990"), ["sung", "told"]),
        (SongFilter(has_lyrics=True), ["sung"]),
        (SongFilter(where="duration_s < 5"), ["gone"]),
        (SongFilter(match="calm"), ["told"]),
        (SongFilter(match=""), []),
        (SongFilter(where="year > 0 or 1", tags=("pop",), match="la"), ["sung"]),
    ],
)
def test_a_filter_lets_pass_what_fulfils_all_of_it(catalog, four, asked, passing):
    found = songs.get_many(catalog, asked.ids(catalog))
    assert [song.title for song in found.values()] == passing


def test_a_filter_without_conditions_narrows_nothing(catalog, four):
    assert SongFilter().ids(catalog) is None
    assert SongFilter(where="").ids(catalog) is None


def test_years_that_end_before_they_begin_are_turned_round():
    with pytest.raises(WrongUse, match="'1990-1980' ends before it begins") as told:
        years("1990-1980")
    assert told.value.try_this == "--year 1980-1990"


@pytest.mark.parametrize("text", ["", "-", "85s", "1985-", "-1985-", "nan", "1980-1989-1990"])
def test_what_is_no_year_is_refused(text):
    with pytest.raises(WrongUse, match="is no year") as told:
        years(text)
    assert "--year" in told.value.try_this
    if text:  # told before anything is searched
        with pytest.raises(WrongUse, match="is no year"):
            SongFilter(year=text)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["here", "gone", "sung", "told"]),
        ("title", ["gone", "here", "sung", "told"]),
        ("-title", ["told", "sung", "here", "gone"]),
        ("-year, title", ["told", "sung", "gone", "here"]),
        (" duration_s ,", ["sung", "told", "gone", "here"]),
    ],
)
def test_songs_come_in_the_order_that_was_asked(catalog, four, sort, order):
    found = songs.get_many(catalog, filters.select(catalog, sort=sort))
    assert [song.title for song in found.values()] == order
    assert filters.select(catalog, sort=sort, limit=2) == [four[name] for name in order[:2]]


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        (SongFilter(tags=("pop",)), ["told", "sung"]),
        (SongFilter(), ["told", "sung", "here", "gone"]),
        (SongFilter(match=""), []),
    ],
    ids=["those that pass", "all where nothing is narrowed", "none"],
)
def test_songs_that_pass_come_in_the_order_that_was_asked(catalog, four, asked, order):
    assert asked.sorted_ids(catalog, sort="-title") == [four[name] for name in order]


@pytest.mark.parametrize("text", ["intro", "INTRO", "the xx - intro"])
def test_a_song_is_found_by_all_of_its_title_and_not_by_words_of_it(catalog, text):
    song = songs.add_or_update(catalog, [Facts("user", {"title": "Intro", "artist": "The xx"})])
    songs.add_or_update(catalog, [Facts("user", {"title": "Intro to the sea", "artist": "The xx"})])
    assert filters.find(catalog, text).id == song


def test_a_library_that_hides_paths_finds_no_song_by_one(catalog, four, tmp_path):
    assert filters.find(catalog, str(tmp_path / "here")).title == "here"
    catalog.hidden = frozenset({"path"})
    with pytest.raises(NoSuchSong):
        filters.find(catalog, str(tmp_path / "here"))
    add(catalog, "here", tmp_path / "here too")
    with pytest.raises(WrongUse, match="2 songs fit") as told:
        filters.find(catalog, "here")
    assert str(tmp_path) not in str(told.value)


def test_words_that_a_song_has_no_longer_find_it_no_longer(catalog):
    song = add(catalog, "old", lyrics=(Line("winter"),))
    songs.add_or_update(catalog, [Facts("user", {"title": "new"}, lyrics=(Line("summer"),))], song_id=song)
    assert [filters.select(catalog, match=word) for word in ("old", "winter")] == [[], []]
    assert [filters.select(catalog, match=word) for word in ("new", "summer")] == [[song], [song]]
    assert catalog.fetch("SELECT count(*) FROM songs_fts") == [(1,)]


@pytest.mark.parametrize(
    ("with_it", "without", "named"),
    [
        pytest.param(1, 2, 1, id="a word of few songs"),
        pytest.param(1, 1, 0, id="half of the songs have it: it tells nothing apart"),
        pytest.param(3, 0, 0, id="all have it"),
        pytest.param(0, 3, 0, id="none has it"),
        pytest.param(4, 5, 4, id="as many as may have it"),
        pytest.param(5, 6, 0, id="one more is too common, however large the library"),
    ],
)
def test_a_word_names_the_songs_that_few_others_are_like(catalog, monkeypatch, with_it, without, named):
    monkeypatch.setattr(exact_match, "COMMON", 4)
    ids = [add(catalog, "needle") for _ in range(with_it)]
    for _ in range(without):
        add(catalog, "hay")
    found = exact_match.find(catalog, ["-", "absent", "needle"])  # what names none stops nothing after it
    assert [(one.term, one.ids.tolist()) for one in found] == ([("needle", ids)] if named else [])


def test_a_word_weighs_by_where_it_stands_and_by_how_rare_it_is(catalog):
    """BM25 of equally long texts is rarity * 2.2 * n / (n + 1.2), n the weight of the column.

    Three letters, for a longer word may begin others too.
    """
    add(catalog, "gem one")
    add(catalog, "two", tags=("gem",))
    add(catalog, "three", captions=(Caption("gem"),))
    add(catalog, "four", lyrics=(Line("gem"),))
    for _ in range(6):
        add(catalog, "much hay")
    [found] = exact_match.find(catalog, ["gem"])
    assert found.ids.tolist() == [1, 2, 3, 4]
    assert found.strengths.tolist() == pytest.approx([8 / 9.2, 6 / 7.2, 4 / 5.2, 1 / 2.2], rel=1e-5)
    assert found.rarity == pytest.approx(math.log(6.5 / 4.5))  # 4 of 10 have it, 6 have not
    [phrase] = exact_match.find(catalog, ["gem one"])
    assert phrase.rarity == pytest.approx(2 * math.log(9.5 / 1.5))  # of two words


def test_a_folder_is_found_by_what_can_be_read_of_its_name(catalog):
    song = add(catalog, "one", Path(os.fsdecode(b"/music/harbour caf\xe9/one.wav")))
    assert filters.select(catalog, match="harbour caf") == [song]


def test_a_name_has_one_saved_query_the_last(catalog):
    assert saved_queries.save(catalog, "sea", {"text": "sea"}) is None
    assert saved_queries.save(catalog, "sea", {"text": "sea", "k": 3}) == {"text": "sea"}
    assert saved_queries.all_saved(catalog) == {"sea": {"text": "sea", "k": 3}}
    assert catalog.fetch("SELECT count(*) FROM saved_queries") == [(1,)]


def test_what_is_heard_takes_the_place_of_what_was_heard_before(catalog):
    song = add(catalog, "one", tags=("mine",))
    other = add(catalog, "two")
    for names, kept, found in (
        (["Piano", "Rain"], ("mine", "piano", "rain"), [[song], [song], []]),
        (["Harp"], ("harp", "mine"), [[], [], [song]]),
        ([], ("mine",), [[], [], []]),
    ):
        heard.keep(catalog, song, names)
        assert tuple(sorted(songs.get(catalog, song).tags)) == kept
        assert [filters.select(catalog, match=word) for word in ("piano", "rain", "harp")] == found
    heard.keep(catalog, song, ["Piano", "Rain"])
    heard.keep(catalog, other, ["Rain"])
    assert heard.forget(catalog, [song, other]) == 3
    assert heard.forget(catalog, [song, other]) == 0
    assert filters.select(catalog, match="rain") == []


def test_blocks_of_any_length_hold_every_track_once(catalog):
    embeddings.register_pipeline(catalog, "ears", role="sound")
    ids = [add(catalog, str(number), Path(f"/m/{number}")) for number in range(5)]
    for number in range(5):
        vector = np.full(2, number, np.float16)
        row = embeddings.Embedding(f"hash of {number}", vector[None], vector)
        embeddings.put_many(catalog, "ears", [row])
    for rows in (1, 2, 5, 6):
        blocks = list(embeddings.track_blocks(catalog, "ears", rows=rows))
        assert [int(i) for block, _ in blocks for i in block] == ids
        assert [float(v[0]) for _, vectors in blocks for v in vectors] == [0, 1, 2, 3, 4]
        assert max(len(block) for block, _ in blocks) <= rows
