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


@pytest.mark.parametrize("at_once", [40 * 7, 40, 3])
def test_memory_stays_small_for_many_queries(at_once, monkeypatch):
    """Seven samples at a time, one, and one where not even that many numbers are to be held."""
    values = np.random.default_rng(2).random(40)
    whole = interval(values, samples=100)
    monkeypatch.setattr("models.evaluation.bootstrap.DRAWN_AT_ONCE", at_once)
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


def test_captions_of_one_song_are_one_witness():
    """What is covered is what is promised, also with eight captions a song that rise and fall together."""
    rng = np.random.default_rng(7)
    songs = np.repeat(np.arange(60), 8)
    inside = {"songs": 0, "captions": 0}
    for trial in range(200):
        values = np.repeat(rng.random(60), 8)
        for name, groups in (("songs", songs), ("captions", None)):
            low, high = interval(values, songs=groups, samples=300, seed=trial)
            inside[name] += low <= 0.5 <= high
    assert 0.90 <= inside["songs"] / 200 <= 0.99
    assert inside["captions"] / 200 < 0.75


def test_a_test_between_runs_swaps_songs():
    """One song in four is better, with eight captions each: 4 songs are no proof, 32 captions would be."""
    difference = np.repeat([0.3, 0.2, 0.1, 0.2], 8)
    songs = np.repeat([5, 3, 9, 1], 8)
    assert paired(difference, np.zeros(32)).p < 0.001
    assert paired(difference, np.zeros(32), songs=songs).p == pytest.approx(2 / 16, abs=0.02)
    unequal = paired(np.array([1.0, 1.0, 0.0]), np.zeros(3), songs=np.array([0, 0, 1]))
    assert unequal.mean == pytest.approx(2 / 3)


def test_no_p_value_is_nought():
    """The order that was seen is one that chance may bring: (0 + 1) / (samples + 1)."""
    clear = paired(np.ones(200), np.zeros(200), samples=400)
    assert clear.p == pytest.approx(1 / 401)
    assert paired(np.zeros(5), np.zeros(5), samples=400).p == 1


@pytest.mark.parametrize(
    ("values", "songs"),
    [
        pytest.param([1, 2, 3, 4], [0, 1, 2, 3], id="even"),
        pytest.param([5, 1, 3], [0, 1, 2], id="odd"),
        pytest.param([5, 1, 3, 8, 2], [0, 0, 1, 1, 2], id="songs of several queries"),
    ],
)
def test_medians_of_songs_are_medians_of_all_their_queries(values, songs):
    values, songs = np.array(values, float), np.array(songs)
    rng = np.random.default_rng(0)
    count = songs.max() + 1
    draws = rng.integers(count, size=(50, count))
    expected = [np.median(np.concatenate([values[songs == song] for song in draw])) for draw in draws]
    low, high = interval(values, songs=songs, summary=np.median, samples=50, seed=0)
    assert (low, high) == pytest.approx(tuple(np.quantile(expected, [0.025, 0.975])))


def test_songs_must_be_told_of_every_query():
    with pytest.raises(ValueError, match="songs for 2"):
        interval(np.ones(3), songs=np.array([0, 1]))
