"""What a fusion learns from: songs by their sound and words, captions of them, split by works."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from catalog.data_sets import Excluded
from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.records import ROLES, Role
from catalog.vectors import Vectors
from models.evaluation import datasets
from models.evaluation.fusion_methods import Encode
from models.indexing.song_vectors import PairedEmbeddings, of_clips, of_library, put_together
from models.networks.late_fusion_tower import side_by_side
from models.training import contamination
from models.training.feature_cache import FeatureCache
from models.training.fusion.task import Questions
from models.training.loop_config import Report
from models.training.settings import TrainSettings


def readers(below: Mapping[Role, Any], home: Path) -> dict[Role, Encode]:
    """How each encoder reads descriptions, every one once: they are kept below `home`."""

    def reader(encoder: Any) -> Encode:
        cache = FeatureCache(home / "features", f"{encoder.pipeline}/queries", encoder.dimensions)

        def encode(texts: Sequence[str]) -> Vectors:
            return cache.vectors(texts, encoder.encode_descriptions).astype(np.float32)

        return encode

    return {role: reader(encoder) for role, encoder in below.items()}


def gathered(
    below: Mapping[Role, Any],
    data: Sequence[Path],
    settings: TrainSettings,
    exclude: Excluded,
    report: Report = lambda line: None,
) -> PairedEmbeddings:
    """The songs of the library, by the vectors that `nw index` kept, and those of tables, embedded now.

    Without those that are for judging alone.
    """
    songs = PairedEmbeddings()
    if settings.catalog.exists():
        with Catalog.open(settings.catalog, read_only=True) as catalog:
            pipelines = {role: below[role].pipeline for role in ROLES}
            songs = of_library(catalog, pipelines, exclude=exclude)
    # What the library holds already has vectors; tables are heard and read now.
    for path in data:
        clips, told = datasets.table(path), _every(100, report)
        found = of_clips(clips, below["sound"], below["words"], exclude=exclude, progress=told)
        sizes = counts(found)
        report({"table": path.name, **sizes, "failed": len(found.failed)})
        songs = songs.and_also(found)
    contamination.say(songs.left_out, report)
    return songs


def split(songs: PairedEmbeddings, how: Mapping[str, Any], seed: int) -> dict[str, PairedEmbeddings]:
    """Songs to train on, to judge and to test by, works together, each with songs put together from its own.

    how: `held_out`, one part of so many to judge by and one to test; `together`, songs made up to train on.
    """
    shares = songs.shares(how["held_out"], seed)  # (songs,) from 0 on
    is_in = {"train": shares > 1, "judge": shares == 0, "test": shares == 1}
    found = {}
    for name, mine in is_in.items():
        part = songs.only(np.flatnonzero(mine).tolist())
        # As many made-up songs for each real one in every part.
        share = 1 if name == "train" else how["held_out"]
        made_up = put_together(part, how["together"] // share, seed=seed)
        found[name] = part.and_also(made_up)
    return found


def require_enough(parts: Mapping[str, PairedEmbeddings]) -> None:
    """Refuse data of which one part has fewer than two questions."""
    asked = {name: len(part.queries) for name, part in parts.items()}
    if min(asked.values()) < 2:
        counted = [f"{count} to {name} by" for name, count in asked.items()]
        shares = ", ".join(counted)
        raise WrongUse(
            f"the songs have too few captions: {shares}; songs of one artist stay together.",
            try_this="nw train … --data captions.jsonl    (caption, and file, lyrics or both)",
        )


def questions(songs: PairedEmbeddings, below: Mapping[Role, Any], encode: Mapping[Role, Encode]) -> Questions:
    """Every question with both its vectors, and every song with both of its own."""
    widths = (below["sound"].dimensions, below["words"].dimensions)
    texts = [text for text, _ in songs.queries]
    by_sound = encode["sound"](texts)  # (texts, dimensions) each
    by_words = encode["words"](texts)
    queries = side_by_side(by_sound, by_words, widths)  # (texts, sound + words)
    width_of_sound, width_of_words = widths
    sound = songs.one_each("sound", width_of_sound)
    words = songs.one_each("words", width_of_words)
    gallery = side_by_side(sound, words, widths)  # (songs, sound + words), NaN where a role is missing
    right = np.array([song for _, song in songs.queries])
    return Questions(queries, gallery, right)


def _every(songs: int, report: Report) -> Callable[[int, str], None]:
    """Tells the report each time that so many songs more were heard or read."""
    done = 0

    def progress(more: int, name: str) -> None:
        nonlocal done
        done += more
        if done % songs == 0:
            report({"heard and read": done, "last": name})

    return progress


def counts(songs: PairedEmbeddings) -> dict[str, int]:
    """How many songs and captions there are, to be told."""
    return {"songs": len(songs.names), "captions": len(songs.queries)}
