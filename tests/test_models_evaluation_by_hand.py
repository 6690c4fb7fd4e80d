"""Reports, runs and tables of systems, each small enough to work out by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from catalog.errors import Unreadable, WrongUse
from models.evaluation import leaderboard, metrics, runs
from models.evaluation.bootstrap import interval, paired
from models.evaluation.evaluate import (
    MUSIC_TO_TEXT,
    TEXT_TO_MUSIC,
    Answered,
    Direction,
    Evaluation,
    compare,
    evaluate,
    figures,
)
from models.evaluation.gallery import Gallery
from models.evaluation.leaderboard import System
from models.evaluation.protocols import PROTOCOLS, Qrel
from models.evaluation.ranks import rank_vectors
from models.networks.manifest import MANIFEST

SONGS = np.array([0, 0, 0, 1])
"""Three captions of one song, one of another."""


def test_a_song_that_is_drawn_brings_all_its_captions():
    """Drawn are AA, AB, BA, BB: means of 1, 3/4, 3/4, 0, never more than the largest value."""
    values = np.array([1.0, 1, 1, 0])
    assert interval(values, songs=SONGS) == (0, 1)
    middle = interval(values, songs=SONGS, level=0.2)
    assert middle == pytest.approx((0.75, 0.75))  # 0 and 1 are drawn in a quarter each


def test_a_loss_is_as_sure_as_the_same_gain():
    rng = np.random.default_rng(0)
    ours, theirs = rng.random(40), rng.random(40) + 0.2
    gain, loss = paired(theirs, ours), paired(ours, theirs)
    assert loss.mean == pytest.approx(-gain.mean)
    assert gain.mean > 0
    assert loss.p == gain.p < 0.05
    assert (loss.low, loss.high) == pytest.approx((-gain.high, -gain.low))


def test_the_interval_of_a_difference_is_over_songs_too():
    difference = np.array([0.3, 0.3, 0.3, -0.1])
    found = paired(difference, np.zeros(4), songs=SONGS)
    assert (found.low, found.high) == pytest.approx((-0.1, 0.3))  # either song may be drawn alone


@pytest.mark.parametrize("right", [[[0], [1]], [[0], [1], [0], [1]]], ids=["too few", "too many"])
def test_every_query_has_its_right_answers(right):
    with pytest.raises(ValueError, match="3 queries, but right answers for"):
        rank_vectors(np.eye(3, 2, dtype=np.float32), np.eye(2, dtype=np.float32), right)


def test_a_text_is_about_the_first_of_its_songs():
    pairing = PROTOCOLS["plain"].pair([Qrel(4, "slow"), Qrel(7, "sad"), Qrel(7, "slow")])
    assert pairing.songs == [4, 7]
    assert pairing.relevant == [[0, 1], [1]]
    assert pairing.songs_of_texts == [4, 7]


@pytest.mark.parametrize(
    ("protocol", "way_out"),
    [("sdd-valid", "--protocol plain"), ("plain", "--on captions.jsonl")],
    ids=["the others may be asked", "there are no others"],
)
def test_without_a_caption_the_way_out_is_one_that_has_some(protocol, way_out):
    with pytest.raises(WrongUse) as caught:
        PROTOCOLS[protocol].pair([])
    assert way_out in caught.value.try_this


def judged(songs, texts, qrels, *, starts=None, failed=(), encoder="by hand", protocol="plain"):
    """An evaluation of song vectors and of text vectors by text."""
    vectors = np.array(songs, np.float32)
    starts = np.arange(len(vectors)) if starts is None else np.array(starts)
    ids = [f"song {number}" for number in range(len(starts))]
    gallery = Gallery("data", ids, vectors, starts, qrels, list(failed))
    return evaluate(
        gallery,
        lambda wanted: np.array([texts[text] for text in wanted], np.float32).reshape(len(wanted), -1),
        PROTOCOLS[protocol],
        encoder=encoder,
        pipeline="",
    )


TWO = [[1, 0], [0, 1]]
TWO_QRELS = [Qrel(0, "a"), Qrel(1, "b")]


def test_captions_count_each_and_texts_once():
    report = judged(TWO, {"a": [1, 0], "b": [0, 1]}, [*TWO_QRELS, Qrel(1, "a")])
    assert (report.songs, report.texts, report.captions) == (2, 2, 3)


def test_without_captions_it_is_said_and_not_taken_for_broken_songs():
    with pytest.raises(WrongUse, match="no caption is left"):
        judged(TWO, {}, [])
    with pytest.raises(Unreadable, match="1 song could not be used, the first is x: gone"):
        judged(TWO, {}, [], failed=[("x", "gone")])
    report = judged(TWO, {"a": [1, 0], "b": [0, 1]}, TWO_QRELS, failed=[("x", "gone")])
    assert report.failed == [("x", "gone")]


def test_each_answer_says_which_song_it_is_about():
    """Song 0 has no caption, so it is no candidate; the others keep their numbers."""
    report = judged([[0, 0], *TWO], {"a": [1, 0], "b": [0, 1]}, [Qrel(1, "a"), Qrel(2, "b"), Qrel(2, "a")])
    songs = {name: [one.song for one in direction.queries] for name, direction in report.directions.items()}
    assert songs == {TEXT_TO_MUSIC: [1, 2], MUSIC_TO_TEXT: [1, 2]}


@pytest.mark.parametrize(
    ("songs", "known"),
    [([3, 3, 5], [3, 3, 5]), ([3, -1, 5], None), ([-1, -1], None)],
    ids=["all", "but one", "of none: a run of an older nw"],
)
def test_songs_of_queries_are_known_of_all_or_of_none(songs, known):
    direction = Direction(9, {}, [Answered("", [1], [], "", song) for song in songs])
    found = direction.songs
    assert (None if found is None else found.tolist()) == known


def test_blocks_of_songs_with_several_parts_are_scored_as_all_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    parts, texts = rng.standard_normal((9, 4)), {f"t{i}": rng.standard_normal(4) for i in range(4)}
    qrels = [Qrel(i, f"t{i}") for i in range(4)]
    starts = [0, 2, 3, 7]  # songs of 2, 1, 4 and 2 parts
    whole = judged(parts, texts, qrels, starts=starts)
    monkeypatch.setattr("models.evaluation.ranks.BLOCK_BYTES", 4 * 4)  # a query at a time
    assert judged(parts, texts, qrels, starts=starts) == whole
    assert len({one.first for one in whole.directions[MUSIC_TO_TEXT].queries}) > 1


def test_a_figures_interval_is_of_what_the_figure_is():
    """One song far behind moves the mean of what is drawn, and hardly ever the median."""
    places = np.array([1.0, 2, 3, 4, 5, 6, 100])
    values = {"median_rank": places, "mrr": 1 / places}
    found = figures(values)
    assert (found["median_rank"].low, found["median_rank"].value, found["median_rank"].high) == (2, 4, 6)
    assert (found["mrr"].low, found["mrr"].high) == pytest.approx(interval(values["mrr"]))


A = {"a": [1, 0], "b": [0, 1]}
B = {"a": [1, 0], "b": [1, 0]}
"""The other encoder takes the wrong song for b: its reciprocal rank is 1/2."""


def test_a_comparison_is_ours_less_theirs():
    better, worse = judged(TWO, A, TWO_QRELS), judged(TWO, B, TWO_QRELS, encoder="other")
    assert compare(better, worse, direction=TEXT_TO_MUSIC).mean == pytest.approx((0 + 1 / 2) / 2)
    assert compare(worse, better, direction=TEXT_TO_MUSIC).mean == pytest.approx(-1 / 4)
    assert compare(better, worse, direction=TEXT_TO_MUSIC, metric="recall@1").mean == pytest.approx(1 / 2)


def test_a_comparison_swaps_songs_and_not_captions():
    """One song, asked for in three ways: chance swaps all or none, so nothing is sure."""
    texts = {f"a{i}": [1, 0] for i in range(6)}
    wrong = {text: [0, 1] for text in texts}
    qrels = [Qrel(0, text) for text in texts]
    one = judged(TWO, {**texts, "b": [0, 1]}, [*qrels, Qrel(1, "b")])
    other = judged(TWO, {**wrong, "b": [0, 1]}, [*qrels, Qrel(1, "b")])
    assert compare(one, other, direction=TEXT_TO_MUSIC).p == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"data": "other"}, id="of other data"),
        pytest.param({"protocol": "sdd-full"}, id="under another protocol"),
    ],
)
def test_the_same_queries_of_something_else_are_not_compared(other):
    ours = judged(TWO, A, TWO_QRELS)
    with pytest.raises(WrongUse, match="cannot be compared"):
        compare(ours, replace(ours, **other), direction=TEXT_TO_MUSIC)


# Runs on the disk.


@pytest.fixture
def report():
    return judged(TWO, A, TWO_QRELS)


def test_runs_are_listed_by_when_they_were_made(report, tmp_path):
    """Not by their names: a training has whatever name it was given."""
    for name, made_at in (("a", "2026-02-01"), ("b", "2026-01-01"), (".left-by-a-kill", "2026-03-01")):
        (tmp_path / runs.store(report, tmp_path, config={})).rename(tmp_path / name)
        described = json.loads((tmp_path / name / "run.json").read_text())
        (tmp_path / name / "run.json").write_text(json.dumps({**described, "made_at": made_at}))
    assert [run.id for run in runs.listed(tmp_path)] == ["b", "a"]


def test_a_run_is_found_by_its_whole_name_though_others_hold_it(report, tmp_path):
    for name in ("mini", "mini-2"):
        (tmp_path / runs.store(report, tmp_path, config={})).rename(tmp_path / name)
    assert runs.find(tmp_path, "mini") == tmp_path / "mini"
    with pytest.raises(WrongUse, match="'' names 2 runs"):
        runs.find(tmp_path, "")


def test_equal_hashes_mean_equal_questions_however_well_they_were_answered(report, tmp_path):
    other_questions = judged(TWO, {**A, "c": [0, 1]}, [Qrel(0, "a"), Qrel(1, "c")])
    kept = []
    for one in (report, judged(TWO, B, TWO_QRELS), other_questions):
        run = runs.store(one, tmp_path, config={})
        kept.append(runs.described(tmp_path / run)["hashes"]["queries"])
    assert kept[0] == kept[1] != kept[2]


def test_a_log_that_a_kill_cut_off_is_read_up_to_there(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n3\n{"step": 2}\n{"st')
    assert runs.metrics(tmp_path) == [{"step": 1}, {"step": 2}]


def test_a_run_says_what_it_is(report, tmp_path):
    kept = runs.described(tmp_path / runs.store(report, tmp_path, config={"on": "x"}))
    assert (kept["kind"], kept["config"], set(kept["hashes"])) == ("evaluation", {"on": "x"}, {"queries"})


def test_what_a_kill_left_half_written_is_gone_with_the_next_run(report, tmp_path):
    (tmp_path / ".nw-left.part").mkdir(parents=True)
    run = runs.store(report, tmp_path, config={})
    assert [path.name for path in tmp_path.iterdir()] == [run]


def test_a_folder_with_a_log_alone_is_a_training_and_any_other_is_no_run(report, tmp_path):
    evaluation = runs.store(report, tmp_path, config={})
    for name in ("minilm-1", "notes"):
        (tmp_path / name).mkdir()
    lines = '{"step": 0, "loss": 2.5}\n{"step": 9, "mrr": 0.5, "note": "x", "seconds": 1}\n'
    (tmp_path / "minilm-1" / "metrics.jsonl").write_text(lines)
    found = {run.id: run for run in runs.listed(tmp_path)}
    assert {name: run.kind for name, run in found.items()} == {
        evaluation: "evaluation",
        "minilm-1": "training",
    }
    assert found["minilm-1"].figures == {"step": 9, "loss": 2.5, "mrr": 0.5}
    assert set(found[evaluation].figures) == {"mrr", "recall@10", "median_rank"}


@pytest.mark.parametrize(
    ("encoder", "part"),
    [("-a/b c-", "-a-b-c-on-data"), ("///", "-x-on-data"), ("é" * 99, "-" + "é" * 40 + "-on-data")],
    ids=["what no folder may be called by", "nothing left", "long"],
)
def test_a_run_is_called_by_its_encoder_and_data(report, tmp_path, encoder, part):
    run = runs.store(replace(report, encoder=encoder), tmp_path, config={})
    assert run.endswith(part)


# Systems in one table.


def system(name, reciprocal, *, asked="x", songs=None):
    figures = dict.fromkeys((*leaderboard.TABLE, "mrr_low", "mrr_high"), 0.5)
    values = np.array(reciprocal, float)
    return System(name, name, "test", figures, values, asked, None if songs is None else np.array(songs))


def test_systems_are_compared_with_the_first_one():
    first, worse, other = (
        system("first", [1, 1, 1, 1]),
        system("worse", [1, 1 / 2, 1 / 2, 1]),
        system("other", [1, 1], asked="y"),
    )
    rows = leaderboard.rows([first, worse, other])
    assert [row["system"] for row in rows] == ["first", "worse", "other"]
    assert [row.get("difference") for row in rows] == [None, -0.25, None]
    assert [row["queries"] for row in rows] == [4, 4, 2]
    assert rows[1]["low"] <= -0.25 <= rows[1]["high"] <= 0


def test_a_table_has_four_digits():
    """Two thirds are told as 0.6667; of six songs one is lost less, so the difference is five sixths."""
    first, other = system("first", [1] * 6), system("other", [1, 0, 0, 0, 0, 0])
    figures = dict.fromkeys(first.figures, 2 / 3)
    _, row = leaderboard.rows([first, replace(other, figures=figures)])
    assert row["mrr"] == row["mrr_low"] == 0.6667
    assert (row["low"], row["difference"], row["high"]) == (-1, -0.8333, -0.5)
    assert 0.05 < row["p"] < 0.08, "of 32 ways to swap five songs two are as far apart"
    assert row["p"] == round(row["p"], 4)


def test_systems_are_compared_song_by_song():
    ours, theirs = [1.0] * 8, [0.5] * 8
    alone = system("ours", ours).against(system("theirs", theirs))
    one_song = system("ours", ours, songs=[7] * 8).against(system("theirs", theirs))
    assert alone.p < 0.05
    assert one_song.p == 1


@pytest.fixture
def training(tmp_path):
    """A training of words with a test of three descriptions, two of them of one song."""
    folder = tmp_path / "minilm-1"
    (folder / "last").mkdir(parents=True)
    (folder / "last" / MANIFEST).write_text(
        json.dumps({"recipe_name": "minilm", "data": ["a/x.csv", "y.csv"]})
    )
    pairs = [{"id": name, "description": name, "lyrics": ""} for name in ("sea", "sea", "ice")]
    (folder / "test.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    figures = dict.fromkeys((*leaderboard.TABLE, "mrr_low", "mrr_high"), 0.5)
    leaderboard.keep_test(folder, figures, np.array([1.0, 2.0, 4.0]))
    return folder


def test_a_training_is_a_system_by_its_own_test(training):
    found = leaderboard.of(training)
    assert (found.name, found.run, found.data) == ("minilm", "minilm-1", "x, y")
    assert found.reciprocal.tolist() == [1, 1 / 2, 1 / 4]
    assert found.songs.tolist() == [1, 1, 0]
    assert "places" not in found.figures


def test_a_test_of_other_queries_names_no_songs(training):
    leaderboard.keep_test(training, leaderboard.of(training).figures, np.array([1.0, 2.0]))
    assert leaderboard.of(training).songs is None


def test_a_training_without_a_test_can_be_evaluated(training):
    (training / "test.json").unlink()
    with pytest.raises(WrongUse) as caught:
        leaderboard.of(training)
    assert "nw evaluate minilm-1" in caught.value.try_this


def test_evaluations_are_one_test_where_data_protocol_and_questions_are(report, tmp_path):
    def asked(one: Evaluation) -> str:
        return leaderboard.of(tmp_path / runs.store(one, tmp_path, config={})).asked

    same = asked(report)
    assert asked(judged(TWO, B, TWO_QRELS, encoder="other")) == same
    assert asked(replace(report, protocol="sdd-full")) != same
    assert asked(replace(report, data="other")) != same
    assert asked(judged(TWO, {"a": [1, 0], "c": [0, 1]}, [Qrel(0, "a"), Qrel(1, "c")])) != same


def test_an_evaluation_is_a_system_by_text_to_music(report, tmp_path):
    found = leaderboard.of(tmp_path / runs.store(report, tmp_path, config={}))
    direction = report.directions[TEXT_TO_MUSIC]
    assert found.reciprocal.tolist() == metrics.per_query(direction.ranks)["mrr"].tolist() == [1, 1]
    assert found.songs.tolist() == [0, 1]
    mrr = direction.figures["mrr"]
    assert (found.figures["mrr"], found.figures["mrr_low"], found.figures["mrr_high"]) == (
        mrr.value,
        mrr.low,
        mrr.high,
    )
