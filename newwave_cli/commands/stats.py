"""nw stats: what is in the catalog or a data set, and how two of them differ."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse
from newwave_cli.inputs import data_sets, stats_input
from newwave_cli.inputs.stats_input import Choice
from newwave_cli.options import AtMost, Fields, HasLyrics, Match, Output, Tag, Where, Year
from newwave_cli.output import show, stats_table
from newwave_cli.output.show import Format
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.statistics.comparison import Comparison
    from catalog.statistics.summary import Summary
    from models.statistics.text_shift import Shift

_UNWRITTEN = ("words", "sample")
_SHIFT_SHOWN = ("encoder", "texts_compared", "means", "halves", "nearest", "nearest_own")

What = Annotated[
    list[str] | None,
    typer.Argument(help="A table, shards, NAME or NAME:FILE of a data set, library (the default)."),
]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option("--compare", metavar="A B", help="How B differs from A: any two of the same."),
]


def stats(
    context: typer.Context,
    what: What = None,
    *,
    compare: Compare = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots to this file.")] = None,
    where: Where = None,
    match: Match = None,
    tag: Tag = None,
    year: Year = None,
    has_lyrics: HasLyrics = False,
    limit: AtMost = None,
    disk_budget: data_sets.DiskBudget = "20GB",
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Show what is in the catalog, a data set, a table or shards; or how two of them differ.

    nw stats --compare musiccaps-public.csv autotagging.tsv --report shift.html
    """
    from catalog.library.song_filter import SongFilter

    settings: Settings = context.obj
    if compare and what:
        raise WrongUse("--compare takes two data sets and nothing beside them.", try_this="nw stats --help")
    # NAME FILE ... is one data set with its files; --compare has two names and no room for files.
    first, *files = what or [stats_input.CATALOG]
    names = compare or (first,)
    named = () if compare else tuple(files)
    tags = tuple(tag or ())
    chosen = SongFilter(where, match, tags, year, has_lyrics=has_lyrics)
    choices = [Choice(name, named, chosen, limit, disk_budget) for name in names]
    if chosen != SongFilter() and not set(stats_input.OWN) & set(names):
        said = "--where, --match, --tag, --year and --has-lyrics choose songs of the library."
        raise WrongUse(said, try_this="nw stats --where 'year < 1990'")
    sets, absent = _summaries(settings, choices)
    if not all(one.songs for one in sets):  # a difference to nothing would look like one of 100 %
        show.note("there are no songs to look at")
        raise typer.Exit(1)
    comparison, shift = _compared(sets) if compare else (None, None)
    if report is not None:
        _write(report, sets, comparison, shift, absent)
    _show(sets, comparison, shift, absent, output, fields)


def _summaries(settings: Settings, choices: Sequence[Choice]) -> "tuple[list[Summary], tuple[str, ...]]":
    """Each set summarized, and the encoders whose tokens could not be counted."""
    from catalog.statistics.summary import summarize
    from models.statistics.token_lengths import meters

    counters = meters()
    sets: list[Summary] = []
    for choice in choices:
        name = stats_input.name_of(choice)
        if any(one.name == name for one in sets):  # columns and plots tell the two apart by their names
            raise WrongUse(f"both are {name}.", try_this="nw stats --compare A B    (two different ones)")
        with show.progress(name) as advance:
            found = stats_input.songs(settings, choice)
            sets.append(summarize(found, name, meters=counters.by_encoder, progress=advance))
    return sets, counters.absent


def _compared(sets: "Sequence[Summary]") -> "tuple[Comparison, Shift | None]":
    """How the second set differs, in words and (where there are weights) in meaning."""
    from catalog.errors import NoModel
    from catalog.statistics.comparison import compare
    from models import encoders
    from models.statistics.text_shift import shift

    first, second = sets
    found = None
    if first.texts and second.texts:
        ours = first.texts.sample
        theirs = second.texts.sample
        encoder_name = encoders.DEFAULT_WORDS
        show.note(f"reading {len(ours):,} and {len(theirs):,} descriptions with {encoder_name} ...")
        try:
            found = shift(ours, theirs, encoders.load(encoder_name))
        except NoModel as problem:  # the rest needs no weights, and is worth showing
            show.note(f"the meanings are not compared: {problem}")
    return compare(first, second), found


def _write(
    path: Path,
    sets: "Sequence[Summary]",
    comparison: "Comparison | None",
    shift: "Shift | None",
    absent: Sequence[str],
) -> None:
    """Write the page. Raises WrongUse where it cannot be written there."""
    from newwave_cli.output.report_page.page import page

    html = page(sets, comparison, shift, absent=absent)
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as problem:
        raise WrongUse(
            f"{path} cannot be written ({problem.strerror}).", try_this="--report report.html"
        ) from problem
    show.note(f"the page is in {path}")


def _show(
    sets: "Sequence[Summary]",
    comparison: "Comparison | None",
    shift: "Shift | None",
    absent: Sequence[str],
    output: Format | None,
    fields: str | None,
) -> None:
    """The figures as rows, or all of it as one JSON document."""
    if output is Format.JSON:
        show.document(_document(sets, comparison, shift, absent))
        return
    names = [one.name for one in sets]
    columns = ("figure", *names)
    rows = stats_table.rows(sets, comparison, shift)
    show.rows(rows, columns=columns, output=output, fields=fields)
    for encoder in absent:
        show.note(f"tokens of {encoder} are not counted: its tokenizer is not on this machine")


def _document(
    sets: "Sequence[Summary]", comparison: "Comparison | None", shift: "Shift | None", absent: Sequence[str]
) -> dict[str, Any]:
    """All of it as one object, for scripts."""
    plain = list(map(_plain, sets))
    document: dict[str, Any] = {"sets": plain, "not_counted": list(absent)}
    if comparison is not None:
        document["comparison"] = asdict(comparison)
        document["shift"] = None
        if shift is not None:  # its map of every text is for the page alone
            document["shift"] = {name: getattr(shift, name) for name in _SHIFT_SHOWN}
    return document


def _plain(one: "Summary") -> dict[str, Any]:
    """A summary for scripts: without the texts themselves."""
    plain = asdict(one)
    plain["jamendo_ids"] = len(one.jamendo_ids)
    if plain["texts"]:
        for name in _UNWRITTEN:
            del plain["texts"][name]
    return plain
