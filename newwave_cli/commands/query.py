"""nw query: find songs by describing how they sound or what they say."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli import blas, options, saved_queries
from newwave_cli.output import hits, show
from newwave_cli.search_request import answers, over_saved

if TYPE_CHECKING:
    from models.search.request import SearchRequest
    from models.search.searcher import Searcher


def query(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(help='What you look for, in your words; @NAME: a saved query; "-" reads one a line.'),
    ] = None,
    *,
    k: options.TopUnlessNamed = None,
    by: options.ByWay = None,
    where: options.Where = None,
    match: options.Match = None,
    tag: options.Tag = None,
    year: options.Year = None,
    has_lyrics: options.HasLyrics = False,
    without: options.Without = None,
    like: options.Like = None,
    unlike: options.Unlike = None,
    more: options.More = None,
    diverse: options.Diverse = False,
    max_per_artist: options.MaxPerArtist = None,
    min_score: options.MinScore = 0,
    save: options.Save = None,
    sequence: options.Sequence = False,
    first: options.First = None,
    last: options.Last = None,
    explain: options.Explain = False,
    output: options.Output = None,
    fields: options.Fields = None,
) -> None:
    """Find songs by describing how they sound or what they say.

    Scores run from 0 to 100; from 50 on a song fits, what lies below is marked weak. "no vocals",
    "anything but piano" and -piano are understood, "calm, then loud" too, and so are names ("calm music by
    Ada Keys"), even misspelled, years, durations and languages; what stands in "quotation marks" must be
    written in a song. --explain says how it was read.

    nw query calm piano at night --like "Clair de Lune"

    nw query -k 20 --format m3u8 "rainy sunday" > rainy.m3u8

    nw query upbeat electronic -k 30 --sequence -f m3u8 > party.m3u8

    nw query --save robots "a song about robots" --by words; nw query @robots
    """
    blas.use_one_thread()
    from models.search.request import SearchRequest

    text = " ".join(words or ())
    typed = SearchRequest(
        text=text, k=k, by=by, where=where, match=match, tag=tuple(tag or ()), year=year,
        has_lyrics=has_lyrics, without=tuple(without or ()), like=tuple(like or ()),
        unlike=tuple(unlike or ()), more=tuple(more or ()), diverse=diverse, max_per_artist=max_per_artist,
        min_score=min_score, explain=explain, sequence=sequence, first=first, last=last,
    )  # fmt: skip
    _answer(context, typed, save, output=output, fields=fields)


def _answer(
    context: typer.Context,
    typed: "SearchRequest",
    save: str | None,
    *,
    output: show.Format | None,
    fields: str | None,
) -> None:
    """Write the answer, and keep the request under a name where one was typed."""
    if save is not None:
        saved_queries.check_name(save)  # before the work, not after it
    request = over_saved(typed, context.obj)
    _write(context, request, output=output, fields=fields)
    if save is not None:  # after the answer: a query that cannot be read, or finds nothing, is not kept
        _save(context, request, save)


def _save(context: typer.Context, request: "SearchRequest", name: str) -> None:
    before = saved_queries.put(context.obj, name, request.saved())
    instead = ""
    if before is not None:
        text = before.get("text", "")
        instead = f" (in place of {text!r})"
    show.note(f"saved: nw query @{name}{instead}")


def _write(
    context: typer.Context, request: "SearchRequest", *, output: show.Format | None, fields: str | None
) -> None:
    from models.search.searcher import Searcher

    is_batch = request.text == "-"
    is_table = (output or show.usual_format()) is show.Format.TABLE
    columns = hits.columns(explained=request.explain, is_table=is_table)
    if is_batch:
        columns = ("query", *columns)
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        searcher = Searcher(context.obj.indexes, catalog)
        lines = _lines() if is_batch else [request.text]
        rows = _rows(searcher, request, lines, named=is_batch)
        count = show.rows(rows, columns=columns, output=output, fields=fields, known=hits.KNOWN)
        # After the rows, since indexes are opened only by the first search.
        if gone := searcher.indexes.gone(catalog):
            songs = counted(gone, "song of the index is", "songs of the index are")
            show.note(f"{songs} not in the catalog any more; next: nw index")
        if searcher.indexes.outdated:
            show.note("an older nw made the index, which says less surely what fits; next: nw index")
    if not count:
        show.note("nothing matched")
        raise typer.Exit(1)


def _rows(
    searcher: "Searcher", request: "SearchRequest", lines: Iterable[str], *, named: bool
) -> Iterator[dict[str, Any]]:
    """The hits of each line; with --explain a note says how it was read. named: rows say their line."""
    # One after the other: a program that writes a line to the pipe gets its answer before it writes on.
    for line, answer in answers(searcher, request, lines):
        if request.explain:
            reading = ", ".join(answer.reading())
            show.note(f"read as: {reading or 'everything'}")
        elif request.k is None and (limit := answer.query.limit):
            show.note(f"{counted(limit, 'song')}, as asked; more: -k {2 * limit}")
        yield from hits.rows(answer, line, named=named)


def _lines() -> Iterator[str]:
    reconfigure = getattr(sys.stdin, "reconfigure", None)  # in tests stdin is no file
    if reconfigure is not None:
        reconfigure(encoding="utf-8-sig", errors="replace")  # what is not UTF-8 costs its line only
    stripped = map(str.strip, sys.stdin)
    return filter(None, stripped)
