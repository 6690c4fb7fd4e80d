"""Songs as a card is given them, on a processor: the vectors of one by one, and what is wrong with each."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_clap

from catalog.audio.waveform import windows
from catalog.errors import Damaged, Unreadable
from catalog.library.embeddings import Missing
from models import encoders
from models.encoders import PcmEncoder
from models.indexing import embed_on_card
from models.indexing.embed_source import embed_source

SECONDS = {"a.wav": 3.0, "b.wav": 24.0, "c.wav": 10.4, "d.wav": 33.0}
"""One chunk that is filled; two and a rest; one, for the rest is short; three and a rest."""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A small CLAP that says it has a card, and remembers how much it was given at once."""
    made = encoders.load(str(tiny_clap.save(tmp_path_factory.mktemp("clap"), **tiny_clap.COARSE)))

    class OnCard(type(made)):
        pcm_batch = 4
        given = []

        def encode_pcm(self, songs):
            self.given.append([len(song) for song in songs])
            return super().encode_pcm(songs)

    made.__class__ = OnCard
    return made


@pytest.fixture
def songs(tmp_path):
    """Noise that becomes louder, at two rates."""
    rng = np.random.default_rng(1)
    made = []
    for number, (name, seconds) in enumerate(SECONDS.items()):
        rate_hz = (44_100, 32_000)[number % 2]
        size = round(seconds * rate_hz)
        sound = rng.normal(0, 0.05, size) * np.linspace(0.2, 1.0, size) * (number + 1)
        soundfile.write(tmp_path / name, sound, rate_hz)
        made.append(Missing(number, name, tmp_path / name, seconds))
    return made


def cosine(a, b):
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def test_on_a_processor_songs_are_encoded_one_by_one(encoder):
    plain = encoders.load(str(encoder._folder), device="cpu")
    assert isinstance(plain, PcmEncoder)
    assert plain.pcm_batch == 0


@pytest.mark.slow
def test_songs_that_are_given_together_have_the_vectors_that_each_has_alone(encoder, songs):
    found = {song.content_hash: vectors for song, vectors in embed_on_card.embedded(encoder, songs, jobs=2)}
    assert found.keys() == SECONDS.keys()
    assert [len(found[name].windows) for name in SECONDS] == [1, 3, 1, 4]
    for song in songs:
        alone = embed_source(encoder, song.path)
        ours = found[song.content_hash]
        assert cosine(ours.track, alone.track) > 0.998
        for one, other in zip(ours.windows, alone.windows, strict=True):
            assert cosine(one, other) > 0.998
    assert len({vectors.track.tobytes() for vectors in found.values()}) == len(SECONDS)


def test_a_batch_has_as_many_chunks_as_are_wanted_and_no_song_is_torn(encoder, songs):
    encoder.given.clear()
    list(embed_on_card.embedded(encoder, songs, jobs=1))
    assert sum(encoder.given, []) == [1, 3, 1, 4]
    assert encoder.given == [[1, 3], [1, 4]]


@pytest.mark.slow
def test_what_cannot_be_decoded_costs_itself(encoder, songs, tmp_path):
    (tmp_path / "text.mp3").write_text("hello")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 44_100)
    bad = [
        Missing(7, "text", tmp_path / "text.mp3", None),
        Missing(8, "gone", tmp_path / "gone.wav", 5.0),
        Missing(9, "empty", tmp_path / "empty.wav", 1.0),
    ]
    found = {s.content_hash: r for s, r in embed_on_card.embedded(encoder, [*bad, *songs], jobs=2)}
    wrong = {name: str(result) for name, result in found.items() if isinstance(result, Unreadable)}
    assert wrong.keys() == {"text", "gone", "empty"}
    assert "no sound in it" in wrong["empty"]
    assert all(Path(name).name.split(".")[0] in wrong[name] for name in wrong)
    assert found.keys() == {*wrong, *SECONDS}


def test_a_long_sound_is_embedded_a_block_at_a_time(encoder, songs, monkeypatch):
    monkeypatch.setattr(embed_on_card, "LONGEST_S", 20.0)
    encoder.given.clear()
    found = dict(embed_on_card.embedded(encoder, songs, jobs=1))
    assert sum(encoder.given, []) == [1, 1]
    assert sorted(len(vectors.windows) for vectors in found.values()) == [1, 1, 3, 4]


def test_songs_that_a_card_cannot_take_together_are_embedded_one_by_one(encoder, songs, monkeypatch):
    def out_of_memory(songs):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(encoder, "encode_pcm", out_of_memory)
    found = dict(embed_on_card.embedded(encoder, songs, jobs=1))
    assert sorted(len(vectors.windows) for vectors in found.values()) == [1, 1, 3, 4]


def test_what_is_wrong_with_the_encoder_ends_the_run(encoder, songs, monkeypatch):
    def damaged(songs):
        raise Damaged("the weights are all alike.", try_this="nw doctor")

    monkeypatch.setattr(encoder, "encode_pcm", damaged)
    with pytest.raises(Damaged):
        list(embed_on_card.embedded(encoder, songs, jobs=1))


def test_chunks_begin_where_windows_do(songs):
    for song in songs:
        chunks = embed_on_card.chunks_of(song.path)
        rate_hz = chunks.shape[1] // 10
        blocks = windows(song.path, rate_hz=rate_hz, window_s=10.0, hop_s=10.0)
        whole = np.concatenate(list(blocks))
        assert np.abs(whole - chunks / 32_767).max() < 1e-4
