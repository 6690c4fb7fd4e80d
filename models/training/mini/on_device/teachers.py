"""The teachers where the network learns: what AudioSet's classes and musicnn's tags are in windows."""

from pathlib import Path

import torch
from torch import Tensor

from models.networks.device import autocast, fastest_precision
from models.networks.mini import fine_mel
from models.training.mini.distillation import HINTED
from models.training.mini.material import audioset
from models.training.mini.material.teachers import Musicnn
from models.training.mini.on_device.onnx_graph import OnnxGraph

TAGGERS = ("MTT_musicnn", "MSD_musicnn")
"""In the order of `mini`'s traits, which are these networks' tags and then instruments."""


class Teachers:
    """EfficientAT's mn04 and, where there is a folder for them, both musicnn networks."""

    def __init__(self, classes: Path, tags: Path | None, device: torch.device) -> None:
        self._classes = OnnxGraph(classes / "mn04.onnx", device)
        ends = self._classes.block_ends()
        self._hinted = [ends[stage] for stage in HINTED]
        self._taggers: list[Musicnn] = []
        if tags is not None:
            self._taggers = [Musicnn(tags, name).to(device) for name in TAGGERS]
        self.tags = sum(len(tagger.tags) for tagger in self._taggers)

    @torch.no_grad()
    def of_classes(self, at_32khz: Tensor) -> tuple[Tensor, list[Tensor]]:
        """What windows (windows, 320000) are, and what the network has in between.

        Logits and embedding side by side (windows, 527 + 384); maps (windows, channels, frames, bands) of the
        blocks in `HINTED`, of as many bands as `mini` hears.
        """
        even = audioset.levelled(at_32khz)
        spectrograms = audioset.log_mel(even)
        logits, embeddings, *maps = self._classes(spectrograms, also=self._hinted)
        said = [output.reshape(len(even), -1) for output in (logits, embeddings)]
        return torch.cat(said, 1), [_as_heard(one) for one in maps]

    @torch.no_grad()
    def of_tags(self, at_16khz: Tensor) -> Tensor:
        """Windows (windows, 160000) to log probabilities (windows, tags)."""
        even = audioset.levelled(at_16khz)
        with autocast(even.device, fastest_precision(even.device)):
            found = [tagger.labels(even)[0] for tagger in self._taggers]
        return torch.cat(found, 1).float()


def _as_heard(maps: Tensor) -> Tensor:
    """The teacher's maps (windows, channels, bands, frames), turned and without the bands above 8 kHz."""
    bands = maps.shape[2]
    heard = -(-bands * fine_mel.BANDS // audioset.MELS)  # rounded up, as halvings are
    return maps[:, :, :heard].transpose(2, 3)
