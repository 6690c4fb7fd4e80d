"""CLAP with a way to hear long songs: transformers' `ClapModel` and a pooler, and what is read from disk."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from catalog.errors import Damaged, NoModel
from models.networks import checkpoint, logit_scale
from models.networks.clap import chunk_pooling, htsat_stretch, log_mel
from models.networks.hub import require_published
from models.networks.manifest import MANIFEST, manifest_of


class ClapNetwork(nn.Module):
    """Two towers into one space. strategy: one of `chunk_pooling.STRATEGIES`.

    Vectors of chunks are raw (not of unit length), those of songs and texts are of length 1.
    """

    def __init__(self, clap: Any, strategy: str) -> None:
        super().__init__()
        self.clap, self.strategy = clap, strategy
        self.pooling = chunk_pooling.pooler(strategy, clap.config.projection_dim)
        self.checkpointing = False
        if clap.config.audio_config.enable_fusion:
            raise NoModel(
                "this CLAP has feature fusion, the worst of the family on music, which nw does not run.",
                try_this="--set weights=laion/clap-htsat-unfused",
            )

    def chunks(self, sound: Tensor) -> Tensor:
        """Mono sound at 48 kHz (chunks, samples) to raw vectors (chunks, dimensions).

        Ten seconds a chunk; `stretch` takes any length, `mean` and the others have seen no other.
        """
        return self.embed_mel(log_mel.log_mel(sound))

    def embed_mel(self, mel: Tensor) -> Tensor:
        """The same from log-mel spectrograms (chunks, frames, 64)."""
        encoder = self.clap.audio_model.audio_encoder
        features = htsat_stretch.features(encoder, mel, checkpointing=self.checkpointing)
        raw: Tensor = self.clap.audio_projection(features)
        return raw

    def songs(self, chunks: Tensor, mask: Tensor) -> Tensor:
        """Raw chunk vectors (songs, chunks, dimensions) where mask is True to unit song vectors."""
        return normalize(self.pooling(chunks, mask), dim=-1)

    def texts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Tokens (texts, tokens), 1 in mask where they count, to unit vectors (texts, dimensions)."""
        pooled = self.clap.text_model(input_ids=ids, attention_mask=mask).pooler_output
        return normalize(self.clap.text_projection(pooled), dim=-1)

    @property
    def scale(self) -> Tensor:
        """1 / temperature."""
        scale: Tensor = self.clap.logit_scale_a.exp()
        return scale

    def hold_scale(self) -> None:
        """Bring the scale back to its limit where a step took it beyond."""
        logit_scale.hold(self.clap.logit_scale_a)


def describe(network: ClapNetwork) -> dict[str, Any]:
    """What a checkpoint's manifest must say so that `read` can build the network again."""
    return {"encoder": "clap", "strategy": network.strategy, "clap": network.clap.config.to_dict()}


def build(described: dict[str, Any]) -> ClapNetwork:
    """A network of that shape, its weights by chance."""
    from transformers import ClapConfig, ClapModel

    return ClapNetwork(ClapModel(ClapConfig.from_dict(described["clap"])), described["strategy"])


def read(source: Path, strategy: str | None = None) -> tuple[ClapNetwork, str]:
    """The network in a folder or LAION checkpoint, and a checksum that names its weights.

    source: a checkpoint of `nw train` (its strategy counts unless another is given), a folder of transformers
    with a `ClapModel`, or a `.pt` of LAION. Raises Damaged.
    """
    if source.is_file():
        from models.networks.clap.laion import convert

        # An earlier conversion computed with another epsilon: its vectors are not to be compared with these.
        described = f"{_checksum(source)}, layer norm 1e-5"
        named = hashlib.sha256(described.encode()).hexdigest()
        return ClapNetwork(convert(source), strategy or "mean"), named
    manifest = manifest_of(source)
    if "clap" not in manifest:
        weights = _weights(source)
        checksum = _checksum(weights)
        require_published(weights, checksum)
        return ClapNetwork(_from_transformers(source), strategy or "mean"), checksum
    tensors, manifest = checkpoint.load(source)
    network = build(manifest)
    if strategy not in (None, manifest["strategy"]):
        # Another way to pool has other weights, which begin anew.
        tensors = {name: value for name, value in tensors.items() if name.startswith("clap.")}
        network = ClapNetwork(network.clap, str(strategy))
        fresh = network.pooling.state_dict()
        tensors |= {f"pooling.{name}": value for name, value in fresh.items()}
    network.load_state_dict(tensors)
    return network, str(manifest["sha256"])


def _from_transformers(folder: Path) -> Any:
    """CLAP from a folder in transformers' own form. Raises Damaged."""
    from transformers import ClapModel
    from transformers.utils import logging

    quiet: Any = logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    try:
        return ClapModel.from_pretrained(folder, dtype=torch.float32)
    except Exception as error:  # safetensors, pickle and transformers raise kinds of their own
        raise Damaged(
            f"{folder} holds no CLAP that transformers can read ({str(error).splitlines()[0]}).",
            try_this="nw models    (lists the encoders and where their weights come from)",
        ) from error


def _weights(folder: Path) -> Path:
    """The file whose checksum names what lies in a folder of transformers."""
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).exists():
            return folder / name
    return folder / MANIFEST


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
