"""What lies in folders: sound files with size and time, and the texts beside them, in one pass."""

import errno
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.values.numbers import in_64_bits
from catalog.values.text import folded

AUDIO = {
    ".mp3", ".mp2", ".mpga", ".flac", ".ogg", ".oga", ".opus", ".spx", ".wav", ".wave", ".w64", ".rf64",
    ".bwf", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".m4a", ".m4b", ".mp4", ".aac", ".alac",
    ".wma", ".asf", ".mka", ".weba", ".webm", ".ape", ".wv", ".tta", ".mpc", ".mp+", ".dsf", ".dff",
    ".ac3", ".eac3", ".dts", ".amr", ".3ga", ".ra", ".rm", ".tak", ".shn", ".voc", ".sds", ".avr",
    ".paf", ".svx", ".nist", ".sph", ".ircam",
}  # fmt: skip
"""Names that end so are tried; a file that is named on the command line is tried whatever its name."""


LYRICS, CUE = (".lrc", ".txt"), ".cue"
"""Endings of the texts beside a song, of lyrics the one that tells most first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sound file: size, time, and the texts beside it with theirs.

    `sidecar` is "name size time" of the lyrics and of the cue sheet, with a "/" between them, for no name
    holds one; "" where there are none.
    """

    size: int
    mtime_ns: int
    sidecar: str = ""


@dataclass(slots=True)
class Walked:
    """files by absolute path; folders that could not be read; roots that do not exist or hold no sound.

    `broken` are entries that could be music and cannot be looked at, each with the reason; `passed` are
    entries with a name of music that are no files; `spare_cues` cue sheets that belong to no one file.
    """

    files: dict[str, Found] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)
    spare_cues: list[str] = field(default_factory=list)


Times = tuple[int, int]
"""Size in bytes and time of the last change in ns."""


@dataclass(slots=True)
class _Folder:
    """What one folder holds, by name, except what is in the folders below it."""

    folders: list[str] = field(default_factory=list)
    sounds: dict[str, Times] = field(default_factory=dict)
    texts: dict[str, Times] = field(default_factory=dict)


def walk(roots: Iterable[Path]) -> Walked:
    """Everything below the roots that may be sound. Hidden files are left out; links are followed, once."""
    walked = Walked()
    near: dict[str, _Folder] = {}
    for root in roots:
        before = len(walked.files)
        place = os.path.normpath(root.absolute())
        try:
            status = Path(place).stat()
        except OSError as error:
            _no_place(place, error, walked)
            continue
        if stat.S_ISDIR(status.st_mode):
            _below(place, walked)
            if len(walked.files) == before:
                walked.empty.append(place)
        elif stat.S_ISREG(status.st_mode):
            _one_file(place, status, walked, near)
        else:
            walked.broken[place] = "is no regular file"
    return walked


def stem_key(name: str) -> str:
    """A file's name without its ending, as songs and their lyrics are matched by it."""
    return name.rpartition(".")[0] or name


def names_beside(sidecar: str) -> list[str]:
    """The file names in `Found.sidecar`.

    >>> names_beside("a song.lrc 12 34/a song.cue 5 67"), names_beside("")
    (['a song.lrc', 'a song.cue'], [])
    """
    names = []
    for told in filter(None, sidecar.split("/")):
        name, *_ = told.rsplit(" ", 2)  # its size and time follow
        names.append(name)
    return names


