"""What an index is and that it is whole: its manifest, how it is replaced, and the proof of its files.

    sound/manifest.json      which content counts, what it is, and the sha256 of each of its files
    sound/3f9a.../           the files
    sound/proof.json         size and times of each file when it last had that sha256

A new content is written aside, flushed to the disk and renamed; then the manifest is replaced, which is the
moment the new index exists. A reader that opened the old one keeps it.

A damaged graph can crash a process or answer wrongly, so no file is used that has not been proven. Hashing
what 100,000 songs take lasts longer than a query, so a file whose size, times and inode are those of the last
proof is not hashed again.
"""

import contextlib
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from catalog import indexes
from catalog.atomic import clear_leftovers, folder_written_aside, make_folder, room_for, write_text
from catalog.errors import Damaged, Incompatible, NoIndex, Unreadable, quoted
from catalog.own_files import own_file

FORMAT = 3  # what this nw writes
READS = (2, FORMAT)  # formats that this nw can answer from
MANIFEST, PROOF = "manifest.json", "proof.json"
_NUMBERS = {"float": (int, float), "float | None": (int, float, type(None)), "int": (int,)}

_MADE_BY = {"fused": "nw train fusion --recipe mlp --run mlp && nw index --fused mlp"}
"""What makes an index that a plain `nw index` does not."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index holds. `content` is the folder beside it; `files` maps its files to their sha256.

    weight: how much this side counts where a query is answered by several. library: the catalog that its song
    ids are of. seal: the sha256 of all the rest. Both are "" in an index of an older nw. kind: the module of
    `catalog.indexes` that searches it. store: where the vectors are, as --store names it; "" where they are
    here. seen: the last change of the catalog that it knows of (`catalog.library.changes`), 0 for none.
    """

    role: str
    encoder: str
    pipeline: str
    dimensions: int
    songs: int
    vectors: int
    recall_at_10: float
    window_s: float | None = None
    hop_s: float | None = None
    content: str = ""
    made_at: str = ""
    files: dict[str, str] = field(default_factory=dict)
    weight: float = 1.0
    format: int = FORMAT
    library: str = ""
    seal: str = ""
    kind: str = indexes.BEFORE
    store: str = ""
    seen: int = 0

    def require(self, *, role: str, library: str, folder: Path) -> None:
        """Raise Incompatible where this is an index of another role, or of the songs of another catalog."""
        if self.role != role:
            raise Incompatible(
                f"{folder} holds the index of {self.role}, not of {role}; what it finds would mean nothing.",
                try_this="nw index --rebuild",
            )
        if self.library not in ("", library):
            raise Incompatible(
                f"{folder} was made from another catalog, so its songs are not those of this one.",
                try_this="nw index    (makes one from this catalog)",
            )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the index in `folder`. Raises NoIndex, Damaged, or Incompatible for another format."""
    path = folder / MANIFEST
    try:
        values = json.loads(own_file(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        command = _MADE_BY.get(folder.name, "nw index")
        raise NoIndex(
            f"there is no index for {folder.name} in {folder.parent} yet, so nothing can be found by it.",
            try_this=command,
        ) from None
    except (OSError, ValueError, RecursionError) as error:  # RecursionError: ten thousand brackets
        raise damaged(path, str(error)) from error
    format_ = values.get("format", 0) if isinstance(values, dict) else None
    if not isinstance(format_, int):
        raise damaged(path, "it is no manifest")
    _refuse_other_format(folder, format_)
    try:
        manifest = Manifest(**values)
    except TypeError as error:
        raise damaged(path, str(error)) from error
    wrong = list(_of_wrong_type(manifest))
    if manifest.seal not in ("", _seal(values)):  # "" in an index of an older nw
        wrong.append("seal")
    if wrong:
        raise damaged(path, f"it was changed: {', '.join(wrong)}")
    return manifest


def made(indexes: Path) -> list[Path]:
    """The folders of the indexes that are there, by name. Raises Unreadable where nobody can tell."""
    try:
        return sorted(folder for folder in indexes.iterdir() if (folder / MANIFEST).exists())
    except FileNotFoundError:
        return []
    except OSError as error:
        place = error.filename or indexes
        raise Unreadable(
            f"{place} cannot be looked at ({error.strerror}), so it is not known what is indexed.",
            try_this=f"ls -ld {quoted(indexes)}    (nw needs a folder there that it may read and write)",
        ) from error


def publish(
    folder: Path,
    manifest: Manifest,
    write: Callable[[Path], None],
    known: Mapping[str, str] | None = None,
) -> Manifest:
    """Let `write` fill a new folder, then make it the content of the index in one step.

    known: sha256 of files that `write` takes over from a content that was proven; they are not hashed again.
    Returns the manifest with content and checksums. Raises DiskFull; whatever happens, the index that was
    there stays whole until the new one is.
    """
    known = known or {}
    make_folder(folder)
    clear_leftovers(folder)
    content = folder / uuid.uuid4().hex[:12]
    with room_for("the new index; the old one is as it was", folder, again="nw index"):
        with folder_written_aside(content) as aside:
            write(aside)
            files = {}
            for path in _files(aside):
                name = str(path.relative_to(aside))
                files[name] = known.get(name) or _checksum(path)
        manifest = _write(folder, replace(manifest, content=content.name, files=files))
        # Who has the old content open keeps it: a file that was removed stays until the last one closes it.
        for old in folder.iterdir():
            if old.is_dir() and old.name != manifest.content:
                shutil.rmtree(old, ignore_errors=True)
        _write_proof(folder, manifest)  # last: to remove another link of a file changes one of its times
    return manifest


def keep_seen(folder: Path, manifest: Manifest, seen: int) -> Manifest:
    """Note up to which change of the catalog the index is known to be up to date."""
    return _write(folder, replace(manifest, seen=seen))


def keep_weight(folder: Path, weight: float) -> None:
    """Note in the manifest how much this side counts; nothing where there is no index. Raises Damaged."""
    with contextlib.suppress(NoIndex):
        _write(folder, replace(read_manifest(folder), weight=weight))


def prove(folder: Path, manifest: Manifest) -> None:
    """Raise Damaged unless every file of the index is the one that was written.

    What was proven before and has not been touched since is believed. Where nothing can be written, all is
    hashed each time.
    """
    proven = _read_proof(folder)
    content = folder / manifest.content
    doubted, broken = [], []
    for name, digest in manifest.files.items():
        state = _state(content / name, digest)
        if state is not None and proven.get(name) == state:
            continue
        doubted.append(name)
        if not _is_sound(content / name, digest):
            broken.append(name)
    if broken or not manifest.files:
        raise damaged(content, f"changed since it was written: {', '.join(broken) or 'all of it'}")
    if doubted:
        with contextlib.suppress(OSError):  # a read-only disk, a full one
            _write_proof(folder, manifest)


def verify(folder: Path) -> list[str]:
    """Names of the files in the index whose checksum is not the one written down, each read in full."""
    manifest = read_manifest(folder)
    content = folder / manifest.content
    broken = []
    for name, digest in manifest.files.items():
        if not _is_sound(content / name, digest):
            broken.append(name)
    return broken


def damaged(path: Path, why: str) -> Damaged:
    """The error for an index that cannot be used, with the command that mends it."""
    return Damaged(
        f"{path} cannot be read ({why}), so this index is of no use.",
        try_this="nw index --rebuild    (writes it again from the catalog)",
    )


def _refuse_other_format(folder: Path, found: int) -> None:
    if found in READS:
        return
    age, mend = "an older", "nw index --rebuild    (writes it again with this nw)"
    if found > FORMAT:
        age, mend = "a newer", "nw index --rebuild    (writes it again with this nw; or upgrade nw)"
    raise Incompatible(
        f"{folder} was written by {age} nw (format {found}, this one reads {FORMAT}).",
        try_this=mend,
    )


def _of_wrong_type(manifest: Manifest) -> Iterator[str]:
    """Fields that hold what they never may: a manifest is a file that anybody can edit."""
    for one in fields(manifest):
        if one.name == "files":
            continue
        value = getattr(manifest, one.name)
        kind = str(getattr(one.type, "__name__", one.type))
        expected = _NUMBERS.get(kind, (str,))
        # True is an int to Python, and would be a weight of 1.
        if not isinstance(value, expected) or isinstance(value, bool):
            yield one.name
    content, files = manifest.content, manifest.files
    if not isinstance(content, str) or not content.isalnum():
        yield "content"  # a name in this folder, no way out of it
    if not isinstance(files, dict) or not all(_is_listed(*one) for one in files.items()):
        yield "files"


def _is_listed(name: str, digest: object) -> bool:
    """A name below this folder, with a checksum."""
    is_below = ".." not in name and not name.startswith("/")
    return is_below and isinstance(digest, str)


def _write(folder: Path, manifest: Manifest) -> Manifest:
    manifest = replace(manifest, format=FORMAT)
    sealed = replace(manifest, seal=_seal(asdict(manifest)))
    text = json.dumps(asdict(sealed), indent=1)
    write_text(folder / MANIFEST, text)
    return sealed


def _seal(values: Mapping[str, Any]) -> str:
    """Over the values as they are written: an older nw knew fewer of them."""
    unsealed = {**values, "seal": ""}
    text = json.dumps(unsealed, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_proof(folder: Path) -> Mapping[str, Any]:
    try:
        proof = json.loads(own_file(folder / PROOF).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return proof if isinstance(proof, dict) else {}


def _write_proof(folder: Path, manifest: Manifest) -> None:
    content = folder / manifest.content
    states = {}
    for name, digest in manifest.files.items():
        states[name] = _state(content / name, digest)
    write_text(folder / PROOF, json.dumps(states))


def _state(path: Path, digest: str) -> list[Any] | None:
    """What does not stay as it is when a file is written to, and the digest it had; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    # ctime too: programs set mtime back (rsync -t, touch -r), and nobody sets ctime.
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, digest]


def _is_sound(path: Path, digest: str) -> bool:
    try:
        return _checksum(path) == digest
    except OSError:
        return False


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _checksum(path: Path) -> str:
    with own_file(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
