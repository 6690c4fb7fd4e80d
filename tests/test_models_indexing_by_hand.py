"""What goes into an index, worked out by hand: pieces of lyrics, rows, what is unrelated, recall."""

from types import SimpleNamespace

import numpy as np
import pytest
from fakes import tone

from catalog.errors import Incompatible
from catalog.indexes import PART_BITS, exact
from catalog.library import embeddings
from catalog.library.embeddings import Embedding
from catalog.records import Caption, Line
from models.indexing import background, chance, recall, rows
from models.indexing.background import background_of, starts_of
from models.indexing.chunking import parts
from models.indexing.embed import embed_words
from models.indexing.heard_tags import heard
from models.indexing.request_examples import OTHER


@pytest.mark.parametrize(
    ("lines", "pieces"),
    [
        pytest.param(1, [(0, 1)], id="a line"),
        pytest.param(6, [(0, 6)], id="as long as a piece: the whole alone"),
        pytest.param(7, [(0, 7), (0, 6), (3, 7)], id="a line more"),
        pytest.param(9, [(0, 9), (0, 6), (3, 9)], id="two whole pieces"),
        pytest.param(10, [(0, 10), (0, 6), (3, 9), (6, 10)], id="three"),
    ],
)
def test_lyrics_in_pieces_of_six_lines_of_which_half_is_in_the_next(lines, pieces):
    lyrics = [Line(str(number)) for number in range(lines)]
    found = parts(lyrics, ())
    assert [part.lines for part in found] == pieces
    for part, (first, end) in zip(found, pieces, strict=True):
        assert part.text == "\n".join(map(str, range(first, end)))


def test_pieces_without_words_are_none():
    lyrics = [Line("a"), *[Line(" ")] * 8, Line("b")]
    assert [part.lines for part in parts(lyrics, ())] == [(0, 10), (0, 6), (6, 10)]
    assert parts([Line(" ")], [Caption(" ")]) == []
    captions = [Caption(" "), Caption("calm")]
    assert [part.label() for part in parts([Line("a")], captions)] == [{"lines": (0, 1)}, {"caption": 1}]


SONGS = np.array([[1, 0], [0, 1], [0.5, 0.75]], np.float16)
STARTS = np.array([0, 2])
"""A song of two parts, a song of one."""


@pytest.mark.parametrize("block", [1, 2])
def test_the_background_is_mean_and_deviation_of_a_songs_scores(monkeypatch, block):
    """A score is the mean of the first part and the best: 1 and 1/2 of the first song, 1/2 and 3/4."""
    monkeypatch.setattr(background, "BLOCK", block)
    found = background_of(SONGS, STARTS, np.eye(2, dtype=np.float32))
    np.testing.assert_allclose(found, [[0.75, 0.25], [0.625, 0.125]], rtol=1e-6)


def test_where_the_vectors_of_a_song_start():
    keys = np.array([3 << PART_BITS, (3 << PART_BITS) + 1, 4 << PART_BITS, 9 << PART_BITS])
    assert starts_of(keys).tolist() == [0, 2, 3]
    assert starts_of(keys[:0]).tolist() == []


@pytest.fixture
def read(catalog, add_song, reader):
    """Songs 1 and 3 with words, of which the first has three pieces, and 2 without."""
    add_song("long", lyrics="sea\n" * 7)
    add_song("none")
    add_song("short", lyrics="robot")
    embed_words(catalog, reader)
    return catalog


def test_keys_are_of_songs_and_their_parts(read, reader):
    keys, vectors = rows.all_rows(read, reader)
    assert keys.tolist() == [1 << PART_BITS, (1 << PART_BITS) + 1, (1 << PART_BITS) + 2, 3 << PART_BITS]
    assert vectors.shape == (4, reader.dimensions)
    some, _ = rows.rows_of(read, reader, np.array([2, 3]))
    assert some.tolist() == [3 << PART_BITS]


def test_a_song_has_no_more_parts_than_there_are_keys_for(read, reader, monkeypatch):
    monkeypatch.setattr(rows, "MOST_PARTS", 2)
    keys, vectors = rows.all_rows(read, reader)
    assert keys.tolist() == [1 << PART_BITS, (1 << PART_BITS) + 1, 3 << PART_BITS]
    assert len(vectors) == 3


def test_the_whole_of_its_words_stands_for_a_song(catalog, add_song, reader):
    lyrics = "sea\n" * 6 + "robot\n" * 6
    add_song("both", lyrics=lyrics)
    embed_words(catalog, reader)
    [track] = embeddings.tracks(catalog, reader.pipeline)[1]
    [whole] = reader.encode_lyrics([lyrics])
    assert track.tolist() == whole.astype(np.float16).tolist()


class Names:
    """A tagger that hears the numbers of a vector as probabilities."""

    name, pipeline = "names", "ears/1"

    def tags(self, vectors):
        return list(zip("abcd", vectors.mean(axis=0).tolist(), strict=True))


