"""Checkpoints: a folder of safetensors with a JSON manifest, written aside, flushed, renamed; no pickles."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import DiskFull
from models.networks.manifest import MANIFEST, damaged, manifest_of

if TYPE_CHECKING:
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

    content = to_bytes({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    described = {**manifest, "sha256": hashlib.sha256(content).hexdigest()}
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    with _room_in(aside):
        if folder.exists():
            shutil.copytree(folder, aside)
        aside.mkdir(parents=True, exist_ok=True)
        _write(aside / TENSORS, content)
        _write(aside / MANIFEST, (json.dumps(described, indent=1, sort_keys=True) + "\n").encode())
    _swap(aside, folder)


def load(folder: Path) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
    """The tensors of a checkpoint and its manifest. Raises Damaged unless the checksum is right."""
    from safetensors.torch import load as from_bytes

    manifest = manifest_of(folder)
    try:
        content = (folder / TENSORS).read_bytes()
    except OSError as error:
        raise damaged(folder, str(error)) from error
    if hashlib.sha256(content).hexdigest() != manifest.get("sha256"):
        raise damaged(folder, "its checksum differs from its manifest's")
    return from_bytes(content), manifest


@contextlib.contextmanager
def _room_in(aside: Path) -> Iterator[None]:
    """A folder of its own, gone again where the disk is full before it is whole."""
    shutil.rmtree(aside, ignore_errors=True)
    try:
        yield
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise DiskFull(
            f"there is no room left in {aside.parent} for a checkpoint; the one before is as it was.",
            try_this=f"free some space (df -h {aside.parent}), then the same command with --resume",
        ) from error


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(new: Path, folder: Path) -> None:
    """A folder cannot be renamed over another: the old one steps aside, and `manifest_of` mends a kill."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
