"""nw ingest: songs from folders and files, with their lyrics and whatever a table says about them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
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

SHOWN = 10  # of each kind of trouble: a folder of 10,000 photos is one line of news, not 10,000

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
    wanted = data_sets.Wanted(name, named, limit, vectors_only, disk_budget, keep, exclude, tags, ray)
    if name:
        data_sets.ingest(context.obj, wanted, dry_run=dry_run)
        return
    data_sets.refuse_options(wanted)
    if not (paths or lyrics or table or prune or retry_failed or again):
        raise WrongUse("nothing to ingest was named.", try_this="nw ingest ~/Music")
    scan = _Scan([Path(path) for path in paths or ()], retry_failed, prune, again, sure=yes)
    failed = False
    with Catalog.open(context.obj.catalog) as catalog, folder.ingesting(catalog, on_wait=_say_waiting):
        if scan.wanted:
            failed = _scan(catalog, scan, context.obj.jobs, dry_run=dry_run)
        # After the songs: lyrics and rows find them by path, title and artist.
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

    pruned = folder.prune(catalog, made, sure=sure)
    show.note(f"{counted(pruned, 'song')} pruned")


def _say_waiting() -> None:
    show.note("waiting for another nw ingest to finish ...")


def _plan(catalog: Catalog, paths: Sequence[Path], *, retry_failed: bool, prune: bool, again: bool) -> "Plan":
    """Which files are to be read, by what was typed."""
    from catalog.files import folder
    from catalog.library.failures import failures

    failed = []
    if retry_failed:
        for failure in failures(catalog):
            # A broken link is still there to be tried; what was deleted since is not asked for by name.
            if os.path.lexists(failure.path):
                failed.append(failure.path)
    if (prune or again) and not paths:  # without a folder they mean all that the catalog knows
        made = folder.plan_everything(catalog, again=again)
        made.todo += folder.plan(catalog, failed, retry_failed=True).todo
        return made
    places = paths or failed
    return folder.plan(catalog, places, retry_failed=retry_failed, again=again)


def _carry_out(catalog: Catalog, made: "Plan", jobs: int) -> bool:
    """Read the files that are planned; whether something could not be read."""
    from catalog.files import folder
    from catalog.library import songs

    with show.progress("reading", len(made.todo)) as advance:

        def progress(steps: int, name: str) -> None:
            advance(steps, note=name)

        report = folder.carry_out(catalog, made, jobs=jobs, progress=progress)
    _say(made, report)
    show.note(f"the catalog holds {counted(songs.count(catalog), 'song')}")
    walked = made.walked
    return bool(report.failed or report.unread or walked.broken or walked.closed)


def _say(made: "Plan", report: "Report") -> None:
    """What came of it, in numbers, then each file that a person may want to look at."""
    counts = {
        "new": report.new,
        "changed": report.changed,
        "moved": report.moved,
        "unchanged": made.unchanged,
        "failed": len(report.failed),
    }
    counted_files = [f"{count} {what}" for what, count in counts.items() if count]
    show.note(", ".join(counted_files) or "no music there")
    _say_same_and_replaced(report)
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


def _say_same_and_replaced(report: "Report") -> None:
    """Where the number of songs is not that of files, and why."""
    if report.copies:
        one = "of them is a copy of a song that is known, and one song with it"
        several = "of them are copies of songs that are known, and one song with them"
        show.note(counted(report.copies, one, several))
    if report.replaced:
        # What a person or a table said may be wrong now: the song stays, without a path, to be looked at.
        one = "song has another sound where it lay; what was said of it stays with it"
        several = "songs have another sound where they lay; what was said of them stays with them"
        said = counted(len(report.replaced), one, several)
        show.note(f"{said}: nw songs --where 'path is null'")


def _say_passed(made: "Plan") -> None:
    """What the walk met that is no music, or could not be looked at."""
    walked = made.walked
    for place in walked.closed:
        show.note(f"could not be read, so nothing in it was looked at: {place}")
    for path, why in walked.broken.items():
        show.note(f"passed over: {path} {why}")
    for path, why in islice(walked.passed.items(), SHOWN):
        show.note(f"passed over: {path} {why}")
    if len(walked.passed) > SHOWN:
        show.note(f"and {len(walked.passed) - SHOWN} more like it")
    # Only with files to read: every later look at the same folder would say it again.
    if walked.spare_cues and made.todo:
        one = "cue sheet belongs to no one sound file and was"
        several = "cue sheets belong to no one sound file and were"
        sheets = counted(len(walked.spare_cues), one, several)
        show.note(f"{sheets} not used: {walked.spare_cues[0]}")


def _say_gone(made: "Plan") -> None:
    if not made.gone:
        return
    lost = counted(len(made.gone), "song has lost its file and stays", "songs have lost their file and stay")
    show.note(f"{lost} in the catalog until --prune")
    for path in sorted(made.gone)[:SHOWN]:  # often one disk that is not mounted: the paths show it
        show.note(f"  gone: {path}")
    if len(made.gone) > SHOWN:
        show.note(f"  and {len(made.gone) - SHOWN} more: nw songs --where missing")


def _dry(made: "Plan", prune: bool) -> bool:
    """What would be done, a row a file; never a failure."""
    rows = []
    for file in made.todo:
        rows.append({"action": "change" if file.song_id else "add", "path": file.path})
    for path in sorted(made.gone):
        rows.append({"action": "prune" if prune else "gone", "path": Path(path)})
    show.rows(rows, columns=("action", "path"), output=None)  # on stdout, for scripts; the sum is on stderr
    to_read = counted(len(made.todo), "file")
    unchanged = counted(made.unchanged, "is", "are")
    gone = counted(len(made.gone), "is", "are")
    show.note(f"{to_read} would be read, {unchanged} unchanged, {gone} gone")
    _say_passed(made)
    return False


def _add_lyrics(catalog: Catalog, place: Path, *, dry_run: bool) -> bool:
    """Give songs the lyrics of a folder; whether some of its files found no song."""
    from catalog.files.lyrics_folder import add_lyrics

    report = add_lyrics(catalog, place, dry_run=dry_run)
    got = "would get" if dry_run else "got"
    changed = counted(report.changed, "song")
    had_them = f"{report.unchanged:,} had them already"
    files = counted(report.files, "file")
    show.note(f"lyrics: {changed} {got} new lines, {had_them} ({files} in {place})")
    if report.unmatched or report.ambiguous:
        said = []
        if report.unmatched:
            unmatched = counted(report.unmatched, "file names", "files name")
            said.append(f"{unmatched} no song of the catalog, or one that another file names better")
        if report.ambiguous:
            said.append(counted(report.ambiguous, "file might", "files might") + " mean several songs")
        show.note(f"  {', '.join(said)}: {'; '.join(report.examples)}")
    for problem in report.failed:
        show.note(f"failed: {problem}")
    # A file that fits no song is a failure here: the folder was named for the songs that are in the catalog.
    return bool(report.failed or report.unmatched or report.ambiguous)


def _add_table(catalog: Catalog, file: Path, *, dry_run: bool) -> bool:
    """Tell songs what a table says of them; whether some of its rows found no song."""
    from catalog.files.table import add_table

    report = add_table(catalog, file, dry_run=dry_run)
    would = "would be " if dry_run else ""
    read = counted(report.rows, "row")
    songs = counted(report.songs, "song")
    show.note(f"table: {read}, {songs} {would}updated")
    if report.unmatched or report.ambiguous:
        said = []
        if report.unmatched:
            said.append(counted(report.unmatched, "row names", "rows name") + " no song of the catalog")
        if report.ambiguous:
            said.append(counted(report.ambiguous, "row names", "rows name") + " several songs")
        show.note(f"  {', '.join(said)}: {'; '.join(report.examples)}")
    data_sets.say_left_out(report.left_out)
    for problem in report.failed[:SHOWN]:
        show.note(f"failed: {problem}")
    if len(report.failed) > SHOWN:
        show.note(f"{len(report.failed)} rows could not be read, {SHOWN} are shown")
    return bool(report.unmatched or report.ambiguous or report.failed)
