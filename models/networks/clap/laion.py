"""LAION's own CLAP checkpoints (`*.pt`) as transformers' `ClapModel`, HTSAT-tiny and HTSAT-base.

`music_audioset_epoch_15_esc_90.14.pt` and its kin hold the state of a whole training. Only tensors and plain
numbers are read (`weights_only`), the shape of the model is taken from its tensors, and every key must find
its place. What transformers' model lacks (the training heads, fixed spectrogram filters) is left out.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from catalog.errors import Damaged

_LEFT_OUT = re.compile(
    r"^(text_transform|audio_transform)\."
    r"|^audio_branch\.(spectrogram_extractor|logmel_extractor|tscam_conv|head)\."
    r"|attn_mask$|position_ids$|token_type_ids$"
)
_RENAMED = (
    (r"^text_branch\.", "text_model."),
    (r"^audio_branch\.", "audio_model.audio_encoder."),
    (r"_projection\.0\.", "_projection.linear1."),
    (r"_projection\.2\.", "_projection.linear2."),
    (r"\.bn0\.", ".batch_norm."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
)
ROBERTA_EPSILON = 1e-5
"""Of layer norms in `roberta-base`, which LAION trained on; `ClapTextConfig` has the 1e-12 of BERT."""
_DERIVED = re.compile(r"position_ids$|token_type_ids$|relative_position_index$")
"""Buffers that a model makes itself."""


def convert(path: Path) -> Any:
    """The checkpoint as a `ClapModel`. Raises Damaged for another file, or for keys that fit nowhere."""
    from transformers import ClapModel

    state = _state(path)
    try:
        model = ClapModel(_config(state))
        missing, unexpected = model.load_state_dict(dict(_renamed(state)), strict=False)
    except (KeyError, RuntimeError, ValueError) as error:
        raise _foreign(path, str(error).splitlines()[0]) from error
    missing = [name for name in missing if not _DERIVED.search(name)]
    if missing or unexpected:
        raise _foreign(path, f"no place for {unexpected[:3]}, nothing for {missing[:3]}")
    return model


def _state(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint, by LAION's names. Raises Damaged for another file."""
    # Old numpy pickled plain numbers so; they hold no code.
    scalar: Any = importlib.import_module("numpy._core.multiarray").scalar
    kinds = [np.dtype(letter) for letter in "fdil"]
    numbers: list[Any] = [np.dtype, *map(type, kinds)]
    allowed: list[Any] = [(scalar, "numpy.core.multiarray.scalar"), scalar, *numbers]
    try:
        with torch.serialization.safe_globals(allowed):
            stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle's, zipfile's and its own kinds
        raise _foreign(path, str(error).splitlines()[0]) from error
    state = stored.get("state_dict", stored) if isinstance(stored, Mapping) else {}
    # `module.` is what DistributedDataParallel puts before every name.
    return {name.removeprefix("module."): value for name, value in state.items()}


def _renamed(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """The tensors by the names that transformers' model has for them."""
    for name, value in state.items():
        if _LEFT_OUT.search(name):
            continue
        is_joint = name.startswith("audio_branch.") and ".attn.qkv." in name
        if not is_joint:
            yield _rename(name), value
            continue
        # HTSAT computes all three in one product; transformers has a layer for each.
        for part, third in zip(("query", "key", "value"), value.chunk(3), strict=True):
            yield _rename(name.replace(".attn.qkv.", f".attn.{part}.")), third


def _rename(name: str) -> str:
    for pattern, ours in _RENAMED:
        name = re.sub(pattern, ours, name)
    return name


def _config(state: Mapping[str, Tensor]) -> Any:
    """The shape of the model, as its tensors tell."""
    from transformers import ClapConfig

    projected, _ = state["audio_projection.0.weight"].shape  # (projected, width of the audio tower)
    return ClapConfig(
        projection_dim=projected,
        audio_config={**_audio_config(state), "projection_dim": projected},
        text_config={**_text_config(state), "projection_dim": projected},
    )


def _audio_config(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """Of HTSAT, whose stages differ in depth and heads."""
    stages = range(_count(state, r"^audio_branch\.layers\.(\d+)\."))
    first = "audio_branch.layers.{}.blocks.0.attn.relative_position_bias_table"
    tables = [state[first.format(stage)] for stage in stages]  # (offsets of two places, heads) each
    heads = [table.shape[1] for table in tables]
    blocks = r"^audio_branch\.layers\.{}\.blocks\.(\d+)\."
    depths = [_count(state, blocks.format(stage)) for stage in stages]
    patches = state["audio_branch.patch_embed.proj.weight"]  # (channels, 1, 4, 4)
    _, hidden_size = state["audio_projection.0.weight"].shape
    return {
        "patch_embeds_hidden_size": len(patches),
        "hidden_size": hidden_size,
        "depths": depths,
        "num_attention_heads": heads,
        "enable_fusion": "audio_branch.patch_embed.mel_conv2d.weight" in state,
    }


def _text_config(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """Of RoBERTa, whose heads have 64 dimensions each."""
    words = state["text_branch.embeddings.word_embeddings.weight"]
    positions = state["text_branch.embeddings.position_embeddings.weight"]
    types = state["text_branch.embeddings.token_type_embeddings.weight"]
    intermediate = state["text_branch.encoder.layer.0.intermediate.dense.weight"]
    vocabulary, width = words.shape
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": _count(state, r"^text_branch\.encoder\.layer\.(\d+)\."),
        "num_attention_heads": max(1, width // 64),
        "intermediate_size": len(intermediate),
        "max_position_embeddings": len(positions),
        "type_vocab_size": len(types),
        "layer_norm_eps": ROBERTA_EPSILON,
    }


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    """How many layers there are, by the numbers in their names, which begin at 0."""
    matches = [re.search(pattern, name) for name in state]
    return 1 + max(int(match[1]) for match in matches if match)


def _foreign(path: Path, why: str) -> Damaged:
    return Damaged(
        f"{path} is no CLAP checkpoint of LAION's that can be read ({why}).",
        try_this="use music_audioset_epoch_15_esc_90.14.pt of huggingface.co/lukewys/laion_clap, or its kin",
    )
