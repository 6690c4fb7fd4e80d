"""What shards a source has: a folder, http(s) addresses, or a hub data set pinned to one commit."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from catalog.errors import SourceError, WrongUse
from catalog.shards.listing import Listing, ShardFile

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_KINDS = {".parquet", ".jsonl"}
_HUB = re.compile(r"(?:hf://datasets/)?([\w.-]+/[\w.-]+)(?:@([\w./-]+?))?(?::(.*))?")


def is_remote(source: str) -> bool:
    """Whether a source is somewhere else: an address or a hub data set, not a path.

    >>> [is_remote(s) for s in ("owner/name", "https://x.org/a.parquet", "/data", "a.parquet")]
    [True, True, False, False]
    """
    if source.startswith(("http://", "https://", "hf://")):
        return True
    is_path = Path(source).exists() or source.startswith((".", "/", "~"))
    return not is_path and _HUB.fullmatch(source) is not None


def find(source: str, *, endpoint: str | None = None) -> Listing:
    """The files of a source, in the order of their names.

    source: a folder, a parquet file, `owner/name[@revision][:folder]` on the hub, or an http(s) address, in
    which `{00..39}` counts. A hub data set is pinned to the commit that its revision names now. endpoint:
    another hub than HF_ENDPOINT. Raises SourceError, and WrongUse for what is none of these.
    """
    if source.startswith(("http://", "https://")):
        from catalog.shards.remote import list_addresses  # loads huggingface_hub

        return list_addresses(source, expand(source))
    if is_remote(source) and (parts := _HUB.fullmatch(source)):
        from catalog.shards.remote import list_hub

        repository, revision, folder = parts.groups()
        return list_hub(source, repository, revision, folder or "", endpoint=endpoint)
    return _list_folder(Path(source).expanduser())


def expand(pattern: str) -> list[str]:
    """Every address that a pattern with ranges stands for.

    >>> expand("https://x.org/{08..10}.parquet")
    ['https://x.org/08.parquet', 'https://x.org/09.parquet', 'https://x.org/10.parquet']
    """
    pieces = _RANGE.split(pattern)
    ends = zip(pieces[1::3], pieces[2::3], strict=True)
    counts = [_counted(first, last) for first, last in ends]
    return ["".join(_woven(pieces[::3], numbers)) for numbers in product(*counts)]


def _counted(first: str, last: str) -> list[str]:
    digits = len(first)
    return [f"{number:0{digits}}" for number in range(int(first), int(last) + 1)]


def _woven(texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    for text, number in zip(texts, (*numbers, ""), strict=True):
        yield text + number


def _list_folder(path: Path) -> Listing:
    if not path.exists():
        raise SourceError(
            f"there is no data set {path}: no such file or folder, and not `owner/name` of a hub data set.",
            try_this="name a folder of parquet files, owner/name, or an https address",
        )
    found, root = [path], path.parent
    if not path.is_file():
        found, root = sorted(file for file in path.rglob("*") if file.suffix in _KINDS), path
    if not any(file.suffix == ".parquet" for file in found):
        raise WrongUse(f"{path} holds no parquet file.", try_this=f"nw ingest {path}    (a folder of music)")
    files = []
    for file in found:
        name = str(file.relative_to(root))
        files.append(ShardFile(name, file.stat().st_size, str(file.absolute())))
    return Listing(str(path), tuple(files), local=True)
