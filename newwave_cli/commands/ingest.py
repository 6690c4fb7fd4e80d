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
from newwave_cli.inputs import cluster, data_sets
from newwave_cli.output import show

if TYPE_CHECKING:
    from catalog.files.folder import Plan, Report

SHOWN = 10

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
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


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
    """Take songs into the catalog; files that did not change are not read again.

    Lyrics come from tags, from an .lrc or .txt beside the song, or from --lyrics. Ctrl-C keeps what is done.

    nw ingest ~/Music

    nw ingest jamendo-api --tags ambient,piano --limit 50    (NW_JAMENDO_CLIENT_ID says who asks)
    """
    from catalog.files import folder

    name, named = data_sets.named(paths or ())
    wanted = data_sets.Wanted(name, named, limit, vectors_only, disk_budget, keep, exclude, tags, ray)
    if name:
        data_sets.ingest(context.obj, wanted, dry_run=dry_run)
        return
    data_sets.refuse_options(wanted)
    if not (paths or lyrics or table or prune or retry_failed or again):
        raise WrongUse("nothing to ingest was named.", try_this="nw ingest ~/Music")
    scan = _Scan([Path(p) for p in paths or ()], retry_failed, prune, again, yes)
    failed = False
    with Catalog.open(context.obj.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        if scan.wanted:
            failed = _scan(catalog, scan, context.obj.jobs, dry_run=dry_run)
        for place in lyrics or ():
            failed |= _add_lyrics(catalog, place, dry_run=dry_run)
        for file in table or ():
            failed |= _add_table(catalog, file, dry_run=dry_run)
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
    made = _plan(catalog, scan.paths, retry_failed=scan.retry_failed, prune=scan.prune, again=scan.again)
    if dry_run:
        return _dry(made, scan.prune)
    failed = _carry_out(catalog, made, jobs)
    if scan.prune:
        _prune(catalog, made, sure=scan.sure)
    return failed


def _prune(catalog: Catalog, made: "Plan", *, sure: bool) -> None:
    from catalog.files import folder

    show.note(f"{counted(folder.prune(catalog, made, sure=sure), 'song')} pruned")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")


def _plan(catalog: Catalog, paths: Sequence[Path], *, retry_failed: bool, prune: bool, again: bool) -> "Plan":
    from catalog.files import folder
    from catalog.library.failures import failures

    failed = [f.path for f in failures(catalog) if os.path.lexists(f.path)] if retry_failed else []
    if (prune or again) and not paths:
        made = folder.plan_everything(catalog, again=again)
        made.todo += folder.plan(catalog, failed, retry_failed=True).todo
        return made
    places = paths or failed
    return folder.plan(catalog, places, retry_failed=retry_failed, again=again)


def _carry_out(catalog: Catalog, made: "Plan", jobs: int) -> bool:
    from catalog.files import folder
    from catalog.library import songs

    with show.progress("reading", len(made.todo)) as advance:

        def progress(steps: int, name: str) -> None:
            advance(steps, note=name)

        report = folder.carry_out(catalog, made, jobs=jobs, progress=progress)
    _say(made, report)
    show.note(f"the catalog holds {counted(songs.count(catalog), 'song')}")
    return bool(report.failed or report.unread or made.walked.broken or made.walked.closed)


def _say(made: "Plan", report: "Report") -> None:
    counts = {
        "new": report.new,
        "changed": report.changed,
        "moved": report.moved,
        "unchanged": made.unchanged,
        "failed": len(report.failed),
    }
    show.note(", ".join(f"{count} {what}" for what, count in counts.items() if count) or "no music there")
    if report.copies:
        one = "of them is a copy of a song that is known, and one song with it"
        show.note(
            counted(report.copies, one, "of them are copies of songs that are known, and one song with them")
        )
    if report.replaced:
        said = counted(
            len(report.replaced),
            "song has another sound where it lay; what was said of it stays with it",
            "songs have another sound where they lay; what was said of them stays with them",
        )
        show.note(f"{said}: nw songs --where 'path is null'")
    for path, why in report.partly:
        show.note(f"used in part: {path}: {why}")
    for path, note in report.notes:
        show.note(f"note: {path}: {note}")
    for path, problem in report.unread:
        show.note(f"taken without it: {path}: {problem}")
    for failure in report.failed:
        show.note(f"failed: {failure.message}")
    if made.failed_before:
        files = counted(made.failed_before, "file failed before and was", "files failed before and were")
        show.note(f"{files} not tried (--retry-failed tries again)")
    _say_passed(made)
    _say_gone(made)


def _say_passed(made: "Plan") -> None:
    """What the walk met that is no music, or could not be looked at."""
    walked = made.walked
    for place in walked.closed:
        show.note(f"could not be read, so nothing in it was looked at: {place}")
    for path, why in walked.broken.items():
        show.note(f"passed over: {path} {why}")
    for path, why in list(walked.passed.items())[:SHOWN]:
        show.note(f"passed over: {path} {why}")
    if len(walked.passed) > SHOWN:
        show.note(f"and {len(walked.passed) - SHOWN} more like it")
    if walked.spare_cues and made.todo:
        first = walked.spare_cues[0]
        belong = (
            "cue sheet belongs to no one sound file and was",
            "cue sheets belong to no one sound file and were",
        )
        show.note(f"{counted(len(walked.spare_cues), *belong)} not used: {first}")


def _say_gone(made: "Plan") -> None:
    if not made.gone:
        return
    lost = counted(len(made.gone), "song has lost its file and stays", "songs have lost their file and stay")
    show.note(f"{lost} in the catalog until --prune")
    for path in sorted(made.gone)[:SHOWN]:
        show.note(f"  gone: {path}")
    if len(made.gone) > SHOWN:
        show.note(f"  and {len(made.gone) - SHOWN} more: nw songs --where missing")


def _dry(made: "Plan", prune: bool) -> bool:
    rows = [{"action": "change" if file.song_id else "add", "path": file.path} for file in made.todo]
    rows += [{"action": "prune" if prune else "gone", "path": Path(path)} for path in sorted(made.gone)]
    show.rows(rows, columns=("action", "path"), output=None)
    show.note(
        f"{counted(len(made.todo), 'file')} would be read, {counted(made.unchanged, 'is', 'are')} unchanged,"
        f" {counted(len(made.gone), 'is', 'are')} gone"
    )
    _say_passed(made)
    return False


def _add_lyrics(catalog: Catalog, place: Path, *, dry_run: bool) -> bool:
    from catalog.files.lyrics_folder import add_lyrics

    report = add_lyrics(catalog, place, dry_run=dry_run)
    would = "would get" if dry_run else "got"
    show.note(
        f"lyrics: {counted(report.changed, 'song')} {would} new lines, {report.unchanged:,} had them already"
        f" ({counted(report.files, 'file')} in {place})"
    )
    if report.unmatched or report.ambiguous:
        examples = "; ".join(report.examples)
        show.note(
            f"  {counted(report.unmatched, 'file names', 'files name')} no song of the catalog,"
            f" {report.ambiguous:,} might mean several: {examples}"
        )
    for problem in report.failed:
        show.note(f"failed: {problem}")
    return bool(report.failed or report.unmatched or report.ambiguous)


def _add_table(catalog: Catalog, file: Path, *, dry_run: bool) -> bool:
    from catalog.files.table import add_table

    report = add_table(catalog, file, dry_run=dry_run)
    would = "would be " if dry_run else ""
    show.note(f"table: {counted(report.rows, 'row')}, {counted(report.songs, 'song')} {would}updated")
    if report.unmatched or report.ambiguous:
        examples = "; ".join(report.examples)
        show.note(
            f"  {counted(report.unmatched, 'row names', 'rows name')} no song of the catalog,"
            f" {counted(report.ambiguous, 'names', 'name')} several: {examples}"
        )
    data_sets.say_left_out(report.left_out)
    for problem in report.failed[:SHOWN]:
        show.note(f"failed: {problem}")
    if len(report.failed) > SHOWN:
        show.note(f"{len(report.failed)} rows could not be read, {SHOWN} are shown")
    return bool(report.unmatched or report.ambiguous or report.failed)
