"""mini's second stage: what it hears is made alike each time, and who names a class finds it."""

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tables import in_one_test

from catalog.errors import NotReady
from models import recipes
from models.encoders.mini import Encoder
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.trainers import mini_audioset as trainer
from models.training.mini import classes
from models.training.mini.mixtures import (
    arrangements,
    bank,
    gathering,
    labelling,
    midi,
    mixing,
    packages,
    played,
)
from models.training.settings import TrainSettings
from newwave_cli.settings import read

RATE = bank.RATE_HZ
QUICK = (
    "material.blocks=0",
    "material.judged_blocks=0",
    "material.parts=1",
    "material.held_out=2",
    "distil.batch=4",
    "distil.training.steps=2",
    "distil.training.judge_every=2",
    "distil.training.log_every=1",
    "distil.card.batch=3",
    "network.mobile=0.2",
    "network.features=16",
    "distil.card.training.steps=2",
)


class LoudnessTeacher:
    """Hears in each of 527 classes how much treble a window has, each by a factor of its own."""

    names = tuple(f"class {i}" for i in range(527))
    mids = tuple(f"/m/{i}" for i in range(527))

    def __init__(self, folder=None):
        self.factors = np.linspace(-2, 2, 527, dtype=np.float32)

    def __call__(self, windows):
        treble = np.log(np.square(np.diff(windows, axis=1)).mean(1) + 1e-6)[:, None]
        return treble * self.factors, np.repeat(treble, 384, 1).astype(np.float32)


