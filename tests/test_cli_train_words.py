"""nw train words, then the ordinary commands: the run is judged, indexed and asked."""

import fcntl
import os

import pytest
import tiny_words

CHANGES = [
    *("data.held_out=4", "network.dimensions=32", "network.hidden=8", "learn.batch=16", "training.epochs=40"),
    *("training.learning_rate=0.01", "read.tokens=24", "learn.margin=0.0"),
]


@pytest.fixture
def trained(nw, tmp_path):
    """The table, and what `nw train words` wrote; the run is called `mine`."""
    table, model = tiny_words.table(tmp_path / "pairs.jsonl"), tiny_words.bge_m3(tmp_path / "bge")
    changes = [part for change in [*CHANGES, f"model={model}"] for part in ("--set", change)]
    train = ("--offline", "train", "words", "--recipe", "bge-m3", "--data", table, "--run", "mine")
    return nw(*train, *changes)


@pytest.mark.slow
def test_a_run_is_judged_compared_indexed_and_asked(nw, trained, tmp_path, add_song, lines_of):
    assert "untrained_mrr" in trained.err
    assert "pairs 64  songs 64" in trained.err
    run = tmp_path / "home" / "runs" / "mine"
    judged = lines_of(nw("evaluate", "mine", "--on", run / "test.jsonl", "--format", "ndjson").out)
    assert {row["metric"] for row in judged} >= {"mrr", "recall@1", "recall@20", "median_rank"}
    rows = {row["run"]: row for row in lines_of(nw("runs", "compare", "--format", "ndjson").out)}
    assert rows["mine"]["system"] == "bge-m3"
    assert rows["mine"]["measured"] == "here, on pairs"
    theirs = lines_of(nw("runs", "compare", "mine", "--format", "ndjson").out)
    assert {row["system"]: row.get("mrr") for row in theirs if row["run"] == "first attempt"} == {
        **{"longformer": None, "minilm": 0.0685, "minilm-full": 0.0086},
        **{"bge-m3": 0.0871, "bge-m3-large-batch": 0.0932, "bge-m3-25": 0.1169},
    }
    kept = nw("runs", "compare", "mine", judged_id(nw), "--format", "ndjson")
    assert [row["run"] for row in lines_of(kept.out)].count("first attempt") == 6
    assert "against mine, query by query" in kept.err
    for topic in ("piano", "guitar", "drums"):
        add_song(topic, lyrics=f"the {topic} and the {topic}\nslow {topic}")
    nw("index", "--encoder", run / "best")
    found = lines_of(nw("query", "drums", "--format", "ndjson").out)
    assert found[0]["title"] == "drums"


def judged_id(nw):
    """The evaluation among the runs."""
    return nw("runs", "list", "--fields", "id", "--format", "tsv").out.split()[-1]


def test_nothing_to_compare_is_no_error(nw):
    assert "nw train words makes one" in nw("runs", "compare", code=1).err


def test_a_recipe_for_sound_is_not_one_for_words(nw):
    written = nw("train", "words", "--recipe", "mini", code=2)
    assert "nw train sound --recipe mini" in written.err


def test_a_run_that_is_being_trained_is_left_alone(nw, tmp_path):
    """Two at once under one name wrote over each other's checkpoints, and both said they were done."""
    run = tmp_path / "home" / "runs" / "mine"
    run.mkdir(parents=True)
    table = tiny_words.table(tmp_path / "pairs.jsonl")
    train = ("--offline", "train", "words", "--recipe", "bge-m3", "--data", table, "--run", "mine")
    lock = os.open(run, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    for options in ((), ("--resume",)):
        assert "another process trains the run 'mine'" in nw(*train, *options, code=2).err
    os.close(lock)
    assert list(run.iterdir()) == []


def test_no_data_is_told(nw):
    written = nw("train", "words", "--recipe", "minilm", code=2)
    assert "--data pairs.jsonl" in written.err


def test_few_pairs_under_a_large_batch_are_said():
    from models.training.small_data import fewer_than_a_batch

    assert fewer_than_a_batch(512, 512) == ""
    assert "only 7 pairs to learn from, fewer than the recipe's batch of 512" in fewer_than_a_batch(7, 512)


def test_a_log_says_once_that_judging_began(capsys, tmp_path):
    from newwave_cli.output.training_progress import telling

    with telling(tmp_path) as tell:
        for line in ({"judging": 0}, {"step": 0, "mrr": 0.5}, {"judging": 5}, {"step": 5, "mrr": 0.6}):
            tell(line)
    written = capsys.readouterr().err.splitlines()
    assert written == [
        "judging on held-out songs, which may take minutes ...",
        "step 0  mrr 0.5",
        "step 5  mrr 0.6",
    ]
