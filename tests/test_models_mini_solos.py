"""mini's third stage: solos are played alike each time, and their names are learned without moving music."""

import hashlib
import zipfile

import numpy as np
import pytest
import soundfile
import torch

from models import recipes
from models.encoders.mini import Encoder
from models.networks.mini.config import MiniConfig
from models.networks.mini.network import Mini
from models.networks.mini.spectra import RATE_HZ
from models.trainers import mini as first_stage
from models.trainers import mini_solos as trainer
from models.training.mini.mixtures import arrangements, packages, solos
from models.training.mini.mixtures.midi import Note
from models.training.mini.naming import Naming, Sentences, Solos
from newwave_cli.settings import read

SMALL = MiniConfig(mobile=0.2, features=16, sound_hidden=24, traits=5, classes=527, kept=4, centered=True)


def small():
    torch.manual_seed(0)
    mini = Mini(SMALL).eval()
    for layer in (mini.sound.traits, mini.text.traits, mini.sound.classes, mini.text.classes):
        torch.nn.init.normal_(layer.weight, std=0.1)
    return mini


def piece(channels):
    """Forty notes of each channel, each channel an octave over the one before."""
    return [Note(i * 0.5, 0.4, channel, 0, 40 + 12 * channel, 90) for i in range(40) for channel in channels]


def test_over_the_blocks_each_instrument_plays_as_often():
    every = solos.programs()
    played = [score.programs for number in range(5) for score in solos.block(number, [])]
    first = [program for programs in played[: len(every)] for program in programs.values()]
    assert sorted(first) == every


def test_a_block_is_the_same_whenever_it_is_asked_for_and_another_is_not():
    pieces = [piece([0, 1])]
    assert solos.block(3, pieces) == solos.block(3, pieces)
    assert solos.block(3, pieces) != solos.block(4, pieces)


def test_a_solo_is_played_by_one_instrument_on_a_pianos_keys():
    for score in solos.block(0, [piece([0, 1, 9])]):
        assert len(score.programs) == 1
        assert {note.channel for note in score.notes} == set(score.programs)
        assert all(21 <= note.pitch <= 108 for note in score.notes)


def test_a_part_has_the_notes_of_one_channel_and_never_of_drums():
    rng = np.random.default_rng(0)
    for _ in range(10):
        part = arrangements.part([piece([0, 1, 9])], rng)
        assert {note.pitch for note in part.notes} in ({40}, {52})


def played(written, font, *, rate_hz=RATE_HZ, effects=True):
    """A tone for each program, but nothing for the first instrument."""
    time = np.arange(12 * rate_hz) / rate_hz
    programs = [next(iter(score.programs.values()), 1) for score in written]
    return [np.float32(0.3 * np.sin(2 * np.pi * 60 * p * time) if p else 0 * time) for p in programs]


