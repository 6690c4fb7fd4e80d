"""The songs of a data set into the catalog: the part of `nw ingest` that reads no folder."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.inputs import cluster
from newwave_cli.inputs.data_sets import DataSetOptions, encoding, place_of
from newwave_cli.output import ingest_report, show
from newwave_cli.output.ingest_report import SHOWN
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.clip_ingest import IngestReport
    from catalog.data_sets import DataSet, Excluded, Place, SourceInfo
    from catalog.records import Clip
    from catalog.shards.order import Cursor
    from catalog.sources import Source


def ingest(settings: Settings, wanted: DataSetOptions, *, dry_run: bool) -> None:
    """Take songs of a data set into the catalog. Exits with 3 where some could not be used."""
    from catalog.files import folder
    from catalog.sources import StreamedSource, load

    lost: list[str] = []  # filled while shards are read: rows that never became clips
    module = load(wanted.name)
    _check(wanted, module.INFO)
    wanted = replace(wanted, limit=wanted.limit or module.INFO.usual)
    # One ingest at a time: two would both find that a sound is new, and keep it twice.
    with Catalog.open(settings.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        excluded = _excluded(catalog, wanted)
        place = place_of(settings, wanted, excluded, lost)
        if dry_run:
            _say_what(module, place, wanted)
            return
        if isinstance(module, StreamedSource):
            with module.opened(place) as data:
                report = _stream(catalog, settings, wanted, data, place)
        else:
            clips = ((None, clip) for clip in module.clips(place))
            report = _keep(catalog, settings, wanted, clips)
    ingest_report.of_data_set(wanted.name, report)
    failed = [*lost, *report.failed]
    if failed:
        _say_failed(failed)
        raise typer.Exit(3)


def _say_failed(failed: Sequence[str]) -> None:
    for line in failed[:SHOWN]:
        show.note(f"failed: {line}")
    count = len(failed)
    some = f", {SHOWN} are shown" if count > SHOWN else ""
    show.note(f"{count} could not be used{some}")


def _check(wanted: DataSetOptions, info: "SourceInfo") -> None:
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


def _excluded(catalog: Catalog, wanted: DataSetOptions) -> "Excluded":
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
    catalog: Catalog, settings: Settings, wanted: DataSetOptions, data: "DataSet", place: "Place"
) -> "IngestReport":
    """Go on where an earlier ingest of the same shards stopped."""
    from catalog.shards.order import Cursor
    from catalog.shards.progress import remember, remembered

    notes = settings.home / "ingests" / f"{wanted.name}.json"
    # Progress counts only for the same shards and the same work: with --index another kind of song is kept.
    stream = data.stream.state(Cursor())
    of = {name: stream[name] for name in ("source", "fingerprint")}
    of["index"] = wanted.vectors_only
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
        clips = ((row.cursor, clip) for row, clip in islice(unread, left))
        is_resumed = before > 0
        report = _keep(catalog, settings, wanted, clips, on_kept, resumed=is_resumed)
    report.songs += before
    return report


def _keep(
    catalog: Catalog,
    settings: Settings,
    wanted: DataSetOptions,
    rows: "Iterator[tuple[Cursor | None, Clip]]",
    on_kept: Any = lambda report: None,
    *,
    resumed: bool = False,
) -> "IngestReport":
    """Keep clips in the catalog, decoded by worker processes, under a progress bar."""
    from catalog import clip_ingest
    from catalog.sources import load

    how = encoding(catalog) if wanted.vectors_only else {}
    source = load(wanted.name).INFO.kept_as or wanted.name
    folder = settings.home / "music" / wanted.name
    with show.progress(wanted.name, wanted.limit) as advance:
        return clip_ingest.keep(
            catalog,
            islice(rows, wanted.limit),
            source=source,
            folder=folder,
            jobs=settings.jobs,
            progress=advance,
            on_kept=on_kept,
            resumed=resumed,
            **how,
        )


def _say_what(module: "Source", place: "Place", wanted: DataSetOptions) -> None:
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
    first_tracks = islice(tracks(place), wanted.limit)
    songs = counted(sum(1 for _ in first_tracks), "song")
    show.note(f"{songs} of {wanted.name} would be taken into the catalog")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")
