"""LAION's own checkpoints: written with their key names and read again; against laion-clap if installed."""

import importlib
import importlib.util
import sys
import types

import numpy as np
import pytest
import tiny_clap
import torch
from torch.testing import assert_close

from catalog.errors import Damaged
from models.encoders import clap
from models.networks.clap import RATE_HZ
from models.networks.clap.laion import ROBERTA_EPSILON, convert
from models.networks.clap.network import ClapNetwork, read

RENAMED = (
    ("text_model.", "text_branch."),
    ("audio_model.audio_encoder.", "audio_branch."),
    ("_projection.linear1.", "_projection.0."),
    ("_projection.linear2.", "_projection.2."),
    (".batch_norm.", ".bn0."),
    (".layernorm_before.", ".norm1."),
    (".layernorm_after.", ".norm2."),
)


def as_laion(model):
    """The state of a `ClapModel` under LAION's names: queries, keys and values in one matrix."""
    state = {}
    for name, value in model.state_dict().items():
        for theirs, laions in RENAMED:
            name = name.replace(theirs, laions)
        if name.startswith("audio_branch."):
            name = name.replace(".attention.output.dense.", ".attn.proj.").replace(
                ".attention.self.", ".attn."
            )
            name = name.replace(".intermediate.dense.", ".mlp.fc1.").replace(".output.dense.", ".mlp.fc2.")
        state[name] = value
    joined = {}
    for name, value in state.items():
        if name.startswith("audio_branch.") and ".query." in name:
            parts = [state[name.replace(".query.", f".{part}.")] for part in ("query", "key", "value")]
            joined[name.replace(".query.", ".qkv.")] = torch.cat(parts)
        elif not (name.startswith("audio_branch.") and (".key." in name or ".value." in name)):
            joined[name] = value
    extra = {
        "text_transform.sequential.0.weight": torch.zeros(2, 2),
        "audio_branch.tscam_conv.bias": torch.zeros(2),
    }
    return joined | extra


@pytest.mark.parametrize(
    "audio",
    [
        pytest.param({}, id="as wide as HTSAT-tiny is for its size"),
        pytest.param(
            {
                "patch_embeds_hidden_size": 32,
                "hidden_size": 256,
                "depths": [2, 2, 3, 2],
                "num_attention_heads": [2, 4, 8, 16],
            },
            id="wider and deeper in the third stage, as HTSAT-base",
        ),
    ],
)
@pytest.mark.slow
def test_a_checkpoint_under_laions_names_gives_the_same_vectors(tmp_path, audio):
    model = tiny_clap.model(**audio)
    for norm in model.text_model.modules():
        if isinstance(norm, torch.nn.LayerNorm):
            norm.eps = ROBERTA_EPSILON  # as in the RoBERTa that LAION trained on
    state = {f"module.{name}": value for name, value in as_laion(model).items()}
    # As LAION's trainer saved it: beside the weights, the optimizer and numbers of numpy's.
    stored = {"epoch": 15, "name": "CLAP", "state_dict": state, "optimizer": {"lr": np.float64(1e-4)}}
    torch.save(stored, tmp_path / "music.pt")
    converted = convert(tmp_path / "music.pt").eval()
    sound, ids = torch.randn(2, 480_000) * 0.1, torch.tensor([[0, 5, 9, 2]])
    ours, theirs = ClapNetwork(converted, "mean").eval(), ClapNetwork(model, "mean").eval()
    with torch.no_grad():
        assert_close(ours.chunks(sound), theirs.chunks(sound), rtol=1e-4, atol=1e-5)
        mask = torch.ones_like(ids)
        assert_close(ours.texts(ids, mask), theirs.texts(ids, mask), rtol=1e-4, atol=1e-6)
    assert torch.equal(ours.scale, theirs.scale)


@pytest.mark.slow
def test_such_a_file_is_an_encoder(tmp_path):
    torch.save({"state_dict": as_laion(tiny_clap.model())}, tmp_path / "music.pt")
    tiny_clap.tokenizer().save(str(tmp_path / "tokenizer.json"))
    encoder = clap.Encoder(tmp_path / "music.pt")
    assert encoder.encode_descriptions(["sad piano"]).shape == (1, 32)
    assert read(tmp_path / "music.pt")[1].startswith(encoder.pipeline.split("/")[1])


class Malicious:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code ran')",))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"state_dict": {"x": torch.zeros(1)}}, id="other tensors"),
        pytest.param({"state_dict": Malicious()}, id="a pickle with code in it"),
        pytest.param([1, 2], id="a list"),
    ],
)
def test_anything_else_is_refused_and_never_run(tmp_path, content):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(Damaged, match="no CLAP checkpoint"):
        convert(tmp_path / "other.pt")


