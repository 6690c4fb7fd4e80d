"""Training CLAP: batches by schedule, gradients as of the whole batch, trouble survived, runs resumed."""

import json
import os
import signal
import threading
import types
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import tiny_clap
import torch
from captioned_shards import BROKEN, WORDS
from shard_maker import write_captions, write_shards
from torch import distributed as dist
from torch import multiprocessing

from catalog import sources
from catalog.data_sets import Excluded, Place
from catalog.errors import Incompatible, NewWaveError, SourceError, TrainingFailed, WrongUse
from catalog.shards import decode_rows
from models import encoders, recipes
from models.networks.checkpoint import METRICS
from models.networks.clap.from_pcm import on_device
from models.networks.clap.network import ClapNetwork
from models.networks.clap.pcm import chunks
from models.trainers import clap as trainer
from models.training.clap import front, held_out
from models.training.clap.batch import Batch, same_pairs
from models.training.clap.feed import Feed, Lengths
from models.training.clap.task import ClapTask
from models.training.meter import TIMES
from models.training.schedules import growth

RATES = {"text": 1.0, "audio": 1.0, "pooling": 1.0}


def tokenize(text):
    return tiny_clap.tokenizer().encode(text).ids


@pytest.fixture
def workers_of_several(monkeypatch):
    """Other processes decode only where there are several jobs: each loads torch, which takes seconds."""
    apart = decode_rows.spread

    def spread(function, items, *, jobs, given, **options):
        if jobs > 1:
            yield from apart(function, items, jobs=jobs, given=given, **options)
        for item in items:
            try:
                yield item, function(given(item))
            except NewWaveError as problem:
                yield item, problem

    monkeypatch.setattr(decode_rows, "spread", spread)


@pytest.fixture
def feed(shards, tmp_path, workers_of_several):
    """A feed of batches of three from the shards."""

    def open_feed(**options):
        place = Place(tmp_path / "store", (str(shards),), exclude=options.pop("exclude", Excluded()))
        data = opened.enter_context(sources.load("jamendo").opened(place, seed=options.pop("order", 0)))
        lengths = options.pop("lengths", Lengths((10, 20), (8, 16), steps=10))
        made = Feed(data, lengths, options.pop("size", 3), tokenize, **options)
        opened.callback(made.close)
        return made

    with ExitStack() as opened:
        yield open_feed


def key(batch):
    return batch.songs, batch.tokens, [float(sound.double().sum()) for sound in batch.sound]


def test_lengths_grow_with_the_step():
    lengths = Lengths((10, 240), (77, 512), steps=230)
    assert [lengths.seconds_at(step) for step in (0, 1, 115, 230, 500)] == [10, 11, 125, 240, 240]
    assert [lengths.tokens_at(step) for step in (0, 115, 230)] == [77, 294, 512]
    with pytest.raises(WrongUse, match="linear, cosine, stepped"):
        growth(0, first=1, last=2, steps=3, shape="wild")


@pytest.mark.parametrize("shape", ["linear", "cosine", "stepped"])
def test_every_schedule_starts_and_ends_as_asked_and_never_shrinks(shape):
    values = [growth(step, first=10, last=240, steps=50, shape=shape) for step in range(60)]
    assert values[0] == 10
    assert values[-1] == pytest.approx(240)
    assert values == sorted(values)
    assert growth(0, first=10, last=240, steps=1, shape=shape) == 10


@pytest.mark.slow
def test_a_feed_taken_up_again_gives_the_same_batches(feed):
    whole = feed(jobs=2)  # which have rows in hand that no batch has yet
    batches, states = [], []  # a state is that before the batch of its number
    for step in range(8):
        states.append(json.dumps(whole.state()))
        batches.append(key(whole.next(step)))
    for stop in (1, 3, 5):
        again = feed()
        again.resume(json.loads(states[stop]))
        assert [key(again.next(step)) for step in range(stop, 8)] == batches[stop:]


@pytest.mark.slow
def test_worker_processes_change_nothing(feed):
    alone, spread = feed(), feed(jobs=2)
    assert [key(alone.next(i)) for i in range(3)] == [key(spread.next(i)) for i in range(3)]


