"""Options and work that commands share where they read data sets: `nw ingest`, `nw shards`, `nw stats`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.clip_ingest import Report
    from catalog.data_sets import DataSet, Excluded, Place
    from catalog.records import Clip
    from catalog.shards.order import Cursor
    from catalog.shards.stream import Lost

SHOWN = 10

Limit = Annotated[int | None, typer.Option(min=1, help="At most so many songs of the data set, in all.")]
VectorsOnly = Annotated[
    bool, typer.Option("--index", help="Keep the vectors that mini hears, and not the sound.")
]
DiskBudget = Annotated[str, typer.Option(help="What downloaded shards may take: 20GB, 300MB.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep used shards until their room is needed.")]
Tags = Annotated[str, typer.Option(help="jamendo-api: only songs with all of these: ambient,piano.")]
Exclude = Annotated[Path | None, typer.Option(help="song_describer.csv: its tracks and artists stay out.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A data set and how to take it in, as it was typed."""

    name: str
    named: tuple[str, ...] = ()
    limit: int | None = None
    vectors_only: bool = False
    disk_budget: str = "20GB"
    keep: bool = False
    exclude: Path | None = None
    tags: str = ""


def is_one(name: str) -> bool:
    """Whether a word names a data set; a file or folder of that name comes first."""
    from catalog import sources

    if name not in sources.names():
        return False
    if Path(name).exists():
        show.note(f"{name} is taken as the folder here; for the data set go where there is none of that name")
        return False
    return True