def tone(seconds, hz=220.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.fixture
def sounds(tmp_path):
    """A bank of four long and four short sounds of games, and of two songs."""
    folder = tmp_path / "bank"
    bank.keep("games-a", [(f"long-{i}", tone(15, 110 * (i + 1))) for i in range(4)], folder)
    bank.keep("games-b", [(f"short-{i}", tone(1, 330 * (i + 1))) for i in range(4)], folder)
    bank.keep("voice-a", [("song", tone(31)), ("silent", np.zeros(RATE, np.float32))], folder)
    return folder


def test_of_games_what_is_long_is_music_and_what_is_short_a_sound(sounds):
    found = bank.Bank(sounds, {"games": ["games-a", "games-b"]}, held_out=10**9, judging=False)
    assert {kind: found.count(kind) for kind in found.kinds} == {"music": 4, "sound": 4}


def test_silence_is_not_kept(sounds):
    assert bank.Bank(sounds, {"voice": ["voice-a"]}, held_out=10**9, judging=False).count("voice") == 1


class Fatal(type(Path())):
    """A path that kills the process which is given it, as a file that crashes a decoder would."""

    def __reduce__(self):
        return (os.abort, ()) if self.stem == "fatal" else (Path, (str(self),))


def test_a_strange_file_costs_itself_and_the_others_are_decoded_as_they_are(tmp_path):
    for name in ("a", "fatal", "z"):
        soundfile.write(tmp_path / f"{name}.wav", tone(2), RATE)
    soundfile.write(tmp_path / "one-hertz.wav", tone(2), 1)
    (tmp_path / "text.ogg").write_text("hello")
    said = []
    found = dict(bank.decoded(Fatal(tmp_path), said.append))
    assert [Path(name).stem for name in found] == ["a", "z"]
    assert all(np.array_equal(sound, bank.stretches(tmp_path / "a.wav")[0]) for sound in found.values())
    assert [line.partition(": ")[2].split(":")[0] for line in said] == [
        str(tmp_path / name) for name in ("fatal.wav", "one-hertz.wav", "text.ogg")
    ]
    assert "crashed" in said[0]
    assert "1 Hz is no rate of sound" in said[1]


def test_no_file_is_both_learned_from_and_judged_by(sounds):
    kinds = {"games": ["games-a", "games-b"], "voice": ["voice-a"]}
    counts = [
        sum(map(found.count, found.kinds))
        for found in (bank.Bank(sounds, kinds, held_out=2, judging=judging) for judging in (True, False))
    ]
    assert sum(counts) == 9
    assert min(counts) > 0


def test_a_window_is_made_alike_each_time_and_never_too_loud(sounds):
    found = bank.Bank(sounds, {"games": ["games-a", "games-b"]}, held_out=10**9, judging=False)
    for number in range(12):
        once, again = (
            mixing.window(found, {"music": 2.0, "sound": 1.0}, np.random.default_rng(number)) for _ in "12"
        )
        assert once.shape == (mixing.SIZE,)
        assert np.isfinite(once).all()
        assert np.abs(once).max() <= 1.0
        assert np.array_equal(once, again)


def _midi(*track):
    header = b"MThd" + (6).to_bytes(4, "big") + bytes([0, 0, 0, 1, 0, 100])
    body = b"".join(track)
    return header + b"MTrk" + len(body).to_bytes(4, "big") + body


def test_notes_are_read_with_their_tempo_program_and_running_status():
    slow = bytes([0, 0xFF, 0x51, 3]) + (1_000_000).to_bytes(3, "big")  # a beat of 100 ticks lasts a second
    notes = midi.read(
        _midi(
            slow,
            bytes([0, 0xC2, 40]),
            bytes([100, 0x92, 60, 90]),
            bytes([50, 60, 0]),
            bytes([0, 0xFF, 0x2F, 0]),
        )
    )
    assert notes == [midi.Note(start_s=1.0, length_s=0.5, channel=2, program=40, pitch=60, velocity=90)]


def test_what_is_no_midi_is_refused():
    with pytest.raises(ValueError, match="not a MIDI file"):
        midi.read(b"RIFF....")


def test_a_score_that_cannot_be_read_is_left_out_and_the_others_are_not(tmp_path):
    track = bytes([0, 0x90, 60, 90, 96, 0x80, 60, 0])
    whole = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track
    for name, content in {
        "a.mid": whole,
        "b.mid": b"MThd",
        "c.mid": b"RIFF....",
        "d.mid": whole[:-2],
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "e.wad").write_bytes(b"IWAD\xff")
    said = []
    assert [len(piece) for piece in played.pieces_in(tmp_path, said.append)] == [1]
    assert [line.split(": ")[1] for line in said] == [
        str(tmp_path / f"{name}") for name in ("b.mid", "c.mid", "d.mid", "e.wad")
    ]


def test_arranged_for_other_instruments_drums_stay_drums():
    piece = [midi.Note(i * 0.5, 0.4, 9 if i % 2 else 0, 10, 38 + i % 2, 90) for i in range(60)]
    for seed in range(20):
        score = arrangements.arranged([piece], np.random.default_rng(seed))
        assert len(score.notes) >= arrangements.FEWEST
        assert 9 not in score.programs
        assert {pitch for _, _, channel, pitch, _ in score.notes if channel == 9} <= {39}
        assert all(0 <= start < 12 for start, *_ in score.notes)


def test_every_package_is_named_by_version_and_checksum():
    every = [about for kind in packages.listed().values() for about in kind.values()]
    assert len(every) > 50
    assert all(about["version"] and len(about["sha256"]) == 64 for about in every)


def test_another_package_than_the_one_written_down_is_refused(tmp_path, monkeypatch):
    wanted = {"music": {"tunes": {"version": "1", "sha256": hashlib.sha256(b"right").hexdigest()}}}
    monkeypatch.setattr(packages, "listed", lambda: wanted)
    monkeypatch.setattr(
        packages, "_run", lambda command, folder, name: (folder / "tunes_1.deb").write_bytes(b"wrong")
    )
    with pytest.raises(NotReady, match="not the package that was written down"):
        packages.fetch(tmp_path, lambda what: None)
    assert not (tmp_path / "music" / "tunes").exists()


def test_what_a_kill_left_of_a_package_is_cleared(tmp_path, monkeypatch):
    half = tmp_path / "music" / ".nw-0123456789ab.part"
    half.mkdir(parents=True)
    (half / "half.ogg").write_bytes(b"x")
    wanted = {"music": {"tunes": {"version": "1", "sha256": hashlib.sha256(b"right").hexdigest()}}}
    monkeypatch.setattr(packages, "listed", lambda: wanted)
    monkeypatch.setattr(
        packages, "_run", lambda command, folder, name: (folder / "tunes_1.deb").write_bytes(b"right")
    )
    packages.fetch(tmp_path, lambda what: None)
    assert sorted(path.name for path in (tmp_path / "music").iterdir()) == ["tunes"]
    assert not list((tmp_path / "music" / "tunes").iterdir())  # the archive itself is not kept


def test_of_a_package_sounds_and_licences_are_kept(tmp_path):
    for name in ("a/tune.ogg", "a/picture.png", "b/only.txt", "doc/copyright"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    packages.keep_sounds(tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["a/tune.ogg", "doc/copyright"]
    assert not (tmp_path / "b").exists()


@pytest.fixture
def captions():
    """Forty captions, every other of which speaks of class 0 and the others of class 1; a third has none."""
    random = np.random.default_rng(0)
    words = random.standard_normal((3, 384)).astype(np.float32) / 20
    captions = np.stack([words[i % 2] + random.standard_normal(384) / 80 for i in range(40)])
    labels = np.stack([np.arange(40) % 2 == 0, np.arange(40) % 2 == 1, np.zeros(40, bool)], 1)
    return classes.LabelledCaptions(captions.astype(np.float32), labels, words)


WEIGHTS = {"ridge": 0.1, "bridge": 2.0, "names": 1.0, "captions": 1.0, "rare": 1.0, "near": 0.0}


def test_a_caption_speaks_of_the_class_that_such_captions_have(captions):
    matrix, offset = classes.text_map(captions, WEIGHTS)
    assert ((captions.vectors @ matrix.T + offset)[:, :2].argmax(1) == np.arange(40) % 2).all()


def test_a_class_that_no_caption_has_is_found_by_its_name(captions):
    matrix, offset = classes.text_map(captions, WEIGHTS)
    assert (captions.names[2] @ matrix.T + offset).argmax() == 2


def test_no_music_is_found_by_its_own_class_alone(captions, monkeypatch):
    monkeypatch.setattr(classes, "MUSIC", 0)
    torch.manual_seed(0)
    random = np.random.default_rng(1)
    features = np.zeros((60, 6 + 2304), np.float32)  # of the trunk's end, and of its middle
    features[:, :6] = np.abs(random.standard_normal((60, 6)))
    logits = np.stack([4 * features[:, 0] - 4, 4 * features[:, 1] - 4, features[:, 2]], 1)
    mini = Mini(MiniConfig(features=6, sound_hidden=4, classes=3, kept=3)).eval()
    recipe = {**WEIGHTS, "sound": 1e-3, "tags": 1e-3, "calm": 0.1, "music": 0.0, "steep": 5.0}
    material = classes.Material(features, logits, 30, 3)
    taught = classes.regressed(features, logits, 1e-3)
    classes.learn(mini, material, taught, captions, recipe)
    music_and_noise = torch.zeros(2, 6 + 2304)
    music_and_noise[0, 0] = music_and_noise[1, 1] = 3.0
    heard = mini.sound.vectors(music_and_noise)
    first = heard[:, :384].norm(dim=1)
    assert first[0] > 5 * first[1]
    asked = mini.text(torch.from_numpy(captions.names[:2]))
    assert (asked @ heard.T).argmax(1).tolist() == [0, 1]
    tagged = torch.sigmoid(mini.tags(heard))
    assert tagged[0, 0] > 0.8
    assert tagged[1, 0] < 0.2


@pytest.mark.parametrize(
    ("spoken", "by_other_parts"),
    [
        pytest.param([1.0, 0.0], True, id="music"),
        pytest.param([1.0, 1.0], True, id="music and wind"),
        pytest.param([0.0, 1.0], False, id="wind: by classes alone"),
    ],
)
def test_a_description_of_a_sound_that_is_no_music_speaks_by_its_classes_alone(spoken, by_other_parts):
    wind = 283
    text = Mini(MiniConfig(dimensions=2, sentence=2, classes=300, kept=1)).eval().text
    with torch.no_grad():
        for layer in (text.classes.weight, text.classes.bias):
            layer.zero_()
        text.classes.weight[classes.MUSIC, 0] = text.classes.weight[wind, 1] = 1
        text.sounds.weight.copy_(classes.no_music(300))
        text.kept.weight.fill_(1)
        read = text(torch.tensor([spoken]))[0]
    assert read.norm() == pytest.approx(1, abs=1e-5)
    assert (read[:2].norm() > 0.5) == by_other_parts
    assert read[2] > 0.5


@pytest.mark.parametrize(
    ("usual", "read"),
    [
        pytest.param([0.0, 0.0], [0.6, 0.8], id="nothing in common"),
        pytest.param([0.6, 0.0], [0.0, 1.0], id="half of it said by all"),
        pytest.param([0.3, 0.4], [0.6, 0.8], id="more of what all say"),
        pytest.param([0.0, 1.6], [0.6, -0.8], id="less than all say"),
    ],
)
def test_what_all_descriptions_say_counts_for_nothing(usual, read):
    text = Mini(MiniConfig(dimensions=2, sentence=2, centered=True)).eval().text
    text.start_from(torch.zeros(2))  # the joint embedding is the sentence vector as it is
    with torch.no_grad():
        text.usual[0].copy_(torch.tensor(usual))
        found = text(torch.tensor([[0.6, 0.8]]))[0]
    assert found.tolist() == pytest.approx(read, rel=1e-5, abs=1e-6)


def test_what_is_usual_is_the_mean_of_each_part_over_captions(captions):
    mini = Mini(MiniConfig(traits=4, classes=3, kept=3, centered=True)).eval()
    with torch.no_grad():
        for layer in (mini.text.traits, mini.text.classes, mini.text.kept):
            torch.nn.init.normal_(layer.weight)
    classes.center(mini.text, captions.vectors)
    parts = mini.text.parts(torch.from_numpy(captions.vectors))
    assert [len(usual) for usual in mini.text.usual] == [384, 4, 3]
    for usual, part in zip(mini.text.usual, parts, strict=True):
        assert torch.allclose((part - usual).mean(0), torch.zeros(len(usual)), atol=1e-6)


@pytest.fixture
def run_stage(tmp_path, monkeypatch):
    """Runs the whole training on two packages and a folder of songs, all made here."""
    random = np.random.default_rng(0)
    songs = tmp_path / "songs"
    songs.mkdir()
    for number in range(3):
        soundfile.write(songs / f"{number}.wav", 0.1 * random.uniform(-1, 1, 12 * RATE), RATE)
    (songs / "mn04.onnx").write_bytes(b"")
    lines = [
        f'{"/m/0" if i % 2 else "/m/1"},"{"loud rock" if i % 2 else "a calm piano"} {i}"' for i in range(20)
    ]
    (songs / "musiccaps-public.csv").write_text("audioset_positive_labels,caption\n" + "\n".join(lines))
    fetched = tmp_path / "home" / "cache" / "mini-audioset" / "packages" / "games" / "tunes"
    fetched.mkdir(parents=True)
    for number in range(6):
        soundfile.write(fetched / f"{number}.wav", tone(13, 100 * (number + 1)), RATE)
    monkeypatch.setattr(packages, "listed", lambda: {"games": {"tunes": {"version": "1", "sha256": ""}}})
    monkeypatch.setattr(labelling, "PART", 6)
    monkeypatch.setattr(labelling, "ROUND", 3)
    for module in (gathering, trainer):
        monkeypatch.setattr(module, "AudioSet", LoudnessTeacher)
    settings: TrainSettings = read({"home": tmp_path / "home", "jobs": 1}, {})

    def run(*, resume=False):
        told = []
        figures = trainer.run(
            recipes.load("mini-audioset", QUICK),
            folder=tmp_path / "run",
            data=[songs],
            settings=settings,
            resume=resume,
            report=told.append,
        )
        return figures, told

    return run


@pytest.mark.slow
def test_from_sounds_to_an_encoder_that_names_what_it_hears(run_stage, tmp_path):
    figures, told = run_stage()
    assert any("explained music" in name for name in figures)
    assert any(line.get("material") == "decoded games-tunes" for line in told)
    encoder = Encoder(tmp_path / "run" / "best")
    vectors = encoder.encode_windows(
        np.random.default_rng(1).uniform(-0.5, 0.5, (2, 160_000)).astype(np.float32)
    )
    assert vectors.shape == (2, encoder.dimensions)
    assert encoder.encode_descriptions(["a piano"]).shape == (1, encoder.dimensions)
    tags = encoder.tags(encoder.pool(vectors))
    assert sorted(name for name, _ in tags) == sorted(LoudnessTeacher.names)
    first = (tmp_path / "run" / "best" / "model.safetensors").read_bytes()
    _, told = run_stage(resume=True)
    assert not any("material" in line for line in told)  # nothing is fetched, decoded or heard twice
    assert (tmp_path / "run" / "best" / "model.safetensors").read_bytes() == first


class TeachersThere:
    """On the device: the same treble, and no tags."""

    tags = 0

    def __init__(self, classes, taggers, device):
        self.teacher = LoudnessTeacher()

    def of_classes(self, at_32khz):
        logits, embedding = self.teacher(at_32khz.numpy())
        maps = [torch.ones(len(logits), 2, *size) for size in ((250, 26), (125, 13), (63, 7), (32, 4))]
        return torch.from_numpy(np.concatenate([logits, embedding], 1)), maps


@pytest.mark.slow
def test_where_there_is_a_card_windows_are_mixed_anew_for_each_step(run_stage, tmp_path, monkeypatch):
    batches = []

    class Watched(trainer.FreshBatches):
        def batch(self, step):
            batches.append(super().batch(step).log_mels)
            return super().batch(step)

    monkeypatch.setattr(trainer, "is_card", lambda device: True)
    monkeypatch.setattr(trainer, "Teachers", TeachersThere)
    monkeypatch.setattr(trainer, "FreshBatches", Watched)
    figures, _ = run_stage()
    assert any("explained music" in name for name in figures)
    assert [len(batch) for batch in batches] == [3, 3]
    assert not torch.equal(*batches)
    assert len(Encoder(tmp_path / "run" / "best").tags(np.zeros(Encoder().dimensions, np.float32))) == 527


def test_without_its_teacher_it_says_what_to_name(tmp_path):
    with pytest.raises(NotReady, match="no AudioSet teacher"):
        gathering.teacher_in([tmp_path])


@pytest.mark.parametrize(
    ("sound", "likely", "unlikely"),
    [
        pytest.param("chords", "Music", "Speech", id="chords are music"),
        pytest.param("hiss", "White noise", "Singing", id="hiss is noise"),
    ],
)
def test_tags_say_what_is_heard(sound, likely, unlikely):
    time = np.arange(160_000) / 16_000
    chord = sum(np.sin(2 * np.pi * hz * time) * np.exp(-3 * (time % 0.5)) for hz in (220, 277, 330, 440, 660))
    window = chord if sound == "chords" else np.random.default_rng(0).standard_normal(160_000)
    encoder = Encoder()
    tags = encoder.tags(encoder.encode_windows(window[None].astype(np.float32)))
    assert [p for _, p in tags] == sorted((p for _, p in tags), reverse=True)
    assert dict(tags)[likely] > dict(tags)[unlikely]


def test_weights_without_classes_name_nothing(tmp_path):
    encoder = Encoder()
    encoder._config.pop("classes")
    assert encoder.tags(np.zeros(encoder.dimensions, np.float32)) == []


@in_one_test
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Music", "music"),
        ("Piano", "instrument"),
        ("Singing bowl", "instrument"),
        ("Heavy metal", "genre"),
        ("Wedding music", "genre"),
        ("Sad music", "mood"),
        ("Choir", "voice"),
        ("Female speech, woman speaking", "voice"),
        ("Vocal music", "voice"),
        ("Dog", "no music"),
        ("Rain", "no music"),
    ],
)
def test_each_class_is_of_a_kind(name, kind):
    assert Encoder().kinds[name] == kind
