"""Weights of published text encoders: a folder, or a pinned revision of the hub."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import Damaged, NoModel
from models.onnx import sha256_of

if TYPE_CHECKING:
    from torch import Tensor, nn

FILES = ("config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin")


def located(
    model: str, *, revision: str | None, more: Sequence[str] = (), endpoint: str | None = None
) -> Path:
    """The folder of a model: itself, or what the hub has at that revision, downloaded once.

    revision: None takes a model as it is now. more: files beside the usual ones. Raises NoModel.
    """
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            model, revision=revision, allow_patterns=[*FILES, *more], endpoint=endpoint
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise NoModel(
            f"the weights of {model} are not on this machine and could not be fetched"
            f" ({str(error).splitlines()[0] or type(error).__name__}).",
            try_this="nw index --encoder minilm    (works offline), or --set model=FOLDER where they lie",
        ) from error
    return Path(folder)


def load_into(module: "nn.Module", folder: Path, *, prefixes: Sequence[str] = ()) -> str:
    """Give a module the weights that lie in `folder`; returns their checksum.

    prefixes: what may stand before a tensor's name. Tensors the module has no place for (poolers, heads of
    the pre-training) are left out. Raises NoModel where there are none and Damaged where they do not fit.
    """
    tensors, checksum = _read(folder)
    for prefix in prefixes:
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    try:
        missing = module.load_state_dict(tensors, strict=False).missing_keys
    except RuntimeError as error:
        raise _misfit(folder, str(error).splitlines()[-1].strip()) from error
    if missing:
        raise _misfit(folder, f"{len(missing)} tensors are missing, {missing[0]} among them")
    return checksum


def _read(folder: Path) -> "tuple[dict[str, Tensor], str]":
    safe, pickled = folder / "model.safetensors", folder / "pytorch_model.bin"
    if safe.is_file():
        from safetensors.torch import load

        content = safe.read_bytes()
        return load(content), sha256_of(content)
    if pickled.is_file():
        import torch

        # What the hub has of some models; `weights_only` runs no code of theirs.
        tensors = torch.load(pickled, map_location="cpu", weights_only=True, mmap=True)
        return tensors, sha256_of(pickled.read_bytes())
    raise NoModel(
        f"{folder} holds neither model.safetensors nor pytorch_model.bin.",
        try_this="--set model=FOLDER where the weights lie",
    )


def _misfit(folder: Path, why: str) -> Damaged:
    return Damaged(
        f"the weights in {folder} do not fit their config.json ({why}).", try_this="fetch the model again"
    )
