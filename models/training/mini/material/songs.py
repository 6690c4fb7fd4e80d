"""Real songs as training material: decoded once, kept as log-mels with the teachers' labels, a file each."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.audio import apart
from catalog.data_sets import NOTHING, Excluded
from catalog.errors import SourceError, Unreadable
from catalog.records import Clip
from models.networks.mini import coarse_mel, spectra
from models.training.mini.material.teachers import Teacher

SUFFIXES = {".ogg", ".mp3", ".opus", ".flac", ".wav", ".m4a", ".oga", ".aac"}
WINDOW_S = 10.0  # as `mini` hears
AT_ONCE = 12
"""Windows that a teacher labels at a time, so that memory does not grow with the song."""
VALIDATION = "captions.jsonl"
"""A folder with this file is for judging: nothing in it is ever trained on."""

Progress = Callable[[str], None]
"""Told what is done, and what had to be left out."""


@dataclass(frozen=True, slots=True)
class LabelledSong:
    """One piece: log10 mel power (frames, 96), and labels (windows, labels), one row every ten seconds."""

    name: str
    log_mel: NDArray[np.float16]
    labels: NDArray[np.float32]


def files_of(folders: Sequence[Path], exclude: Excluded = NOTHING) -> list[Path]:
    """The songs below the folders, in order, without those that are for judging.

    exclude: songs of evaluation data sets, told by their sound. Raises SourceError where there are none.
    """
    files = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and not _is_for_judging(path):
                files.append(path)
    if not files:
        raise SourceError(
            f"there is no music to train on below {', '.join(map(str, folders)) or 'no folder at all'}.",
            try_this="nw train sound --recipe mini --data ~/Music",
        )
    return [path for path in files if not exclude.holds(Clip("", path))]


def _is_for_judging(path: Path) -> bool:
    return any((folder / VALIDATION).exists() for folder in path.parents)


def labelled(
    files: Sequence[Path], teachers: Sequence[Teacher], cache: Path, note: Progress
) -> Iterator[LabelledSong]:
    """Decode and label what the cache does not hold yet; a song that cannot be read is noted and left out."""
    cache.mkdir(parents=True, exist_ok=True)
    for path in files:
        # A file that changed has another size or time, and so another place in the cache.
        status = path.stat()
        which = f"{path}/{status.st_size}/{status.st_mtime_ns}"
        digest = hashlib.blake2b(which.encode(), digest_size=12)
        stem = cache / digest.hexdigest()
        if not stem.with_suffix(".labels.npy").exists():
            try:
                sound = whole(path)
            except Unreadable as error:
                note(f"left out: {error}")
                continue
            keep(stem, sound, teachers)
            note(f"heard {path.name}")
        yield kept(stem, path.name)


def keep(stem: Path, sound: NDArray[np.float32], teachers: Sequence[Teacher]) -> None:
    """Write a sound's spectrogram and labels; the labels last, so that a kill leaves nothing half."""
    size = int(WINDOW_S * spectra.RATE_HZ)
    if sound.size < size:
        sound = np.resize(sound, size)
    count = sound.size // size
    windows = sound[: count * size].reshape(-1, size)  # (windows, samples)
    labels = []
    for start in range(0, count, AT_ONCE):
        some = windows[start : start + AT_ONCE]
        said = [teacher(some) for teacher in teachers]
        labels.append(np.concatenate(said, axis=1))
    np.save(stem.with_suffix(".mel.npy"), log_mel_of(sound))
    np.save(stem.with_suffix(".labels.npy"), np.concatenate(labels))


def kept(stem: Path, name: str) -> LabelledSong:
    """What `keep` wrote, its spectrogram left on disk."""
    log_mel = np.load(stem.with_suffix(".mel.npy"), mmap_mode="r")
    return LabelledSong(name, log_mel, np.load(stem.with_suffix(".labels.npy")))


def log_mel_of(sound: NDArray[np.float32]) -> NDArray[np.float16]:
    """Log10 mel power (frames, 96) of a sound of any length, half a minute at a time."""
    count = coarse_mel.frames_of(sound.size)
    step = 1500  # 50 frames a second
    parts = []
    for first in range(0, count, step):
        last = min(first + step, count) - 1
        end = last * coarse_mel.HOP + coarse_mel.N_FFT  # frames overlap: the last one reaches beyond its hop
        samples = sound[first * coarse_mel.HOP : end]
        parts.append(coarse_mel.mel_power(samples))
    power = np.concatenate(parts)
    log_mel: NDArray[np.float16] = np.log10(power + 1e-11).astype(np.float16)
    return log_mel


def whole(path: Path) -> NDArray[np.float32]:
    """A file as mono sound at 16 kHz, decoded in another process. Raises Unreadable."""
    parts = apart.windows(path, rate_hz=spectra.RATE_HZ, window_s=WINDOW_S, hop_s=WINDOW_S)
    return np.concatenate([part.reshape(-1) for part in parts])
