"""The teachers where the network learns: what AudioSet's classes and musicnn's tags are in windows."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from models.networks.device import autocast
from models.training.mini.material import audioset
from models.training.mini.material.teachers import Musicnn
from models.training.mini.on_device.onnx_graph import OnnxGraph

TAGGERS = ("MTT_musicnn", "MSD_musicnn")
"""In the order of `mini`'s traits, which are these networks' tags and then instruments."""


class Teachers:
    """EfficientAT's mn04 and, where there is a folder for them, both musicnn networks."""

    def __init__(self, classes: Path, tags: Path | None, device: torch.device) -> None:
        self._classes = OnnxGraph(classes / "mn04.onnx", device)
        names = TAGGERS if tags is not None else ()
        self._taggers: Sequence[Musicnn] = [Musicnn(tags, name).to(device) for name in names if tags]
        self.tags = sum(len(tagger.tags) for tagger in self._taggers)

    @torch.no_grad()
    def of_classes(self, at_32khz: Tensor) -> Tensor:
        """Windows (windows, 320000) to logits and embedding side by side (windows, 527 + 384)."""
        even = audioset.levelled(at_32khz)
        outputs = self._classes(audioset.log_mel(even))
        return torch.cat([output.reshape(len(even), -1) for output in outputs], 1)

    @torch.no_grad()
    def of_tags(self, at_16khz: Tensor) -> Tensor:
        """Windows (windows, 160000) to log probabilities (windows, tags)."""
        even = audioset.levelled(at_16khz)
        with autocast(even.device, "bf16" if even.is_cuda else "f32"):
            found = [tagger.labels(even)[0] for tagger in self._taggers]
        return torch.cat(found, 1).float()
