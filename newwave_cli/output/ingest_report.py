"""What `nw ingest` says of its work: of files, lyrics, tables and data sets."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.values.numbers import counted
from newwave_cli.output import show

if TYPE_CHECKING:
    from catalog.clip_ingest import IngestReport
    from catalog.files.folder import Plan, Report
    from catalog.files.lyrics_folder import LyricsReport
    from catalog.files.table import TableReport

SHOWN = 10
"""Of each kind of trouble: a folder of 10,000 photos is one line of news, not 10,000."""


def of_files(made: "Plan", report: "Report") -> None:
    """What came of it, in numbers, then each file that a person may want to look at."""
    counts = {
        "new": report.new,
        "changed": report.changed,
        "moved": report.moved,
        "unchanged": made.unchanged,
        "failed": len(report.failed),
    }
    counted_files = [f"{count} {kind}" for kind, count in counts.items() if count]
    show.note(", ".join(counted_files) or "no music there")
    _same_and_replaced(report)
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
    _passed(made)
    _gone(made)


def _same_and_replaced(report: "Report") -> None:
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


def _passed(made: "Plan") -> None:
    """What the walk met that is no music, or could not be looked at."""
    walked = made.walked
    for place in walked.closed:
        show.note(f"could not be read, so nothing in it was looked at: {place}")
    for path, why in walked.broken.items():
        show.note(f"passed over: {path} {why}")
    for path, why in islice(walked.passed.items(), SHOWN):
        show.note(f"passed over: {path} {why}")
    more = len(walked.passed) - SHOWN
    if more > 0:
        show.note(f"and {more} more like it")
    # Only with files to read: every later look at the same folder would say it again.
    if walked.spare_cues and made.todo:
        one = "cue sheet belongs to no one sound file and was"
        several = "cue sheets belong to no one sound file and were"
        sheets = counted(len(walked.spare_cues), one, several)
        show.note(f"{sheets} not used: {walked.spare_cues[0]}")


def _gone(made: "Plan") -> None:
    if not made.gone:
        return
    lost = counted(len(made.gone), "song has lost its file and stays", "songs have lost their file and stay")
    show.note(f"{lost} in the catalog until --prune")
    first = sorted(made.gone)[:SHOWN]
    for path in first:  # often one disk that is not mounted: the paths show it
        show.note(f"  gone: {path}")
    more = len(made.gone) - SHOWN
    if more > 0:
        show.note(f"  and {more} more: nw songs --where missing")


def of_dry_run(made: "Plan", *, prune: bool) -> None:
    """What would be done: a row a file on stdout, for scripts; the sum on stderr."""
    rows = []
    for file in made.todo:
        action = "change" if file.song_id else "add"
        rows.append({"action": action, "path": file.path})
    action = "prune" if prune else "gone"
    for path in sorted(made.gone):
        rows.append({"action": action, "path": Path(path)})
    show.rows(rows, columns=("action", "path"), output=None)
    to_read = counted(len(made.todo), "file")
    unchanged = counted(made.unchanged, "is", "are")
    gone = counted(len(made.gone), "is", "are")
    show.note(f"{to_read} would be read, {unchanged} unchanged, {gone} gone")
    _passed(made)


def of_lyrics(report: "LyricsReport", place: Path, *, dry_run: bool) -> None:
    """What came of a folder with lyrics."""
    got = "would get" if dry_run else "got"
    changed = f"{counted(report.changed, 'song')} {got} new lines"
    had_them = f"{report.unchanged:,} had them already"
    files = counted(report.files, "file")
    show.note(f"lyrics: {changed}, {had_them} ({files} in {place})")
    unmatched = counted(report.unmatched, "file names", "files name")
    ambiguous = counted(report.ambiguous, "file might", "files might")
    problems = {
        f"{unmatched} no song of the catalog, or one that another file names better": report.unmatched,
        f"{ambiguous} mean several songs": report.ambiguous,
    }
    _not_found(problems, report.examples)
    for problem in report.failed:
        show.note(f"failed: {problem}")


def of_table(report: "TableReport", *, dry_run: bool) -> None:
    """What came of a table about songs."""
    would = "would be " if dry_run else ""
    read = counted(report.rows, "row")
    songs = counted(report.songs, "song")
    show.note(f"table: {read}, {songs} {would}updated")
    unmatched = counted(report.unmatched, "row names", "rows name")
    ambiguous = counted(report.ambiguous, "row names", "rows name")
    problems = {
        f"{unmatched} no song of the catalog": report.unmatched,
        f"{ambiguous} several songs": report.ambiguous,
    }
    _not_found(problems, report.examples)
    of_left_out(report.left_out)
    for problem in report.failed[:SHOWN]:
        show.note(f"failed: {problem}")
    if len(report.failed) > SHOWN:
        show.note(f"{len(report.failed)} rows could not be read, {SHOWN} are shown")


def _not_found(problems: Mapping[str, int], examples: Sequence[str]) -> None:
    """What names no one song, and some of it. problems: a sentence for each kind, and how many there are."""
    sentences = [sentence for sentence, count in problems.items() if count]
    if sentences:
        listed = "; ".join(examples)
        show.note(f"  {', '.join(sentences)}: {listed}")


def of_data_set(name: str, report: "IngestReport") -> None:
    """How many songs the catalog has of the data set now, and what of them it could not hold."""
    if report.shared_ids:
        examples = ", ".join(sorted(report.shared_ids)[:3])
        stands = counted(len(report.shared_ids), "id stands", "ids stand")
        show.note(f"{stands} for several sounds, each of them a song: {examples}")
    songs = counted(report.songs, f"song of {name} is", f"songs of {name} are")
    next_step = "; next: nw index" if report.songs else ""
    show.note(f"{songs} in the catalog{next_step}")
    of_left_out(report.left_out)


def of_left_out(sentences: Sequence[str]) -> None:
    """Name values that their columns could not hold: the first few, and how many there are."""
    for sentence in sentences[:SHOWN]:
        show.note(f"left out: {sentence}")
    if len(sentences) > SHOWN:
        not_shown = len(sentences) - SHOWN
        more = counted(not_shown, "more value that its column", "more values that their columns")
        show.note(f"left out: {more} cannot hold")
