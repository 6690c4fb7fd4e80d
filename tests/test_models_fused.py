"""The learned fusion on planted structure: sounds and topics that only together say which song is meant."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fakes import Ears, Reader

from catalog.errors import Incompatible, WrongUse
from models import encoders, recipes
from models.evaluation import metrics
from models.evaluation.fusion_methods import Comparison
from models.evaluation.ranks import rank_scores
from models.indexing import calibration
from models.indexing.late_fusion import FusedEncoder
from models.indexing.song_vectors import PairedEmbeddings, put_together
from models.networks import checkpoint
from models.networks.late_fusion import FusedNetwork, Late, LateFusionConfig
from models.networks.late_fusion_tower import side_by_side
from models.trainers import late_fusion
from models.training.fusion.task import FusedTask, FusionConfig, Questions, ranks
from models.training.loop import train
from models.training.loop_config import LoopConfig
from models.training.losses import info_nce

WIDTH = 24
SHAPE = LateFusionConfig(WIDTH, WIDTH, 64)


def planted(songs, *, seed, missing=False):
    """Songs whose vectors are hidden turns of what their descriptions say, so cosines alone tell nothing.

    Each sound and each topic belongs to several songs: one side alone cannot tell them apart.
    """
    world, rng = np.random.default_rng(0), np.random.default_rng(seed)
    turns = [np.linalg.qr(world.normal(size=(WIDTH, WIDTH)))[0] for _ in range(2)]
    kinds = [unit(rng.normal(size=(songs // 4, WIDTH))) for _ in range(2)]
    pairs = rng.permutation((songs // 4) ** 2)[:songs]
    said = [kinds[0][pairs % (songs // 4)], kinds[1][pairs // (songs // 4)]]
    noisy = [unit(side + 0.05 * rng.normal(size=side.shape)) for side in said]
    known = [side @ turn for side, turn in zip(noisy, turns, strict=True)]
    if missing:
        known[1][:] = np.nan
    return Questions(
        np.hstack(said).astype(np.float32), np.hstack(known).astype(np.float32), np.arange(songs)
    )


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def task_of(die_at=None):
    torch.manual_seed(3)
    network = FusedNetwork(SHAPE)
    task = FusedTask(network, planted(600, seed=1), planted(100, seed=2), FusionConfig(96, 48, 0.3))
    if die_at is not None:
        batch = task.batch
        task.batch = lambda step: (_ for _ in ()).throw(KeyboardInterrupt) if step == die_at else batch(step)
    return task


PLAN = LoopConfig(steps=75, learning_rate=0.004, warmup=8, judge_every=75)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    task = task_of()
    train(task, PLAN, tmp_path_factory.mktemp("run"))
    task.network.eval()
    return task.network


def mrr(network, questions):
    return float(metrics.per_query(ranks(network, questions))["mrr"].mean())


def one_side_at_best(questions, side):
    """What an encoder that understands its side perfectly finds: every song of the right kind, in a tie."""
    mine = questions.queries[:, side * WIDTH : (side + 1) * WIDTH]
    scores = (mine @ mine.T > 0.999).astype(np.float32)
    return float(metrics.per_query(rank_scores(scores, [[i] for i in range(len(mine))]))["mrr"].mean())


def test_it_learns_what_neither_side_alone_can_tell(learned):
    unseen = planted(100, seed=9)
    alone = max(one_side_at_best(unseen, side) for side in (0, 1))
    assert mrr(learned, unseen) > alone + 0.2
    assert mrr(FusedNetwork(SHAPE).eval(), unseen) < 0.2


def test_a_missing_side_is_a_trained_case(learned):
    """Songs without words rank by their sound, though words were asked for too."""
    unseen = planted(100, seed=9, missing=True)
    with torch.no_grad():
        found = (
            learned.query(torch.from_numpy(unseen.queries)) @ learned.song(torch.from_numpy(unseen.songs)).T
        )
    mine = unseen.queries[:, :WIDTH]
    kind = mine @ mine.T > 0.999
    first = found.argmax(dim=1).numpy()
    assert kind[np.arange(100), first].mean() > 0.7
    assert torch.isfinite(found).all()


def test_an_instrumental_that_fits_comes_before_a_song_that_sings_of_it_with_another_sound(learned):
    unseen = planted(100, seed=9)
    songs = unseen.songs.copy()
    songs[1:, :WIDTH] = np.roll(songs[1:, :WIDTH], 1, axis=0)
    songs[0, WIDTH:] = np.nan
    only_sound = unseen.queries[:1].copy()
    only_sound[:, WIDTH:] = np.nan
    with torch.no_grad():
        found = learned.query(torch.from_numpy(only_sound)) @ learned.song(torch.from_numpy(songs)).T
    others = unseen.queries[:, :WIDTH] @ unseen.queries[0, :WIDTH]
    same_sound = np.roll(others, 1) > 0.999
    same_sound[0] = True
    assert same_sound[int(found[0].argmax())]


def test_without_training_it_is_the_sum_of_cosines():
    network, questions = FusedNetwork(SHAPE).eval(), planted(20, seed=4)
    with torch.no_grad():
        found = (
            network.query(torch.from_numpy(questions.queries))
            @ network.song(torch.from_numpy(questions.songs)).T
        )
    expected = torch.from_numpy(questions.queries @ questions.songs.T) / 2
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_way_of_the_first_attempt_has_no_skip_and_differs_from_it():
    plain = Late(LateFusionConfig(WIDTH, WIDTH, 32, skip=False)).eval()
    rows = torch.randn(5, 2 * WIDTH)
    assert not torch.allclose(plain(rows), torch.nn.functional.normalize(rows, dim=1), atol=0.1)
    torch.testing.assert_close(plain(rows).norm(dim=1), torch.ones(5))


def test_gradients_in_chunks_are_those_of_the_whole_batch():
    task = task_of()
    task.network.eval()  # no dropout, so that both ways see the same
    batch = task.batch(0)
    task.backward(batch)
    chunked = {name: p.grad.clone() for name, p in task.network.named_parameters()}
    task.network.zero_grad()
    towers = task.network.query(batch.queries), task.network.song(batch.songs)
    info_nce(*towers, scale=task.network.scale, same=batch.same).backward()
    for name, parameter in task.network.named_parameters():
        torch.testing.assert_close(chunked[name], parameter.grad, atol=1e-5, rtol=1e-4)


def test_batches_drop_one_side_at_most_and_never_punish_what_is_equal():
    task = task_of()
    one, again = task.batch(5), task.batch(5)
    torch.testing.assert_close(one.songs, again.songs, equal_nan=True)
    gone = torch.stack([one.songs[:, 0].isnan(), one.songs[:, -1].isnan()])
    assert 0.1 < gone.any(0).float().mean() < 0.5
    assert not gone.all(0).any()
    filled = one.songs.nan_to_num()
    for i, j in [(i, j) for i in range(20) for j in range(20) if torch.equal(filled[i], filled[j])]:
        assert one.same[i, j]


def test_a_run_that_was_killed_ends_where_an_undisturbed_one_ends(tmp_path):
    plan = LoopConfig(steps=12, learning_rate=0.003, judge_every=4, average=0.9)
    whole = train(task_of(), plan, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(task_of(die_at=9), plan, tmp_path / "killed")
    resumed = train(task_of(), plan, tmp_path / "killed", resume=True)
    for name, tensor in checkpoint.load(whole)[0].items():
        torch.testing.assert_close(checkpoint.load(resumed)[0][name], tensor, rtol=0, atol=0)


def test_another_width_is_an_error_that_names_the_side():
    with pytest.raises(Incompatible, match="vectors of words are 5 wide here, but the fusion knows 4"):
        side_by_side(np.ones((2, 4)), np.ones((2, 5)), (4, 4))


def songs_of_fakes(ears, reader):
    """Low, middle and high tones; songs of the sea, of robots and of winter; each asked for by one word."""
    songs = PairedEmbeddings()
    for number in range(12):
        for side, encoder in (("sound", ears), ("words", reader)):
            for word in encoder.words:
                vectors = encoder.encode_descriptions([word])
                songs.add(f"{word} {number}", f"{word} {number}", {side: vectors}, [f"{word} {number}"])
    return songs


def test_songs_put_together_need_both_sides(ears, reader):
    made = put_together(songs_of_fakes(ears, reader), 200, seed=0)
    assert all(set(known) == {"sound", "words"} for known in made.known)
    comparison = Comparison(
        made, {"sound": ears.encode_descriptions, "words": reader.encode_descriptions}, words=reader.pipeline
    )
    found = {
        way: metrics.per_query(comparison.ranks(way))["mrr"].mean()
        for way in ("sound", "words", "evidence", "weighted", "rrf", "both")
    }
    assert min(found["evidence"], found["weighted"]) > 1.5 * max(found["sound"], found["words"])
    with pytest.raises(WrongUse, match="no way 'fused'"):
        comparison.ranks("fused")


@pytest.fixture
def few_descriptions(monkeypatch):
    """The background in words that the fakes know."""
    texts = {"sound": ["low", "middle", "high", *["hum"] * 9], "words": ["sea", "robot", *["tea"] * 9]}
    monkeypatch.setattr(calibration, "descriptions", texts.__getitem__)


@pytest.mark.usefixtures("few_descriptions")
def test_weights_decide_which_side_leads(ears, reader):
    songs = PairedEmbeddings()
    songs.add("Cellar", "a", {"sound": ears.encode_descriptions(["low"])}, ["low sea"])
    songs.add("Shanty", "b", {"words": reader.encode_descriptions(["sea"])}, ["x"])
    encode = {"sound": ears.encode_descriptions, "words": reader.encode_descriptions}
    comparison = Comparison(songs, encode, words=reader.pipeline)
    places = [
        comparison.ranks("gate", weights=weights).first[0]
        for weights in ({"sound": 1.0, "words": 0.1}, {"sound": 0.1, "words": 1.0})
    ]
    assert places == [1, 2]


def test_too_little_is_said_and_a_fusion_of_other_encoders_refused(tmp_path, monkeypatch):
    by_name = {"mini": Ears(), "minilm": Reader()}
    monkeypatch.setattr(encoders, "load", by_name.__getitem__)
    settings = SimpleNamespace(catalog=tmp_path / "none.db", home=tmp_path)
    with pytest.raises(WrongUse, match="too few captions"):
        late_fusion.run(recipes.load("mlp"), folder=tmp_path / "run", data=(), settings=settings)
    about = {
        "encoder": "fused",
        "encoders": {"sound": "mini", "words": "minilm"},
        "pipelines": {"sound": "ears/older", "words": Reader.pipeline},
        "shape": {"sound": 4, "words": 4, "hidden": 8},
    }
    checkpoint.save(tmp_path / "old", FusedNetwork(LateFusionConfig(4, 4, 8)).state_dict(), about)
    with pytest.raises(Incompatible, match="trained on vectors of ears/older"):
        FusedEncoder(tmp_path / "old")
    checkpoint.save(tmp_path / "heads", {"x": torch.ones(1)}, {"encoder": "minilm"})
    with pytest.raises(WrongUse, match="no fusion"):
        FusedEncoder(tmp_path / "heads")
