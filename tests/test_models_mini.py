"""What `mini` hears is the same whatever the level, rate or codec; its descriptions in ONNX as in torch."""

import hashlib

import numpy as np
import pytest
import soundfile
import soxr
import torch

from catalog.audio import waveform
from catalog.errors import Damaged
from models.encoders.mini import Encoder
from models.networks.graphs.mini import sound_graph, text_graph
from models.networks.mini import fine_mel
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.networks.text_tower import TextTower, open_session
from models.training.mini.material import audioset

RATE = 44_100
SECONDS = 20


@pytest.fixture(scope="module")
def mini():
    return Encoder()


@pytest.fixture(scope="module")
def music():
    """Twenty seconds of plucked chords over a beat: float32 (samples,), peak 0.5."""
    random = np.random.default_rng(0)
    sound = np.zeros(SECONDS * RATE)
    for beat in range(SECONDS * 2):
        at = beat * RATE // 2
        time = np.arange(min(RATE, len(sound) - at)) / RATE
        for note in ((220, 277, 330), (196, 247, 294))[beat // 4 % 2]:
            for harmonic in range(1, 9):
                wave = np.sin(2 * np.pi * note * harmonic * time)
                sound[at : at + len(time)] += wave * np.exp(-3 * harmonic * time) / harmonic
        hit = random.standard_normal(len(time)) * np.exp(-25 * time)
        sound[at : at + len(time)] += hit * (0.5 if beat % 2 else 0.2)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="module")
def hear(mini, tmp_path_factory):
    """Write a sound to a file and hear that file as `nw index` does: unit vector (384,)."""
    folder = tmp_path_factory.mktemp("sounds")

    def heard(sound, rate=RATE, name="sound.wav", **how):
        soundfile.write(folder / name, sound, rate, **how)
        blocks = waveform.windows(
            folder / name, rate_hz=mini.rate_hz, window_s=mini.window_s, hop_s=mini.hop_s
        )
        return mini.pool(np.concatenate([mini.encode_windows(block) for block in blocks]))

    return heard


@pytest.fixture(scope="module")
def plain(hear, music):
    return hear(music)


@pytest.mark.parametrize("level", [0.01, 0.1, 2.0])
def test_the_level_changes_nothing(hear, music, plain, level):
    assert hear(level * music, subtype="FLOAT") @ plain > 0.999


def test_clipping_changes_little(hear, music, plain):
    assert hear(np.clip(3 * music, -1, 1)) @ plain > 0.98


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000, 96_000, 192_000])
def test_the_rate_changes_nothing(hear, music, plain, rate):
    assert hear(soxr.resample(music, RATE, rate), rate) @ plain > 0.98


@pytest.mark.parametrize("name", ["sound.mp3", "sound.ogg", "sound.flac"])
def test_the_codec_changes_little(hear, music, plain, name):
    assert hear(music, name=name) @ plain > 0.98


def test_stereo_is_heard_as_mono(hear, music, plain):
    assert hear(np.stack([music, music], 1)) @ plain > 0.999


def test_silence_before_the_music_is_left_out(hear, music, plain):
    assert hear(np.concatenate([np.zeros(10 * RATE, np.float32), music])) @ plain > 0.999


def test_one_second_is_enough_to_hear(hear, music, plain):
    vector = hear(music[:RATE])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector @ plain > 0.5


def test_sound_and_descriptions_are_as_long_as_the_encoder_says(mini):
    heard, read = (
        mini.encode_windows(np.zeros((1, 160_000), np.float32)),
        mini.encode_descriptions(["a harp"]),
    )
    assert heard.shape == read.shape == (1, mini.dimensions)


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(None, id="no config"),
        pytest.param("{", id="cut short"),
        pytest.param('{"sha256": "CHECKSUM"}', id="no sizes"),
        pytest.param('{"sha256": "CHECKSUM", "shape": {"from": "a later nw"}}', id="sizes of another nw"),
        pytest.param('{"sha256": "another", "shape": {}}', id="other weights"),
    ],
)
def test_weights_that_cannot_be_used_say_what_to_do(tmp_path, config):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    if config is not None:
        checksum = hashlib.sha256(b"weights").hexdigest()
        (tmp_path / "config.json").write_text(config.replace("CHECKSUM", checksum))
    with pytest.raises(Damaged, match="cannot be used") as caught:
        Encoder(tmp_path)
    assert "nw train sound --recipe mini" in caught.value.try_this


def test_the_same_batch_or_alone(mini, music):
    windows = soxr.resample(music, RATE, mini.rate_hz)[:320_000].reshape(2, -1)
    alone = np.concatenate([mini.encode_windows(window[None]) for window in windows])
    assert np.allclose(mini.encode_windows(windows), alone, atol=1e-5)


