"""Sounds of many kinds, decoded once: what windows to learn from are cut and mixed from.

A bank is a folder with two files for each package: its sounds one after the other as 16-bit numbers at
32 kHz, and a list of which stretch is of which file.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from catalog.atomic import write_text
from catalog.audio.mono import implausible
from catalog.processes.workers import patience_s, spread

Wave = NDArray[np.float32]
RATE_HZ = 32_000  # as the AudioSet teacher hears
SUFFIXES = {".ogg", ".mp3", ".wav", ".flac", ".opus", ".oga"}
STRETCH_S = 30.0  # of a long file, each
STRETCHES = 4
"""Of a long file, so many stretches are kept, spread evenly: the rest of a song is much like them."""

SHORTEST_S = 0.2  # a shorter sound is left out
FAINTEST = 30
"""A sound whose largest number of 16 bits is no more is left out as silent."""
FULL_SCALE = 32767  # of 16 bits
MUSIC_S = 12.0
"""What is shorter in a game's package is a sound, not a piece of music."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a file: whose samples, which file, from where and how many."""

    package: str
    name: str
    start: int
    length: int


def keep(package: str, sounds: Iterable[tuple[str, Wave]], bank: Path) -> None:
    """Write named sounds (samples,) at 32 kHz into the bank; a kill leaves nothing that looks whole."""
    parts: list[NDArray[np.int16]] = []
    rows: list[tuple[str, int, int]] = []
    at = 0
    for name, sound in sounds:
        scaled = np.clip(sound, -1, 1) * FULL_SCALE
        whole = np.round(scaled).astype(np.int16)
        is_short = whole.size < SHORTEST_S * RATE_HZ
        if is_short or np.abs(whole).max() <= FAINTEST:
            continue
        rows.append((name, at, whole.size))
        parts.append(whole)
        at += whole.size
    bank.mkdir(parents=True, exist_ok=True)
    samples = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    np.save(bank / f"{package}.npy", samples)
    write_text(bank / f"{package}.json", json.dumps(rows))  # last: what has a list is whole


def decoded(root: Path, note: Callable[[str], None], *, smallest: int = 0) -> Iterator[tuple[str, Wave]]:
    """The stretches of every sound file below `root` of that many bytes or more, decoded in another process.

    A file that cannot be read, or that takes the decoder down, is noted and left out.
    """
    files = _sound_files(root, smallest)
    for path, found in spread(stretches, files, jobs=1, ordered=True, limit_s=patience_s):
        if isinstance(found, Exception):
            note(f"left out: {path}: {found}")
            continue
        name = str(path.relative_to(root.parent))
        for stretch in found:
            yield name, stretch


def _sound_files(root: Path, smallest: int) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        if path.stat().st_size >= smallest:
            yield path


def stretches(path: Path) -> list[Wave]:
    """At most STRETCHES stretches of a file, mono at 32 kHz. Raises ValueError, soundfile.LibsndfileError."""
    with soundfile.SoundFile(path) as file:
        if problem := implausible(file.samplerate, file.channels):
            raise ValueError(problem)
        size = round(STRETCH_S * file.samplerate)
        count = min(STRETCHES, max(file.frames // size, 1))
        last_start = max(file.frames - size, 0)
        found = []
        for start in np.linspace(0, last_start, count).astype(int):
            file.seek(int(start))
            channels = file.read(size, dtype="float32", always_2d=True)  # (samples, channels)
            mono = channels.mean(1)
            found.append(soxr.resample(mono, file.samplerate, RATE_HZ))
    return found


class Bank:
    """Sounds by kind, cut by chance; one file of `held_out` is left out, or (`judging`) alone used.

    kinds: per kind the packages. What is short among `games` counts as `sound`, what is long as `music`.
    """

    def __init__(
        self, folder: Path, kinds: Mapping[str, Sequence[str]], *, held_out: int, judging: bool
    ) -> None:
        self._folder = folder
        self._samples: dict[str, NDArray[np.int16]] = {}  # by package, mapped when first asked for
        self._files: dict[str, list[list[Sound]]] = {}  # by kind: files, and the stretches of each
        for kind, packages in kinds.items():
            for name, parts in _by_file(folder, packages).items():
                if is_held_out(name, held_out) == judging:
                    self._files.setdefault(_kind_of(kind, parts), []).append(parts)

    @property
    def kinds(self) -> list[str]:
        """The kinds there are."""
        return sorted(self._files)

    def count(self, kind: str) -> int:
        """How many files of a kind there are."""
        return len(self._files.get(kind, ()))

    def cut(self, kind: str, size: int, rng: np.random.Generator, *, file: int | None = None) -> Wave:
        """At most `size` samples of that file, or of one by chance, every file as likely as another."""
        files = self._files[kind]
        if file is None:
            file = int(rng.integers(len(files)))
        parts = files[file]
        sound = parts[rng.integers(len(parts))]
        room = max(sound.length - size, 0)
        offset = int(rng.integers(room + 1))
        start = sound.start + offset
        end = min(start + size, sound.start + sound.length)
        samples = self.samples(sound.package)[start:end]
        return samples.astype(np.float32) / np.float32(32768)

    def files(self, kind: str) -> Sequence[Sequence[Sound]]:
        """The stretches of each file of a kind."""
        return self._files.get(kind, [])

    def samples(self, name: str) -> NDArray[np.int16]:
        """All sounds of a package one after the other, on disk."""
        if name not in self._samples:
            self._samples[name] = np.load(self._folder / f"{name}.npy", mmap_mode="r")
        return self._samples[name]


def is_held_out(name: str, one_in: int) -> bool:
    """Whether a file is for judging: by a hash of its name, so that it stays so."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % one_in == 0


def _by_file(folder: Path, packages: Sequence[str]) -> dict[str, list[Sound]]:
    """The stretches of each file: a file in the bank has at most STRETCHES rows of one name."""
    files: dict[str, list[Sound]] = {}
    for package in packages:
        rows = json.loads((folder / f"{package}.json").read_text())
        for name, start, length in rows:
            sound = Sound(package, name, start, length)
            files.setdefault(f"{package}/{name}", []).append(sound)
    return files


def _kind_of(kind: str, parts: Sequence[Sound]) -> str:
    """Games bring noises and music in one package: their length tells them apart."""
    if kind != "games":
        return kind
    samples = sum(part.length for part in parts)
    return "music" if samples >= MUSIC_S * RATE_HZ else "sound"
