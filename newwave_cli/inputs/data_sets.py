"""Options and work that commands share where they read data sets: `nw ingest`, `nw shards`, `nw stats`."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.inputs import cluster
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.clip_ingest import IngestReport
    from catalog.data_sets import DataSet, Excluded, Place, SourceInfo
    from catalog.records import Clip
    from catalog.shards.order import Cursor
    from catalog.shards.stream import Lost
    from catalog.sources import Source

SHOWN = 10  # of each kind of trouble

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


def ingest(settings: Settings, wanted: Wanted, *, dry_run: bool) -> None:
    """Take songs of a data set into the catalog. Exits with 3 where some could not be used."""
    from catalog.files import folder
    from catalog.sources import StreamedSource, load

    lost: list[str] = []
    module = load(wanted.name)
    _check(wanted, module.INFO)
    wanted = replace(wanted, limit=wanted.limit or module.INFO.usual)
    # One ingest at a time: two would both find that a sound is new, and keep it twice.
    with Catalog.open(settings.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        place = place_of(settings, wanted, _excluded(catalog, wanted), lost)
        if dry_run:
            _say_what(module, place, wanted)
            return
        if isinstance(module, StreamedSource):
            with module.opened(place) as data:
                report = _stream(catalog, settings, wanted, data, place)
        else:
            clips = ((None, clip) for clip in module.clips(place))
            report = _keep(catalog, settings, wanted, clips)
    _say_taken(wanted, report)
    failed = [*lost, *report.failed]
    for line in failed[:SHOWN]:
        show.note(f"failed: {line}")
    if failed:
        some = f", {SHOWN} are shown" if len(failed) > SHOWN else ""
        show.note(f"{len(failed)} could not be used{some}")
        raise typer.Exit(3)


def _say_taken(wanted: Wanted, report: "IngestReport") -> None:
    """How many songs the catalog has of the data set now, and what of them it could not hold."""
    if report.shared_ids:
        examples = ", ".join(sorted(report.shared_ids)[:3])
        stands = counted(len(report.shared_ids), "id stands", "ids stand")
        show.note(f"{stands} for several sounds, each of them a song: {examples}")
    songs = counted(report.songs, f"song of {wanted.name} is", f"songs of {wanted.name} are")
    next_step = "; next: nw index" if report.songs else ""
    show.note(f"{songs} in the catalog{next_step}")
    say_left_out(report.left_out)


def say_left_out(sentences: Sequence[str]) -> None:
    """Name values that their columns could not hold: the first few, and how many there are."""
    for sentence in sentences[:SHOWN]:
        show.note(f"left out: {sentence}")
    if len(sentences) > SHOWN:
        more = counted(len(sentences) - SHOWN, "more value that its column", "more values that their columns")
        show.note(f"left out: {more} cannot hold")


def refuse_options(wanted: Wanted) -> None:
    """Raise WrongUse for what only data sets know: a folder would be taken in whole in spite of --limit."""
    of_data_sets = (wanted.limit, wanted.vectors_only, wanted.keep, wanted.exclude, wanted.tags, wanted.ray)
    if any(of_data_sets):
        raise WrongUse(
            "--limit, --index, --keep, --exclude, --tags and --ray are for data sets, none of which is named"
            " first.",
            try_this="nw ingest jamendo --limit 100",
        )


def _check(wanted: Wanted, info: "SourceInfo") -> None:
    """Raise WrongUse for options that this data set cannot follow."""
    from catalog.sources import infos

    if info.as_files and wanted.vectors_only:
        raise WrongUse(
            f"{wanted.name} brings songs to play, and --index keeps no sound.",
            try_this="nw …    (without --index)",
        )
    cluster.check(wanted)
    if wanted.tags and not info.by_tags:
        by_tags = [name for name, one in infos().items() if one.by_tags]
        example = f"nw ingest {by_tags[0]} --tags calm"
        raise WrongUse(f"{wanted.name} cannot be asked by tags.", try_this=example)


def place_of(
    settings: Settings, wanted: Wanted, excluded: "Excluded | None" = None, lost: list[str] | None = None
) -> "Place":
    """Where the data set is read from, under the settings in force."""
    from catalog.data_sets import Excluded, Place
    from catalog.shards.files import parse_size
    from catalog.shards.local_store import Limits
    from catalog.sources import load

    info = load(wanted.name).INFO

    def on_lost(one: "Lost") -> None:
        rows = ""
        if one.rows and one.rows > 1:
            rows = f" ({counted(one.rows, 'row')})"
        show.note(f"failed: {one.place}{rows}: {one.why}")
        if lost is not None:
            lost.append(f"{one.place}: {one.why}")

    budget = parse_size(wanted.disk_budget)
    ahead = 4 if wanted.limit is None else 1  # a few songs often lie in the first shard
    limits = Limits(budget, wanted.keep, ahead, offline=settings.offline)
    tags = [tag.strip() for tag in wanted.tags.split(",")]
    # What a service wants to know of who asks comes from variables that the data set names (see SourceInfo).
    account = os.environ.get(info.account, "")
    endpoint = os.environ.get(info.endpoint)
    return Place(
        settings.shards,
        wanted.named,
        limits,
        exclude=excluded or Excluded(),
        songs=settings.home / "music" / wanted.name,
        tags=tuple(filter(None, tags)),
        account=account,
        endpoint=endpoint,
        on_lost=on_lost,
        on_note=show.note,
    )


def _excluded(catalog: Catalog, wanted: Wanted) -> "Excluded":
    """What stays out of the catalog: what --exclude names, else what is for judging of data to train on."""
    from catalog import held_out
    from catalog.data_sets import Excluded
    from catalog.sources import load

    if wanted.exclude is not None:
        return held_out.of_table(wanted.exclude)
    if load(wanted.name).INFO.for_training:
        return held_out.known_to(catalog)
    return Excluded()


def _stream(
    catalog: Catalog, settings: Settings, wanted: Wanted, data: "DataSet", place: "Place"
) -> "IngestReport":
    """Go on where an earlier ingest of the same shards stopped."""
    from catalog.shards.order import Cursor
    from catalog.shards.progress import remember, remembered

    notes = settings.home / "ingests" / f"{wanted.name}.json"
    # Progress counts only for the same shards and the same work: with --index another kind of song is kept.
    stream = data.stream.state(Cursor())
    of = {
        "source": stream["source"],
        "fingerprint": stream["fingerprint"],
        "index": wanted.vectors_only,
    }
    progress = remembered(notes, of, len(data.stream.shards))
    before = progress.songs
    if before:
        show.note(f"{counted(before, 'song was', 'songs were')} taken before; going on from there")

    def on_kept(report: "IngestReport") -> None:
        # After the catalog has them: a kill in between reads some rows twice, and none is lost.
        if report.cursor is not None:
            progress.pass_on_to(report.cursor)
        progress.songs = before + report.songs
        remember(notes, of, progress)

    # --limit counts the songs of the data set in all: the same command again adds none.
    left = None if wanted.limit is None else max(0, wanted.limit - before)
    if wanted.ray:
        here = replace(wanted, limit=left)
        report = cluster.ingest(catalog, settings, here, data, place, progress, on_kept)
    else:
        unread = data.rows_from(progress.starts())
        clips: Any = ((row.cursor, clip) for row, clip in unread)
        is_resumed = before > 0
        report = _keep(catalog, settings, wanted, islice(clips, left), on_kept, resumed=is_resumed)
    report.songs += before
    return report


def _keep(
    catalog: Catalog,
    settings: Settings,
    wanted: Wanted,
    rows: "Iterator[tuple[Cursor | None, Clip]]",
    on_kept: Any = lambda report: None,
    *,
    resumed: bool = False,
) -> "IngestReport":
    """Keep clips in the catalog, decoded by worker processes, under a progress bar."""
    from catalog import clip_ingest
    from catalog.sources import load

    how: dict[str, Any] = {}
    if wanted.vectors_only:
        how = encoding(catalog)
    if wanted.limit is not None:
        rows = islice(rows, wanted.limit)
    source = load(wanted.name).INFO.kept_as or wanted.name
    with show.progress(wanted.name, wanted.limit) as advance:

        def progress(steps: int, name: str) -> None:
            advance(steps, note=name)

        return clip_ingest.keep(
            catalog,
            rows,
            source=source,
            folder=settings.home / "music" / wanted.name,
            jobs=settings.jobs,
            progress=progress,
            on_kept=on_kept,
            resumed=resumed,
            **how,
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


def _say_what(module: "Source", place: "Place", wanted: Wanted) -> None:
    """What an ingest would take, for --dry-run."""
    from catalog.sources import StreamedSource

    if isinstance(module, StreamedSource):
        with module.opened(place) as data:
            listed = data.stream.store.listing.files
            files = [listed[shard] for shard in data.stream.shards]
        size = sum(file.size for file in files)
        shards = counted(len(files), "shard")
        show.note(f"{shards} of {size:,} bytes would be streamed")
        return
    tracks = getattr(module, "tracks", module.clips)  # without fetching their sound
    count = sum(1 for _ in islice(tracks(place), wanted.limit))
    show.note(f"{counted(count, 'song')} of {wanted.name} would be taken into the catalog")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")
