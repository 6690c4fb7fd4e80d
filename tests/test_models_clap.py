"""CLAP: the front end against transformers', the encoder on a small one, LAION's checkpoints, the hub."""

import json

import numpy as np
import pytest
import tiny_clap
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import ClapFeatureExtractor

from catalog.errors import Damaged, NoModel, WrongUse
from models import encoders
from models.encoders import clap
from models.networks import checkpoint
from models.networks.clap import RATE_HZ
from models.networks.clap.log_mel import LOWEST_HZ, log_mel
from models.networks.clap.network import ClapNetwork, describe, read
from models.networks.text_tower import TextTower

TEXTS = ["sad piano music", "a loud and fast song with drums", "quiet guitar"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_clap.save(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def encoder(folder):
    return encoders.load(str(folder))


def noise(windows, seconds=10.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.2, (windows, round(seconds * RATE_HZ))).astype(np.float32)


def extracted(sound):
    extractor = ClapFeatureExtractor(truncation="rand_trunc", frequency_min=LOWEST_HZ)
    return extractor(list(sound), sampling_rate=RATE_HZ, return_tensors="np")["input_features"][:, 0]


@given(hz=st.floats(20, 20_000), level=st.floats(1e-6, 1.0))
@settings(max_examples=15)
def test_the_front_end_is_that_of_transformers(hz, level):
    """A tone leaves most bands to rounding: what float32 would get wrong shows there."""
    time = np.arange(480_000) / RATE_HZ
    sound = (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)[None]
    assert np.allclose(log_mel(torch.from_numpy(sound)).numpy(), extracted(sound), rtol=1e-5, atol=1e-4)


def test_windows_of_a_batch_do_not_mix():
    sound = np.concatenate([noise(1), np.zeros((1, 480_000), np.float32), noise(1, seed=1)])
    batch = log_mel(torch.from_numpy(sound))
    assert batch.shape == (3, 1001, 64)
    assert torch.equal(batch[2], log_mel(torch.from_numpy(sound[2:]))[0])
    assert np.allclose(batch.numpy(), extracted(sound), rtol=1e-5, atol=1e-4)
    assert batch[1].eq(-100).all()


def test_sound_too_short_to_reflect_is_refused():
    with pytest.raises(ValueError, match="512"):
        log_mel(torch.zeros(1, 512))


def test_vectors_are_those_of_transformers(encoder, folder):
    sound = noise(2)
    model = encoder.network.clap
    with torch.no_grad():
        theirs = model.get_audio_features(torch.from_numpy(extracted(sound))[:, None]).pooler_output.numpy()
    ours = encoder.encode_windows(sound)
    assert np.abs(ours / np.linalg.norm(ours, axis=1, keepdims=True) - theirs).max() < 1e-4
    ids = [tiny_clap.tokenizer().encode(text).ids for text in TEXTS]
    with torch.no_grad():
        texts = [model.get_text_features(torch.tensor([one])).pooler_output[0].numpy() for one in ids]
    assert np.allclose(encoder.encode_descriptions(TEXTS), texts, atol=1e-5)
    assert encoder.pipeline.endswith("/48 kHz log-mel 64/10 s/mean/f32")
    assert encoder.dimensions == 32


def test_the_track_vector_is_the_mean_of_raw_outputs(encoder):
    chunks = encoder.encode_windows(noise(3))
    mean = chunks.mean(0)
    assert np.allclose(encoder.pool(chunks), mean / np.linalg.norm(mean), atol=1e-6)


def test_the_same_sound_gives_the_same_bits(encoder):
    assert np.array_equal(encoder.encode_windows(noise(2)), encoder.encode_windows(noise(2)))


@pytest.mark.slow
def test_the_exported_text_tower_reads_as_the_network_does(encoder, tmp_path):
    encoder.export_text_tower(tmp_path / "tower")
    tower = TextTower(tmp_path / "tower")
    assert tower.manifest.pipeline == encoder.pipeline
    long = " ".join(["happy song"] * 100)
    ours, theirs = encoder.encode_descriptions([*TEXTS, long]), tower.encode([*TEXTS, long])
    assert (ours * theirs).sum(1).min() > 0.995


def test_texts_beyond_512_tokens_are_read_to_the_end(encoder):
    start = "piano " * 600
    one, other = encoder.encode_descriptions([start + "sad slow", start + "drums drums drums"])
    assert abs(one @ other) < 0.9999
    assert encoder.encode_descriptions([]).shape == (0, 32)
    assert np.allclose(np.linalg.norm([one, other], axis=1), 1, atol=1e-5)


def test_a_collapsed_checkpoint_is_refused_at_its_first_use(tmp_path):
    """As larger_clap_music: whatever the text, nearly the same vector."""
    model = tiny_clap.model()
    with torch.no_grad():
        model.text_projection.linear2.weight.mul_(0.001)
        model.text_projection.linear2.bias.fill_(1)
    model.save_pretrained(tmp_path)
    tiny_clap.tokenizer().save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(Damaged, match="unrelated texts are all alike"):
        encoders.load(str(tmp_path)).encode_windows(noise(1))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda f: (f / "model.safetensors").write_bytes(b"not tensors"), Damaged),
        (lambda f: (f / "model.safetensors").unlink(), Damaged),
        (lambda f: (f / "config.json").write_text("{}"), WrongUse),
    ],
)
def test_a_spoiled_folder_says_so(tmp_path, spoil, kind):
    tiny_clap.save(tmp_path)
    spoil(tmp_path)
    with pytest.raises(kind):
        encoders.load(str(tmp_path)).encode_windows(noise(1))