def test_a_name_is_heard_from_the_least_probability_on(catalog, add_song):
    ids = [add_song("one", tone(100, 3)), add_song("unheard", tone(600, 3))]
    [(content,)] = catalog.fetch("SELECT audio_hash FROM songs WHERE id = 1")
    embeddings.register_pipeline(catalog, Names.pipeline, role="sound", meta={})
    vector = np.array([0.5, 0.25, 0.75, 0], np.float16)
    embeddings.put_many(catalog, Names.pipeline, [Embedding(content, vector[None], vector)])
    assert list(heard(catalog, Names(), ids, least=0.5)) == [(1, [("a", 0.5), ("c", 0.75)])]


def test_vectors_of_another_width_are_refused(read, reader):
    wider = SimpleNamespace(
        role="words", pipeline=reader.pipeline, dimensions=reader.dimensions + 1, languages=None
    )
    with pytest.raises(Incompatible, match=f"are {reader.dimensions} wide here, not {wider.dimensions}"):
        rows.all_rows(read, wider)


def test_both_kinds_of_sentences_count_alike_however_many_there_are():
    """The centre lies half-way between the means of three and of one, not at the mean of the four."""
    music, other = np.array([[4.0, 0], [5, 0], [6, 0]]), np.array([[1.0, 2]])
    slopes, centre = chance._ridge(music, other)
    assert centre.tolist() == pytest.approx([3, 1])
    assert slopes[0] > 0 > slopes[1]


@pytest.mark.parametrize(
    ("kept", "is_kept"), [(0, True), (1, False), (-1, False)], ids=["as many", "more", "fewer"]
)
def test_vectors_of_other_sentences_are_kept_while_they_are_of_these_sentences(tmp_path, kept, is_kept):
    def encode(texts):
        return np.ones((len(texts), 2), np.float32)

    encoder = SimpleNamespace(encode_descriptions=encode)
    np.save(tmp_path / chance.OTHERS, np.zeros((len(OTHER) + kept, 2), np.float32))
    found = chance.others_of(encoder, tmp_path)
    assert found.tolist() == ([[0, 0]] if is_kept else [[1, 1]]) * len(OTHER)
    assert chance.others_of(encoder, tmp_path / "none").tolist() == [[1, 1]] * len(OTHER)


CIRCLE = np.array([[np.cos(angle), np.sin(angle)] for angle in np.arange(8) / 5], np.float16)
"""Eight vectors, each further from the first; keys 0 to 7."""


class Finds:
    """An index that finds what it was told to, with any cosines that it was told."""

    def __init__(self, keys):
        self.keys = np.array(keys)

    def search(self, query, k, among=None):
        cosines = CIRCLE[self.keys].astype(np.float32) @ query
        return self.keys[:k], cosines[:k]


def test_rows_are_joined_in_order_and_given_back_as_they_are():
    """A block is let go as soon as it is copied: all vectors of a large library are a lot to have twice."""
    parts = [(np.array([4, 8]), CIRCLE[:2]), (np.array([12]), CIRCLE[5:6]), (np.array([16, 20]), CIRCLE[6:])]
    keys, vectors = rows.joined(parts, None)
    assert keys.tolist() == [4, 8, 12, 16, 20]
    assert np.array_equal(vectors, CIRCLE[[0, 1, 5, 6, 7]])
    assert parts == []


@pytest.mark.parametrize(
    ("finds", "share"),
    [
        pytest.param([0, 1, 2, 3], 1, id="all of them"),
        pytest.param([3, 2, 1, 0], 1, id="in any order"),
        pytest.param([0, 1, 3, 4], 2 / 3, id="two of three"),
        pytest.param([5, 6, 7], 0, id="none"),
    ],
)
def test_recall_is_the_share_of_the_true_nearest(finds, share, monkeypatch):
    """Asked for: the first vector, whose three nearest are 0, 1 and 2."""
    truth = exact.build(np.arange(8), CIRCLE)
    monkeypatch.setattr(recall, "queries_of", lambda prompts, vectors: CIRCLE[:1].astype(np.float32))
    found = recall.measured_recall(Finds(finds), truth, CIRCLE[:0], looked_at=8, k=3)
    assert found == pytest.approx(share)


def test_the_truth_of_blocks_is_that_of_the_whole():
    queries = CIRCLE[[0, 7]].astype(np.float32)
    truth = recall.Truth(queries, k=3)
    for block in (CIRCLE[4:], CIRCLE[:1], CIRCLE[1:4]):
        truth.look(block)
    cosines = queries @ CIRCLE.astype(np.float32).T
    np.testing.assert_allclose(truth.nearest, -np.sort(-cosines, axis=1)[:, :3], rtol=1e-3)
    assert truth.recall(Finds([0, 1, 2])) == pytest.approx(0.5)  # all for the first, none for the last


def test_queries_are_descriptions_and_songs_from_all_of_a_library():
    prompts = np.zeros((300, 2), np.float32)
    songs = np.arange(1_000, dtype=np.float16)[:, None].repeat(2, axis=1)
    found = recall.queries_of(prompts, songs)
    assert len(found) == recall.PROBES
    asked = found[100:, 0]
    assert (asked[0], asked[-1]) == (0, 999)
    assert np.ptp(np.diff(asked)) <= 1  # evenly
    assert len(recall.queries_of(prompts, songs[:3])) == 100 + 3
