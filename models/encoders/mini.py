"""`mini`: the default sound encoder, trained by this project, small enough to live in its repository.

How it was trained, on what, how well it hears and what it cannot hear: `models/weights/mini/README.md`.
"""

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from catalog.errors import Damaged
from catalog.vectors import Vectors
from models.encoders import minilm
from models.networks.audioset_kinds import kinds_of
from models.networks.mini.config import MiniConfig
from models.networks.mini.front_end import front_end_of
from models.networks.mini.spectra import RATE_HZ
from models.networks.text_tower import open_session, write_tower

WEIGHTS = Path(__file__).parents[1] / "weights" / "mini"
BATCH = 8
"""Windows that go through the network at once: so few that what is between its layers stays in caches."""


class Encoder:
    """Hears 10 s of music in about 11 ms of one core; reads descriptions through MiniLM and a head.

    A window counts as silent under -90 dB full scale: it gets the vector of the words for silence, and is
    left out of a song that has anything to hear. A window that is filled up by repeating a short sound is
    what the network was trained on. Raises Damaged where the weights are missing or changed.
    """

    name = "mini"
    role: Literal["sound"] = "sound"
    rate_hz = RATE_HZ
    window_s = 10.0
    hop_s = 10.0
    languages = frozenset({"en"})

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights
        try:
            content = (weights / "model.safetensors").read_bytes()
            self._config = json.loads((weights / "config.json").read_text())
            self._shape = MiniConfig(**self._config["shape"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(weights, str(error)) from error
        checksum = hashlib.sha256(content).hexdigest()
        if checksum != self._config["sha256"]:
            raise _damaged(weights, "the checksum differs")
        self.dimensions = self._shape.width
        self._front_end = front_end_of(self._shape)
        self.pipeline = f"mini/{checksum[:8]}/16 kHz log-mel {self._front_end.BANDS}/10 s/mean/f32"

    def encode_windows(self, windows: Vectors) -> Vectors:
        """Mono sound (windows, 160000) at 16 kHz to unit vectors (windows, dimensions)."""
        vectors = np.empty((len(windows), self.dimensions), np.float32)
        for start in range(0, len(windows), BATCH):
            rows = slice(start, start + BATCH)
            log_mels = self._front_end.log_mels(windows[rows])  # (batch, frames, bands)
            [encoded] = self._sound.run(None, {"log_mels": log_mels})
            silent = log_mels.max((1, 2)) <= self._front_end.LOWEST
            encoded[silent] = self._silence
            vectors[rows] = encoded
        return vectors

    def pool(self, vectors: Vectors) -> Vectors:
        """The mean direction (dimensions,) of a song's windows, silent ones left out if others are heard."""
        cosines = (vectors.astype(np.float32) * self._silence).sum(1)  # no BLAS, which counts on its threads
        heard = vectors[cosines < 0.999]  # silent windows have that very vector, rounded to halves at most
        if not len(heard):
            heard = vectors
        mean = heard.astype(np.float32).mean(0)
        length = float(np.linalg.norm(mean))
        unit: Vectors = mean / max(length, 1e-6)
        return unit

    def tags(self, vectors: Vectors) -> list[tuple[str, float]]:
        """What is heard in a song, as (name, probability), the likeliest first; needs no torch.

        vectors: a track vector (dimensions,) or window vectors (windows, dimensions), as they are indexed.
        The names are AudioSet's 527 classes: instruments, genres, moods, voices, and sounds that are no
        music, `Music` and `Speech` among them. A probability says how likely the class is heard in ten
        seconds of the song, as the teacher would judge it; several can be certain at once. Weights without
        classes say nothing: [].
        """
        names = self._config.get("classes", [])
        if not names:
            return []
        slopes, offsets = self._tagging
        windows = np.atleast_2d(vectors).astype(np.float32)
        logits = windows @ slopes.T + offsets  # (windows, classes)
        of_windows = 1 / (1 + np.exp(-logits))  # the logistic function
        likely = of_windows.mean(0)  # (classes,)
        in_order = np.argsort(-likely, kind="stable")
        return [(names[place], float(likely[place])) for place in in_order]

    @functools.cached_property
    def kinds(self) -> dict[str, str]:
        """What each name of `tags` is: music, instrument, genre, mood, voice or no music."""
        return kinds_of(self._config.get("classes", []))

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Descriptions to unit vectors (texts, dimensions); what lies beyond 256 tokens is not read."""
        sentences = minilm.Encoder().encode_descriptions(texts)
        vectors: Vectors = self._text.run(None, {"sentence": sentences})[0]
        return vectors

    def export_text_tower(self, folder: Path) -> None:
        """Write MiniLM and the head over it for queries without torch."""
        write_tower(
            folder,
            name=self.name,
            pipeline=self.pipeline,
            dimensions=self.dimensions,
            max_tokens=minilm.MAX_TOKENS,
            tokenizer=minilm.weights_folder() / "tokenizer.json",
            trunk=minilm.onnx_trunk(),
            head=self._text_graph(),
        )

    @functools.cached_property
    def _sound(self) -> Any:
        """The session that turns log-mel spectrograms into vectors.

        Of one thread: a sum that is shared out among several is added up in another order, which changes its
        last bits, and the same file would have other vectors on a machine with more cores.
        """
        from models.networks.graphs.mini import sound_graph

        return open_session(sound_graph(self._tensors("sound."), self._shape))

    @functools.cached_property
    def _text(self) -> Any:
        """The session that turns sentence vectors into vectors."""
        return open_session(self._text_graph())

    def _text_graph(self) -> bytes:
        from models.networks.graphs.mini import text_graph

        return text_graph(self._tensors("text."), self._shape)

    @functools.cached_property
    def _tagging(self) -> tuple[Vectors, Vectors]:
        """The layer from vectors to classes: (classes, dimensions) and (classes,)."""
        layer = self._tensors("tags.")
        return layer["tags.weight"], layer["tags.bias"]

    @functools.cached_property
    def _silence(self) -> Vectors:
        return self._tensors("silence")["silence"]

    def _tensors(self, begin: str) -> dict[str, Vectors]:
        """The weights whose names begin so, in 32 bits."""
        from safetensors import safe_open

        found = {}
        with safe_open(self._weights / "model.safetensors", framework="numpy") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - it is no dict
                if name.startswith(begin):
                    found[name] = tensors.get_tensor(name).astype(np.float32)
        return found


def _damaged(weights: Path, reason: str) -> Damaged:
    return Damaged(
        f"the weights of `mini` in {weights} cannot be used ({reason}), so no sound can be understood.",
        try_this="pip install --force-reinstall newwave-cli    (or: nw train sound --recipe mini)",
    )