def test_what_cannot_be_heard_is_told_and_left_out(feed):
    lost = []
    one = feed(on_lost=lost.append)
    batches = [one.next(step) for step in range(4)]
    assert BROKEN not in {song for batch in batches for song in batch.songs}
    assert any(BROKEN in trouble.place for trouble in lost)


def test_another_order_or_other_data_cannot_be_taken_up(feed):
    state = feed().state()
    with pytest.raises(Incompatible, match="seed"):
        feed(order=1).resume(state)


def test_a_text_takes_in_more_captions_as_it_may_grow_longer(feed):
    short = feed(lengths=Lengths((10, 10), (6, 6), steps=1)).next(0)
    assert {len(tokens) for tokens in short.tokens} == {6}


def test_songs_of_a_test_set_and_the_held_out_shard_stay_out(feed):
    one = feed(exclude=Excluded(frozenset({"1000", "1002"})))
    one.held_out = held_out.take(one.data, 3)
    judged = {clip.id for clip in one.held_out.clips}
    assert len(judged) == 3
    seen = {song for step in range(6) for song in one.next(step).songs}
    assert not seen & ({"1000", "1002"} | judged)
    assert len(one.data.left_out) == 2


def test_data_without_words_says_so(tmp_path, feed):
    write_shards(tmp_path / "mute", shards=1, rows=2)
    with sources.load("shards").opened(Place(tmp_path / "store", (str(tmp_path / "mute"),))) as data:
        data.clip = lambda row: None
        with pytest.raises(SourceError, match="sound and words"):
            Feed(data, Lengths(), 2, tokenize).next(0)


def test_chunks_are_filled_as_clap_was_trained():
    sound = torch.randn(480_000 * 2 + 100_000).numpy()
    cut = chunks(sound)
    assert [len(chunk) for chunk in cut] == [480_000] * 3
    assert (cut[2][100_000:200_000] == cut[2][:100_000]).all()
    assert len(chunks(sound[: 480_000 + 40_000])) == 1


@pytest.mark.parametrize("stretched", [False, True])
def test_the_device_makes_of_sixteen_bits_what_the_workers_make(stretched):
    sound = torch.rand(480_000 + 100_000).numpy() - 0.5  # within full scale, as the decoder gives it
    by_workers = torch.from_numpy(front.half_mel(sound, 20, stretched=stretched))
    as_sound = torch.from_numpy(front.pcm(sound, 20, stretched=stretched))
    chunk_s = 20 if stretched else 10
    made_there = on_device([by_workers], chunk_s, torch.device("cpu"))
    made_here = on_device([as_sound], chunk_s, torch.device("cpu"))
    assert made_here.shape == made_there.shape
    assert (made_here - made_there).abs().max() < 0.05  # dB, half of it by the rounding of the other


def test_songs_of_several_rates_come_back_in_their_order():
    rates_hz = (44_100, 48_000, 22_050, 44_100)
    pitches_hz = (300, 600, 1_200, 2_400)
    songs = []
    for rate_hz, pitch_hz in zip(rates_hz, pitches_hz, strict=True):
        seconds = np.arange(15 * rate_hz) / rate_hz
        tone = np.sin(2 * np.pi * pitch_hz * seconds).astype(np.float32) / 2
        songs.append(torch.from_numpy(front.pcm(tone, 20, rate_hz)))
    assert [song.shape for song in songs] == [(2, 10 * rate_hz) for rate_hz in rates_hz]
    mel = on_device(songs, 10, torch.device("cpu"))  # two chunks of each song
    assert mel.shape == (8, 1001, 64)
    loudest = mel[:, 500].argmax(1).reshape(4, 2)
    assert (loudest[:, 0] == loudest[:, 1]).all()
    assert (loudest[:, 0].diff() > 0).all()


GIB = 2**30


@pytest.mark.parametrize(
    ("wanted", "device", "host_gib", "maker"),
    [
        ("auto", "cpu", 1000, "workers"),
        ("auto", "cuda", 1000, "card"),
        ("auto", "cuda:1", 1000, "card"),  # as torchrun's second process has it
        ("auto", "cuda", 100, "workers"),  # five batches of 21.5 GiB do not fit into half of it
        ("card", "cpu", 1, "card"),
        ("workers", "cuda", 1000, "workers"),
    ],
)
def test_the_card_makes_log_mel_where_the_host_has_room(monkeypatch, wanted, device, host_gib, maker):
    monkeypatch.setattr(trainer, "memory_bytes", lambda: host_gib * GIB)
    lengths = Lengths((10, 240), (77, 512), steps=1)
    assert trainer.who_makes_mel(wanted, device, 1_000, lengths) == maker


