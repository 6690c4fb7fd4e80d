"""Texts that teach what words about music mean: descriptions beside lists of what they describe.

MusicCaps (5,521 captions with aspects; Agostinelli et al. 2023, arXiv:2301.11325) and a composer's notes with
genre, feel and instruments. No sound comes with them.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import written_aside
from models.encoders import minilm

CAPTIONS = "musiccaps-public.csv"
NOTES = "incompetech_descriptions.jsonl"
LABELS = "MTT_musicnn.safetensors"


@dataclass(frozen=True, slots=True)
class Text:
    """A description and the words it boils down to."""

    description: str
    aspects: tuple[str, ...]


def find(folders: Sequence[Path], name: str) -> Path | None:
    """The first file of that name below the folders."""
    for folder in folders:
        for path in sorted(folder.rglob(name)):
            return path
    return None


def taggers(folders: Sequence[Path]) -> Path | None:
    """The folder with the music taggers' weights below the folders."""
    labels = find(folders, LABELS)
    return None if labels is None else labels.parent


def read(folders: Sequence[Path]) -> list[Text]:
    """All described texts below the folders; those that belong to a folder for judging are left out."""
    texts: list[Text] = []
    if captions := find(folders, CAPTIONS):
        texts += _of_captions(captions)
    if notes := find(folders, NOTES):
        texts += _of_notes(notes, _judged(folders))
    return [text for text in texts if text.aspects]


def _of_captions(path: Path) -> Iterator[Text]:
    """MusicCaps' table: its aspects are written as Python's list of strings."""
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            listed = ast.literal_eval(row["aspect_list"])
            aspects = [aspect.strip().lower() for aspect in listed]
            yield Text(row["caption"], tuple(aspects))


def _of_notes(path: Path, judged: set[str]) -> Iterator[Text]:
    """A composer's notes, but for the pieces whose title or description is for judging."""
    for line in path.read_text().splitlines():
        row = json.loads(line)
        if not row["description"]:
            continue
        names = {_plain(row["title"]), _plain(row["description"])}
        if names & judged:
            continue
        words = [row["genre"], *row["feel"], *row["instruments"]]
        aspects = [word.lower() for word in words if word]
        yield Text(row["description"], tuple(aspects))


def vectors(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Sentence vectors (texts, 384) by MiniLM; texts seen before come from the cache."""
    path = cache / "sentences.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if path.exists():
        with np.load(path) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    new = sorted(set(texts) - known.keys())
    if new:
        encoded = minilm.Encoder().encode_descriptions(new)
        known |= dict(zip(new, encoded, strict=True))
        _keep(known, path)
    return np.stack([known[text] for text in texts])


def _keep(known: Mapping[str, NDArray[np.float32]], path: Path) -> None:
    texts = np.array(list(known))
    vectors = np.stack(list(known.values()))  # (texts, 384)
    with written_aside(path) as aside, aside.open("wb") as file:
        np.savez(file, texts=texts, vectors=vectors)


def _judged(folders: Sequence[Path]) -> set[str]:
    """Titles and descriptions of the pieces that are for judging."""
    path = find(folders, "captions.jsonl")
    if path is None:
        return set()
    judged = set()
    for line in path.read_text().splitlines():
        row = json.loads(line)
        judged |= {_plain(row[key]) for key in ("title", "caption") if row.get(key)}
    return judged


def _plain(text: str) -> str:
    """Letters and digits alone: one piece is spelled in several ways."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
