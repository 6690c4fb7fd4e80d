"""How passers-by type: benchmarks/requests_passersby.toml, over the songs of the requests of listeners."""

import tomllib
from pathlib import Path

import pytest
from test_models_search_listeners import shelf, telling
from test_models_search_names import knows

from models.search.reading.recognition import recognize

PASSERSBY = tomllib.loads(
    (Path(__file__).parents[1] / "benchmarks" / "requests_passersby.toml").read_text(encoding="utf-8")
)
__all__ = ["shelf"]  # a fixture


def passersby():
    for one in PASSERSBY["reading"]:
        missed = pytest.mark.xfail(strict=True, reason="not read so yet")
        yield pytest.param(one, id=one["ask"], marks=[missed] if one.get("missed") else [])


@pytest.mark.parametrize("one", list(passersby()))
def test_a_passer_by_is_understood(shelf, one):
    parsed = recognize(one["ask"], shelf, knows)
    for found, meant in (
        (parsed.unwanted, one.get("unwanted", [])),
        (parsed.alternatives, one.get("either", [])),
        (parsed.parts, one.get("parts", [])),
        (parsed.must, one.get("must", [])),
    ):
        assert [telling(thing) for thing in found] == [telling(thing) for thing in meant]
    if not parsed.parts:
        assert telling(parsed.text) == telling(one.get("wanted", ""))
    assert list(parsed.said) == one.get("said", [])
