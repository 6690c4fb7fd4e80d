"""The demo library: pieces in thirty characters, as tagged FLAC files, some with timed lyrics beside them."""

import errno
import io
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from catalog import workers
from catalog.atomic import make_folder, written_aside
from catalog.errors import DiskFull, NewWaveError, WrongUse
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
    written = tomllib.loads(Path(__file__).with_name("pieces.toml").read_text(encoding="utf-8"))
    return [Piece(**{**piece, "lyrics": tuple(piece.get("lyrics", ()))}) for piece in written["piece"]]


def compose(style: str, *, seed: int, seconds: float) -> Sound:
    """Sound of shape (samples, 2) at RATE; the same seed gives the same piece on every machine.

    Raises KeyError for a style that there is not.
    """
    random = np.random.default_rng((zlib.crc32(style.encode()), seed))
    return np.ascontiguousarray(styles()[style](random, seconds).T)


def lrc(piece: Piece) -> str:
    """Its lyrics with times, spread over the piece as LRC lines."""
    step = (piece.seconds - 2 * _FIRST_LINE_S) / max(len(piece.lyrics), 1)
    starts = (_FIRST_LINE_S + i * step for i in range(len(piece.lyrics)))
    return "".join(
        f"[{int(start // 60):02}:{start % 60:05.2f}]{line}\n"
        for start, line in zip(starts, piece.lyrics, strict=True)
    )


def write_library(folder: Path, wanted: Sequence[Piece], *, jobs: int) -> Iterator[Piece]:
    """Compose these pieces into a folder, each whole or not at all; yields each when it is there.

    Raises WrongUse where the folder does not take them, and DiskFull.
    """
    try:
        make_folder(folder)
    except OSError as problem:
        raise WrongUse(f"{folder} cannot be made: {problem}.", try_this="nw demo --home FOLDER") from problem
    for (_, piece), failed in workers.spread(_write, [(folder, piece) for piece in wanted], jobs=jobs):
        if failed is not None:
            raise failed
        yield piece


def missing(folder: Path) -> list[Piece]:
    """Pieces that are not in the folder yet."""
    return [piece for piece in pieces() if not (folder / f"{piece.name}.flac").exists()]


def _write(task: tuple[Path, Piece]) -> NewWaveError | None:
    folder, piece = task
    flac = io.BytesIO()
    with soundfile.SoundFile(flac, "w", RATE, 2, "PCM_16", format="FLAC") as file:
        file.title, file.artist, file.album = piece.title, piece.artist, piece.album
        file.comment = "composed by nw demo"
        file.write(compose(piece.style, seed=0, seconds=piece.seconds))
    try:
        if piece.lyrics:
            (folder / f"{piece.name}.lrc").write_text(lrc(piece), encoding="utf-8")
        with written_aside(folder / f"{piece.name}.flac") as aside:
            aside.write_bytes(flac.getvalue())
    except OSError as problem:
        kind = DiskFull if problem.errno == errno.ENOSPC else WrongUse
        return kind(f"the demo's music cannot be written: {problem}.", try_this="nw demo --home FOLDER")
    return None