def test_silence_is_silence(mini, hear):
    silent = hear(np.zeros(12 * RATE, np.float32))
    words = mini.encode_descriptions(["silence", "loud rock music", "a piano"])
    assert np.argmax(words @ silent) == 0


def network_of(**config):
    """A small network by chance, every number of its state too: normalizations have something to fold in."""
    shape = MiniConfig(widths=(4, 6, 8, 10, 12), features=7, dimensions=9, sentence=6, **config)
    torch.manual_seed(0)
    network = Mini(shape).eval()
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.1, 1).mul_(torch.randn_like(tensor).sign() if tensor.dim() > 1 else 1)
    return shape, network, {name: tensor.numpy() for name, tensor in network.state_dict().items()}


KINDS = [
    {"depths": (0, 1, 0, 2)},
    {"depths": (1, 0, 1, 0), "traits": 3, "text_hidden": 5},
    {"depths": (0, 1, 0, 1), "traits": 3, "classes": 5, "kept": 4},
    {"depths": (0, 1, 0, 1), "classes": 150, "kept": 4, "centered": True},
    {"depths": (0, 1, 0, 1), "traits": 3, "classes": 5, "kept": 4, "centered": True},
]


@pytest.mark.parametrize("config", KINDS)
def test_the_sound_tower_in_onnx_as_in_torch(config):
    shape, network, tensors = network_of(**config)
    log_mels = torch.randn(3, 201, 96)
    with torch.inference_mode():
        expected = network.sound(log_mels).numpy()
    session = open_session(sound_graph(tensors, shape))
    [found] = session.run(None, {"log_mels": log_mels.numpy()})
    assert found.shape == (3, shape.width)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("config", KINDS[1:3])
def test_the_mobile_tower_in_onnx_as_in_torch(config):
    shape = MiniConfig(mobile=0.3, features=7, dimensions=9, sentence=6, **config)
    torch.manual_seed(0)
    network = Mini(shape).eval()
    for name, tensor in network.state_dict().items():
        if name.endswith(("running_mean", "running_var")):
            tensor.uniform_(0.5, 1.5)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    log_mels = torch.randn(3, 201, 104)
    with torch.inference_mode():
        expected = network.sound(log_mels).numpy()
    session = open_session(sound_graph(tensors, shape))
    [found] = session.run(None, {"log_mels": log_mels.numpy()})
    assert found.shape == (3, shape.width)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)


def noise(seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, 160_000).astype(np.float32)


def test_the_fine_spectrogram_is_the_teachers_own_up_to_8_khz():
    sound = noise()
    ours = fine_mel.log_mels(sound[None])[0]  # (1000, 104)
    at_32khz = torch.from_numpy(soxr.resample(sound, 16_000, 32_000))[None]
    theirs = audioset.log_mel(audioset.levelled(at_32khz))[0, 0].T.numpy()  # (1000, 128)
    inner = slice(5, 95)  # the teacher's lowest bands hold next to nothing, and its highest here are cut off
    for band in range(inner.start, inner.stop):
        assert np.corrcoef(ours[:, band], theirs[:, band])[0, 1] > 0.95
    assert np.abs(ours[:, inner].mean(0) - theirs[:, inner].mean(0)).max() < 0.05


@pytest.mark.parametrize("level", [1e-3, 1.0, 9.0])
def test_the_fine_spectrogram_hears_no_level(level):
    expected = fine_mel.log_mels(noise()[None])
    found = fine_mel.log_mels(level * noise()[None])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("samples", [0, 159_999, 160_001])
def test_the_fine_spectrogram_is_of_ten_seconds(samples):
    with pytest.raises(ValueError, match=f"160000 samples, got {samples}"):
        fine_mel.mel_power(np.zeros(samples, np.float32))


@pytest.mark.parametrize("config", KINDS)
def test_the_text_head_in_onnx_as_in_torch(config):
    shape, network, tensors = network_of(**config)
    sentences = torch.nn.functional.normalize(torch.randn(4, 6), dim=-1)
    with torch.inference_mode():
        expected = network.text(sentences).numpy()
    session = open_session(text_graph(tensors, shape))
    [found] = session.run(None, {"sentence": sentences.numpy()})
    assert found.shape == (4, shape.width)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.slow
def test_a_query_without_torch_is_the_same_but_for_words_in_8_bits(mini, tmp_path):
    texts = ["calm piano at night", "death metal", "", "chiptune " * 400]
    mini.export_text_tower(tmp_path)
    assert (TextTower(tmp_path).encode(texts) * mini.encode_descriptions(texts)).sum(1).min() > 0.995
