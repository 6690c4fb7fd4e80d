"""How a data set is named and read: what `nw ingest`, `nw shards` and `nw stats` share."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.data_sets import Excluded, Place
    from catalog.shards.stream import Lost

Limit = Annotated[
    int | None, typer.Option("-k", "--limit", min=1, help="At most this many songs of the data set, in all.")
]
VectorsOnly = Annotated[
    bool, typer.Option("--index", help="Keep what mini hears in the songs, but not their sound.")
]
DiskBudget = Annotated[str, typer.Option(help="What downloaded shards may take: 20GB, 300MB.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep used shards until their room is needed.")]
Tags = Annotated[
    str, typer.Option(help="Only songs with all of these tags, where the data set has tags: ambient,piano.")
]
Exclude = Annotated[
    Path | None, typer.Option(help="An evaluation data set's table: its tracks and artists stay out.")
]

ADDRESSES = ("http://", "https://", "hf://")
"""What begins like this is shards elsewhere. A bare owner/name may be a folder that was typed wrongly."""


@dataclass(frozen=True, slots=True)
class DataSetOptions:
    """A data set and how to take it in, as it was typed."""

    name: str
    named: tuple[str, ...] = ()
    limit: int | None = None
    vectors_only: bool = False
    disk_budget: str = "20GB"
    keep: bool = False
    exclude: Path | None = None
    tags: str = ""
    ray: str = ""


def named(paths: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A data set and its files, where the first word is one (NAME, or NAME:FILE); else ("", ())."""
    from catalog import sources

    if not paths:
        return "", ()
    if paths[0].startswith(ADDRESSES):
        return sources.ANY, tuple(paths)
    name, files = sources.split(paths[0])
    if not name:
        return "", ()
    if Path(name).exists():  # a folder "jamendo": whichever is taken, somebody expected the other
        show.note(f"{name} is the data set; what lies here under that name is ./{name}")
    return name, (*files, *paths[1:])


def refuse_options(wanted: DataSetOptions) -> None:
    """Raise WrongUse for what only data sets know: a folder would be taken in whole in spite of --limit."""
    of_data_sets = (wanted.limit, wanted.vectors_only, wanted.keep, wanted.exclude, wanted.tags, wanted.ray)
    if any(of_data_sets):
        raise WrongUse(
            "--limit, --index, --keep, --exclude, --tags and --ray are for data sets, none of which is named"
            " first.",
            try_this="nw ingest jamendo --limit 100",
        )


def place_of(
    settings: Settings,
    wanted: DataSetOptions,
    excluded: "Excluded | None" = None,
    lost: list[str] | None = None,
) -> "Place":
    """Where the data set is read from, under the settings in force."""
    from catalog.data_sets import Excluded, Place
    from catalog.shards.files import parse_size
    from catalog.shards.local_store import Limits
    from catalog.sources import load

    info = load(wanted.name).INFO

    def on_lost(one: "Lost") -> None:
        where = str(one.place)
        if one.rows and one.rows > 1:
            where += f" ({counted(one.rows, 'row')})"
        show.note(f"failed: {where}: {one.why}")
        if lost is not None:
            lost.append(f"{one.place}: {one.why}")

    budget = parse_size(wanted.disk_budget)
    ahead = 4 if wanted.limit is None else 1  # a few songs often lie in the first shard
    limits = Limits(budget, wanted.keep, ahead, offline=settings.offline)
    tags = [tag.strip() for tag in wanted.tags.split(",")]
    # What a service wants to know of who asks comes from variables that the data set names (see SourceInfo).
    account = os.environ.get(info.account, "")
    endpoint = os.environ.get(info.endpoint)
    songs = settings.home / "music" / wanted.name
    return Place(
        settings.shards,
        wanted.named,
        limits,
        exclude=excluded or Excluded(),
        songs=songs,
        tags=tuple(filter(None, tags)),
        account=account,
        endpoint=endpoint,
        on_lost=on_lost,
        on_note=show.note,
    )


def encoding(catalog: Catalog) -> dict[str, Any]:
    """How clips become vectors: the work, the name of its encoder, and their pipeline."""
    from catalog.library.embeddings import register_pipeline
    from models import encoders
    from models.indexing.embed_and_drop import embed_and_drop

    encoder = encoders.load(encoders.DEFAULT_SOUND)
    # Before the first vector, which refers to it.
    meta = {"window_s": encoder.window_s, "hop_s": encoder.hop_s}
    register_pipeline(catalog, encoder.pipeline, role="sound", meta=meta)
    return {"work": embed_and_drop, "encoder": encoder.name, "pipeline": encoder.pipeline}
