"""Ranks and metrics: against slow obvious code, against pytrec_eval, ties shared fairly, chance at chance."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import in_one_test

from models.evaluation import metrics
from models.evaluation.ranks import Ranks, rank_scores, rank_vectors


def ranks(*places, candidates=100):
    starts = np.cumsum([0, *(len(one) for one in places)])
    return Ranks(np.array([p for one in places for p in one], np.float64), starts, candidates)


@pytest.mark.parametrize(
    ("scores", "right", "places"),
    [
        pytest.param([9, 5, 1], [1], [2], id="no tie: the place in the order"),
        pytest.param([9, 5, 5, 1], [1], [2.5], id="a tie: its mean rank"),
        pytest.param([5, 5, 5, 5], [3], [2.5], id="everything equal: chance"),
        pytest.param([5, 5, 5], [0, 1, 2], [1, 2, 3], id="a tie of right answers costs nothing"),
        pytest.param([5, 5, 5], [0, 2], [4 / 3, 8 / 3], id="two of three tied: spread over the tie"),
        pytest.param([9, 5, 5, 1], [0, 1], [1, 2.5], id="several right answers, one in a tie"),
        pytest.param([1, 2, 3], [2, 2], [1], id="a right answer named twice counts once"),
    ],
)
def test_places(scores, right, places):
    assert rank_scores(np.array([scores], float), [right]).places.tolist() == pytest.approx(places)


@st.composite
def judged(draw):
    songs = draw(st.integers(1, 7))
    queries = draw(st.integers(1, 4))
    scores = draw(
        st.lists(
            st.lists(st.integers(0, 4), min_size=songs, max_size=songs), min_size=queries, max_size=queries
        )
    )
    right = [draw(st.sets(st.integers(0, songs - 1), min_size=1)) for _ in range(queries)]
    return np.array(scores, float), [sorted(one) for one in right]


@given(judged())
@settings(max_examples=60)
def test_places_are_the_average_over_all_orders_of_the_ties(case):
    """Slow and obvious: every order of the songs that the scores allow, and the j-th right place in each."""
    scores, right = case
    found = rank_scores(scores, right)
    for query, (row, own) in enumerate(zip(scores, right, strict=True)):
        orders = [
            [song for _, group in itertools.groupby(order, key=lambda s: row[s]) for song in group]
            for order in itertools.permutations(range(len(row)))
            if all(row[a] >= row[b] for a, b in itertools.pairwise(order))
        ]
        seen = [[order.index(s) + 1 for s in own] for order in orders]
        expected = np.mean([sorted(places) for places in seen], axis=0)
        places = found.places[found.starts[query] : found.starts[query + 1]]
        np.testing.assert_allclose(places, expected, rtol=0, atol=1e-9)


@given(judged(), st.integers(1, 5))
@settings(max_examples=50)
def test_many_right_answers_are_ranked_as_few(case, few):
    scores, right = case
    counted = rank_scores(scores, right)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.evaluation.ranks.FEW", few - 1)
        np.testing.assert_array_equal(rank_scores(scores, right).places, counted.places)


def test_blocks_and_matrix_agree(monkeypatch):
    rng = np.random.default_rng(0)
    queries, songs = rng.standard_normal((50, 8), np.float32), rng.standard_normal((40, 8), np.float32)
    right = [rng.choice(40, size=rng.integers(1, 4), replace=False).tolist() for _ in queries]
    whole = rank_vectors(queries, songs, right)
    monkeypatch.setattr("models.evaluation.ranks.BLOCK_BYTES", 40 * 4 * 7)
    told = []
    blocks = rank_vectors(queries, songs, right, done=told.append)
    np.testing.assert_array_equal(blocks.places, whole.places)
    np.testing.assert_array_equal(rank_scores(queries @ songs.T, right).first, whole.first)
    assert sum(told) == 50
    assert len(told) == 8


def test_equal_songs_tie_wherever_they_lie():
    """The same vector in other rows may be multiplied with another rounding: still a tie."""
    rng = np.random.default_rng(1)
    one = rng.standard_normal(67).astype(np.float32)
    songs = np.tile(one / np.linalg.norm(one), (101, 1))
    assert set(rank_vectors(songs, songs, [[i] for i in range(101)]).first) == {51.0}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_scores_must_be_finite(bad):
    with pytest.raises(ValueError, match="finite"):
        rank_scores(np.array([[0.5, bad]]), [[0]])


@pytest.mark.parametrize("right", [[[]], [], [[0], [1]]])
def test_every_query_needs_a_right_answer(right):
    with pytest.raises(ValueError, match="right answer"):
        rank_scores(np.array([[0.5, 0.1]]), right)


TWO = ranks([1, 4], [10])


@in_one_test
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("recall@1", [1 / 2, 0]),
        ("recall@5", [1, 0]),
        ("recall@10", [1, 1]),
        ("precision@1", [1, 0]),
        ("precision@5", [2 / 5, 0]),
        ("mrr", [1, 1 / 10]),
        ("average_precision", [(1 / 1 + 2 / 4) / 2, 1 / 10]),
        ("median_rank", [1, 10]),
        ("ndcg@5", [(1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3)), 0]),
        ("ndcg@1", [1, 0]),
        ("ndcg@20", [(1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3)), 1 / math.log2(11)]),
    ],
)
def test_by_hand(name, values):
    assert metrics.per_query(TWO)[name].tolist() == pytest.approx(values)


def summaries(ranks):
    return {name: metrics.summary(name, values) for name, values in metrics.per_query(ranks).items()}


def test_the_median_rank_is_a_median_and_the_rest_are_means():
    three = ranks([1], [2], [60])
    found = summaries(three)
    assert found["median_rank"] == 2
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 60) / 3)


def test_a_collapsed_encoder_stands_at_chance():
    same = np.ones((200, 4), np.float32) / 2
    found = summaries(rank_vectors(same, same, [[i] for i in range(200)]))
    assert found["median_rank"] == 100.5
    assert found["recall@20"] == 0
    assert found["mrr"] < 0.01


def test_as_pytrec_eval_where_nothing_ties():
    pytrec_eval = pytest.importorskip(
        "pytrec_eval", reason="the reference is not installed: pip install pytrec-eval-terrier"
    )
    rng = np.random.default_rng(3)
    scores = np.stack([rng.permutation(60) for _ in range(40)]).astype(float)
    right = [np.unique(rng.integers(0, 60, rng.integers(1, 9))).tolist() for _ in range(40)]
    judge = pytrec_eval.RelevanceEvaluator(
        {f"q{i}": {f"s{s}": 1 for s in own} for i, own in enumerate(right)},
        {"recip_rank", "map", "recall.1,5,10,20", "P.1,5,10,20", "ndcg_cut.1,5,10,20"},
    )
    reference = judge.evaluate(
        {f"q{i}": {f"s{s}": float(v) for s, v in enumerate(row)} for i, row in enumerate(scores)}
    )
    ours = metrics.per_query(rank_scores(scores, right))
    theirs = {"mrr": "recip_rank", "average_precision": "map"} | {
        f"{name}@{k}": f"{their}_{k}"
        for name, their in [("recall", "recall"), ("precision", "P"), ("ndcg", "ndcg_cut")]
        for k in metrics.CUTS
    }
    for name, their in theirs.items():
        expected = [reference[f"q{i}"][their] for i in range(40)]
        np.testing.assert_allclose(ours[name], expected, rtol=0, atol=1e-9, err_msg=name)


def test_as_ir_measures_on_the_mean():
    ir_measures = pytest.importorskip("ir_measures", reason="not installed: pip install ir-measures")
    from ir_measures import AP, RR, P, R, nDCG

    rng = np.random.default_rng(4)
    scores = np.stack([rng.permutation(30) for _ in range(20)]).astype(float)
    right = [np.unique(rng.integers(0, 30, 3)).tolist() for _ in range(20)]
    qrels = [ir_measures.Qrel(str(q), str(s), 1) for q, own in enumerate(right) for s in own]
    run = [
        ir_measures.ScoredDoc(str(q), str(s), v) for q, row in enumerate(scores) for s, v in enumerate(row)
    ]
    pairs = {
        RR: "mrr",
        AP: "average_precision",
        R @ 5: "recall@5",
        P @ 10: "precision@10",
        nDCG @ 20: "ndcg@20",
    }
    found = ir_measures.calc_aggregate(list(pairs), qrels, run)
    ours = summaries(rank_scores(scores, right))
    for measure, name in pairs.items():
        assert ours[name] == pytest.approx(found[measure], abs=1e-9)
