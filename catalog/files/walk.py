"""What lies in folders: sound files with size and time, and the lyrics beside them, in one pass."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

AUDIO = {
    ".mp3", ".mp2", ".mpga", ".flac", ".ogg", ".oga", ".opus", ".spx", ".wav", ".wave", ".w64", ".rf64",
    ".bwf", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".m4a", ".m4b", ".mp4", ".aac", ".alac",
    ".wma", ".asf", ".mka", ".weba", ".webm", ".ape", ".wv", ".tta", ".mpc", ".mp+", ".dsf", ".dff",
    ".ac3", ".eac3", ".dts", ".amr", ".3ga", ".ra", ".rm", ".tak", ".shn", ".voc", ".sds", ".avr",
    ".paf", ".svx", ".nist", ".sph", ".ircam",
}  # fmt: skip
"""Names that end so are tried; a file that is named on the command line is tried whatever its name."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sound file: size, time, and the lyrics beside it with theirs ("" where there are none)."""

    size: int
    mtime_ns: int
    sidecar: str = ""


@dataclass(slots=True)
class Walked:
    """files by absolute path; folders that could not be read; roots that do not exist or hold no sound."""

    files: dict[str, Found] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def walk(roots: Iterable[Path]) -> Walked:
    """Everything below the roots that may be sound. Hidden files are left out; links are followed, once."""
    walked = Walked()
    for root in roots:
        before = len(walked.files)
        place = os.path.normpath(root.absolute())
        if root.is_dir():
            _folder(place, walked, seen=set())
        elif root.exists():
            _one_file(place, walked)
        else:
            walked.absent.append(place)
        if len(walked.files) == before and root.is_dir():
            walked.empty.append(place)
    return walked


def stem_key(name: str) -> str:
    """A file's name without its ending, as songs and their lyrics are matched by it."""
    return name.rpartition(".")[0] or name


def _one_file(place: str, walked: Walked) -> None:
    folder, name = os.path.split(place)
    status = Path(place).stat()
    stem = stem_key(name)
    beside = {}
    for suffix in (".lrc", ".txt"):
        try:
            other = Path(folder, stem + suffix).stat()
        except OSError:
            continue
        beside[stem + suffix] = (other.st_size, other.st_mtime_ns)
    walked.files[place] = Found(status.st_size, status.st_mtime_ns, _sidecar(stem, beside))


def _folder(top: str, walked: Walked, seen: set[tuple[int, int]]) -> None:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                folders += _entries(folder, entries, walked)
        except OSError:
            walked.closed.append(folder)


def _entries(folder: str, entries: Iterator[os.DirEntry[str]], walked: Walked) -> list[str]:
    folders, sounds, beside = [], [], {}
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            continue
        suffix = name[name.rfind(".") :].lower() if "." in name else ""
        if suffix in AUDIO:
            sounds.append(entry)
        elif suffix in (".lrc", ".txt") and entry.is_file():
            status = entry.stat()
            beside[name] = (status.st_size, status.st_mtime_ns)
        if entry.is_dir():
            folders.append(entry.path)
    for entry in sorted(sounds, key=lambda entry: entry.name):
        if entry.is_file():
            status = entry.stat()
            sidecar = _sidecar(stem_key(entry.name), beside) if beside else ""
            walked.files[entry.path] = Found(status.st_size, status.st_mtime_ns, sidecar)
    return sorted(folders, reverse=True)


def _sidecar(stem: str, beside: dict[str, tuple[int, int]]) -> str:
    """The best lyrics file of that stem as "name size time"."""
    for suffix in (".lrc", ".LRC", ".txt", ".TXT"):
        if stem + suffix in beside:
            size, mtime_ns = beside[stem + suffix]
            return f"{stem + suffix} {size} {mtime_ns}"
    return ""
