"""Exact words as an encoder weighs them: the lexical score, kept weights, and the ranking they join."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import tiny_words

from catalog.errors import Damaged
from models.encoders import bge_m3
from models.indexing.build import build_index
from models.indexing.embed import embed_words
from models.networks.text_tower import TextTower
from models.search import sparse_index
from models.search.request import SearchRequest
from models.search.searcher import Searcher
from models.search.sparse_index import LEAST, WordWeights

WEIGHTS = {"sun": {7: 0.5, 9: 0.25}, "moon": {9: 1.0}, "both": {7: 0.2, 9: 0.1, 11: 0.3}, "": {}}


@pytest.fixture(scope="module")
def bge(tmp_path_factory):
    return bge_m3.Encoder(model=str(tiny_words.bge_m3(tmp_path_factory.mktemp("bge"))))


@pytest.fixture(scope="module")
def tower(bge, tmp_path_factory):
    """The folder of its text tower, exported once: that takes seconds."""
    folder = tmp_path_factory.mktemp("bge") / "tower"
    bge.export_text_tower(folder)
    return folder


def written(folder, texts, old=None, weighed=None):
    """The postings of these texts; `weighed` collects what was not known before."""

    def weigh(block):
        if weighed is not None:
            weighed.extend(block)
        return [WEIGHTS[text] for text in block]

    folder.mkdir()
    sparse_index.write(folder, texts, weigh, old)
    return WordWeights(folder / sparse_index.FOLDER)


def lexical_score(one, other):
    """The lexical matching of BGE-M3's paper: weights of the tokens that both have, multiplied and added."""
    return sum(weight * other[token] for token, weight in one.items() if token in other)


def test_a_share_is_the_lexical_score_over_the_query_with_itself(tmp_path):
    postings = written(tmp_path / "a", [(3, "sun"), (5, "moon"), (8, ""), (9, "both")])
    query = {7: 0.5, 9: 0.5, 400: 0.1}
    songs, shares = postings.shares(query)
    own = lexical_score(query, query)
    expected = {
        song: lexical_score(query, WEIGHTS[text]) / own
        for song, text in ((3, "sun"), (5, "moon"), (9, "both"))
    }
    assert dict(zip(songs.tolist(), shares.tolist(), strict=True)) == pytest.approx(
        {song: min(share, 1) for song, share in expected.items() if share >= LEAST}, abs=1e-3
    )
    assert postings.shares({400: 1.0})[0].tolist() == []


def test_a_text_that_was_weighed_before_is_not_weighed_again(tmp_path):
    written(tmp_path / "old", [(1, "sun"), (2, "moon"), (3, "both")])
    weighed = []
    new = written(tmp_path / "new", [(2, "both"), (4, "sun"), (6, "")], tmp_path / "old", weighed)
    fresh = written(tmp_path / "fresh", [(2, "both"), (4, "sun"), (6, "")])
    assert weighed == [""]
    for name in ("songs", "tokens", "starts", "places", "weights", "hashes"):
        assert np.array_equal(getattr(new, name), getattr(fresh, name)), name


def test_a_cut_file_is_told(tmp_path):
    written(tmp_path / "a", [(1, "sun")])
    (tmp_path / "a" / sparse_index.FOLDER / "tokens.npy").write_bytes(b"")
    with pytest.raises(Damaged, match="exact words find nothing"):
        sparse_index.opened(tmp_path / "a")


@pytest.mark.slow
def test_the_tower_weighs_the_words_of_a_description_as_the_encoder(bge, tower):
    tower = TextTower(tower)
    [expected] = bge.word_weights(["sad piano and drums"])
    assert expected
    assert tower.word_weights("sad piano and drums") == pytest.approx(expected, abs=0.05)
    assert tower.encode(["sad piano"]) == pytest.approx(bge.encode_descriptions(["sad piano"]), abs=0.02)


@pytest.mark.slow
def test_weighed_words_join_the_ranking_and_stay_with_the_index(
    bge, tower, catalog, add_song, tmp_path, monkeypatch
):
    monkeypatch.setattr(bge, "export_text_tower", lambda folder: shutil.copytree(tower, folder))
    [weights] = bge.word_weights(["piano guitar drums sad happy fast slow loud"])
    word = bge.backbone.tokens(["piano"], bge.truncation)[0][0][1]
    monkeypatch.setattr(
        bge, "word_weights", lambda texts: [{word: 0.5} if "piano" in t else {} for t in texts]
    )
    named = add_song("One", lyrics="the piano")
    add_song("Two", lyrics="the drums")
    embed_words(catalog, bge)
    build_index(catalog, bge, tmp_path / "indexes" / "words")
    searcher = Searcher(tmp_path / "indexes", catalog)
    monkeypatch.setattr(TextTower, "word_weights", lambda self, text: {word: 0.5})
    monkeypatch.setattr("catalog.library.exact_match.find", lambda *_, **__: [])
    hits = searcher.search(SearchRequest("piano")).hits
    assert weights
    assert hits[0].song.title == "One"
    assert hits[0].written > 90
    assert [hit.written for hit in hits[1:]] == [None]
    assert searcher.search(SearchRequest("piano", by="words")).hits[0].written is None
    assert named


@pytest.mark.parametrize("encoder", [SimpleNamespace(), SimpleNamespace(weighs_words=False)])
def test_an_encoder_that_weighs_no_words_leaves_no_postings(tmp_path, encoder):
    sparse_index.writer(None, encoder, np.array([1]), None)(tmp_path)
    assert sparse_index.opened(tmp_path) is None


def test_lines_and_captions_of_a_song_are_weighed_together(tmp_path, catalog, add_song):
    weighed = []
    encoder = SimpleNamespace(
        weighs_words=True, word_weights=lambda texts: weighed.extend(texts) or [{7: 0.5}] * len(texts)
    )
    song = add_song("Told", lyrics="a harp\na drum", captions=["calm"])
    sparse_index.writer(catalog, encoder, np.array([song]), None)(tmp_path)
    assert weighed == ["a harp\na drum\ncalm"]
    assert sparse_index.opened(tmp_path).shares({7: 1.0})[0].tolist() == [song]
