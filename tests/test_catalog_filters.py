"""Which songs: by name, by SQL that can only read, by words that never raise."""

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import NoSuchSong, WrongUse
from catalog.library import filters, songs
from catalog.records import Caption, Facts, Line

LIBRARY = [
    Facts("tags", {"title": "Thunderstruck", "artist": "AC/DC", "year": 1990}, tags=("hard rock",)),
    Facts(
        "tags",
        {"title": "Sinnerman", "artist": "Nina Simone", "year": 1965},
        lyrics=(Line("run to the rock"),),
    ),
    Facts("tags", {"title": "Für Elise", "artist": "Beethoven", "genre": "classical"}, extra={"bpm": 72}),
    Facts("tags", {"title": "夜に駆ける", "artist": "YOASOBI"}, captions=(Caption("a song at night"),)),
    Facts("tags", {"title": "Intro", "artist": "The xx"}),
    Facts("tags", {"title": "Intro", "artist": "M83"}),
    Facts("tags", {"title": "1999", "artist": "Prince"}),
    Facts("tags", {"title": '"Heroes" (live) [mono]', "artist": "Bowie - Eno"}),
]


@pytest.fixture
def library(catalog):
    for facts in LIBRARY:
        songs.add_or_update(catalog, [facts])
    return catalog


def artists(catalog, **condition):
    found = songs.get_many(catalog, filters.ids_where(catalog, **condition))
    return [song.artist for song in found.values()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("AC/DC", ["AC/DC"]),
        ("rock", ["AC/DC", "Nina Simone"]),
        ("rock -hard", ["Nina Simone"]),
        ('"run to the"', ["Nina Simone"]),
        ('"the run to"', []),
        ("sinner*", ["Nina Simone"]),
        ("sinner", []),
        ("fur elise", ["Beethoven"]),
        ("FÜR", ["Beethoven"]),
        ("night", ["YOASOBI"]),
        ("駆ける", ["YOASOBI"]),
        ("nina rock", ["Nina Simone"]),
        ("nina OR bowie", []),
        ("NEAR(", []),
        ("title:intro", []),
        ('" * - ^ {', []),
        ("", []),
        ("-rock", []),
    ],
)
def test_words_find_songs(library, words, found):
    assert artists(library, match=words) == found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.text(st.one_of(st.sampled_from('"*-/():^{}+AND OR NOT'), st.characters())))
def test_no_words_raise(library, words):
    filters.ids_where(library, match=words)
    with suppress(NoSuchSong, WrongUse):
        filters.find(library, words)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("year < 1980", ["Nina Simone"]),
        ("tags like '%rock%'", ["AC/DC"]),
        ("lyrics is not null and title = 'Sinnerman' -- a comment", ["Nina Simone"]),
        ("extra->>'bpm' between 70 and 80", ["Beethoven"]),
        ("captions like '%night%'", ["YOASOBI"]),
        ("id in (select song_id from tags)", ["AC/DC"]),
        ("false", []),
    ],
)
def test_an_expression_finds_songs(library, expression, found):
    assert artists(library, where=expression) == found


@pytest.mark.parametrize(
    "expression",
    [
        "titel = 'x'",
        "year <",
        "1; drop table songs",
        "1) ; delete from songs; --",
        "id in (delete from songs returning id)",
        "load_extension('evil')",
        "(with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n)",
        "?",
        "id = \0",
        "json('no json')",
        "",
    ],
)
def test_what_is_no_expression_is_explained_and_harms_nothing(library, expression):
    with pytest.raises(WrongUse, match="Columns: id, path") as caught:
        filters.ids_where(library, where=expression)
    assert "--where" in caught.value.try_this
    assert songs.count(library) == len(LIBRARY)


def test_an_expression_without_end_is_stopped(library, monkeypatch):
    monkeypatch.setattr(filters, "MOST_S", 0.2)
    pairs = ", ".join(f"library a{i}, songs b{i}, tags c{i}" for i in range(6))
    start = time.monotonic()
    with pytest.raises(WrongUse, match="takes longer than 0.2 s"):
        filters.ids_where(library, where=f"(select count(*) from {pairs}) > 1")
    assert time.monotonic() - start < 5
    assert len(filters.ids_where(library, where="year > 0")) > 0


def test_both_conditions_hold_and_order_is_as_asked(library):
    assert artists(library, where="year > 1980", match="rock") == ["AC/DC"]
    years = [
        s.year for s in songs.get_many(library, filters.select(library, "year > 0", sort="-year")).values()
    ]
    assert years == [1990, 1965]
    names = [
        s.artist
        for s in songs.get_many(library, filters.select(library, sort="title,artist", limit=4)).values()
    ]
    assert names == ["Bowie - Eno", "Prince", "Beethoven", "M83"]
    with pytest.raises(WrongUse, match="'evil; drop'"):
        filters.select(library, sort="evil; drop")


@pytest.mark.parametrize(
    ("text", "artist"),
    [
        ("2", "Nina Simone"),
        ("1999", "Prince"),
        ("sinnerman", "Nina Simone"),
        ("NINA SIMONE - sinnerman", "Nina Simone"),
        ("für elise", "Beethoven"),
        ("夜に駆ける", "YOASOBI"),
        ("m83 - intro", "M83"),
        ('"heroes" (live) [mono]', "Bowie - Eno"),
        ("bowie heroes", "Bowie - Eno"),
    ],
)
def test_a_song_is_found_as_people_name_it(library, text, artist):
    assert filters.find(library, text).artist == artist


def test_two_songs_of_one_name_are_both_shown(library):
    with pytest.raises(WrongUse, match="2 songs fit 'Intro': 5: The xx - Intro; 6: M83 - Intro") as caught:
        filters.find(library, "Intro")
    assert caught.value.try_this == "name one by its id: 5"


def test_a_slip_of_the_hand_gets_the_nearest_titles(library):
    with pytest.raises(NoSuchSong, match="Near it: 2: Sinnerman"):
        filters.find(library, "sinerman")
