"""Weights of published encoders: a folder, or a pinned revision of the hub."""

import contextlib
import functools
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import Damaged, NoModel
from models.networks.text_tower import sha256_of

if TYPE_CHECKING:
    from torch import Tensor, nn

SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"
SMALL = ("config.json", "tokenizer.json")


def located(
    model: str, *, revision: str | None, more: Sequence[str] = (), endpoint: str | None = None
) -> Path:
    """The folder of a model: itself, or what the hub has at that revision, downloaded once.

    revision: None takes a model as it is now. more: files beside the usual ones. Raises NoModel, and Damaged
    where a small file is not what the hub published; who reads the weights checks them (`require_published`).
    """
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    from catalog.shards.remote import UNASKABLE, HTTPError

    failures: tuple[type[Exception], ...] = (HTTPError, *UNASKABLE, OSError, ValueError)
    try:
        folder = _fetched(model, (*SMALL, SAFE, *more), revision, endpoint)
        if not (folder / SAFE).exists():  # many have the same weights as a pickle too: once is enough
            folder = _fetched(model, (*SMALL, PICKLED, *more), revision, endpoint)
    except failures as error:
        raise _not_here(model, revision, error) from error
    for name in SMALL:
        if (folder / name).is_file():
            require_published(folder / name)
    return folder


def kept_file(model: str, name: str) -> Path | None:
    """A file of a model, where the hub's client keeps it already; nothing is downloaded."""
    from huggingface_hub import try_to_load_from_cache

    kept = try_to_load_from_cache(model, name)
    return Path(kept) if isinstance(kept, str) else None


def _fetched(model: str, names: Sequence[str], revision: str | None, endpoint: str | None) -> Path:
    """The folder in the hub's cache with these files, as far as the model has them."""
    from huggingface_hub import HfApi, errors, snapshot_download

    get = functools.partial(
        snapshot_download, model, revision=revision, allow_patterns=list(names), endpoint=endpoint
    )
    if revision is not None:  # a pinned revision that is here need not be asked for
        with contextlib.suppress(errors.LocalEntryNotFoundError):
            folder = Path(get(local_files_only=True))
            has_weights = any((folder / name).exists() for name in (SAFE, PICKLED))
            if has_weights:
                return folder
    try:
        # Where there is no network this fails at once; a snapshot is tried for half a minute.
        HfApi(endpoint=endpoint).model_info(model, revision=revision)
    except (errors.HTTPError, OSError):  # type: ignore[attr-defined]
        with contextlib.suppress(errors.LocalEntryNotFoundError):
            return Path(get(local_files_only=True))
        raise
    return Path(get())


def require_published(file: Path, sha256: str | None = None) -> None:
    """Check a file of the hub's cache against what the hub said of it: its library looks at the length alone.

    sha256: of the file, where it is known already. In the cache a file is a link to its content, which is
    named by its checksum: SHA-256 of large files, git's SHA-1 of small ones. Files elsewhere pass. Raises
    Damaged, and removes the file, so that it is fetched anew.
    """
    content = file.resolve()
    if not file.is_symlink() or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", content.name):
        return
    if len(content.name) == 40:
        # As git names a blob, and so the hub a file that it keeps without LFS.
        header = b"blob %d\0" % content.stat().st_size
        found = hashlib.sha1(header + content.read_bytes()).hexdigest()
    else:
        found = sha256 or sha256_of(content.read_bytes())
    if found == content.name:
        return
    for path in (file, content):
        with contextlib.suppress(OSError):
            path.unlink()
    raise Damaged(
        f"{file.name} in {file.parent} is not what the hub published: it was damaged on its way, or since.",
        try_this="nw …    (the same again, which fetches it anew)",
    )


def _not_here(model: str, revision: str | None, error: Exception) -> NoModel:
    """The client's error as one that a user can act on."""
    from huggingface_hub import constants, errors

    try_this = "nw models    (lists the encoders whose weights are here)"
    if isinstance(error, errors.GatedRepoError):
        why = "its owner wants you to agree to terms first"
        try_this = f"agree at {constants.ENDPOINT}/{model} with your account, then: hf auth login"
    elif isinstance(error, errors.RevisionNotFoundError):
        why = f"the hub has no revision {revision} of it"
    elif isinstance(error, errors.RepositoryNotFoundError):
        why = "the hub has no such model, or it is private and you are not logged in"
    elif constants.HF_HUB_OFFLINE:
        why = "nw is offline"
        try_this = "HF_HUB_OFFLINE=0 NW_OFFLINE=0 nw …    (once, without --offline)"
    else:
        cause = error.__cause__ or error
        said = (str(cause).strip() or "no answer").splitlines()[0]
        why = f"{constants.ENDPOINT} cannot be reached or refuses: {said}"
    return NoModel(
        f"the weights of {model} are not on this machine and could not be fetched ({why}).", try_this=try_this
    )


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
    """The tensors of a folder and their file's checksum. Raises NoModel, Damaged (`require_published`)."""
    safe, pickled = folder / SAFE, folder / PICKLED
    if safe.is_file():
        from safetensors.torch import load

        content = safe.read_bytes()
        checksum = sha256_of(content)
        require_published(safe, checksum)
        return load(content), checksum
    if pickled.is_file():
        import torch

        # What the hub has of some models; `weights_only` runs no code of theirs.
        checksum = sha256_of(pickled.read_bytes())
        require_published(pickled, checksum)
        return torch.load(pickled, map_location="cpu", weights_only=True, mmap=True), checksum
    raise NoModel(
        f"{folder} holds neither model.safetensors nor pytorch_model.bin.",
        try_this="nw models    (lists the encoders and where their weights come from)",
    )


def _misfit(folder: Path, why: str) -> Damaged:
    return Damaged(
        f"the weights in {folder} do not fit their config.json ({why}).", try_this="fetch the model again"
    )
