"""One request: typed, sent over HTTP, kept by the page and saved under a name, it is the same."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from catalog.errors import Damaged, WrongUse
from models.search.request import SearchRequest, way_named
from newwave_cli.commands.query import query

FIELDS = {field.name for field in fields(SearchRequest)}
WEB = Path(__file__).parents[1] / "newwave_cli" / "web" / "query.js"


def test_the_command_line_can_ask_all_of_it():
    typed = set(inspect.signature(query).parameters) | {"text"}  # the words of it, without quotation marks
    # How long a page is, is for the page to say.
    assert FIELDS - typed == {"clip", "page"}


def test_http_can_ask_all_of_it():
    pytest.importorskip("fastapi", reason="needs the extra serve")
    from newwave_cli.server.search_routes import Search

    sent = set(Search.model_fields) - {"q", "format"} | {"text"}
    assert FIELDS - sent == {"clip"}
    assert sent <= FIELDS


def test_the_page_asks_nothing_that_there_is_not():
    code = WEB.read_text(encoding="utf-8")
    lists = re.findall(r"const (?:MANY|ONE) = \[(.*?)\];", code, flags=re.DOTALL)
    kept = set(re.findall(r'"(\w+)"', "".join(lists))) - {"q"} | {"text"}
    assert FIELDS - kept == {"k", "page", "where", "explain", "clip", "first", "last"}
    assert kept <= FIELDS


def test_what_narrows_a_request_is_the_filter_of_songs():
    asked = {"where": "year > 1990", "match": "sea", "tag": ("calm",), "year": "1990-1999"}
    of_songs = SearchRequest("rain", **asked, has_lyrics=True).songs
    assert (of_songs.where, of_songs.match) == ("year > 1990", "sea")
    assert (tuple(of_songs.tags), of_songs.year, of_songs.has_lyrics) == (("calm",), "1990-1999", True)
    assert not SearchRequest("rain").songs.has_lyrics


def test_a_saved_request_comes_back_as_it_was():
    asked = SearchRequest("rain", k=3, tag=("piano", "calm"), without=("drums",), year="1980-1989")
    kept = asked.saved()
    assert kept == {
        "text": "rain",
        "k": 3,
        "tag": ["piano", "calm"],
        "without": ["drums"],
        "year": "1980-1989",
    }
    assert SearchRequest.of(kept) == asked


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param({}, {"text": "rain", "k": 3, "by": "sound"}, id="nothing typed: as it was saved"),
        pytest.param({"k": 5}, {"text": "rain", "k": 5, "by": "sound"}, id="what was typed wins"),
        pytest.param(
            {"explain": True},
            {"text": "rain", "k": 3, "by": "sound", "explain": True},
            id="how to answer is typed each time",
        ),
        pytest.param(
            {"tag": ("calm",)},
            {"text": "rain", "k": 3, "by": "sound", "tag": ("calm",)},
            id="what was not saved is added",
        ),
    ],
)
def test_a_saved_request_is_changed_by_what_is_typed_now(typed, expected):
    saved = SearchRequest("rain", k=3, by="sound", explain=False)
    assert saved.changed_by(SearchRequest("@rain", **typed)) == SearchRequest(**expected)


def test_what_cannot_be_asked_is_refused_where_the_request_is_made():
    with pytest.raises(WrongUse, match="no 'smell' to search by"):
        SearchRequest("x", by="smell")
    with pytest.raises(WrongUse, match="'soon' is no year"):
        SearchRequest("x", year="soon")
    with pytest.raises(Damaged, match="knows no colour"):
        SearchRequest.of({"text": "x", "colour": "blue"})
    assert way_named(None) is way_named("both") is None