@pytest.mark.parametrize(("device", "is_apart"), [("cpu", False), ("cuda", True), ("cuda:1", True)])
def test_beside_every_card_a_process_makes_the_batches(device, is_apart):
    assert trainer.is_fed_apart(device) == is_apart


def test_sixteen_bits_are_rounded_as_clap_was_trained():
    sound = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 0.99 / 32767], np.float32)
    assert front.pcm(sound, 1)[0, :6].tolist() == [0, 16383, -16383, 32767, -32767, 0]


class Glibc:
    def __init__(self):
        self.asked = {}

    def mallopt(self, option, value):
        self.asked[option] = value


@pytest.fixture
def worker(monkeypatch):
    """Make this process look like a worker with a library of C; returns how much it lets others go first."""

    def begin(library):
        nice = []
        monkeypatch.setattr(front.ctypes, "CDLL", library)
        monkeypatch.setattr(front.multiprocessing, "parent_process", lambda: "the one that trains")
        monkeypatch.setattr(front.torch, "set_num_threads", nice.append)
        monkeypatch.setattr(front.os, "nice", nice.append)
        front._behind_the_step.__wrapped__()
        return nice

    return begin


def test_a_worker_takes_one_core_lets_the_training_go_first_and_keeps_what_it_frees(worker):
    glibc = Glibc()
    assert worker(lambda name: glibc) == [1, front.WORKERS_NICE]
    mmap_threshold, trim_threshold = -3, -1  # as malloc.h has them
    assert glibc.asked == {mmap_threshold: 32 * 2**20, trim_threshold: 128 * 2**20}


def no_such_file(name):
    raise OSError(name)


@pytest.mark.parametrize(
    "library",
    [
        pytest.param(lambda name: object(), id="musl knows no mallopt"),
        pytest.param(lambda name: len(name), id="Windows opens no library without a name"),
        pytest.param(no_such_file, id="nothing can be loaded"),
    ],
)
def test_where_there_is_no_glibc_the_workers_do_without_its_settings(worker, library):
    assert worker(library) == [1, front.WORKERS_NICE]


@pytest.mark.slow
def test_either_way_of_making_log_mel_trains_alike(feed):
    losses = [
        task(network(), memory_s=960).backward(feed(mel=mel).next(0)) for mel in (front.WORKERS, front.CARD)
    ]
    # Pure tones: between their bands lies nothing but what rounding leaves, and the network hears that too.
    assert losses[0]["loss"] == pytest.approx(losses[1]["loss"], rel=0.05)


def network(strategy="attention", seed=0):
    """Without dropout, so that two ways to the same gradients can be compared."""
    clap = tiny_clap.model(seed, **tiny_clap.COARSE)
    for module in clap.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    torch.manual_seed(1)
    return ClapNetwork(clap, strategy)


def pairs(count=4, seed=0, first=0):
    torch.manual_seed(seed)
    mel = [(torch.randn(1 + i % 3, 1001, 64) * 10 - 45).half() for i in range(8)][first : first + count]
    songs, texts = [f"song {i}" for i in range(8)], [WORDS[i % 4] + f" {i}" for i in range(8)]
    some = slice(first, first + count)
    tokens = [tokenize(text) for text in texts]
    return Batch(0, 30.0, mel, tokens[some], songs[some], texts[some], songs[some])


def task(net, **options):
    options = {"memory_s": 30.0, "rates": RATES, **options}
    return ClapTask(net, types.SimpleNamespace(), Path(), **options)


def gradients(net):
    return {name: p.grad.clone() for name, p in net.named_parameters() if p.grad is not None}


def test_gradients_in_parts_are_those_of_the_whole_batch():
    results = []
    for memory_s in (30.0, 1e9):
        net = network().train()
        logged = task(net, memory_s=memory_s).backward(pairs())
        results.append((logged["loss"], gradients(net)))
    for loss, found in results[:-1]:
        assert loss == pytest.approx(results[-1][0], rel=1e-5)
        for name, gradient in results[-1][1].items():
            assert torch.allclose(found[name], gradient, atol=1e-5, rtol=1e-3), name


