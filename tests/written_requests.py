"""Requests with their right readings, as the tables of `benchmarks/` hold them."""

import tomllib
from pathlib import Path

import pytest

from catalog.library.fulltext import words_of
from models.search.reading.common_words import GENERIC

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TELL_NOTHING = GENERIC | set("com con de del du e et la le mit o oder ou para pour um und y zum".split())
"""Words that may stand in a description or not."""


def table(name):
    """A file of requests."""
    return tomllib.loads((BENCHMARKS / name).read_text(encoding="utf-8"))


def readings(name):
    """Each request of a file as a parameter; one that is not read so yet has to fail."""
    for one in table(name)["reading"]:
        missed = pytest.mark.xfail(strict=True, reason="not read so yet")
        yield pytest.param(one, id=one["ask"], marks=[missed] if one.get("missed") else [])


def telling(text):
    """The words of a text that say what is wanted."""
    return set(words_of(text)) - TELL_NOTHING


def assert_read(parsed, meant):
    """Fail where a parsed request differs from its row in more than words that tell nothing."""
    for found, right in (
        (parsed.unwanted, meant.get("unwanted", [])),
        (parsed.alternatives, meant.get("either", [])),
        (parsed.parts, meant.get("parts", [])),
        (parsed.must, meant.get("must", [])),
    ):
        assert [telling(thing) for thing in found] == [telling(thing) for thing in right]
    if not parsed.parts:
        assert telling(parsed.text) == telling(meant.get("wanted", ""))
    assert list(parsed.said) == meant.get("said", [])
    assert parsed.limit == meant.get("limit")
