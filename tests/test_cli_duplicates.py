"""nw duplicates: the same recording in other files, and what only resembles it."""

import numpy as np
import pytest
from fakes import RATE

from catalog.records import Song
from models.indexing.build import build_index
from models.indexing.embed import embed_sound
from models.search.duplicates import Pair, joined, near_pairs, titles_of, usual_distance


def song(title, artist="", told="tags"):
    return Song(1, None, title, artist=artist, origins={"title": told})


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        pytest.param(song("Rent Day"), song("rent day!"), "same", id="letters and digits count"),
        pytest.param(song("Rent Day"), song("Rent Days"), "other", id="another word is another title"),
        pytest.param(song("Home", "A"), song("Home", "B"), "other", id="two artists, two songs"),
        pytest.param(song("Home", "A"), song("Home"), "same", id="an artist that nobody told is no other"),
        pytest.param(song("Home"), song("Home", told="name"), "unknown", id="a file's name is no title"),
        pytest.param(song("..."), song("!!!"), "other", id="no letter is no title"),
    ],
)
def test_titles(one, other, says):
    assert titles_of(one, other) == says


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        pytest.param([], [], id="none"),
        pytest.param([Pair(1, 2, 0.99)], [[(1, 1.0), (2, 0.99)]], id="a pair"),
        pytest.param(
            [Pair(4, 7, 0.9), Pair(1, 2, 0.8)],
            [[(1, 1.0), (2, 0.8)], [(4, 1.0), (7, 0.9)]],
            id="two groups, by the first song",
        ),
        pytest.param(
            [Pair(1, 2, 0.9), Pair(2, 3, 0.8)],
            [[(1, 1.0), (2, 0.9), (3, 0.8)]],
            id="a chain is one group; what is not near the first is as near as it is to its neighbour",
        ),
    ],
)
def test_pairs_become_groups(pairs, groups):
    assert joined(pairs) == groups


def test_pairs_of_a_length_against_all_pairs():
    chance = np.random.default_rng(4)
    tracks = chance.normal(size=(300, 4)).astype(np.float32)
    tracks /= np.linalg.norm(tracks, axis=1, keepdims=True)
    ids = np.arange(300) * 3 + 5
    seconds = [None if row % 17 == 0 else float(chance.uniform(20, 400)) for row in range(300)]
    found = {(one.first, one.second) for one in near_pairs(ids, tracks, seconds, 0.1)}
    expected = {
        (int(ids[a]), int(ids[b]))
        for a in range(300)
        for b in range(a + 1, 300)
        if seconds[a] is not None
        and seconds[b] is not None
        and abs(seconds[a] - seconds[b]) <= max(3, 0.02 * min(seconds[a], seconds[b]))
        and 1 - float(tracks[a] @ tracks[b]) <= 0.1
    }
    assert found == expected
    assert len(found) > 5


def test_the_usual_distance():
    assert usual_distance(np.eye(5, dtype=np.float16)) == 0.5  # too few songs to know it
    assert usual_distance(np.eye(40, dtype=np.float16)) == 1.0


def tone(*hertz, seconds=4.0):
    at = np.arange(int(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * one * at) for one in hertz).astype(np.float32) / len(hertz) / 2


def test_the_same_recording_in_other_files(nw, catalog, add_song, ears, tmp_path, lines_of):
    add_song("Low", tone(200))
    add_song("Low again", 0.5 * tone(200, seconds=4.2))
    add_song("Low and long", tone(200, seconds=20))
    add_song("High", tone(2_000))
    copy = add_song("High copy", tone(2_000))
    embed_sound(catalog, ears)
    build_index(catalog, ears, tmp_path / "home" / "indexes" / "sound")
    found = lines_of(nw("duplicates", "-f", "ndjson").out)
    assert [(one["group"], one["title"]) for one in found] == [
        (1, "Low"),
        (1, "Low again"),
        (2, "High"),
        (2, "High copy"),
    ]
    assert found[2]["likeness"] == 100
    assert lines_of(nw("duplicates", "-f", "ndjson", "-k", 1).out) == found[:2]
    assert "no two songs" in nw("duplicates", "--where", f"id = {copy}", code=1).err


def test_without_an_index_it_says_so(nw, catalog):
    assert "nw index" in nw("duplicates", code=4).err
