"""Long audio: strategies start where they promise, look at sound alone, keep nothing between lengths."""

import copy

import numpy as np
import pytest
import tiny_clap
import torch

from catalog.errors import WrongUse
from models.networks.clap import chunk_pooling, htsat_stretch
from models.networks.clap.log_mel import log_mel

POOLERS = ("mean", "attention", "transformer")


def songs(count=3, chunks=7, dimensions=32, seed=0):
    torch.manual_seed(seed)
    lengths = torch.tensor([chunks, 1, 3])[:count]
    mask = torch.arange(chunks)[None] < lengths[:, None]
    return torch.randn(count, chunks, dimensions), mask


def trained(strategy):
    """A pooler whose zeros are gone, as after training."""
    torch.manual_seed(5)
    pool = chunk_pooling.pooler(strategy, 32).eval()
    for parameter in pool.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return pool


def alike(one, other):
    """Equal to 1e-5 of the largest value, which in a trained pooler is 200."""
    return (one - other).abs().max() <= 1e-5 * max(1.0, other.abs().max().item())


@pytest.mark.parametrize("strategy", POOLERS)
def test_every_pooler_starts_as_the_mean(strategy):
    chunks, mask = songs()
    pooled = chunk_pooling.pooler(strategy, 32)(chunks, mask)
    plain = torch.stack([song[own].mean(0) for song, own in zip(chunks, mask, strict=True)])
    assert alike(pooled, plain)


@pytest.mark.parametrize("strategy", POOLERS)
def test_what_lies_behind_the_mask_changes_nothing(strategy):
    pool, (chunks, mask) = trained(strategy), songs()
    spoiled = torch.where(mask[..., None], chunks, torch.full_like(chunks, 1e3))
    assert alike(pool(chunks, mask), pool(spoiled, mask))
    alone = pool(chunks[2:, :3], mask[2:, :3])
    assert alike(pool(chunks, mask)[2:], alone)


@pytest.mark.parametrize("strategy", ["attention", "transformer"])
def test_a_trained_pooler_hears_the_order_and_learns_from_the_first_step(strategy):
    pool, (chunks, mask) = trained(strategy), songs(1)
    assert not torch.allclose(pool(chunks, mask), pool(chunks.flip(1), mask), atol=1e-3)
    fresh = chunk_pooling.pooler(strategy, 32)
    fresh(chunks, mask).square().sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in fresh.parameters())


@pytest.mark.parametrize("strategy", POOLERS)
def test_songs_of_any_number_of_chunks_are_pooled(strategy):
    pool = trained(strategy)
    chunks = torch.randn(150, 32)
    groups = [pool(part[None], torch.ones(1, 50, dtype=torch.bool))[0] for part in chunks.split(50)]
    with torch.no_grad():
        assert alike(chunk_pooling.pool_song(pool, chunks), torch.stack(groups).mean(0))
        assert torch.isfinite(chunk_pooling.pool_song(pool, chunks[:1])).all()


def test_an_unknown_strategy_gets_the_list():
    with pytest.raises(WrongUse, match="mean, attention, transformer, stretch"):
        chunk_pooling.pooler("average", 32)


@pytest.fixture(scope="module")
def clap():
    return tiny_clap.model().audio_model


def mel(seconds, seed=0):
    rng = np.random.default_rng(seed)
    return log_mel(torch.from_numpy(rng.normal(0, 0.1, (2, round(48_000 * seconds))).astype(np.float32)))


def test_at_ten_seconds_stretch_is_the_stock_model(clap):
    with torch.no_grad():
        stock = clap(mel(10)[:, None]).pooler_output
        ours = htsat_stretch.features(clap.audio_encoder, mel(10))
    assert alike(ours, stock)


def test_no_length_leaves_a_trace_on_another(clap):
    encoder = clap.audio_encoder
    with torch.no_grad():
        before = htsat_stretch.features(encoder, mel(10))
        state = copy.deepcopy({name: vars(module).copy() for name, module in encoder.named_modules()})
        lengths = {s: htsat_stretch.features(encoder, mel(s)) for s in (1, 35, 60, 4)}
        again = htsat_stretch.features(encoder, mel(10))
        after = {name: vars(module).copy() for name, module in encoder.named_modules()}
        stock = clap(mel(10)[:, None]).pooler_output
    assert torch.equal(before, again)
    assert alike(again, stock)
    for name, values in state.items():
        for key in ("shift_size", "window_size", "input_resolution", "img_size"):
            assert after[name].get(key) == values.get(key)
    assert all(torch.isfinite(found).all() and found.shape == before.shape for found in lengths.values())


def test_a_stretched_song_depends_on_its_end(clap):
    sound = mel(40)
    other = sound.clone()
    other[:, 3900:] = -100
    with torch.no_grad():
        one, two = (htsat_stretch.features(clap.audio_encoder, m) for m in (sound, other))
    assert (one - two).abs().max() > 1e-4


def test_checkpointing_changes_no_gradient(clap):
    gradients = []
    for checkpointing in (False, True):
        clap.zero_grad()
        features = htsat_stretch.features(clap.audio_encoder, mel(12), checkpointing=checkpointing)
        features.square().sum().backward()
        gradients.append(clap.audio_encoder.patch_embed.proj.weight.grad.clone())
    assert torch.allclose(*gradients, rtol=1e-4)


def test_other_mel_bands_are_refused(clap):
    with pytest.raises(ValueError, match="64 mel bands"):
        htsat_stretch.features(clap.audio_encoder, torch.zeros(1, 100, 80))
