"""`bge-m3`: BAAI's BGE-M3, a hundred languages and 8,192 tokens; dense vectors and weights of words.

Computed by the XLM-RoBERTa of transformers and the linear layer that BAAI publishes beside it, as by
FlagEmbedding (Chen et al. 2024, arXiv:2402.03216). A test compares both outputs with FlagEmbedding's (the
extra `bge`): they are equal to 1e-5. Its inference is not used, for ours reads 1.5 times as many texts
in a CPU second (six layers of width 384 by chance, 96 texts of 10 to 60 tokens, 1.47 s against 2.23 s; one
core of a shared x86-64 virtual machine). On cards, half precision and several at once, neither was measured.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import NoModel
from models.encoders._sentence import BackboneEncoder
from models.networks.hub import kept_file, load_into, located
from models.networks.onnx_export import export_trunk
from models.networks.roberta import position_limit, positions
from models.networks.sentence_encoder import Backbone, Truncation, padded
from models.networks.text_tower import largest_weights

if TYPE_CHECKING:
    import torch

MODEL = "BAAI/bge-m3"
REVISION = "5617a9f61b028005a4858fdac845db406aefb181"
SPARSE = "sparse_linear.pt"
SPECIAL = frozenset({0, 1, 2, 3})
"""Start, padding, end and the unknown word: they weigh nothing."""


class Encoder(BackboneEncoder):
    """Dense vectors for the index, and word weights for those who want them.

    model: a folder, or another name on the hub. Raises NoModel where the weights cannot be had.
    """

    name = "bge-m3"
    token_limit = 8192
    usual = Truncation("full", token_limit)

    @staticmethod
    def tokenizer_here() -> Path | None:
        """Its tokenizer, where it is on this machine."""
        return kept_file(MODEL, "tokenizer.json")

    def _locate(self) -> None:
        model = self._model or MODEL
        revision = REVISION if model == MODEL else None
        self._files = located(model, revision=revision, more=(SPARSE,), endpoint=self._endpoint)

    def _load(self) -> Backbone:
        module, width, limit, vocabulary, checksum = _network(self._files)
        pipeline = f"bge-m3/{checksum[:8]}/first token/f32"
        tokenizer = self._files / "tokenizer.json"
        return Backbone(self.name, pipeline, lambda: module, tokenizer, width, limit, vocabulary)

    @property
    def weighs_words(self) -> bool:
        """Whether `word_weights` can be had: its layer lies beside weights that no training has changed."""
        return (self._files / SPARSE).is_file() and not self._is_backbone_trained

    def _trunk(self) -> bytes:
        if not self.weighs_words:
            return super()._trunk()
        module = _weighing(self.backbone.module, _linear(self._files / SPARSE))
        return export_trunk(module, vocabulary=self.backbone.vocabulary, outputs=("vector", "weights"))

    def word_weights(self, texts: Sequence[str]) -> list[dict[int, float]]:
        """How much each token of a text matters (token -> weight > 0), for exact words."""
        import torch

        layer = _linear(self._files / SPARSE)
        out = []
        for ids, hidden in self._hidden(texts):
            weights = torch.relu(layer(hidden)).squeeze(-1)  # (tokens,)
            found = largest_weights(ids, weights.tolist())
            out.append({token: weight for token, weight in found.items() if token not in SPECIAL})
        return out

    def _hidden(self, texts: Sequence[str]) -> "list[tuple[list[int], torch.Tensor]]":
        """Each text's tokens and the last layer (tokens, width) over them."""
        import torch

        pieces, _ = self.backbone.tokens(texts, Truncation("full"))
        out = []
        for piece in pieces:
            with torch.inference_mode():
                hidden = self.backbone.module.hidden(*padded([piece]))  # type: ignore[operator]
            out.append((piece, hidden[0].clone()))
        return out


def _network(folder: Path) -> "tuple[torch.nn.Module, int, int, int, str]":
    """`(ids, mask)` to vectors; its width, how many tokens it reads and knows, and its weights' checksum."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    config = XLMRobertaConfig.from_pretrained(folder, attn_implementation="sdpa")
    roberta = XLMRobertaModel(config, add_pooling_layer=False)
    checksum = load_into(roberta, folder, prefixes=("roberta.",))

    class FirstToken(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.roberta = roberta

        def hidden(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.roberta(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions(mask, config),
                token_type_ids=torch.zeros_like(ids),
            ).last_hidden_state
            return out

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            first = self.hidden(ids, mask)[:, 0]  # (texts, width): of the token that starts each
            return torch.nn.functional.normalize(first, dim=-1)

    module = FirstToken().eval()
    return module, config.hidden_size, position_limit(config), config.vocab_size, checksum


def _weighing(module: "torch.nn.Module", layer: "torch.nn.Linear") -> "torch.nn.Module":
    """`(ids, mask)` to vectors and the weights of the tokens (texts, tokens), from one pass."""
    import torch

    class Weighing(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.layer = module, layer

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            hidden = self.inner.hidden(ids, mask)  # type: ignore[operator]
            tells = ids > max(SPECIAL)  # the special tokens are the first of the vocabulary
            weights = torch.relu(self.layer(hidden)).squeeze(-1)  # (texts, tokens)
            vectors = torch.nn.functional.normalize(hidden[:, 0], dim=-1)
            return vectors, weights * tells

    return Weighing().eval()


@functools.cache
def _linear(file: Path) -> "torch.nn.Linear":
    """A linear layer as BAAI keeps it. Raises NoModel."""
    import torch

    if not file.is_file():
        raise NoModel(
            f"{file} is missing: there are dense vectors, but no others, from {file.parent}.",
            try_this="fetch it from https://huggingface.co/BAAI/bge-m3",
        )
    state = torch.load(file, map_location="cpu", weights_only=True)
    outputs, inputs = state["weight"].shape
    layer = torch.nn.Linear(inputs, outputs)
    layer.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return layer.requires_grad_(False)
