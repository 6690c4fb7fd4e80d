"""What `mini` hears is the same whatever the level, rate or codec; its descriptions in ONNX as in torch."""

import numpy as np
import pytest
import soundfile
import soxr
import torch

from catalog.audio import waveform
from models.encoders.mini import Encoder
from models.networks.mini import Mini, MiniConfig, TextHead, fuse
from models.networks.mini_onnx import head_graph, wide_graph
from models.networks.text_tower import TextTower, open_session

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


def test_the_same_batch_or_alone(mini, music):
    windows = soxr.resample(music, RATE, mini.rate_hz)[:320_000].reshape(2, -1)
    alone = np.concatenate([mini.encode_windows(window[None]) for window in windows])
    assert np.allclose(mini.encode_windows(windows), alone, atol=1e-5)


def test_silence_is_silence(mini, hear):
    silent = hear(np.zeros(12 * RATE, np.float32))
    words = mini.encode_descriptions(["silence", "loud rock music", "a piano"])
    assert np.argmax(words @ silent) == 0


@pytest.mark.parametrize("classes", [0, 5])
@pytest.mark.parametrize("depths", [(0, 1, 0, 2), (1, 0, 1, 0)])
def test_the_trunk_in_onnx_as_in_torch(classes, depths):
    config = MiniConfig(widths=(4, 6, 8, 10, 12), depths=depths, features=7, classes=classes, kept=classes)
    torch.manual_seed(0)
    network = Mini(config)
    log_mels = torch.randn(3, 201, 96)
    network.sound.wide(log_mels)  # in training, so that normalizations have something to fold in
    network.eval()
    with torch.inference_mode():
        expected = network.sound.wide(log_mels).numpy()
    session = open_session(wide_graph(fuse(network).sound))
    assert session.run(None, {"log_mels": log_mels.numpy()})[0] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def same_in_onnx(head):
    sentences = torch.nn.functional.normalize(torch.randn(8, 384), dim=-1)
    session = open_session(head_graph(head))
    [vectors] = session.run(None, {session.get_inputs()[0].name: sentences.numpy()})
    assert vectors == pytest.approx(head(sentences).numpy(), rel=1e-4, abs=1e-6)


def test_the_head_over_words_in_onnx_as_in_torch(mini):
    same_in_onnx(mini._network.text)


@pytest.mark.parametrize("text_hidden", [0, 6])
@pytest.mark.parametrize("traits", [0, 4])
@pytest.mark.parametrize("classes", [0, 5])
@pytest.mark.parametrize("centered", [False, True])
@torch.inference_mode()
def test_every_head_over_words_in_onnx_as_in_torch(text_hidden, traits, classes, centered):
    config = MiniConfig(
        text_hidden=text_hidden, traits=traits, classes=classes, kept=classes, centered=centered
    )
    torch.manual_seed(0)
    head = TextHead(config)
    for weights in head.parameters():
        weights.normal_(std=0.3)
    same_in_onnx(head)


@pytest.mark.slow
def test_a_query_without_torch_is_the_same_but_for_words_in_8_bits(mini, tmp_path):
    texts = ["calm piano at night", "death metal", "", "chiptune " * 400]
    mini.export_text_tower(tmp_path)
    assert (TextTower(tmp_path).encode(texts) * mini.encode_descriptions(texts)).sum(1).min() > 0.995
