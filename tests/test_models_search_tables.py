"""What of a search a changed sign or condition would break: more tables, worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from search_by_axes import Index, Indexes, X, Y, row

from catalog.library.exact_match import Found
from models.search import part_order, query_embedding, scoring, sparse_index
from models.search.query_embedding import Query
from models.search.ranking import Ranked
from models.search.reading.query_parser import ParsedQuery
from models.search.relevance_feedback import feedback_of
from models.search.request import SearchRequest
from models.search.retrieval import Candidates, retrieve
from models.search.score_fusion import reciprocal_ranks
from models.search.scoring import score
from models.search.selection import diverse_first

NAN = np.nan
HALF = 5 * 0.5**1.5
"""The z-score of a song that has one word with a BM25 of 2."""


def test_equals_share_the_middle_of_their_places():
    """Seven tie for places 1 to 7, so each stands at 4; the eighth is at 8 there, and second elsewhere.

    1/64 + 1/65 of the first song is more than the 1/68 + 1/62 of the eighth; at 5 in place of 4 it were less.
    """
    tied = row(5, 5, 5, 5, 5, 5, 5, 1)
    by_place = 9 - row(5, 1, 3, 4, 6, 7, 8, 2)
    fused = reciprocal_ranks(np.stack([tied, by_place]), row(1, 1))
    assert fused[0] > fused[7]


def found(term, *ids, instead="", rarity=2.0):
    return Found(term, np.array(ids), np.ones(len(ids), np.float32), rarity, instead=instead)


def exact(text, matches, songs, *, embeddings=None, alternatives=(), strict=False):
    """How a request scores that no embedding tells anything about: what is written decides."""
    alike = Indexes(sound=Index([0 * X] * len(songs)))
    by_role = {"sound": X} if embeddings is None else embeddings
    parsed = ParsedQuery(text, terms=tuple(text.split()), alternatives=alternatives)
    query = Query(parsed, by_role, tuple(by_role for _ in alternatives))
    return score(query, Candidates(np.array(songs), matches), alike, None, strict=strict)


def test_each_alternative_has_its_own_words():
    matches = [found("harp", 1), found("lute", 2), found("zither", 3, instead="harp")]
    scored = exact("harp or lute", matches, [1, 2, 3], alternatives=("harp", "lute"))
    assert scored.turns.tolist() == [0, 1, 0]
    assert scored.z_scores["written"].tolist() == pytest.approx([HALF] * 3)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        pytest.param("winter", HALF, id="alone it stands for the whole request"),
        pytest.param("winter harp", 5 * (1 / 3) ** 1.5, id="of two words for half: a BM25 of 1"),
        pytest.param("winter song", HALF, id="what names nothing is not counted"),
    ],
)
def test_what_another_word_of_a_scene_counts(text, instead):
    scored = exact(text, [found("winter", 1), found("snow", 2, instead="winter")], [1, 2])
    assert scored.z_scores["written"].tolist() == pytest.approx([HALF, instead])


def test_a_strict_request_wants_more_than_half_of_its_words():
    matches = [found("tax", 1, 2), found("return", 1)]
    usual, strict = (exact("tax return", matches, [1, 2], strict=how).z_scores["written"] for how in (0, 1))
    assert usual.tolist() == pytest.approx([5 * (2 / 3) ** 1.5, HALF])
    assert strict.tolist() == pytest.approx([5 * (2 / 3) ** 1.5, HALF / 5])


@pytest.mark.parametrize(
    ("matches", "embeddings", "roles"),
    [
        pytest.param([], {"sound": X}, ["sound"], id="what no song has is no role"),
        pytest.param([found("harp", 1)], {"sound": X}, ["sound", "written"], id="what one has is"),
        pytest.param([], {}, ["written"], id="where nothing else is asked it is all there is"),
    ],
)
def test_exact_words_are_a_role_where_they_tell_songs_apart(matches, embeddings, roles):
    scored = exact("harp", matches, [1, 2], embeddings=embeddings)
    assert list(scored.z_scores) == roles


def test_songs_whose_sound_is_unknown_are_not_among_the_nearest(monkeypatch):
    """Song 1 has no embedding, and song 2 sounds like the opposite: it is the nearer one all the same."""
    asked = []
    monkeypatch.setattr(scoring, "ORDERED", 1)
    monkeypatch.setattr(scoring, "order_gains", lambda parts, ids, *_: asked.append(ids.tolist()) or row(7))
    query = Query(ParsedQuery("x then y"), {"sound": X}, parts=(X, Y))
    indexes = Indexes(sound=Index([[NAN, NAN], -X]))
    scored = score(query, Candidates(np.array([1, 2])), indexes, None)
    assert asked == [[2]]
    assert scored.z_scores["sound"][1] == -10 + 7


@pytest.mark.parametrize(
    ("allowed", "ids"),
    [
        pytest.param(None, [1, 2, 4], id="beside the two that are near"),
        pytest.param([1, 3], [1, 3], id="not where filters leave it out"),
        pytest.param([3, 4], [3, 4], id="where they let it pass"),
    ],
)
def test_a_song_with_the_words_that_weigh_is_scored_however_far_it_is(monkeypatch, catalog, allowed, ids):
    index = Index([X, X, Y, Y])
    index.content = "where the index is"
    postings = SimpleNamespace(shares=lambda weights: (np.array([4]), row(weights["harp"])))
    monkeypatch.setattr(sparse_index, "opened", {index.content: postings}.get)
    query = Query(ParsedQuery("harp"), {"words": X}, token_weights={"harp": 0.5})
    passing = None if allowed is None else np.array(allowed)
    found = retrieve(query, SearchRequest("harp"), passing, Indexes(words=index), catalog)
    assert found.ids.tolist() == ids
    assert [part.tolist() for part in found.shares] == [[4], [0.5]]


@pytest.mark.parametrize(
    ("said", "weights"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"like": (1,)}, [1], id="like a song"),
        pytest.param({"unlike": (1, 2)}, [-0.5, -0.5], id="unlike two, which are one wish"),
        pytest.param({"like": (1, 2), "unlike": (2,)}, [0.5, 0.5, -1], id="like some, unlike another"),
        pytest.param({"unwanted": ("drums",)}, [1], id="without a sound"),
    ],
)
def test_what_a_text_feeds_back(said, weights):
    found = feedback_of(SearchRequest("x"), ParsedQuery("x", **said), Indexes(sound=Index([X, Y])), None)
    assert [one.weight for one in found] == weights
    assert [one.unwanted for one in found] == [bool(one.text) for one in found]


def test_each_alternative_and_each_part_is_embedded_by_itself():
    parsed = ParsedQuery("x or y", alternatives=("x", "y"), parts=("y", "x"))
    indexes = Indexes(sound=Index([X]), words=Index([X]))
    asked = query_embedding.embed(SearchRequest("x or y", by="sound"), parsed, indexes, None)
    assert [one["sound"].tolist() for one in asked.alternatives] == [X.tolist(), Y.tolist()]
    assert [part.tolist() for part in asked.parts] == [Y.tolist(), X.tolist()]
    by_words = query_embedding.embed(SearchRequest("x or y", by="words"), parsed, indexes, None)
    assert [list(one) for one in by_words.alternatives] == [["words"], ["words"]]
    assert list(by_words.parts) == []


@pytest.mark.parametrize(
    ("windows", "gain"),
    [
        pytest.param([X, X, Y, Y, Y, Y], 1 / 5**0.5 + 1, id="mostly the one, then all the other: 0.447 + 1"),
        pytest.param([X, Y], 2, id="a window for each part"),
        pytest.param([Y, X], 0, id="the other way round costs nothing"),
        pytest.param([X], 0, id="too short to be cut"),
        pytest.param([X, X], 0, id="the same all along"),
    ],
)
def test_what_a_song_gains_by_its_order(monkeypatch, windows, gain):
    """Half the difference of X and Y in the first half, and of Y and X in the second, is by what order wins.

    Two X and a Y have the mean (2/3, 1/3), which is of the direction (2, 1) / sqrt(5). A deviation is 0.5.
    """
    asked = []
    heard = {7: np.array(windows, np.float16)}
    monkeypatch.setattr(part_order.embeddings, "windows", lambda *given: asked.append(given) or heard)
    index = SimpleNamespace(spread=0.5, manifest=SimpleNamespace(pipeline="ears"))
    gains = part_order.order_gains([X, Y], np.array([7, 8]), index, "catalog")
    assert gains.tolist() == pytest.approx([gain, 0], rel=1e-3)
    assert asked == [("catalog", "ears", [7, 8])]


@pytest.mark.parametrize(
    ("k", "pool"),
    [
        pytest.param(2, 50, id="at least fifty"),
        pytest.param(11, 55, id="five times as many as are shown"),
    ],
)
@pytest.mark.parametrize("one_more", [False, True], ids=["the last of the pool", "the next one"])
def test_those_that_differ_are_chosen_from_a_pool(k, pool, one_more):
    """All songs are alike but for one at the end of the pool, or right behind it."""
    at = pool if one_more else pool - 1
    index = Index([Y if number == at else X for number in range(60)])
    answer = Ranked(np.arange(1, 61), np.full(60, 50, np.float32), {})
    second = diverse_first(answer, k, Indexes(sound=index)).ids[1]
    assert second == (2 if one_more else at + 1)