def test_scores_of_several_instruments_take_each_style_in_turn():
    count = len(solos.scores.styles())
    blocks = [solos.several(number, []) for number in range(-(-count // 45))]
    styles = [score.style for block in blocks for score in block]
    assert styles[:count] == list(solos.scores.styles())
    by_people = [score.style for score in solos.several(0, [piece([0, 1, 9])])]
    assert {"written"} < set(by_people)


def test_silent_solos_are_left_out_and_each_other_has_its_name_twice(monkeypatch):
    monkeypatch.setattr(solos.performance, "render", played)
    number = next(n for n in range(9) if any(score.programs == {2: 0} for score in solos.block(n, [])))
    features, named = solos.heard(number, [], None, small())
    programs = [next(iter(score.programs.values())) for score in solos.block(number, [])]
    called = solos.scores.instrument_names()
    assert [solos.names()[place] for place in named] == [called[p] for p in programs if p] * 2
    half = len(named) // 2
    assert features.shape == (2 * half, 16)
    assert not np.array_equal(features[:half], features[half:])


def directions_of(random, *shape):
    """Sentence vectors (*shape, 384) by chance."""
    vectors = random.standard_normal((*shape, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def a_task(**changes):
    """Six instruments, each in a direction of its own, and music in others."""
    random = np.random.default_rng(0)
    directions = np.abs(random.standard_normal((6, 16))).astype(np.float32)
    named = np.arange(240) % 6
    features = directions[named] + 0.1 * random.standard_normal((240, 16)).astype(np.float32)
    music = np.abs(random.standard_normal((300, 16))).astype(np.float32)
    sentences = Sentences(directions_of(random, 2, 6), directions_of(random, 3, 2))
    recipe = {
        "batch": 64,
        "sharpness": 30.0,
        "smooth": 0.1,
        "kept": 20.0,
        "moods": 100.0,
        "noise": 0.1,
        "training": {"seed": 1},
        **changes,
    }
    known, unknown = Solos(features[:180], named[:180]), Solos(features[180:], named[180:])
    return Naming(small(), known, unknown, music, sentences, recipe)


@pytest.fixture
def task():
    return a_task()


def trained(task):
    """What the last step says."""
    optimizer = torch.optim.Adam(task.model.parameters(), 0.01)
    for step in range(80):
        optimizer.zero_grad()
        said = task.backward(task.batch(step))
        optimizer.step()
    return said


def test_solos_are_named_and_music_stays_where_it_was(task):
    before = task.judge(task.model)
    trained(task)
    after = task.judge(task.model)
    assert before["moved"] == pytest.approx(0, abs=1e-5)
    assert before["named"] < 0.5
    assert after["named"] > 0.9
    assert after["moved"] < 0.1


def test_what_solos_say_of_moods_is_held_while_names_are_learned():
    held, free = trained(a_task(moods=3000.0)), trained(a_task(moods=0.0))
    assert held["unlearned"] < free["unlearned"] / 5
    assert held["naming"] < 1.2 * free["naming"]


def test_a_mood_is_what_it_adds_to_a_sound():
    task = a_task()
    random = np.random.default_rng(5)
    sounds, moods = directions_of(random, 3, 1), directions_of(random, 1, 2)
    added = task._moods_in(sounds + moods).reshape(3, 2, -1)
    assert torch.allclose(added.sum(1), torch.zeros(()), atol=1e-5)  # nothing of the sound itself is left


def test_the_trunk_and_the_words_are_left_alone(task):
    task.backward(task.batch(0))
    learning = {name for name, one in task._mini.named_parameters() if one.grad is not None}
    assert {name.split(".")[1] for name in learning} == {"head", "traits"}


def test_a_step_is_the_same_whenever_it_is_asked_for(task):
    for one, again in zip(task.batch(7), task.batch(7), strict=True):
        assert torch.equal(one, again)


def test_a_wheel_is_unpacked_and_looked_at_like_any_package(tmp_path, monkeypatch):
    wheel = tmp_path / "ready.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("band/soundfonts/brass.sf2", b"x")
        archive.writestr("band/code.py", b"x")
    wanted = {"version": "1", "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "wheel": "yes"}
    monkeypatch.setattr(packages, "listed", lambda: {"solos": {"band": wanted}, "music": {"unasked": {}}})
    monkeypatch.setattr(
        packages,
        "_run",
        lambda command, folder, name: (folder / "band-1.whl").write_bytes(wheel.read_bytes()),
    )
    packages.fetch(tmp_path / "got", lambda what: None, ["solos"])
    left = [path for path in (tmp_path / "got").rglob("*") if path.is_file()]
    assert left == [tmp_path / "got" / "solos" / "band" / "band" / "soundfonts" / "brass.sf2"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The stage on four blocks that are not really played, and two songs."""
    monkeypatch.setattr(solos.performance, "render", played)
    monkeypatch.setattr(packages, "fetch", lambda folder, note, kinds: None)
    root = tmp_path / "home" / "cache" / "mini-audioset" / "packages"
    for font in ("a", "b"):
        (root / "solos" / font).mkdir(parents=True)
        (root / "solos" / font / f"{font}.sf2").write_bytes(b"x")
    (root / "music" / "game").mkdir(parents=True)
    for number in range(2):
        noise = np.random.default_rng(number).uniform(-0.3, 0.3, 14 * RATE_HZ)
        soundfile.write(root / "music" / "game" / f"{number}.wav", noise, RATE_HZ)
    (root / "music" / "game" / "broken.wav").write_bytes(b"no sound" * 50_000)
    (root / "music" / "game" / "effect.wav").write_bytes(b"no sound")  # too small to be music
    first_stage.save(small(), tmp_path / "start", {"classes": [f"class {i}" for i in range(527)]})
    settings = read({"home": tmp_path / "home", "jobs": 1}, {})
    quick = [
        "material.blocks=4",
        "material.scores=3",
        "material.every=1",
        "naming.training.steps=4",
        "naming.training.judge_every=2",
    ]

    def run(*changes, resume=False):
        told = []
        recipe = recipes.load("mini-solos", [*quick, f"start={tmp_path / 'start'}", *changes])
        figures = trainer.run(
            recipe, folder=tmp_path / "run", data=[], settings=settings, resume=resume, report=told.append
        )
        return figures, [line["material"] for line in told if "material" in line]

    return run


@pytest.mark.slow
def test_from_solos_to_an_encoder(run, tmp_path):
    figures, said = run()
    assert set(figures) == {"named", "moved"}
    assert [line for line in said if line.startswith("heard")] == [
        "heard solos-000 by a",
        "heard solos-001 by b",
        "heard solos-002 by a",
        "heard solos-003 by b",
        "heard 2 songs",
        "heard scores-000 by a",
        "heard scores-001 by b",
        "heard scores-002 by a",
    ]
    assert any("broken.wav" in line for line in said)
    encoder, before = Encoder(tmp_path / "run" / "best"), Encoder(tmp_path / "start")
    vectors = encoder.encode_windows(np.random.default_rng(1).uniform(-0.5, 0.5, (1, 160_000)).astype("f4"))
    assert encoder.pipeline != before.pipeline
    assert [name for name, _ in encoder.tags(vectors)]
    _, said = run(resume=True)
    assert said == []  # nothing is played or heard twice


@pytest.mark.slow
def test_a_soundfont_that_is_held_out_is_not_learned_from(run, monkeypatch):
    given = []
    monkeypatch.setattr(
        trainer, "Naming", lambda mini, learned, judged, *rest: given.extend([learned, judged])
    )
    with pytest.raises(AttributeError):  # there is no task to train
        run("material.held_out=1", "material.judged=2")
    learned, judged = given
    of_block = [solos.heard(number, [], None, small())[1].tolist() for number in range(3)]
    assert learned.named.tolist() == of_block[0] + of_block[2]
    assert judged.named.tolist() == of_block[1]  # block 3 is not played: there are enough to judge by
