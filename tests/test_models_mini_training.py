"""How mini is trained: from folders of music and a teacher to weights that the encoder reads."""

import json

import numpy as np
import pytest
import soundfile
import torch

from catalog.audio import waveform
from catalog.audio.packets import audio_hash
from catalog.data_sets import Excluded
from catalog.errors import NotReady, SourceError, WrongUse
from models import recipes
from models.encoders.mini import Encoder
from models.networks.manifest import MANIFEST
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.trainers import mini as trainer
from models.training.mini import traits as trait_training
from models.training.mini.material import corpus, render, similar_songs, songs, teachers, traits
from models.training.mini.material.windows import Windows
from models.training.mini.material.words import Text
from newwave_cli.settings import read

QUICK = (
    "material.blocks=0",
    "material.near=2",
    "distil.batch=6",
    "distil.held_out=2",
    "distil.judge_one_in=1",
    "distil.training.steps=3",
    "distil.training.judge_every=2",
    "distil.training.log_every=1",
    "align.batch=6",
    "align.held_out=2",
    "align.training.steps=3",
    "align.training.judge_every=3",
)
SMALL = {"widths": [4, 6, 8, 10, 12], "depths": [0, 1, 1, 1], "features": 64, "sound_hidden": 32}
"""A network of the same form, a hundredth of the work."""


class LoudnessTeacher:
    """Knows two tags and two features, all by how loud a window is."""

    names = ("rock", "ambient", teachers.FEATURE, "piano")

    def __call__(self, windows):
        loud = np.log(np.sqrt(np.square(windows).mean(1)) + 1e-5)
        return np.stack([loud, -loud, loud * 2, loud], 1).astype(np.float32)


@pytest.fixture
def music(tmp_path):
    """Four songs of 20 s, and a table of described music beside them."""
    folder = tmp_path / "music"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(4):
        soundfile.write(folder / f"{number}.wav", 0.1 * (number + 1) * random.uniform(-1, 1, 320_000), 16_000)
    (folder / "musiccaps-public.csv").write_text(
        "ytid,aspect_list,caption\n"
        "a,\"['rock', 'loud']\",A loud rock band\n"
        "b,\"['ambient', 'calm']\",Calm ambient pads\n"
    )
    return folder


@pytest.fixture
def train(tmp_path, music, monkeypatch):
    """Runs the training with the teacher above."""
    monkeypatch.setattr(teachers, "present", lambda weights: [LoudnessTeacher()])

    def run(*, resume=False, data=(music,), report=None):
        said = []
        recipe = recipes.load("mini", QUICK)
        recipe["distil"]["shape"] |= SMALL
        figures = trainer.run(
            recipe,
            folder=tmp_path / "run",
            data=data,
            settings=read({"home": tmp_path / "home", "jobs": 2}, {}),
            resume=resume,
            report=report or said.append,
        )
        return figures, said

    return run


@pytest.mark.slow
def test_from_music_to_an_encoder(train, tmp_path):
    figures, said = train()
    assert 0 < figures["mrr"] <= 1
    assert sum("heard" in str(line.get("material")) for line in said) == 4
    encoder = Encoder(tmp_path / "run" / "best")
    windows = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 160_000)).astype(np.float32)
    assert np.allclose(np.linalg.norm(encoder.encode_windows(windows), axis=1), 1, atol=1e-5)
    silent = encoder.encode_windows(np.zeros((1, 160_000), np.float32))
    assert (encoder.encode_descriptions(["silence"]) @ silent.T).item() > 0.5


@pytest.mark.slow
def test_traits_stand_beside_the_joint_embedding_where_texts_name_them(train, tmp_path, music):
    train()
    assert Encoder(tmp_path / "run" / "best").dimensions == 384 + 3
    (music / "musiccaps-public.csv").unlink()
    train()
    without = Encoder(tmp_path / "run" / "best")
    assert without.dimensions == without.encode_descriptions(["rock"]).shape[1] == 384


@pytest.mark.slow
def test_the_same_again_is_the_same_and_hears_nothing_twice(train, tmp_path):
    train()
    first = (tmp_path / "run" / "best" / "model.safetensors").read_bytes()
    _, said = train()
    assert not any("material" in line for line in said)
    assert (tmp_path / "run" / "best" / "model.safetensors").read_bytes() == first


@pytest.mark.slow
def test_stopped_and_resumed_it_ends_where_it_would_have(train, tmp_path):
    train()
    whole = (tmp_path / "run" / "best" / "model.safetensors").read_bytes()

    def stop(line):
        if line.get("step") == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(report=stop)
    train(resume=True)
    assert (tmp_path / "run" / "best" / "model.safetensors").read_bytes() == whole


@pytest.mark.slow
def test_what_is_for_judging_is_never_trained_on(train, music, tmp_path):
    audio = music / "judged" / "deep" / "audio"
    audio.mkdir(parents=True)
    noise = np.random.default_rng(1).uniform(-0.9, 0.9, 320_000)
    soundfile.write(audio / "secret.wav", noise, 16_000)
    (music / "judged" / "captions.jsonl").write_text(
        '{"file": "secret.wav", "caption": "A loud rock band"}\n'
    )
    _, said = train()
    heard = [line["material"] for line in said if "heard" in str(line.get("material"))]
    assert heard == ["heard 0.wav", "heard 1.wav", "heard 2.wav", "heard 3.wav"]
    manifest = json.loads((tmp_path / "run" / "best" / MANIFEST).read_text())
    assert manifest["windows"] == 4 * 2  # four songs of 20 s, ten seconds a window


