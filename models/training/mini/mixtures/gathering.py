"""The material of `mini_audioset`, step by step, each step's result kept: packages, bank, what is heard."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from catalog.errors import NotReady
from models.training.mini.material.audioset import AudioSet
from models.training.mini.material.songs import VALIDATION
from models.training.mini.mixtures import bank, hearing, mixing, packages, played
from models.training.mini.mixtures.bank import Bank, Wave

Note = Callable[[str], None]
SMALLEST = {"music": 200_000}
"""Bytes under which a file of that kind is no music."""

WINDOWS = 3
"""Of each song as it is."""

JUDGED = ("music", "voice", "speech", "sound", "unheard")
"""Kinds of which windows are kept for judging: held-out files, and scores by a soundfont not learned from."""


def gather(recipe: Mapping[str, Any], data: Sequence[Path], cache: Path, note: Note) -> None:
    """Fetch, decode, render, mix and label; what is there already is not done again.

    data: folders with songs that are sung, each its own, and somewhere below one of them the teacher's
    weights; a folder with captions.jsonl is for judging and never heard. `cache`/heard gets the windows.
    Raises NotReady without the teacher, a package or fluidsynth.
    """
    teacher = AudioSet(teacher_in(data))
    packages.fetch(cache / "packages", note)
    kinds = {**_decode(cache, note), **_sung(data, cache, note), **_play(recipe, cache, note)}
    listen(recipe, teacher, kinds, cache, note)


def teacher_in(data: Sequence[Path]) -> Path:
    """The folder of the AudioSet teacher below the folders. Raises NotReady where there is none."""
    for folder in data:
        for path in sorted(folder.rglob("mn04.onnx")):
            return path.parent
    raise NotReady(
        "there is no AudioSet teacher (mn04.onnx) below --data, and it says what is to be heard.",
        try_this="nw train sound --recipe mini-audioset --data FOLDER    (that holds mn04.onnx)",
    )


def listen(
    recipe: Mapping[str, Any], teacher: AudioSet, kinds: Mapping[str, Sequence[str]], cache: Path, note: Note
) -> None:
    """Write what the teacher hears: in windows to judge by, of real music as it is, and in mixtures."""
    for name, make, seed, number in windows_to_hear(recipe, kinds, cache / "bank"):
        path = cache / "heard" / f"{name}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            hearing.part(path, teacher, make, seed, number)
            note(f"heard {name}")


def windows_to_hear(
    recipe: Mapping[str, Any], kinds: Mapping[str, Sequence[str]], folder: Path
) -> Iterator[tuple[str, hearing.Make, tuple[int, ...], int]]:
    """Every part there is to hear: its name, how its windows are made, seed and number.

    `judge-KIND`: windows of held-out files. `real-N`: WINDOWS windows of every other file of music, as it is.
    `mixed-N`: windows to learn from.
    """
    seed, every = recipe["seed"], recipe["held_out"]
    unheard = {"unheard": kinds.get("unheard", [])}
    known = {kind: packages for kind, packages in kinds.items() if kind not in unheard}
    kept = Bank(folder, known, held_out=every, judging=True)
    learned = Bank(folder, known, held_out=every, judging=False)
    for kind in JUDGED:
        source = Bank(folder, unheard, held_out=1, judging=True) if kind in unheard else kept
        if source.count(kind):
            yield f"judge-{kind}", partial(_plain, source, kind), (seed, 1), 0
    songs = [(kind, file) for kind in ("music", "voice") for file in range(learned.count(kind))]
    for number in range(-(-WINDOWS * len(songs) // hearing.PART)):
        yield f"real-{number}", partial(_real, learned, songs), (seed, 2), number
    shares = {kind: share for kind, share in recipe["shares"].items() if learned.count(kind)}
    for number in range(recipe["parts"]):
        yield f"mixed-{number:04}", partial(_mixed, learned, shares), (seed, 3), number


def _plain(source: Bank, kind: str, number: int, rng: np.random.Generator) -> Wave:
    return mixing.plain(source, kind, rng)


def _real(source: Bank, songs: Sequence[tuple[str, int]], number: int, rng: np.random.Generator) -> Wave:
    kind, file = songs[number // WINDOWS % len(songs)]
    return mixing.plain(source, kind, rng, file=file)


def _mixed(source: Bank, shares: Mapping[str, float], number: int, rng: np.random.Generator) -> Wave:
    return mixing.window(source, shares, rng)


def _decode(cache: Path, note: Note) -> dict[str, list[str]]:
    """The packages' sounds into the bank; their names there by kind."""
    kinds: dict[str, list[str]] = {}
    for kind, names in packages.listed().items():
        for name in names if kind not in ("soundfonts", "midi") else ():
            root = cache / "packages" / kind / name
            _once(
                f"{kind}-{name}",
                cache,
                lambda k=kind, r=root: bank.decoded(r, note, smallest=SMALLEST.get(k, 0)),
                note,
            )
            kinds.setdefault(kind, []).append(f"{kind}-{name}")
    return kinds


def _sung(data: Sequence[Path], cache: Path, note: Note) -> dict[str, list[str]]:
    """The songs of the folders of `data`, into the bank."""
    found = []
    for folder in data:
        judged = any(folder.rglob(VALIDATION))
        if not judged and any(path.suffix.lower() in bank.SUFFIXES for path in folder.rglob("*")):
            _once(f"voice-{folder.name}", cache, lambda f=folder: bank.decoded(f, note), note)
            found.append(f"voice-{folder.name}")
    return {"voice": found}


def _play(recipe: Mapping[str, Any], cache: Path, note: Note) -> dict[str, list[str]]:
    """Scores into the bank: some blocks by each soundfont, and the last soundfont for judging alone."""
    blocks, judged = recipe["blocks"], recipe["judged_blocks"]
    if not blocks + judged:
        return {}
    root = cache / "packages"
    fonts = [
        next(path for path in sorted((root / "soundfonts" / name).rglob("*.sf[23]")))
        for name in packages.listed()["soundfonts"]
    ]
    pieces = played.pieces_in(root / "midi", note)
    *known, unheard = fonts
    for number in range(blocks):
        font = known[(number + number // len(known)) % len(known)]
        _once(f"score-{number:03}", cache, lambda n=number, f=font: played.block(n, pieces, f), note)
    for number in range(blocks, blocks + judged):
        _once(f"unheard-{number:03}", cache, lambda n=number: played.block(n, pieces, unheard), note)
    return {
        "score": [f"score-{number:03}" for number in range(blocks)],
        "unheard": [f"unheard-{number:03}" for number in range(blocks, blocks + judged)],
    }


def _once(name: str, cache: Path, sounds: Callable[..., Any], note: Note) -> None:
    if not (cache / "bank" / f"{name}.json").exists():
        bank.keep(name, sounds(), cache / "bank")
        note(f"decoded {name}")
