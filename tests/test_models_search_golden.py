"""The demo library is ranked as it was; `just golden` renews what is expected."""

import json

import golden_ranking
import pytest

SAME = 1.0
"""Points that another processor's arithmetic may differ by; songs nearer than that may change places."""


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    home = tmp_path_factory.mktemp("golden")
    golden_ranking.make(home)
    return golden_ranking.rankings(home)


@pytest.mark.slow
@pytest.mark.parametrize("name", golden_ranking.REQUESTS)
def test_golden_ranking(now, name):
    golden = json.loads(golden_ranking.FILE.read_text())[name]
    found = now[name]
    assert [score for _, score in found] == pytest.approx([score for _, score in golden], abs=SAME)
    expected = dict(golden)
    for (title, score), (_, there) in zip(found, golden, strict=True):
        if title in expected:
            assert abs(expected[title] - there) <= SAME, f"{title} moved"
        else:
            assert abs(score - golden[-1][1]) <= SAME, f"{title} is new"
