"""What a checkpoint says about itself, read without torch."""

import json
from pathlib import Path
from typing import Any

from catalog.atomic import finish_swap
from catalog.errors import Damaged
from catalog.own_files import own_file

MANIFEST = "config.json"


def manifest_of(folder: Path) -> dict[str, Any]:
    """What a checkpoint says about itself. Raises Damaged where there is none that can be read."""
    finish_swap(folder)
    try:
        manifest: Any = json.loads(own_file(folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise damaged(folder, str(error)) from error
    if not isinstance(manifest, dict):
        raise damaged(folder, f"its {MANIFEST} says nothing about it")
    return manifest


def damaged(folder: Path, reason: str) -> Damaged:
    """The error for a checkpoint that cannot be used."""
    return Damaged(
        f"the checkpoint in {folder} cannot be used ({reason}).",
        try_this="nw runs list    (shows the others; this one is to be trained again)",
    )
