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
    names = compare or ((what or [stats_input.CATALOG])[0],)
    named = () if compare else tuple((what or [])[1:])
    chosen = SongFilter(where, match, tuple(tag or ()), year, has_lyrics=has_lyrics)
    choices = [Choice(name, named, chosen, limit, disk_budget) for name in names]
    if chosen != SongFilter() and not set(stats_input.OWN) & set(names):
        raise WrongUse(
            "--where, --match, --tag, --year and --has-lyrics choose songs of the library.",
            try_this="nw stats --where 'year < 1990'",
        )
    sets, absent = _summaries(settings, choices)
    if not all(one.songs for one in sets):
        show.note("there are no songs to look at")
        raise typer.Exit(1)
    comparison, shift = _compared(sets) if compare else (None, None)
    if report is not None:
        _write(report, sets, comparison, shift, absent)
    _show(sets, comparison, shift, absent, output, fields)


def _summaries(settings: Settings, choices: Sequence[Choice]) -> "tuple[list[Summary], tuple[str, ...]]":
    from catalog.statistics.summary import summarize
    from models.statistics.token_lengths import meters

    counters, sets = meters(), []
    for choice in choices:
        name = stats_input.name_of(choice)
        with show.progress(name) as advance:
            found = stats_input.songs(settings, choice)
            sets.append(summarize(found, name, meters=counters.by_encoder, progress=lambda n: advance(n)))
    if len(sets) == 2 and sets[0].name == sets[1].name:
        raise WrongUse(f"both are {sets[0].name}.", try_this="nw stats --compare A B    (two different ones)")
    return sets, counters.absent


def _compared(sets: "Sequence[Summary]") -> "tuple[Comparison, Shift | None]":
    from catalog.errors import NoModel
    from catalog.statistics.comparison import compare
    from models import encoders
    from models.statistics.text_shift import shift

    first, second = sets
    found = None
    if first.texts and second.texts:
        counts = f"{len(first.texts.sample):,} and {len(second.texts.sample):,}"
        show.note(f"reading {counts} descriptions with {encoders.DEFAULT_WORDS} ...")
        try:
            found = shift(first.texts.sample, second.texts.sample, encoders.load(encoders.DEFAULT_WORDS))
        except NoModel as problem:
            show.note(f"the meanings are not compared: {problem}")
    return compare(first, second), found


def _write(
    path: Path,
    sets: "Sequence[Summary]",
    comparison: "Comparison | None",
    shift: "Shift | None",
    absent: Sequence[str],
) -> None:
    from newwave_cli.output.report_page.page import page

    try:
        path.write_text(page(sets, comparison, shift, absent=absent), encoding="utf-8")
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
    if output is Format.JSON:
        document: dict[str, Any] = {"sets": [_plain(one) for one in sets], "not_counted": list(absent)}
        if comparison is not None:
            document["comparison"] = asdict(comparison)
            document["shift"] = {name: getattr(shift, name) for name in _SHIFT_SHOWN} if shift else None
        show.document(document)
        return
    columns = ("figure", *(one.name for one in sets))
    show.rows(stats_table.rows(sets, comparison, shift), columns=columns, output=output, fields=fields)
    for encoder in absent:
        show.note(f"tokens of {encoder} are not counted: its tokenizer is not on this machine")


def _plain(one: "Summary") -> dict[str, Any]:
    """A summary for scripts: without the texts themselves."""
    plain = asdict(one) | {"jamendo_ids": len(one.jamendo_ids)}
    if plain["texts"]:
        written = plain["texts"].items()
        plain["texts"] = {name: value for name, value in written if name not in _UNWRITTEN}
    return plain
