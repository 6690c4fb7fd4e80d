"""Windows that are mixed anew for each step: the same as on a processor, by hundreds, and never twice."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import soxr
import torch
from onnx import TensorProto, helper, numpy_helper

from catalog.errors import Incompatible
from models.networks.graphs import mobile
from models.networks.graphs.builder import Graph
from models.networks.mini.config import MiniConfig
from models.networks.mini.front_end import front_end_of
from models.networks.mini.mobile import MobileTower
from models.networks.mini.network import Mini
from models.networks.text_tower import open_session
from models.trainers import mini_audioset as trainer
from models.training.mini import classes, traits
from models.training.mini.distillation import Distillation
from models.training.mini.mixtures.bank import RATE_HZ, Bank, keep
from models.training.mini.on_device import batches, spectrograms
from models.training.mini.on_device.batches import FreshBatches
from models.training.mini.on_device.mixing import LEVEL, SIZE, Mixer
from models.training.mini.on_device.onnx_graph import OnnxGraph
from models.training.mini.on_device.pool import Pool

HERE = torch.device("cpu")


def tone(seconds, hz):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """Two long tones of 500 Hz, of one file; a long one of 2 kHz; a short one of 5 kHz."""
    folder = tmp_path_factory.mktemp("bank")
    keep("low-a", [("a", tone(12, 500)), ("a", tone(11, 500))], folder)
    keep("high-a", [("b", tone(12, 2000))], folder)
    keep("short-a", [("c", tone(1, 5000))], folder)
    kinds = {"low": ["low-a"], "high": ["high-a"], "short": ["short-a"]}
    return Pool.of(Bank(folder, kinds, held_out=10**9, judging=False), HERE)


def loudest_hz(wave):
    spectrum = np.abs(np.fft.rfft(wave))
    return spectrum.argmax() * RATE_HZ / len(wave)


def test_a_pool_knows_where_each_sound_lies(pool):
    sounds = pool.sounds["low"]
    assert sounds.count.tolist() == [2]
    assert sounds.length.tolist() == [12 * RATE_HZ, 11 * RATE_HZ]
    for kind, hz in (("low", 500), ("high", 2000), ("short", 5000)):
        start, length = pool.sounds[kind].start[-1], pool.sounds[kind].length[-1]
        assert loudest_hz(pool.samples[start : start + length].numpy()) == pytest.approx(hz, rel=0.01)


def test_the_same_windows_for_the_same_seed_and_others_for_another(pool):
    mixer = Mixer(pool, {"low": 1.0, "short": 1.0})
    once, again, other = (mixer.windows(6, seed).at_32khz for seed in ((1, 2), (1, 2), (1, 3)))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert once.shape == (6, SIZE)
    assert bool(once.isfinite().all())


def test_only_what_there_is_a_share_of_is_drawn(pool):
    windows = Mixer(pool, {"high": 1.0, "nothing": 5.0}).windows(8, (3,)).at_32khz
    heard = np.array([loudest_hz(wave) for wave in windows.numpy()])
    # A third of them a little faster or slower: up to four semitones.
    assert ((heard > 1500) & (heard < 2600)).sum() >= 6


def test_a_source_is_brought_to_one_level_and_a_short_one_comes_again(pool):
    mixer = Mixer(pool, {"short": 1.0})
    waves = mixer._sources(12, np.random.default_rng(4))
    level = waves.square().mean(1).sqrt()
    assert level.numpy() == pytest.approx(np.full(12, LEVEL), rel=1e-3)
    last_second = waves[:, -RATE_HZ:].abs().amax(1)
    assert float(last_second.max()) > LEVEL


def test_both_rates_are_of_the_same_sound(pool):
    windows = Mixer(pool, {"low": 1.0, "high": 1.0, "short": 1.0}).windows(4, (5,))
    for whole, half in zip(windows.at_32khz.numpy(), windows.at_16khz.numpy(), strict=True):
        expected = soxr.resample(whole, RATE_HZ, 16_000)
        inner = slice(4000, -4000)  # at the ends soxr takes what comes before and after for silence
        assert np.abs(expected - half)[inner].max() < 0.01 * np.abs(expected).max()


@pytest.mark.parametrize("gain", [1.0, 1e-3, 0.0])
@pytest.mark.parametrize("config", [MiniConfig(), MiniConfig(mobile=0.5)], ids=["residual", "mobile"])
def test_what_is_seen_is_what_the_encoder_sees(config, gain):
    sound = (np.random.default_rng(0).standard_normal((2, 160_000)) * gain).astype(np.float32)
    front_end = spectrograms.front_end_of(config, HERE)
    seen = front_end.level_free(front_end.mel_power(torch.from_numpy(sound)))
    assert np.abs(seen.numpy() - front_end_of(config).log_mels(sound)).max() < 1e-4


def test_what_equipment_changes_is_the_same_for_one_seed_and_leaves_no_window_silent():
    power = torch.from_numpy(np.random.default_rng(0).random((16, 40, 96)).astype(np.float32))

    def changed(seed):
        return spectrograms.changed(power, np.random.default_rng(seed), torch.Generator().manual_seed(seed))

    assert torch.equal(changed(1), changed(1))
    assert not torch.equal(changed(1), changed(2))
    assert float(changed(1).amax((1, 2)).min()) > 0


def graph_of(path, *operators):
    """A file with a convolution, those operators of one input each, and a mean over time and bands."""
    weight = np.random.default_rng(0).standard_normal((4, 1, 3, 3)).astype(np.float32)
    names = ["convolved", *(f"after {name}" for name in operators)]
    nodes = [
        helper.make_node(
            "Conv", ["x", "weight"], names[:1], pads=[1] * 4, strides=[2, 2], dilations=[1, 1], group=1
        )
    ]
    nodes += [
        helper.make_node(name, [before], [after])
        for name, before, after in zip(operators, names, names[1:], strict=False)
    ]
    nodes.append(helper.make_node("ReduceMean", [names[-1], "axes"], ["mean"], keepdims=0))
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 8])
    made = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["n", 4])
    held = [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(np.array([2, 3]), "axes")]
    graph = helper.make_graph(nodes, "small", [given], [made], held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def test_a_graph_says_in_torch_what_onnxruntime_says(tmp_path):
    path = graph_of(tmp_path / "small.onnx", "Relu", "HardSwish", "Sigmoid")
    given = np.random.default_rng(1).standard_normal((3, 1, 8, 8)).astype(np.float32)
    [ours] = OnnxGraph(path, HERE)(torch.from_numpy(given))
    [theirs] = open_session(path).run(None, {"x": given})
    assert ours.numpy() == pytest.approx(theirs, rel=1e-4, abs=1e-6)


def test_a_graph_with_an_unknown_operator_is_refused(tmp_path):
    with pytest.raises(Incompatible, match="Tan"):
        OnnxGraph(graph_of(tmp_path / "small.onnx", "Tan"), HERE)


MAPS = [(250, 26), (125, 13), (63, 7), (32, 4)]
"""Frames and bands after so many halvings of a spectrogram of 1,000 frames and 104 bands."""


class Loudness:
    """A teacher of classes and of two tags, which hear how loud a window is, as do two channels within it."""

    tags = 2

    def of_classes(self, at_32khz):
        loud = at_32khz.square().mean(1, keepdim=True).sqrt()
        maps = [loud[:, :, None, None].expand(-1, 2, *size) for size in MAPS]
        return loud * torch.linspace(-2, 2, 911), maps

    def of_tags(self, at_16khz):
        loud = at_16khz.square().mean(1, keepdim=True).sqrt()
        return torch.cat([loud, -loud], 1)


SMALL = MiniConfig(widths=(4, 4, 8), depths=(0, 1), features=16, sound_hidden=8, traits=5)
RECIPE = {"batch": 8, "changed": 0.5, "tagged": 0.25, "hints": 0.5, "hinted": 4}


def batches_of(pool, learner, *, measured, **changes):
    """Fresh batches, standardized by so many; `changes` are of the recipe."""
    torch.manual_seed(0)
    mixer = Mixer(pool, {"low": 1.0, "high": 1.0, "short": 1.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "MEASURED", measured)
        return FreshBatches(mixer, Loudness(), learner, Mini(SMALL), RECIPE | changes, seed=1)


@pytest.fixture(scope="module")
def source(pool):
    return batches_of(pool, replace(SMALL, mobile=0.1), measured=3)


@pytest.fixture(scope="module")
def lesson(source):
    """That of the first step: to mix eight windows takes longer than what is tested with them."""
    return source.batch(0)


@pytest.fixture
def learner():
    torch.manual_seed(0)
    return Mini(replace(SMALL, mobile=0.1))


def test_a_lesson_is_the_same_whenever_it_is_asked_for_and_no_step_has_that_of_another(source, lesson):
    again, second = source.batch(0), source.batch(1)
    for one, same in zip(lesson[:4], again[:4], strict=True):
        assert torch.equal(one.nan_to_num(7.0), same.nan_to_num(7.0))
    assert all(map(torch.equal, lesson.hints, again.hints))
    assert not torch.equal(lesson.log_mels, second.log_mels)


@pytest.mark.parametrize("changed", [0.0, 1.0])
def test_a_lesson_has_each_window_once_whatever_share_of_them_is_changed(source, monkeypatch, changed):
    recipe = {**source._recipe, "batch": 3, "changed": changed, "tagged": 0.0}
    monkeypatch.setattr(source, "_recipe", recipe)
    assert [len(part) for part in source.batch(0)[:4]] == [3, 3, 3, 3]


def test_what_the_teacher_has_within_counts_less_and_less(source, monkeypatch):
    monkeypatch.setattr(source, "_recipe", {**source._recipe, "batch": 1})
    lessons = [source.batch(step) for step in (0, 1, 3, 4, 9)]
    assert [lesson.hint_weight for lesson in lessons] == [0.5, 0.375, 0.125, 0.0, 0.0]
    assert [len(lesson.hints) for lesson in lessons] == [4, 4, 4, 0, 0]


def test_what_the_teacher_has_within_teaches_the_trunk_and_not_the_heads(learner, source, lesson):
    recipe = {"embedding": 0.0, "joint": 0.0, "traits": 0.0, "music": 1.0}
    task = Distillation(learner, source, {}, recipe, HERE)
    with torch.no_grad():
        task.whole["teacher"].weight.zero_()
    figures = task.backward(lesson._replace(hint_weight=1.0))
    with_hints = learner.sound.trunk.first[0].weight.grad.clone()
    task.model.zero_grad()
    task.backward(lesson._replace(hint_weight=0.0))
    assert figures["hints"] > 0
    assert with_hints.abs().sum() > 0
    assert not learner.sound.trunk.first[0].weight.grad.any()  # the layer that speaks of classes says nothing


def test_a_residual_network_is_given_no_hints(pool):
    source = batches_of(pool, SMALL, measured=1, batch=2, tagged=0.0)
    assert not source.hint_channels
    assert source.batch(0).hint_weight == 0.0


def test_the_maps_within_a_file_are_those_of_its_blocks(tmp_path):
    torch.manual_seed(0)
    tower = MobileTower(MiniConfig(mobile=0.2, features=16)).eval()
    graph = Graph({f"sound.{name}": tensor.numpy() for name, tensor in tower.state_dict().items()})
    kind = (TensorProto.FLOAT, ["windows", "frames", "bands"])
    path = tmp_path / "mobile.onnx"
    path.write_bytes(graph.content({"log_mels": kind}, mobile.features(graph, "log_mels"), "features"))
    log_mels = torch.randn(2, 100, 104)
    read = OnnxGraph(path, HERE)
    features, *maps = read(log_mels, also=read.block_ends())
    expected = tower.trunk.maps(log_mels)
    assert len(maps) == len(expected) == 15
    for ours, theirs in zip(maps, expected, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    assert torch.allclose(features, tower.features(log_mels), rtol=1e-3, atol=1e-4)


def test_tags_are_known_of_windows_that_the_taggers_heard_and_other_traits_of_all(lesson):
    unknown = lesson.traits.isnan()
    assert unknown[:, :2].any(1).tolist() == [False] * 2 + [True] * 6
    assert not unknown[:, 2:].any()


def test_tags_are_as_large_as_the_traits_that_stood_for_them():
    rng = np.random.default_rng(0)
    before = torch.from_numpy(rng.normal(1.0, 3.0, (400, 1)).astype(np.float32))
    tags = torch.from_numpy(rng.normal(-5.0, 0.5, (400, 1)).astype(np.float32))
    scale = batches._as_previous(tags, before)
    scaled = (tags - scale.mean) / scale.spread
    assert float(scaled.mean()) == pytest.approx(float(before.mean()), rel=1e-3)
    assert float(scaled.std()) == pytest.approx(float(before.std()), rel=1e-3)


def test_what_nobody_knows_teaches_nothing(learner, source, lesson):
    recipe = {"embedding": 0.5, "joint": 1.0, "traits": 1.0, "music": 2.0}
    task = Distillation(learner, source, {}, recipe, HERE)

    def gradient(traits):
        task.model.zero_grad()
        figures = task.backward(lesson._replace(traits=traits))
        assert np.isfinite(list(figures.values())).all()
        return learner.sound.traits.weight.grad.clone()

    nothing = torch.full_like(lesson.traits, torch.nan)
    nothing[:, 4] = lesson.traits[:, 4]
    taught = gradient(nothing)
    assert not taught[:4].any()
    assert taught[4].any()


def test_classes_of_music_count_more(learner, source):
    weights = Distillation(learner, source, {}, {"music": 3.0}, HERE)._weights
    assert float(weights[classes.MUSIC] / weights[0]) == pytest.approx(3.0)
    assert float(weights.mean()) == pytest.approx(1.0)


def test_what_was_taught_is_said_in_the_teachers_own_units(learner, source):
    task = Distillation(learner, source, {}, {"music": 1.0}, HERE)
    slopes, offsets = task.teacher()
    wide = torch.randn(3, learner.sound.wide_features)
    said = (
        task.whole["teacher"](wide)[:, :527] * source.teacher_scale.spread[:527]
        + source.teacher_scale.mean[:527]
    )
    assert wide.numpy() @ slopes.T + offsets == pytest.approx(said.detach().numpy(), rel=1e-3, abs=1e-3)


def test_traits_have_no_mean_and_one_spread_over_songs(learner):
    features = np.random.default_rng(0).standard_normal((60, 16)).astype(np.float32)
    traits.standardize(learner, features, together=3)
    songs = learner.sound.traits(torch.from_numpy(features)).detach().numpy().reshape(20, 3, 5).mean(1)
    assert songs.mean(0) == pytest.approx(np.zeros(5), abs=1e-4)
    assert songs.std(0) == pytest.approx(np.ones(5), rel=1e-3)


def test_on_a_card_the_recipe_says_what_is_other_than_without():
    plan = {"batch": 48, "joint": 4.0, "training": {"steps": 9, "seed": 1}}
    card = {"batch": 192, "training": {"steps": 7}}
    found = trainer._on_card({**plan, "card": card})
    assert found["batch"] == 192
    assert found["joint"] == 4.0
    assert found["training"] == {"steps": 7, "seed": 1}
