"""Texts that teach what words about music mean: descriptions beside lists of what they describe.

MusicCaps (5,521 captions with aspects; Agostinelli et al. 2023, arXiv:2301.11325) and a composer's notes with
genre, feel and instruments. No sound comes with them.
"""

import ast
import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import written_aside
from models.encoders import minilm

CAPTIONS, NOTES, LABELS = "musiccaps-public.csv", "incompetech_descriptions.jsonl", "MTT_musicnn.safetensors"


@dataclass(frozen=True, slots=True)
class Text:
    """A description and the words it boils down to."""

    description: str
    aspects: tuple[str, ...]


def find(folders: Sequence[Path], name: str) -> Path | None:
    """The first file of that name below the folders."""
    return next((path for folder in folders for path in sorted(folder.rglob(name))), None)


def read(folders: Sequence[Path]) -> list[Text]:
    """All described texts below the folders; those that belong to a folder for judging are left out."""
    texts: list[Text] = []
    if path := find(folders, CAPTIONS):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                aspects = tuple(a.strip().lower() for a in ast.literal_eval(row["aspect_list"]))
                texts.append(Text(row["caption"], aspects))
    if path := find(folders, NOTES):
        judged = _judged(folders)
        for line in path.read_text().splitlines():
            row = json.loads(line)
            words = [row["genre"] or "", *row["feel"], *row["instruments"]]
            if row["description"] and not {_plain(row["title"]), _plain(row["description"])} & judged:
                texts.append(Text(row["description"], tuple(w.lower() for w in words if w)))
    return [text for text in texts if text.aspects]


def vectors(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Sentence vectors (texts, 384) by MiniLM; texts seen before come from the cache."""
    path = cache / "sentences.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if path.exists():
        with np.load(path) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    new = sorted(set(texts) - known.keys())
    if new:
        known |= dict(zip(new, minilm.Encoder().encode_descriptions(new), strict=True))
        with written_aside(path) as aside, aside.open("wb") as file:
            np.savez(file, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[text] for text in texts])


def _judged(folders: Sequence[Path]) -> set[str]:
    """Titles and descriptions of the pieces that are for judging."""
    path = find(folders, "captions.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path else []
    return {_plain(row[key]) for row in rows for key in ("title", "caption") if row.get(key)}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
