"""Saved queries live in the catalog: none is lost, none is overwritten without being told."""

import json
import subprocess
import sys

import pytest

from catalog.errors import Damaged, WrongUse
from catalog.library.database import Catalog
from newwave_cli import saved_queries
from newwave_cli.settings import Settings


@pytest.fixture
def settings(tmp_path):
    Catalog.open(tmp_path / "home" / "catalog.db").close()
    return Settings(tmp_path / "home", offline=True, device="cpu", jobs=1)


@pytest.mark.slow
def test_eight_at_once_are_eight(settings):
    program = (
        "import sys, pathlib\n"
        "from newwave_cli import saved_queries\n"
        "from newwave_cli.settings import Settings\n"
        "settings = Settings(pathlib.Path(sys.argv[1]), True, 'cpu', 1)\n"
        "saved_queries.put(settings, sys.argv[2], {'text': sys.argv[2]})"
    )
    (settings.home / "queries.json").write_text('{"old": {"text": "old"}}')
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(settings.home), f"n{number}"])
        for number in range(8)
    ]
    assert [run.wait() for run in runs] == [0] * 8
    kept = saved_queries.all_of(settings)
    assert kept == {name: {"text": name} for name in ("old", *(f"n{number}" for number in range(8)))}


def test_what_had_the_name_is_told(settings):
    assert saved_queries.put(settings, "rain", {"text": "one"}) is None
    assert saved_queries.put(settings, "rain", {"text": "two", "k": 3}) == {"text": "one"}
    assert saved_queries.get(settings, "rain") == {"text": "two", "k": 3}
    saved_queries.drop(settings, "rain")
    with pytest.raises(WrongUse, match="there are: none yet"):
        saved_queries.drop(settings, "rain")


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        pytest.param("rain slow", "nw query @rain", id="words behind a name that there is"),
        pytest.param("snow slow", 'nw query --save rain "rainy sunday"', id="behind one that there is not"),
        pytest.param("", 'nw query --save rain "rainy sunday"', id="no name"),
    ],
)
def test_a_name_that_cannot_be_saved_is_not_what_is_to_be_typed(settings, asked, command):
    saved_queries.put(settings, "rain", {"text": "one"})
    with pytest.raises(WrongUse, match="no query was saved as") as told:
        saved_queries.get(settings, asked)
    assert told.value.try_this.partition("    ")[0] == command


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@rain",
        "two words",
        "a/b",
        "a\\b",
        "..",
        ".hidden",
        "-rf",
        "a:b",
        "a*",
        "tab\t",
        "bell\a",
        "\ud800",
        "a.",
    ]
    + ["n" * 300, "é" * 81, "😀" * 60],
)
def test_a_name_that_is_none_of_a_file_is_refused(settings, name):
    with pytest.raises(WrongUse, match="cannot be called") as told:
        saved_queries.put(settings, name, {"text": "x"})
    assert "--save" in told.value.try_this
    assert saved_queries.all_of(settings) == {}


def test_composed_and_decomposed_are_one_name(settings):
    saved_queries.put(settings, "Cafe\u0301", {"text": "x"})
    assert saved_queries.get(settings, "Café") == {"text": "x"}
    saved_queries.drop(settings, "Cafe\u0301")


def test_the_file_of_an_older_nw_is_taken_over_once(settings):
    old = settings.home / "queries.json"
    saved_queries.put(settings, "both", {"text": "newer"})
    old.write_text(json.dumps({"both": {"text": "older"}, "rain": {"text": "rain", "k": 5}}))
    expected = {"both": {"text": "newer"}, "rain": {"text": "rain", "k": 5}}
    assert saved_queries.all_of(settings) == expected
    assert not old.exists()
    saved_queries.drop(settings, "rain")
    assert saved_queries.all_of(settings) == {"both": {"text": "newer"}}


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": 3}', "\xff"])
def test_an_old_file_that_cannot_be_read_stays(settings, content):
    old = settings.home / "queries.json"
    old.write_text(content, encoding="latin-1")
    with pytest.raises(Damaged, match="cannot be read") as told:
        saved_queries.put(settings, "rain", {})
    assert told.value.try_this.startswith("mv ")
    assert old.exists()


def test_without_a_catalog_there_are_none(tmp_path):
    assert saved_queries.all_of(Settings(tmp_path, offline=True, device="cpu", jobs=1)) == {}
    assert not list(tmp_path.iterdir())
