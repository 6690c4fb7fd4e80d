"""A name finds a song where it is the name of that one alone, or where the folders decide."""

import pytest

from catalog.library import songs
from catalog.records import Facts, SoundFile
from catalog.song_names import EXACT, NOTHING, Found, SongNames

FILES = ("Rock/Ann/01.flac", "Jazz/Bob/01.flac", "Jazz/Bob/Mr. Blue.flac", "clips/214.2min.mp3")
"""Songs 1 to 4."""


@pytest.fixture
def named(catalog, tmp_path):
    for number, path in enumerate(FILES, start=1):
        about = {"artist": "Ann", "title": "Sea", "source": "list", "source_id": "track 77"}
        facts = Facts("list", about if number == 1 else {})
        songs.add_or_update(catalog, [facts], file=SoundFile(tmp_path / path, 1, 1, str(number)))
    return SongNames(catalog)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("01.mp3", Found((1, 2)), id="by the name alone: both"),
        pytest.param("Bob/01.mp3", Found((2,), 1), id="a folder decides"),
        pytest.param("Jazz/Bob/01.wav", Found((2,), 2), id="two folders"),
        pytest.param("./jazz/BOB/01.wav", Found((2,), 2), id="without case"),
        pytest.param("Rock/Bob/01.mp3", Found((2,), 1), id="folders count from the file on"),
        pytest.param("Pop/01.mp3", NOTHING, id="a common name in a folder that is nowhere here"),
        pytest.param("Pop/Mr. Blue.wav", Found((3,)), id="a name of its own, wherever it lies"),
        pytest.param("Mr. Blue", Found((3,)), id="a point is not always an ending"),
        pytest.param("mr._blue.ogg", Found((3,)), id="underscores are spaces"),
        pytest.param("x/214.mp3", NOTHING, id="numbers alone are a common name too"),
        pytest.param("214.mp3", Found((4,)), id="an excerpt is called as its song"),
        pytest.param("214.2min.mp3", Found((4,)), id="or as it is"),
        pytest.param("other.mp3", NOTHING, id="another name"),
    ],
)  # fmt: skip
def test_songs_by_the_path_that_a_table_gives(named, path, found):
    assert named.at(path) == found


@pytest.mark.parametrize(
    ("root", "found"),
    [("/elsewhere/Rock/Ann", Found((1,), 2)), ("/elsewhere/Bob", Found((2,), 1)), ("/Pop", Found((1, 2)))],
    ids=["two folders", "one", "none"],
)
def test_the_folder_that_a_path_is_relative_to_may_decide(named, root, found):
    assert named.at("01.mp3", root=root) == found


def test_other_names(named):
    assert named.numbered(["9", "2"]) == Found((2,), EXACT)
    assert named.numbered(["9"]) == NOTHING
    assert named.identified("Track_77") == Found((1,))
    assert named.called(["nobody", "track 77"]) == Found((1,))
    assert named.called(["mr. blue", "track 77"]) == Found((3,))
    assert named.titled("ann", "SEA") == Found((1,))
    assert named.titled("Ann", "") == named.titled("", "Sea") == NOTHING


def test_an_id_of_a_data_set_goes_before_a_file_that_is_called_so(catalog, tmp_path):
    for path, source_id in (("a.flac", "x"), ("x.flac", "")):
        facts = Facts("list", {"source": "list", "source_id": source_id})
        songs.add_or_update(catalog, [facts], file=SoundFile(tmp_path / path, 1, 1, path))
    assert SongNames(catalog).called(["x"]) == Found((1,))
