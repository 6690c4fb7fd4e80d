"""Ways to put sound and words together, compared on songs whose vectors can be checked by eye."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.errors import WrongUse
from models.evaluation import fusion_methods
from models.evaluation.fusion_methods import Comparison
from models.indexing import calibration
from models.indexing.song_vectors import PairedEmbeddings

AXES = {"low": 0, "high": 1, "sea": 0, "ice": 1}


def encode(texts):
    """One axis a word, the third for every other word: (texts, 3)."""
    vectors = np.zeros((len(texts), 3), np.float32)
    for row, text in enumerate(texts):
        known = [AXES[word] for word in text.split() if word in AXES]
        vectors[row, known or [2]] = 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


ENCODERS = {"sound": encode, "words": encode}


@pytest.fixture(autouse=True)
def calibrated(monkeypatch):
    """What is unrelated: each word once."""
    monkeypatch.setattr(calibration, "descriptions", lambda role: ["low", "high", "tea"])


def compared(*songs, words="none"):
    """A comparison of songs (known by role, what is asked for it)."""
    made = PairedEmbeddings()
    for number, (known, asked) in enumerate(songs):
        vectors = {role: np.array(parts, np.float32) for role, parts in known.items()}
        made.add(f"song {number}", f"work {number}", vectors, asked)
    return Comparison(made, ENCODERS, words=words)


LOW, HIGH, NEITHER = [[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]]


def test_a_score_is_told_in_deviations_from_unrelated_descriptions():
    """Cosines with low, high, tea: 1, 0, 0 of the first song; 0.6, 0.8, 0 of the second."""
    found = compared(({"sound": LOW}, ["low"]), ({"sound": [[0.6, 0.8, 0]]}, ["high"]))
    cosines = np.array([[1, 0, 0], [0.6, 0.8, 0]])
    spread = np.sqrt(np.mean(cosines.std(axis=1) ** 2))
    expected = (cosines - cosines.mean(axis=1, keepdims=True)) / spread
    assert found.texts == ["low", "high"]
    np.testing.assert_allclose(
        found.standard["sound"], expected[:, :2].T, rtol=1e-3
    )  # kept in half precision
    assert np.isnan(found.standard["words"]).all()


def test_a_song_without_a_role_comes_behind_all_that_have_it():
    """Also behind one whose score is far below the average of unrelated descriptions."""
    found = compared(({"words": LOW}, ["low"]), ({"sound": LOW}, ["x"]), ({"sound": HIGH}, ["y"]))
    assert found.ranks("sound").first.tolist()[0] == 3
    assert found.ranks("words").first.tolist()[0] == 1


def test_songs_that_cannot_be_judged_share_their_places():
    found = compared(({"words": LOW}, ["low"]), ({"words": HIGH}, ["high"]), ({"sound": LOW}, ["x"]))
    assert found.ranks("sound").first.tolist()[:2] == [2.5, 2.5]


def test_equal_captions_are_one_question_about_the_first_of_their_songs():
    found = compared(
        ({"sound": HIGH}, ["high"]), ({"sound": LOW}, ["low"]), ({"sound": LOW}, ["high", "low"])
    )
    assert found.texts == ["high", "low"]
    assert found.right == [[0, 2], [1, 2]]
    assert found.song_of.tolist() == [0, 1]


def test_without_a_question_there_is_nothing_to_compare():
    with pytest.raises(WrongUse, match="has a caption"):
        compared(({"sound": LOW}, []))


class OfTheGate:
    """A gate that has learned one encoder's sentences, and thinks little of sound."""

    def knows(self, pipeline):
        return pipeline == "learned"

    def weights(self, sentence):
        return {"sound": 0.01, "words": 1.0}


@pytest.mark.parametrize(
    ("way", "words", "first"),
    [
        pytest.param("gate", "learned", "by words", id="the gate decides where it knows the encoder"),
        pytest.param("both", "learned", "by words", id="the default of a query is the gate"),
        pytest.param("gate", "other", "by sound", id="of another encoder it says nothing"),
        pytest.param("evidence", "learned", "by sound", id="other ways ask no gate"),
    ],
)
def test_the_gate(monkeypatch, way, words, first):
    """By sound the first song fits better than the second does by words."""
    monkeypatch.setattr(fusion_methods.Gate, "load", lambda: OfTheGate())
    by_sound = {"sound": [[1, 0, 0]], "words": NEITHER}
    by_words = {"sound": NEITHER, "words": [[0.8, 0, 0.6]]}
    found = compared((by_sound, ["low"]), (by_words, ["x"]), words=words)
    place = found.ranks(way).first[0]
    assert place == {"by sound": 1, "by words": 2}[first]


@pytest.mark.parametrize(
    ("weights", "place"),
    [({}, 1), ({"sound": 0.1}, 2), ({"words": 0.1}, 1), ({"sound": 0.1, "words": 0.1}, 1)],
    ids=["even", "sound counts less", "words count less", "both count less"],
)
def test_weights_of_ones_own_go_on_top(weights, place):
    by_sound = {"sound": [[1, 0, 0]], "words": NEITHER}
    by_words = {"sound": NEITHER, "words": [[0.8, 0, 0.6]]}
    found = compared((by_sound, ["low"]), (by_words, ["x"]))
    assert found.ranks("gate", weights=weights).first[0] == place


@pytest.mark.parametrize(("way", "place"), [("sound", 1), ("words", 2), ("fused", 2)])
def test_a_trained_fusion_is_one_way_beside_the_others(way, place):
    """It hears the first song as the opposite of what its sound says."""
    found = compared(({"sound": LOW, "words": HIGH}, ["low"]), ({"sound": HIGH, "words": LOW}, ["x"]))
    turned = np.array([*HIGH, *LOW], np.float32)
    fused = SimpleNamespace(encode_songs=lambda songs: turned, encode_descriptions=encode)
    assert found.ranks(way, fused=fused).first[0] == place


def test_without_a_trained_fusion_there_is_no_such_way():
    with pytest.raises(WrongUse, match="no way 'fused'"):
        compared(({"sound": LOW}, ["low"])).ranks("fused")
