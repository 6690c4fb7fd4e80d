"""What the encoders of words have in common: a backbone, perhaps heads that were trained over it."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from catalog.errors import Incompatible, WrongUse, quoted
from catalog.vectors import Vectors
from models.networks import checkpoint
from models.networks.manifest import manifest_of
from models.networks.onnx_export import export_head, export_trunk
from models.networks.sentence_encoder import Backbone, Long, Truncation, describing, shortened
from models.networks.text_tower import write_tower

if TYPE_CHECKING:
    import torch

    from models.networks.projection_heads import WordsNetwork


BACKBONE = "backbone."
"""What the names of tensors begin with where a training changed the backbone too."""


class BackboneEncoder:
    """A WordsEncoder of a backbone; a file of `models.encoders` says which, in `_load`.

    weights: a checkpoint of `nw train words`, whose heads (and backbone, where that was trained too) are
    used. long, tokens: how long texts are read, where not as the checkpoint or the encoder has it. cut: that
    many numbers of a vector are kept, which costs little where the training was told so
    (`network.matryoshka_dimensions`).
    """

    role: Literal["words"] = "words"
    name: str
    usual = Truncation()
    languages: frozenset[str] | None = None

    def __init__(
        self,
        weights: str | Path | None = None,
        *,
        model: str | None = None,
        long: Long | None = None,
        tokens: int | None = None,
        cut: int | None = None,
        endpoint: str | None = None,
    ) -> None:
        self._folder = Path(weights) if weights else None
        self._manifest = manifest_of(self._folder) if self._folder else {}
        if self._folder:
            self.name = str(self._folder)
        self._cut = cut
        if cut:
            self.name = f"{self.name}@{cut}"
        # As asked for, else as the checkpoint was trained, else as the encoder has it.
        read = self._manifest.get("read", {})
        long = long or read.get("long", self.usual.long)
        tokens = tokens or read.get("tokens", self.usual.tokens)
        self.truncation = Truncation(long, tokens)
        self._model = model or self._manifest.get("model")
        self._endpoint = endpoint
        self._locate()

    def _locate(self) -> None:
        """Find the files of the backbone, where they are not installed with nw. Raises NoModel."""

    @property
    def pipeline(self) -> str:
        """Checkpoint, how long texts are read, pooling and precision."""
        # Heads or a cut make other vectors, so they are in the name that says which can be compared.
        heads = f"/heads {self._manifest['sha256'][:8]}" if self._folder else ""
        cut = f"/the first {self._cut}" if self._cut else ""
        return self._pipeline() + heads + cut

    @property
    def dimensions(self) -> int:
        """Of its vectors. Raises WrongUse where they cannot be cut to that."""
        if self._cut and self._cut > self._uncut:
            plain, _, _ = self.name.rpartition("@")
            raise WrongUse(
                f"{self.name} asks for {self._cut} numbers, and its vectors have {self._uncut}.",
                try_this=f"nw index --encoder {quoted(plain)}@{self._uncut // 2}",
            )
        return self._cut or self._uncut

    @property
    def _uncut(self) -> int:
        """The dimensions before any cut."""
        if self._folder is None:
            return self.backbone.width
        return int(self._manifest["shape"]["dimensions"])

    def encode_descriptions(self, texts: Sequence[str]) -> Vectors:
        """Descriptions to unit vectors (texts, dimensions); what is too long is cut."""
        sentences = self.backbone.descriptions(texts, self.truncation)
        return self._headed(sentences, "describe")

    def encode_lyrics(self, texts: Sequence[str]) -> Vectors:
        """Lyrics to unit vectors (texts, dimensions); long ones as `truncation` says."""
        sentences = self.backbone.lyrics(texts, self.truncation)
        return self._headed(sentences, "read")

    def export_text_tower(self, folder: Path) -> None:
        """Write the description side for queries without torch."""
        backbone = self.backbone
        write_tower(
            folder,
            name=self.name,
            pipeline=self.pipeline,
            dimensions=self.dimensions,
            max_tokens=min(self.truncation.tokens, backbone.limit),  # not beyond the positions it has
            tokenizer=backbone.tokenizer_file,
            trunk=self._trunk(),
            head=self._exported_head(),
        )

    @functools.cached_property
    def backbone(self) -> Backbone:
        """The sentence encoder, read at the first use. Raises NoModel, Damaged or Incompatible."""
        backbone = self._load()
        built_on = self._manifest.get("backbone", backbone.pipeline)
        if built_on != backbone.pipeline:
            raise Incompatible(
                f"the heads in {self._folder} were trained over {built_on}, and the encoder here is"
                f" {backbone.pipeline}; their vectors mean nothing to each other.",
                try_this="nw train words --recipe minilm --data pairs.csv    (trains heads anew)",
            )
        # A checkpoint has the backbone's weights only where these were trained too.
        trained = {}
        for name, tensor in self._tensors.items():
            if name.startswith(BACKBONE):
                trained[name.removeprefix(BACKBONE)] = tensor
        if trained:
            backbone = replace(backbone, run=None)  # which has the weights as they were
            backbone.module.load_state_dict(trained)
        return backbone

    def _load(self) -> Backbone:
        """The backbone without training."""
        raise TypeError(f"{type(self).__name__} names no backbone")

    def _pipeline(self) -> str:
        if self.truncation == self.usual:
            return self.backbone.pipeline
        return f"{self.backbone.pipeline}/{self.truncation.long} {self.truncation.tokens}"

    def _trunk(self) -> bytes:
        backbone = self.backbone
        return export_trunk(describing(backbone.module), vocabulary=backbone.vocabulary)

    def _headed(self, sentences: Vectors, side: Literal["describe", "read"]) -> Vectors:
        """Sentence vectors (texts, width) through the head of a side, if there is one, and cut."""
        if self._heads is None or not len(sentences):
            of_width = sentences.reshape(-1, self._uncut)  # two axes even without a text
            return shortened(of_width, self._cut)
        import torch

        # Each side has a head of its own: descriptions and lyrics are not written alike.
        head = self._heads.describe if side == "describe" else self._heads.read
        with torch.inference_mode():
            vectors: Vectors = head(torch.from_numpy(sentences)).numpy()
        return shortened(vectors, self._cut)

    def _exported_head(self) -> bytes | None:
        """What comes behind the trunk in a text tower, as ONNX bytes; None where nothing does."""
        if self._heads is None and self._cut is None:
            return None
        import torch

        # Vectors that are cut need a head even where no training gave one: it cuts, and brings to length 1.
        describe: torch.nn.Module = self._heads.describe if self._heads else torch.nn.Identity()
        if self._cut is not None:
            from models.networks.projection_heads import Cut

            describe = torch.nn.Sequential(describe, Cut(self._cut))
        return export_head(describe, width=self.backbone.width)

    @functools.cached_property
    def _tensors(self) -> "dict[str, torch.Tensor]":
        """Of the checkpoint; none without one."""
        if self._folder is None:
            return {}
        tensors, _ = checkpoint.load(self._folder)
        return tensors

    @property
    def _is_backbone_trained(self) -> bool:
        return any(name.startswith(BACKBONE) for name in self._tensors)

    @functools.cached_property
    def _heads(self) -> "WordsNetwork | None":
        if not self._folder:
            return None
        from models.networks.projection_heads import heads_of

        shape: dict[str, Any] = self._manifest["shape"]
        return heads_of(self._tensors, shape)