def ingest(settings: Settings, wanted: Wanted, *, dry_run: bool) -> None:
    """Take songs of a data set into the catalog. Exits with 3 where some could not be used."""
    from catalog.files import folder
    from catalog.sources import load

    lost: list[str] = []
    module = load(wanted.name)
    _check(wanted)
    wanted = replace(wanted, limit=wanted.limit or getattr(module, "USUAL", None))
    with Catalog.open(settings.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        place = place_of(settings, wanted, _excluded(catalog, wanted), lost)
        if dry_run:
            _say_what(module, place, wanted)
            return
        if hasattr(module, "opened"):
            with module.opened(place) as data:
                report = _stream(catalog, settings, wanted, data)
        else:
            report = _keep(catalog, settings, wanted, ((None, clip) for clip in module.clips(place)))
    failed = [*lost, *report.failed]
    show.note(
        f"{report.songs:,} songs of {wanted.name} are in the catalog"
        + ("; next: nw index" * bool(report.songs))
    )
    for line in failed[:SHOWN]:
        show.note(f"failed: {line}")
    if failed:
        show.note(f"{len(failed)} could not be used" + f", {SHOWN} are shown" * (len(failed) > SHOWN))
        raise typer.Exit(3)


def refuse_options(wanted: Wanted) -> None:
    """Raise WrongUse for what only data sets know: a folder would be taken in whole in spite of --limit."""
    if wanted.limit or wanted.vectors_only or wanted.keep or wanted.exclude or wanted.tags:
        raise WrongUse(
            "--limit, --index, --keep, --exclude and --tags are for data sets, none of which is named first.",
            try_this="nw ingest jamendo --limit 100",
        )


def _check(wanted: Wanted) -> None:
    if wanted.name == "jamendo-api" and wanted.vectors_only:
        raise WrongUse(
            "jamendo-api brings songs to play, --index keeps no sound.", try_this="leave --index out"
        )
    if wanted.tags and wanted.name != "jamendo-api":
        raise WrongUse(
            f"{wanted.name} cannot be asked by tags.", try_this="nw ingest jamendo-api --tags calm"
        )


def place_of(
    settings: Settings, wanted: Wanted, excluded: "Excluded | None" = None, lost: list[str] | None = None
) -> "Place":
    """Where the data set is read from, under the settings in force."""
    from catalog.data_sets import Excluded, Place
    from catalog.shards.files import parse_size
    from catalog.shards.local_store import Limits

    ahead = 4 if wanted.limit is None else 1  # a few songs often lie in the first shard

    def on_lost(one: "Lost") -> None:
        rows = "" if one.rows in (None, 1) else f" ({one.rows} rows)"
        show.note(f"lost: {one.place}{rows}: {one.why}")
        if lost is not None:
            lost.append(f"{one.place}: {one.why}")

    return Place(
        settings.shards,
        wanted.named,
        Limits(parse_size(wanted.disk_budget), wanted.keep, ahead, offline=settings.offline),
        exclude=excluded or Excluded(),
        songs=settings.home / "music" / wanted.name,
        tags=tuple(tag.strip() for tag in wanted.tags.split(",") if tag.strip()),
        **_of_jamendo() if wanted.name == "jamendo-api" else {},
        on_lost=on_lost,
        on_note=show.note,
    )


def _of_jamendo() -> dict[str, Any]:
    """Who asks Jamendo's API, and where it is."""
    endpoint = os.environ.get("NW_JAMENDO_API")
    return {"account": os.environ.get("NW_JAMENDO_CLIENT_ID", ""), "endpoint": endpoint}


def _excluded(catalog: Catalog, wanted: Wanted) -> "Excluded":
    from catalog.sources import song_describer

    if wanted.exclude is not None:
        return song_describer.excluded(wanted.exclude)
    return song_describer.excluded_by(catalog)


def _stream(catalog: Catalog, settings: Settings, wanted: Wanted, data: "DataSet") -> "Report":
    """Go on where an earlier ingest of the same shards stopped."""
    from catalog.clip_ingest import remember, remembered

    notes = settings.home / "ingests" / f"{wanted.name}.json"
    of = data.stream.state(_start())
    of = {"source": of["source"], "fingerprint": of["fingerprint"], "index": wanted.vectors_only}
    cursor, before = remembered(notes, of)
    if before:
        show.note(f"{before:,} songs were taken before; going on from there")

    def on_kept(report: "Report") -> None:
        if report.cursor is not None:
            remember(notes, of, report.cursor, before + report.songs)

    rows: Any = ((row.cursor, clip) for row, clip in data.rows(cursor))
    if wanted.limit is not None:
        rows = islice(rows, max(0, wanted.limit - before))
    report = _keep(catalog, settings, wanted, rows, on_kept)
    report.songs += before
    return report


def _start() -> "Cursor":
    from catalog.shards.order import Cursor

    return Cursor()


def _keep(
    catalog: Catalog,
    settings: Settings,
    wanted: Wanted,
    rows: "Iterator[tuple[Cursor | None, Clip]]",
    on_kept: Any = lambda report: None,
) -> "Report":
    from catalog import clip_ingest
    from catalog.sources import load

    how: dict[str, Any] = {}
    if wanted.vectors_only:
        how = _by_ear(catalog)
    if wanted.limit is not None:
        rows = islice(rows, wanted.limit)
    with show.progress(wanted.name, wanted.limit) as advance:
        return clip_ingest.keep(
            catalog,
            rows,
            source=getattr(load(wanted.name), "KEPT_AS", wanted.name),
            folder=settings.home / "music" / wanted.name,
            jobs=settings.jobs,
            progress=lambda steps, name: advance(steps, note=name),
            on_kept=on_kept,
            **how,
        )


def _by_ear(catalog: Catalog) -> dict[str, Any]:
    """How clips become vectors."""
    from catalog.library.embeddings import register_pipeline
    from models import encoders
    from models.indexing.embed_and_drop import hear_and_drop

    encoder = encoders.load("mini")
    meta = {"window_s": encoder.window_s, "hop_s": encoder.hop_s}
    register_pipeline(catalog, encoder.pipeline, role="sound", meta=meta)
    return {"work": hear_and_drop, "encoder": encoder.name, "pipeline": encoder.pipeline}


def _say_what(module: Any, place: "Place", wanted: Wanted) -> None:
    if hasattr(module, "opened"):
        with module.opened(place) as data:
            files = [data.stream.store.listing.files[shard] for shard in data.stream.shards]
        show.note(f"{len(files):,} shards of {sum(f.size for f in files):,} bytes would be streamed")
        return
    found = getattr(module, "tracks", module.clips)  # without fetching their sound
    count = sum(1 for _ in islice(found(place), wanted.limit))
    show.note(f"{count:,} songs of {wanted.name} would be taken into the catalog")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")
