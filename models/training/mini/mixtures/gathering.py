"""The material of `mini_audioset`, step by step, each result kept: packages, bank, labelled windows."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from catalog.errors import NotReady
from models.training.mini.material.audioset import AudioSet
from models.training.mini.material.songs import VALIDATION, Progress
from models.training.mini.mixtures import bank, labelling, mixing, packages, played
from models.training.mini.mixtures.bank import Bank, Wave

SMALLEST = {"music": 200_000}
"""Bytes under which a file of that kind is no music."""

WINDOWS = 3
"""Of each song as it is."""

LABELLED = "windows"
"""The folder of windows with the teacher's labels."""
UNHEARD = "unheard"
JUDGED = ("music", "voice", "speech", "sound", UNHEARD)
"""Kinds of which windows are kept for judging: held-out files, and scores by a soundfont not learned from."""


@dataclass(frozen=True, slots=True)
class Part:
    """Windows that are labelled and kept together: their file, how one is made, and which of its numbers."""

    name: str
    make: labelling.Make
    seed: tuple[int, ...]
    number: int


def gather(
    recipe: Mapping[str, Any], data: Sequence[Path], cache: Path, note: Progress
) -> Mapping[str, Sequence[str]]:
    """Fetch, decode, render, mix and label; what is there already is not done again.

    Returns the names of what is in the bank by kind.

    data: folders with songs that are sung, each its own, and somewhere below one of them the teacher's
    weights; a folder with captions.jsonl is for judging and never heard. `cache`/LABELLED gets the windows.
    Raises NotReady without the teacher, a package or fluidsynth.
    """
    teacher = AudioSet(teacher_in(data))
    wanted = [kind for kind in packages.listed() if kind != "solos"]
    packages.fetch(cache / "packages", note, wanted)
    kinds = _decode(cache, note)
    kinds |= _sung(data, cache, note)
    kinds |= _play(recipe, cache, note)
    label(recipe, teacher, kinds, cache, note)
    return kinds


def teacher_in(data: Sequence[Path]) -> Path:
    """The folder of the AudioSet teacher below the folders. Raises NotReady where there is none."""
    for folder in data:
        for path in sorted(folder.rglob("mn04.onnx")):
            return path.parent
    raise NotReady(
        "there is no AudioSet teacher (mn04.onnx) below --data, and its labels are what is to be learned.",
        try_this="nw train sound --recipe mini-audioset --data FOLDER    (that holds mn04.onnx)",
    )


def label(
    recipe: Mapping[str, Any],
    teacher: AudioSet,
    kinds: Mapping[str, Sequence[str]],
    cache: Path,
    note: Progress,
) -> None:
    """Write windows with the teacher's labels: to judge by, of real music as it is, and of mixtures."""
    folder = cache / LABELLED
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts_to_label(recipe, kinds, cache / "bank"):
        path = folder / f"{part.name}.npz"
        if not path.exists():
            labelling.label_part(path, teacher, part.make, part.seed, part.number)
            note(f"labelled {part.name}")


def parts_to_label(
    recipe: Mapping[str, Any], kinds: Mapping[str, Sequence[str]], folder: Path
) -> Iterator[Part]:
    """Every part there is.

    `judge-KIND`: windows of held-out files. `real-N`: WINDOWS windows of every other file of music, as it is.
    `mixed-N`: windows to learn from.
    """
    seed, every = recipe["seed"], recipe["held_out"]
    unheard = {UNHEARD: kinds.get(UNHEARD, [])}
    known = _known(kinds)
    kept = Bank(folder, known, held_out=every, judging=True)
    for kind in JUDGED:
        # One file in one is held out: all of what a soundfont that is not learned from plays.
        source = Bank(folder, unheard, held_out=1, judging=True) if kind in unheard else kept
        if source.count(kind):
            yield Part(f"judge-{kind}", partial(_plain, source, kind), (seed, 1), 0)

    learned = Bank(folder, known, held_out=every, judging=False)
    songs: list[tuple[str, int]] = []
    for kind in ("music", "voice"):
        songs += [(kind, file) for file in range(learned.count(kind))]
    parts = math.ceil(WINDOWS * len(songs) / labelling.PART)
    cut = partial(_real, learned, songs)
    for number in range(parts):
        yield Part(f"real-{number}", cut, (seed, 2), number)

    shares = {kind: share for kind, share in recipe["shares"].items() if learned.count(kind)}
    mix = partial(_mixed, learned, shares)
    for number in range(recipe["parts"]):
        yield Part(f"mixed-{number:04}", mix, (seed, 3), number)


