"""An order that makes a playlist: against all permutations of a few songs, and what must hold of many."""

from itertools import permutations

import numpy as np
import pytest
from tables import in_one_test

from models.search import sequence as sequences
from models.search.sequence import distances_between, length, sequence


def on_a_circle(*degrees):
    """Songs whose likeness can be seen: unit vectors (songs, 2) at these angles."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def of_chance(count, seed, dimensions=6):
    rows = np.random.default_rng(seed).normal(size=(count, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def shortest(embeddings, first, last):
    """The length of the best of all orders."""
    distances = distances_between(embeddings)
    orders = [list(order) for order in permutations(range(len(embeddings)))]
    allowed = [o for o in orders if first in (None, o[0]) and last in (None, o[-1])]
    return min(length(order, distances) for order in allowed)


@pytest.mark.parametrize(
    ("degrees", "ends", "order"),
    [
        pytest.param((), {}, [], id="no song"),
        pytest.param((7,), {}, [0], id="one song"),
        pytest.param((7,), {"first": 0, "last": 0}, [0], id="one song is its own beginning and end"),
        pytest.param((0, 40, 10, 30, 20), {"first": 0}, [0, 2, 4, 3, 1], id="along the circle"),
        pytest.param((0, 40, 10, 30, 20), {"first": 1}, [1, 3, 4, 2, 0], id="and back"),
        pytest.param((0, 40, 10), {"first": 0, "last": 2}, [0, 1, 2], id="from A to B with a detour"),
        pytest.param((20, 0, 40, 10), {"last": 1}, [2, 0, 3, 1], id="to B from the far end"),
        pytest.param((5, 90, 5), {"first": 0}, [0, 2, 1], id="the same sound twice stays together"),
    ],
)
def test_a_small_playlist(degrees, ends, order):
    assert sequence(on_a_circle(*degrees), **ends) == order


def test_one_song_cannot_begin_and_end_several():
    with pytest.raises(ValueError, match="begin and end with the same"):
        sequence(on_a_circle(0, 10), first=1, last=1)


ENDS = [(None, None), (0, None), (None, 1), (2, 0)]


@in_one_test
@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_few_songs_are_ordered_as_well_as_can_be(seed, ends):
    embeddings = of_chance(7, seed)
    path = sequence(embeddings, first=ends[0], last=ends[1])
    assert length(path, distances_between(embeddings)) == pytest.approx(shortest(embeddings, *ends))


@pytest.mark.parametrize("ends", ENDS)
def test_the_way_for_many_songs_is_near_the_best_of_a_few(monkeypatch, ends):
    """What is mended for long lists, tried where all orders can be looked at: at most 3 % longer in sum."""
    monkeypatch.setattr(sequences, "EXACTLY", 0)
    found = best = 0.0
    for seed in range(12):
        embeddings = of_chance(7, seed)
        path = sequence(embeddings, first=ends[0], last=ends[1])
        found += length(path, distances_between(embeddings))
        best += shortest(embeddings, *ends)
    assert found <= 1.03 * best


@pytest.mark.parametrize("ends", [(None, None), (3, None), (None, 5), (3, 5)])
def test_many_songs(ends):
    embeddings = of_chance(60, seed=1)
    path = sequence(embeddings, first=ends[0], last=ends[1])
    assert sorted(path) == list(range(60))
    assert ends[0] in (None, path[0])
    assert ends[1] in (None, path[-1])
    assert path == sequence(embeddings, first=ends[0], last=ends[1])
    distances = distances_between(embeddings)
    assert length(path, distances) < 0.6 * length(list(range(60)), distances)


def test_songs_around_a_circle_are_walked_around_it():
    degrees = np.random.default_rng(2).permutation(np.arange(0, 180, 3))
    path = sequence(on_a_circle(*degrees), first=int(degrees.argmin()))
    assert degrees[path].tolist() == sorted(degrees)


@pytest.mark.parametrize("ends", [(None, None), (3, None), (None, 5), (3, 5)])
def test_no_stretch_turned_around_would_be_shorter(ends):
    embeddings = of_chance(24, seed=3)
    distances = distances_between(embeddings)
    path = sequence(embeddings, first=ends[0], last=ends[1])
    here = length(path, distances)
    begin, end = int(ends[0] is not None), 24 - int(ends[1] is not None)
    for start in range(begin, end):
        for stop in range(start + 2, end + 1):
            turned = path[:start] + path[start:stop][::-1] + path[stop:]
            assert length(turned, distances) >= here - 1e-6


@pytest.mark.parametrize(
    ("piece_at", "ends", "place", "whole"),
    [
        pytest.param([1.5], (None, None), 2, 2.0, id="between two songs that it lies between: no detour"),
        pytest.param([1.25, 1.75], (None, None), 2, 2.0, id="two songs that are walked past in their order"),
        pytest.param([1.75, 1.25], (None, None), 3, 2.75, id="backward they are nearer behind all"),
        pytest.param([-1.0], (None, None), 0, 3.0, id="ahead of all"),
        pytest.param([-1.0], (0, None), 1, 4.0, id="not where the first song is fixed"),
        pytest.param([3.0], (None, None), 3, 3.0, id="behind all"),
        pytest.param([3.0], (None, 2), 2, 4.0, id="not where the last song is fixed"),
        pytest.param([-1.0], (None, 2), 0, 3.0, id="a fixed last song leaves the first place free"),
        pytest.param([3.0], (0, None), 3, 3.0, id="a fixed first song leaves the last place free"),
    ],
)
def test_where_a_piece_fits_best_into_the_rest(piece_at, ends, place, whole):
    """The rest lies at 0, 1 and 2 on a line, along which distances are measured."""
    at = np.array([0.0, 1.0, 2.0, *piece_at])
    distances = np.abs(at[:, None] - at[None, :])
    rest, piece = np.arange(3), np.arange(3, len(at))
    assert sequences._best_gap(rest, piece, distances, *ends) == (place, pytest.approx(whole))
