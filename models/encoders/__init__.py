"""The encoders: one file each, and the folder is the registry.

A file offers a class `Encoder` that fulfils `SoundEncoder` or `WordsEncoder`. `names()` lists the folder
without loading anything; `load(name)` imports the one that is asked for.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from catalog import registry
from catalog.errors import Incompatible, WrongUse, quoted
from catalog.index_manifest import Manifest
from catalog.vectors import Vectors

DEFAULT_SOUND, DEFAULT_WORDS = "mini", "minilm"
"""What hears and what reads where nobody chose: both work offline, with nothing to download but the wheel."""


AnyEncoder = TypeVar("AnyEncoder", bound="DescriptionEncoder")


class DescriptionEncoder(Protocol):
    """The side of an encoder that reads a query.

    languages: the ISO 639 codes of those it has learned; None where it knows many. Lyrics in others are not
    judged by it, and a request in another is told that it cannot be read.
    """

    name: str
    pipeline: str
    dimensions: int
    languages: frozenset[str] | None

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (texts, dimensions) in the space of the songs."""

    def export_text_tower(self, folder: Path) -> None:
        """Write what `models.networks.text_tower.TextTower` needs to answer queries without torch."""


@runtime_checkable
class SoundEncoder(DescriptionEncoder, Protocol):
    """Hears windows of a song.

    `pipeline` names checkpoint, front end, window, pooling and precision; equal pipelines give comparable
    vectors, different ones never do.
    """

    role: Literal["sound"]
    rate_hz: int
    window_s: float
    hop_s: float

    def encode_windows(self, windows: Vectors) -> Vectors:
        """Mono sound (windows, samples) in [-1, 1] at `rate_hz` to vectors (windows, dimensions)."""

    def pool(self, vectors: Vectors) -> Vectors:
        """Window vectors (windows, dimensions) of one song to its track vector (dimensions,) of length 1."""


@runtime_checkable
class PcmEncoder(SoundEncoder, Protocol):
    """An encoder of sound that takes chunks of many songs at once, in 16 bits, where it has a card."""

    @property
    def pcm_batch(self) -> int:
        """How many chunks it wants together; 0 where it wants songs one by one."""

    def encode_pcm(self, songs: Sequence[NDArray[np.int16]]) -> list[Vectors]:
        """Songs, each (chunks, samples) in 16 bits, to raw vectors, each (chunks, dimensions)."""


@runtime_checkable
class WordsEncoder(DescriptionEncoder, Protocol):
    """Reads lyrics and other texts about a song."""

    role: Literal["words"]

    def encode_lyrics(self, texts: Sequence[str]) -> Vectors:
        """Chunks of lyrics to unit vectors (texts, dimensions)."""


@runtime_checkable
class CountsTokens(Protocol):
    """An encoder whose tokenizer can say how long texts are; `nw stats` does.

    token_limit: what it encodes at once.
    """

    name: str
    token_limit: int

    @staticmethod
    def tokenizer_here() -> Path | None:
        """The `tokenizer.json`, None where it is not on this machine; nothing is downloaded."""


def names() -> list[str]:
    """The encoders there are, by name.

    >>> "minilm" in names()
    True
    """
    return registry.names(__path__)


def load(name: str, **options: Any) -> Any:
    """The encoder of that name, its weights in memory; or the one whose checkpoint lies in that folder.

    `NAME@128` is the same with vectors cut to 128 numbers; only encoders of words can be cut.
    Raises WrongUse for an unknown name and NoModel where its weights are not on this machine.
    """
    name, cut = cut_of(name)
    options = {**options, **cut}
    folder = Path(name)
    # A folder called `mini` where nw happens to be started must not hide the encoder: a path has a slash.
    if len(folder.parts) > 1 and folder.is_dir():
        return load(_encoder_of(folder), weights=folder, **options)
    encoder = kind(name)
    if cut and not hasattr(encoder, "encode_lyrics"):
        raise WrongUse(
            f"vectors of {name} cannot be cut; those of words can.",
            try_this=f"nw index --encoder {quoted(name)}",
        )
    return encoder(**options)


def kind(name: str) -> Any:
    """The class of an encoder, without its weights. Raises WrongUse with the list."""
    lists = "nw models    (lists them, and which are on this machine)"
    return registry.load(__name__, name, names(), what="encoder", try_this=lists).Encoder


def defaults() -> dict[Literal["sound", "words", "fused"], Any]:
    """The encoders where nobody chose, their weights in memory."""
    return {"sound": load(DEFAULT_SOUND), "words": load(DEFAULT_WORDS)}


def cut_of(name: str) -> tuple[str, dict[str, int]]:
    """A name without its `@128`, and the option that this stands for.

    >>> cut_of("minilm@128"), cut_of("minilm")
    (('minilm', {'cut': 128}), ('minilm', {}))
    """
    plain, at, length = name.rpartition("@")
    is_length = bool(at) and length.isdecimal() and int(length) > 0
    if not is_length:
        return name, {}
    return plain, {"cut": int(length)}


def same_pipeline(encoder: AnyEncoder, manifest: Manifest) -> AnyEncoder:
    """The encoder, if it makes the vectors that the index holds. Raises Incompatible."""
    if encoder.pipeline != manifest.pipeline:
        raise Incompatible(
            f"the index for {manifest.role} holds vectors of {manifest.pipeline}, but this nw makes"
            f" {encoder.pipeline}; their scores mean nothing to each other.",
            try_this=f"nw index --encoder {quoted(encoder.name)}    (makes the index anew)",
        )
    return encoder


def _encoder_of(folder: Path) -> str:
    """Which encoder a checkpoint is for, as its manifest says; a ClapModel of transformers is for `clap`."""
    from models.networks.manifest import manifest_of

    manifest = manifest_of(folder)
    # `encoder` in checkpoints of nw, `model_type` in models of transformers.
    own = manifest.get("encoder")
    of_transformers = manifest.get("model_type") or manifest.get("name")
    name = str(own or of_transformers)
    if name not in names():
        raise WrongUse(
            f"{folder} does not say which encoder its weights are for.",
            try_this="nw evaluate RUN    (the name of a run that nw train made; nw runs list)",
        )
    return name
