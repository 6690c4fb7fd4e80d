"""`longformer`: Longformer over whole lyrics, kept so that the first attempt's failure can be reproduced.

Windows of local attention, the mean of the last layer, no global attention (Beltagy et al. 2020,
arXiv:2004.05150). A description of up to half a window sees all of itself, so RoBERTa's full attention with
the same weights reads it: the same vector, without filling up to a whole window, and it goes into ONNX.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.encoders._sentence import BackboneEncoder
from models.networks.hub import load_into, located
from models.networks.roberta import position_limit, positions
from models.networks.sentence_encoder import Backbone, Truncation

if TYPE_CHECKING:
    import torch

MODEL = "allenai/longformer-base-4096"
REVISION = "301e6a42cb0d9976a6d6a26a079fef81c18aa895"


class Encoder(BackboneEncoder):
    """Lyrics of up to 4,096 tokens at once.

    model: a folder, or another name on the hub. Raises NoModel where the weights cannot be had.
    """

    name = "longformer"
    usual = Truncation("full", 256)
    languages = frozenset({"en"})

    def _locate(self) -> None:
        model = self._model or MODEL
        revision = REVISION if model == MODEL else None
        self._files = located(model, revision=revision, endpoint=self._endpoint)

    def _load(self) -> Backbone:
        """The network with its tokenizer, known by a checksum of its weights."""
        module, config, checksum = _network(self._files)
        return Backbone(
            name=self.name,
            pipeline=f"longformer/{checksum[:8]}/mean/f32",
            load=lambda: module,
            tokenizer_file=self._files / "tokenizer.json",
            width=config.hidden_size,
            limit=position_limit(config),
            vocabulary=config.vocab_size,
        )


def _network(folder: Path) -> "tuple[torch.nn.Module, Any, str]":
    """`(ids, mask)` to vectors, with its `describing` twin; the config, and the weights' checksum."""
    import torch
    from transformers import LongformerConfig, LongformerModel, RobertaConfig, RobertaModel

    from models.networks.pooling import masked_mean

    config = LongformerConfig.from_pretrained(folder)
    long = LongformerModel(config, add_pooling_layer=False)
    checksum = load_into(long, folder, prefixes=("longformer.",))
    # RoBERTa with the same sizes; what only Longformer's config knows is passed over there.
    shared = config.to_dict()
    for own in ("model_type", "architectures"):
        shared.pop(own, None)
    short = RobertaModel(RobertaConfig(**shared), add_pooling_layer=False)
    _share(long, short)

    class Mean(torch.nn.Module):
        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            hidden = self.network(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions(mask, config),
                token_type_ids=torch.zeros_like(ids),
            ).last_hidden_state
            return torch.nn.functional.normalize(masked_mean(hidden, mask), dim=-1)

    lyrics = Mean(long).eval()
    lyrics.__dict__["describing"] = Mean(short).eval()  # not registered: its weights are in `long` already
    return lyrics, config, checksum


def _share(long: "torch.nn.Module", short: "torch.nn.Module") -> None:
    """Make the parameters of `short` those of the same name in `long`."""
    modules = dict(long.named_modules())
    for name, module in short.named_modules():
        for leaf in list(module._parameters):
            setattr(module, leaf, getattr(modules[name], leaf))
