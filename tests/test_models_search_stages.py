"""Every stage of a search by itself, worked out by hand: embed, retrieve, score, fuse, select."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from search_by_axes import Index, Indexes, X, Y, row

from catalog.library import songs
from catalog.library.exact_match import Found
from catalog.records import Facts, Line
from models import encoders
from models.indexing.background import background_of
from models.indexing.calibration import descriptions
from models.search import query_embedding
from models.search.diversity import maximal_marginal_relevance
from models.search.gate import Gate
from models.search.query_embedding import Query
from models.search.ranking import Ranked, by_turns, on_one_scale, ranked, union
from models.search.reading.query_parser import ParsedQuery
from models.search.relevance_feedback import Feedback, added, gained, lacking, toward, weighted
from models.search.request import SearchRequest
from models.search.retrieval import retrieve
from models.search.score_fusion import as_points, evidence, fuse, reciprocal_ranks
from models.search.score_fusion import weighted as weighted_mean
from models.search.scoring import exact_scores, score
from models.search.selection import at_most_per_artist, select

NAN = np.nan


# ---- fuse ----


@pytest.mark.parametrize(
    ("z_scores", "weights", "fused"),
    [
        pytest.param([[3.0], [4.0]], [1, 1], 4.498, id="the cube root of the cubes: 27 + 64"),
        pytest.param([[2.0], [4.0]], [1, 0.5], 2.520, id="a weight scales its role before the cube: 8 + 8"),
        pytest.param([[3.0], [NAN]], [1, 1], 3.0, id="a role that a song lacks costs nothing"),
        pytest.param([[3.0], [-5.0]], [1, 1], 3.0, id="what speaks against a song costs nothing"),
        pytest.param([[-1.0], [-2.0]], [1, 1], -1.0, id="with nothing for it a song keeps its best role"),
        pytest.param([[0.0], [NAN]], [1, 1], 0.0, id="zero is nothing for it"),
    ],
)
def test_evidence(z_scores, weights, fused):
    assert evidence(np.array(z_scores, np.float32), row(*weights)).tolist() == pytest.approx(
        [fused], rel=1e-3
    )


@pytest.mark.parametrize(
    ("method", "weights", "fused"),
    [
        pytest.param("gate", {"words": 0.5}, [2.520, 2.0], id="gate: evidence by the weights"),
        pytest.param("evidence", {"words": 0.5}, [4.160, 2.0], id="evidence: whatever the weights"),
        pytest.param("weighted", {"words": 0.5}, [8 / 3, 2.0], id="weighted: the mean by the weights"),
        pytest.param("rrf", {"words": 0.5}, [4.160, 2.0], id="rrf: order by places, scale of evidence"),
    ],
)
def test_fuse(method, weights, fused):
    z_scores = {"sound": row(2, 2), "words": row(4, NAN)}
    assert fuse(method, z_scores, weights).tolist() == pytest.approx(fused, rel=1e-3)


def test_reciprocal_ranks_take_places_and_the_scale_of_the_best_evidence():
    """Song 0: places 1 and 3; song 1: 2 and 1; song 2: 3 and 2. Means of 1/(60+place): song 1 leads."""
    fused = reciprocal_ranks(np.array([[9.0, 2.0, 1.0], [1.0, 9.0, 2.0]], np.float32), row(1, 1))
    assert np.argsort(-fused).tolist() == [1, 0, 2]
    assert sorted(fused.tolist()) == pytest.approx(
        sorted([(9**3 + 1) ** (1 / 3), (8 + 9**3) ** (1 / 3), 9 ** (1 / 3)])
    )


def test_reciprocal_ranks_share_places_between_equals_and_skip_what_is_missing():
    fused = reciprocal_ranks(np.array([[2.0, 2.0, 1.0], [NAN, 1.0, 5.0]], np.float32), row(1, 1))
    by_hand = [1 / 61.5, (1 / 61.5 + 1 / 62) / 2, (1 / 63 + 1 / 61) / 2]
    assert np.argsort(-fused).tolist() == np.argsort(-np.array(by_hand)).tolist()


def test_a_weighted_mean_is_over_the_roles_that_a_song_has():
    assert weighted_mean(np.array([[3, 3], [NAN, 0]], np.float32), row(2, 1)).tolist() == [3.0, 2.0]


@pytest.mark.parametrize(
    ("z", "points"),
    [
        pytest.param(2.0, 50.0, id="where a song fits well there are 50"),
        pytest.param(2.5, 73.106, id="half a deviation above, 1 / (1 + 1/e)"),
        pytest.param(1.5, 26.894, id="and below"),
        pytest.param(40.0, 100.0, id="never more than 100"),
    ],
)
def test_points(z, points):
    assert as_points(row(z), fits_at=2.0, width=0.5).tolist() == pytest.approx([points], rel=1e-4)


# ---- rank ----


def test_roles_are_moved_to_one_scale_before_they_are_fused():
    moved = on_one_scale({"sound": row(1.7), "words": row(2.0), "written": row(2.0), "fused": row(2.0)})
    assert [z.tolist() for z in moved.values()] == [pytest.approx([2.0])] * 4


def test_equal_songs_keep_the_order_of_their_ids_and_better_ones_come_first():
    answer = ranked(np.array([3, 5, 9]), {"words": row(1, 3, 1)}, "evidence", {})
    assert answer.ids.tolist() == [5, 3, 9]
    assert answer.points.tolist() == pytest.approx([88.08, 11.92, 11.92], rel=1e-3)
    assert answer.by_role["words"].tolist() == pytest.approx(answer.points.tolist(), rel=1e-5)


def test_feedback_is_added_to_what_is_fused():
    answer = ranked(np.array([3, 5]), {"words": row(3, 2)}, "evidence", {}, row(0, 2))
    assert answer.ids.tolist() == [5, 3]
    assert answer.points.tolist() == pytest.approx([98.2, 88.08], rel=1e-3)
    assert answer.by_role["words"].tolist() == pytest.approx([50.0, 88.08], rel=1e-3)


def test_without_any_role_feedback_alone_decides():
    answer = ranked(np.array([3, 5]), {}, "gate", {}, row(1, 2))
    assert answer.ids.tolist() == [5, 3]
    assert answer.points.tolist() == pytest.approx([50.0, 11.92], rel=1e-3)


def test_no_songs_are_ranked_as_none():
    assert ranked(np.array([], np.int64), {"words": row()}, "gate", {}).ids.tolist() == []


def test_union_is_sorted_and_holds_everything_once():
    assert union([np.array([9, 3]), np.array([3, 4])]).tolist() == [3, 4, 9]
    assert union([]).dtype == np.int64


# ---- gate ----


@pytest.fixture
def gate():
    """Says sound for X, words for Y, both for neither; sure of it."""
    return Gate(np.array([[20, 0], [0, 20], [0, 0]], np.float32), row(0, 0, 10), 0.25, "axes/2")


@pytest.mark.parametrize(
    ("sentence", "weights"),
    [
        pytest.param(X, {"sound": 1.0, "words": 0.25}, id="of sound: words count the floor"),
        pytest.param(Y, {"sound": 0.25, "words": 1.0}, id="of words: sound counts the floor"),
        pytest.param(0 * X, {"sound": 1.0, "words": 1.0}, id="of both: both count whole"),
    ],
)
def test_gate(gate, sentence, weights):
    assert gate.weights(sentence) == pytest.approx(weights, rel=1e-3)


def test_the_probabilities_of_a_gate_are_a_softmax(gate):
    half = Gate(gate.slopes, row(0, 0, 20), 0.0)
    assert half.probabilities(X).tolist() == pytest.approx([0.5, 0, 0.5], abs=1e-6)
    assert half.weights(X) == pytest.approx({"sound": 1.0, "words": 0.5}, rel=1e-6)


def test_a_saved_gate_is_the_same_gate(gate, tmp_path):
    gate.save(tmp_path / "deep" / "gate.json", {"made by": "hand"})
    back = Gate.load(tmp_path / "deep" / "gate.json")
    assert (back.slopes.tolist(), back.offsets.tolist()) == (gate.slopes.tolist(), gate.offsets.tolist())
    assert (back.floor, back.sentences) == (gate.floor, gate.sentences)


def test_a_saved_gate_has_four_digits(gate, tmp_path):
    """Of ten thousand numbers in a package each digit more is ten kilobytes."""
    Gate(gate.slopes / 3, gate.offsets / 3, 0.25).save(tmp_path / "gate.json", {})
    kept = json.loads((tmp_path / "gate.json").read_text())
    assert (kept["slopes"][0], kept["offsets"]) == ([6.6667, 0.0], [0.0, 0.0, 3.3333])


def test_a_gate_knows_the_vectors_that_it_was_trained_on(gate):
    assert [gate.knows("axes/2"), gate.knows("axes/3"), gate.knows("")] == [True, False, False]


def test_the_gate_of_this_nw_knows_the_default_encoder_of_words():
    words = encoders.load(encoders.DEFAULT_WORDS)
    assert Gate.load().knows(words.pipeline)


# ---- embed ----


@pytest.fixture
def embed(gate, monkeypatch):
    monkeypatch.setattr(Gate, "load", lambda: gate)

    def run(text, by=None, pipeline="axes/2", words=True, **more):
        by_role = {"sound": Index([X], 0.5)} | ({"words": Index([Y], pipeline=pipeline)} if words else {})
        request = SearchRequest(text, by=by, **more)
        return query_embedding.embed(request, ParsedQuery(text), Indexes(**by_role), None)

    return run


@pytest.mark.parametrize(
    ("text", "how", "weights"),
    [
        pytest.param("x", {}, {"sound": 0.5, "words": 0.25}, id="what was tuned times what the gate says"),
        pytest.param("y", {}, {"sound": 0.125, "words": 1.0}, id="by what the request speaks of"),
        pytest.param("x", {"by": "weighted"}, {"sound": 0.5, "words": 1.0}, id="other methods: as tuned"),
        pytest.param(
            "x", {"pipeline": "axes/3"}, {"sound": 0.5, "words": 0.35}, id="other encoders: by the text alone"
        ),
        pytest.param("x", {"by": "sound"}, {"sound": 0.5}, id="one role alone has no gate"),
        pytest.param("x", {"words": False}, {"sound": 0.5}, id="nor has a library without words"),
    ],
)
def test_weights_of_a_query(embed, text, how, weights):
    assert embed(text, **how).weights == pytest.approx(weights, rel=1e-3)


@pytest.mark.parametrize(
    ("by", "roles", "method", "exact"),
    [
        (None, ["sound", "words"], "gate", True),
        ("both", ["sound", "words"], "gate", True),
        ("rrf", ["sound", "words"], "rrf", True),
        ("sound", ["sound"], "gate", False),
        ("words", ["words"], "gate", False),
        ("written", [], "gate", True),
    ],
)
def test_what_is_asked_by_each_way(embed, by, roles, method, exact):
    query = embed("x", by)
    assert (list(query.embeddings), query.method, query.exact) == (roles, method, exact)


# ---- retrieve ----


@pytest.mark.parametrize(
    ("asked", "feedback", "amount"),
    [
        pytest.param({}, (), 200, id="200 of each index at least"),
        pytest.param({"k": 150}, (), 300, id="twice what is shown"),
        pytest.param({"diverse": True}, (), 2_000, id="more where songs are to differ"),
        pytest.param({"max_per_artist": 1}, (), 2_000, id="or artists take turns"),
        pytest.param({}, (Feedback("sound", X, -1.0),), 2_000, id="or feedback brings up what is far below"),
    ],
)
def test_how_many_songs_are_looked_at(catalog, asked, feedback, amount):
    index = Index([X, Y, Y])
    query = Query(ParsedQuery("x"), {"sound": X}, feedback=feedback)
    found = retrieve(query, SearchRequest("x", **asked), None, Indexes(sound=index), catalog)
    assert (index.looked_for, found.ids.tolist()) == ([amount], [1, 2])


def test_feedback_toward_something_looks_there_too(catalog):
    index = Index([X, Y])
    towards = (Feedback("sound", Y), Feedback("sound", X, -1.0), Feedback("sound", X, unwanted=True))
    retrieve(
        Query(ParsedQuery("x"), {"sound": X}, feedback=towards),
        SearchRequest("x"),
        None,
        Indexes(sound=index),
        catalog,
    )
    assert len(index.looked_for) == 2
    assert [(role, e.tolist()) for role, e in toward(towards)] == [("sound", Y.tolist())]


def test_where_filters_are_given_the_nearest_of_those_that_pass_are_scored(catalog):
    query, index = Query(ParsedQuery("x"), {"sound": X}), Index([X, Y, Y])
    found = retrieve(query, SearchRequest("x"), np.array([2, 3, 40]), Indexes(sound=index), catalog)
    assert (found.ids.tolist(), index.looked_for) == ([2, 3], [200])


def test_without_a_description_every_song_is_a_candidate(catalog):
    found = retrieve(Query(ParsedQuery(""), {}), SearchRequest(), None, Indexes(sound=Index([X, Y])), catalog)
    assert found.ids.tolist() == [1, 2]


# ---- score ----


@pytest.mark.parametrize(
    ("found", "ids", "scores"),
    [
        pytest.param(
            [("a", [1], [1], 2)], [1, 2], [5 * 0.5**1.5, NAN], id="half at a BM25 of 2; none: unknown"
        ),
        pytest.param(
            [("a", [1], [1], 1), ("b", [2], [1], 3)],
            [1, 2],
            [5 * (1 / 3) ** 1.5, 5 * (3 / 5) ** 1.5],
            id="a rare word counts more",
        ),
        pytest.param([("a", [1], [1], 1), ("b", [1], [1], 3)], [1], [5 * (2 / 3) ** 1.5], id="words add up"),
        pytest.param([("a", [1], [0.5], 1)], [1], [5 * 0.2**1.5], id="less prominent, less"),
        pytest.param([("a", [1], [1.6], 1)], [1], [5 * (1 / 3) ** 1.5], id="as prominent as can be"),
        pytest.param(
            [("a", [7, 9], [1, 1], 2)], [8, 9], [NAN, 5 * 0.5**1.5], id="songs not asked are skipped"
        ),
        pytest.param(
            [("a", [9, 12], [1, 1], 2)], [8, 9], [NAN, 5 * 0.5**1.5], id="also those behind all that are"
        ),
    ],
)
def test_exact_words(found, ids, scores):
    matches = [Found(term, np.array(i), row(*s), rarity) for term, i, s, rarity in found]
    np.testing.assert_allclose(exact_scores(matches, np.array(ids)), row(*scores), rtol=1e-5)


def test_a_word_that_stands_for_another_counts_as_the_request_says():
    matches = [
        Found("winter", np.array([1]), row(1), 2.0),
        Found("snow", np.array([2]), row(1), 2.0, instead="winter"),
    ]
    ids = np.array([1, 2])
    alone = exact_scores(matches, ids)
    np.testing.assert_allclose(alone, row(5 * 0.5**1.5, 5 * 0.5**1.5), rtol=1e-5)
    one_of_two = exact_scores(matches, ids, related=0.5)
    np.testing.assert_allclose(one_of_two, row(5 * 0.5**1.5, 5 * (1 / 3) ** 1.5), rtol=1e-5)
    # Of a request about no music the words themselves must be there.
    strict = exact_scores(matches, ids, wanted=1)
    np.testing.assert_allclose(strict, row(5 * 0.5**1.5, 0.5**1.5), rtol=1e-5)


def written(catalog, *terms):
    """Where the words of a request stand, as (word, the one that it stands for, titles)."""
    query = Query(ParsedQuery(" ".join(terms), terms=terms), {"sound": X}, exact=True)
    indexes = Indexes(sound=Index([X] * 8))
    found = retrieve(query, SearchRequest(query.parsed.text), None, indexes, catalog).matches
    return [(match.term, match.instead, titled(catalog, match.ids)) for match in found if len(match.ids)]


def titled(catalog, ids):
    return [songs.get(catalog, number).title for number in ids.tolist()]


@pytest.fixture
def seasons(catalog):
    texts = [("Winter", ""), ("Snow and Ice", ""), ("Home", "the snow"), *(("Filler", ""),) * 5]
    for title, line in texts:
        facts = Facts("tags", {"title": title}, lyrics=(Line(line),) if line else ())
        songs.add_or_update(catalog, [facts])
    return catalog


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        pytest.param(
            ["winter"],
            [("winter", "", ["Winter"]), ("snow", "winter", ["Snow and Ice"])],
            id="a name tells the scene once, lyrics do not",
        ),
        pytest.param(
            ["ice"],
            [("ice", "", ["Snow and Ice"]), ("winter", "ice", ["Winter"])],
            id="a song that has the word itself needs no other",
        ),
        pytest.param(
            ["winter", "snow", "ice"],
            [
                ("winter", "", ["Winter"]),
                ("snow", "", ["Snow and Ice", "Home"]),
                ("ice", "", ["Snow and Ice"]),
            ],
            id="what is said itself stands for nothing else",
        ),
        pytest.param(["home"], [("home", "", ["Home"])], id="a word of no scene"),
    ],
)
def test_words_of_one_scene(seasons, terms, found):
    assert written(seasons, *terms) == found


def test_the_higher_of_exact_words_and_weighed_words_counts():
    matches = [Found("a", np.array([1, 2]), row(1, 0.5), 2.0)]
    shares = (np.array([2, 3]), row(0.5, 1.0))
    scores = exact_scores(matches, np.array([1, 2, 3, 4]), shares)
    np.testing.assert_allclose(scores, row(5 * 0.5**1.5, 5 * 0.5**1.5, 5, NAN), rtol=1e-5)


def test_of_alternatives_the_best_counts(catalog):
    indexes = Indexes(sound=Index([X, Y, (X + Y) / 4]))
    parsed = ParsedQuery("x or y", alternatives=("x", "y"))
    query = Query(parsed, {"sound": X}, ({"sound": X}, {"sound": Y}))
    candidates = retrieve(query, SearchRequest("x or y"), np.array([1, 2, 3]), indexes, catalog)
    scored = score(query, candidates, indexes, catalog)
    assert scored.z_scores["sound"].tolist() == pytest.approx([10, 10, 2.5])
    assert scored.turns[:2].tolist() == [0, 1]  # which of them each song answers best
    alone = score(Query(ParsedQuery("x"), {"sound": X}), candidates, indexes, catalog)
    assert alone.turns.tolist() == []


def test_names_narrow_lead_and_leave_out(catalog):
    indexes = Indexes(sound=Index([X, X, X, X]))
    parsed = ParsedQuery(
        "x", within=np.array([1, 2, 3]), excluded=np.array([2]), leading=((np.array([3]), 8.0),)
    )
    query = Query(parsed, {"sound": X})
    candidates = retrieve(query, SearchRequest("x"), np.array([2, 3, 4]), indexes, catalog)
    assert candidates.ids.tolist() == [3]
    candidates = retrieve(query, SearchRequest("x"), None, indexes, catalog)
    assert candidates.ids.tolist() == [1, 3]
    assert score(query, candidates, indexes, catalog).feedback.tolist() == [0, 8]


def test_where_nothing_is_described_all_fit_and_names_lead(catalog):
    parsed = ParsedQuery("", leading=((np.array([2]), 8.0),))
    candidates = retrieve(Query(parsed, {}), SearchRequest(), None, Indexes(sound=Index([X, Y])), catalog)
    scored = score(Query(parsed, {}), candidates, Indexes(sound=Index([X, Y])), catalog)
    assert (scored.z_scores, scored.feedback.tolist()) == ({}, [2, 10])


LESS, UNHEARD = Feedback("sound", X, -1.0), Feedback("sound", None, -1.0, song=1)


@pytest.mark.parametrize(
    ("feedback", "ids"),
    [
        pytest.param((), [1, 2, 3, 4], id="nothing is asked: all"),
        pytest.param((Feedback("sound", X),), [1, 2], id="near to what is wanted"),
        pytest.param((LESS,), [4], id="far from what is wanted less"),
        pytest.param((LESS, Feedback("sound", X)), [1, 2], id="what is wanted decides"),
        pytest.param((UNHEARD,), [1, 2, 3, 4], id="of a song that nobody embedded nothing is known"),
        pytest.param((UNHEARD, LESS), [4], id="others still count"),
    ],
)
def test_examples_alone_choose_the_candidates_where_nothing_is_described(catalog, feedback, ids):
    index = Index([X, X, Y, Y])
    index.far_from = lambda embedding, amount: np.array([4])
    query = Query(ParsedQuery(""), {}, feedback=feedback)
    found = retrieve(query, SearchRequest(), None, Indexes(sound=index), catalog)
    assert found.ids.tolist() == ids


# ---- relevance feedback ----


@pytest.mark.parametrize(
    ("one", "z_scores", "gain"),
    [
        pytest.param(Feedback("sound", X, 0.5), row(2, -2), [1, -1], id="its weight times the z-score"),
        pytest.param(Feedback("sound", X, -1), row(2, -2), [-2, 2], id="below zero it is taken away"),
        pytest.param(Feedback("sound", X), row(NAN), [0], id="nothing where it is unknown"),
        pytest.param(Feedback("sound", X, unwanted=True), row(0.5, 0.6), [0, -0.1], id="unwanted from 0.5"),
        pytest.param(Feedback("sound", X, unwanted=True), row(-9), [0], id="to lack it wins nothing"),
    ],
)
def test_what_an_example_adds(one, z_scores, gain):
    assert gained(one, z_scores).tolist() == pytest.approx(gain, abs=1e-6)


def test_examples_add_up_songs_by_the_library_and_texts_by_descriptions(catalog):
    indexes = Indexes(sound=Index([X, Y, X]))
    ids = np.array([1, 2, 3])
    by_song = Feedback("sound", X, song=1)
    assert added([by_song], ids, indexes, catalog).tolist() == [2 - 8, 0, 2]  # itself is no answer
    by_text = Feedback("sound", Y, -0.5, text="y")
    assert added([by_text], ids, indexes, catalog).tolist() == [0, -5, 0]
    assert added([by_song, by_text], ids, indexes, catalog).tolist() == [-6, -5, 2]
    assert added([Feedback("sound", None, song=2)], ids, indexes, catalog).tolist() == [0, -8, 0]


def test_a_song_whose_tag_says_so_has_what_is_not_wanted_for_certain(catalog):
    tagged = songs.add_or_update(catalog, [Facts("tags", {"title": "a"}, tags=("piano",))])
    other = songs.add_or_update(catalog, [Facts("tags", {"title": "piano"})])
    songs.add_or_update(catalog, [Facts("tags", {"title": "c"})])
    one = [Feedback("sound", Y, text="piano", unwanted=True)]
    gain = added(one, np.array([tagged, other]), Indexes(sound=Index([X, X])), catalog)
    assert gain.tolist() == [-4, 0]


def test_a_song_with_lyrics_has_a_voice_for_certain_and_nothing_else_by_them(catalog):
    sung, other = (
        songs.add_or_update(catalog, [Facts("tags", {"title": title}, lyrics=lines)])
        for title, lines in (("a", (Line("la"),)), ("b", ()))
    )
    ids = np.array([sung, other])
    for text, gain in (("vocals", [-4, 0]), ("harp", [0, 0])):
        one = Feedback("sound", Y, text=text, unwanted=True)
        assert added([one], ids, Indexes(sound=Index([X, X])), catalog).tolist() == gain


@pytest.mark.parametrize(
    ("one", "looked"),
    [
        pytest.param(Feedback("sound", X, 0.5), True, id="wanted"),
        pytest.param(Feedback("sound", X, 0.0), False, id="counted for nothing"),
        pytest.param(Feedback("sound", X, -1.0), False, id="less of it"),
        pytest.param(Feedback("sound", X, unwanted=True), False, id="none of it"),
        pytest.param(Feedback("sound", None), False, id="a song that nobody embedded"),
    ],
)
def test_songs_are_looked_for_near_what_is_wanted_alone(one, looked):
    assert toward([one]) == ([("sound", one.embedding)] if looked else [])


@pytest.mark.parametrize(("asked", "sign"), [("like", 1), ("unlike", -1)])
def test_songs_that_a_request_says_it_is_like_share_one_wish(catalog, asked, sign):
    ids = tuple(songs.add_or_update(catalog, [Facts("tags", {"title": title})]) for title in "abcd")
    query = query_embedding.embed(
        SearchRequest("d"), ParsedQuery("", **{asked: ids}), Indexes(sound=Index([X, X, Y, Y])), catalog
    )
    assert [(one.song, one.weight) for one in query.feedback] == [(song, sign * 0.25) for song in ids]


def test_where_only_something_unwanted_is_said_songs_rank_by_what_they_lack_most_surely(catalog):
    indexes = Indexes(sound=Index([X, Y, (X + Y) / 2]))
    one = Feedback("sound", X, text="x", unwanted=True)
    other = Feedback("sound", Y, text="y", unwanted=True)
    ids = np.array([1, 2, 3])
    alone = lacking([one], ids, indexes)["sound"]
    assert ids[np.argsort(-alone)].tolist() == [2, 3, 1]
    both = lacking([one, other, Feedback("sound", X)], ids, indexes)["sound"]
    assert both.argmax() == 2  # half of each is less of one than all of the other


@pytest.mark.parametrize(("asked", "sign"), [("like", 1.0), ("unlike", -1.0)])
def test_like_and_unlike_have_opposite_signs(catalog, asked, sign):
    song = songs.add_or_update(catalog, [Facts("tags", {"title": "Cellar"})])
    request = SearchRequest("x", **{asked: ("Cellar",)})
    query = query_embedding.embed(request, ParsedQuery(""), Indexes(sound=Index([X])), catalog)
    [one] = query.feedback
    assert (one.weight, one.song, one.unwanted) == (sign, song, False)


def test_more_of_a_text_and_none_of_another(embed):
    query = embed("x", more=("y:0.5",), without=("x drums",))
    assert [(f.text, f.weight, f.unwanted) for f in query.feedback] == [
        ("x drums", 1, True),
        ("y", 0.5, False),
    ]
    assert weighted("a: b:2") == ("a: b", 2.0)


@pytest.mark.parametrize(
    ("turns", "points", "order"),
    [
        pytest.param([0, 0, 1, 2], [99, 98, 97, 96], [0, 2, 3, 1], id="the best of each first"),
        pytest.param([0, 0, -1, 2], [99, 98, 97, 96], [0, 3, 1, 2], id="what answers none comes last"),
        pytest.param([1, 1, 0, 0], [99, 98, 50, 49], [0, 2, 1, 3], id="50 fits and has its turn, 49 not"),
        pytest.param([-1, -1, -1, -1], [99, 98, 97, 96], [0, 1, 2, 3], id="no alternatives, no turns"),
    ],
)
def test_alternatives_take_turns(turns, points, order):
    answer = Ranked(np.arange(4), row(*points), {})
    assert by_turns(answer, np.array(turns)).ids.tolist() == order


# ---- select ----


@pytest.mark.parametrize(
    ("balance", "k", "chosen"),
    [
        pytest.param(0.5, 3, [0, 2, 1], id="a copy of the best waits behind one that differs"),
        pytest.param(1.0, 3, [0, 1, 2], id="by fit alone"),
        pytest.param(0.0, 3, [0, 2, 1], id="by difference alone"),
        pytest.param(0.5, 1, [0], id="no more than asked"),
        pytest.param(0.5, 9, [0, 2, 1], id="nor than there are"),
    ],
)
def test_maximal_marginal_relevance(balance, k, chosen):
    points, embeddings = row(90, 80, 60), np.array([X, X, Y])
    assert maximal_marginal_relevance(points, embeddings, k, balance=balance) == chosen


def test_a_song_that_is_near_to_any_chosen_one_waits():
    """Third: as near to the second as a copy, though far from the first."""
    between = np.array([0.6, 0.8], np.float32)
    chosen = maximal_marginal_relevance(row(90, 85, 84, 70), np.array([X, Y, Y, between]), 4)
    assert chosen[:2] == [0, 1]
    assert chosen[2:] == [3, 2]


@pytest.mark.parametrize(
    ("points", "chosen"),
    [
        pytest.param(39.9, [0, 1, 2], id="20.1 points less"),
        pytest.param(40.1, [0, 2, 1], id="19.9 points less"),
    ],
)
def test_twenty_points_outweigh_a_cosine_of_a_fifth(points, chosen):
    alike = np.array([0.2, 0.96**0.5], np.float32)  # to X a cosine of 0.2, Y one of 0
    assert maximal_marginal_relevance(row(100, 60, points), np.array([X, alike, Y]), 3) == chosen


@pytest.fixture
def answer(catalog):
    """Songs 1 to 4 by A, A, B and nobody, best first; the first two sound alike."""
    for title, artist in (("1", "A"), ("2", "a "), ("3", "B"), ("4", "")):
        songs.add_or_update(catalog, [Facts("tags", {"title": title, "artist": artist})])
    points = row(90, 80, 60, 40)
    return Ranked(np.array([1, 2, 3, 4]), points, {"sound": row(9, 8, 6, 4), "words": row(NAN, 1, 2, NAN)})


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        pytest.param({}, "1234", id="all, the best first"),
        pytest.param({"k": 2}, "12", id="as many as asked"),
        pytest.param({"min_score": 60}, "123", id="from the least score on, itself too"),
        pytest.param({"max_per_artist": 1}, "134", id="one by an artist, however written"),
        pytest.param({"max_per_artist": 1, "k": 2}, "13", id="the next one moves up"),
        pytest.param({"diverse": True}, "1342", id="what differs before a copy of what is there"),
        pytest.param({"diverse": True, "k": 2}, "13", id="diverse among all, not among the first k"),
    ],
)
def test_select(answer, catalog, asked, titles):
    indexes = Indexes(sound=Index([X, X, Y]))
    hits = select(answer, SearchRequest("x", **asked), indexes, catalog)
    assert "".join(hit.song.title for hit in hits) == titles


def test_a_hit_has_the_points_of_each_role_that_it_has(answer, catalog):
    hits = select(answer, SearchRequest("x"), Indexes(sound=Index([X])), catalog)
    assert [(h.score, h.sound, h.words, h.written) for h in hits[:2]] == [
        (90, 9, None, None),
        (80, 8, 1, None),
    ]


def test_songs_of_nobody_are_never_too_many():
    hits = [SimpleNamespace(song=SimpleNamespace(artist=" ")) for _ in range(3)]
    assert len(list(at_most_per_artist(hits, 1))) == 3


# ---- calibration ----


def test_what_a_song_scores_against_the_calibration_prompts():
    """Song one: parts X and Y, against X: (1 + 1)/2 = 1, against Y: (1 + 0)/2 = 0.5. Song two: part Y."""
    vectors = np.array([X, Y, Y], np.float16)
    background = background_of(vectors, np.array([0, 2]), np.array([X, Y]))
    assert background.tolist() == [[0.75, 0.25], [0.5, 0.5]]


def test_calibration_prompts_are_many_unrelated_and_of_each_role():
    sound, words = descriptions("sound"), descriptions("words")
    assert len(set(sound)) == len(sound) > 100
    assert len(set(words)) == len(words) > 50
    assert descriptions("fused") == [*sound, *words]
    assert not set(sound) & set(words)
