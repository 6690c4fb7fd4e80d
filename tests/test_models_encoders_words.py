"""BGE-M3 and Longformer from folders as the hub has them: their vectors, long texts, towers, and errors."""

import numpy as np
import pytest
import tiny_words
import torch
from hub_server import Hub

from catalog.errors import Damaged, NoModel, WrongUse
from models import encoders
from models.encoders import bge_m3, longformer
from models.networks.text_tower import TextTower

TEXTS = ["a sad song of piano", "fast loud drums and guitar", "the"]
LONG = " ".join(f"word{i} piano" for i in range(40))


@pytest.fixture(scope="module")
def bge(tmp_path_factory):
    return bge_m3.Encoder(model=str(tiny_words.bge_m3(tmp_path_factory.mktemp("bge"))))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    return longformer.Encoder(model=str(tiny_words.longformer(tmp_path_factory.mktemp("long"))))


@pytest.mark.parametrize("which", ["bge", "long"])
def test_vectors_are_of_length_one_and_do_not_depend_on_the_company(which, request):
    encoder = request.getfixturevalue(which)
    together = encoder.encode_lyrics(TEXTS)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert encoder.encode_lyrics(TEXTS[:1])[0] == pytest.approx(together[0], abs=1e-5)
    assert encoder.encode_lyrics([]).shape == (0, 32)


@pytest.mark.parametrize("which", ["bge", "long"])
@pytest.mark.slow
def test_a_tower_answers_as_the_encoder(which, request, tmp_path):
    encoder = request.getfixturevalue(which)
    encoder.export_text_tower(tmp_path)
    found = TextTower(tmp_path).encode(TEXTS)
    assert found == pytest.approx(encoder.encode_descriptions(TEXTS), abs=0.02)


def test_longformer_reads_a_description_as_it_reads_lyrics(long):
    """RoBERTa's attention with the same weights: equal where a text fits into half a window."""
    assert long.encode_descriptions(TEXTS) == pytest.approx(long.encode_lyrics(TEXTS), abs=1e-5)


def test_longformer_is_that_of_transformers(long):
    from transformers import LongformerModel

    ids, _ = long.backbone.tokens([LONG], long.truncation)
    official = LongformerModel.from_pretrained(long._model, add_pooling_layer=False).eval()
    with torch.no_grad():
        hidden = official(torch.tensor(ids)).last_hidden_state
    mean = torch.nn.functional.normalize(hidden.mean(1), dim=-1)
    assert long.encode_lyrics([LONG]) == pytest.approx(mean.numpy(), abs=1e-5)


@pytest.mark.parametrize(
    ("way", "reads"),
    [("truncate", "the first"), ("full", "what fits"), ("chunk-mean", "all"), ("chunk-max", "all")],
)
def test_long_texts(bge, way, reads):
    encoder = bge_m3.Encoder(model=bge._model, long=way, tokens=12)
    other_end = LONG + " drums drums drums"
    alike = np.allclose(encoder.encode_lyrics([LONG]), encoder.encode_lyrics([other_end]), atol=1e-6)
    assert alike is (reads != "all")
    assert encoder.pipeline != bge.pipeline
    beyond = np.allclose(encoder.encode_lyrics([LONG]), encoder.encode_lyrics([LONG[:60]]), atol=1e-6)
    assert beyond is (reads == "the first")


def test_an_unknown_way_with_long_texts_gets_the_list(bge):
    with pytest.raises(WrongUse, match="truncate, chunk-mean, chunk-max, full"):
        bge_m3.Encoder(model=bge._model, long="skim")


def test_words_weigh_by_their_highest_place_and_marks_weigh_nothing(bge):
    layer = bge_m3._linear(bge._files / "sparse_linear.pt")
    [weights] = bge.word_weights(["piano piano sad"])
    [[ids, hidden]] = bge._hidden(["piano piano sad"])
    by_hand = torch.relu(layer(hidden))[:, 0].tolist()
    piano = max(by_hand[1], by_hand[2])
    assert ids[1] == ids[2]
    assert weights.get(ids[1], 0.0) == pytest.approx(piano)
    assert not set(weights) & bge_m3.SPECIAL


@pytest.mark.slow
def test_equal_to_flag_embedding(bge):
    flag = pytest.importorskip("FlagEmbedding", reason="FlagEmbedding is not installed")
    from transformers import PreTrainedTokenizerFast

    marks = {"cls_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    file = str(bge._files / "tokenizer.json")
    PreTrainedTokenizerFast(tokenizer_file=file, **marks).save_pretrained(bge._files)
    theirs = flag.BGEM3FlagModel(str(bge._files), use_fp16=False, devices="cpu")
    out = theirs.encode(TEXTS, max_length=60, return_dense=True, return_sparse=True)
    assert bge.encode_lyrics(TEXTS) == pytest.approx(out["dense_vecs"], abs=1e-5)
    for ours, other in zip(bge.word_weights(TEXTS), out["lexical_weights"], strict=True):
        assert ours == pytest.approx({int(t): float(w) for t, w in other.items()}, rel=1e-4, abs=1e-5)


def test_a_hub_with_another_revision_than_the_pinned_one_is_refused(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with (
        Hub({"BAAI/bge-m3": tiny_words.bge_m3(tmp_path / "bge")}) as hub,
        pytest.raises(NoModel, match="bge-m3"),
    ):
        bge_m3.Encoder(endpoint=hub.url)


def test_a_missing_layer_and_changed_weights_are_told(tmp_path):
    folder = tiny_words.bge_m3(tmp_path / "bge")
    (folder / "sparse_linear.pt").unlink()
    with pytest.raises(NoModel, match="dense vectors, but no others"):
        bge_m3.Encoder(model=str(folder)).word_weights(TEXTS)
    state = torch.load(folder / "pytorch_model.bin")
    del state["encoder.layer.1.output.dense.weight"]
    torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(Damaged, match="missing"):
        bge_m3.Encoder(model=str(folder)).encode_lyrics(TEXTS)


def test_both_are_listed():
    assert {"bge_m3", "longformer"} <= set(encoders.names())
