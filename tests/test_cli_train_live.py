"""What a person sees of a training at a terminal of 80 columns, and what a pipe gets."""

import json
import sys

import pytest
import terminal
import tiny_words

from newwave_cli.output import training_progress

pytestmark = pytest.mark.slow

CHANGES = {
    "data.held_out": 4,
    "network.dimensions": 32,
    "network.hidden": 8,
    "learn.batch": 16,
    "training.epochs": 20,
    "training.learning_rate": 0.01,
    "read.tokens": 24,
    "learn.margin": 0.0,
}
STEP = {
    **{"loss": 0.0833333, "accuracy": 1 / 3, "scale": 14.2857, "sound_s": 240.0, "tokens": 512.0},
    **{"rows_per_s": 123.45, "learning_rate": 3e-05, "gradient_norm": 24.43, "seconds": 12345.6},
}
PLAY = """
import json, sys, time
from pathlib import Path
from newwave_cli.output import training_progress as live
live.say("run long: " + "many words about it " * 8)
with live.telling(Path(sys.argv[1])) as tell:
    for line in json.loads(sys.argv[2]):
        tell(line)
        time.sleep(0.3)
"""


def played(lines, tmp_path, columns=80):
    """What a terminal shows of a log."""
    return terminal.shown(["-c", PLAY, str(tmp_path), json.dumps(lines)], columns=columns)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """`nw train words` at a terminal; its library."""
    folder = tmp_path_factory.mktemp("words")
    table, model = tiny_words.table(folder / "pairs.jsonl"), tiny_words.bge_m3(folder / "bge")
    changes = [f"{name}={value}" for name, value in {**CHANGES, "model": model}.items()]
    train = ["train", "words", "--recipe", "bge-m3", "--data", str(table), "--run", "mine"]
    train += [part for change in changes for part in ("--set", change)]
    common = ["-m", "newwave_cli", "--home", str(folder / "home"), "--offline"]
    return terminal.shown([*common, *train]), common


def test_the_screen_that_a_terminal_is_left_with():
    text = "one\r\n\x1b[2Kbar 1\r\x1b[2Kbar 2\r\n\x1b[1A\x1b[2Ktwo\r\nabcdef"
    assert terminal.screen(text, 5) == ["one", "two", "abcde", "f"]


@pytest.mark.slow
def test_no_row_of_a_training_is_wrapped_and_the_bar_goes_away(words):
    shown, _ = words
    assert shown.code == 0, shown.text
    assert max(map(len, shown.drawn)) <= 80
    assert "━" not in shown.text
    assert any("━" in row and "training" in row for row in shown.drawn)
    assert [row for row in shown.rows if row.startswith("untrained  mrr")]
    assert [row for row in shown.rows if row.startswith("step 19/40  mrr")]
    assert not [row for row in shown.rows if "loss" in row], "what a step said makes room for the next"


def test_the_final_figures_stand_one_below_the_other(words):
    shown, _ = words
    at = shown.rows.index("figure          value")
    table = dict(row.split() for row in shown.rows[at + 1 : at + 16])
    assert {"mrr", "recall@10", "mrr_low", "untrained_mrr", "gain", "p"} <= table.keys()
    assert 0 <= float(table["mrr"]) <= 1


@pytest.mark.parametrize("columns", [80, 60])
def test_the_log_of_a_run_shows_as_much_as_has_room(words, columns):
    _, common = words
    shown = terminal.shown([*common, "runs", "show", "mine"], columns=columns)
    header, *rows = [row for row in shown.rows if row]
    assert header.split()[:3] == ["step", "loss", "mrr"]
    assert max(map(len, shown.rows[:-2])) <= columns
    assert [row.split()[0] for row in rows[:3]] == ["-1", "0", "19"]
    assert "no room for" in shown.text
    assert "gradient_norm" in "".join(shown.rows)  # a terminal breaks where its lines end
    listed = terminal.shown([*common, "runs", "list"], columns=columns)
    assert listed.rows[1].split()[0] == "mine"
    assert max(map(len, listed.rows)) <= columns


@pytest.mark.parametrize("columns", [80, 50])
def test_figures_replace_each_other_and_what_matters_stays(tmp_path, columns):
    judged = {"mrr": 0.123456, "recall@10": 0.987654, "mrr_low": 0.111111, "mrr_high": 0.222222}
    lines = [
        {"note": "3 shards of 12 MB, " + "and what else there is to say " * 4},
        {"step": -1, "of": 9, **judged, **{f"song-describer {k}": v for k, v in judged.items()}},
        *({"step": step, "of": 9, **STEP, "loss": 1.5 - step / 10} for step in range(3)),
        {"lost": "/a/folder/with a [b]name[/b]/train-00000.parquet:3:7", "why": "no sound in it"},
        *({"step": step, "of": 9, **STEP, "loss": 1.5 - step / 10} for step in range(3, 6)),
    ]
    shown = played(lines, tmp_path, columns)
    assert shown.code == 0, shown.text
    assert max(map(len, shown.drawn)) <= columns
    assert "━" not in shown.text
    assert "loss" not in shown.text
    assert "[b]name[/b]" in shown.text
    assert "song-describer recall@10 0.9877" in shown.text
    moving = [row for row in shown.drawn if row.startswith("loss")]
    assert len({row.split()[1] for row in moving}) > 1
    assert all("accuracy 0.333  240 s sound" in row for row in moving)
    assert any("6/9" in row and "left" in row for row in shown.drawn)


def test_the_disk_in_use_is_shown_when_it_counts(tmp_path):
    (tmp_path / "shard.parquet").write_bytes(b"\0" * 20_000_000)
    shown = played([{"step": 0, "of": 2, **STEP}] * 2, tmp_path)
    assert any("0.02 GB disk" in row for row in shown.drawn)


def test_a_second_phase_begins_its_own_bar(tmp_path):
    lines = [{"embedded": "lyrics", "texts": n, "of": 8} for n in (4, 8)]
    shown = played([*lines, {"step": 0, "of": 4, "loss": 1.0}, {"step": 0, "of": 3, "loss": 1.0}], tmp_path)
    assert "embedded lyrics 8/8" in shown.text
    bars = [row.split("━")[0].strip() for row in shown.drawn if "━" in row]
    assert list(dict.fromkeys(bars)) == ["reading lyrics", "training"]
    assert any("1/3" in row for row in shown.drawn)


def test_a_pipe_gets_every_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    with training_progress.telling(tmp_path) as tell:
        tell({"note": "three shards"})
        tell({"step": -1, "of": 9, "mrr": 0.5})
        tell({"step": 0, "of": 9, **STEP})
        tell({"lost": "a:1:2", "why": "no sound"})
    assert capsys.readouterr().err.splitlines() == [
        "three shards",
        "untrained  mrr 0.5",
        "step 0/9  loss 0.08333  accuracy 0.333  scale 14.29  240 s sound  512 tokens  123 rows/s"
        "  learning_rate 3e-05  gradient_norm 24.43  seconds 1.235e+04",
        "failed: a:1:2: no sound",
    ]