@pytest.mark.slow
def test_half_precision_learns_nearly_the_same():
    """The batch is in float16, as workers hand it over; autocast computes in bfloat16."""
    losses = [task(network().train(), precision=p).backward(pairs())["loss"] for p in ("f32", "bf16")]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)


def test_equal_songs_or_words_are_no_negatives():
    assert same_pairs(["a", "b", "b"], ["x", "x", "y"]).tolist() == [
        [True, True, False],
        [True, True, True],
        [False, True, True],
    ]


def test_out_of_memory_halves_what_is_computed_together(monkeypatch):
    net = network().train()
    embed_mel = net.embed_mel

    def small(mel):
        if len(mel) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return embed_mel(mel)

    monkeypatch.setattr(net, "embed_mel", small)
    own = task(net, memory_s=120.0)
    logged = own.backward(pairs())
    assert logged["out_of_memory"] >= 1
    assert own.memory_s < 120
    plain = network().train()
    assert logged["loss"] == pytest.approx(task(plain).backward(pairs())["loss"], rel=1e-5)


def test_one_pair_too_large_ends_the_run_with_its_name(monkeypatch, tmp_path):
    net = network()

    def never(mel):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(net, "embed_mel", never)
    with pytest.raises(TrainingFailed, match="one pair does not fit"):
        task(net, troubles=tmp_path / "batch.json").backward(pairs())
    assert json.loads((tmp_path / "batch.json").read_text())["songs"][0] == "song 0"


@pytest.mark.slow
def test_a_loss_that_is_no_number_keeps_the_batch(tmp_path):
    net = network()
    with torch.no_grad():
        net.clap.audio_projection.linear2.weight[0] = float("nan")
    with pytest.raises(TrainingFailed, match="the loss is nan"):
        task(net, troubles=tmp_path / "batch.json").backward(pairs())
    assert json.loads((tmp_path / "batch.json").read_text())["rows"]


@pytest.mark.slow
def test_rates_by_layer_and_frozen_sides():
    net = network()
    rates = {"text": 0.0, "audio": 0.5, "pooling": 10.0, "layer_decay": 0.5}
    own = task(net, rates=rates)
    audio = "clap.audio_model.audio_encoder"
    expected = {
        "pooling.weigh.weight": 10.0,
        "clap.audio_projection.linear1.weight": 0.5,
        f"{audio}.layers.3.blocks.0.layernorm_before.weight": 0.25,
        f"{audio}.layers.0.blocks.0.layernorm_before.weight": 0.5 * 0.5**4,
        f"{audio}.patch_embed.proj.weight": 0.5 * 0.5**5,
        "clap.text_model.encoder.layer.0.output.dense.weight": 0.0,
        "clap.logit_scale_a": 1.0,
    }
    assert {name: own.rate_of(name) for name in expected} == expected
    own.backward(pairs())
    assert not any("text" in name for name in gradients(net))


