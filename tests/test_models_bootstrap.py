"""Intervals and paired tests: they hold what they promise, and are the same every time."""

import numpy as np
import pytest

from models.evaluation.bootstrap import interval, paired


def test_an_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside = 0
    for trial in range(200):
        low, high = interval(rng.random(100), samples=300, seed=trial)
        inside += low <= 0.5 <= high
    assert 0.90 <= inside / 200 <= 0.99


def test_an_interval_is_reproducible_and_surrounds_the_figure():
    values = np.random.default_rng(1).random(50)
    assert interval(values) == interval(values)
    low, high = interval(values)
    assert low < values.mean() < high
    assert interval(values, summary=np.median)[0] <= np.median(values)


def test_equal_values_leave_no_doubt():
    assert interval(np.ones(10)) == (1.0, 1.0)


def test_memory_stays_small_for_many_queries(monkeypatch):
    values = np.random.default_rng(2).random(40)
    whole = interval(values, samples=100)
    monkeypatch.setattr("models.evaluation.bootstrap.DRAWN_AT_ONCE", 40 * 7)
    assert interval(values, samples=100) == whole


@pytest.mark.parametrize(
    ("shift", "significant"), [(0.0, False), (0.1, True)], ids=["the same", "a clear gain"]
)
def test_a_paired_test_tells_a_gain_from_noise(shift, significant):
    rng = np.random.default_rng(3)
    theirs = rng.random(300)
    found = paired(theirs + shift + rng.normal(0, 0.1, 300), theirs)
    assert (found.p < 0.05) is significant
    assert found.low < found.mean < found.high
    assert (found.low > 0) is significant


def test_a_paired_test_is_rarely_wrong_where_nothing_differs():
    rng = np.random.default_rng(5)
    ps = [paired(rng.normal(0, 1, 60), np.zeros(60), samples=400, seed=i).p for i in range(100)]
    assert 0.005 <= np.mean(np.array(ps) < 0.05) <= 0.12


def test_pairing_sees_what_two_intervals_would_not():
    rng = np.random.default_rng(4)
    theirs = rng.random(100)
    ours = theirs + 0.02
    assert interval(ours)[0] < interval(theirs)[1]
    assert paired(ours, theirs).p < 0.01


def test_runs_over_other_queries_cannot_be_paired():
    with pytest.raises(ValueError, match="same queries"):
        paired(np.ones(3), np.ones(4))
