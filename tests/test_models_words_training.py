"""Training words: the loss against a slow one, any memory, every recipe to its report, taken up again."""

import json
import types

import numpy as np
import pytest
import tiny_words
import torch
from torch.nn.functional import normalize

from catalog.errors import WrongUse
from models import encoders, recipes
from models.evaluation import leaderboard
from models.networks import checkpoint
from models.networks.projection_heads import HeadsConfig, WordsNetwork, heads_of, principal
from models.networks.text_tower import TextTower
from models.trainers import words
from models.training.loop import train as train_by
from models.training.loop_config import LoopConfig
from models.training.words import pairs
from models.training.words.hard_negatives import Wanted
from models.training.words.loss import words_loss
from models.training.words.task import WordsConfig, WordsTask

RECIPES = [name for name in recipes.names() if recipes.load(name).get("kind") == "words"]
SMALL = [
    *(
        "data.held_out=4",
        "network.dimensions=16",
        "network.hidden=8",
        "network.matryoshka_dimensions=[8]",
        "learn.batch=16",
    ),
    *("learn.chunk=8", "training.epochs=2", "training.judge_every=2", "read.tokens=24"),
]


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "bge_m3": str(tiny_words.bge_m3(folder / "bge")),
        "longformer": str(tiny_words.longformer(folder / "longformer")),
        "minilm": "",
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return tiny_words.table(tmp_path_factory.mktemp("table") / "pairs.jsonl")


def settings(folder):
    catalog = folder / "catalog.db"
    return types.SimpleNamespace(home=folder, catalog=catalog, device="cpu", jobs=1, offline=True)


def train(recipe, table, folder, models_folder, *changes, **options):
    encoder = recipes.load(recipe)["encoder"]
    wanted = recipes.load(recipe, [*SMALL, f"model={models_folder[encoder]}", *changes])
    run = folder / "runs" / recipe
    return run, words.run(wanted, folder=run, data=[table], settings=settings(folder), **options)


def random_task(memory_bank=0, chunk=16, margin=0.0, table=None):
    """A task over features by chance."""
    corpus = pairs.read([str(table)], held_out=4, seed=0)
    torch.manual_seed(0)
    network = WordsNetwork(HeadsConfig(8, 8, 8))
    for parameter in network.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(64, 8)).astype(np.float32) for _ in range(2)]
    features = tuple(r / np.linalg.norm(r, axis=1, keepdims=True) for r in rows)
    how = WordsConfig(16, chunk, 2, margin, Wanted(1, 1, 1), (4, 8), memory_bank=memory_bank)
    return WordsTask(network, corpus, features, how)


