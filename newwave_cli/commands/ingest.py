"""nw ingest: songs from folders and files, with their lyrics and whatever a table says about them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.inputs import cluster, data_set_ingest, data_sets
from newwave_cli.output import ingest_report, show

if TYPE_CHECKING:
    from catalog.files.folder import Plan

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Folders and files with music; NAME, NAME FILE or NAME:FILE of a data set; an address."
    ),
]
Lyrics = Annotated[
    list[Path] | None,
    typer.Option(help="A folder with lyrics: .lrc, .txt or line times in .csv, named like the songs."),
]
Table = Annotated[
    list[Path] | None,
    typer.Option(help="CSV, TSV, JSON lines or Parquet with captions, tags, lyrics or other columns."),
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove songs from the catalog whose files are gone.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Try files again that could not be read.")]
Again = Annotated[bool, typer.Option("--again", help="Read all files again, also those that did not change.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Prune even if many songs would go.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, without doing it.")]


def ingest(
    context: typer.Context,
    paths: Paths = None,
    *,
    lyrics: Lyrics = None,
    table: Table = None,
    prune: Prune = False,
    retry_failed: RetryFailed = False,
    again: Again = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    limit: data_sets.Limit = None,
    vectors_only: data_sets.VectorsOnly = False,
    disk_budget: data_sets.DiskBudget = "20GB",
    keep: data_sets.Keep = False,
    exclude: data_sets.Exclude = None,
    tags: data_sets.Tags = "",
    ray: cluster.Ray = "",
) -> None:
    """Add songs to the catalog; files that did not change are not read again.

    Lyrics come from tags, from an .lrc or .txt beside the song, or from --lyrics. Ctrl-C keeps what is done.

    nw ingest ~/Music

    nw ingest jamendo-api --tags ambient,piano --limit 50    (NW_JAMENDO_CLIENT_ID says who asks)
    """
    from catalog.files import folder

    # A data set is told by its first word alone, so that folders and data sets do not mix in one command.
    name, named = data_sets.named(paths or ())
    wanted = data_sets.DataSetOptions(
        name, named, limit=limit, vectors_only=vectors_only, disk_budget=disk_budget, keep=keep,
        exclude=exclude, tags=tags, ray=ray,
    )  # fmt: skip
    if name:
        data_set_ingest.ingest(context.obj, wanted, dry_run=dry_run)
        return
    data_sets.refuse_options(wanted)
    if not (paths or lyrics or table or prune or retry_failed or again):
        raise WrongUse("nothing to ingest was named.", try_this="nw ingest ~/Music")
    scan = _Scan(list(map(Path, paths or ())), retry_failed, prune, again, sure=yes)
    failed = False
    with Catalog.open(context.obj.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        if scan.wanted:
            failed = _scan(catalog, scan, context.obj.jobs, dry_run=dry_run)
        failed |= _add_texts(catalog, lyrics or (), table or (), dry_run=dry_run)
    if failed:
        raise typer.Exit(3)


@dataclass(frozen=True, slots=True)
class _Scan:
    """Which folders and files are looked at, and what is done with songs that are gone."""

    paths: Sequence[Path]
    retry_failed: bool
    prune: bool
    again: bool
    sure: bool

    @property
    def wanted(self) -> bool:
        return bool(self.paths or self.retry_failed or self.prune or self.again)


def _scan(catalog: Catalog, scan: _Scan, jobs: int, *, dry_run: bool) -> bool:
    """Look at the files, and say whether some could not be read."""
    made = _plan(catalog, scan)
    if dry_run:
        ingest_report.of_dry_run(made, prune=scan.prune)
        return False
    failed = _carry_out(catalog, made, jobs)
    if scan.prune:
        _prune(catalog, made, sure=scan.sure)
    return failed


def _prune(catalog: Catalog, made: "Plan", *, sure: bool) -> None:
    from catalog.files import folder

    pruned = folder.prune(catalog, made, sure=sure)
    show.note(f"{counted(pruned, 'song')} pruned")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")


def _plan(catalog: Catalog, scan: _Scan) -> "Plan":
    """Which files are to be read, by what was typed."""
    from catalog.files import folder
    from catalog.library.failures import failures

    failed = []
    if scan.retry_failed:
        for failure in failures(catalog):
            # A broken link is still there to be tried; what was deleted since is not asked for by name.
            if os.path.lexists(failure.path):
                failed.append(failure.path)
    if (scan.prune or scan.again) and not scan.paths:  # without a folder they mean all that the catalog knows
        made = folder.plan_everything(catalog, again=scan.again)
        made.todo += folder.plan(catalog, failed, retry_failed=True).todo
        return made
    places = scan.paths or failed
    return folder.plan(catalog, places, retry_failed=scan.retry_failed, again=scan.again)


def _carry_out(catalog: Catalog, made: "Plan", jobs: int) -> bool:
    """Read the files that are planned; whether something could not be read."""
    from catalog.files import folder
    from catalog.library import songs

    with show.progress("reading", len(made.todo)) as advance:
        report = folder.carry_out(catalog, made, jobs=jobs, progress=advance)
    ingest_report.of_files(made, report)
    held = counted(songs.count(catalog), "song")
    show.note(f"the catalog holds {held}")
    walked = made.walked
    return bool(report.failed or report.unread or walked.broken or walked.closed)


def _add_texts(catalog: Catalog, lyrics: Sequence[Path], tables: Sequence[Path], *, dry_run: bool) -> bool:
    """What folders with lyrics and tables say of songs; whether some of it could not be used."""
    # After the songs: lyrics and rows find them by path, title and artist.
    failed = False
    for place in lyrics:
        failed |= _add_lyrics(catalog, place, dry_run=dry_run)
    for file in tables:
        failed |= _add_table(catalog, file, dry_run=dry_run)
    return failed


def _add_lyrics(catalog: Catalog, place: Path, *, dry_run: bool) -> bool:
    """Give songs the lyrics of a folder; whether some of its files found no song."""
    from catalog.files.lyrics_folder import add_lyrics

    report = add_lyrics(catalog, place, dry_run=dry_run)
    ingest_report.of_lyrics(report, place, dry_run=dry_run)
    # A file that fits no song is a failure here: the folder was named for the songs that are in the catalog.
    return bool(report.failed or report.unmatched or report.ambiguous)


def _add_table(catalog: Catalog, file: Path, *, dry_run: bool) -> bool:
    """Tell songs what a table says of them; whether some of its rows found no song."""
    from catalog.files.table import add_table

    report = add_table(catalog, file, dry_run=dry_run)
    ingest_report.of_table(report, dry_run=dry_run)
    return bool(report.unmatched or report.ambiguous or report.failed)
