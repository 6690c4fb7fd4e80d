"""`clap`: LAION's CLAP through transformers, from the hub, a folder, a training run or LAION's own `.pt`.

Ten-second chunks as in pre-training and four ways to hear longer songs
(`models.networks.clap.chunk_pooling`). Wu et al. 2023, arXiv:2211.06687.
"""

import functools
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.vectors import Vectors
from models.networks import selfcheck
from models.networks.clap import RATE_HZ, WINDOW_S
from models.networks.clap.tokens import pieces, token_ids
from models.networks.hub import kept_file, located
from models.networks.manifest import manifest_of
from models.networks.onnx_export import export_trunk
from models.networks.roberta import position_limit
from models.networks.text_tower import write_tower

if TYPE_CHECKING:
    import torch

    from models.networks.clap.network import ClapNetwork

DEFAULT = "laion/clap-htsat-unfused"
REVISIONS = {DEFAULT: "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a"}
"""Revisions of the hub that were looked at; others are taken as they are now."""
CHUNK_S = WINDOW_S  # heard at once, as in pre-training
MAX_TOKENS = 512
"""What its positions allow; 77 is only its tokenizer's default."""
BATCH, CARDS_BATCH = 8, 64
"""Windows at once on a processor, whose caches are small, and on a card."""
PCM_BATCH = 256
"""Chunks of several songs that a card is given together."""
CARD = threading.Lock()
"""Held by the thread that hands work to a card: several would wait for Python at each of its pieces."""


class Encoder:
    """Hears chunks of ten seconds, or with `stretch` as many seconds as asked for; reads 512 tokens and more.

    weights: a name on the hub, a folder, or a `.pt`. pooling: mean, attention, transformer or stretch (as
    the checkpoint was trained, else mean). seconds: what `stretch` hears at once. tokenizer: a
    `tokenizer.json` where none lies beside the weights. precision: f32, or bf16 on a card. endpoint: of
    another hub. Raises NoModel where the weights cannot be had; the first use raises Damaged where texts or
    sounds are all alike to the network.
    """

    role: Literal["sound"] = "sound"
    rate_hz = RATE_HZ
    languages = frozenset({"en"})
    name = "clap"
    token_limit = MAX_TOKENS
    window_s: float
    hop_s: float

    def __init__(
        self,
        weights: str | Path = DEFAULT,
        *,
        pooling: str | None = None,
        seconds: float = CHUNK_S,
        tokenizer: str | Path | None = None,
        device: str = "auto",
        precision: str = "f32",
        endpoint: str | None = None,
    ) -> None:
        self.name = type(self).name if str(weights) == DEFAULT else str(weights)
        self._folder = _located(str(weights), endpoint)
        self._tokenizer_file = tokenizer
        self._wanted = pooling
        self._device_name = device
        self.precision = precision
        manifest = manifest_of(self._folder) if self._folder.is_dir() else {}
        self._strategy = pooling or manifest.get("strategy", "mean")
        is_stretched = self._strategy == "stretch"
        self.window_s = self.hop_s = float(seconds) if is_stretched else CHUNK_S

    @staticmethod
    def tokenizer_here() -> Path | None:
        """The tokenizer of the usual weights, where it is on this machine."""
        return kept_file(DEFAULT, "tokenizer.json")

    @property
    def pipeline(self) -> str:
        """Weights, front end, window, pooling and precision."""
        _, checksum = self._loaded
        front = f"48 kHz log-mel 64/{self.window_s:g} s"
        return f"clap/{checksum[:8]}/{front}/{self._strategy}/{self.precision}"

    @property
    def dimensions(self) -> int:
        """Of its vectors: 512 in all that LAION published."""
        return int(self.network.clap.config.projection_dim)

    def encode_windows(self, windows: Vectors) -> Vectors:
        """Mono sound (windows, samples) at 48 kHz to raw vectors (windows, dimensions), not of length 1."""
        import torch

        from models.networks.device import autocast

        vectors = np.empty((len(windows), self.dimensions), np.float32)
        most = BATCH if self._device == "cpu" else CARDS_BATCH
        batch = max(1, round(most * CHUNK_S / self.window_s))  # as many seconds, however long a window is
        for start in range(0, len(windows), batch):
            rows = slice(start, start + batch)
            sound = torch.from_numpy(windows[rows]).to(self._device)
            alone = nullcontext() if self._device == "cpu" else CARD
            with alone, torch.inference_mode(), autocast(self._device, self.precision):
                chunks = self.network.chunks(sound)  # (batch, dimensions)
                vectors[rows] = chunks.float().cpu().numpy()
        return vectors

    @property
    def pcm_batch(self) -> int:
        """How many chunks `encode_pcm` wants together; 0 where songs are better given one by one."""
        from models.networks.device import is_card

        in_chunks = self.window_s == CHUNK_S
        return PCM_BATCH if in_chunks and is_card(self._device) else 0

    def encode_pcm(self, songs: Sequence[NDArray[np.int16]]) -> list[Vectors]:
        """Songs as `models.networks.clap.pcm.to_pcm` made them to raw vectors, each (its chunks, dimensions).

        The device resamples and makes log-mel; 16 bits are what CLAP was trained on. Vectors of a song are
        those of `encode_windows` to a cosine of 0.998: in bands where a file has nothing, 16 bits have noise.
        """
        import torch

        from models.networks.clap.from_pcm import on_device
        from models.networks.device import autocast

        device = torch.device(self._device)
        sound = [torch.from_numpy(song) for song in songs]
        with torch.inference_mode():
            mel = on_device(sound, CHUNK_S, device, exact=True)  # (chunks of all, frames, 64)
            with autocast(self._device, self.precision):
                chunks = [self.network.embed_mel(some) for some in torch.split(mel, CARDS_BATCH)]
            vectors = torch.cat(chunks).float().cpu().numpy()  # (chunks of all, dimensions)
        ends = np.cumsum([len(song) for song in songs])
        return np.split(vectors, ends[:-1])

    def pool(self, vectors: Vectors) -> Vectors:
        """Raw vectors (windows, dimensions) of a song, in order of time, to its unit vector (dimensions,)."""
        import torch

        from models.networks.clap.chunk_pooling import pool_song

        chunks = torch.from_numpy(np.asarray(vectors, np.float32)).to(self._device)
        with torch.inference_mode():
            song: Vectors = pool_song(self.network.pooling, chunks).cpu().numpy()
        unit: Vectors = song / max(float(np.linalg.norm(song)), 1e-6)  # of digital silence it may be 0
        return unit

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (texts, dimensions); one longer than 512 tokens is read in chunks."""
        rows = [self._read(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), np.float32)

    def export_text_tower(self, folder: Path) -> None:
        """Write the text tower for queries without torch."""
        import torch

        network = self.network

        class TextTower(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.network = network

            def forward(self, ids: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
                return self.network.texts(ids, mask)

        vocabulary = network.clap.config.text_config.vocab_size
        trunk = export_trunk(TextTower().to("cpu"), vocabulary=vocabulary)
        write_tower(
            folder,
            name=self.name,
            pipeline=self.pipeline,
            dimensions=self.dimensions,
            max_tokens=self.max_tokens,
            tokenizer=self.tokenizer_file,
            trunk=trunk,
        )
        network.to(self._device)  # which the export took to the processor, for the modules are shared

    @functools.cached_property
    def max_tokens(self) -> int:
        """What the text tower reads at once."""
        limit = position_limit(self.network.clap.config.text_config)
        return min(MAX_TOKENS, limit)

    @functools.cached_property
    def tokenizer_file(self) -> Path:
        """RoBERTa's `tokenizer.json`: the one given, beside the weights or their run, of the default CLAP."""
        folder = self._folder if self._folder.is_dir() else self._folder.parent
        places = [folder / "tokenizer.json", folder.parent / "tokenizer.json"]
        if self._tokenizer_file:
            places.insert(0, Path(self._tokenizer_file))
        for place in places:
            if place.is_file():
                return place
        return _located(DEFAULT) / "tokenizer.json"

    @functools.cached_property
    def network(self) -> "ClapNetwork":
        """The network, after it has shown that it can tell texts and sounds apart. Raises Damaged."""
        network, checksum = self._loaded
        # By another encoder around it: this one would come here again, and check for ever.
        selfcheck.require_alive(_Unchecked(network, checksum, self))
        return network

    @functools.cached_property
    def _loaded(self) -> "tuple[ClapNetwork, str]":
        from models.networks.clap.network import read

        network, checksum = read(self._folder, self._wanted)
        network.eval().to(self._device)
        return network, checksum

    @functools.cached_property
    def _device(self) -> str:
        from models.networks.device import chosen

        return chosen(self._device_name)

    def token_ids(self, text: str) -> list[int]:
        """All tokens of a text, however many, with the marks of start and end."""
        return token_ids(self.tokenizer_file, text)

    def _read(self, text: str) -> Vectors:
        """The unit vector (dimensions,) of one text: the mean of its pieces, by their length."""
        import torch

        from models.networks.device import autocast

        vectors = []
        for ids in pieces(self.tokenizer_file, text, self.max_tokens):
            # One by one, so that no vector depends on how long its neighbours were filled up.
            tokens = torch.tensor([ids], device=self._device)
            with torch.inference_mode(), autocast(self._device, self.precision):
                embedded = self.network.texts(tokens, torch.ones_like(tokens))
                read = embedded.float().cpu().numpy()
            vectors.append(read[0] * len(ids))  # a piece counts by its length
        mean: Vectors = np.sum(vectors, axis=0)
        unit: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-9)
        return unit


