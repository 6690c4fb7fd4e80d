"""The demo library: pieces in thirty characters, as tagged FLAC files, some with timed lyrics beside them."""

import io
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from catalog.atomic import NO_ROOM, make_folder, written_aside
from catalog.errors import DiskFull, NewWaveError, WrongUse, quoted
from catalog.processes import workers
from newwave_cli.demo.instruments.dsp import RATE, Sound
from newwave_cli.demo.styles import styles

_FIRST_LINE_S = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the library: who plays what for how long, and the lines that go with it."""

    style: str
    title: str
    artist: str
    album: str
    seconds: float
    lyrics: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its file, without the ending."""
        return f"{self.artist} - {self.title}".replace("/", "-")


def pieces() -> list[Piece]:
    """All pieces, in the order of the library."""
    text = Path(__file__).with_name("pieces.toml").read_text(encoding="utf-8")
    found = []
    for piece in tomllib.loads(text)["piece"]:
        lyrics = tuple(piece.pop("lyrics", ()))
        found.append(Piece(**piece, lyrics=lyrics))
    return found


def compose(style: str, *, seed: int, seconds: float) -> Sound:
    """Sound of shape (samples, 2) at RATE; the same seed gives the same piece on every machine.

    Raises KeyError for a style that there is not.
    """
    # Not hash(): Python salts that anew in every process.
    style_number = zlib.crc32(style.encode())
    random = np.random.default_rng((style_number, seed))
    sound = styles()[style](random, seconds)  # (2, samples), as instruments make it
    return np.ascontiguousarray(sound.T)


def lrc(piece: Piece) -> str:
    """Its lyrics with times, spread over the piece as LRC lines."""
    singing = piece.seconds - 2 * _FIRST_LINE_S
    step = singing / max(len(piece.lyrics), 1)
    lines = []
    for i, line in enumerate(piece.lyrics):
        minutes, seconds = divmod(_FIRST_LINE_S + i * step, 60)
        # [mm:ss.xx], hundredths of a second: what every player of LRC files reads.
        stamp = f"[{int(minutes):02}:{seconds:05.2f}]"
        lines.append(f"{stamp}{line}\n")
    return "".join(lines)


def write_library(folder: Path, wanted: Sequence[Piece], *, jobs: int) -> Iterator[Piece]:
    """Compose these pieces into a folder, each whole or not at all; yields each when it is there.

    Raises WrongUse where the folder does not take them, and DiskFull.
    """
    try:
        make_folder(folder)
    except OSError as problem:
        raise WrongUse(f"{folder} cannot be made: {problem}.", try_this="nw demo --home FOLDER") from problem
    tasks = [(folder, piece) for piece in wanted]
    for (_, piece), failed in workers.spread(_write, tasks, jobs=jobs):
        if failed is not None:
            raise failed
        yield piece


def missing(folder: Path) -> list[Piece]:
    """Pieces that are not in the folder yet."""
    return [piece for piece in pieces() if not _file(folder, piece).exists()]


def _file(folder: Path, piece: Piece) -> Path:
    return folder / f"{piece.name}.flac"


def _write(task: tuple[Path, Piece]) -> NewWaveError | None:
    folder, piece = task
    flac = io.BytesIO()
    # libsndfile writes tags into the head of the file: they must be set before the first sample.
    with soundfile.SoundFile(flac, "w", RATE, 2, "PCM_16", format="FLAC") as file:
        file.title = piece.title
        file.artist = piece.artist
        file.album = piece.album
        file.comment = "composed by nw demo"
        file.write(compose(piece.style, seed=0, seconds=piece.seconds))
    try:
        # The sound last: a piece whose FLAC is there is taken for whole.
        if piece.lyrics:
            (folder / f"{piece.name}.lrc").write_text(lrc(piece), encoding="utf-8")
        with written_aside(_file(folder, piece)) as aside:
            aside.write_bytes(flac.getvalue())
    except OSError as problem:
        # Returned and not raised: this runs in a worker, whose OSError would count as a lost item.
        said = f"the demo's music cannot be written into {folder} ({problem.strerror})."
        if problem.errno in NO_ROOM:
            return DiskFull(said, try_this=f"df -h {quoted(folder)}    (and free some space)")
        return WrongUse(said, try_this="nw demo --home FOLDER")
    return None
