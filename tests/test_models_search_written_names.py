"""Artists whose name is turned round, or begins with letters alone."""

import pytest
from tables import in_one_test

from catalog.library import songs
from catalog.records import Facts, SoundFile
from models.search.reading.names.written_names import with_names_as_known
from models.search.reading.ordinary import knows_none

ARTISTS = ("Ida Holm", "Ravi Anand Sen", "Silent Night", "Tom Reed", "Tess Reed", "J. S. Bachmann")
WORDS = {"silent", "night", "calm", "reed"}


@pytest.fixture(scope="module")
def library(read_catalog, tmp_path_factory):
    music = tmp_path_factory.mktemp("music")
    for at, artist in enumerate(ARTISTS):
        file = SoundFile(music / f"{at}.ogg", 1, 1, f"hash {at}", 60.0)
        songs.add_or_update(
            read_catalog, [Facts("tags", {"title": f"Opus {at}", "artist": artist})], file=file
        )
    return read_catalog


@in_one_test
@pytest.mark.parametrize(
    ("ask", "known"),
    [
        pytest.param("Holm, Ida", "Ida Holm", id="turned round"),
        pytest.param("calm piano by holm ida, slow", "calm piano by Ida Holm, slow", id="without a comma"),
        pytest.param("Sen, Ravi Anand: calm", "Ravi Anand Sen: calm", id="of three words"),
        pytest.param("Holm, Ida or Sen, Ravi Anand", "Ida Holm or Ravi Anand Sen", id="two of them"),
        pytest.param("Ida Holm", "Ida Holm", id="as it is"),
        pytest.param("night silent", "night silent", id="words that describe"),
        pytest.param("Night, Silent", "Silent Night", id="each with a capital"),
        pytest.param("by I. Holm", "by Ida Holm", id="a letter and a full stop"),
        pytest.param("Holm, I.", "Ida Holm", id="both at once"),
        pytest.param("R. A. Sen", "Ravi Anand Sen", id="two letters"),
        pytest.param("R.A. Sen", "Ravi Anand Sen", id="two letters, close together"),
        pytest.param("R. Sen", "Ravi Anand Sen", id="the first of two"),
        pytest.param("A. Sen", "A. Sen", id="not the second alone"),
        pytest.param("T. Reed", "T. Reed", id="it may be two"),
        pytest.param("I Holm", "I Holm", id="no full stop"),
        pytest.param("a calm night. Holm", "a calm night. Holm", id="the end of a sentence"),
    ],
)
def test_a_name_is_read_as_the_catalog_has_it(library, ask, known):
    assert with_names_as_known(ask, library, WORDS.__contains__) == known


def test_without_a_library_a_text_stays(catalog):
    assert with_names_as_known("Holm, Ida by I. Holm", catalog, knows_none) == "Holm, Ida by I. Holm"
