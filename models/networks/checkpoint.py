"""Checkpoints: a folder of safetensors with a JSON manifest, written aside, flushed, renamed; no pickles."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.atomic import clear_leftovers, folder_written_aside, make_folder, room_for
from catalog.own_files import own_file
from models.networks.manifest import MANIFEST, damaged, manifest_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

TENSORS = "model.safetensors"
LAST, BEST, METRICS = "last", "best", "metrics.jsonl"
"""What the folder of a training holds: two checkpoints and its log."""


def save(folder: Path, tensors: Mapping[str, "Tensor"], manifest: Mapping[str, Any]) -> None:
    """Replace the checkpoint in `folder` by these tensors and what there is to know about them.

    The tensors' checksum is added to the manifest as `sha256`. Other files of the folder stay. A process
    killed at any moment leaves the old checkpoint or the new one. Raises DiskFull, and leaves the old one.
    """
    from safetensors.torch import save as to_bytes

    # A view of another tensor would be written with all that lies behind it.
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = to_bytes(whole)
    # Of the bytes that are written: a checkpoint that was cut off is told from a whole one.
    described = {**manifest, "sha256": hashlib.sha256(content).hexdigest()}
    again = "the same command with --resume"
    with room_for("a checkpoint; the one before is as it was", folder.parent, again=again):
        make_folder(folder.parent)
        clear_leftovers(folder.parent)
        with folder_written_aside(folder, replace=True) as aside:
            if folder.exists():
                replaced = shutil.ignore_patterns(TENSORS, MANIFEST)
                shutil.copytree(folder, aside, dirs_exist_ok=True, ignore=replaced)
            (aside / TENSORS).write_bytes(content)
            (aside / MANIFEST).write_text(json.dumps(described, indent=1, sort_keys=True) + "\n")


def as_floats(tensors: Mapping[str, "Tensor"], kind: "torch.dtype") -> dict[str, "Tensor"]:
    """Weights as floats of that kind; whole numbers among them stay what they are."""
    return {name: one.to(kind) if one.is_floating_point() else one for name, one in tensors.items()}


def load(folder: Path) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
    """The tensors of a checkpoint and its manifest. Raises Damaged unless the checksum is right."""
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    manifest = manifest_of(folder)
    try:
        content = own_file(folder / TENSORS).read_bytes()
    except OSError as error:
        raise damaged(folder, str(error)) from error
    if hashlib.sha256(content).hexdigest() != manifest.get("sha256"):
        raise damaged(folder, "its checksum differs from its manifest's")
    try:
        return from_bytes(content), manifest
    except SafetensorError as error:
        raise damaged(folder, str(error)) from error
