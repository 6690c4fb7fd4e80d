"""What shards a source has: a folder, http(s) addresses, or a hub data set pinned to one commit."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from catalog.errors import SourceError, WrongUse, quoted
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
    looks_like_path = source.startswith((".", "/", "~"))
    if looks_like_path or Path(source).exists():
        return False
    return _HUB.fullmatch(source) is not None


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
    texts = pieces[::3]
    return ["".join(_woven(texts, numbers)) for numbers in product(*counts)]


def _counted(first: str, last: str) -> list[str]:
    """From first to last, with as many digits as the first has: as shells count {00..39}."""
    digits = len(first)
    numbers = range(int(first), int(last) + 1)
    return [f"{number:0{digits}}" for number in numbers]


def _woven(texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    for text, number in zip(texts, (*numbers, ""), strict=True):
        yield text + number


def _list_folder(path: Path) -> Listing:
    """A folder or file on this machine as a listing. Raises SourceError, WrongUse."""
    if not path.exists():
        raise SourceError(
            f"there is no data set {path}: no such file or folder, and not `owner/name` of a hub data set.",
            try_this="name a folder of parquet files, owner/name, or an https address",
        )
    found, root = [path], path.parent
    if not path.is_file():
        root = path
        named = sorted(file for file in path.rglob("*") if file.suffix in _KINDS)
        found = [file for file in named if file.is_file()]  # no pipe, and no link to a disk that is away
    if not any(file.suffix == ".parquet" for file in found):
        raise WrongUse(
            f"{path} holds no parquet file.", try_this=f"nw ingest {quoted(path)}    (a folder of music)"
        )
    files = []
    for file in found:
        name = str(file.relative_to(root))
        size = file.stat().st_size
        files.append(ShardFile(name, size, place=str(file.absolute())))
    return Listing(str(path), tuple(files), local=True)
