"""Names in a request: artists, albums, titles, folders and tags that the catalog knows, also misspelled."""

import pytest
from tables import in_one_test

from catalog.library import songs
from catalog.library.fulltext import words_of
from catalog.library.names.known import known_names
from catalog.library.names.lookup import ids_named, ids_titled, ids_with_title_words
from catalog.records import Facts, SoundFile

COMMON = frozenset({"the", "by", "a", "songs", "like", "it"})
LIBRARY = {
    "Neon Corridor": {"artist": "Ansel Brück", "album": "Night Drives", "genre": "electronica"},
    "SilverMachine": {"artist": "Mattias & Lena feat. Bo", "album": "It", "genre": "rock"},
    "Silver": {"artist": "Wesnoth", "album": "Corridor"},
    "90210": {"artist": "The Rods", "album": "Silver Linings"},
    "Calm Sea": {"artist": "Cale", "album": "Rod"},
    "Road": {"artist": "ToGo"},
}
"""Titles, numbered from 1, and what else is said of each."""


@pytest.fixture(scope="module")
def library(read_catalog, tmp_path_factory):
    music = tmp_path_factory.mktemp("music")
    for number, (title, about) in enumerate(LIBRARY.items(), start=1):
        path = music / "Soundtracks" / "Old Games" / f"{number}.flac"
        file = SoundFile(path, 1, 1, str(number))
        tags = ("hip hop",) if number == 1 else ()
        songs.add_or_update(read_catalog, [Facts("tags", {"title": title, **about}, tags=tags)], file=file)
    return read_catalog


def known(catalog, request):
    """(kind, words of the request, songs) of each name, in order."""
    words = words_of(request)
    found = known_names(catalog, words, common=COMMON)
    return [(one.kind, " ".join(words[one.start : one.end]), one.ids.tolist()) for one in found]


ALL = [1, 2, 3, 4, 5, 6]


@in_one_test
@pytest.mark.parametrize(
    ("request_", "found"),
    [
        pytest.param("songs by Ansel Bruck", [("artist", "ansel bruck", [1])], id="without accents"),
        pytest.param("ansel", [], id="a part of a name is none"),
        pytest.param("lena", [("artist", "lena", [2])], id="of several artists each has a name"),
        pytest.param("bo", [("artist", "bo", [2])], id="also one who is featured"),
        pytest.param("like hip hop", [("tags", "hip hop", [1])], id="a tag"),
        pytest.param("electronica", [("tags", "electronica", [1])], id="a genre is a tag"),
        pytest.param("soundtracks", [("folder", "soundtracks", ALL)], id="every folder of a path"),
        pytest.param("old games", [("folder", "old games", ALL)], id="the last folder"),
        pytest.param("it", [], id="common words alone name nothing"),
        pytest.param("the rods", [("artist", "the rods", [4]), ("album", "rods", [5])],
                     id="the longest first"),
        pytest.param("night drive", [("album", "night drive", [1])], id="singular for plural"),
        pytest.param("wesnoths", [("artist", "wesnoths", [3])], id="plural for singular"),
        pytest.param("calm seas", [("title", "calm seas", [5])], id="of the last word alone"),
        pytest.param("bos", [], id="a short word has no plural"),
        pytest.param("silver machine", [("title", "silver machine", [2]), ("title", "silver", [3])],
                     id="two words for a name that is written as one"),
        pytest.param("neoncorridor", [("title", "neoncorridor", [1])], id="one word for a name of two"),
        pytest.param("to go", [], id="not for a short one"),
        pytest.param("90211", [], id="a number is not misspelled"),
    ],
)  # fmt: skip
def test_names_that_stand_in_a_request(library, request_, found):
    assert known(library, request_) == found


@in_one_test
@pytest.mark.parametrize(
    ("request_", "found"),
    [
        pytest.param("matias", [("artist", "matias", [2])], id="a letter left out"),
        pytest.param("mattiass", [("artist", "mattiass", [2])], id="a letter too many"),
        pytest.param("mattios", [("artist", "mattios", [2])], id="another letter"),
        pytest.param("wesnoht", [("artist", "wesnoht", [3])], id="two letters changed places"),
        pytest.param("wesnxxh", [], id="two slips in seven letters"),
        pytest.param("xesnoth", [("artist", "xesnoth", [3])], id="in the first letter"),
        pytest.param("ansel brukk", [("artist", "ansel brukk", [1])], id="in one word of two"),
        pytest.param("mattias matias", [("artist", "mattias", [2])], id="not where it stands rightly too"),
        pytest.param("calm", [], id="a word that songs have is not misspelled: no Cale"),
        pytest.param("neon coridor", [("title", "neon coridor", [1]), ("album", "coridor", [3])],
                     id="of a title and of an album"),
        pytest.param("neon corider", [("title", "neon corider", [1]), ("album", "corider", [3])],
                     id="a slip in a word as it sounds"),
        pytest.param("neon cxrridxr", [], id="two slips in a word of eight"),
    ],
)  # fmt: skip
def test_names_that_are_misspelled(library, request_, found):
    assert known(library, request_) == found


def test_songs_by_their_whole_title(library):
    assert ids_titled(library, ["silver"]).tolist() == [3]
    assert ids_titled(library, ["calm", "sea"]).tolist() == [5]
    assert ids_titled(library, ["sea", "calm"]).tolist() == []
    assert ids_titled(library, ["calm"]).tolist() == []  # the title is longer
    assert ids_titled(library, []).tolist() == []


@pytest.mark.parametrize(
    ("columns", "name", "found"),
    [
        ("title", "Silver", [3]),
        ("title album", "silver", [3, 4]),
        ("album", "corridor", [3]),
        ("", "corridor", [1, 3]),
        ("title", 'cal"m sea', []),
        ("artist", "-", []),
    ],
)
def test_songs_with_words_in_a_column(library, columns, name, found):
    assert ids_named(library, columns, name).tolist() == found


@pytest.mark.parametrize(
    ("words", "found"),
    [(["silv"], [2, 3]), (["sea", "calm"], [5]), (["neon", "sea"], []), ([], [])],
    ids=["a beginning", "in any order", "every one of them", "none"],
)
def test_songs_by_words_of_their_title(library, words, found):
    assert ids_with_title_words(library, words).tolist() == found