class _InMemory(Encoder):
    """An encoder of a network that is in memory, as it is."""

    def __init__(self, network: "ClapNetwork", checksum: str, tokenizer: Path, precision: str) -> None:
        self.name = "clap"
        self._folder = tokenizer.parent
        self._tokenizer_file = tokenizer
        self._strategy = self._wanted = network.strategy
        self._device_name = str(next(network.parameters()).device)
        self.precision = precision
        self._given = network, checksum

    @property
    def network(self) -> "ClapNetwork":
        """The network, which is not checked."""
        return self._given[0]

    @property
    def _loaded(self) -> "tuple[ClapNetwork, str]":
        return self._given


class InTraining(_InMemory):
    """An encoder of a network that is being trained, to judge it by."""

    def __init__(
        self, network: "ClapNetwork", tokenizer: Path, *, seconds: float = CHUNK_S, precision: str = "f32"
    ) -> None:
        super().__init__(network, "in training", tokenizer, precision)
        self.window_s = self.hop_s = seconds if network.strategy == "stretch" else CHUNK_S


class _Unchecked(_InMemory):
    """An encoder as it is before it has shown that it can tell texts and sounds apart."""

    def __init__(self, network: "ClapNetwork", checksum: str, whole: Encoder) -> None:
        super().__init__(network, checksum, whole.tokenizer_file, whole.precision)
        self.name, self.window_s, self.hop_s = whole.name, whole.window_s, whole.hop_s


def _located(weights: str, endpoint: str | None = None) -> Path:
    """The folder or file with the weights, fetched from the hub where it is a name there. Raises NoModel."""
    path = Path(weights).expanduser()
    if path.is_file():
        return path
    return located(weights, revision=REVISIONS.get(weights), endpoint=endpoint)