def _no_place(place: str, error: OSError, walked: Walked) -> None:
    """Note why a place that was named cannot be looked at."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        walked.absent.append(place)
    elif error.errno == errno.EACCES:
        walked.closed.append(place)
    else:
        walked.broken[place] = _reason(error)


def _one_file(place: str, status: os.stat_result, walked: Walked, near: dict[str, _Folder]) -> None:
    """Note a file that was named itself, with the texts beside it. near: folders that were listed already."""
    folder, name = os.path.split(place)
    if folder not in near:
        near[folder] = _listed_texts(folder)
    held = near[folder]
    sidecar = ""
    if held.texts:
        sounds = {*held.sounds, name}
        sidecar = _sidecars(sounds, held.texts).get(name, "")
    walked.files[place] = Found(status.st_size, in_64_bits(status.st_mtime_ns), sidecar)


def _listed_texts(folder: str) -> _Folder:
    """The texts beside a file that was named alone; none where its folder cannot be listed."""
    try:
        return _read_folder(folder, Walked())
    except OSError:
        return _Folder()


def _below(top: str, walked: Walked) -> None:
    """Look at every folder below `top` once; of links that lead in a circle too."""
    folders, seen = [top], set()
    while folders:
        folder = folders.pop()
        try:
            status = Path(folder).stat()
            identity = (status.st_dev, status.st_ino)
            if identity in seen:  # a link to a folder above would be walked without end
                continue
            seen.add(identity)
            held = _read_folder(folder, walked)
        except OSError:
            walked.closed.append(folder)
            continue
        _keep_sounds(folder, held, walked)
        folders += sorted(held.folders, reverse=True)


def _keep_sounds(folder: str, held: _Folder, walked: Walked) -> None:
    """Note the sounds of a folder, each with its lyrics file, and cue sheets that belong to none."""
    sidecars = _sidecars(held.sounds, held.texts) if held.texts else {}
    for name, (size, mtime_ns) in sorted(held.sounds.items()):
        path = os.path.join(folder, name)  # noqa: PTH118 - speed
        sidecar = sidecars.get(name, "")
        walked.files[path] = Found(size, mtime_ns, sidecar)
    used: set[str] = set()
    for sidecar in sidecars.values():
        used.update(names_beside(sidecar))
    for name in sorted(held.texts):
        is_sheet = name.lower().endswith(CUE)
        if is_sheet and name not in used:
            walked.spare_cues.append(os.path.join(folder, name))  # noqa: PTH118


def _read_folder(folder: str, walked: Walked) -> _Folder:
    held = _Folder()
    with os.scandir(folder) as entries:
        for entry in entries:
            # Hidden, as a trash folder is; also what macOS and Windows leave beside files (._song.mp3).
            if not entry.name.startswith("."):
                _look_at(entry, held, walked)
    return held


def _look_at(entry: os.DirEntry[str], held: _Folder, walked: Walked) -> None:
    """Sort one entry; what is wrong with it is its own trouble and not that of its folder."""
    name = entry.name
    _, dot, ending = name.rpartition(".")
    suffix = f".{ending.lower()}" if dot else ""
    try:
        if entry.is_dir():
            held.folders.append(entry.path)
        elif suffix not in AUDIO and suffix not in LYRICS and suffix != CUE:
            return
        elif entry.is_file():
            status = entry.stat()
            into = held.sounds if suffix in AUDIO else held.texts
            into[name] = (status.st_size, in_64_bits(status.st_mtime_ns))
        elif suffix in AUDIO:
            walked.passed[entry.path] = "leads to nothing" if entry.is_symlink() else "is no regular file"
    except FileNotFoundError:
        return  # it went while we looked
    except OSError as error:
        walked.broken[entry.path] = _reason(error)


def _reason(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a link that leads to itself"
    return f"cannot be looked at ({error.strerror})"


def _sidecars(sounds: Collection[str], texts: Mapping[str, Times]) -> dict[str, str]:
    """The texts that belong to each sound file of a folder, as in `Found.sidecar`.

    A text belongs to the song that is called like it, with or without the song's own ending (song.lrc,
    song.mp3.lrc). Where no song is called exactly so, case and composition of the accents do not count.
    A cue sheet that is alone with one song in its folder belongs to that song, whatever their names.
    """
    owners = set(sounds).union(map(stem_key, sounds))
    exact: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    for text in sorted(texts):
        stem = stem_key(text)
        exact.setdefault(stem, []).append(text)
        if stem not in owners:
            loose.setdefault(folded(stem), []).append(text)
    cues = [text for text in texts if text.lower().endswith(CUE)]
    found = {}
    for name in sounds:
        spellings = (stem_key(name), name)
        near: list[str] = []
        for spelled in spellings:
            near += exact.get(spelled, ())
        if loose:
            for spelled in spellings:
                near += loose.get(folded(spelled), ())
        if len(sounds) == 1 and len(cues) == 1:
            near += cues
        found[name] = _best(near, texts)
    return found


def _best(near: Iterable[str], texts: Mapping[str, Times]) -> str:
    """The first file of each kind, the lyrics in the better of their kinds."""
    by_suffix: dict[str, str] = {}
    for name in near:
        suffix = name[name.rfind(".") :].lower()
        by_suffix.setdefault(suffix, name)
    lyrics = [by_suffix[suffix] for suffix in LYRICS if suffix in by_suffix]
    best = lyrics[:1]
    if CUE in by_suffix:
        best.append(by_suffix[CUE])
    told = []
    for name in best:
        size, changed = texts[name]
        told.append(f"{name} {size} {changed}")
    return "/".join(told)
