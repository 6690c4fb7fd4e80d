"""Several processes, one run: a card for each, one held-out set, one fate when memory or numbers run out."""

import os
import socket
import types
from pathlib import Path

import pytest
import tiny_clap
import torch
from shard_maker import write_captions, write_shards
from torch import distributed as dist
from torch import multiprocessing

from catalog import sources
from catalog.data_sets import Place
from catalog.errors import TrainingFailed
from catalog.records import Clip
from models.networks import device
from models.networks.clap.network import ClapNetwork
from models.training import distributed
from models.training.clap import held_out
from models.training.clap.batch import Batch
from models.training.clap.task import ClapTask


@pytest.fixture
def cards(monkeypatch):
    """A machine with so many cards, as torch would tell of it."""

    def there_are(count):
        current = []
        fake = types.SimpleNamespace(
            is_available=lambda: count > 0, device_count=lambda: count, set_device=current.append
        )
        monkeypatch.setattr(torch, "cuda", fake)
        return current

    return there_are


@pytest.mark.parametrize(
    ("wanted", "count", "local_rank", "chosen"),
    [
        pytest.param("auto", 0, None, "cpu", id="without a card, the processor"),
        pytest.param("auto", 2, None, "cuda", id="alone, the card that is there"),
        pytest.param("auto", 2, "1", "cuda:1", id="each of torchrun's processes has a card of its own"),
        pytest.param("cuda", 2, "0", "cuda:0", id="also where a card was asked for"),
        pytest.param("auto", 1, "1", "cuda:0", id="more processes than cards share them"),
        pytest.param("cuda:1", 2, "0", "cuda:1", id="a card with a number is taken as it is"),
        pytest.param("cpu", 2, "1", "cpu", id="and the processor where it was asked for"),
    ],
)
def test_the_device_of_a_process(cards, monkeypatch, wanted, count, local_rank, chosen):
    cards(count)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if local_rank is not None:
        monkeypatch.setenv("LOCAL_RANK", local_rank)
    assert device.chosen(wanted) == chosen


def test_a_process_makes_its_card_the_current_one(cards):
    current = cards(2)
    with distributed.processes("cuda:1") as (rank, world):
        assert (rank, world) == (0, 1)
    assert current == [torch.device("cuda:1")]


@pytest.mark.parametrize(
    ("where", "count", "here", "backend"),
    [
        pytest.param("cuda:0", 2, "2", "nccl", id="NCCL where each has a card"),
        pytest.param("cuda:0", 1, "2", "gloo", id="gloo where two share one, which NCCL refuses"),
        pytest.param("cpu", 0, "2", "gloo", id="gloo on processors"),
    ],
)
def test_what_carries_messages(cards, monkeypatch, where, count, here, backend):
    cards(count)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", here)
    assert distributed.backend(where) == backend


def test_artists_of_held_out_songs_are_not_trained_on():
    out = held_out.HeldOut.of([Clip("1", b"x", (), {"artist": "Anna"}), Clip("2", b"x", (), {})])
    assert [
        clip in out
        for clip in (
            Clip("1", None, (), {}),
            Clip("7", None, (), {"artist": "ANNA "}),
            Clip("8", None, (), {"artist": "Bela"}),
            Clip("9", None, (), {}),
        )
    ] == [True, True, False, False]


@pytest.mark.parametrize("rank", [0, 1])
def test_every_process_holds_out_the_same_songs(tmp_path, rank):
    ids = write_shards(tmp_path / "shards", shards=3, rows=4, group=2)
    write_captions(tmp_path / "shards", ids, ["a slow song"])
    place = Place(tmp_path / "store", (str(tmp_path / "shards"),))
    with sources.load("jamendo").opened(place, seed=0, rank=rank, world=2) as data:
        out = held_out.take(data, 3, with_sound=rank == 0)
        assert [clip.id for clip in out.clips] == [str(one) for one in ids[8:11]]
        assert all((clip.audio is None) == (rank == 1) for clip in out.clips)
        assert (data.stream.rank, data.stream.world) == (rank, 2)
        assert not {clip.id for _, clip in data.rows()} & {str(one) for one in ids[8:]}


def batch(count=4):
    torch.manual_seed(0)
    mel = [torch.randn(1, 1001, 64) * 10 - 45 for _ in range(count)]
    words = ["slow song", "loud guitar", "sad piano", "fast drums"][:count]
    tokens = [tiny_clap.tokenizer().encode(text).ids for text in words]
    return Batch(0, 10.0, mel, tokens, words, words, words)


def in_two_processes(function, tmp_path):
    """What each of two processes returned."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(_run, (port, function, str(tmp_path)), nprocs=2)
    return [torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1)]


def _run(rank, port, function, folder):
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    torch.save(function(rank), Path(folder) / f"{rank}.pt")
    dist.destroy_process_group()


def _agree(rank):
    """Only one of them is asked to stop, and judges."""
    return {"stop": distributed.agreed(lambda: rank == 1)(), "first": distributed.from_first(lambda: rank)}


@pytest.mark.slow
def test_both_processes_agree(tmp_path):
    one, two = in_two_processes(_agree, tmp_path)
    assert [one["stop"], two["stop"]] == [True, True], "told to stop in one process, both do"
    assert one["first"] == two["first"] == 0, "the first one judges for both"


def _fail(rank):
    """Only one of them runs out of memory or of numbers."""
    found = {}
    rates = {"text": 1.0, "audio": 1.0, "pooling": 1.0}
    net = ClapNetwork(tiny_clap.model(0, **tiny_clap.COARSE), "mean").train()
    task = ClapTask(net, types.SimpleNamespace(), Path(), memory_s=40.0, rates=rates)
    embed_mel = net.embed_mel

    def small(mel):
        if rank == 1 and len(mel) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return embed_mel(mel)

    net.embed_mel = small
    found["halved"] = task.backward(batch())["memory_s"]
    found["gradient"] = float(net.clap.audio_projection.linear1.weight.grad.norm())
    if rank == 1:
        net.embed_mel = lambda mel: embed_mel(mel) * float("nan")
    try:
        task.backward(batch())
    except TrainingFailed as problem:
        found["failed"] = str(problem)
    return found


@pytest.mark.slow
def test_both_processes_meet_the_trouble_of_one(tmp_path):
    one, two = in_two_processes(_fail, tmp_path)
    assert one["halved"] == two["halved"] == 20.0, "out of memory in one, both compute less together"
    assert one["gradient"] == pytest.approx(two["gradient"], rel=1e-4)
    assert "the loss is nan" in one["failed"]
    assert "the loss is nan" in two["failed"]