def test_a_key_without_a_place_is_named(tmp_path):
    state = as_laion(tiny_clap.model())
    state["audio_branch.layers.0.surprise"] = state.pop("audio_branch.norm.bias")
    torch.save({"state_dict": state}, tmp_path / "odd.pt")
    with pytest.raises(Damaged, match=r"surprise.*norm\.bias"):
        convert(tmp_path / "odd.pt")


@pytest.fixture(scope="module")
def htsat():
    """laion-clap's HTSAT alone: importing the whole package would fetch three tokenizers."""
    spec = importlib.util.find_spec("laion_clap")
    if spec is None or not importlib.util.find_spec("torchlibrosa"):
        pytest.skip("laion-clap and torchlibrosa are not installed (the extra `laion`)")
    root = spec.submodule_search_locations[0]
    stubs = [name for name in ("torchvision", "h5py") if not importlib.util.find_spec(name)]
    stubs += ["torchvision.ops", "torchvision.ops.misc"] if "torchvision" in stubs else []
    for name, path in (("laion_clap", [root]), ("laion_clap.clap_module", [f"{root}/clap_module"])):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = path
    for name in stubs:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].FrozenBatchNorm2d = torch.nn.Module
    module = importlib.import_module("laion_clap.clap_module.htsat")
    for name in [*stubs, *(name for name in sys.modules if name.startswith("laion_clap"))]:
        del sys.modules[name]
    return module


@pytest.fixture
def of_laion(htsat, tmp_path):
    """LAION's sound branch and projection of a size, weights by chance, and a checkpoint of both."""

    def make(size, width):
        settings = {"audio_length": 1024, "clip_samples": 480_000, "mel_bins": 64, "sample_rate": RATE_HZ}
        settings |= {"window_size": 1024, "hop_size": 480, "fmin": 50, "fmax": 14_000, "class_num": 527}
        torch.manual_seed(0)
        made = types.SimpleNamespace(**settings, model_name=size)
        branch = htsat.create_htsat_model(made, False, "None").eval()
        branch.bn0.running_mean.fill_(-40)
        branch.bn0.running_var.fill_(300)
        into, out = torch.nn.Linear(width, 512), torch.nn.Linear(512, 512)
        projection = torch.nn.Sequential(into, torch.nn.ReLU(), out)
        state = as_laion(tiny_clap.model())
        state = {name: value for name, value in state.items() if not name.startswith("audio_")}
        for layer, columns in ((0, 64), (2, 512)):
            state[f"text_projection.{layer}.weight"] = torch.zeros(512, columns)
            state[f"text_projection.{layer}.bias"] = torch.zeros(512)
        for prefix, module in (("audio_branch", branch), ("audio_projection", projection)):
            state |= {f"{prefix}.{name}": value for name, value in module.state_dict().items()}
        torch.save({"state_dict": state}, tmp_path / "laion.pt")
        return branch, projection, tmp_path / "laion.pt"

    return make


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("size", "width"), [("tiny", 768), ("base", 1024)])
@pytest.mark.slow
def test_sound_gives_the_vectors_of_laion_clap(of_laion, size, width):
    """From the waveform on, LAION's own front end included; the text side is RoBERTa's code in both."""
    branch, projection, path = of_laion(size, width)
    ours = ClapNetwork(convert(path).eval(), "mean").eval()
    sound = torch.randn(2, 480_000, generator=torch.Generator().manual_seed(1)) * 0.1
    sound[1] = 0.3 * torch.sin(2 * torch.pi * 440 * torch.arange(480_000) / RATE_HZ)
    with torch.no_grad():
        theirs = projection(branch({"waveform": sound}, mixup_lambda=None, device="cpu")["embedding"])
        found = ours.chunks(sound)
    assert torch.nn.functional.cosine_similarity(found, theirs).min() > 0.99999
    assert (found - theirs).abs().max() < 1e-3 * theirs.abs().max()


def test_layer_norms_of_the_text_tower_are_robertas(tmp_path):
    """`ClapTextConfig` has BERT's 1e-12 by default; LAION trained on roberta-base."""
    torch.save({"state_dict": as_laion(tiny_clap.model())}, tmp_path / "laion.pt")
    found = convert(tmp_path / "laion.pt")
    assert found.config.text_config.layer_norm_eps == 1e-5
    norms = [m for m in found.text_model.modules() if isinstance(m, torch.nn.LayerNorm)]
    assert {norm.eps for norm in norms} == {1e-5}
