"""nw train words, then the ordinary commands: the run is judged, indexed and asked."""

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


def test_a_run_is_judged_compared_indexed_and_asked(nw, trained, tmp_path, add_song, lines_of):
    assert "untrained_mrr" in trained.err
    assert "pairs 64  songs 64" in trained.err
    run = tmp_path / "home" / "runs" / "mine"
    judged = lines_of(nw("evaluate", "mine", "--on", run / "test.jsonl", "--format", "ndjson").out)
    assert {row["metric"] for row in judged} >= {"mrr", "recall@1", "recall@20", "median_rank"}
    for topic in ("piano", "guitar", "drums"):
        add_song(topic, lyrics=f"the {topic} and the {topic}\nslow {topic}")
    nw("index", "--encoder", run / "best")
    found = lines_of(nw("query", "a song of drums with drums", "--format", "ndjson").out)
    assert found[0]["title"] == "drums"


def test_a_recipe_for_sound_is_not_one_for_words(nw):
    written = nw("train", "words", "--recipe", "mini", code=2)
    assert "nw train sound --recipe mini" in written.err


def test_no_data_is_told(nw):
    written = nw("train", "words", "--recipe", "minilm", code=2)
    assert "--data pairs.jsonl" in written.err