def two_processes(rank, port, folder):
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    net = network().train()
    logged = task(net).backward(pairs(4, first=4 * rank))
    torch.save((logged["loss"], gradients(net)), Path(folder) / f"{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path):
    """Negatives are gathered: loss and gradients are those of all pairs in one process."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(two_processes, (port, str(tmp_path)), nprocs=2)
    net = network().train()
    loss = task(net).backward(pairs(8))["loss"]
    for rank in (0, 1):
        theirs, found = torch.load(tmp_path / f"{rank}.pt")
        assert theirs == pytest.approx(loss, rel=1e-5)
        for name, gradient in gradients(net).items():
            assert torch.allclose(found[name], gradient, atol=1e-5, rtol=1e-3), name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_clap.save(tmp_path_factory.mktemp("clap"), **tiny_clap.COARSE)


def small(folder, *changes):
    given = {
        "weights": folder,
        "data.batch": 3,
        "schedule.seconds": "[10, 14]",
        "schedule.tokens": "[8, 16]",
        "schedule.steps_per_second": 1.0,
        "memory.seconds": 20.0,
        "memory.precision": "f32",
        "judge.held_out": 3,
        "training.steps": 5,
        "training.warmup": 1,
        "training.judge_every": 2,
        "training.keep_every": 4,
        "training.average": 0.5,
    }
    return recipes.load("clap-long", [*(f"{name}={value}" for name, value in given.items()), *changes])


def settings(tmp_path):
    places = {"shards": tmp_path / "store", "catalog": tmp_path / "catalog.db"}
    return types.SimpleNamespace(**places, offline=True, device="cpu", jobs=1)


def curve(folder):
    lines = [json.loads(line) for line in (folder / METRICS).read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in TIMES} for line in lines]


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_curve(shards, folder, tmp_path, monkeypatch):
    """SIGTERM in the third step leaves a checkpoint; curve and weights end the same, bit by bit.

    The run that is stopped gets its batches from a process of their own, as on a card.
    """
    common = {"data": [Path("jamendo"), shards], "settings": settings(tmp_path)}
    figures = trainer.run(small(folder), folder=tmp_path / "whole", **common)
    assert set(figures) >= {"step", "loss", "mrr"}
    assert curve(tmp_path / "whole")[0]["step"] == -1, "the untrained network is judged first"

    def stop_in_the_third(line):
        if line.get("step") == 2 and "loss" in line and threading.current_thread() is threading.main_thread():
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(trainer, "is_fed_apart", lambda device: True)
    with pytest.raises(KeyboardInterrupt):
        trainer.run(small(folder), folder=tmp_path / "cut", report=stop_in_the_third, **common)
    assert 2 < len(curve(tmp_path / "cut")) < len(curve(tmp_path / "whole"))
    trainer.run(small(folder), folder=tmp_path / "cut", resume=True, **common)
    assert curve(tmp_path / "cut") == curve(tmp_path / "whole")
    for name in ("best", "last", "step-4"):
        one, two = (tmp_path / run / name / "model.safetensors" for run in ("whole", "cut"))
        assert one.read_bytes() == two.read_bytes(), name


@pytest.mark.parametrize("strategy", ["transformer", "stretch"])
@pytest.mark.slow
@pytest.mark.usefixtures("workers_of_several")
def test_every_strategy_trains_and_its_checkpoint_is_an_encoder(shards, folder, tmp_path, strategy):
    recipe = small(folder, f"strategy={strategy}", "training.steps=2", "training.keep_every=0")
    trainer.run(recipe, folder=tmp_path / "run", data=[Path("jamendo"), shards], settings=settings(tmp_path))
    encoder = encoders.load(str(tmp_path / "run" / "best"))
    for name, value in encoders.load(str(folder)).network.clap.state_dict().items():
        if not value.is_floating_point():  # an average of positions would slip to the number below
            assert torch.equal(value, encoder.network.clap.state_dict()[name]), name
    assert f"/{strategy}/" in encoder.pipeline
    vectors = encoder.encode_windows(torch.randn(2, 480_000).numpy() * 0.1)
    assert encoder.pool(vectors).shape == (32,)


def test_no_data_is_said(folder, tmp_path):
    with pytest.raises(WrongUse, match="no data"):
        trainer.run(small(folder), folder=tmp_path / "run", data=[], settings=settings(tmp_path))


@pytest.mark.slow
@pytest.mark.usefixtures("workers_of_several")
def test_a_shard_that_vanishes_is_told_and_the_others_go_on(folder, tmp_path):
    ids = write_shards(tmp_path / "shards", shards=3, rows=3, group=3)
    write_captions(tmp_path / "shards", ids, WORDS)
    told = []

    def vanish(line):
        told.append(line)
        if line.get("step") == -1:
            (tmp_path / "shards" / "data" / "train-00001-of-00003.parquet").unlink()

    recipe = small(folder, "training.steps=4", "training.judge_every=20", "training.keep_every=0")
    data = [Path("jamendo"), tmp_path / "shards"]
    figures = trainer.run(
        recipe, folder=tmp_path / "run", data=data, settings=settings(tmp_path), report=vanish
    )
    assert figures["step"] == 3
    lost = [line["lost"] for line in told if "lost" in line]
    assert set(lost) == {"data/train-00001-of-00003.parquet"}
    assert (tmp_path / "run" / "best" / "model.safetensors").is_file()
