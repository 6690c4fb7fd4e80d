"""The files of a source, as records: where each lies, how large it is, and which version it is."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from catalog.errors import SourceError


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
        flat = re.sub(r"[^\w.-]+", "--", self.name)  # one folder, whatever folders the source has
        path = Path(flat)
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
        files = [self.files[place] for place in places]
        keys = "\n".join(file.key for file in files)
        return hashlib.blake2b(keys.encode(), digest_size=8).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def like(self, pattern: str) -> list[int]:
        """The places of the files whose name matches the regular expression."""
        matching = re.compile(pattern)
        places = range(len(self.files))
        return [place for place in places if matching.search(self.files[place].name)]

    def shards(self) -> list[int]:
        """The places of the parquet files. Raises SourceError where there is none."""
        found = self.like(r"\.parquet$")
        if not found:
            names = [file.name for file in self.files]
            some = ", ".join(names[:5])
            raise SourceError(
                f"{self.source} has no parquet file among its {len(names)}: {some} …",
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
            listed = fields.pop("files")
            files = tuple(ShardFile(**file) for file in listed)
            return cls(files=files, **fields)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a listing: {error}") from error