def test_feature_fusion_is_refused(tmp_path):
    tiny_clap.save(tmp_path, enable_fusion=True, fusion_type="channel_map")
    with pytest.raises(NoModel, match="fusion"):
        encoders.load(str(tmp_path)).encode_windows(noise(1))


def test_without_weights_or_network_the_way_out_is_named(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NoModel, match="not on this machine") as refused:
        clap.Encoder("laion/nothing-of-that-name")
    assert "NW_OFFLINE=0 nw …" in refused.value.try_this, "nw completes it with what was typed"


def test_a_checkpoint_of_a_training_is_an_encoder(tmp_path, folder):
    """Its strategy counts, unless another is asked for."""
    torch.manual_seed(1)
    network = ClapNetwork(read(folder)[0].clap, "attention")
    torch.nn.init.normal_(network.pooling.weigh.weight)
    checkpoint.save(tmp_path / "best", network.state_dict(), {**describe(network), "step": 7})
    tiny_clap.tokenizer().save(str(tmp_path / "best" / "tokenizer.json"))
    trained = encoders.load(str(tmp_path / "best"))
    assert trained.pipeline.endswith("/attention/f32")
    chunks = trained.encode_windows(noise(3))
    plain = encoders.load(str(tmp_path / "best"), pooling="mean")
    assert np.array_equal(chunks, plain.encode_windows(noise(3)))
    assert not np.allclose(trained.pool(chunks), plain.pool(chunks), atol=1e-4)
    (tmp_path / "best" / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(Damaged, match="checksum"):
        encoders.load(str(tmp_path / "best")).encode_windows(noise(1))


def test_stretch_hears_as_many_seconds_as_asked_for(folder):
    stretched = encoders.load(str(folder), pooling="stretch", seconds=25)
    assert (stretched.window_s, stretched.hop_s) == (25, 25)
    assert stretched.encode_windows(noise(1, 25)).shape == (1, 32)
    assert "/25 s/stretch/" in stretched.pipeline


def test_transformers_configs_survive_a_manifest(folder):
    network, _ = read(folder)
    described = json.loads(json.dumps(describe(network)))
    assert described["clap"]["audio_config"]["depths"] == [2, 2, 2, 2]