def test_a_folder_for_judging_keeps_out_all_that_lies_below_it_and_nothing_beside_it(tmp_path):
    for name in ("judged/captions.jsonl", "judged/1.wav", "judged/a/b/2.wav", "judged too/3.wav", "4.wav"):
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    left = songs.files_of([tmp_path / "music"])
    assert [path.name for path in left] == ["4.wav", "3.wav"]


def test_a_song_that_cannot_be_heard_is_noted_and_left_out(music, tmp_path, monkeypatch):
    with (music / "0.wav").open("r+b") as file:
        file.seek(24)
        file.write((1).to_bytes(4, "little"))  # it claims 1 Hz
    monkeypatch.setattr(waveform, "windows", None)  # nothing is decoded in this process
    said = []
    heard = songs.labelled(songs.files_of([music]), [LoudnessTeacher()], tmp_path / "songs", said.append)
    assert [song.name for song in heard] == ["1.wav", "2.wav", "3.wav"]
    assert said[0].startswith(f"left out: {music / '0.wav'}")


def test_a_song_of_an_evaluation_data_set_is_told_by_its_sound(music):
    sound = audio_hash(music / "2.wav")
    assert [path.name for path in songs.files_of([music], Excluded(sounds=frozenset({sound})))] == [
        "0.wav", "1.wav", "3.wav",
    ]  # fmt: skip


def test_wrong_use_says_what_to_do(train, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match="none was named"):
        train(data=())
    with pytest.raises(SourceError, match="no music to train on"):
        train(data=(tmp_path / "empty",))
    monkeypatch.setattr(teachers, "present", lambda weights: [])
    with pytest.raises(NotReady, match="no teacher"):
        train()


def test_descriptions_go_to_sounds_of_their_tags():
    random = np.random.default_rng(0)
    words = ("rock", "piano", "techno", "choir")
    vectors = {word: random.standard_normal(384).astype(np.float32) for word in words}
    texts = [Text(f"some {word}", (word,)) for word in words]
    told = similar_songs.profiles(
        texts,
        np.stack([vectors[w] + 0.3 * random.standard_normal(384) for w in words]).astype(np.float32),
        vectors,
        np.stack([vectors[word] for word in words]),
    )
    standing = np.eye(4, dtype=np.float32) * 3
    assert similar_songs.nearest(standing, told, 1).ravel().tolist() == [0, 1, 2, 3]


@pytest.fixture
def material():
    """Eight songs of two windows, the first four of `rock`, and two scores, the first with a harp.

    Forty texts, every other of which names rock; the others name a harp.
    """
    random = np.random.default_rng(0)
    rock, harp = random.standard_normal((2, 384)) / 20
    texts = np.stack([(rock, harp)[i % 2] + random.standard_normal(384) / 80 for i in range(40)])
    song = np.array([*(np.arange(16) // 2), 8, 9])
    zero = np.zeros((18, 3), np.float32)
    windows = Windows([], song, song, zero, zero.astype(int), texts.astype(np.float32), song > 7)
    named = np.stack([np.arange(40) % 2 == 0, np.arange(40) % 2 == 1], 1)
    spoken = traits.Spoken([2], np.array([[True], [False]]), np.arange(40), named)
    return corpus.Material(windows, [], np.ones(3, np.float32), texts[0], spoken)


def test_a_song_with_a_trait_is_found_by_a_text_that_names_it(material):
    mini = Mini(MiniConfig(features=3, traits=2)).eval()
    teacher = torch.nn.Linear(3, 3)
    torch.nn.init.zeros_(teacher.weight)
    with torch.no_grad():
        teacher.weight[2, 0] = 0.2
    features = torch.zeros(18, 3)
    features[:8, 0] = features[8:16, 1] = features[16, 1] = 5.0
    trait_training.learn(mini, material, teacher, [features] * 2, {"sound": 0.1, "text": 0.1})
    heard = torch.relu(mini.sound.traits(features))
    texts = mini.text.traits(torch.from_numpy(material.windows.sentences))
    assert torch.allclose(heard[0], torch.tensor([1.0, 0.0]), atol=1e-4)
    assert torch.allclose(heard[8], torch.tensor([0.0, 1.0]), atol=1e-4)
    assert (heard @ texts.T).argmax(0).tolist() == [0, 8] * 20


def test_a_trait_that_no_text_names_says_nothing(material):
    there = material.spoken.named.copy()
    there[:, 1] = False
    matrix, offset = trait_training.regressed(material.windows.sentences, there, 0.1)
    assert np.abs(matrix[1]).max() == offset[1] == 0
    assert np.abs(matrix[0]).max() > 0


def test_an_instrument_counts_that_plays_often():
    names, plays = traits.played_often([["harp", "drums"]] * traits.OFTEN + [["lute", "drums", "drums"]])
    assert sorted(names) == ["drums", "harp"]
    assert plays.sum(0).tolist() == [traits.OFTEN if name == "harp" else traits.OFTEN + 1 for name in names]


def test_instruments_stand_in_the_order_in_which_they_first_play():
    lineup = ["viola", "harp", "lute", "tuba", "drums", "oboe", "fife", "gong"]
    names, _ = traits.played_often([lineup] * traits.OFTEN)
    assert names == lineup


def test_silent_scores_are_left_out():
    loud, silent = np.zeros((600, 96), np.float16), np.full((600, 96), -11, np.float16)
    song = songs.LabelledSong("a", loud, np.zeros((1, 4), np.float32))
    block = render.Rendered(np.stack([loud, silent]), np.zeros((2, 4), np.float32), ())
    made = corpus._windows([song], [block], song.labels, np.zeros((3, 8), int), np.zeros((1, 384)))
    assert made.rendered.tolist() == [False, True]