def learned_bank(recipe: Mapping[str, Any], kinds: Mapping[str, Sequence[str]], cache: Path) -> Bank:
    """All that is not for judging."""
    return Bank(cache / "bank", _known(kinds), held_out=recipe["held_out"], judging=False)


def _known(kinds: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {kind: names for kind, names in kinds.items() if kind != UNHEARD}


def _plain(source: Bank, kind: str, number: int, rng: np.random.Generator) -> Wave:
    return mixing.plain(source, kind, rng)


def _real(source: Bank, songs: Sequence[tuple[str, int]], number: int, rng: np.random.Generator) -> Wave:
    # The last part goes on with the first songs.
    kind, file = songs[number // WINDOWS % len(songs)]
    return mixing.plain(source, kind, rng, file=file)


def _mixed(source: Bank, shares: Mapping[str, float], number: int, rng: np.random.Generator) -> Wave:
    return mixing.window(source, shares, rng)


def _decode(cache: Path, note: Progress) -> dict[str, list[str]]:
    """The packages' sounds into the bank; their names there by kind."""
    kinds: dict[str, list[str]] = {}
    for kind, packages_of_kind in packages.listed().items():
        if kind in ("soundfonts", "midi", "solos"):
            continue  # these are played (`_play`, `solos`)
        for package in packages_of_kind:
            name = f"{kind}-{package}"
            root = cache / "packages" / kind / package
            smallest = SMALLEST.get(kind, 0)
            sounds = partial(bank.decoded, root, note, smallest=smallest)
            _once(name, cache, sounds, note)
            kinds.setdefault(kind, []).append(name)
    return kinds


def _sung(data: Sequence[Path], cache: Path, note: Progress) -> dict[str, list[str]]:
    """The songs of the folders of `data`, into the bank."""
    found = []
    for folder in data:
        is_judged = any(folder.rglob(VALIDATION))
        has_sound = any(path.suffix.lower() in bank.SUFFIXES for path in folder.rglob("*"))
        if has_sound and not is_judged:
            name = f"voice-{folder.name}"
            _once(name, cache, partial(bank.decoded, folder, note), note)
            found.append(name)
    return {"voice": found}


def _play(recipe: Mapping[str, Any], cache: Path, note: Progress) -> dict[str, list[str]]:
    """Scores into the bank: some blocks by each soundfont, and the last soundfont for judging alone."""
    blocks, judged = recipe["blocks"], recipe["judged_blocks"]
    if not blocks + judged:
        return {}
    root = cache / "packages"
    names = packages.listed()["soundfonts"]
    *known, unheard = [_soundfont(root / "soundfonts" / name) for name in names]
    pieces = played.pieces_in(root / "midi", note)
    made: dict[str, list[str]] = {"score": [], "unheard": []}
    for number in range(blocks + judged):
        kind = "score" if number < blocks else "unheard"
        # In each round of blocks the soundfonts take turns, the next round one later.
        turn = number + number // len(known)
        font = known[turn % len(known)] if kind == "score" else unheard
        name = f"{kind}-{number:03}"
        _once(name, cache, partial(played.block, number, pieces, font), note)
        made[kind].append(name)
    return made


def _soundfont(folder: Path) -> Path:
    """The first soundfont of an unpacked package."""
    return sorted(folder.rglob("*.sf[23]"))[0]


def _once(name: str, cache: Path, sounds: Callable[[], Iterable[tuple[str, Wave]]], note: Progress) -> None:
    """Put sounds into the bank, unless they are there."""
    if (cache / "bank" / f"{name}.json").exists():
        return
    bank.keep(name, sounds(), cache / "bank")
    note(f"decoded {name}")
