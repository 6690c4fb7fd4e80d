"""What shards a source has: a folder, http(s) addresses, or a hub data set pinned to one commit."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any, Self

from catalog.errors import SourceError, WrongUse

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_KINDS = {".parquet", ".jsonl"}
_HUB = re.compile(r"(?:hf://datasets/)?([\w.-]+/[\w.-]+)(?:@([\w./-]+?))?(?::(.*))?")


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One file of a source. `place` is a path or an address; `digest` "sha256:…", "git:…" or "" (unknown).

    `etag` is what a plain web server calls this version of the file.
    """

    name: str
    size: int
    place: str
    digest: str = ""
    etag: str = ""

    @property
    def key(self) -> str:
        """The name under which the file lies in a store: another version of it gets another one."""
        version = f"{self.name}\n{self.size}\n{self.digest}\n{self.etag}"
        short = hashlib.blake2b(version.encode(), digest_size=4).hexdigest()
        path = Path(re.sub(r"[^\w.-]+", "--", self.name))
        return f"{path.stem}-{short}{path.suffix}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source in order. `revision` is the hub's commit, "" elsewhere; `local`: no download."""

    source: str
    files: tuple[ShardFile, ...]
    revision: str = ""
    local: bool = False

    def fingerprint(self, places: Sequence[int]) -> str:
        """Changes when one of these files is added, removed, replaced or moved in the order."""
        keys = "\n".join(self.files[place].key for place in places)
        return hashlib.blake2b(keys.encode(), digest_size=8).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def like(self, pattern: str) -> list[int]:
        """The places of the files whose name matches the regular expression."""
        return [place for place, file in enumerate(self.files) if re.search(pattern, file.name)]

    def shards(self) -> list[int]:
        """The places of the parquet files. Raises SourceError where there is none."""
        found = self.like(r"\.parquet$")
        if not found:
            some = ", ".join(file.name for file in self.files[:5])
            raise SourceError(
                f"{self.source} has no parquet file among its {len(self.files)}: {some} …",
                try_this=f"look at the files of {self.source}, and name a folder of it: owner/name:folder",
            )
        return found

    def to_json(self) -> str:
        """Text that `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The listing that `to_json` wrote. Raises ValueError for anything else."""
        try:
            fields: dict[str, Any] = json.loads(text)
            files = tuple(ShardFile(**file) for file in fields.pop("files"))
            return cls(files=files, **fields)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a listing: {error}") from error


def is_remote(source: str) -> bool:
    """Whether a source is somewhere else: an address or a hub data set, not a path.

    >>> [is_remote(s) for s in ("owner/name", "https://x.org/a.parquet", "/data", "a.parquet")]
    [True, True, False, False]
    """
    return source.startswith(("http://", "https://", "hf://")) or bool(
        not Path(source).exists() and not source.startswith((".", "/", "~")) and _HUB.fullmatch(source)
    )


def find(source: str, *, endpoint: str | None = None) -> Listing:
    """The files of a source, in the order of their names.

    source: a folder, a parquet file, `owner/name[@revision][:folder]` on the hub, or an http(s) address, in
    which `{00..39}` counts. A hub data set is pinned to the commit that its revision names now. endpoint:
    another hub than HF_ENDPOINT. Raises SourceError, and WrongUse for what is none of these.
    """
    if source.startswith(("http://", "https://")):
        from catalog.shards.remote import list_addresses

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
    counts = [_counted(first, last) for first, last in zip(pieces[1::3], pieces[2::3], strict=True)]
    return ["".join(_woven(pieces[::3], numbers)) for numbers in product(*counts)]


def _counted(first: str, last: str) -> list[str]:
    return [f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1)]


def _woven(texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    for text, number in zip(texts, (*numbers, ""), strict=True):
        yield text + number


def _list_folder(path: Path) -> Listing:
    if not path.exists():
        raise SourceError(
            f"there is no data set {path}: no such file or folder, and not `owner/name` of a hub data set.",
            try_this="name a folder of parquet files, owner/name, or an https address",
        )
    found = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in _KINDS)
    root = path.parent if path.is_file() else path
    if not any(file.suffix == ".parquet" for file in found):
        raise WrongUse(f"{path} holds no parquet file.", try_this=f"nw ingest {path}    (a folder of music)")
    files = (ShardFile(str(f.relative_to(root)), f.stat().st_size, str(f.absolute())) for f in found)
    return Listing(str(path), tuple(files), local=True)