def test_loss_equals_a_slow_one():
    torch.manual_seed(0)
    left, across, stale = (normalize(torch.randn(n, 6), dim=-1) for n in (3, 4, 2))
    right = torch.tensor([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]]).bool()
    ignored = torch.tensor([[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).bool()
    bank_ignored = torch.tensor([[0, 1], [0, 0], [0, 0]]).bool()
    found = words_loss(
        left,
        across,
        scale=5.0,
        right=right,
        ignored=ignored,
        matryoshka_dimensions=[6],
        memory_bank=stale,
        bank_ignored=bank_ignored,
    )
    logits, older = 5 * left @ across.T, 5 * left @ stale.T
    rows = [
        -(logits[0, 0] - torch.stack([*logits[0, [0, 1, 3]], older[0, 0]]).logsumexp(0)),
        -(logits[1, 1] - torch.cat([logits[1], older[1]]).logsumexp(0)),
        -(logits[2, 1] - torch.cat([logits[2], older[2]]).logsumexp(0)),
    ]
    columns = [
        -(logits[0, 0] - logits[:, 0].logsumexp(0)),
        -(logits[1:, 1].mean() - logits[:, 1].logsumexp(0)),  # two descriptions share the target
    ]
    assert float(found) == pytest.approx(float((sum(rows) / 3 + sum(columns) / 2) / 2), rel=1e-5)


def test_a_large_batch_in_small_memory_gives_the_same_gradients(table):
    gradients = []
    for chunk in (64, 3):
        task = random_task(chunk=chunk, table=table)
        task.backward(task.batch(0))
        gradients.append(torch.cat([p.grad.flatten() for p in task.network.parameters()]))
    torch.testing.assert_close(*gradients, atol=1e-6, rtol=1e-4)


def test_a_batch_is_a_function_of_the_step(table):
    one, other = random_task(table=table), random_task(table=table)
    other.batch(0)
    assert one.batch(1).rows.tolist() == other.batch(1).rows.tolist()
    assert one.batch(0).rows.tolist() != one.batch(1).rows.tolist()


def test_an_epoch_sees_every_pair_of_the_training_side_and_no_other(table):
    task = random_task(table=table)
    seen = [row for step in range(task.per_epoch) for row in task.batch(step).rows.tolist()]
    assert len(set(seen)) == len(seen) >= len(task.rows) - task.config.batch
    assert {int(task.corpus.side[task.right[row]]) for row in seen} == {0}


def test_the_queue_holds_earlier_songs_and_is_no_part_of_the_batch(table):
    task = random_task(memory_bank=32, table=table)
    assert task.batch(0).memory_bank.tolist() == []
    later = task.batch(1)
    assert set(later.memory_bank.tolist()) <= set(task.right[task.batch(0).rows].tolist())
    assert not set(later.memory_bank.tolist()) & set(later.songs.tolist())
    assert np.isfinite(task.backward(later)["loss"])


def test_heads_begin_as_the_encoder_itself():
    network = WordsNetwork(HeadsConfig(8, 8, 4)).eval()
    sentences = normalize(torch.randn(3, 8), dim=-1)
    torch.testing.assert_close(network.describe(sentences), sentences)
    wide = WordsNetwork(HeadsConfig(8, 16, 4)).eval()
    torch.testing.assert_close(wide.describe(sentences) @ wide.read(sentences).T, sentences @ sentences.T)


def test_turned_heads_find_the_same_and_lose_little_when_cut():
    torch.manual_seed(0)
    sentences = normalize(torch.randn(200, 3) @ torch.randn(3, 16) + 0.01 * torch.randn(200, 16), dim=-1)
    turn = principal(sentences, 16)
    network = WordsNetwork(HeadsConfig(16, 16, 4, turned=True), turn=turn).eval()
    found = network.describe(sentences).detach()
    torch.testing.assert_close(found @ found.T, sentences @ sentences.T, atol=1e-5, rtol=1e-5)
    short = normalize(found[:, :3], dim=-1)
    torch.testing.assert_close(short @ short.T, sentences @ sentences.T, atol=0.02, rtol=0)
    again = heads_of(network.state_dict(), network.described())
    torch.testing.assert_close(again.read(sentences), found)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_runs_from_start_to_report(recipe, table, tmp_path, models_folder):
    run, figures = train(recipe, table, tmp_path, models_folder)
    assert figures["queries"] >= 2
    assert 0 < figures["mrr_low"] <= figures["mrr"] <= figures["mrr_high"] <= 1
    assert len((run / "test.jsonl").read_text().splitlines()) == figures["queries"]
    trained = encoders.load(str(run / "best"))
    assert trained.encode_descriptions(["a sad song"]).shape == (1, 16)
    assert json.loads((run / "best" / "config.json").read_text())["recipe"]["learn"]["batch"] == 16


@pytest.mark.slow
def test_training_learns_and_its_tower_answers_the_same(table, tmp_path, models_folder):
    changes = ("training.epochs=80", "training.learning_rate=0.01", "training.patience=0", "learn.margin=0.0")
    run, figures = train("bge-m3", table, tmp_path, models_folder, *changes)
    losses = [
        row["loss"]
        for row in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        if "loss" in row
    ]
    assert losses[-1] < 0.8 * losses[0]
    trained = encoders.load(str(run / "best"))
    trained.export_text_tower(tmp_path / "tower")
    texts = ["a song of piano with drums", "sad"]
    assert TextTower(tmp_path / "tower").encode(texts) == pytest.approx(
        trained.encode_descriptions(texts), abs=0.02
    )


def test_a_run_that_was_cut_goes_on_as_if_it_never_stopped(table, tmp_path, models_folder):
    whole, _ = train(
        "bge-m3", table, tmp_path / "whole", models_folder, "learn.refresh=2", "training.epochs=4"
    )

    def cut(line):
        if line.get("step") == 3 and "mrr" in line:
            raise KeyboardInterrupt

    changes = ("learn.refresh=2", "training.epochs=4", "training.log_every=1")
    with pytest.raises(KeyboardInterrupt):
        train("bge-m3", table, tmp_path / "cut", models_folder, *changes, report=cut)
    cut_run, _ = train("bge-m3", table, tmp_path / "cut", models_folder, *changes, resume=True)
    one, other = (
        [
            row["mrr"]
            for row in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
            if "mrr" in row
        ]
        for run in (whole, cut_run)
    )
    assert one == other


def test_a_test_is_kept_with_every_place_and_compared_pair_by_pair(table, tmp_path, models_folder):
    one, figures = train("bge-m3", table, tmp_path / "one", models_folder)
    other, _ = train("bge-m3", table, tmp_path / "other", models_folder, "training.epochs=1")
    elsewhere, _ = train("bge-m3", table, tmp_path / "third", models_folder, "training.seed=8")
    first, second, third = (leaderboard.of(folder) for folder in (one, other, elsewhere))
    assert first.reciprocal.mean() == pytest.approx(figures["mrr"], abs=1e-4)
    assert (first.name, first.data) == ("bge-m3", "pairs")
    assert second.against(first).mean == pytest.approx(second.reciprocal.mean() - first.reciprocal.mean())
    assert third.against(first) is None
    rows = leaderboard.rows([first, second, third])
    assert ["p" in row for row in rows] == [False, True, False]


@pytest.mark.slow
def test_vectors_can_be_cut_without_training_again(table, tmp_path, models_folder):
    run, figures = train("bge-m3", table, tmp_path, models_folder, "training.epochs=20")
    whole, short = (encoders.load(f"{run}/best{cut}") for cut in ("", "@8"))
    texts = ["a song of piano with drums", "sad"]
    expected = whole.encode_descriptions(texts)[:, :8]
    expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert short.encode_descriptions(texts) == pytest.approx(expected, abs=1e-6)
    assert short.encode_lyrics(["the drums"]).shape == (1, short.dimensions) == (1, 8)
    assert short.pipeline != whole.pipeline
    assert 0 < figures["mrr_of_8"] <= 1
    short.export_text_tower(tmp_path / "tower")
    tower = TextTower(tmp_path / "tower")
    assert tower.manifest.dimensions == 8
    assert tower.encode(texts) == pytest.approx(expected, abs=0.03)
    again = encoders.load(short.name)  # as an index names it
    assert again.pipeline == short.pipeline


def test_a_cut_that_cannot_be_is_refused(table, tmp_path, models_folder):
    run, _ = train("bge-m3", table, tmp_path, models_folder)
    with pytest.raises(WrongUse, match="16"):
        _ = encoders.load(f"{run}/best@17").dimensions
    with pytest.raises(WrongUse, match="cannot be cut"):
        encoders.load("mini@8")


def test_too_few_artists_are_refused(tmp_path, models_folder):
    rows = [{"artist": "one", "title": f"t{i}", "lyrics": f"{i} {i}"} for i in range(9)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(WrongUse, match="too few"):
        train("bge-m3", tmp_path / "t.jsonl", tmp_path, models_folder)


@pytest.mark.parametrize("memory_bank", [0, 32], ids=["mined negatives", "and a memory bank"])
def test_a_run_that_was_stopped_between_two_minings_goes_on_exactly(table, tmp_path, memory_bank):
    """Negatives are mined at steps 0, 2 and 4; the run stops after step 2 and must not mine anew at 3."""
    config = LoopConfig(steps=5, learning_rate=0.05, judge_every=5)
    asked = []
    train_by(random_task(memory_bank, table=table), config, tmp_path / "whole")
    stopping = lambda: asked.append(1) or len(asked) == 3  # noqa: E731
    train_by(random_task(memory_bank, table=table), config, tmp_path / "cut", stopping=stopping)
    train_by(random_task(memory_bank, table=table), config, tmp_path / "cut", resume=True)
    one, two = (checkpoint.load(tmp_path / run / "last")[0] for run in ("whole", "cut"))
    assert one.keys() == two.keys()
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=0, msg=name)
